/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer models: which there are, what an entry is made of, whether a file is good */
#include <stdio.h>
#include <string.h>

#include "config/mer-models.h"
#include "mer-command.h"
#include "mer-environment.h"
#include "mer-models-check.h"
#include "mer-output.h"
#include "mer-subcommands.h"
#include "tables/mer-json.h"

typedef struct
{
  char *models;
  char *format;
  char *modality;
  char *group;
  char *backend;
  gboolean entry;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->models);
  g_free (options->format);
  g_free (options->modality);
  g_free (options->group);
  g_free (options->backend);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static const char *
text_of (JsonNode *entry, const char *member)
{
  const char *text = mer_json_node_string (entry, member);

  return text != NULL ? text : "";
}

static char *
join_strings (JsonNode *node, const char *separator)
{
  JsonArray *array
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? separator : "",
                            json_node_get_string (json_array_get_element (array, i)));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* --- list --- */

/* each of the asked modalities must be there */
static gboolean
takes (JsonNode *entry, const char *asked)
{
  g_autofree char *has = join_strings (mer_json_node_member (entry, "modalities"), ",");
  g_auto (GStrv) names = g_strsplit (has, ",", -1);
  g_auto (GStrv) wanted = g_strsplit_set (asked, ",+", -1);

  for (guint i = 0; wanted[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) names, wanted[i]))
      return FALSE;
  return TRUE;
}

/* what stands for a server alone is shown when it is asked for */
static gboolean
is_wanted (const Options *options, JsonNode *entry)
{
  const char *group = text_of (entry, "group");

  if (options->group != NULL ? !g_str_equal (options->group, group)
                             : g_str_equal (group, "server"))
    return FALSE;
  if (options->backend != NULL
      && !g_str_equal (options->backend, text_of (entry, "backend")))
    return FALSE;
  return options->modality == NULL || takes (entry, options->modality);
}

static void
list_entry (MerOutput *output, const char *name, JsonNode *entry)
{
  g_autofree char *modalities
      = join_strings (mer_json_node_member (entry, "modalities"), "+");
  const char *const cells[] = { name,
                                text_of (entry, "group"),
                                modalities,
                                text_of (entry, "backend"),
                                text_of (entry, "thinking"),
                                text_of (entry, "licence"),
                                text_of (entry, "summary"),
                                NULL };

  mer_output_add (output, cells);
}

static gboolean
check_filters (const Options *options, GError **error)
{
  static const char *const modalities[] = { "audio", "video", "text", NULL };
  g_auto (GStrv) wanted
      = g_strsplit_set (options->modality != NULL ? options->modality : "", ",+", -1);

  for (guint i = 0; wanted[i] != NULL; i++)
    if (*wanted[i] != '\0' && !g_strv_contains (modalities, wanted[i]))
      {
        g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                     "--modality '%s' is not known; there are: audio, video, text",
                     wanted[i]);
        return FALSE;
      }
  return TRUE;
}

static int
print_list (const Options *options, MerModels *models, MerOutputFormat format)
{
  static const MerOutputColumn columns[]
      = { { "model", FALSE },   { "group", FALSE },    { "takes", FALSE },
          { "element", FALSE }, { "thinking", FALSE }, { "licence", FALSE },
          { "what", FALSE } };
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));
  g_auto (GStrv) names = mer_models_dup_names (models);
  int status = MER_EXIT_OK;

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      JsonNode *entry = mer_models_get_entry (models, names[i], &error);

      if (entry == NULL)
        status = mer_command_fail ("models list", error);
      else if (is_wanted (options, entry))
        list_entry (output, names[i], entry);
    }
  mer_output_print (output, format, stdout);
  return status;
}

/* parses, opens the models, and leaves the rest of the arguments; %NULL: @status holds */
static MerModels *
begin (const MerCommandHelp *help, const GOptionEntry *entries, Options *options, int *argc,
       char ***argv, MerOutputFormat *format, int *status)
{
  g_autoptr (GError) error = NULL;
  MerModels *models = NULL;

  if (!mer_command_parse (help, entries, argc, argv, status))
    return NULL;
  if (mer_output_parse_format (options->format, format, &error)
      && check_filters (options, &error))
    models = mer_models_open (options->models, NULL, &error);
  if (models == NULL)
    *status = mer_command_fail (help->name, error);
  return models;
}

#define MODELS_OPTION(options)                                                             \
  {                                                                                        \
    "models", 0, 0, G_OPTION_ARG_FILENAME, &(options).models,                              \
        "a models file that counts more than the others", "FILE"                           \
  }
#define FORMAT_OPTION(options)                                                             \
  {                                                                                        \
    "format", 'f', 0, G_OPTION_ARG_STRING, &(options).format, MER_OUTPUT_FORMATS, "FORMAT" \
  }

static int
run_list (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  MerOutputFormat format;
  int status = 0;
  const GOptionEntry entries[] = {
    { "modality", 'm', 0, G_OPTION_ARG_STRING, &options.modality,
      "those that take it: audio, video, text, or several joined by +", "MODALITY" },
    { "group", 'g', 0, G_OPTION_ARG_STRING, &options.group,
      "general, modality-specialised, reasoning-enhanced or server", "GROUP" },
    { "backend", 'b', 0, G_OPTION_ARG_STRING, &options.backend,
      "those that this element asks, such as meropenai", "ELEMENT" },
    MODELS_OPTION (options),
    FORMAT_OPTION (options),
    { NULL },
  };
  const MerCommandHelp help
      = { "models list", "", "Lists the models: those of your files, then the catalogue.",
          "mer models list --modality audio+video",
          "Entries that stand for a server and not for a model are listed with\n"
          "--group server." };
  g_autoptr (MerModels) models
      = begin (&help, entries, &options, &argc, &argv, &format, &status);

  return models != NULL ? print_list (&options, models, format) : status;
}

/* --- show --- */

static char *
describe_value (MerModels *models, const char *model, const char *name, JsonNode *value)
{
  const gboolean is_text
      = JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING;

  if (is_text && g_str_equal (name, "start"))
    return mer_models_dup_start (models, model);
  if (is_text && g_str_equal (name, "api-key-env"))
    return g_strdup_printf ("%s (%s)", json_node_get_string (value),
                            g_getenv (json_node_get_string (value)) != NULL ? "set"
                                                                            : "not set");
  if (is_text)
    return json_node_dup_string (value);
  if (JSON_NODE_HOLDS_ARRAY (value))
    return join_strings (value, g_str_equal (name, "modalities") ? "+" : "; ");
  return mer_json_canonical (value);
}

static void
show_value (MerOutput *output, MerModels *models, const char *model, const char *shown,
            const char *place, JsonNode *value)
{
  const char *origin = mer_models_get_origin (models, model, place);
  const char *dot = strrchr (shown, '.');
  g_autofree char *text
      = describe_value (models, model, dot != NULL ? dot + 1 : shown, value);
  const char *const cells[] = { model, shown, origin != NULL ? origin : "", text, NULL };

  mer_output_add (output, cells);
}

static void
show_member (MerOutput *output, MerModels *models, const char *model, const char *name,
             JsonNode *value)
{
  g_autofree char *place = mer_json_pointer ("", name);
  JsonObjectIter iter;
  const char *member = NULL;
  JsonNode *inner = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (value))
    {
      show_value (output, models, model, name, place, value);
      return;
    }
  json_object_iter_init (&iter, json_node_get_object (value));
  while (json_object_iter_next (&iter, &member, &inner))
    {
      g_autofree char *below = mer_json_pointer (place, member);
      g_autofree char *shown = g_strdup_printf ("%s.%s", name, member);

      show_value (output, models, model, shown, below, inner);
    }
}

static int
print_entries (MerModels *models, char **names)
{
  for (; *names != NULL; names++)
    {
      g_autoptr (GError) error = NULL;
      JsonNode *entry = mer_models_get_entry (models, *names, &error);
      g_autofree char *text = entry != NULL ? mer_json_pretty (entry) : NULL;

      if (entry == NULL)
        return mer_command_fail ("models show", error);
      printf ("%s\n", text);
    }
  return MER_EXIT_OK;
}

static int
print_values (MerModels *models, char **names, MerOutputFormat format)
{
  static const char *const order[]
      = { "summary", "backend",  "properties",  "modalities", "limits",
          "group",   "thinking", "thinking-by", "prices",     "start",
          "licence", "source",   "as-of",       "tested",     "notes" };
  static const MerOutputColumn columns[]
      = { { "model", FALSE }, { "name", FALSE }, { "file", FALSE }, { "value", FALSE } };
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));

  for (; *names != NULL; names++)
    {
      g_autoptr (GError) error = NULL;
      JsonNode *entry = mer_models_get_entry (models, *names, &error);

      if (entry == NULL)
        return mer_command_fail ("models show", error);
      for (guint i = 0; i < G_N_ELEMENTS (order); i++)
        {
          JsonNode *value = mer_json_node_member (entry, order[i]);

          if (value != NULL)
            show_member (output, models, *names, order[i], value);
        }
    }
  mer_output_print (output, format, stdout);
  return MER_EXIT_OK;
}

static int
run_show (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  MerOutputFormat format;
  int status = 0;
  const GOptionEntry entries[] = {
    { "entry", 0, 0, G_OPTION_ARG_NONE, &options.entry,
      "print the entry as it would stand in a file", NULL },
    MODELS_OPTION (options),
    FORMAT_OPTION (options),
    { NULL },
  };
  const MerCommandHelp help
      = { "models show", "NAME…",
          "Shows what an entry is made of: each value, and the file that says so; how its\n"
          "server is started, its licence, and what was tested.",
          "mer models show qwen2.5-vl-7b", NULL };
  g_autoptr (MerModels) models
      = begin (&help, entries, &options, &argc, &argv, &format, &status);

  if (models == NULL)
    return status;
  if (argc < 2)
    return mer_command_usage ("models show", "which model? mer models list shows all");
  return options.entry ? print_entries (models, argv + 1)
                       : print_values (models, argv + 1, format);
}

/* --- check --- */

static int
run_check (int argc, char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  const MerCommandHelp help
      = { "models check", "FILE…",
          "Reads files of models as a run would, and makes the element of each entry.",
          "mer models check ~/.local/share/gst-mer/models.json", NULL };
  int status = 0;

  if (!mer_command_parse (&help, entries, &argc, &argv, &status))
    return status;
  if (argc < 2)
    return mer_command_usage ("models check", "which file?");
  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GError) error = NULL;
      guint n_models = 0;

      if (!mer_environment_init_gst (&error)
          || !mer_models_check_file (argv[i], &n_models, &error))
        status = mer_command_fail ("models check", error);
      else
        printf ("%s: well, models: %u\n", argv[i], n_models);
    }
  return status;
}

/* --- */

static const MerCommand subcommands[] = {
  { "list", "list the models", run_list },
  { "show", "show what an entry is made of, and from which file", run_show },
  { "check", "check files of models as a run would", run_check },
};

int
mer_command_models (int argc, char **argv)
{
  if (argc < 2)
    return mer_command_usage ("models", "which of list, show, check?");
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h"))
    {
      printf (
          "Usage: mer models COMMAND [OPTION…] …\n\n"
          "Models by name: who asks them, how, what they take and cost. The catalogue has\n"
          "one for each model that the field evaluates; what your own files say counts\n"
          "more (docs/files.md).\n\n");
      mer_command_print_list (subcommands, G_N_ELEMENTS (subcommands));
      printf ("\nExample:\n  mer models list --modality video --group general\n");
      return MER_EXIT_OK;
    }

  const MerCommand *command
      = mer_command_find (subcommands, G_N_ELEMENTS (subcommands), "models", argv[1]);
  return command != NULL ? command->run (argc - 1, argv + 1) : MER_EXIT_INPUT;
}
