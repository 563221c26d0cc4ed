/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "config/mer-models.h"
#include "mer-command.h"
#include "mer-environment.h"
#include "mer-execute.h"
#include "mer-run-estimate.h"
#include "mer-subcommands.h"
#include "net/mer-rates.h"
#include "run/mer-bulk-run.h"
#include "run/mer-matrix.h"
#include "tables/mer-json.h"

#define NAME "run"

typedef struct
{
  char *dataset;
  char *root;
  char *split;
  char **clips;
  char *truth;
  char *truth_column;
  char *subtitle_lang;
  char **set;
  char *models;
  char *output;
  gint64 limit;
  gboolean dry_run;
  gint64 sample_calls;
  gboolean keep_media;
  double max_cost;
  gboolean bulk;
  char *bulk_wait;
  double bulk_poll;
  char **allow;
  char *format;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->dataset);
  g_free (options->root);
  g_free (options->split);
  g_strfreev (options->clips);
  g_free (options->truth);
  g_free (options->truth_column);
  g_free (options->subtitle_lang);
  g_strfreev (options->set);
  g_free (options->models);
  g_free (options->output);
  g_free (options->bulk_wait);
  g_strfreev (options->allow);
  g_free (options->format);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static const MerCommandHelp help = {
  NAME,
  "FILE [CLIP…]",
  "Runs a description on a dataset or on clips, or a batch of such runs.",
  "mer run one-stage --clips videos --truth truth.csv --set frames=4 --output study.mer",
  "FILE is a mer-description/1 or mer-batch/1 file, or the name of a description.\n"
  "A run that was stopped is resumed by the same command: answers that are in the\n"
  "output's journal are not asked for again. Ctrl-C finishes what was begun and keeps it;\n"
  "a second one stops at once.\n"
  "With --bulk calls go in batches to servers that take them (OpenAI, Anthropic, Gemini\n"
  "and others); a run with stages that read each other takes a round of batches for each.\n"
  "Ctrl-C leaves batches at their servers; the same command goes on, “mer bulk” shows and\n"
  "cancels them.",
};

static gboolean
read_options (Options *options, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
    { "dataset", 0, 0, G_OPTION_ARG_FILENAME, &options->dataset,
      "run on this mer-dataset/1 file", "FILE" },
    { "root", 0, 0, G_OPTION_ARG_FILENAME, &options->root,
      "the folder with the dataset's tables and clips", "FOLDER" },
    { "split", 0, 0, G_OPTION_ARG_STRING, &options->split, "only samples of this split",
      "NAME" },
    { "clips", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->clips,
      "run on this clip or folder; more may follow FILE", "PATH" },
    { "truth", 0, 0, G_OPTION_ARG_FILENAME, &options->truth,
      "a table that gives clips their truth by id", "FILE.csv" },
    { "truth-column", 0, 0, G_OPTION_ARG_STRING, &options->truth_column,
      "the truth's column in it (default: openset, labels, …)", "NAME" },
    { "subtitle-lang", 0, 0, G_OPTION_ARG_STRING, &options->subtitle_lang,
      "which side file STEM.LANG.srt to take", "LANG" },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->set,
      "give a parameter a value; may stand several times", "NAME=VALUE" },
    { "models", 0, 0, G_OPTION_ARG_FILENAME, &options->models, "the models file", "FILE" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
      "keep answers and results in this .mer file", "FILE.mer" },
    { "limit", 0, 0, G_OPTION_ARG_INT64, &options->limit, "only the first N samples", "N" },
    { "keep-media", 0, 0, G_OPTION_ARG_NONE, &options->keep_media,
      "keep the frames and voices that models are shown in the output too", NULL },
    { "max-cost", 0, 0, G_OPTION_ARG_DOUBLE, &options->max_cost,
      "end the run before calls cost more than this in all; what is done is kept", "USD" },
    { "bulk", 0, 0, G_OPTION_ARG_NONE, &options->bulk,
      "ask in batches where servers take them: half the price, within a day", NULL },
    { "bulk-wait", 0, 0, G_OPTION_ARG_STRING, &options->bulk_wait,
      "how long to wait for batches: yes (default), no: send them and leave, or seconds",
      "TIME" },
    { "bulk-poll", 0, 0, G_OPTION_ARG_DOUBLE, &options->bulk_poll,
      "seconds between two looks at a batch (default: 30)", "SECONDS" },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run,
      "check everything, say which calls would be made and what tokens, money and time "
      "they would take; call no model",
      NULL },
    { "sample-calls", 0, 0, G_OPTION_ARG_INT64, &options->sample_calls,
      "with --dry-run: really ask about so many samples first and measure; the answers go "
      "into --output and are not asked for again",
      "N" },
    { "allow", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->allow,
      "let the description use this element too; merexec: let any models file start "
      "programs too",
      "ELEMENT" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &options->format, MER_OUTPUT_FORMATS, "FORMAT" },
    { NULL },
  };

  if (!mer_command_parse (&help, entries, argc, argv, status))
    return FALSE;
  if (options->allow != NULL
      && g_strv_contains ((const char *const *) options->allow, "merexec"))
    mer_models_allow_programs ();
  return TRUE;
}

/* the clips after --clips and those that stand after FILE */
static char **
all_clips (const Options *options, int argc, char **argv)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; options->clips[i] != NULL; i++)
    g_strv_builder_add (builder, options->clips[i]);
  for (int i = 2; i < argc; i++)
    g_strv_builder_add (builder, argv[i]);
  return g_strv_builder_end (builder);
}

static MerDataset *
open_dataset (const Options *options, int argc, char **argv, GError **error)
{
  g_autoptr (MerDataset) dataset = NULL;

  if (options->dataset != NULL)
    dataset = mer_dataset_open (options->dataset, NULL, options->root, error);
  else
    {
      g_auto (GStrv) clips = all_clips (options, argc, argv);

      dataset = mer_dataset_open_clips ((const char *const *) clips, options->subtitle_lang,
                                        error);
      if (dataset != NULL && options->truth != NULL
          && !mer_dataset_join_truth (dataset, options->truth, options->truth_column,
                                      error))
        return NULL;
    }
  if (dataset == NULL
      || !mer_dataset_narrow (dataset, options->split, (guint64) options->limit, error))
    return NULL;
  if (mer_dataset_get_note (dataset) != NULL)
    mer_command_warn (NAME, "%s", mer_dataset_get_note (dataset));
  return g_steal_pointer (&dataset);
}

static gboolean
plan_description (const Options *options, int argc, char **argv, GPtrArray *plans,
                  GError **error)
{
  g_autoptr (MerDescription) description
      = mer_description_open (argv[1], NULL, (const char *const *) options->allow, error);
  g_autoptr (MerChoice) choice = description != NULL ? mer_choice_new (description) : NULL;
  g_autoptr (MerDataset) dataset = NULL;

  if (choice == NULL)
    return FALSE;
  for (guint i = 0; options->set != NULL && options->set[i] != NULL; i++)
    if (!mer_choice_set_text (choice, options->set[i], error))
      return FALSE;
  dataset = open_dataset (options, argc, argv, error);
  if (dataset == NULL)
    return FALSE;

  MerPlan *plan = mer_plan_new (mer_description_get_name (description), dataset,
                                description, g_steal_pointer (&choice));

  if (options->models != NULL)
    mer_plan_set_models (plan, options->models);
  g_ptr_array_add (plans, plan);
  return TRUE;
}

/* a batch says so; anything else is read as a description */
static gboolean
is_batch (const char *path)
{
  g_autoptr (MerJson) json
      = g_file_test (path, G_FILE_TEST_IS_REGULAR) ? mer_json_load (path, NULL) : NULL;
  const char *format
      = json != NULL ? mer_json_node_string (mer_json_get_root (json), "format") : NULL;

  return g_strcmp0 (format, MER_BATCH_FORMAT) == 0;
}

static GPtrArray *
plan_batch (const Options *options, const char *path, GError **error)
{
  const MerMatrixOptions beyond = { .models = options->models,
                                    .limit = (guint64) options->limit,
                                    .allow = (const char *const *) options->allow,
                                    .set = (const char *const *) options->set };
  g_autoptr (MerBatch) batch = mer_batch_load (path, error);

  return batch != NULL ? mer_matrix_plan (batch, &beyond, error) : NULL;
}

static GPtrArray *
make_plans (const Options *options, int argc, char **argv, GError **error)
{
  g_autoptr (GPtrArray) plans = NULL;

  if (is_batch (argv[1]))
    return plan_batch (options, argv[1], error);
  plans = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_plan_free);
  return plan_description (options, argc, argv, plans, error) ? g_steal_pointer (&plans)
                                                              : NULL;
}

static void
print_plans (GPtrArray *plans)
{
  for (guint i = 0; i < plans->len; i++)
    {
      MerPlan *plan = g_ptr_array_index (plans, i);
      MerDataset *dataset = mer_plan_get_dataset (plan);
      g_autoptr (JsonNode) values = mer_choice_to_json (mer_plan_get_choice (plan));
      g_autofree char *text = mer_json_canonical (values);
      g_autofree char *safe = mer_output_escape (text);

      printf ("%s: dataset %s, %u samples, %u with a clip, %u with a truth; %s\n",
              mer_plan_get_name (plan), mer_dataset_get_name (dataset),
              mer_dataset_get_n_samples (dataset), mer_dataset_count_clips (dataset, NULL),
              mer_dataset_count_truths (dataset), safe);
    }
}

/* negative: for ever */
static gboolean
parse_wait (const char *text, double *seconds, GError **error)
{
  char *end = NULL;

  *seconds = -1;
  if (text == NULL || g_str_equal (text, "yes"))
    return TRUE;
  *seconds = 0;
  if (g_str_equal (text, "no"))
    return TRUE;
  *seconds = g_ascii_strtod (text, &end);
  if (end != text && *end == '\0' && *seconds >= 0 && *seconds <= 1e9)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "--bulk-wait: “%s” is none of yes, no and a number of seconds", text);
  return FALSE;
}

static int
run_plans (const Options *options, const char *file, GPtrArray *plans,
           MerOutputFormat format)
{
  g_autoptr (GError) error = NULL;
  MerExecute execute;
  double bulk_wait = -1;
  int status = MER_EXIT_OK;

  if (!parse_wait (options->bulk_wait, &bulk_wait, &error))
    return mer_command_fail (NAME, error);

  for (guint i = 0; i < plans->len; i++)
    if (!mer_plan_check (g_ptr_array_index (plans, i), &error))
      {
        g_prefix_error (&error, "%s: ", file);
        return mer_command_fail (NAME, error);
      }
  if (options->dry_run)
    {
      const MerRunEstimate estimate
          = { NAME, options->output, (guint) options->sample_calls, format };

      if (format == MER_OUTPUT_TABLE)
        print_plans (plans);
      return mer_run_estimate (&estimate, plans);
    }
  if (options->output == NULL)
    mer_command_warn (NAME, "without --output nothing is kept");
  mer_execute_init (&execute, NAME, options->output);
  execute.keep_media = options->keep_media;
  mer_rates_set_process_budget (options->max_cost);
  execute.bulk_poll = options->bulk_poll;
  execute.bulk_wait = bulk_wait;
  status = options->bulk ? mer_execute_plans_in_bulk (&execute, plans)
                         : mer_execute_plans (&execute, plans);
  mer_summary_table_print (execute.table, format);
  mer_execute_clear (&execute);
  return status;
}

static int
check_usage (const Options *options, int argc, char **argv)
{
  if (argc < 2)
    return mer_command_usage (NAME, "what is to be run?");
  if (options->clips == NULL && argc > 2)
    return mer_command_usage (NAME, "“%s” is one word too many; clips follow --clips",
                              argv[2]);
  if (options->dataset != NULL && options->clips != NULL)
    return mer_command_usage (NAME, "--dataset and --clips are both given; which one?");
  if (options->truth != NULL && options->clips == NULL)
    return mer_command_usage (NAME, "--truth goes with --clips; a dataset names its own");
  if (!(options->max_cost >= 0))
    return mer_command_usage (NAME, "--max-cost must not be negative");
  if (options->bulk && options->output == NULL && !options->dry_run)
    return mer_command_usage (NAME, "--bulk needs --output: batches outlive the command, "
                                    "and the store knows them");
  if (!options->bulk && options->bulk_wait != NULL)
    return mer_command_usage (NAME, "--bulk-wait goes with --bulk");
  if (!(options->bulk_poll >= 0.01 && options->bulk_poll <= 86400))
    return mer_command_usage (NAME, "--bulk-poll must be 0.01 to 86400 seconds");
  if (options->limit < 0)
    return mer_command_usage (NAME, "--limit must not be negative");
  if (options->sample_calls < 0 || options->sample_calls > 1000)
    return mer_command_usage (NAME, "--sample-calls must be from 0 to 1000");
  if (options->sample_calls > 0 && (!options->dry_run || options->output == NULL))
    return mer_command_usage (NAME,
                              "--sample-calls goes with --dry-run and --output, which "
                              "keeps the answers");
  if (is_batch (argv[1]))
    return options->dataset == NULL && options->clips == NULL
               ? MER_EXIT_OK
               : mer_command_usage (NAME, "a batch names its own datasets");
  if (options->dataset == NULL && options->clips == NULL)
    return mer_command_usage (NAME, "on what? give --dataset or --clips");
  return MER_EXIT_OK;
}

int
mer_command_run (int argc, char **argv)
{
  g_auto (Options) options = { .bulk_poll = MER_BULK_POLL };
  g_autoptr (GPtrArray) plans = NULL;
  g_autoptr (GError) error = NULL;
  MerOutputFormat format = MER_OUTPUT_TABLE;
  int status = MER_EXIT_OK;

  if (!read_options (&options, &argc, &argv, &status))
    return status;
  status = check_usage (&options, argc, argv);
  if (status != MER_EXIT_OK)
    return status;
  if ((options.format != NULL && !mer_output_parse_format (options.format, &format, &error))
      || !mer_environment_init_gst (&error))
    return mer_command_fail (NAME, error);
  plans = make_plans (&options, argc, argv, &error);
  return plans != NULL ? run_plans (&options, argv[1], plans, format)
                       : mer_command_fail (NAME, error);
}
