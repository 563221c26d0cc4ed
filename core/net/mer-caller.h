/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/mer-payload.h"
#include "net/mer-rates.h"
#include "net/mer-retry.h"

G_BEGIN_DECLS

typedef struct _MerCall MerCall;

/**
 * MerCallJudge:
 * @call: the call; %MER_RETRY_AGAIN may have changed its payload
 * @reply: (nullable): what the server answered, %NULL where none came
 * @error: (inout): on entry why no reply came, %NULL where one did; on return why the
 *   reply is no good
 *
 * Decides what becomes of an attempt.
 */
typedef MerRetry (*MerCallJudge) (MerCall *call, MerReply *reply, GError **error);

/**
 * MerCall:
 * @path: what follows the base address, without leading slash; or a whole address, to which
 *   the key goes only where it is of the same origin as the base address
 * @method: (nullable): the method; %NULL is POST with a payload, GET without
 * @payload: (nullable): a filled body
 * @headers: (nullable): further headers, name, value, …, %NULL; never the key
 * @id: (nullable): what the server is told the request is called, the same for all
 *   attempts
 * @key_header: the header that carries the key
 * @key_prefix: what stands before the key in it
 * @key: (nullable): the key
 * @timeout: the total deadline of an attempt, seconds
 * @patience: how long a server that loads its model is waited for, seconds
 * @wait_ready: whether a server that was never reached may be one that still loads its
 *   model, and has @patience too
 * @max_same: after how many calls in a row that failed in the same way, through the
 *   server's fault, nobody is to ask it any more; 0 for never
 * @spend: (inout): what the call is expected to take; the judge of an answer sets what it
 *   took
 * @max_reply: the longest reply that is read, bytes after unpacking
 * @waits: (nullable): told that the call waits for its turn before it is sent for the first
 *   time, and that it is sent
 * @judge: decides after each attempt
 * @judge_data: for @judge
 * @attempts: (out): how often it was sent
 * @seconds: (out): from the first sending to the end, waits between attempts among them
 * @retry: (out): what the last attempt was judged to be
 * @awaited: (out): it was asked in a batch; there is no reply yet
 * @in_bulk: (out): the reply came with a batch, at a batch's price
 *
 * One call with all its attempts. Belongs to the caller, who keeps it until the call has
 * come back.
 */
struct _MerCall
{
  const char *path;
  const char *method;
  MerPayload *payload;
  const char *const *headers;
  const char *id;
  const char *key_header;
  const char *key_prefix;
  const char *key;
  double timeout;
  double patience;
  gboolean wait_ready;
  guint max_same;
  MerSpend spend;
  gsize max_reply;
  void (*waits) (MerCall *call, gboolean waits);
  MerCallJudge judge;
  gpointer judge_data;

  guint attempts;
  double seconds;
  MerRetry retry;
  gboolean awaited;
  gboolean in_bulk;
};

/* no answer of a chat model comes near this */
#define MER_CALL_MAX_REPLY (32u * 1024 * 1024)

/**
 * MerCallerInterface:
 * @get_address: what identifies whom is asked: part of the identity of each call
 * @call_async: sends a call with all its attempts; calls back in the thread-default context
 * @call_finish: the reply that was judged good, or filtered
 *
 * Who carries a call to a model: a server's [class@Endpoint], or child processes. All but
 * `get_address` is for the I/O thread.
 */
#define MER_TYPE_CALLER (mer_caller_get_type ())
G_DECLARE_INTERFACE (MerCaller, mer_caller, MER, CALLER, GObject)

struct _MerCallerInterface
{
  GTypeInterface parent_iface;

  const char *(*get_address) (MerCaller *self);
  void (*call_async) (MerCaller *self, MerCall *call, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer user_data);
  MerReply *(*call_finish) (MerCaller *self, GAsyncResult *result, GError **error);
};

const char *mer_caller_get_address (MerCaller *self);
void mer_caller_call_async (MerCaller *self, MerCall *call, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data);
MerReply *mer_caller_call_finish (MerCaller *self, GAsyncResult *result, GError **error);

G_END_DECLS
