/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer mapping import|list|show|lookup */
#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "config/mer-lookup.h"
#include "emotion/mer-label-text.h"
#include "emotion/mer-mapping-import.h"
#include "emotion/mer-mapping.h"
#include "mer-command.h"
#include "mer-output.h"
#include "mer-subcommands.h"
#include "tables/mer-json.h"

/* --- import --- */

/* where `mer` finds it by name afterwards */
static char *
user_path (const char *name, GError **error)
{
  g_autofree char *folder
      = g_build_filename (g_get_user_data_dir (), "gst-mer", "mappings", NULL);
  g_autofree char *file = g_strconcat (name, ".json", NULL);

  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_FAILED, "%s: cannot be made: %s", folder,
                   g_strerror (errno));
      return NULL;
    }
  return g_build_filename (folder, file, NULL);
}

static gboolean
is_name (const char *name)
{
  return *name != '\0' && *name != '.' && strchr (name, '/') == NULL
         && !mer_lookup_is_path (name) && !g_str_equal (name, "builtin");
}

static int
import (const char *folder, const char *name, const char *output, const char *source,
        const char *licence)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (MerMapping) mapping = NULL;

  if (!is_name (name))
    return mer_command_usage ("mapping import",
                              "--name: '%s' cannot be a mapping's name (no '/', no file "
                              "ending, not 'builtin')",
                              name);
  mapping = mer_mapping_import (folder, name, source, licence, &error);
  if (mapping != NULL)
    path = output != NULL ? g_strdup (output) : user_path (name, &error);
  if (path == NULL)
    return mer_command_fail ("mapping import", error);

  g_autofree char *text = mer_mapping_to_json (mapping);
  if (!g_file_set_contents_full (
          path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
          0666, &error))
    return mer_command_fail ("mapping import", error);
  g_autofree char *shown = mer_output_escape (path);
  fprintf (stderr, "%s: mapping '%s', sha256 %s\n", shown, name,
           mer_mapping_get_sha256 (mapping));
  return MER_EXIT_OK;
}

static int
run_import (int argc, char **argv)
{
  g_autofree char *name = NULL, *output = NULL, *source = NULL, *licence = NULL;
  int status = 0;
  const GOptionEntry options[] = {
    { "name", 'n', 0, G_OPTION_ARG_STRING, &name, "what scores will call it (needed)",
      "NAME" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
      "write it here (default: install it for this user under its name)", "FILE" },
    { "source", 0, 0, G_OPTION_ARG_STRING, &source, "where the tables came from", "TEXT" },
    { "licence", 0, 0, G_OPTION_ARG_STRING, &licence, "what they may be used for", "TEXT" },
    { NULL },
  };
  const MerCommandHelp help = {
    "mapping import", "FOLDER",
    "Makes a mapping of the tables that the MER2025 and MER2026 challenges publish with\n"
    "their evaluation code: format.csv, synonym.xlsx, wheel1.xlsx … wheel5.xlsx.",
    "mer mapping import MER2026_Track2/emotion_wheel --name mer2026", NULL
  };

  if (!mer_command_parse (&help, options, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return mer_command_usage ("mapping import", "exactly one folder is needed");
  if (name == NULL)
    return mer_command_usage ("mapping import", "--name is needed");
  return import (argv[1], name, output, source, licence);
}

/* --- list --- */

static void
add_to_list (MerOutput *list, MerMapping *mapping, const char *name)
{
  g_autofree char *forms
      = g_strdup_printf ("%u", g_strv_length ((char **) mer_mapping_get_forms (mapping)));
  const char *source = mer_mapping_get_source (mapping);
  const char *const cells[] = { name, forms, mer_mapping_get_sha256 (mapping), source };

  mer_output_add (list, cells);
}

/* descriptions and models files lie in the same folders */
static gboolean
is_of_another_kind (const char *name, const char *const *extensions)
{
  g_autofree char *path = mer_lookup_file ("mappings", name, extensions, NULL, NULL);
  g_autoptr (MerJson) json = path != NULL ? mer_json_load (path, NULL) : NULL;
  const char *format = NULL;

  return json != NULL && mer_json_get_string (json, "/format", &format, NULL)
         && !g_str_has_prefix (format, "mer-mapping/");
}

static int
run_list (int argc, char **argv)
{
  static const MerOutputColumn columns[]
      = { { "name", FALSE }, { "forms", TRUE }, { "sha256", FALSE }, { "source", FALSE } };
  static const char *const extensions[] = { ".json", NULL };
  g_autofree char *format_text = NULL;
  MerOutputFormat format;
  g_autoptr (GError) error = NULL;
  int status = 0;
  const GOptionEntry options[] = {
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format_text, MER_OUTPUT_FORMATS, "FORMAT" },
    { NULL },
  };
  const MerCommandHelp help
      = { "mapping list", "", "Lists the mappings that are found by name.",
          "mer mapping list", NULL };

  if (!mer_command_parse (&help, options, &argc, &argv, &status))
    return status;
  if (!mer_output_parse_format (format_text, &format, &error))
    return mer_command_fail ("mapping list", error);

  g_autoptr (MerOutput) list = mer_output_new (columns, G_N_ELEMENTS (columns));
  g_auto (GStrv) names = mer_lookup_list_names ("mappings", extensions, NULL);
  MerMapping *builtin = mer_mapping_get_builtin ();

  if (builtin != NULL)
    add_to_list (list, builtin, "builtin");
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autoptr (GError) problem = NULL;
      g_autoptr (MerMapping) mapping = mer_mapping_open (names[i], NULL, &problem);

      if (mapping != NULL)
        add_to_list (list, mapping, names[i]);
      else if (!is_of_another_kind (names[i], extensions))
        mer_command_warn ("mapping list", "%s", problem->message);
    }
  mer_output_print (list, format, stdout);
  return MER_EXIT_OK;
}

/* --- show --- */

static void
add_field (MerOutput *output, const char *field, const char *value)
{
  const char *const cells[] = { field, value, NULL };

  if (value != NULL)
    mer_output_add (output, cells);
}

static char *
join_groups (MerMapping *mapping, guint metric)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < mer_mapping_get_n_groups (mapping, metric); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            mer_mapping_get_group_name (mapping, metric, i));
  return g_string_free (names, FALSE);
}

static int
show (MerMapping *mapping, MerOutputFormat format)
{
  static const MerOutputColumn columns[] = { { "what", FALSE }, { "value", FALSE } };
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));
  g_autofree char *forms
      = g_strdup_printf ("%u", g_strv_length ((char **) mer_mapping_get_forms (mapping)));
  g_autofree char *words = NULL;
  guint n_words = 0;

  for (const char *const *w = mer_mapping_get_words (mapping); *w != NULL; w++)
    n_words += mer_mapping_get_wheel_words (mapping, *w) != NULL;
  words = g_strdup_printf ("%u", n_words);
  add_field (output, "name", mer_mapping_get_name (mapping));
  add_field (output, "sha256", mer_mapping_get_sha256 (mapping));
  add_field (output, "source", mer_mapping_get_source (mapping));
  add_field (output, "licence", mer_mapping_get_licence (mapping));
  add_field (output, "forms", forms);
  add_field (output, "base words with a wheel word", words);
  for (guint metric = MER_METRIC_W1L1; metric < MER_N_METRICS; metric++)
    {
      g_autofree char *groups = join_groups (mapping, metric);

      add_field (output, mer_metric_get_name (metric), groups);
    }
  mer_output_print (output, format, stdout);
  return MER_EXIT_OK;
}

static int
run_show (int argc, char **argv)
{
  gboolean as_json = FALSE;
  g_autofree char *format_text = NULL;
  MerOutputFormat format;
  g_autoptr (GError) error = NULL;
  int status = 0;
  const GOptionEntry options[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "print the whole mapping as its file",
      NULL },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format_text, MER_OUTPUT_FORMATS, "FORMAT" },
    { NULL },
  };
  const MerCommandHelp help
      = { "mapping show", "[MAPPING]",
          "Shows what a mapping is made of. MAPPING is a name, a file or 'builtin' "
          "(default).",
          "mer mapping show mer2026", NULL };

  if (!mer_command_parse (&help, options, &argc, &argv, &status))
    return status;
  if (argc > 2)
    return mer_command_usage ("mapping show", "one mapping at a time");
  if (!mer_output_parse_format (format_text, &format, &error))
    return mer_command_fail ("mapping show", error);

  g_autoptr (MerMapping) mapping
      = mer_mapping_open (argc > 1 ? argv[1] : "builtin", NULL, &error);
  if (mapping == NULL)
    return mer_command_fail ("mapping show", error);
  if (!as_json)
    return show (mapping, format);

  g_autofree char *text = mer_mapping_to_json (mapping);
  fputs (text, stdout);
  return MER_EXIT_OK;
}

/* --- lookup --- */

static const MerOutputColumn lookup_columns[] = {
  { "word", FALSE },
  { "metric", FALSE },
  { "group", FALSE },
  { "why", FALSE },
};

static char *
join (const char *const *words)
{
  return words != NULL ? g_strjoinv (", ", (char **) words) : g_strdup ("");
}

static int
compare_words (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* the wheel words of all base words, sorted and each once */
static GPtrArray *
all_wheel_words (MerMapping *mapping, const char *const *bases)
{
  GPtrArray *words = g_ptr_array_new ();

  for (; bases != NULL && *bases != NULL; bases++)
    {
      const char *const *more = mer_mapping_get_wheel_words (mapping, *bases);

      for (; more != NULL && *more != NULL; more++)
        if (!g_ptr_array_find_with_equal_func (words, *more, g_str_equal, NULL))
          g_ptr_array_add (words, (char *) *more);
    }
  g_ptr_array_sort (words, compare_words);
  g_ptr_array_add (words, NULL);
  return words;
}

static char *
explain_wheel (MerMapping *mapping, MerMetric metric, GPtrArray *wheel_words)
{
  gboolean inner = metric < MER_METRIC_W1L2;
  guint wheel = metric - (inner ? MER_METRIC_W1L1 : MER_METRIC_W1L2);
  g_autofree char *all = join ((const char *const *) wheel_words->pdata);

  for (guint i = 0; wheel_words->pdata[i] != NULL; i++)
    if (mer_mapping_get_cluster (mapping, wheel, inner ? 1 : 2, wheel_words->pdata[i]))
      return g_strdup_printf ("'%s' is the first of its wheel words (%s) in wheel %u",
                              (char *) wheel_words->pdata[i], all, wheel + 1);
  if (wheel_words->pdata[0] == NULL)
    return g_strdup ("dropped: no base word has a wheel word");
  return g_strdup_printf ("dropped: none of its wheel words (%s) is in wheel %u", all,
                          wheel + 1);
}

static char *
explain (MerMapping *mapping, MerMetric metric, const char *word, GPtrArray *wheel_words)
{
  const char *const *bases = mer_mapping_get_base_words (mapping, word);
  g_autofree char *all = join (bases);

  if (bases == NULL)
    return g_strdup ("dropped: no word of the mapping has this form");
  if (metric == MER_METRIC_M1)
    return g_strdup_printf ("the alphabetically first of its base words (%s)", all);
  if (metric != MER_METRIC_M2)
    return explain_wheel (mapping, metric, wheel_words);

  g_autofree char *of_first = join (mer_mapping_get_wheel_words (mapping, bases[0]));
  if (*of_first == '\0')
    return g_strdup_printf ("dropped: its first base word '%s' has no wheel word",
                            bases[0]);
  return g_strdup_printf ("the first wheel word of its first base word '%s' (%s)", bases[0],
                          of_first);
}

static void
look_up (MerMapping *mapping, const char *word, MerOutput *output)
{
  g_autofree char *key = mer_label_text_key (word, -1);
  const char *const *bases = mer_mapping_get_base_words (mapping, key);
  g_autoptr (GPtrArray) wheel_words = all_wheel_words (mapping, bases);

  for (guint metric = 0; metric < MER_N_METRICS; metric++)
    {
      g_autofree char *why = explain (mapping, metric, key, wheel_words);
      const char *group = mer_mapping_group (mapping, metric, key);
      const char *const cells[]
          = { key, mer_metric_get_name (metric), group != NULL ? group : "-", why };

      mer_output_add (output, cells);
    }
  if (bases != NULL)
    return;

  const char *nearest = mer_nearest_name (key, mer_mapping_get_forms (mapping));
  if (nearest != NULL)
    mer_command_warn ("mapping lookup", "'%s' is not known; a near form is '%s'", key,
                      nearest);
}

static int
run_lookup (int argc, char **argv)
{
  g_autofree char *name = NULL, *format_text = NULL;
  MerOutputFormat format;
  g_autoptr (GError) error = NULL;
  int status = 0;
  const GOptionEntry options[] = {
    { "mapping", 'm', 0, G_OPTION_ARG_FILENAME, &name,
      "a name, a file or 'builtin' (default)", "MAPPING" },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format_text, MER_OUTPUT_FORMATS, "FORMAT" },
    { NULL },
  };
  const MerCommandHelp help
      = { "mapping lookup", "WORD…", "Says what each metric makes of a word, and why.",
          "mer mapping lookup --mapping mer2026 'let down'", NULL };

  if (!mer_command_parse (&help, options, &argc, &argv, &status))
    return status;
  if (argc < 2)
    return mer_command_usage ("mapping lookup", "which word?");
  if (!mer_output_parse_format (format_text, &format, &error))
    return mer_command_fail ("mapping lookup", error);

  g_autoptr (MerMapping) mapping
      = mer_mapping_open (name != NULL ? name : "builtin", NULL, &error);
  if (mapping == NULL)
    return mer_command_fail ("mapping lookup", error);

  g_autoptr (MerOutput) output
      = mer_output_new (lookup_columns, G_N_ELEMENTS (lookup_columns));
  for (int i = 1; i < argc; i++)
    look_up (mapping, argv[i], output);
  mer_output_print (output, format, stdout);
  return MER_EXIT_OK;
}

/* --- */

static const MerCommand subcommands[] = {
  { "import", "make a mapping of the challenges' tables", run_import },
  { "list", "list the mappings that are found by name", run_list },
  { "show", "show what a mapping is made of", run_show },
  { "lookup", "say what each metric makes of a word, and why", run_lookup },
};

int
mer_command_mapping (int argc, char **argv)
{
  if (argc < 2)
    return mer_command_usage ("mapping", "which of import, list, show, lookup?");
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h"))
    {
      printf ("Usage: mer mapping COMMAND [OPTION…] …\n\n"
              "A mapping is an emotion vocabulary: word forms → base words → wheel words → "
              "clusters\nof five wheels at two levels. Every score names its mapping.\n\n");
      mer_command_print_list (subcommands, G_N_ELEMENTS (subcommands));
      printf ("\nExample:\n  mer mapping lookup happily\n");
      return MER_EXIT_OK;
    }

  const MerCommand *command
      = mer_command_find (subcommands, G_N_ELEMENTS (subcommands), "mapping", argv[1]);
  return command != NULL ? command->run (argc - 1, argv + 1) : MER_EXIT_INPUT;
}
