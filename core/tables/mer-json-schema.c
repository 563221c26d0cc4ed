/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* holds a model's answer against the schema that it was asked for */
#include "tables/mer-json-schema.h"

#include <math.h>
#include <string.h>

#include "tables/mer-json.h"

/* Of JSON Schema what answers are asked for with: type, enum, const, properties, required,
 * additionalProperties, items, minItems, maxItems, uniqueItems, minLength, maxLength,
 * pattern, minimum, maximum, anyOf. What else stands in a schema is a constraint that the
 * server may have kept, and is not looked at. */
#define MAX_DEPTH 32u

static char *find_misfit (JsonNode *schema, JsonNode *value, const char *place,
                          guint depth);

static char *misfit (const char *place, const char *format, ...) G_GNUC_PRINTF (2, 3);

static char *
misfit (const char *place, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  return g_strdup_printf ("%s: %s", *place != '\0' ? place : "the document", text);
}

static const char *
type_name (JsonNode *value)
{
  if (JSON_NODE_HOLDS_OBJECT (value))
    return "object";
  if (JSON_NODE_HOLDS_ARRAY (value))
    return "array";
  if (JSON_NODE_HOLDS_NULL (value))
    return "null";
  if (json_node_get_value_type (value) == G_TYPE_STRING)
    return "string";
  if (json_node_get_value_type (value) == G_TYPE_BOOLEAN)
    return "boolean";
  return json_node_get_value_type (value) == G_TYPE_INT64 ? "integer" : "number";
}

static gboolean
is_type (JsonNode *value, const char *wanted)
{
  const char *type = type_name (value);

  if (g_str_equal (type, wanted))
    return TRUE;
  if (g_str_equal (wanted, "number"))
    return g_str_equal (type, "integer");
  return g_str_equal (wanted, "integer") && g_str_equal (type, "number")
         && json_node_get_double (value) == floor (json_node_get_double (value));
}

static JsonArray *
array_member (JsonNode *schema, const char *name)
{
  JsonNode *member = mer_json_node_member (schema, name);

  return member != NULL && JSON_NODE_HOLDS_ARRAY (member) ? json_node_get_array (member)
                                                          : NULL;
}

static gboolean
is_false (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
         && json_node_get_value_type (node) == G_TYPE_BOOLEAN
         && !json_node_get_boolean (node);
}

static char *
check_type (JsonNode *schema, JsonNode *value, const char *place)
{
  const char *type = mer_json_node_string (schema, "type");
  JsonArray *types = array_member (schema, "type");

  if (type != NULL && !is_type (value, type))
    return misfit (place, "%s instead of %s", type_name (value), type);
  for (guint i = 0; types != NULL && i < json_array_get_length (types); i++)
    {
      JsonNode *one = json_array_get_element (types, i);

      if (JSON_NODE_HOLDS_VALUE (one) && json_node_get_value_type (one) == G_TYPE_STRING
          && is_type (value, json_node_get_string (one)))
        return NULL;
    }
  return types == NULL ? NULL
                       : misfit (place, "%s is none of the types", type_name (value));
}

static char *
check_choice (JsonNode *schema, JsonNode *value, const char *place)
{
  JsonNode *only = mer_json_node_member (schema, "const");
  JsonArray *choices = array_member (schema, "enum");

  if (only != NULL && !json_node_equal (only, value))
    return misfit (place, "not the one value that is allowed");
  for (guint i = 0; choices != NULL && i < json_array_get_length (choices); i++)
    if (json_node_equal (json_array_get_element (choices, i), value))
      return NULL;
  return choices == NULL ? NULL : misfit (place, "none of the values that are allowed");
}

static char *
check_any_of (JsonNode *schema, JsonNode *value, const char *place, guint depth)
{
  JsonArray *any = array_member (schema, "anyOf");
  char *last = NULL;

  for (guint i = 0; any != NULL && i < json_array_get_length (any); i++)
    {
      g_free (last);
      last = find_misfit (json_array_get_element (any, i), value, place, depth + 1);
      if (last == NULL)
        return NULL;
    }
  return last;
}

static char *
check_string (JsonNode *schema, const char *text, const char *place)
{
  const char *pattern = mer_json_node_string (schema, "pattern");
  double length = (double) g_utf8_strlen (text, -1);
  g_autoptr (GRegex) regex = NULL;

  if (length < mer_json_node_number (schema, "minLength", 0)
      || length > mer_json_node_number (schema, "maxLength", INFINITY))
    return misfit (place, "%g characters are too few or too many", length);
  if (pattern == NULL)
    return NULL;
  /* a pattern of another dialect holds nobody to anything */
  regex = g_regex_new (pattern, G_REGEX_DOLLAR_ENDONLY, 0, NULL);
  return regex == NULL || g_regex_match (regex, text, 0, NULL)
             ? NULL
             : misfit (place, "“%.40s” does not match %.60s", text, pattern);
}

static char *
check_scalar (JsonNode *schema, JsonNode *value, const char *place)
{
  if (!JSON_NODE_HOLDS_VALUE (value))
    return NULL;
  if (json_node_get_value_type (value) == G_TYPE_STRING)
    return check_string (schema, json_node_get_string (value), place);
  if (json_node_get_value_type (value) == G_TYPE_BOOLEAN)
    return NULL;

  double number = json_node_get_double (value);
  return number >= mer_json_node_number (schema, "minimum", -INFINITY)
                 && number <= mer_json_node_number (schema, "maximum", INFINITY)
             ? NULL
             : misfit (place, "%g is out of range", number);
}

static gboolean
has_twins (JsonArray *array)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!g_hash_table_add (seen, mer_json_canonical (json_array_get_element (array, i))))
      return TRUE;
  return FALSE;
}

static char *
check_array (JsonNode *schema, JsonArray *array, const char *place, guint depth)
{
  JsonNode *items = mer_json_node_member (schema, "items");
  JsonNode *unique = mer_json_node_member (schema, "uniqueItems");
  guint length = json_array_get_length (array);

  if (length < mer_json_node_number (schema, "minItems", 0)
      || length > mer_json_node_number (schema, "maxItems", INFINITY))
    return misfit (place, "%u items are too few or too many", length);
  if (unique != NULL && JSON_NODE_HOLDS_VALUE (unique)
      && json_node_get_value_type (unique) == G_TYPE_BOOLEAN
      && json_node_get_boolean (unique) && has_twins (array))
    return misfit (place, "an item stands twice");
  for (guint i = 0; items != NULL && i < length; i++)
    {
      g_autofree char *one = g_strdup_printf ("%s/%u", place, i);
      char *problem
          = find_misfit (items, json_array_get_element (array, i), one, depth + 1);

      if (problem != NULL)
        return problem;
    }
  return NULL;
}

static char *
check_required (JsonNode *schema, JsonObject *object, const char *place)
{
  JsonArray *required = array_member (schema, "required");

  for (guint i = 0; required != NULL && i < json_array_get_length (required); i++)
    {
      JsonNode *name = json_array_get_element (required, i);

      if (JSON_NODE_HOLDS_VALUE (name) && json_node_get_value_type (name) == G_TYPE_STRING
          && !json_object_has_member (object, json_node_get_string (name)))
        return misfit (place, "“%s” is missing", json_node_get_string (name));
    }
  return NULL;
}

static char *
check_object (JsonNode *schema, JsonObject *object, const char *place, guint depth)
{
  JsonNode *properties = mer_json_node_member (schema, "properties");
  JsonNode *others = mer_json_node_member (schema, "additionalProperties");
  char *problem = check_required (schema, object, place);
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *value = NULL;

  json_object_iter_init (&iter, object);
  while (problem == NULL && json_object_iter_next (&iter, &name, &value))
    {
      JsonNode *own = mer_json_node_member (properties, name);
      g_autofree char *one = mer_json_pointer (place, name);

      if (own == NULL && is_false (others))
        return misfit (one, "not asked for");
      own = own != NULL ? own : others;
      if (own != NULL)
        problem = find_misfit (own, value, one, depth + 1);
    }
  return problem;
}

static char *
find_misfit (JsonNode *schema, JsonNode *value, const char *place, guint depth)
{
  char *problem = NULL;

  if (is_false (schema))
    return misfit (place, "nothing may stand here");
  if (!JSON_NODE_HOLDS_OBJECT (schema))
    return NULL;
  if (depth > MAX_DEPTH)
    return misfit (place, "nested too deeply");
  problem = check_type (schema, value, place);
  if (problem == NULL)
    problem = check_choice (schema, value, place);
  if (problem == NULL)
    problem = check_any_of (schema, value, place, depth);
  if (problem == NULL && JSON_NODE_HOLDS_OBJECT (value))
    problem = check_object (schema, json_node_get_object (value), place, depth);
  else if (problem == NULL && JSON_NODE_HOLDS_ARRAY (value))
    problem = check_array (schema, json_node_get_array (value), place, depth);
  else if (problem == NULL)
    problem = check_scalar (schema, value, place);
  return problem;
}

/**
 * mer_json_schema_find_misfit:
 * @schema: a JSON Schema
 * @value: a document
 *
 * Knows of JSON Schema what labels are asked for with; keywords that it does not know hold
 * nothing to anything. Any thread.
 *
 * Returns: (transfer full) (nullable): why @value does not fit, with the place; %NULL where
 *   it does
 */
char *
mer_json_schema_find_misfit (JsonNode *schema, JsonNode *value)
{
  return find_misfit (schema, value, "", 0);
}
