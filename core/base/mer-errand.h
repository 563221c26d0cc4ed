/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-backend.h"

G_BEGIN_DECLS

/**
 * MerErrand:
 * @path: what follows `uri`, or a whole address: the key goes there only where it is of the
 *   same origin
 * @method: (nullable): %NULL for POST with a payload, GET without
 * @payload: (nullable): a filled body
 * @headers: (nullable): headers besides those of the backend's calls: name, value, …, %NULL
 *
 * What a backend asks a server besides its calls: what it can do, or to take a file.
 */
typedef struct
{
  const char *path;
  const char *method;
  MerPayload *payload;
  const char *const *headers;
} MerErrand;

void mer_errand_run_async (MerBackend *backend, const MerErrand *errand,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data);
MerReply *mer_errand_run_finish (MerBackend *backend, GAsyncResult *result, GError **error);

G_END_DECLS
