/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* carries calls into batches, and what batches brought back to those who asked */
#include "base/mer-backend.h"
#include "base/mer-bulk-private.h"
#include "base/mer-io.h"
#include "mer-error.h"

#define MER_TYPE_BULK_CALLER (mer_bulk_caller_get_type ())
G_DECLARE_FINAL_TYPE (MerBulkCaller, mer_bulk_caller, MER, BULK_CALLER, GObject)

struct _MerBulkCaller
{
  GObject parent_instance;
  MerBulk *bulk;
  MerBulkServer *server;
  MerBackend *backend; /* owns this */
  MerCaller *live;
};

static void caller_init (MerCallerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MerBulkCaller, mer_bulk_caller, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MER_TYPE_CALLER, caller_init))

typedef struct
{
  MerCall *call;
  MerPayload *payload;
  char *path;
  char *model;
  char *key;
} Ask;

static void
ask_free (gpointer data)
{
  Ask *ask = data;

  g_clear_pointer (&ask->payload, mer_payload_unref);
  g_free (ask->path);
  g_free (ask->model);
  g_free (ask->key);
  g_free (ask);
}

static const char *
get_address (MerCaller *caller)
{
  return mer_caller_get_address (MER_BULK_CALLER (caller)->live);
}

static void
await (GTask *task)
{
  MerBulkCaller *self = g_task_get_source_object (task);
  Ask *ask = g_task_get_task_data (task);

  ask->call->awaited = TRUE;
  mer_bulk_count_awaited (self->bulk);
  g_task_return_new_error (task, MER_ERROR, MER_ERROR_API,
                           "asked in bulk, the answer is awaited");
}

/* in the worker pool: base64 and disk */
static void
write_call (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  MerBulkCaller *self = object;
  Ask *ask = data;
  GError *error = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (mer_bulk_ask (self->bulk, self->server, ask->path, ask->model, ask->key, ask->payload,
                    &error))
    {
      await (task);
      return;
    }
  if (error == NULL)
    error = g_error_new (MER_ERROR, MER_ERROR_API,
                         "%s: no batch brought an answer to this call, however often it "
                         "was asked",
                         self->server->uri);
  else if (!g_error_matches (error, MER_ERROR, MER_ERROR_TOO_LARGE))
    ask->call->retry = MER_RETRY_FATAL;
  g_task_return_error (task, error);
}

static void
write_down (GTask *task)
{
  MerBulkCaller *self = g_task_get_source_object (task);
  Ask *ask = g_task_get_task_data (task);
  double limit = 0;

  if (!mer_bulk_reserve (self->bulk, ask->key, &ask->call->spend, &limit))
    {
      ask->call->retry = MER_RETRY_FATAL;
      g_task_return_new_error (
          task, MER_ERROR, MER_ERROR_STOPPED,
          "the budget of %g USD (max-cost) is spent, what is asked in batches among it; "
          "what was written so far is kept, and sent when the budget allows it",
          limit);
      return;
    }
  ask->payload = mer_payload_ref (ask->call->payload);
  mer_io_run_task (task, write_call);
}

static void
fail (GTask *task, GError *error)
{
  Ask *ask = g_task_get_task_data (task);

  ask->call->in_bulk = FALSE;
  if (error == NULL)
    error = g_error_new_literal (MER_ERROR, MER_ERROR_API, "no usable answer");
  g_task_return_error (task, error);
}

static gboolean
is_worth_asking_again (MerRetry retry)
{
  return retry == MER_RETRY_AGAIN || retry == MER_RETRY_LOADING
         || mer_retry_get_max_attempts (retry) > 1;
}

/* as an endpoint does with what came over its connection */
static void
judge (GTask *task, const MerBulkReply *found, gboolean is_settled)
{
  MerBulkCaller *self = g_task_get_source_object (task);
  Ask *ask = g_task_get_task_data (task);
  MerCall *call = ask->call;
  g_autoptr (MerReply) reply
      = mer_reply_new (found->status, NULL, g_bytes_ref (found->body));
  GError *error = NULL;

  call->attempts = 1;
  call->in_bulk = TRUE;
  reply->attempts = 1;
  call->retry = call->judge (call, reply, &error);
  if (call->retry == MER_RETRY_DONE || call->retry == MER_RETRY_FILTERED)
    {
      mer_bulk_account (self->bulk, ask->key, &call->spend);
      /* stays in the store until the journal has it */
      g_task_return_pointer (task, g_steal_pointer (&reply),
                             (GDestroyNotify) mer_reply_unref);
      return;
    }
  if (is_settled || !is_worth_asking_again (call->retry))
    {
      mer_bulk_settle (self->bulk, found);
      fail (task, error);
      return;
    }
  g_clear_error (&error);
  call->in_bulk = FALSE;
  mer_bulk_drop (self->bulk, ask->key);
  write_down (task);
}

static void
take_up (GTask *task)
{
  MerBulkCaller *self = g_task_get_source_object (task);
  Ask *ask = g_task_get_task_data (task);
  MerBulkCallState state = MER_BULK_CALL_NEW;
  g_auto (MerBulkReply) reply = { 0 };
  GError *error = NULL;

  if (!mer_bulk_look_up (self->bulk, ask->key, &state, &reply, &error))
    {
      ask->call->retry = MER_RETRY_FATAL;
      g_task_return_error (task, error);
    }
  else if (state == MER_BULK_CALL_AWAITED)
    await (task);
  else if (state == MER_BULK_CALL_NEW)
    write_down (task);
  else
    judge (task, &reply, state == MER_BULK_CALL_SETTLED);
}

static void
on_live (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  MerReply *reply = mer_caller_call_finish (MER_CALLER (object), result, &error);

  if (reply != NULL)
    g_task_return_pointer (task, reply, (GDestroyNotify) mer_reply_unref);
  else
    g_task_return_error (task, error);
}

static void
call_async (MerCaller *caller, MerCall *call, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
  MerBulkCaller *self = MER_BULK_CALLER (caller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Ask *ask = g_new0 (Ask, 1);
  const char *model = mer_backend_get_model (self->backend);

  ask->call = call;
  ask->key = g_strdup (call->id);
  ask->path = g_strdup (call->path);
  ask->model = g_strdup (model != NULL ? model : "");
  g_task_set_task_data (task, ask, ask_free);
  g_task_set_check_cancellable (task, FALSE);
  call->attempts = 0;
  call->seconds = 0;
  call->awaited = FALSE;
  call->in_bulk = FALSE;
  call->retry = MER_RETRY_PERMANENT;
  /* lists of models and uploads carry no call's key */
  if (call->id == NULL || call->payload == NULL)
    mer_caller_call_async (self->live, call, cancellable, on_live, g_steal_pointer (&task));
  else
    take_up (task);
}

static MerReply *
call_finish (MerCaller *caller, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
caller_init (MerCallerInterface *iface)
{
  iface->get_address = get_address;
  iface->call_async = call_async;
  iface->call_finish = call_finish;
}

static void
mer_bulk_caller_finalize (GObject *object)
{
  MerBulkCaller *self = MER_BULK_CALLER (object);

  g_object_unref (self->bulk);
  g_object_unref (self->live);
  mer_bulk_server_free (self->server);
  G_OBJECT_CLASS (mer_bulk_caller_parent_class)->finalize (object);
}

static void
mer_bulk_caller_class_init (MerBulkCallerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mer_bulk_caller_finalize;
}

static void
mer_bulk_caller_init (MerBulkCaller *self)
{
}

/**
 * mer_bulk_caller_new:
 * @self: what gathers the calls
 * @server: (transfer full): whom they are for
 * @backend: who makes them, and keeps what is returned no longer than it lives
 * @live: who carries what cannot wait, such as the list of models
 *
 * Returns: (transfer full): a caller that stands in for @live
 */
MerCaller *
mer_bulk_caller_new (MerBulk *self, MerBulkServer *server, gpointer backend,
                     MerCaller *live)
{
  MerBulkCaller *caller = g_object_new (MER_TYPE_BULK_CALLER, NULL);

  caller->bulk = g_object_ref (self);
  caller->server = server;
  caller->backend = backend;
  caller->live = g_object_ref (live);
  mer_bulk_add_server (self, server);
  return MER_CALLER (caller);
}
