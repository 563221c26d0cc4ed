/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "net/mer-payload.h"
#include "net/mer-reply.h"

G_BEGIN_DECLS

/* inner: one request, one reply; what is tried again is decided above. Everything here runs
 * in the thread whose default context it was started in. */

typedef struct
{
  const char *uri;
  const char *method;
  MerPayload *payload;
  const char *const *headers;
  const char *id;
  const char *key_header;
  const char *key_prefix;
  const char *key;
  double timeout;
  gsize max_reply;
  void (*on_sent) (gpointer data, gboolean reached);
  gpointer sent_data;
} MerExchange;

void mer_exchange_async (SoupSession *session, const MerExchange *exchange,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data);
MerReply *mer_exchange_finish (GAsyncResult *result, gboolean *stale, GError **error);

G_END_DECLS
