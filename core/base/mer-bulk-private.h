/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-bulk.h"
#include "net/mer-payload.h"
#include "net/mer-rates.h"

G_BEGIN_DECLS

/* inner: what stands for a call before anybody is asked */
typedef enum
{
  MER_BULK_CALL_NEW,
  MER_BULK_CALL_AWAITED,
  MER_BULK_CALL_REPLIED,
  MER_BULK_CALL_SETTLED, /* with a reply that is no answer, for this process */
} MerBulkCallState;

gboolean mer_bulk_look_up (MerBulk *self, const char *key, MerBulkCallState *state,
                           MerBulkReply *reply, GError **error);
void mer_bulk_count_awaited (MerBulk *self);
/* the reply is no answer, and stands for as long as this process does */
void mer_bulk_settle (MerBulk *self, const MerBulkReply *reply);
/* the reply is worth nothing: the call is asked again */
void mer_bulk_drop (MerBulk *self, const char *key);
void mer_bulk_add_server (MerBulk *self, const MerBulkServer *server);
/* I/O thread */
gboolean mer_bulk_reserve (MerBulk *self, const char *key, const MerSpend *estimate,
                           double *limit);
void mer_bulk_account (MerBulk *self, const char *key, const MerSpend *spent);
/* blocks: the worker pool's. %FALSE without error: it was asked too often already */
gboolean mer_bulk_ask (MerBulk *self, const MerBulkServer *server, const char *path,
                       const char *model, const char *key, MerPayload *payload,
                       GError **error);

/* mer-bulk-spool.c: the shard that is being written for one server, path and model */
typedef struct _MerBulkSpool MerBulkSpool;

MerBulkSpool *mer_bulk_spool_new (MerStore *store, const MerBulkServer *server,
                                  const char *path, const char *model);
void mer_bulk_spool_free (MerBulkSpool *self);
gboolean mer_bulk_spool_add (MerBulkSpool *self, const char *key, MerPayload *payload,
                             GError **error);
gboolean mer_bulk_spool_close (MerBulkSpool *self, GError **error);
gboolean mer_bulk_spool_remove_leftovers (MerStore *store, GError **error);

G_END_DECLS
