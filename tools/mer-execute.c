/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-execute.h"

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>

#include "mer-usage-table.h"
#include "run/mer-progress.h"
#include "tables/mer-json.h"

/* so many different warnings are shown, the others are counted */
#define MAX_WARNINGS 20
/* decoded clips beyond this are decoded again: some 20,000 of 1 MB */
#define MAX_SPOOL_BYTES (G_GUINT64_CONSTANT (20) << 30)

typedef struct
{
  MerExecute *execute;
  MerProgress *progress;
  MerStoreRun *run;
  const char *run_name;
  guint64 awaited_before; /* of the runs before in this round */
  GError *error;          /* the store's */
} Session;

void
mer_execute_init (MerExecute *self, const char *name, const char *output)
{
  *self = (MerExecute){ .name = name, .output = output };
  self->table = mer_summary_table_new ();
  self->warned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

void
mer_execute_clear (MerExecute *self)
{
  mer_summary_table_free (self->table);
  g_hash_table_unref (self->warned);
}

/* what is scored before all answers are there would be taken for a result */
static guint64
count_awaited (Session *session)
{
  MerBulk *bulk = session->execute->bulk;

  return bulk != NULL ? mer_bulk_get_n_awaited (bulk) - session->awaited_before : 0;
}

static void
on_summary (const char *scorer, const char *stage, JsonNode *summary, gpointer data)
{
  Session *session = data;

  if (count_awaited (session) > 0)
    return;
  mer_summary_table_add (session->execute->table, session->run_name, scorer, stage,
                         summary);
  if (session->run != NULL && session->error == NULL)
    mer_store_run_add_summary (session->run, scorer, stage, summary, &session->error);
}

static void
on_warning (const char *element, const char *text, gpointer data)
{
  Session *session = data;
  MerExecute *self = session->execute;

  if (!g_hash_table_add (self->warned, g_strdup (text)) || ++self->warnings > MAX_WARNINGS)
    return;
  mer_progress_clear (session->progress);
  mer_command_warn (self->name, "%s: %s", element, text);
  if (self->warnings == MAX_WARNINGS)
    mer_command_warn (self->name, "further warnings are not shown");
}

static void
on_tick (const MerRunCounts *counts, gpointer data)
{
  mer_progress_show (((Session *) data)->progress, counts);
}

static gboolean
on_interrupt (gpointer data)
{
  Session *session = data;

  mer_progress_clear (session->progress);
  if (session->execute->interrupts++ == 0)
    {
      mer_command_warn (
          session->execute->name,
          "ending: what was begun is finished and kept; once more stops at once");
      mer_runner_drain (session->execute->runner);
    }
  else
    mer_runner_stop (session->execute->runner);
  return G_SOURCE_CONTINUE;
}

static int
exit_code (MerExecute *self, MerRunState state, const MerRunCounts *counts,
           const GError *error)
{
  if (state == MER_RUN_DRAINED)
    return MER_EXIT_STOPPED;
  if (state == MER_RUN_FAILED)
    {
      mer_command_fail (self->name, error);
      return g_error_matches (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT)
                 ? MER_EXIT_INPUT
                 : MER_EXIT_STOPPED;
    }
  return counts->failed > 0 ? MER_EXIT_PARTLY : MER_EXIT_OK;
}

/* tells the store how the run ended */
static void
finish_run (Session *session, MerRunState state, const GError *error)
{
  g_autoptr (GError) problem = NULL;
  const gboolean awaits = count_awaited (session) > 0;
  const gboolean finished = state == MER_RUN_FINISHED && !awaits;
  const char *why = error != NULL ? error->message
                    : awaits      ? "answers are awaited that were asked in bulk"
                                  : "interrupted";

  if (session->run == NULL)
    return;
  if (!mer_store_run_finish (session->run,
                             finished ? MER_STORE_RUN_FINISHED : MER_STORE_RUN_STOPPED,
                             finished ? NULL : why, &problem)
      && session->error == NULL)
    session->error = g_steal_pointer (&problem);
}

/* tells people, programs and the store what the stages came to */
static void
report_tally (Session *session, MerRunner *runner)
{
  const MerTally *tally = mer_runner_get_tally (runner);
  MerTallyRow total = mer_tally_get_total (tally);
  g_autoptr (JsonNode) node = NULL;

  /* of several rounds of batches the last one tells */
  if (session->execute->no_tally
      || (session->execute->bulk != NULL
          && mer_bulk_get_n_awaited (session->execute->bulk) > 0))
    return;
  mer_usage_table_print (tally, stderr);
  /* a run that asks no model has nothing to account for */
  if (total.calls + total.from_journal == 0)
    return;
  node = mer_tally_to_json (tally);
  mer_summary_table_add (session->execute->table, session->run_name, MER_TALLY_SUMMARY, "",
                         node);
  if (session->run != NULL && session->error == NULL)
    mer_store_run_add_summary (session->run, MER_TALLY_SUMMARY, "", node, &session->error);
}

/**
 * mer_execute_pipeline:
 * @self: what executes
 * @run_name: what tables and progress call it
 * @pipeline: from source to sink
 * @total: how many samples there are, 0 where that is not known
 * @run: (nullable): the run that keeps what comes
 *
 * Returns: a #MerExit
 */
int
mer_execute_pipeline (MerExecute *self, const char *run_name, GstElement *pipeline,
                      guint64 total, MerStoreRun *run)
{
  g_autoptr (MerRunner) runner = mer_runner_new (pipeline, total);
  g_autoptr (MerProgress) progress = mer_progress_new (stderr, run_name);
  g_autoptr (GError) error = NULL;
  Session session
      = { .execute = self, .progress = progress, .run = run, .run_name = run_name };
  const MerRunCallbacks callbacks = { on_summary, on_warning, on_tick, &session };
  const guint interrupt = g_unix_signal_add (SIGINT, on_interrupt, &session);
  const guint terminate = g_unix_signal_add (SIGTERM, on_interrupt, &session);

  if (self->bulk != NULL)
    session.awaited_before = mer_bulk_get_n_awaited (self->bulk);
  self->runner = runner;

  MerRunState state = mer_runner_run (runner, &callbacks, &error);
  const MerRunCounts *counts = mer_runner_get_counts (runner);

  g_source_remove (interrupt);
  g_source_remove (terminate);
  self->runner = NULL;
  self->failed += counts->failed;
  if (state != MER_RUN_FAILED || counts->done > 0)
    {
      g_auto (GStrv) report = mer_runner_dup_report (runner);

      mer_progress_finish (progress, counts, (const char *const *) report);
      report_tally (&session, runner);
    }
  finish_run (&session, state, error);

  int status = exit_code (self, state, counts, error);

  if (session.error != NULL && status != MER_EXIT_STOPPED)
    {
      mer_command_fail (self->name, session.error);
      status = MER_EXIT_STOPPED;
    }
  g_clear_error (&session.error);
  return status;
}

static JsonNode *
describe_environment (void)
{
  JsonNode *node = mer_store_environment_new ();

  json_object_set_string_member (json_node_get_object (node), "host", g_get_host_name ());
  return node;
}

static int
execute_plan (MerExecute *self, MerPlan *plan, MerStore *store, MerMediaSpool *spool)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) definition = NULL;
  g_autoptr (JsonNode) environment = NULL;
  g_autoptr (MerStoreRun) run = NULL;
  g_autoptr (GstElement) pipeline = NULL;

  if (store != NULL)
    {
      definition = mer_plan_get_definition (plan, &error);
      environment = describe_environment ();
      if (definition != NULL)
        run = mer_store_begin_run (store, mer_plan_get_name (plan), definition, environment,
                                   &error);
      if (run == NULL)
        return mer_command_fail (self->name, error);
    }
  pipeline = mer_plan_build (plan, run, spool, &error);
  if (pipeline == NULL)
    return mer_command_fail (self->name, error);
  if (self->bulk != NULL)
    {
      g_autoptr (GstContext) context = mer_bulk_context_new (self->bulk);

      gst_element_set_context (pipeline, context);
    }
  if (run != NULL && self->keep_media)
    gst_child_proxy_set (GST_CHILD_PROXY (pipeline), "sink::keep-media", TRUE, NULL);
  return mer_execute_pipeline (self, mer_plan_get_name (plan), pipeline,
                               mer_dataset_get_n_samples (mer_plan_get_dataset (plan)),
                               run);
}

/* decoded clips that several runs share lie beside the output, not in memory */
static MerMediaSpool *
make_spool (MerExecute *self)
{
  g_autofree char *folder = self->output != NULL ? g_path_get_dirname (self->output)
                                                 : g_strdup (g_get_tmp_dir ());
  g_autoptr (GError) error = NULL;
  MerMediaSpool *spool = mer_media_spool_new (folder, MAX_SPOOL_BYTES, &error);

  if (spool == NULL)
    mer_command_warn (self->name, "clips are decoded again in every run: %s",
                      error->message);
  return spool;
}

/**
 * mer_execute_plans:
 * @self: what executes
 * @plans: (element-type MerPlan): what to run, checked before
 *
 * Runs one after the other into one store, so that they share decoded clips and answers.
 *
 * Returns: the worst #MerExit of all; stopped ends the others
 */
int
mer_execute_plans (MerExecute *self, GPtrArray *plans)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerStore) store = NULL;

  if (self->output != NULL)
    {
      store = mer_store_open (self->output, MER_STORE_WRITE, &error);
      if (store == NULL)
        return mer_command_fail (self->name, error);
    }
  return mer_execute_once (self, plans, store);
}

int
mer_execute_once (MerExecute *self, GPtrArray *plans, MerStore *store)
{
  g_autoptr (MerMediaSpool) spool = NULL;
  int worst = MER_EXIT_OK;

  if (plans->len > 1)
    spool = make_spool (self);
  for (guint i = 0; i < plans->len; i++)
    {
      int status = execute_plan (self, g_ptr_array_index (plans, i), store, spool);

      worst = MAX (worst, status);
      if (status >= MER_EXIT_INPUT)
        break;
    }
  return worst;
}
