/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/mer-parameter.h"

#include <math.h>
#include <string.h>

static const char *const type_names[]
    = { "integer", "number", "string", "boolean", "enum", "model", "prompt", "path", NULL };

const char *
mer_parameter_type_to_string (MerParameterType type)
{
  return type_names[type];
}

void
mer_parameter_free (MerParameter *self)
{
  g_free (self->name);
  g_free (self->summary);
  g_clear_pointer (&self->fallback, json_node_unref);
  g_strfreev (self->values);
  g_strfreev (self->sets);
  g_free (self);
}

static gboolean
is_numeric (const MerParameter *self)
{
  return self->type == MER_PARAMETER_INTEGER || self->type == MER_PARAMETER_NUMBER;
}

/**
 * mer_parameter_describe:
 * @self: a parameter
 *
 * Returns: (transfer full): what its values are, such as `a whole number, 1 to 64`
 */
char *
mer_parameter_describe (const MerParameter *self)
{
  static const char *const nouns[]
      = { "a whole number", "a number", "a text",   "true or false",
          "one of",         "a model",  "a prompt", "a file" };
  GString *out = g_string_new (nouns[self->type]);

  if (self->type == MER_PARAMETER_ENUM)
    {
      g_autofree char *all = g_strjoinv (", ", self->values);

      g_string_append_printf (out, " %s", all);
    }
  if (is_numeric (self) && isfinite (self->minimum) && isfinite (self->maximum))
    g_string_append_printf (out, ", %.15g to %.15g", self->minimum, self->maximum);
  else if (is_numeric (self) && isfinite (self->minimum))
    g_string_append_printf (out, ", %.15g or more", self->minimum);
  else if (is_numeric (self) && isfinite (self->maximum))
    g_string_append_printf (out, ", %.15g or less", self->maximum);
  return g_string_free (out, FALSE);
}

static gboolean
refuse (const MerParameter *self, JsonNode *value, GError **error)
{
  g_autofree char *wanted = mer_parameter_describe (self);
  g_autofree char *text = mer_json_canonical (value);

  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "%s cannot be %s; it must be %s", self->name, text, wanted);
  return FALSE;
}

/**
 * mer_parameter_check:
 * @self: a parameter
 * @value: what it should be
 * @error: return location for an error without a place
 *
 * Returns: whether the value has the type and is in range
 */
gboolean
mer_parameter_check (const MerParameter *self, JsonNode *value, GError **error)
{
  const GType type
      = JSON_NODE_HOLDS_VALUE (value) ? json_node_get_value_type (value) : G_TYPE_NONE;
  gboolean well = FALSE;

  if (is_numeric (self))
    {
      const double number = type == G_TYPE_INT64    ? (double) json_node_get_int (value)
                            : type == G_TYPE_DOUBLE ? json_node_get_double (value)
                                                    : NAN;

      well = number >= self->minimum && number <= self->maximum
             && (self->type == MER_PARAMETER_NUMBER || number == rint (number));
    }
  else if (self->type == MER_PARAMETER_BOOLEAN)
    well = type == G_TYPE_BOOLEAN;
  else if (self->type == MER_PARAMETER_ENUM)
    well = type == G_TYPE_STRING
           && g_strv_contains ((const char *const *) self->values,
                               json_node_get_string (value));
  else
    well = type == G_TYPE_STRING
           && (self->type == MER_PARAMETER_STRING || *json_node_get_string (value) != '\0');
  return well ? TRUE : refuse (self, value, error);
}

/**
 * mer_parameter_parse:
 * @self: a parameter
 * @text: its value as it stands on a command line
 * @error: return location for an error without a place
 *
 * Returns: (transfer full) (nullable): the value, checked
 */
JsonNode *
mer_parameter_parse (const MerParameter *self, const char *text, GError **error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_VALUE);
  char *end = NULL;

  json_node_set_string (node, text);
  if (is_numeric (self))
    {
      const double number = g_ascii_strtod (text, &end);

      if (end != text && *end == '\0' && isfinite (number))
        {
          if (number == rint (number) && fabs (number) < 1e15)
            json_node_set_int (node, (gint64) number);
          else
            json_node_set_double (node, number);
        }
    }
  else if (self->type == MER_PARAMETER_BOOLEAN
           && (g_str_equal (text, "true") || g_str_equal (text, "false")))
    json_node_set_boolean (node, g_str_equal (text, "true"));
  return mer_parameter_check (self, node, error) ? g_steal_pointer (&node) : NULL;
}

static gboolean
read_type (MerJson *json, const char *place, MerParameter *self, GError **error)
{
  g_autofree char *pointer = mer_json_pointer (place, "type");
  const char *type = NULL;

  if (!mer_json_get_string (json, pointer, &type, error))
    return FALSE;
  for (guint i = 0; type_names[i] != NULL; i++)
    if (g_str_equal (type, type_names[i]))
      {
        self->type = (MerParameterType) i;
        return TRUE;
      }

  g_autofree char *all = g_strjoinv (", ", (char **) type_names);
  const char *nearest = mer_nearest_name (type, type_names);

  mer_json_set_error (json, pointer, error, MER_ERROR_INVALID_FILE,
                      "“%s” is no type; %s%s%s there are %s", type,
                      nearest != NULL ? "did you mean “" : "",
                      nearest != NULL ? nearest : "", nearest != NULL ? "”?" : "", all);
  return FALSE;
}

/* a bound of a number, which only numbers have */
static gboolean
read_bound (MerJson *json, const char *place, const char *member, MerParameter *self,
            double *bound, GError **error)
{
  g_autofree char *pointer = mer_json_pointer (place, member);

  if (!mer_json_has (json, pointer))
    return TRUE;
  if (!is_numeric (self))
    {
      mer_json_set_error (json, pointer, error, MER_ERROR_INVALID_FILE,
                          "only an integer or a number has bounds");
      return FALSE;
    }
  return mer_json_get_number (json, pointer, -G_MAXDOUBLE, G_MAXDOUBLE, bound, error);
}

static gboolean
read_values (MerJson *json, const char *place, MerParameter *self, GError **error)
{
  g_autofree char *pointer = mer_json_pointer (place, "values");
  const gboolean has = mer_json_has (json, pointer);

  if (has != (self->type == MER_PARAMETER_ENUM))
    {
      mer_json_set_error (json, has ? pointer : place, error, MER_ERROR_INVALID_FILE, "%s",
                          has ? "only an enum has values" : "an enum needs its values");
      return FALSE;
    }
  return !has || mer_json_get_strings (json, pointer, &self->values, error);
}

static gboolean
read_fallback (MerJson *json, const char *place, MerParameter *self, GError **error)
{
  g_autofree char *pointer = mer_json_pointer (place, "default");
  g_autoptr (GError) problem = NULL;

  if (!mer_json_has (json, pointer))
    {
      self->optional = mer_json_lookup (json, pointer) != NULL;
      return TRUE;
    }
  self->fallback = json_node_copy (mer_json_lookup (json, pointer));
  if (mer_parameter_check (self, self->fallback, &problem))
    return TRUE;
  mer_json_set_error (json, pointer, error, MER_ERROR_INVALID_FILE, "%s", problem->message);
  return FALSE;
}

static gboolean
read_sets (MerJson *json, const char *place, MerParameter *self, GError **error)
{
  g_autofree char *pointer = mer_json_pointer (place, "sets");

  if (!mer_json_get_strings (json, pointer, &self->sets, error))
    return FALSE;
  if (self->sets[0] == NULL)
    {
      mer_json_set_error (json, pointer, error, MER_ERROR_INVALID_FILE,
                          "sets nothing; name an element and its property, “media.frames”");
      return FALSE;
    }
  for (guint i = 0; self->sets[i] != NULL; i++)
    {
      const char *point = strchr (self->sets[i], '.');
      g_autofree char *one = g_strdup_printf ("%s/%u", pointer, i);

      if (point != NULL && point != self->sets[i] && point[1] != '\0'
          && strchr (point + 1, '.') == NULL)
        continue;
      mer_json_set_error (json, one, error, MER_ERROR_INVALID_FILE,
                          "“%s” is not of the form element.property", self->sets[i]);
      return FALSE;
    }
  return TRUE;
}

/**
 * mer_parameter_read:
 * @json: a description
 * @name: a member of its `parameters`
 * @error: return location for an error that names the place
 *
 * Returns: (transfer full) (nullable): the parameter
 */
MerParameter *
mer_parameter_read (MerJson *json, const char *name, GError **error)
{
  static const char *const members[]
      = { "type", "summary", "default", "minimum", "maximum", "values", "sets", NULL };
  g_autofree char *place = mer_json_pointer ("/parameters", name);
  g_autofree char *summary_place = mer_json_pointer (place, "summary");
  g_autoptr (MerParameter) self = g_new0 (MerParameter, 1);
  const char *summary = NULL;

  self->name = g_strdup (name);
  self->minimum = -INFINITY;
  self->maximum = INFINITY;
  if (!mer_json_check_members (json, place, members, error)
      || !read_type (json, place, self, error)
      || !mer_json_get_optional_string (json, summary_place, &summary, error)
      || !read_bound (json, place, "minimum", self, &self->minimum, error)
      || !read_bound (json, place, "maximum", self, &self->maximum, error)
      || !read_values (json, place, self, error)
      || !read_fallback (json, place, self, error) || !read_sets (json, place, self, error))
    return NULL;
  self->summary = g_strdup (summary);
  return g_steal_pointer (&self);
}
