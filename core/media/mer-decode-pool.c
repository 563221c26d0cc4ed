/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-decode-pool.h"

#include "media/mer-worker-process.h"
#include "mer-error.h"

/* a clip that waits for its turn or is under work; the data of its task */
typedef struct
{
  MerDecodePool *pool;
  GTask *task; /* whose data this is */
  MerClip *clip;
  MerDecodeSettings *settings;
  MerWorkerProcess *worker; /* while one has it */
  GSource *timer;
  GSource *cancelled;
  guint n_deaths;
  gboolean expired;
} Job;

/* of how many deaths a clip is guilty: the first may have been somebody's `kill` */
#define MAX_DEATHS 2

struct _MerDecodePool
{
  GObject parent_instance;

  guint jobs;
  double deadline;
  MerIsolation isolation;
  GQueue waiting; /* GTask */
  guint n_running;
  GQueue idle; /* MerWorkerProcess */
};

G_DEFINE_TYPE (MerDecodePool, mer_decode_pool, G_TYPE_OBJECT)

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
job_free (Job *job)
{
  clear_source (&job->timer);
  clear_source (&job->cancelled);
  g_clear_object (&job->worker);
  mer_clip_unref (job->clip);
  mer_decode_settings_free (job->settings);
  g_free (job);
}

static void
mer_decode_pool_finalize (GObject *object)
{
  MerDecodePool *self = MER_DECODE_POOL (object);

  g_queue_clear_full (&self->waiting, g_object_unref);
  g_queue_clear_full (&self->idle, g_object_unref);
  G_OBJECT_CLASS (mer_decode_pool_parent_class)->finalize (object);
}

static void
mer_decode_pool_class_init (MerDecodePoolClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mer_decode_pool_finalize;
}

static void
mer_decode_pool_init (MerDecodePool *self)
{
  g_queue_init (&self->waiting);
  g_queue_init (&self->idle);
}

/**
 * mer_decode_pool_new:
 * @jobs: how many clips are decoded at once, 0 for one a processor
 * @deadline: seconds for one clip
 * @isolation: where they are decoded
 *
 * Returns: (transfer full): a pool; its workers start with the first clip
 */
MerDecodePool *
mer_decode_pool_new (guint jobs, double deadline, MerIsolation isolation)
{
  MerDecodePool *self = g_object_new (MER_TYPE_DECODE_POOL, NULL);

  self->jobs = jobs > 0 ? jobs : g_get_num_processors ();
  self->deadline = deadline;
  self->isolation = isolation;
  return self;
}

static void pool_start_next (MerDecodePool *self);

/* takes the job's own reference */
static void
job_end (Job *job, MerDecoded *decoded, GError *error)
{
  g_autoptr (GTask) task = job->task;

  clear_source (&job->timer);
  clear_source (&job->cancelled);
  if (decoded != NULL)
    g_task_return_pointer (task, decoded, (GDestroyNotify) mer_decoded_free);
  else
    g_task_return_error (task, error);
}

/* in this process */

static void
decode_here (GTask *work, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  MerDecodePool *self = source;
  Job *job = task_data;
  GError *error = NULL;
  gint64 deadline
      = self->deadline > 0
            ? g_get_monotonic_time () + (gint64) (self->deadline * G_TIME_SPAN_SECOND)
            : 0;
  MerDecoded *decoded
      = mer_clip_decode (job->clip, job->settings, deadline, cancellable, &error);

  if (decoded != NULL)
    g_task_return_pointer (work, decoded, (GDestroyNotify) mer_decoded_free);
  else
    g_task_return_error (work, error);
}

static void
decoded_here (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MerDecodePool) self = g_object_ref (MER_DECODE_POOL (source));
  GError *error = NULL;
  MerDecoded *decoded = g_task_propagate_pointer (G_TASK (result), &error);

  self->n_running--;
  job_end (user_data, decoded, error);
  pool_start_next (self);
}

static void
start_here (MerDecodePool *self, Job *job)
{
  g_autoptr (GTask) work
      = g_task_new (self, g_task_get_cancellable (job->task), decoded_here, job);

  g_task_set_task_data (work, job, NULL);
  g_task_run_in_thread (work, decode_here);
}

/* in a worker */

static GError *
death_of (Job *job)
{
  GError *error = NULL;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (job->task), &error))
    return error;
  if (job->expired)
    return g_error_new (MER_ERROR, MER_ERROR_TIMED_OUT,
                        "decoding took longer than %g s and was killed",
                        job->pool->deadline);
  if (job->n_deaths >= MAX_DEATHS)
    return g_error_new (MER_ERROR, MER_ERROR_DECODE,
                        "the decoder crashed or ran out of memory on this clip, twice");
  return NULL;
}

static void
worker_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (MerDecodePool) self = g_object_ref (job->pool);
  MerWorkerProcess *worker = MER_WORKER_PROCESS (source);
  GError *error = NULL;
  gboolean died = FALSE;
  MerDecoded *decoded = mer_worker_process_ask_finish (worker, result, &died, &error);

  self->n_running--;
  clear_source (&job->timer);
  if (!died)
    {
      if (!mer_worker_process_is_spent (worker))
        g_queue_push_head (&self->idle, g_steal_pointer (&job->worker));
      job_end (job, decoded, error);
      pool_start_next (self);
      return;
    }

  g_clear_error (&error);
  mer_worker_process_kill (worker);
  g_clear_object (&job->worker);
  job->n_deaths++;
  error = death_of (job);
  if (error != NULL)
    job_end (job, NULL, error);
  else
    g_queue_push_head (&self->waiting, job->task);
  pool_start_next (self);
}

static gboolean
job_expired (gpointer user_data)
{
  Job *job = user_data;

  job->expired = TRUE;
  mer_worker_process_kill (job->worker);
  return G_SOURCE_REMOVE;
}

static gboolean
job_cancelled (G_GNUC_UNUSED GCancellable *cancellable, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (MerDecodePool) self = g_object_ref (job->pool);

  if (job->worker != NULL)
    mer_worker_process_kill (job->worker);
  else if (g_queue_remove (&self->waiting, job->task))
    job_end (
        job, NULL,
        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "decoding was cancelled"));
  return G_SOURCE_REMOVE;
}

static MerWorkerProcess *
take_worker (MerDecodePool *self, GError **error)
{
  while (!g_queue_is_empty (&self->idle))
    {
      g_autoptr (MerWorkerProcess) worker = g_queue_pop_head (&self->idle);

      /* it may have been killed, or have retired, while it had nothing to do */
      if (mer_worker_process_get_pid (worker) != NULL)
        return g_steal_pointer (&worker);
    }
  return mer_worker_process_start (error);
}

static gboolean
start_in_worker (MerDecodePool *self, Job *job, GError **error)
{
  job->worker = take_worker (self, error);
  if (job->worker == NULL)
    return FALSE;

  g_autoptr (GBytes) request
      = mer_wire_pack_request (job->clip, job->settings, self->deadline);
  if (self->deadline > 0)
    {
      job->timer = g_timeout_source_new ((guint) MIN (self->deadline * 1000., G_MAXINT));
      g_source_set_callback (job->timer, job_expired, job, NULL);
      g_source_attach (job->timer, g_task_get_context (job->task));
    }
  mer_worker_process_ask_async (job->worker, request, worker_answered, job);
  return TRUE;
}

static void
pool_start (MerDecodePool *self, Job *job)
{
  GError *error = NULL;

  self->n_running++;
  if (self->isolation == MER_ISOLATION_NONE)
    start_here (self, job);
  else if (!start_in_worker (self, job, &error))
    {
      self->n_running--;
      job_end (job, NULL, error);
    }
}

static void
pool_start_next (MerDecodePool *self)
{
  while (self->n_running < self->jobs && !g_queue_is_empty (&self->waiting))
    {
      GTask *task = g_queue_pop_head (&self->waiting);

      pool_start (self, g_task_get_task_data (task));
    }
}

/**
 * mer_decode_pool_decode_async:
 * @self: a pool
 * @clip: which files
 * @settings: what is wanted of them
 * @cancellable: (nullable): stops
 * @callback: (scope async): called in the caller's thread-default context
 * @user_data: for @callback
 */
void
mer_decode_pool_decode_async (MerDecodePool *self, MerClip *clip,
                              const MerDecodeSettings *settings, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (MerDecodePool) guard = g_object_ref (self);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  job->pool = self;
  job->task = task;
  job->clip = mer_clip_ref (clip);
  job->settings = mer_decode_settings_copy (settings);
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  if (cancellable != NULL && self->isolation == MER_ISOLATION_PROCESS)
    {
      job->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (job->cancelled, G_SOURCE_FUNC (job_cancelled), job, NULL);
      g_source_attach (job->cancelled, g_task_get_context (task));
    }
  g_queue_push_tail (&self->waiting, task);
  pool_start_next (self);
}

/**
 * mer_decode_pool_decode_finish:
 * @self: a pool
 * @result: what the callback got
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): what became of the clip; %NULL with `TIMED_OUT`,
 *   `DECODE` (the worker died twice on it) or `G_IO_ERROR_CANCELLED`
 */
MerDecoded *
mer_decode_pool_decode_finish (MerDecodePool *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
