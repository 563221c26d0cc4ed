/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/mer-property.h"

#include "config/mer-lookup.h"
#include "tables/mer-json.h"

#include <string.h>

static const char *
element_kind (GstElement *element)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  return factory != NULL ? GST_OBJECT_NAME (factory) : G_OBJECT_TYPE_NAME (element);
}

static char **
list_properties (GstElement *element)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autofree GParamSpec **specs = NULL;
  guint n_specs = 0;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n_specs);
  for (guint i = 0; i < n_specs; i++)
    if ((specs[i]->flags & G_PARAM_WRITABLE) != 0
        && !g_str_equal (specs[i]->name, "parent"))
      g_strv_builder_add (names, specs[i]->name);
  return g_strv_builder_end (names);
}

/**
 * mer_property_find:
 * @element: an element
 * @name: what somebody wrote
 * @error: return location for an error that names the nearest property
 *
 * Returns: (transfer none) (nullable): the property, which can be written
 */
GParamSpec *
mer_property_find (GstElement *element, const char *name, GError **error)
{
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (element), name);

  if (spec != NULL && (spec->flags & G_PARAM_WRITABLE) != 0)
    return spec;

  g_auto (GStrv) names = list_properties (element);
  const char *nearest = mer_nearest_name (name, (const char *const *) names);

  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
               "%s has no property “%s”%s%s%s; see gst-inspect-1.0 %s",
               element_kind (element), name, nearest != NULL ? "; did you mean “" : "",
               nearest != NULL ? nearest : "", nearest != NULL ? "”?" : "",
               element_kind (element));
  return NULL;
}

/* what may stand there, for people */
static char *
describe_range (GParamSpec *spec)
{
  if (G_IS_PARAM_SPEC_INT (spec))
    return g_strdup_printf ("%d to %d", G_PARAM_SPEC_INT (spec)->minimum,
                            G_PARAM_SPEC_INT (spec)->maximum);
  if (G_IS_PARAM_SPEC_UINT (spec))
    return g_strdup_printf ("%u to %u", G_PARAM_SPEC_UINT (spec)->minimum,
                            G_PARAM_SPEC_UINT (spec)->maximum);
  if (G_IS_PARAM_SPEC_INT64 (spec))
    return g_strdup_printf ("%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                            G_PARAM_SPEC_INT64 (spec)->minimum,
                            G_PARAM_SPEC_INT64 (spec)->maximum);
  if (G_IS_PARAM_SPEC_UINT64 (spec))
    return g_strdup_printf ("%" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                            G_PARAM_SPEC_UINT64 (spec)->minimum,
                            G_PARAM_SPEC_UINT64 (spec)->maximum);
  if (G_IS_PARAM_SPEC_DOUBLE (spec))
    return g_strdup_printf ("%g to %g", G_PARAM_SPEC_DOUBLE (spec)->minimum,
                            G_PARAM_SPEC_DOUBLE (spec)->maximum);
  if (G_IS_PARAM_SPEC_FLOAT (spec))
    return g_strdup_printf ("%g to %g", (double) G_PARAM_SPEC_FLOAT (spec)->minimum,
                            (double) G_PARAM_SPEC_FLOAT (spec)->maximum);
  if (G_IS_PARAM_SPEC_BOOLEAN (spec))
    return g_strdup ("true or false");
  return NULL;
}

static char *
describe_choices (GParamSpec *spec)
{
  GString *list = g_string_new (NULL);

  if (G_IS_PARAM_SPEC_ENUM (spec))
    {
      GEnumClass *klass = G_PARAM_SPEC_ENUM (spec)->enum_class;

      for (guint i = 0; i < klass->n_values; i++)
        g_string_append_printf (list, "%s%s", i > 0 ? ", " : "",
                                klass->values[i].value_nick);
    }
  else if (G_IS_PARAM_SPEC_FLAGS (spec))
    {
      GFlagsClass *klass = G_PARAM_SPEC_FLAGS (spec)->flags_class;

      for (guint i = 0; i < klass->n_values; i++)
        g_string_append_printf (list, "%s%s", i > 0 ? ", " : "",
                                klass->values[i].value_nick);
      g_string_append (list, ", joined by +");
    }
  else
    g_string_append_printf (list, "a %s", g_type_name (G_PARAM_SPEC_VALUE_TYPE (spec)));
  return g_string_free (list, FALSE);
}

static gboolean
refuse_value (GstElement *element, GParamSpec *spec, const char *text, GError **error)
{
  g_autofree char *range = describe_range (spec);
  g_autofree char *wanted
      = range != NULL ? g_steal_pointer (&range) : describe_choices (spec);

  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "%s cannot have %s=%s; it must be %s", element_kind (element), spec->name,
               text, wanted);
  return FALSE;
}

/* a whole number given to a property that is one; GStreamer would read `8.5` as 8 */
static gboolean
is_number_for (GParamSpec *spec, const char *text)
{
  const GType type = G_PARAM_SPEC_VALUE_TYPE (spec);
  char *end = NULL;

  if (type == G_TYPE_DOUBLE || type == G_TYPE_FLOAT)
    g_ascii_strtod (text, &end);
  else if (type == G_TYPE_INT || type == G_TYPE_INT64)
    g_ascii_strtoll (text, &end, 10);
  else if (type == G_TYPE_UINT || type == G_TYPE_UINT64)
    g_ascii_strtoull (text, &end, 10);
  else
    return TRUE;
  return end != text && *end == '\0'
         && !((type == G_TYPE_UINT || type == G_TYPE_UINT64) && strchr (text, '-') != NULL);
}

/**
 * mer_property_set_text:
 * @element: an element
 * @name: one of its properties
 * @text: the value as text
 * @error: return location for an error that says what may stand there
 *
 * Returns: whether the property has the value now
 */
gboolean
mer_property_set_text (GstElement *element, const char *name, const char *text,
                       GError **error)
{
  GParamSpec *spec = mer_property_find (element, name, error);
  g_auto (GValue) value = G_VALUE_INIT;

  if (spec == NULL)
    return FALSE;
  g_value_init (&value, G_PARAM_SPEC_VALUE_TYPE (spec));
  if (G_VALUE_HOLDS_STRING (&value))
    g_value_set_string (&value, text);
  else if (!is_number_for (spec, text)
           || !gst_value_deserialize_with_pspec (&value, text, spec))
    return refuse_value (element, spec, text, error);
  /* true where the value had to be changed to fit */
  if (g_param_value_validate (spec, &value))
    return refuse_value (element, spec, text, error);
  g_object_set_property (G_OBJECT (element), spec->name, &value);
  return TRUE;
}

/**
 * mer_property_text_from_json:
 * @value: a value from a file
 *
 * Returns: (transfer full): its text as properties read it; a list's parts joined by commas
 */
char *
mer_property_text_from_json (JsonNode *value)
{
  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    return json_node_dup_string (value);
  if (!JSON_NODE_HOLDS_ARRAY (value))
    return mer_json_canonical (value);

  GString *list = g_string_new (NULL);
  JsonArray *array = json_node_get_array (value);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *part
          = mer_property_text_from_json (json_array_get_element (array, i));

      g_string_append_printf (list, "%s%s", i > 0 ? "," : "", part);
    }
  return g_string_free (list, FALSE);
}

/**
 * mer_property_text_from_value:
 * @value: a property's value
 *
 * Returns: (transfer full) (nullable): as it is written in a launch line. GStreamer writes
 *   flags by their descriptions; here they are `audio+video`
 */
char *
mer_property_text_from_value (const GValue *value)
{
  g_autoptr (GTypeClass) owned = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  GFlagsClass *klass;

  if (!G_VALUE_HOLDS_FLAGS (value))
    return gst_value_serialize (value);
  owned = g_type_class_ref (G_VALUE_TYPE (value));
  klass = (GFlagsClass *) owned;
  for (guint i = 0; i < klass->n_values; i++)
    if ((g_value_get_flags (value) & klass->values[i].value) != 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? "+" : "",
                              klass->values[i].value_nick);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
mer_property_set_json (GstElement *element, const char *name, JsonNode *value,
                       GError **error)
{
  g_autofree char *text = mer_property_text_from_json (value);

  return mer_property_set_text (element, name, text, error);
}

/**
 * mer_property_resolve_file:
 * @element: an element
 * @name: one of its properties
 * @value: what a file says it should be
 * @relative_to: (nullable): that file
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the absolute path of the prompt, mapping, models
 * file or recorded answers that @value names; a copy of @value for other properties
 */
char *
mer_property_resolve_file (GstElement *element, const char *name, const char *value,
                           const char *relative_to, GError **error)
{
  static const struct
  {
    const char *property;
    const char *kind_dir; /* %NULL: always a path */
    const char *extensions[3];
    const char *not_a_file;
  } kinds[] = {
    { "prompt", "prompts", { ".txt", ".md" }, "" },
    { "system", "prompts", { ".txt", ".md" }, "" },
    { "mapping", "mappings", { ".json" }, "builtin" },
    { "models", "models", { ".json" }, "" },
    { "location", NULL, { NULL }, "" },
    { "schema", NULL, { NULL }, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (!g_str_equal (kinds[i].property, name)
          || !g_str_has_prefix (element_kind (element), "mer")
          || g_str_equal (value, kinds[i].not_a_file) || *value == '\0')
        continue;

      g_autofree char *path
          = kinds[i].kind_dir != NULL ? mer_lookup_file (
                kinds[i].kind_dir, value, kinds[i].extensions, relative_to, error)
                                      : mer_lookup_path (value, relative_to);

      return path != NULL ? g_canonicalize_filename (path, NULL) : NULL;
    }
  return g_strdup (value);
}
