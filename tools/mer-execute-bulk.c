/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rounds: graphs that write down what they would ask, batches that ask it, and again */
#include <glib-unix.h>
#include <signal.h>

#include "mer-execute.h"
#include "run/mer-bulk-run.h"
#include "run/mer-progress.h"

#define TICK_MS 500
/* more than any description has stages in a row, and any server is asked again */
#define MAX_ROUNDS 100u

/* the time between two rounds */
typedef struct
{
  MerExecute *execute;
  MerBulkRun *run;
  MerProgress *progress;
  GMainLoop *loop;
  GCancellable *cancellable;
  gint64 started;
  gboolean well;
  gboolean all;
  GError *error;
} Wait;

static void
tell_notes (Wait *wait)
{
  char *note = NULL;

  while ((note = mer_bulk_run_take_note (wait->run)) != NULL)
    {
      mer_progress_clear (wait->progress);
      mer_command_warn (wait->execute->name, "%s", note);
      g_free (note);
    }
}

static gboolean
on_tick (gpointer data)
{
  Wait *wait = data;
  MerBulkProgress progress;

  tell_notes (wait);
  mer_bulk_run_get_progress (wait->run, &progress);
  if (progress.batches > 0)
    mer_progress_show_bulk (wait->progress, &progress,
                            (double) (g_get_monotonic_time () - wait->started)
                                / G_USEC_PER_SEC);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer data)
{
  Wait *wait = data;

  wait->execute->interrupts++;
  g_cancellable_cancel (wait->cancellable);
  return G_SOURCE_CONTINUE;
}

static void
on_done (GObject *object, GAsyncResult *result, gpointer data)
{
  Wait *wait = data;

  wait->well = mer_bulk_run_finish (wait->run, result, &wait->all, &wait->error);
  g_main_loop_quit (wait->loop);
}

static void
run_loop (Wait *wait)
{
  const guint interrupt = g_unix_signal_add (SIGINT, on_interrupt, wait);
  const guint terminate = g_unix_signal_add (SIGTERM, on_interrupt, wait);
  const guint tick = g_timeout_add (TICK_MS, on_tick, wait);

  mer_bulk_run_async (wait->run, wait->cancellable, on_done, wait);
  g_main_loop_run (wait->loop);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  g_source_remove (tick);
}

static void
tell_how_to_go_on (MerExecute *self, MerBulkRun *run)
{
  MerBulkProgress progress;

  mer_bulk_run_get_progress (run, &progress);
  mer_command_warn (
      self->name,
      "%u of %u batches with %" G_GUINT64_FORMAT
      " calls are at their servers and go on there; the same command collects them, "
      "“mer bulk %s” shows them",
      progress.waiting, progress.batches, progress.calls, self->output);
}

/* sends, waits, collects. OK: all that was awaited is there */
static int
wait_for_batches (MerExecute *self)
{
  g_autoptr (MerBulkRun) run
      = mer_bulk_run_new (self->bulk, self->bulk_poll, self->bulk_wait);
  g_autoptr (MerProgress) progress = mer_progress_new (stderr, "bulk");
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Wait wait = { .execute = self,
                .run = run,
                .progress = progress,
                .loop = loop,
                .cancellable = cancellable,
                .started = g_get_monotonic_time () };
  g_autoptr (GError) error = NULL;

  run_loop (&wait);
  tell_notes (&wait);
  mer_progress_clear (progress);
  error = wait.error;
  if (wait.well && wait.all)
    return MER_EXIT_OK;
  if (error != NULL && !g_cancellable_is_cancelled (cancellable))
    {
      mer_command_fail (self->name, error);
      return MER_EXIT_STOPPED;
    }
  tell_how_to_go_on (self, run);
  return MER_EXIT_STOPPED;
}

/* what counts is the last round */
static void
begin_round (MerExecute *self)
{
  mer_summary_table_free (self->table);
  self->table = mer_summary_table_new ();
  self->failed = 0;
  mer_bulk_begin_round (self->bulk);
}

static int
run_rounds (MerExecute *self, GPtrArray *plans, MerStore *store)
{
  for (guint round = 0; round < MAX_ROUNDS; round++)
    {
      g_autoptr (GError) error = NULL;
      int status = MER_EXIT_OK;
      int waited = MER_EXIT_OK;

      begin_round (self);
      status = mer_execute_once (self, plans, store);
      if (!mer_bulk_end_round (self->bulk, &error))
        {
          mer_command_fail (self->name, error);
          return MER_EXIT_STOPPED;
        }
      if (round == 0 && !mer_bulk_asks_anybody (self->bulk))
        mer_command_warn (self->name, "no stage asks a server that takes batches; all was "
                                      "asked at once");
      if (status >= MER_EXIT_INPUT || mer_bulk_get_n_awaited (self->bulk) == 0)
        return status;
      waited = wait_for_batches (self);
      if (waited != MER_EXIT_OK)
        return waited;
    }
  mer_command_warn (self->name, "after %u rounds there are still answers missing",
                    MAX_ROUNDS);
  return MER_EXIT_STOPPED;
}

/**
 * mer_execute_plans_in_bulk:
 * @self: what executes, with an output
 * @plans: (element-type MerPlan): what to run, checked before
 *
 * Runs all plans, sends what they would ask in batches, waits for the answers, and runs
 * them again with those, until nothing is asked any more.
 *
 * Returns: the worst #MerExit of the last round; stopped where batches are still awaited
 */
int
mer_execute_plans_in_bulk (MerExecute *self, GPtrArray *plans)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerStore) store = mer_store_open (self->output, MER_STORE_WRITE, &error);
  int status = MER_EXIT_OK;

  if (store == NULL)
    return mer_command_fail (self->name, error);
  self->bulk = mer_bulk_new (store, &error);
  if (self->bulk == NULL)
    return mer_command_fail (self->name, error);
  status = run_rounds (self, plans, store);
  g_clear_object (&self->bulk);
  return status;
}
