/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer inspect: elements, descriptions, models, stores */
#include <stdio.h>
#include <string.h>

#include <gst/gst.h>

#include "config/mer-dataset.h"
#include "config/mer-description.h"
#include "config/mer-lookup.h"
#include "config/mer-models.h"
#include "config/mer-property.h"
#include "mer-command.h"
#include "mer-environment.h"
#include "mer-output.h"
#include "mer-store-print.h"
#include "mer-subcommands.h"
#include "tables/mer-json.h"

#define NAME "inspect"

static const MerCommandHelp help = {
  NAME,
  "[ELEMENT|DESCRIPTION|FILE]",
  "Shows what there is: elements by kind and descriptions; an element's properties; a\n"
  "description's parameters; a models file; the runs of a .mer file.",
  "mer inspect mermodel",
  NULL,
};

static gboolean
is_ours (GstElementFactory *factory)
{
  return gst_element_factory_get_metadata (factory, "mer-kind") != NULL
         || g_str_has_prefix (GST_OBJECT_NAME (factory), "mer");
}

static int
compare_factories (gconstpointer a, gconstpointer b)
{
  GstElementFactory *x = (GstElementFactory *) a, *y = (GstElementFactory *) b;
  int order = g_strcmp0 (gst_element_factory_get_metadata (x, "mer-kind"),
                         gst_element_factory_get_metadata (y, "mer-kind"));

  return order != 0 ? order : strcmp (GST_OBJECT_NAME (x), GST_OBJECT_NAME (y));
}

static const char *
metadata (GstElementFactory *factory, const char *key)
{
  const char *text = gst_element_factory_get_metadata (factory, key);

  return text != NULL ? text : "";
}

/* from the registry alone: no plug-in is loaded for it */
static void
print_elements (MerOutputFormat format)
{
  static const MerOutputColumn columns[] = { { "kind", FALSE },
                                             { "element", FALSE },
                                             { "protocol", FALSE },
                                             { "modalities", FALSE },
                                             { "what", FALSE } };
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));
  GList *all
      = gst_registry_get_feature_list (gst_registry_get (), GST_TYPE_ELEMENT_FACTORY);

  all = g_list_sort (all, compare_factories);
  for (GList *l = all; l != NULL; l = l->next)
    {
      GstElementFactory *factory = l->data;
      const char *const cells[]
          = { metadata (factory, "mer-kind"),     GST_OBJECT_NAME (factory),
              metadata (factory, "mer-protocol"), metadata (factory, "mer-modalities"),
              metadata (factory, "description"),  NULL };

      if (is_ours (factory))
        mer_output_add (output, cells);
    }
  mer_output_print (output, format, stdout);
  gst_plugin_feature_list_free (all);
}

static void
print_descriptions (MerOutputFormat format)
{
  static const char *const extensions[] = { ".json", NULL };
  static const MerOutputColumn columns[]
      = { { "description", FALSE }, { "what", FALSE }, { "file", FALSE } };
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));
  g_auto (GStrv) names = mer_lookup_list_names ("descriptions", extensions, NULL);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (MerDescription) description
          = mer_description_open (names[i], NULL, NULL, NULL);
      const char *summary
          = description != NULL ? mer_description_get_summary (description) : NULL;

      if (description == NULL)
        continue;

      const char *const cells[] = { names[i], summary != NULL ? summary : "",
                                    mer_description_get_path (description), NULL };

      mer_output_add (output, cells);
    }
  mer_output_print (output, format, stdout);
}

/* what an element has where nothing is set, which subclasses may have changed */
static char *
default_text (GstElement *element, GParamSpec *spec)
{
  g_auto (GValue) value = G_VALUE_INIT;
  char *text = NULL;

  g_value_init (&value, G_PARAM_SPEC_VALUE_TYPE (spec));
  if (spec->flags & G_PARAM_READABLE)
    g_object_get_property (G_OBJECT (element), spec->name, &value);
  else
    g_param_value_set_default (spec, &value);
  if (G_VALUE_HOLDS_STRING (&value))
    return g_value_dup_string (&value);
  if (G_VALUE_HOLDS_BOXED (&value) && g_value_get_boxed (&value) == NULL)
    return NULL;
  text = mer_property_text_from_value (&value);
  return text;
}

static int
print_element (GstElementFactory *factory, MerOutputFormat format)
{
  static const MerOutputColumn columns[] = {
    { "property", FALSE }, { "type", FALSE }, { "default", FALSE }, { "what", FALSE }
  };
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (GstElement) element = gst_element_factory_create (factory, NULL);
  g_autofree GParamSpec **specs = NULL;
  guint n_specs = 0;

  if (element == NULL)
    return mer_command_usage (NAME, "%s cannot be made; see mer doctor",
                              GST_OBJECT_NAME (factory));
  gst_object_ref_sink (element);
  if (format == MER_OUTPUT_TABLE)
    printf ("%s: %s\n\nExample:\n  %s\n\n", GST_OBJECT_NAME (factory),
            metadata (factory, "description"), metadata (factory, "mer-example"));
  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n_specs);
  for (guint i = 0; i < n_specs; i++)
    {
      g_autofree char *fallback = default_text (element, specs[i]);
      const char *const cells[]
          = { specs[i]->name, g_type_name (G_PARAM_SPEC_VALUE_TYPE (specs[i])),
              fallback != NULL ? fallback : "", g_param_spec_get_blurb (specs[i]), NULL };

      if (!g_str_equal (specs[i]->name, "parent") && !g_str_equal (specs[i]->name, "name"))
        mer_output_add (output, cells);
    }
  mer_output_print (output, format, stdout);
  return MER_EXIT_OK;
}

static int
print_description (const char *name, char **allow, MerOutputFormat format)
{
  static const MerOutputColumn columns[] = { { "parameter", FALSE },
                                             { "values", FALSE },
                                             { "default", FALSE },
                                             { "sets", FALSE },
                                             { "what", FALSE } };
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (GError) error = NULL;
  g_autoptr (MerDescription) description
      = mer_description_open (name, NULL, (const char *const *) allow, &error);

  if (description == NULL)
    return mer_command_fail (NAME, error);
  if (format == MER_OUTPUT_TABLE)
    {
      g_auto (GStrv) launch = mer_description_dup_launch (description);
      g_autofree char *joined = g_strjoinv ("\n  ", launch);
      g_autofree char *safe = mer_output_escape (mer_description_get_name (description));

      printf ("%s\n  %s\n\n", safe, joined);
    }
  for (guint i = 0; i < mer_description_get_n_parameters (description); i++)
    {
      const MerParameter *parameter = mer_description_get_parameter (description, i);
      g_autofree char *values = mer_parameter_describe (parameter);
      g_autofree char *fallback
          = parameter->fallback != NULL
                ? mer_json_canonical (parameter->fallback)
                : g_strdup (parameter->optional ? "(left as it is)" : "(must be given)");
      g_autofree char *sets = g_strjoinv (" ", parameter->sets);
      const char *const cells[] = { parameter->name,
                                    values,
                                    fallback,
                                    sets,
                                    parameter->summary != NULL ? parameter->summary : "",
                                    NULL };

      mer_output_add (output, cells);
    }
  mer_output_print (output, format, stdout);
  return MER_EXIT_OK;
}

static int
print_models (const char *path, MerOutputFormat format)
{
  static const MerOutputColumn columns[]
      = { { "model", FALSE }, { "element", FALSE }, { "what", FALSE } };
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (GError) error = NULL;
  g_autoptr (MerModels) models = mer_models_open (path, NULL, &error);
  g_auto (GStrv) names = models != NULL ? mer_models_dup_own_names (models) : NULL;

  if (models == NULL)
    return mer_command_fail (NAME, error);
  for (guint i = 0; names[i] != NULL; i++)
    {
      if (mer_models_get_entry (models, names[i], &error) == NULL)
        return mer_command_fail (NAME, error);

      const char *summary = mer_models_get_summary (models, names[i]);
      const char *const cells[] = { names[i], mer_models_get_backend (models, names[i]),
                                    summary != NULL ? summary : "", NULL };

      mer_output_add (output, cells);
    }
  mer_output_print (output, format, stdout);
  return MER_EXIT_OK;
}

static const char *
sniff_format (const char *path, MerJson **json)
{
  *json = g_file_test (path, G_FILE_TEST_IS_REGULAR) && g_str_has_suffix (path, ".json")
              ? mer_json_load (path, NULL)
              : NULL;
  return *json != NULL ? mer_json_node_string (mer_json_get_root (*json), "format") : NULL;
}

static int
print_one (const char *name, char **allow, MerOutputFormat format)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (name);
  g_autoptr (MerJson) json = NULL;
  const char *kind = sniff_format (name, &json);

  if (factory != NULL)
    return print_element (factory, format);
  if (mer_store_print_wants (name))
    return mer_store_print_runs (NAME, name, format);
  if (g_strcmp0 (kind, MER_MODELS_FORMAT) == 0)
    return print_models (name, format);
  return print_description (name, allow, format);
}

int
mer_command_inspect (int argc, char **argv)
{
  g_autofree char *format_name = NULL;
  g_auto (GStrv) allow = NULL;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &format_name, MER_OUTPUT_FORMATS, "FORMAT" },
    { "allow", 0, 0, G_OPTION_ARG_STRING_ARRAY, &allow,
      "let the description use this element too", "ELEMENT" },
    { NULL },
  };
  MerOutputFormat format = MER_OUTPUT_TABLE;
  g_autoptr (GError) error = NULL;
  int status = MER_EXIT_OK;

  if (!mer_command_parse (&help, entries, &argc, &argv, &status))
    return status;
  if (argc > 2)
    return mer_command_usage (NAME, "one thing at a time");
  if ((format_name != NULL && !mer_output_parse_format (format_name, &format, &error))
      || !mer_environment_init_gst (&error))
    return mer_command_fail (NAME, error);
  if (argc == 2)
    return print_one (argv[1], allow, format);
  print_elements (format);
  if (format == MER_OUTPUT_TABLE || format == MER_OUTPUT_MARKDOWN)
    {
      printf ("\n");
      print_descriptions (format);
    }
  return MER_EXIT_OK;
}
