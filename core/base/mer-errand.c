/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mer-errand.h"

#include "base/mer-backend-private.h"
#include "mer-error.h"

typedef struct
{
  MerCall call;
  char *path;
  char *method;
  char **headers;
  MerPayload *payload;
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  g_free (run->path);
  g_free (run->method);
  g_strfreev (run->headers);
  g_clear_pointer (&run->payload, mer_payload_unref);
  g_free (run);
}

static MerRetry
judge (MerCall *call, MerReply *reply, GError **error)
{
  GTask *task = call->judge_data;
  MerBackend *self = g_task_get_source_object (task);
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);

  if (reply == NULL)
    return mer_retry_classify_error (*error);
  if (reply->status >= 200 && reply->status < 300)
    return MER_RETRY_DONE;

  g_autoptr (JsonNode) root = mer_reply_parse_json (reply, NULL);
  g_autoptr (MerReplyError) failure = mer_reply_error_new (root);
  MerRetry retry = mer_retry_classify (reply->status, failure);

  if (klass->classify != NULL)
    retry = klass->classify (self, reply->status, failure, retry);
  mer_backend_set_failure (self, call->path, reply, failure, error);
  return retry == MER_RETRY_FILTERED ? MER_RETRY_PERMANENT : retry;
}

static void
on_called (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Run *run = g_task_get_task_data (task);
  GError *error = NULL;
  MerReply *reply = mer_caller_call_finish (MER_CALLER (object), result, &error);

  if (reply != NULL)
    {
      g_task_return_pointer (task, reply, (GDestroyNotify) mer_reply_unref);
      return;
    }
  /* no sample would fare better */
  if (run->call.retry == MER_RETRY_FATAL)
    mer_ordered_fail (MER_ORDERED (g_task_get_source_object (task)), error);
  g_task_return_error (task, error);
}

/* the backend's own headers, and those of the errand */
static char **
join_headers (const char *const *first, const char *const *second)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (first != NULL)
    g_strv_builder_addv (builder, (const char **) first);
  if (second != NULL)
    g_strv_builder_addv (builder, (const char **) second);
  return g_strv_builder_end (builder);
}

/**
 * mer_errand_run_async:
 * @backend: a backend that is open
 * @errand: what is asked; copied
 * @cancellable: (nullable): stops it
 * @callback: (scope async): called in the I/O thread
 * @user_data: for @callback
 *
 * Asks with the backend's key, deadline, limits and attempts. Failures that no other sample
 * would fare better with end the graph. I/O thread only.
 */
void
mer_errand_run_async (MerBackend *backend, const MerErrand *errand,
                      GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (backend, NULL, callback, user_data);
  Run *run = g_new0 (Run, 1);

  g_task_set_task_data (task, run, run_free);
  mer_backend_init_call (backend, &run->call);
  run->path = g_strdup (errand->path);
  run->method = g_strdup (errand->method);
  run->payload = errand->payload != NULL ? mer_payload_ref (errand->payload) : NULL;
  run->headers = join_headers (run->call.headers, errand->headers);
  run->call.path = run->path;
  run->call.method = run->method;
  run->call.payload = run->payload;
  run->call.headers = (const char *const *) run->headers;
  run->call.judge = judge;
  run->call.judge_data = task;
  mer_caller_call_async (mer_backend_get_caller (backend), &run->call, cancellable,
                         on_called, task);
}

/**
 * mer_errand_run_finish:
 * @backend: a backend
 * @result: what the callback got
 * @error: place for an error
 *
 * Returns: (transfer full) (nullable): a reply of status 200 to 299
 */
MerReply *
mer_errand_run_finish (MerBackend *backend, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
