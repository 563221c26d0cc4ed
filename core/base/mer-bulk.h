/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-bulk-api.h"
#include "net/mer-caller.h"
#include "sample/mer-result.h"

G_BEGIN_DECLS

/**
 * MerBulk:
 *
 * Calls that are asked in batches instead of one by one. Elements get it by a context.
 * Their calls are answered from what batches have brought, else written into files beside
 * the store, which are sent when the graph has ended; then the graph runs again. A graph
 * whose stages read each other needs as many rounds as there are stages in a row.
 *
 * May be used from any thread.
 */
#define MER_TYPE_BULK (mer_bulk_get_type ())
G_DECLARE_FINAL_TYPE (MerBulk, mer_bulk, MER, BULK, GObject)

/**
 * MerBulkServer:
 * @api: how it is asked
 * @protocol: of the element
 * @uri: its base address
 * @key_variable: (nullable): the environment variable with the key
 * @allow_plain_http: whether the key may go there without TLS
 * @key_header: the header that carries the key
 * @key_prefix: what stands before the key in it
 * @key: (nullable): the key
 * @headers: (nullable): further headers, name, value, …, %NULL
 *
 * Whom elements of this process ask. A store does not say where a key may go: one that
 * came from somebody else could name any host.
 */
typedef struct
{
  const MerBulkApi *api;
  char *protocol;
  char *uri;
  char *key_variable;
  gboolean allow_plain_http;
  char *key_header;
  char *key_prefix;
  char *key;
  char **headers;
} MerBulkServer;

MerBulk *mer_bulk_new (MerStore *store, GError **error);
MerStore *mer_bulk_get_store (MerBulk *self);
char *mer_bulk_dup_path (MerBulk *self, const char *file);

/* a round: begin, run graphs, end; then what was written can be sent */
void mer_bulk_begin_round (MerBulk *self);
gboolean mer_bulk_end_round (MerBulk *self, GError **error);
guint64 mer_bulk_get_n_awaited (MerBulk *self);
guint64 mer_bulk_get_n_asked (MerBulk *self);

void mer_bulk_forgive (MerBulk *self, const char *key);
gboolean mer_bulk_asks_anybody (MerBulk *self);
MerBulkServer *mer_bulk_find_server (MerBulk *self, const MerBulkShard *shard);
void mer_bulk_server_free (MerBulkServer *self);

/* for elements */
#define MER_BULK_CONTEXT "mer.bulk"
GstContext *mer_bulk_context_new (MerBulk *self);
MerBulk *mer_bulk_from_context (GstContext *context);
MerCaller *mer_bulk_caller_new (MerBulk *self, MerBulkServer *server, gpointer backend,
                                MerCaller *live);
gboolean mer_bulk_needs_media (MerBulk *self, const char *key);

/* results whose answers are awaited are skipped, and so are stages that read them */
MerResult *mer_bulk_new_awaited (const char *stage, const char *kind, const char *detail);
gboolean mer_bulk_is_awaited (MerResult *result);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerBulkServer, mer_bulk_server_free)

G_END_DECLS
