/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer.h"

G_BEGIN_DECLS

/**
 * MerGeminiFiles:
 * @missing: the server has no file store, as Vertex AI has not
 * @inline_limit: largest request that is sent in one piece, bytes
 * @upload_hosts: (nullable): other hosts that an upload may go to, joined by commas
 * @interval: between looks at a file that is being processed, seconds
 * @patience: how long one may be processed, seconds
 *
 * How whole videos get to the server's file store.
 */
typedef struct
{
  gboolean missing;
  guint64 inline_limit;
  char *upload_hosts;
  double interval;
  double patience;
} MerGeminiFiles;

void mer_gemini_files_prepare_async (MerBackend *backend, const MerGeminiFiles *files,
                                     JsonNode *request, MerPayload *payload,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
gboolean mer_gemini_files_prepare_finish (GAsyncResult *result, GError **error);
void mer_gemini_files_doubt (MerBackend *backend);

/* mer-gemini-place.c */
gboolean mer_gemini_check_place (MerBackend *backend, const MerGeminiFiles *files,
                                 const char *place, GError **error);
char *mer_gemini_dup_upload_address (MerBackend *backend);

G_END_DECLS
