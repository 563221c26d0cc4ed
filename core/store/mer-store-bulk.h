/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/mer-store.h"

G_BEGIN_DECLS

/**
 * MerBulkState:
 * @MER_BULK_READY: its file lies complete beside the store; the server knows nothing of it
 * @MER_BULK_UPLOADING: the file is being sent; it may be at the server or not
 * @MER_BULK_UPLOADED: the file is at the server, under `remote_file`
 * @MER_BULK_SUBMITTING: the batch was asked for; it may exist or not
 * @MER_BULK_WAITING: the server works on it, under `remote_batch`
 * @MER_BULK_ENDED: the server is done with it; what came of it is to be fetched
 * @MER_BULK_DONE: all that came is in the store
 * @MER_BULK_FAILED: the server refused it as a whole
 * @MER_BULK_TOO_LARGE: the server takes only smaller ones; its calls go into others
 * @MER_BULK_LOST: the server no longer knows it; its calls go into others
 * @MER_BULK_DROPPED: a person gave it up before it was sent
 *
 * How far a shard is. It is written before and after every step at the server, so that
 * after a kill the next process knows what may have happened.
 */
typedef enum
{
  MER_BULK_READY,
  MER_BULK_UPLOADING,
  MER_BULK_UPLOADED,
  MER_BULK_SUBMITTING,
  MER_BULK_WAITING,
  MER_BULK_ENDED,
  MER_BULK_DONE,
  MER_BULK_FAILED,
  MER_BULK_TOO_LARGE,
  MER_BULK_LOST,
  MER_BULK_DROPPED,
} MerBulkState;

const char *mer_bulk_state_to_string (MerBulkState state);
/* its calls wait for it */
#define MER_BULK_STATE_IS_OPEN(state) ((state) < MER_BULK_DONE)

/**
 * MerBulkShard:
 * @number: in its store, from 1
 * @protocol: of the element that made it
 * @uri: the server's base address
 * @path: what follows @uri for one call
 * @model: what all its calls ask
 * @key_variable: (nullable): the environment variable with the key
 * @allow_plain_http: whether the key may go there without TLS
 * @token: what the batch is called at the server, so that it is found again
 * @state: how far it is
 * @file: the name of its file in the store's folder
 * @bytes: of that file
 * @n_calls: in it
 * @remote_file: (nullable): the file's id at the server
 * @remote_batch: (nullable): the batch's
 * @remote_output: (nullable): the id of the file with answers
 * @remote_errors: (nullable): the id of the file with refusals
 * @n_answered: calls the server says it has answered
 * @n_failed: calls the server says have failed
 * @created: when the file was complete, microseconds since 1970 UTC, as all that follow
 * @submitted: when the batch was asked for, 0: not yet
 * @expires: until when the server works on it, 0: not known
 * @ended: when it was closed, 0: not yet
 * @why: (nullable): the server's words where something went wrong
 *
 * Calls that are asked together.
 */
typedef struct
{
  gint64 number;
  char *protocol;
  char *uri;
  char *path;
  char *model;
  char *key_variable;
  gboolean allow_plain_http;
  char *token;
  MerBulkState state;
  char *file;
  gint64 bytes;
  gint64 n_calls;
  char *remote_file;
  char *remote_batch;
  char *remote_output;
  char *remote_errors;
  gint64 n_answered;
  gint64 n_failed;
  gint64 created;
  gint64 submitted;
  gint64 expires;
  gint64 ended;
  char *why;
} MerBulkShard;

#define MER_TYPE_BULK_SHARD (mer_bulk_shard_get_type ())
GType mer_bulk_shard_get_type (void);
MerBulkShard *mer_bulk_shard_copy (const MerBulkShard *self);
void mer_bulk_shard_free (MerBulkShard *self);
void mer_bulk_shard_set (char **place, const char *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerBulkShard, mer_bulk_shard_free)

/**
 * MerBulkReply:
 * @key: of the call, 64 hex digits
 * @status: the HTTP status that a single call would have had
 * @body: what the server said to it
 * @batch: (nullable): the batch that it came with
 *
 * What a batch brought for one call, as it came; it is judged when its sample comes by.
 */
typedef struct
{
  char *key;
  guint status;
  GBytes *body;
  char *batch;
} MerBulkReply;

void mer_bulk_reply_clear (MerBulkReply *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MerBulkReply, mer_bulk_reply_clear)

/**
 * MerBulkNext:
 * @reply: (out caller-allocates): filled with the next one; cleared by the caller
 * @user_data: what was given with the function
 * @error: return location for an error
 *
 * Returns: %FALSE at the end, or with @error set
 */
typedef gboolean (*MerBulkNext) (MerBulkReply *reply, gpointer user_data, GError **error);

/**
 * MerBulkTally:
 * @taken: replies that now stand in the store
 * @unknown: replies to calls that are not in the shard
 * @twice: replies to calls that had one
 * @missing: calls without reply
 *
 * What collecting a shard came to.
 */
typedef struct
{
  guint64 taken;
  guint64 unknown;
  guint64 twice;
  guint64 missing;
} MerBulkTally;

/* all of these wait for the disk where they write; not for the I/O thread, but the two
 * lookups and mer_store_bulk_drop_reply () */
gboolean mer_store_bulk_add (MerStore *self, MerBulkShard *shard, GPtrArray *keys,
                             GError **error);
gboolean mer_store_bulk_update (MerStore *self, const MerBulkShard *shard, GError **error);
GPtrArray *mer_store_bulk_list (MerStore *self, GError **error);
gboolean mer_store_bulk_collect (MerStore *self, const MerBulkShard *shard,
                                 MerBulkNext next, gpointer user_data, MerBulkTally *tally,
                                 GError **error);
GPtrArray *mer_store_bulk_list_calls (MerStore *self, gint64 shard, GError **error);
gboolean mer_store_bulk_tidy (MerStore *self, GError **error);

gboolean mer_store_bulk_is_awaited (MerStore *self, const char *key, gboolean *awaited,
                                    GError **error);
gboolean mer_store_bulk_lookup_reply (MerStore *self, const char *key, MerBulkReply *reply,
                                      gboolean *found, GError **error);
void mer_store_bulk_drop_reply (MerStore *self, const char *key);

G_END_DECLS
