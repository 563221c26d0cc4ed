/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* one sample's way through a backend: choose, build, look up, show, ask, read, commit */
#include "base/mer-backend-work.h"

#include "base/mer-bulk.h"
#include "mer-error.h"
#include "net/mer-answer.h"
#include "tables/mer-json.h"

static void
work_free (gpointer data)
{
  MerBackendWork *work = data;

  mer_sample_unref (work->sample);
  g_clear_pointer (&work->asked, mer_request_free);
  g_clear_pointer (&work->request, json_node_unref);
  g_clear_pointer (&work->payload, mer_payload_unref);
  g_clear_pointer (&work->result, mer_result_unref);
  g_clear_pointer (&work->clip, mer_payload_file_unref);
  g_ptr_array_unref (work->adapted);
  g_free (work->canonical);
  g_free (work->key);
  g_free (work->path);
  g_free (work);
}

static void
finish (GTask *task, MerResult *result)
{
  g_task_return_pointer (task, result, (GDestroyNotify) mer_result_unref);
  g_object_unref (task);
}

/* before anything was sent */
static void
finish_unsent (GTask *task, const GError *error)
{
  MerReason reason = mer_retry_get_error_reason (error);

  finish (task,
          mer_backend_new_result (g_task_get_source_object (task), MER_OUTCOME_API_FAILED,
                                  reason != MER_REASON_NONE ? reason : MER_REASON_PROMPT,
                                  error->message));
}

/* what identifies the call and what it took; on failures too */
static void
stamp (MerBackend *self, MerBackendWork *work, MerResult *result)
{
  mer_result_set_model (result, mer_backend_get_private (self)->served_model);
  mer_result_set_shown (result, work->shown);
  mer_result_set_call_key (result, work->key);
  mer_result_set_seconds (result, work->call.seconds);
  mer_result_set_attempts (result, work->call.attempts);
  if (!work->lost)
    return;

  MerUsage usage = mer_result_get_usage (result);
  usage.incomplete = TRUE;
  mer_result_set_usage (result, &usage);
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
                          mer_caller_get_address (priv->caller), priv->fingerprint,
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
  MerBackendWork *work = g_task_get_task_data (task);
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

/* the last attempt's, unless none was made any more */
static MerReason
failure_reason (const MerBackendWork *work, const GError *error)
{
  if (work->reason == MER_REASON_NONE
      || g_error_matches (error, MER_ERROR, MER_ERROR_STOPPED))
    return mer_retry_get_error_reason (error);
  return work->reason;
}

static void
on_called (GObject *object, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  MerBackend *self = g_task_get_source_object (task);
  MerBackendWork *work = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (MerReply) reply = mer_caller_call_finish (MER_CALLER (object), result, &error);

  if (reply == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
      return;
    }
  if (work->call.awaited)
    {
      finish (task, mer_bulk_new_awaited (mer_ordered_get_stage (MER_ORDERED (self)),
                                          MER_KIND_BACKEND, error->message));
      return;
    }
  if (reply == NULL)
    {
      mer_backend_hide_key_in_error (self, error);
      if (work->call.retry == MER_RETRY_FATAL)
        mer_ordered_fail (MER_ORDERED (self), error);
      g_clear_pointer (&work->result, mer_result_unref);
      work->result = mer_backend_new_result (self, MER_OUTCOME_API_FAILED,
                                             failure_reason (work, error), error->message);
    }
  mer_backend_hide_key (self, work->result);
  stamp (self, work, work->result);
  mer_backend_note_adapted (work->result, work->adapted);
  commit (task);
}

static MerPayload *
make_payload (MerBackend *self, JsonNode *request)
{
  return mer_backend_get_private (self)->form ? mer_payload_new_form (request)
                                              : mer_payload_new (request);
}

gboolean
mer_backend_write_payload (MerBackend *self, MerBackendWork *work, GError **error)
{
  g_autoptr (MerPayload) payload = make_payload (self, work->request);

  if (!mer_payload_fill (payload, mer_sample_get_media (work->sample), work->clip, error))
    return FALSE;
  mer_payload_unref (work->payload);
  work->payload = g_steal_pointer (&payload);
  work->call.payload = work->payload;
  return TRUE;
}

static gboolean
check_length (MerBackend *self, MerPayload *payload, GError **error)
{
  guint64 limit = mer_backend_get_private (self)->max_request;
  gsize length = mer_payload_get_length (payload);

  if (limit == 0 || length <= limit)
    return TRUE;
  g_set_error (
      error, MER_ERROR, MER_ERROR_TOO_LARGE,
      "the request has %.1f MB, more than max-request allows (%.1f MB); show fewer "
      "or smaller frames, or raise max-request",
      (double) length / 1e6, (double) limit / 1e6);
  return FALSE;
}

/* a stop waits for calls, but not for ever; then key and caller may be gone. TRUE: the task
 * has ended */
static gboolean
was_stopped (GTask *task)
{
  if (!g_task_return_error_if_cancelled (task))
    return FALSE;
  g_object_unref (task);
  return TRUE;
}

/* others' calls are not counted against the sample's deadline */
static void
on_waits (MerCall *call, gboolean waits)
{
  GTask *task = call->judge_data;

  mer_ordered_wait_for_turn (g_task_get_source_object (task), g_task_get_cancellable (task),
                             waits);
}

static void
hand_over (GTask *task)
{
  MerBackend *self = g_task_get_source_object (task);
  MerBackendWork *work = g_task_get_task_data (task);

  work->path = MER_BACKEND_GET_CLASS (self)->dup_path (self);
  work->call.path = work->path;
  work->call.id = work->key;
  work->call.spend = mer_backend_expect (self, work);
  work->call.waits = on_waits;
  work->call.judge = mer_backend_judge;
  work->call.judge_data = task;
  mer_caller_call_async (mer_backend_get_caller (self), &work->call,
                         g_task_get_cancellable (task), on_called, task);
}

static void
call (GTask *task)
{
  MerBackend *self = g_task_get_source_object (task);
  MerBackendWork *work = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  mer_backend_init_call (self, &work->call);
  work->call.payload = work->payload;
  mer_backend_adapt (self, work, NULL);
  if (!mer_backend_adapt_for_bulk (self, work, &error)
      || !check_length (self, work->payload, &error))
    {
      finish_unsent (task, error);
      return;
    }
  hand_over (task);
}

/* the answer came with a batch already, or is awaited: nothing is sent */
static void
call_without_media (GTask *task)
{
  MerBackend *self = g_task_get_source_object (task);
  MerBackendWork *work = g_task_get_task_data (task);

  mer_backend_init_call (self, &work->call);
  mer_backend_adapt (self, work, NULL);
  work->call.payload = work->payload;
  hand_over (task);
}

static void
on_prepared (GObject *object, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  MerBackend *self = g_task_get_source_object (task);
  MerBackendWork *work = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gboolean ready = MER_BACKEND_GET_CLASS (self)->prepare_finish (self, result, &error)
                   && mer_backend_write_payload (self, work, &error);

  if (was_stopped (task))
    return;
  if (ready)
    call (task);
  else
    finish_unsent (task, error);
}

static void
prepare (GTask *task)
{
  MerBackend *self = g_task_get_source_object (task);
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  MerBackendWork *work = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (was_stopped (task))
    return;
  if (!mer_payload_fill (work->payload, mer_sample_get_media (work->sample), work->clip,
                         &error))
    finish_unsent (task, error);
  else if (klass->prepare_async == NULL)
    call (task);
  else
    klass->prepare_async (self, work->request, work->payload, work->shown,
                          g_task_get_cancellable (task), on_prepared, task);
}

static void
on_clip_opened (GObject *object, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  MerBackend *self = g_task_get_source_object (task);
  MerBackendWork *work = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  work->clip = mer_payload_file_open_finish (result, &error);
  if (work->clip != NULL)
    prepare (task);
  else if (!was_stopped (task))
    finish (task, mer_backend_new_result (self, MER_OUTCOME_DECODE_FAILED,
                                          MER_REASON_DECODE, error->message));
}

static void
show_media (GTask *task)
{
  MerBackendWork *work = g_task_get_task_data (task);
  MerMedia *media = mer_sample_get_media (work->sample);
  const char *sha256 = media != NULL ? mer_media_get_clip_sha256 (media) : NULL;
  MerClip *clip = mer_sample_get_clip (work->sample);

  if (sha256 != NULL && clip != NULL && mer_payload_shows (work->payload, sha256))
    mer_payload_file_open_async (mer_clip_get_video (clip), sha256,
                                 g_task_get_cancellable (task), on_clip_opened, task);
  else
    prepare (task);
}

static void
on_loaded (GObject *object, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  MerBackend *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  if (mer_media_load_finish (MER_MEDIA (object), result, &error))
    {
      show_media (task);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
      return;
    }
  finish (task, mer_backend_new_result (self, MER_OUTCOME_DECODE_FAILED, MER_REASON_DECODE,
                                        error->message));
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
  MerBackendWork *work = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (priv->store == NULL)
    return FALSE;

  MerResult *result = mer_store_lookup_call (
      priv->store, work->key, mer_ordered_get_stage (MER_ORDERED (self)), &error);
  if (result != NULL)
    {
      remember_fingerprint (priv, result);
      if (priv->estimate != NULL)
        mer_estimate_add_answer (priv->estimate, mer_result_get_stage (result), result);
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
build (MerBackend *self, MerBackendWork *work)
{
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  g_autofree char *prompt = NULL;
  g_autofree char *system = NULL;
  MerResult *failed
      = mer_backend_choose (self, work->sample, &work->shown, &prompt, &system);

  if (failed != NULL)
    return failed;

  g_autoptr (GError) error = NULL;
  work->asked = mer_request_new (work->sample, work->shown,
                                 mer_backend_get_abilities (self), prompt, system);
  work->request = klass->build_request (self, work->asked, &error);
  if (work->request == NULL)
    return mer_backend_new_result (
        self, MER_OUTCOME_API_FAILED,
        g_error_matches (error, MER_ERROR, MER_ERROR_UNSUPPORTED) ? MER_REASON_UNSENDABLE
                                                                  : MER_REASON_PROMPT,
        error != NULL ? error->message : "no request could be built");
  work->payload = make_payload (self, work->request);
  work->canonical = g_strdup (mer_payload_get_text (work->payload));
  work->key = mer_backend_dup_key (self, work->canonical);
  return mer_backend_check_limits (self, work->sample, work->payload);
}

/* TRUE: the task has ended */
static gboolean
estimate_unseen (GTask *task)
{
  MerBackend *self = g_task_get_source_object (task);
  MerBackendPrivate *priv = mer_backend_get_private (self);
  MerBackendWork *work = g_task_get_task_data (task);
  MerMedia *media = mer_sample_get_media (work->sample);

  if (priv->estimate == NULL || media == NULL
      || mer_media_get_outcome (media) != MER_OUTCOME_SKIPPED)
    return FALSE;
  mer_estimate_add_unseen (priv->estimate, mer_ordered_get_stage (MER_ORDERED (self)));
  finish (task, mer_backend_new_result (self, MER_OUTCOME_SKIPPED, MER_REASON_NONE,
                                        "not looked at"));
  return TRUE;
}

static void
start (GTask *task)
{
  MerBackend *self = g_task_get_source_object (task);
  MerBackendPrivate *priv = mer_backend_get_private (self);
  MerBackendWork *work = g_task_get_task_data (task);
  MerResult *failed = NULL;

  if (estimate_unseen (task))
    return;
  failed = build (self, work);
  if (failed != NULL)
    {
      if (priv->estimate != NULL)
        mer_estimate_add_skipped (priv->estimate, mer_result_get_stage (failed));
      finish (task, failed);
      return;
    }
  if (answer_from_journal (task))
    return;
  if (priv->estimate != NULL)
    {
      finish (task, mer_backend_estimate (self, work));
      return;
    }
  if (!mer_backend_needs_media (self, work->key))
    {
      call_without_media (task);
      return;
    }
  /* only now, and only what is asked for: a stage that is answered decodes nothing */
  if (mer_payload_get_n_media (work->payload) > 0)
    mer_media_load_async (mer_sample_get_media (work->sample),
                          g_task_get_cancellable (task), on_loaded, task);
  else
    prepare (task);
}

void
mer_backend_process_async (MerOrdered *ordered, MerSample *sample,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  MerBackend *self = MER_BACKEND (ordered);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  MerBackendWork *work = g_new0 (MerBackendWork, 1);

  work->sample = mer_sample_ref (sample);
  work->adapted = g_ptr_array_new ();
  g_task_set_task_data (task, work, work_free);
  if (mer_backend_get_private (self)->estimate == NULL && mer_backend_needs_probe (self))
    mer_backend_probe (self, task, start);
  else
    start (task);
}

/* what is made of an answer, which the journal keeps as it came */
static MerResult *
settle (MerBackendClass *klass, MerResult *made)
{
  g_autoptr (MerResult) came = made;
  g_autoptr (MerResult) settled = mer_result_copy (came);

  return !klass->verbatim && mer_answer_settle (settled) ? g_steal_pointer (&settled)
                                                         : g_steal_pointer (&came);
}

gboolean
mer_backend_process_finish (MerOrdered *ordered, GAsyncResult *result, MerSample *sample,
                            GError **error)
{
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (ordered);
  MerResult *made = g_task_propagate_pointer (G_TASK (result), error);

  if (made == NULL)
    return FALSE;
  g_autoptr (MerResult) kept = settle (klass, made);
  mer_sample_take_result (sample, mer_result_ref (kept));
  if (mer_result_get_outcome (kept) == MER_OUTCOME_ANSWERED && klass->fill_sample != NULL)
    klass->fill_sample (MER_BACKEND (ordered), sample, kept);
  return TRUE;
}
