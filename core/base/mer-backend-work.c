/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* one sample's way through a backend: choose, build, look up, show, ask, read, commit */
#include "base/mer-backend-private.h"

#include <math.h>

#include "mer-error.h"
#include "tables/mer-json.h"

/* a server that closes on bodies like this has most likely a limit it does not tell */
#define LARGE_BODY ((gsize) 10 * 1024 * 1024)

typedef struct
{
  MerSample *sample;
  MerModality shown;
  JsonNode *request; /* what is sent; may have been adapted, unlike what was hashed */
  MerPayload *payload;
  char *canonical;
  char *key;
  MerCall call;
  MerResult *result;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  mer_sample_unref (work->sample);
  g_clear_pointer (&work->request, json_node_unref);
  g_clear_pointer (&work->payload, mer_payload_unref);
  g_clear_pointer (&work->result, mer_result_unref);
  g_free (work->canonical);
  g_free (work->key);
  g_free (work);
}

static void
finish (GTask *task, MerResult *result)
{
  g_task_return_pointer (task, result, (GDestroyNotify) mer_result_unref);
  g_object_unref (task);
}

static MerResult *
new_result (MerBackend *self, MerOutcome outcome, const char *detail)
{
  MerResult *result = mer_result_new (mer_ordered_get_stage (MER_ORDERED (self)),
                                      MER_KIND_BACKEND, outcome);

  mer_result_set_detail (result, detail);
  return result;
}

/* what identifies the call and what it took; on failures too */
static void
stamp (MerBackend *self, Work *work, MerResult *result)
{
  mer_result_set_model (result, mer_backend_get_private (self)->served_model);
  mer_result_set_shown (result, work->shown);
  mer_result_set_call_key (result, work->key);
  mer_result_set_seconds (result, work->call.seconds);
  mer_result_set_attempts (result, work->call.attempts);
}

static double
price (gint64 tokens, double usd_a_million)
{
  return tokens > 0 ? (double) tokens * usd_a_million / 1e6 : 0;
}

static void
set_cost (MerBackendPrivate *priv, MerResult *result)
{
  MerUsage usage = mer_result_get_usage (result);
  double cached
      = priv->price_input_cached >= 0 ? priv->price_input_cached : priv->price_input;

  if (mer_result_get_cost_basis (result) == MER_COST_REPORTED || priv->price_input < 0
      || priv->price_output < 0 || usage.input < 0 || usage.output < 0)
    return;
  mer_result_set_cost (
      result,
      price (usage.input, priv->price_input) + price (usage.cache_write, priv->price_input)
          + price (usage.input_cached, cached) + price (usage.output, priv->price_output),
      usage.estimated ? MER_COST_ESTIMATED : MER_COST_PRICED);
}

/* the server changed under the run, or since the journal's answers; said once: its answers
 * before and after are not of one kind */
static void
watch_fingerprint (MerBackend *self, const char *fingerprint)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);

  if (fingerprint == NULL || g_strcmp0 (fingerprint, priv->fingerprint) == 0)
    return;
  if (priv->fingerprint != NULL && !priv->fingerprint_changed)
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS,
                         ("the server behind %s changed: its fingerprint was %s and is %s",
                          mer_endpoint_get_uri (priv->endpoint), priv->fingerprint,
                          fingerprint),
                         (NULL));
  priv->fingerprint_changed = priv->fingerprint != NULL;
  g_free (priv->fingerprint);
  priv->fingerprint = g_strdup (fingerprint);
}

static void
on_committed (GObject *object, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  MerBackend *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  MerResult *stands = mer_store_commit_call_finish (MER_STORE (object), result, &error);

  if (stands != NULL)
    {
      finish (task, stands);
      return;
    }
  /* an answer that cannot be kept would be paid for again: stop, keep what is there */
  mer_ordered_fail (MER_ORDERED (self), error);
  g_task_return_error (task, g_steal_pointer (&error));
  g_object_unref (task);
}

static void
commit (GTask *task)
{
  MerBackend *self = g_task_get_source_object (task);
  MerBackendPrivate *priv = mer_backend_get_private (self);
  Work *work = g_task_get_task_data (task);
  MerResult *result = g_steal_pointer (&work->result);
  const char *fingerprint
      = mer_json_node_string (mer_result_get_data (result), "fingerprint");

  watch_fingerprint (self, fingerprint);
  if (priv->store == NULL || !mer_outcome_is_final (mer_result_get_outcome (result)))
    {
      finish (task, result);
      return;
    }
  mer_store_commit_call_async (priv->store, work->key, work->canonical, result, fingerprint,
                               on_committed, task);
  mer_result_unref (result);
}

static char *
describe_failure (MerReply *reply, const MerReplyError *failure)
{
  g_autofree char *excerpt = mer_reply_dup_excerpt (reply, 200);
  const char *code = failure != NULL ? failure->code : NULL;
  const char *message
      = failure != NULL && failure->message != NULL ? failure->message : excerpt;

  /* vLLM and llama-server repeat the status there */
  if (failure != NULL && (code == NULL || g_ascii_isdigit (*code)))
    code = failure->type;
  return g_strdup_printf ("HTTP status %u%s%s%s%s", reply->status, code != NULL ? ", " : "",
                          code != NULL ? code : "", *message != '\0' ? ": " : "", message);
}

/* what a person can do about it, where that is clear */
const char *
mer_backend_get_advice (MerBackend *self, guint status)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);

  if (status == 401 || status == 403)
    return priv->key == NULL ? "; set api-key-env to the variable that holds the key"
                             : "; check the key that api-key-env names";
  if (status == 404)
    return "; check uri, most servers want /v1 at its end, and model";
  return "";
}

/* a redirect is never followed: it would carry the key and the clip elsewhere */
static MerRetry
judge_redirect (MerBackend *self, MerReply *reply, GError **error)
{
  const char *location = mer_reply_get_header (reply, "location");
  g_autofree char *start = g_strndup (location != NULL ? location : "nowhere", 200);
  g_autofree char *clean = mer_payload_clean_text (start);

  g_set_error (error, MER_ERROR, MER_ERROR_API,
               "%s answers with a redirect (HTTP status %u) to %s, which is not followed; "
               "set uri to the right address: http or https, with or without /v1",
               mer_endpoint_get_uri (mer_backend_get_private (self)->endpoint),
               reply->status, clean);
  return MER_RETRY_FATAL;
}

static gboolean
adapt (MerBackend *self, Work *work, MerCall *call, const MerReplyError *failure)
{
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  g_autoptr (MerPayload) payload = NULL;

  if (klass->adapt == NULL || !klass->adapt (self, work->request, failure))
    return FALSE;
  payload = mer_payload_new (work->request);
  if (!mer_payload_fill (payload, mer_sample_get_media (work->sample), NULL))
    return FALSE;
  mer_payload_unref (work->payload);
  work->payload = g_steal_pointer (&payload);
  call->payload = work->payload;
  return TRUE;
}

static MerRetry
judge_failure (MerBackend *self, Work *work, MerCall *call, MerReply *reply,
               const MerReplyError *failure, GError **error)
{
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  MerRetry retry = mer_retry_classify (reply->status, failure);
  g_autofree char *text = describe_failure (reply, failure);

  if (klass->classify != NULL)
    retry = klass->classify (self, reply->status, failure, retry);
  if (retry == MER_RETRY_PERMANENT && failure != NULL && adapt (self, work, call, failure))
    return MER_RETRY_AGAIN;
  if (retry == MER_RETRY_FILTERED)
    {
      work->result = new_result (self, MER_OUTCOME_FILTERED, text);
      return retry;
    }
  g_set_error (error, MER_ERROR, MER_ERROR_API, "%s/%s: %s%s",
               mer_endpoint_get_uri (mer_backend_get_private (self)->endpoint), call->path,
               text, mer_backend_get_advice (self, reply->status));
  return retry;
}

static MerRetry
judge_answer (MerBackend *self, Work *work, MerCall *call, MerReply *reply, GError **error)
{
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  g_autoptr (JsonNode) root = klass->decode_reply (self, reply, error);
  g_autoptr (MerReplyError) failure = mer_reply_error_new (root);
  const char *uri = mer_endpoint_get_uri (mer_backend_get_private (self)->endpoint);

  if (root == NULL)
    {
      gboolean hopeless = g_error_matches (*error, MER_ERROR, MER_ERROR_UNSUPPORTED)
                          || g_error_matches (*error, MER_ERROR, MER_ERROR_TOO_LARGE);

      g_prefix_error (error, "%s/%s: ", uri, call->path);
      return hopeless ? MER_RETRY_PERMANENT : MER_RETRY_TRANSIENT;
    }
  if (failure != NULL)
    return judge_failure (self, work, call, reply, failure, error);

  g_autoptr (MerResult) result = new_result (self, MER_OUTCOME_ANSWERED, NULL);
  if (!klass->parse_reply (self, root, result, error))
    {
      g_prefix_error (error, "%s/%s: ", uri, call->path);
      return MER_RETRY_PERMANENT;
    }
  work->result = g_steal_pointer (&result);
  return MER_RETRY_DONE;
}

static MerRetry
judge (MerCall *call, MerReply *reply, GError **error)
{
  GTask *task = call->judge_data;
  MerBackend *self = g_task_get_source_object (task);
  Work *work = g_task_get_task_data (task);

  g_clear_pointer (&work->result, mer_result_unref);
  if (reply == NULL)
    {
      MerRetry retry = mer_retry_classify_error (*error);
      gsize length = mer_payload_get_length (call->payload);

      if (retry != MER_RETRY_TRANSIENT || length < LARGE_BODY || call->attempts < 2
          || (*error)->domain == MER_ERROR)
        return retry;
      g_prefix_error (error,
                      "a request of %.1f MB was cut off twice and is probably larger than "
                      "the server takes: ",
                      (double) length / 1e6);
      return MER_RETRY_PERMANENT;
    }
  if (reply->status >= 300 && reply->status < 400)
    return judge_redirect (self, reply, error);
  if (reply->status >= 200 && reply->status < 300)
    return judge_answer (self, work, call, reply, error);

  g_autoptr (JsonNode) root = mer_reply_parse_json (reply, NULL);
  g_autoptr (MerReplyError) failure = mer_reply_error_new (root);
  return judge_failure (self, work, call, reply, failure, error);
}

static void
on_called (GObject *object, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  MerBackend *self = g_task_get_source_object (task);
  Work *work = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (MerReply) reply
      = mer_endpoint_call_finish (MER_ENDPOINT (object), result, &error);

  if (reply == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
      return;
    }
  if (reply == NULL)
    {
      if (work->call.retry == MER_RETRY_FATAL)
        mer_ordered_fail (MER_ORDERED (self), error);
      g_clear_pointer (&work->result, mer_result_unref);
      work->result = new_result (self, MER_OUTCOME_API_FAILED, error->message);
    }
  stamp (self, work, work->result);
  set_cost (mer_backend_get_private (self), work->result);
  commit (task);
}

static void
call (GTask *task)
{
  MerBackend *self = g_task_get_source_object (task);
  MerBackendPrivate *priv = mer_backend_get_private (self);
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  Work *work = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  /* a stop waits for calls, but not for ever; then key and endpoint may be gone */
  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }
  if (!mer_payload_fill (work->payload, mer_sample_get_media (work->sample), &error))
    {
      finish (task, new_result (self, MER_OUTCOME_API_FAILED, error->message));
      return;
    }
  work->call = (MerCall){
    .path = klass->path,
    .payload = work->payload,
    .id = work->key,
    .key_header = klass->key_header,
    .key_prefix = klass->key_prefix,
    .key = priv->key,
    .timeout = priv->timeout,
    .patience = priv->patience,
    .max_reply = MER_CALL_MAX_REPLY,
    .judge = judge,
    .judge_data = task,
  };
  adapt (self, work, &work->call, NULL);
  mer_endpoint_call_async (priv->endpoint, &work->call, g_task_get_cancellable (task),
                           on_called, task);
}

static void
on_loaded (GObject *object, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  MerBackend *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  if (mer_media_load_finish (MER_MEDIA (object), result, &error))
    {
      call (task);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
      return;
    }
  finish (task, new_result (self, MER_OUTCOME_DECODE_FAILED, error->message));
}

/* of an earlier session, so that a server that changed since is noticed */
static void
remember_fingerprint (MerBackendPrivate *priv, MerResult *result)
{
  JsonNode *data = mer_result_get_data (result);

  if (priv->fingerprint == NULL && data != NULL)
    priv->fingerprint = g_strdup (mer_json_node_string (data, "fingerprint"));
}

/* TRUE: the task has ended, one way or the other */
static gboolean
answer_from_journal (GTask *task)
{
  MerBackend *self = g_task_get_source_object (task);
  MerBackendPrivate *priv = mer_backend_get_private (self);
  Work *work = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (priv->store == NULL)
    return FALSE;

  MerResult *result = mer_store_lookup_call (
      priv->store, work->key, mer_ordered_get_stage (MER_ORDERED (self)), &error);
  if (result != NULL)
    {
      remember_fingerprint (priv, result);
      finish (task, result);
      return TRUE;
    }
  if (error == NULL)
    return FALSE;
  mer_ordered_fail (MER_ORDERED (self), error);
  g_task_return_error (task, g_steal_pointer (&error));
  g_object_unref (task);
  return TRUE;
}

static MerResult *
build (MerBackend *self, Work *work)
{
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  g_autofree char *prompt = NULL;
  g_autofree char *system = NULL;
  MerResult *failed
      = mer_backend_choose (self, work->sample, &work->shown, &prompt, &system);

  if (failed != NULL)
    return failed;

  g_autoptr (MerRequest) request
      = mer_request_new (work->sample, work->shown, prompt, system);
  g_autoptr (GError) error = NULL;
  work->request = klass->build_request (self, request, &error);
  if (work->request == NULL)
    return new_result (self, MER_OUTCOME_API_FAILED,
                       error != NULL ? error->message : "no request could be built");
  work->payload = mer_payload_new (work->request);
  work->canonical = g_strdup (mer_payload_get_text (work->payload));
  work->key = mer_backend_dup_key (self, work->canonical);
  return NULL;
}

static void
start (GTask *task)
{
  MerBackend *self = g_task_get_source_object (task);
  Work *work = g_task_get_task_data (task);
  MerResult *failed = build (self, work);

  if (failed != NULL)
    {
      finish (task, failed);
      return;
    }
  if (answer_from_journal (task))
    return;
  /* only now, and only what is asked for: a stage that is answered decodes nothing */
  if (mer_payload_get_n_media (work->payload) > 0)
    mer_media_load_async (mer_sample_get_media (work->sample),
                          g_task_get_cancellable (task), on_loaded, task);
  else
    call (task);
}

void
mer_backend_process_async (MerOrdered *ordered, MerSample *sample,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  MerBackend *self = MER_BACKEND (ordered);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);

  work->sample = mer_sample_ref (sample);
  g_task_set_task_data (task, work, work_free);
  if (mer_backend_needs_probe (self))
    mer_backend_probe (self, task, start);
  else
    start (task);
}

gboolean
mer_backend_process_finish (MerOrdered *ordered, GAsyncResult *result, MerSample *sample,
                            GError **error)
{
  MerResult *made = g_task_propagate_pointer (G_TASK (result), error);

  if (made == NULL)
    return FALSE;
  mer_sample_take_result (sample, made);
  return TRUE;
}
