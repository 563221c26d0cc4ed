/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-decode-pool.h"

#include "mer-error.h"

/* a clip that waits for its turn or is under work; the data of its task */
typedef struct
{
  MerClip *clip;
  MerDecodeSettings *settings;
} Job;

struct _MerDecodePool
{
  GObject parent_instance;

  guint jobs;
  double deadline;
  MerIsolation isolation;
  GQueue waiting; /* GTask */
  guint n_running;
};

G_DEFINE_TYPE (MerDecodePool, mer_decode_pool, G_TYPE_OBJECT)

static void
job_free (Job *job)
{
  mer_clip_unref (job->clip);
  mer_decode_settings_free (job->settings);
  g_free (job);
}

static void
mer_decode_pool_finalize (GObject *object)
{
  MerDecodePool *self = MER_DECODE_POOL (object);

  g_queue_clear_full (&self->waiting, g_object_unref);
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

static void
decode_here (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
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
    g_task_return_pointer (task, decoded, (GDestroyNotify) mer_decoded_free);
  else
    g_task_return_error (task, error);
}

static void
decoded_here (GObject *source, GAsyncResult *result, gpointer user_data)
{
  MerDecodePool *self = MER_DECODE_POOL (source);
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  MerDecoded *decoded = g_task_propagate_pointer (G_TASK (result), &error);

  self->n_running--;
  if (decoded != NULL)
    g_task_return_pointer (task, decoded, (GDestroyNotify) mer_decoded_free);
  else
    g_task_return_error (task, error);
  pool_start_next (self);
}

static void
pool_start (MerDecodePool *self, GTask *task)
{
  g_autoptr (GTask) work
      = g_task_new (self, g_task_get_cancellable (task), decoded_here, task);

  self->n_running++;
  g_task_set_task_data (work, g_task_get_task_data (task), NULL);
  g_task_run_in_thread (work, decode_here);
}

static void
pool_start_next (MerDecodePool *self)
{
  while (self->n_running < self->jobs && !g_queue_is_empty (&self->waiting))
    {
      GTask *task = g_queue_pop_head (&self->waiting);

      if (g_task_return_error_if_cancelled (task))
        g_object_unref (task);
      else
        pool_start (self, task);
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
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  job->clip = mer_clip_ref (clip);
  job->settings = mer_decode_settings_copy (settings);
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
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
