/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what may stand at a place of a file that a person wrote */
#include "tables/mer-json-scan.h"

#include <math.h>

static const char *
node_type_name (JsonNode *node)
{
  switch (node != NULL ? json_node_get_node_type (node) : JSON_NODE_NULL)
    {
    case JSON_NODE_OBJECT:
      return "an object";
    case JSON_NODE_ARRAY:
      return "an array";
    case JSON_NODE_VALUE:
      if (json_node_get_value_type (node) == G_TYPE_STRING)
        return "a string";
      return json_node_get_value_type (node) == G_TYPE_BOOLEAN ? "a boolean" : "a number";
    case JSON_NODE_NULL:
    default:
      return "null";
    }
}

/* the node at a place, which must be there */
static JsonNode *
get_node (MerJson *self, const char *pointer, const char *wanted, GError **error)
{
  JsonNode *node = mer_json_lookup (self, pointer);

  if (node == NULL)
    mer_json_set_error (self, pointer, error, MER_ERROR_INVALID_FILE,
                        "missing; %s must stand here", wanted);
  return node;
}

static gboolean
wrong_type (MerJson *self, const char *pointer, JsonNode *node, const char *wanted,
            GError **error)
{
  mer_json_set_error (self, pointer, error, MER_ERROR_INVALID_FILE,
                      "%s, not %s, must stand here", wanted, node_type_name (node));
  return FALSE;
}

/**
 * mer_json_check_format:
 * @self: a document
 * @format: such as `mer-dataset/1`
 * @error: return location for an error
 *
 * Returns: whether the document is an object whose `format` is @format
 */
gboolean
mer_json_check_format (MerJson *self, const char *format, GError **error)
{
  const char *found = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (self->root))
    return wrong_type (self, "", self->root, "an object", error);
  if (!mer_json_has (self, "/format"))
    {
      mer_json_set_error (self, "/format", error, MER_ERROR_INVALID_FILE,
                          "missing; a file of this kind says \"format\": \"%s\"", format);
      return FALSE;
    }
  if (!mer_json_get_string (self, "/format", &found, error))
    return FALSE;
  if (g_str_equal (found, format))
    return TRUE;
  mer_json_set_error (self, "/format", error, MER_ERROR_INVALID_FILE,
                      "“%s” is not the format that is read here; it must be “%s”", found,
                      format);
  return FALSE;
}

/* "did you mean" for an unknown member, else all that are allowed */
static void
unknown_member (MerJson *self, const char *pointer, const char *member,
                const char *const *allowed, GError **error)
{
  g_autofree char *place = mer_json_pointer (pointer, member);
  const char *nearest = mer_nearest_name (member, allowed);
  g_autofree char *all = g_strjoinv (", ", (char **) allowed);

  if (nearest != NULL)
    mer_json_set_error (self, place, error, MER_ERROR_INVALID_FILE,
                        "unknown key; did you mean “%s”?", nearest);
  else
    mer_json_set_error (self, place, error, MER_ERROR_INVALID_FILE,
                        "unknown key; there are: %s", all);
}

/**
 * mer_json_check_members:
 * @self: a document
 * @pointer: the JSON pointer of what must be an object
 * @allowed: (array zero-terminated=1): the names its members may have
 * @error: return location for an error
 *
 * `$schema` (which editors read) and `comment` are allowed everywhere.
 *
 * Returns: whether it is an object, and every member is known and stands once
 */
gboolean
mer_json_check_members (MerJson *self, const char *pointer, const char *const *allowed,
                        GError **error)
{
  JsonNode *node = get_node (self, pointer, "an object", error);

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return wrong_type (self, pointer, node, "an object", error);

  g_autofree char *twice = mer_json_scan_find_duplicate (self->text, pointer);

  if (twice != NULL)
    {
      g_autofree char *place = mer_json_pointer (pointer, twice);

      mer_json_set_error (self, place, error, MER_ERROR_INVALID_FILE,
                          "stands twice; keep one");
      return FALSE;
    }

  g_autoptr (GList) names = json_object_get_members (json_node_get_object (node));

  for (GList *name = names; name != NULL; name = name->next)
    {
      if (g_strv_contains (allowed, name->data) || g_str_equal (name->data, "$schema")
          || g_str_equal (name->data, "comment"))
        continue;
      unknown_member (self, pointer, name->data, allowed, error);
      return FALSE;
    }
  return TRUE;
}

/**
 * mer_json_get_string:
 * @self: a document
 * @pointer: a JSON pointer
 * @value: (out) (transfer none): the text; lives as long as @self
 * @error: return location for an error
 *
 * Returns: whether a string stands there; it may be empty
 */
gboolean
mer_json_get_string (MerJson *self, const char *pointer, const char **value, GError **error)
{
  JsonNode *node = get_node (self, pointer, "a string", error);

  if (node == NULL)
    return FALSE;
  if (json_node_get_value_type (node) != G_TYPE_STRING || !JSON_NODE_HOLDS_VALUE (node))
    return wrong_type (self, pointer, node, "a string", error);
  *value = json_node_get_string (node);
  return TRUE;
}

/**
 * mer_json_get_optional_string:
 * @self: a document
 * @pointer: a JSON pointer
 * @value: (out) (transfer none) (nullable): the text; %NULL where nothing or null stands
 * @error: return location for an error
 *
 * Returns: whether a string, null or nothing stands there
 */
gboolean
mer_json_get_optional_string (MerJson *self, const char *pointer, const char **value,
                              GError **error)
{
  *value = NULL;
  return !mer_json_has (self, pointer) || mer_json_get_string (self, pointer, value, error);
}

static gboolean
node_number (JsonNode *node, double *value)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_NONE;

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *value = type == G_TYPE_INT64 ? (double) json_node_get_int (node)
                                : json_node_get_double (node);
  return TRUE;
}

/**
 * mer_json_get_integer:
 * @self: a document
 * @pointer: a JSON pointer
 * @minimum: the smallest value that is allowed
 * @maximum: the largest
 * @value: (out): the value
 * @error: return location for an error
 *
 * Returns: whether a whole number in range stands there (`8.0` is one)
 */
gboolean
mer_json_get_integer (MerJson *self, const char *pointer, gint64 minimum, gint64 maximum,
                      gint64 *value, GError **error)
{
  JsonNode *node = get_node (self, pointer, "a whole number", error);
  double number = 0;
  gint64 whole = 0;

  if (node == NULL)
    return FALSE;
  if (!node_number (node, &number))
    return wrong_type (self, pointer, node, "a whole number", error);
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    whole = json_node_get_int (node);
  else if (number == rint (number) && fabs (number) < 9007199254740992.0)
    whole = (gint64) number;
  else
    {
      mer_json_set_error (self, pointer, error, MER_ERROR_INVALID_FILE,
                          "%g is not a whole number", number);
      return FALSE;
    }
  if (whole < minimum || whole > maximum)
    {
      mer_json_set_error (self, pointer, error, MER_ERROR_INVALID_FILE,
                          "%" G_GINT64_FORMAT
                          " is out of range; it must be %" G_GINT64_FORMAT
                          " to %" G_GINT64_FORMAT,
                          whole, minimum, maximum);
      return FALSE;
    }
  *value = whole;
  return TRUE;
}

/**
 * mer_json_get_number:
 * @self: a document
 * @pointer: a JSON pointer
 * @minimum: the smallest value that is allowed
 * @maximum: the largest
 * @value: (out): the value
 * @error: return location for an error
 *
 * Returns: whether a number in range stands there
 */
gboolean
mer_json_get_number (MerJson *self, const char *pointer, double minimum, double maximum,
                     double *value, GError **error)
{
  JsonNode *node = get_node (self, pointer, "a number", error);
  double number = 0;

  if (node == NULL)
    return FALSE;
  if (!node_number (node, &number))
    return wrong_type (self, pointer, node, "a number", error);
  if (number < minimum || number > maximum)
    {
      mer_json_set_error (self, pointer, error, MER_ERROR_INVALID_FILE,
                          "%g is out of range; it must be %g to %g", number, minimum,
                          maximum);
      return FALSE;
    }
  *value = number;
  return TRUE;
}

/**
 * mer_json_get_boolean:
 * @self: a document
 * @pointer: a JSON pointer
 * @value: (out): the value
 * @error: return location for an error
 *
 * Returns: whether true or false stands there
 */
gboolean
mer_json_get_boolean (MerJson *self, const char *pointer, gboolean *value, GError **error)
{
  JsonNode *node = get_node (self, pointer, "true or false", error);

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return wrong_type (self, pointer, node, "true or false", error);
  *value = json_node_get_boolean (node);
  return TRUE;
}

/**
 * mer_json_get_strings:
 * @self: a document
 * @pointer: a JSON pointer
 * @value: (out) (transfer full): the strings, ended by %NULL
 * @error: return location for an error
 *
 * Returns: whether an array of strings stands there; it may be empty
 */
gboolean
mer_json_get_strings (MerJson *self, const char *pointer, char ***value, GError **error)
{
  JsonNode *node = get_node (self, pointer, "an array of strings", error);

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return wrong_type (self, pointer, node, "an array of strings", error);

  JsonArray *array = json_node_get_array (node);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *place = g_strdup_printf ("%s/%u", pointer, i);
      const char *text = NULL;

      if (!mer_json_get_string (self, place, &text, error))
        return FALSE;
      g_strv_builder_add (builder, text);
    }
  *value = g_strv_builder_end (builder);
  return TRUE;
}
