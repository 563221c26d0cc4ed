/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer validate: any of our files, as deep as a run would check it */
#include <stdio.h>
#include <string.h>

#include "config/mer-models.h"
#include "config/mer-prompt.h"
#include "emotion/mer-mapping.h"
#include "mer-command.h"
#include "mer-environment.h"
#include "mer-models-check.h"
#include "mer-output.h"
#include "mer-subcommands.h"
#include "run/mer-matrix.h"
#include "run/mer-runner.h"
#include "sample/mer-record.h"
#include "tables/mer-json.h"

#define NAME "validate"

typedef struct
{
  char **allow;
  char *models;
  char *root;
} Options;

static const MerCommandHelp help = {
  NAME,
  "FILE…",
  "Checks files as a run would, without running: descriptions (elements, properties, "
  "stage\n"
  "names, prompts, models), datasets with all their tables, batches, models files, "
  "mappings,\n"
  "prompts, records.",
  "mer validate study.json models.json",
  "Says one line for each file; ends with 2 if one is wrong.",
};

static void say_well (const char *path, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
say_well (const char *path, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *line = g_strdup_printf ("%s: %s", path, what);
  g_autofree char *safe = mer_output_escape (line);

  printf ("%s\n", safe);
}

/* a parameter that must be given stands open: what is left can still be checked */
static gboolean
has_open_parameter (MerDescription *description)
{
  for (guint i = 0; i < mer_description_get_n_parameters (description); i++)
    {
      const MerParameter *parameter = mer_description_get_parameter (description, i);

      if (parameter->fallback == NULL && !parameter->optional)
        return TRUE;
    }
  return FALSE;
}

static void
give_models (GstElement *element, const char *models)
{
  if (models != NULL
      && g_object_class_find_property (G_OBJECT_GET_CLASS (element), "models") != NULL)
    g_object_set (element, "models", models, NULL);
}

static gboolean
validate_description (const Options *options, const char *path, GError **error)
{
  g_autoptr (MerDescription) description
      = mer_description_open (path, NULL, (const char *const *) options->allow, error);
  g_autoptr (MerChoice) choice = description != NULL ? mer_choice_new (description) : NULL;
  g_autoptr (GstElement) graph = NULL;

  if (choice == NULL)
    return FALSE;
  if (has_open_parameter (description))
    {
      say_well (path,
                "a description with %u parameters, some of which must be given; its "
                "elements are checked when they are",
                mer_description_get_n_parameters (description));
      return TRUE;
    }
  graph = mer_choice_build (choice, error);
  if (graph == NULL)
    return FALSE;
  for (GList *l = GST_BIN_CHILDREN (graph); l != NULL; l = l->next)
    give_models (l->data, options->models);
  if (!mer_runner_preflight (graph, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  say_well (path, "a description, parameters: %u",
            mer_description_get_n_parameters (description));
  return TRUE;
}

static gboolean
validate_dataset (const Options *options, const char *path, GError **error)
{
  g_autoptr (MerDataset) dataset = mer_dataset_open (path, NULL, options->root, error);

  if (dataset == NULL)
    return FALSE;
  say_well (path, "a dataset, samples: %u, with a clip: %u, with a truth: %u",
            mer_dataset_get_n_samples (dataset), mer_dataset_count_clips (dataset, NULL),
            mer_dataset_count_truths (dataset));
  return TRUE;
}

static gboolean
validate_batch (const Options *options, const char *path, GError **error)
{
  const MerMatrixOptions beyond
      = { .models = options->models, .allow = (const char *const *) options->allow };
  g_autoptr (MerBatch) batch = mer_batch_load (path, error);
  g_autoptr (GPtrArray) plans
      = batch != NULL ? mer_matrix_plan (batch, &beyond, error) : NULL;

  if (plans == NULL)
    return FALSE;
  for (guint i = 0; i < plans->len; i++)
    if (!mer_plan_check (g_ptr_array_index (plans, i), error))
      {
        g_prefix_error (error, "%s: %s: ", path,
                        mer_plan_get_name (g_ptr_array_index (plans, i)));
        return FALSE;
      }
  say_well (path, "a batch, runs: %u", plans->len);
  return TRUE;
}

static gboolean
validate_models (const Options *options, const char *path, GError **error)
{
  guint n_models = 0;

  if (!mer_models_check_file (path, &n_models, error))
    return FALSE;
  say_well (path, "a models file, models: %u", n_models);
  return TRUE;
}

static gboolean
validate_mapping (const Options *options, const char *path, GError **error)
{
  g_autoptr (MerMapping) mapping = mer_mapping_load (path, error);

  if (mapping != NULL)
    say_well (path, "the mapping %s, sha256 %s", mer_mapping_get_name (mapping),
              mer_mapping_get_sha256 (mapping));
  return mapping != NULL;
}

static gboolean
validate_prompt (const char *path, GError **error)
{
  g_autofree char *full = g_canonicalize_filename (path, NULL);
  g_autoptr (MerPrompt) prompt = mer_prompt_open (full, NULL, error);
  g_autofree char *stages = NULL;

  if (prompt == NULL)
    return FALSE;
  stages = g_strjoinv (", ", (char **) mer_prompt_get_references (prompt));
  say_well (path, "a prompt%s%s%s", *stages != '\0' ? " that reads the stages " : "",
            stages, mer_prompt_uses_subtitle (prompt) ? ", with the subtitle" : "");
  return TRUE;
}

static gboolean
validate_records (const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);
  guint number = 0;

  if (file == NULL)
    return FALSE;

  const char *at = g_mapped_file_get_contents (file);
  const char *end = at + g_mapped_file_get_length (file);

  while (at != NULL && at < end)
    {
      const char *stop = memchr (at, '\n', (gsize) (end - at));
      const gssize length = (stop != NULL ? stop : end) - at;
      g_autoptr (MerSample) sample = NULL;

      number++;
      sample = mer_record_parse_line (path, number, at, length, error);
      if (sample == NULL)
        return FALSE;
      at = stop != NULL ? stop + 1 : end;
    }
  say_well (path, "records: %u", number);
  return TRUE;
}

static gboolean
validate_json (const Options *options, const char *path, GError **error)
{
  static const struct
  {
    const char *format;
    gboolean (*validate) (const Options *options, const char *path, GError **error);
  } kinds[] = {
    { MER_DESCRIPTION_FORMAT, validate_description },
    { MER_DATASET_FORMAT, validate_dataset },
    { MER_BATCH_FORMAT, validate_batch },
    { MER_MODELS_FORMAT, validate_models },
    { "mer-mapping/1", validate_mapping },
  };
  static const char *const names[]
      = { MER_DESCRIPTION_FORMAT, MER_DATASET_FORMAT, MER_BATCH_FORMAT,
          MER_MODELS_FORMAT,      "mer-mapping/1",    NULL };
  g_autoptr (MerJson) json = mer_json_load (path, error);
  const char *format = NULL;

  if (json == NULL || !mer_json_get_string (json, "/format", &format, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].format, format))
      return kinds[i].validate (options, path, error);

  g_autofree char *all = g_strjoinv (", ", (char **) names);
  const char *nearest = mer_nearest_name (format, names);

  mer_json_set_error (json, "/format", error, MER_ERROR_INVALID_FILE,
                      "“%s” is none of our formats; %s%s", format,
                      nearest != NULL ? "did you mean " : "there are ",
                      nearest != NULL ? nearest : all);
  return FALSE;
}

static gboolean
validate_file (const Options *options, const char *path, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND, "%s: there is no such file",
                   path);
      return FALSE;
    }
  if (g_str_has_suffix (path, ".txt") || g_str_has_suffix (path, ".md"))
    return validate_prompt (path, error);
  if (g_str_has_suffix (path, ".jsonl"))
    return validate_records (path, error);
  return validate_json (options, path, error);
}

int
mer_command_validate (int argc, char **argv)
{
  Options options = { 0 };
  const GOptionEntry entries[] = {
    { "models", 0, 0, G_OPTION_ARG_FILENAME, &options.models, "the models file", "FILE" },
    { "root", 0, 0, G_OPTION_ARG_FILENAME, &options.root,
      "the folder with a dataset's tables and clips", "FOLDER" },
    { "allow", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.allow,
      "let descriptions use this element too", "ELEMENT" },
    { NULL },
  };
  g_autoptr (GError) error = NULL;
  int status = MER_EXIT_OK;

  if (!mer_command_parse (&help, entries, &argc, &argv, &status))
    return status;
  if (options.allow != NULL
      && g_strv_contains ((const char *const *) options.allow, "merexec"))
    mer_models_allow_programs ();
  if (argc < 2)
    status = mer_command_usage (NAME, "which file?");
  else if (!mer_environment_init_gst (&error))
    status = mer_command_fail (NAME, error);
  for (int i = 1; i < argc && error == NULL; i++)
    {
      g_autoptr (GError) problem = NULL;

      if (!validate_file (&options, argv[i], &problem))
        status = mer_command_fail (NAME, problem);
    }
  g_strfreev (options.allow);
  g_free (options.models);
  g_free (options.root);
  return status;
}
