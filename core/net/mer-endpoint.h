/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/mer-payload.h"
#include "net/mer-retry.h"

G_BEGIN_DECLS

/**
 * MerEndpoint:
 *
 * A model's server: one object a base address in the whole process, so that all stages
 * that ask it share its connections, its limit of calls at once and its cool-down. Lives
 * as long as the process. All but the constructor and the setters are for the I/O thread.
 */
#define MER_TYPE_ENDPOINT (mer_endpoint_get_type ())
G_DECLARE_FINAL_TYPE (MerEndpoint, mer_endpoint, MER, ENDPOINT, GObject)

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
 * @path: what follows the base address, without leading slash
 * @payload: (nullable): a filled body to POST; %NULL is a GET
 * @id: (nullable): what the server is told the request is called, the same for all
 *   attempts
 * @key_header: the header that carries the key
 * @key_prefix: what stands before the key in it
 * @key: (nullable): the key
 * @timeout: the total deadline of an attempt, seconds
 * @patience: how long a server that loads its model is waited for, seconds
 * @max_reply: the longest reply that is read, bytes after unpacking
 * @judge: decides after each attempt
 * @judge_data: for @judge
 * @attempts: (out): how often it was sent
 * @seconds: (out): from the first sending to the end, waits between attempts among them
 * @retry: (out): what the last attempt was judged to be
 *
 * One call with all its attempts. Belongs to the caller, who keeps it until the call has
 * come back.
 */
struct _MerCall
{
  const char *path;
  MerPayload *payload;
  const char *id;
  const char *key_header;
  const char *key_prefix;
  const char *key;
  double timeout;
  double patience;
  gsize max_reply;
  MerCallJudge judge;
  gpointer judge_data;

  guint attempts;
  double seconds;
  MerRetry retry;
};

/* no answer of a chat model comes near this */
#define MER_CALL_MAX_REPLY (32u * 1024 * 1024)

MerEndpoint *mer_endpoint_get (const char *uri, GError **error);
const char *mer_endpoint_get_uri (MerEndpoint *self);
void mer_endpoint_set_limit (MerEndpoint *self, guint limit);
guint mer_endpoint_get_n_active (MerEndpoint *self);

void mer_endpoint_call_async (MerEndpoint *self, MerCall *call, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
MerReply *mer_endpoint_call_finish (MerEndpoint *self, GAsyncResult *result,
                                    GError **error);

G_END_DECLS
