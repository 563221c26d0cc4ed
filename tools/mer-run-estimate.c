/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what a run would ask, and what that would cost: the graph itself runs over samples spread
 * over the dataset, with backends that count instead of calling */
#include "mer-run-estimate.h"

#include <math.h>

#include "base/mer-estimate.h"
#include "tables/mer-json.h"

typedef struct
{
  double calls;
  double cost;
  double seconds;
  gboolean priced;
  gboolean timed;
} Sum;

static const MerOutputColumn columns[]
    = { { "run", FALSE },      { "stage", FALSE },     { "model", FALSE },
        { "calls", TRUE },     { "in journal", TRUE }, { "skipped", TRUE },
        { "tokens in", TRUE }, { "tokens out", TRUE }, { "USD", TRUE },
        { "s a call", TRUE },  { "at once", TRUE },    { "seconds", TRUE },
        { "from", FALSE } };

static char *
show (double value, const char *format)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    return g_strdup ("");
  return g_strdup (g_ascii_formatd (text, sizeof text, format, value));
}

/* minutes and hours for people */
static char *
show_time (double seconds, MerOutputFormat format)
{
  if (format == MER_OUTPUT_JSON || format == MER_OUTPUT_CSV)
    return show (seconds, "%.1f");
  if (isnan (seconds))
    return g_strdup ("");
  if (seconds < 90)
    return g_strdup_printf ("%.0f s", seconds);
  if (seconds < 5400)
    return g_strdup_printf ("%.0f min", seconds / 60);
  return g_strdup_printf ("%.0f h %02.0f min", floor (seconds / 3600),
                          floor (fmod (seconds, 3600) / 60));
}

static void
add_stage (MerOutput *table, MerOutputFormat format, const char *run,
           const MerEstimateStage *stage, Sum *sum)
{
  double calls = stage->calls;
  double cost = calls > 0 ? calls * stage->each.cost : 0;
  double seconds = calls > 0 ? calls * stage->each.seconds / MAX (1, stage->at_once) : 0;
  char *cells[]
      = { g_strdup (run),
          g_strdup (stage->stage),
          g_strdup (stage->model != NULL ? stage->model : ""),
          show (calls, "%.0f"),
          show (stage->answered, "%.0f"),
          show (stage->skipped, "%.0f"),
          show (calls * stage->each.input, "%.0f"),
          show (calls * stage->each.output, "%.0f"),
          show (cost, "%.2f"),
          show (stage->each.seconds, "%.2f"),
          g_strdup_printf ("%u", stage->at_once),
          show_time (seconds, format),
          stage->measured > 0 ? g_strdup_printf ("measured on %u", stage->measured)
                              : g_strdup ("rules of thumb"),
          NULL };

  mer_output_take (table, g_memdup2 (cells, sizeof cells));
  sum->calls += calls;
  sum->priced &= !isnan (cost);
  sum->cost += isnan (cost) ? 0 : cost;
  sum->timed &= !isnan (seconds);
  /* stages overlap: the slowest one is what is waited for */
  sum->seconds = fmax (sum->seconds, isnan (seconds) ? 0 : seconds);
}

/* runs @plan over @n of its samples; with @estimate nobody is called */
static int
run_some (const MerRunEstimate *self, MerPlan *plan, guint n, MerStore *store,
          MerEstimate *estimate)
{
  MerDataset *dataset = mer_plan_get_dataset (plan);
  g_autoptr (MerDataset) part = mer_dataset_dup_spread (dataset, n);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = mer_plan_build (plan, NULL, NULL, &error);
  MerExecute execute;
  int status = MER_EXIT_OK;

  if (pipeline == NULL)
    return mer_command_fail (self->name, error);
  gst_child_proxy_set (GST_CHILD_PROXY (pipeline), "source::samples", part, NULL);
  if (store != NULL)
    {
      g_autoptr (GstContext) context = mer_store_context_new (store);

      gst_element_set_context (pipeline, context);
    }
  if (estimate != NULL)
    {
      g_autoptr (GstContext) context = mer_estimate_context_new (estimate);

      gst_element_set_context (pipeline, context);
    }
  mer_execute_init (&execute, self->name, self->output);
  execute.no_tally = estimate != NULL;
  status = mer_execute_pipeline (&execute, mer_plan_get_name (plan), pipeline,
                                 mer_dataset_get_n_samples (part), NULL);
  mer_execute_clear (&execute);
  return status == MER_EXIT_PARTLY ? MER_EXIT_OK : status;
}

static int
estimate_plan (const MerRunEstimate *self, MerPlan *plan, MerStore *store, MerOutput *table,
               Sum *sum)
{
  guint total = mer_dataset_get_n_samples (mer_plan_get_dataset (plan));
  g_autoptr (MerEstimate) estimate = mer_estimate_new (total);
  guint unseen = 0;
  int status = MER_EXIT_OK;

  if (self->sample_calls > 0)
    status = run_some (self, plan, self->sample_calls, store, NULL);
  if (status == MER_EXIT_OK)
    status = run_some (self, plan, total, store, estimate);
  if (status != MER_EXIT_OK)
    return status;

  g_autoptr (GPtrArray) stages = mer_estimate_dup_stages (estimate);
  for (guint i = 0; i < stages->len; i++)
    {
      const MerEstimateStage *stage = stages->pdata[i];

      add_stage (table, self->format, mer_plan_get_name (plan), stage, sum);
      unseen = MAX (unseen, stage->unseen);
    }
  if (unseen > 0)
    mer_command_warn (self->name,
                      "%s: %u of %u samples were not looked at and are thought "
                      "to be like the others",
                      mer_plan_get_name (plan), unseen, total);
  return MER_EXIT_OK;
}

static void
say_sum (const MerRunEstimate *self, const Sum *sum)
{
  g_autofree char *time = show_time (sum->seconds, MER_OUTPUT_TABLE);

  fprintf (stderr, "in all: %.0f calls, %s%.2f USD%s, %s%s\n", sum->calls,
           sum->priced ? "" : "at least ", sum->cost,
           sum->priced ? "" : " (models without prices are not in it)",
           sum->timed ? "about " : "time not known", sum->timed ? time : "");
  if (!sum->timed && self->sample_calls == 0)
    mer_command_warn (self->name,
                      "--sample-calls 3 with --output asks about three samples first and "
                      "measures; their answers are kept and not asked for again");
}

static MerStore *
open_store (const MerRunEstimate *self, GError **error)
{
  if (self->sample_calls > 0)
    return mer_store_open (self->output, MER_STORE_WRITE, error);
  return mer_store_open (self->output, MER_STORE_READ, error);
}

int
mer_run_estimate (const MerRunEstimate *self, GPtrArray *plans)
{
  g_autoptr (MerOutput) table = mer_output_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (MerStore) store = NULL;
  g_autoptr (GError) error = NULL;
  Sum sum = { .priced = TRUE, .timed = TRUE };

  if (self->output != NULL
      && (self->sample_calls > 0 || g_file_test (self->output, G_FILE_TEST_EXISTS)))
    {
      store = open_store (self, &error);
      if (store == NULL)
        return mer_command_fail (self->name, error);
    }
  for (guint i = 0; i < plans->len; i++)
    {
      int status = estimate_plan (self, plans->pdata[i], store, table, &sum);

      if (status != MER_EXIT_OK)
        return status;
    }
  mer_output_print (table, self->format, stdout);
  say_sum (self, &sum);
  return MER_EXIT_OK;
}
