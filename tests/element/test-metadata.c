/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what gst-inspect-1.0 shows of every element: somebody has nothing else to go by */
#include "support/mer-test.h"

#include <string.h>

#include <gst/gst.h>

#include <mer.h>

#define COMMAND "gst-launch-1.0 "

static void
check_example (GstElementFactory *factory)
{
  g_assert (factory != NULL);

  const char *name = GST_OBJECT_NAME (factory);
  const char *example = gst_element_factory_get_metadata (factory, "mer-example");
  g_autoptr (GError) error = NULL;

  if (example == NULL || !g_str_has_prefix (example, COMMAND)
      || strstr (example, name) == NULL)
    fail_msg ("%s: no example launch line: %s", name, example);

  g_autoptr (GstElement) graph = gst_parse_launch_full (
      example + strlen (COMMAND), NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);

  if (graph == NULL)
    fail_msg ("%s: %s: %s", name, example, error->message);
}

/* a name in capitals is what code calls it, not what it means */
static void
check_values (const char *name, GParamSpec *spec)
{
  GType type = G_PARAM_SPEC_VALUE_TYPE (spec);
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);

  if (G_TYPE_IS_ENUM (type))
    for (guint i = 0; i < ((GEnumClass *) klass)->n_values; i++)
      if (g_str_has_prefix (((GEnumClass *) klass)->values[i].value_name, "MER_"))
        fail_msg ("%s: %s: a value is not described", name, spec->name);
  if (G_TYPE_IS_FLAGS (type))
    for (guint i = 0; i < ((GFlagsClass *) klass)->n_values; i++)
      if (g_str_has_prefix (((GFlagsClass *) klass)->values[i].value_name, "MER_"))
        fail_msg ("%s: %s: a value is not described", name, spec->name);
}

static void
check_properties (GstElementFactory *factory)
{
  g_autoptr (GstElement) element
      = gst_object_ref_sink (gst_element_factory_create (factory, NULL));
  g_autofree GParamSpec **specs = NULL;
  guint n = 0;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n);
  for (guint i = 0; i < n; i++)
    {
      const char *blurb = g_param_spec_get_blurb (specs[i]);

      if (!g_str_has_prefix (g_type_name (specs[i]->owner_type), "Mer"))
        continue;
      if (blurb == NULL || strlen (blurb) < 10 || g_str_has_suffix (blurb, "."))
        fail_msg ("%s: %s: the blurb is “%s”", GST_OBJECT_NAME (factory), specs[i]->name,
                  blurb);
      if (G_TYPE_IS_CLASSED (G_PARAM_SPEC_VALUE_TYPE (specs[i])))
        check_values (GST_OBJECT_NAME (factory), specs[i]);
    }
}

static void
test_elements (void **state)
{
  static const char *const names[]
      = { "merdatasetsrc", "mercollect", "mermedia",      "merprosody",   "mermotion",
          "merlexicon",    "mermodel",   "meropenai",     "meranthropic", "mergemini",
          "merollama",     "merreplay",  "mervote",       "merunion",     "mercascade",
          "mermerge",      "merlabels",  "merwheelscore", "merstoresink", "mersampleenc",
          "mersampledec" };

  (void) state;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GstElementFactory) factory = gst_element_factory_find (names[i]);

      if (factory == NULL)
        fail_msg ("there is no element %s", names[i]);
      assert_non_null (gst_element_factory_get_metadata (factory, "mer-kind"));
      check_example (factory);
      check_properties (factory);
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test (test_elements) };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
