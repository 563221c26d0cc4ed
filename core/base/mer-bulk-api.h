/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/mer-transfer.h"
#include "store/mer-store-bulk.h"

G_BEGIN_DECLS

/**
 * MerBulkVerdict:
 * @MER_BULK_FINE: the step was done
 * @MER_BULK_LATER: the server has too much to do for us already; again when it has less
 * @MER_BULK_REFUSED: this batch will never be done; `refusals` says why
 * @MER_BULK_GONE: the server does not know what it was asked about
 * @MER_BULK_UNSURE: the server may have done it or not; look before it is done again
 *
 * What a server said to one step of a shard, where it said anything.
 */
typedef enum
{
  MER_BULK_FINE,
  MER_BULK_LATER,
  MER_BULK_REFUSED,
  MER_BULK_GONE,
  MER_BULK_UNSURE,
} MerBulkVerdict;

/**
 * MerBulkRefusal:
 * @line: which line of the shard's file, from 1; 0: all of them
 * @message: the server's words
 * @code: (nullable): the server's code
 * @param: (nullable): the member that is at fault
 *
 * Why a batch was refused.
 */
typedef struct
{
  guint64 line;
  char *message;
  char *code;
  char *param;
} MerBulkRefusal;

void mer_bulk_refusal_free (MerBulkRefusal *self);

/**
 * MerBulkStep:
 * @transfer: the server
 * @shard: what is known of the shard; a step writes down in it what it learns
 * @file: path of the shard's file
 * @known: (element-type utf8): ids of batches that belong to other shards
 * @cancellable: ends a step
 * @verdict: (out): what the server said
 * @refusals: (out) (element-type MerBulkRefusal): why, where it was refused
 * @ended: (out): the server is done with the batch
 * @cancelled: (out): somebody cancelled it there
 * @fatal: (out): the error is one that no waiting mends, such as a wrong key
 *
 * One step of one shard.
 */
typedef struct
{
  MerTransfer *transfer;
  MerBulkShard *shard;
  const char *file;
  GHashTable *known;
  GCancellable *cancellable;

  MerBulkVerdict verdict;
  GPtrArray *refusals;
  gboolean ended;
  gboolean cancelled;
  gboolean fatal;
} MerBulkStep;

/**
 * MerBulkLine:
 * @MER_BULK_LINE_REPLY: it answers a call, well or not
 * @MER_BULK_LINE_UNANSWERED: it says that a call was not answered: expired, cancelled
 * @MER_BULK_LINE_BAD: it is nothing that we understand
 *
 * What a line of a batch's results is.
 */
typedef enum
{
  MER_BULK_LINE_REPLY,
  MER_BULK_LINE_UNANSWERED,
  MER_BULK_LINE_BAD,
} MerBulkLine;

/**
 * MerBulkApi:
 * @max_bytes: of a shard's file
 * @max_calls: in a shard
 * @max_line: of a call in it, bytes; 0: as @max_bytes
 * @head: what a shard's file begins with
 * @separator: what stands between two calls
 * @tail: what it ends with
 * @begin_call: the text before a call's body (transfer full)
 * @end_call: the text after it
 * @adapt: (nullable): takes out of a body what batches do not allow; whether it held any
 * @find_file: (nullable): looks whether the file is at the server already; sets
 *   `remote_file`
 * @upload: (nullable): sends the file; sets `remote_file`. %NULL where @create sends it
 * @find: looks whether the batch exists already, by the shard's token; sets `remote_batch`
 * @create: asks for the batch; sets `remote_batch`
 * @poll: looks how far it is: counts, `expires`, ids of what came, `ended`
 * @fetch: gets part 0 (answers) or 1 (refusals) into a file; sets @there to whether there
 *   is such a part
 * @read_line: reads a line of a part
 * @cancel: (nullable): stops the batch; what is answered can be fetched when it ended
 * @clean_up: (nullable): removes from the server what is not needed any more
 *
 * How a protocol asks in batches. Functions wait for the server, in a thread of their own.
 * They return %FALSE with an error where the server could not be asked, and %TRUE with a
 * `verdict` where it said something. An element offers this in its class.
 */
typedef struct _MerBulkApi MerBulkApi;

struct _MerBulkApi
{
  guint64 max_bytes;
  guint max_calls;
  guint64 max_line;
  const char *head;
  const char *separator;
  const char *tail;

  char *(*begin_call) (const char *uri, const char *path, const char *key);
  const char *end_call;
  gboolean (*adapt) (JsonNode *body);

  gboolean (*find_file) (MerBulkStep *step, GError **error);
  gboolean (*upload) (MerBulkStep *step, GError **error);
  gboolean (*find) (MerBulkStep *step, GError **error);
  gboolean (*create) (MerBulkStep *step, GError **error);
  gboolean (*poll) (MerBulkStep *step, GError **error);
  gboolean (*fetch) (MerBulkStep *step, guint part, const char *path, gboolean *there,
                     GError **error);
  MerBulkLine (*read_line) (JsonNode *line, MerBulkReply *reply);
  gboolean (*cancel) (MerBulkStep *step, GError **error);
  void (*clean_up) (MerBulkStep *step);
};

/* the longest download of results, and the longest line in it */
#define MER_BULK_MAX_RESULTS (G_GUINT64_CONSTANT (512) * 1024 * 1024)

/* for those who implement a MerBulkApi */
void mer_bulk_step_refuse (MerBulkStep *self, guint64 line, const char *message,
                           const char *code, const char *param);
gboolean mer_bulk_step_take_id (char **place, const char *id, GError **error);
JsonNode *mer_bulk_step_send (MerBulkStep *self, const MerTransferRequest *request,
                              GError **error);
char *mer_bulk_step_send_for_header (MerBulkStep *self, const MerTransferRequest *request,
                                     const char *header, GError **error);
gboolean mer_bulk_step_do (MerBulkStep *self, const MerTransferRequest *request,
                           GError **error);
gboolean mer_bulk_step_order (MerBulkStep *self, const MerTransferRequest *request,
                              const char *member, char **place, GError **error);
gboolean mer_bulk_step_take_found (char **place, char *id, GError *problem, GError **error);
void mer_bulk_reply_take_error (MerBulkReply *reply, guint status, JsonNode *error);

G_END_DECLS
