/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer probe: holds entries of models to the servers they name */
#include <stdio.h>

#include "mer-command.h"
#include "mer-environment.h"
#include "mer-output.h"
#include "mer-probe-checks.h"
#include "mer-subcommands.h"
#include "tables/mer-json.h"

#define NAME "probe"
#define DEFAULT_TIMEOUT 60.
#define DEFAULT_IMAGES 64

static const MerCommandHelp help = {
  NAME,
  "MODEL…",
  "Asks a model some short questions about a clip that is drawn for the purpose, and says\n"
  "whether its entry is right: address, key, name, what it takes and how many pictures,\n"
  "JSON, seed, streaming, speed. What is wrong is printed as an entry to paste.",
  "mer probe local --timeout 20",
  "A model is an entry of the models files (mer models list). What it will cost is said\n"
  "before; --dry-run says only that. Exit code 1: something is not as the entry says.",
};

typedef struct
{
  char *models;
  char *format_text;
  double timeout;
  int max_images;
  gboolean dry_run;
  MerOutputFormat format;
} Options;

static const char *
verdict_name (MerProbeVerdict verdict)
{
  static const char *const names[] = { "well", "note", "WRONG", "FAILED" };

  return names[verdict];
}

static void
add_findings (MerOutput *output, MerProbe *probe)
{
  for (guint i = 0; i < probe->findings->len; i++)
    {
      const MerProbeFinding *finding = g_ptr_array_index (probe->findings, i);
      const char *const cells[] = { probe->model, finding->check,
                                    verdict_name (finding->verdict), finding->what, NULL };

      mer_output_add (output, cells);
    }
}

/* what programs read has it as a line of its own; people get it below, to paste */
static void
add_suggestion (const Options *options, MerOutput *output, MerProbe *probe, GString *below)
{
  g_autoptr (JsonNode) suggestion = mer_probe_dup_suggestion (probe);
  g_autofree char *text = NULL;

  if (suggestion == NULL)
    return;
  if (options->format == MER_OUTPUT_TABLE)
    {
      text = mer_json_pretty (suggestion);
      g_string_append_printf (below, "\nfor your models file:\n%s\n", text);
      return;
    }
  text = mer_json_canonical (suggestion);

  const char *const cells[] = { probe->model, "entry", "change", text, NULL };
  mer_output_add (output, cells);
}

static int
probe_models (const Options *options, MerModels *models, char **names)
{
  static const MerOutputColumn columns[]
      = { { "model", FALSE }, { "check", FALSE }, { "verdict", FALSE }, { "what", FALSE } };
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (GString) below = g_string_new (NULL);
  int status = MER_EXIT_OK;

  for (; *names != NULL; names++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerProbe) probe = mer_probe_new (models, options->models, *names, &error);
      g_autofree char *cost = NULL;

      if (probe == NULL)
        return mer_command_fail (NAME, error);
      probe->timeout = options->timeout;
      probe->max_images = (guint) options->max_images;
      cost = mer_probe_describe_cost (probe);
      fprintf (stderr, "mer probe: %s: %s\n", probe->model, cost);
      if (options->dry_run)
        continue;
      mer_probe_run (probe);
      add_findings (output, probe);
      add_suggestion (options, output, probe, below);
      if (!mer_probe_is_well (probe))
        status = MER_EXIT_PARTLY;
    }
  if (!options->dry_run)
    mer_output_print (output, options->format, stdout);
  fputs (below->str, stdout);
  return status;
}

int
mer_command_probe (int argc, char **argv)
{
  Options options = { .timeout = DEFAULT_TIMEOUT, .max_images = DEFAULT_IMAGES };
  g_autoptr (GError) error = NULL;
  g_autoptr (MerModels) models = NULL;
  int status = 0;
  const GOptionEntry entries[] = {
    { "models", 0, 0, G_OPTION_ARG_FILENAME, &options.models,
      "a models file that counts more than the others", "FILE" },
    { "timeout", 0, 0, G_OPTION_ARG_DOUBLE, &options.timeout,
      "seconds for a call, with all its attempts (default: 60)", "SECONDS" },
    { "images", 0, 0, G_OPTION_ARG_INT, &options.max_images,
      "most pictures to try in a call, whatever the entry says (default: 64)", "N" },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options.dry_run,
      "say what it would cost, ask nobody", NULL },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &options.format_text, MER_OUTPUT_FORMATS,
      "FORMAT" },
    { NULL },
  };

  if (!mer_command_parse (&help, entries, &argc, &argv, &status))
    return status;
  g_autofree char *owned_models = options.models;
  g_autofree char *owned_format = options.format_text;

  if (argc < 2)
    return mer_command_usage (NAME, "which model? mer models list shows all");
  if (options.timeout < 0.1 || options.timeout > 3600 || options.max_images < 1
      || options.max_images > 1000)
    return mer_command_usage (NAME, "--timeout is 0.1 to 3600, --images 1 to 1000");
  if (!mer_output_parse_format (options.format_text, &options.format, &error)
      || !mer_environment_init_gst (&error)
      || (models = mer_models_open (options.models, NULL, &error)) == NULL)
    return mer_command_fail (NAME, error);
  return probe_models (&options, models, argv + 1);
}
