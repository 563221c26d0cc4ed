/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mer-io.h"

typedef struct
{
  GTask *task;
  GTaskThreadFunc function;
} Job;

static gpointer
io_thread (gpointer data)
{
  GMainContext *context = data;
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);

  g_main_context_push_thread_default (context);
  g_main_loop_run (loop);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/**
 * mer_io_get_context:
 *
 * The I/O thread starts with the first call and lasts as long as the process.
 *
 * Returns: (transfer none): the main context that the process's I/O thread runs
 */
GMainContext *
mer_io_get_context (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once))
    {
      GMainContext *context = g_main_context_new ();

      g_thread_unref (g_thread_new ("mer-io", io_thread, context));
      g_once_init_leave (&once, (gsize) context);
    }
  return (GMainContext *) once;
}

/**
 * mer_io_invoke:
 * @function: returns %G_SOURCE_REMOVE
 * @data: for @function
 * @destroy: (nullable): frees @data
 *
 * Runs @function in the I/O thread, always through its loop: unlike
 * [method@GLib.MainContext.invoke] never before this call returns, so that a caller may
 * hold a lock.
 */
void
mer_io_invoke (GSourceFunc function, gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, function, data, destroy);
  g_source_attach (source, mer_io_get_context ());
}

/**
 * mer_io_get_n_workers:
 *
 * Returns: how many threads the worker pool has: one a processor
 */
guint
mer_io_get_n_workers (void)
{
  return MAX (g_get_num_processors (), 1);
}

static void
job_run (gpointer data, G_GNUC_UNUSED gpointer user_data)
{
  g_autofree Job *job = data;

  job->function (job->task, g_task_get_source_object (job->task),
                 g_task_get_task_data (job->task), g_task_get_cancellable (job->task));
  g_object_unref (job->task);
}

/**
 * mer_io_run_task:
 * @task: (transfer none): completes in its own context
 * @function: does the work and returns through the task
 *
 * As [method@Gio.Task.run_in_thread], in a pool that has one thread a processor, so that
 * heavy work of many samples does not run all at once.
 */
void
mer_io_run_task (GTask *task, GTaskThreadFunc function)
{
  static gsize once = 0;

  if (g_once_init_enter (&once))
    g_once_init_leave (&once, (gsize) g_thread_pool_new (
                                  job_run, NULL, mer_io_get_n_workers (), FALSE, NULL));

  Job *job = g_new (Job, 1);
  job->task = g_object_ref (task);
  job->function = function;
  g_thread_pool_push ((GThreadPool *) once, job, NULL);
}
