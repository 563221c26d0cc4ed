/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* writes a JSON Schema in the subset that a vendor takes */
#include "base/mer-schema-spelling.h"

#include <string.h>

#include "mer-error.h"
#include "tables/mer-json.h"

/* schemas are written by people for labels; these are far beyond any */
#define MAX_DEPTH 24
#define MAX_NODES 2000

typedef struct
{
  JsonNode *root;
  MerSchemaSpelling spelling;
  GString *place; /* JSON pointer of what is being written */
  guint depth;
  guint n_nodes;
  GError **error;
} Walk;

typedef enum
{
  KEEP,
  DROP,     /* says nothing about which answers are right */
  DESCRIBE, /* a bound that the vendor does not take */
  HANDLE,   /* read together with others */
  REFUSE,   /* without it the schema would mean something else */
} Treatment;

static const struct
{
  const char *keyword;
  Treatment openapi;
  Treatment closed;
} keywords[] = {
  { "title", KEEP, KEEP },
  { "description", HANDLE, HANDLE },
  { "default", KEEP, KEEP },
  { "required", KEEP, KEEP },
  { "nullable", KEEP, DROP },
  { "propertyOrdering", KEEP, DROP },
  { "example", KEEP, DROP },
  { "minItems", KEEP, HANDLE },
  { "maxItems", KEEP, DESCRIBE },
  { "minLength", KEEP, DESCRIBE },
  { "maxLength", KEEP, DESCRIBE },
  { "minProperties", KEEP, DESCRIBE },
  { "maxProperties", KEEP, DESCRIBE },
  { "pattern", KEEP, DESCRIBE },
  { "minimum", KEEP, DESCRIBE },
  { "maximum", KEEP, DESCRIBE },
  { "exclusiveMinimum", DESCRIBE, DESCRIBE },
  { "exclusiveMaximum", DESCRIBE, DESCRIBE },
  { "multipleOf", DESCRIBE, DESCRIBE },
  { "uniqueItems", DESCRIBE, DESCRIBE },
  { "format", HANDLE, KEEP },
  { "type", HANDLE, HANDLE },
  { "enum", HANDLE, KEEP },
  { "const", HANDLE, KEEP },
  { "properties", HANDLE, HANDLE },
  { "items", HANDLE, HANDLE },
  { "anyOf", HANDLE, HANDLE },
  { "oneOf", HANDLE, HANDLE },
  { "additionalProperties", DROP, DROP },
  { "$ref", HANDLE, HANDLE },
  { "$defs", DROP, DROP },
  { "definitions", DROP, DROP },
  { "$schema", DROP, DROP },
  { "$id", DROP, DROP },
  { "$comment", DROP, DROP },
  { "examples", DROP, DROP },
  { "deprecated", DROP, DROP },
  { "readOnly", DROP, DROP },
  { "writeOnly", DROP, DROP },
};

static JsonNode *respell (Walk *walk, JsonNode *schema);

static void fail (Walk *walk, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
fail (Walk *walk, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (walk->error, MER_ERROR, MER_ERROR_UNSUPPORTED, "the schema: %s: %s",
               walk->place->len > 0 ? walk->place->str : "/", text);
}

/* the length to go back to with g_string_truncate () */
static gsize
enter (Walk *walk, const char *step)
{
  gsize before = walk->place->len;
  g_autofree char *longer = mer_json_pointer (walk->place->str, step);

  g_string_assign (walk->place, longer);
  return before;
}

static Treatment
find_treatment (Walk *walk, const char *keyword)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keywords); i++)
    if (strcmp (keywords[i].keyword, keyword) == 0)
      return walk->spelling == MER_SCHEMA_SPELLING_OPENAPI ? keywords[i].openapi
                                                           : keywords[i].closed;
  /* what the standard does not know is there for people and tools */
  return g_str_has_prefix (keyword, "x-") ? DROP : REFUSE;
}

/* `#/$defs/word`: no other document is ever opened */
static JsonNode *
follow_reference (Walk *walk, const char *reference)
{
  JsonNode *at = walk->root;

  if (!g_str_has_prefix (reference, "#"))
    {
      fail (walk, "$ref may only lead into the schema itself, such as #/$defs/label");
      return NULL;
    }
  g_auto (GStrv) steps = g_strsplit (reference + 1, "/", -1);
  for (guint i = 1; steps[0] != NULL && steps[i] != NULL; i++)
    {
      g_autoptr (GString) step = g_string_new (steps[i]);

      g_string_replace (step, "~1", "/", 0);
      g_string_replace (step, "~0", "~", 0);
      at = mer_json_node_path (at, step->str, NULL);
    }
  if (at == NULL)
    fail (walk, "$ref leads to %.100s, which is not there", reference);
  return at;
}

static void
describe (GString *description, const char *keyword, JsonNode *value)
{
  g_autofree char *text = mer_json_canonical (value);

  if (description->len > 0)
    g_string_append_c (description, ' ');
  g_string_append_printf (description, "(%s: %s)", keyword, text);
}

static gboolean
is_null_type (JsonNode *schema)
{
  return g_strcmp0 (mer_json_node_string (schema, "type"), "null") == 0;
}

/* one schema, or the alternatives of a list */
static JsonArray *
respell_list (Walk *walk, JsonNode *list, gboolean *nullable)
{
  g_autoptr (JsonArray) array = json_array_new ();

  if (!JSON_NODE_HOLDS_ARRAY (list))
    {
      fail (walk, "this must be a list of schemas");
      return NULL;
    }
  for (guint i = 0; i < json_array_get_length (json_node_get_array (list)); i++)
    {
      JsonNode *entry = json_array_get_element (json_node_get_array (list), i);
      g_autofree char *index = g_strdup_printf ("%u", i);
      gsize before = enter (walk, index);

      if (walk->spelling == MER_SCHEMA_SPELLING_OPENAPI && is_null_type (entry))
        *nullable = TRUE;
      else
        {
          JsonNode *written = respell (walk, entry);

          if (written == NULL)
            return NULL;
          json_array_add_element (array, written);
        }
      g_string_truncate (walk->place, before);
    }
  return g_steal_pointer (&array);
}

/* {"type": ["string", "null"], …}: one schema for each type */
static JsonNode *
split_types (JsonNode *schema, JsonArray *types)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonArray *alternatives = json_array_new ();
  JsonObject *object = json_object_new ();

  /* copies of nodes share what they hold, so that each type needs an object of its own */
  for (guint i = 0; i < json_array_get_length (types); i++)
    {
      JsonObject *one = json_object_new ();
      JsonObjectIter iter;
      const char *name = NULL;
      JsonNode *value = NULL;

      json_object_iter_init_ordered (&iter, json_node_get_object (schema));
      while (json_object_iter_next_ordered (&iter, &name, &value))
        json_object_set_member (one, name, json_node_copy (value));
      json_object_set_member (one, "type",
                              json_node_copy (json_array_get_element (types, i)));
      json_array_add_object_element (alternatives, one);
    }
  json_object_set_array_member (object, "anyOf", alternatives);
  json_node_take_object (node, object);
  return node;
}

static gboolean
write_type (Walk *walk, JsonObject *to, JsonNode *type)
{
  static const char *const names[]
      = { "string", "number", "integer", "boolean", "array", "object", "null", NULL };
  const char *name = json_node_get_value_type (type) == G_TYPE_STRING
                         ? json_node_get_string (type)
                         : NULL;

  if (name == NULL || !g_strv_contains (names, name))
    {
      fail (walk, "type must be string, number, integer, boolean, array, object or null");
      return FALSE;
    }
  g_autofree char *capitals = g_ascii_strup (name, -1);
  json_object_set_string_member (
      to, "type", walk->spelling == MER_SCHEMA_SPELLING_OPENAPI ? capitals : name);
  if (walk->spelling == MER_SCHEMA_SPELLING_CLOSED && strcmp (name, "object") == 0)
    json_object_set_boolean_member (to, "additionalProperties", FALSE);
  return TRUE;
}

/* enum and const of OpenAPI: strings alone */
static gboolean
write_values (Walk *walk, JsonObject *to, JsonNode *values)
{
  g_autoptr (JsonArray) array = json_array_new ();
  JsonArray *from = JSON_NODE_HOLDS_ARRAY (values) ? json_node_get_array (values) : NULL;
  guint n = from != NULL ? json_array_get_length (from) : 1;

  for (guint i = 0; i < n; i++)
    {
      JsonNode *value = from != NULL ? json_array_get_element (from, i) : values;

      if (json_node_get_value_type (value) != G_TYPE_STRING)
        {
          fail (walk, "Gemini's responseSchema has strings alone here; set "
                      "schema-as=json-schema");
          return FALSE;
        }
      json_array_add_element (array, json_node_copy (value));
    }
  json_object_set_array_member (to, "enum", g_steal_pointer (&array));
  if (!json_object_has_member (to, "type"))
    json_object_set_string_member (to, "type", "STRING");
  return TRUE;
}

static gboolean
write_properties (Walk *walk, JsonObject *to, JsonNode *properties)
{
  g_autoptr (JsonObject) written = json_object_new ();
  g_autoptr (JsonArray) order = json_array_new ();
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *value = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (properties))
    {
      fail (walk, "this must be an object of schemas");
      return FALSE;
    }
  json_object_iter_init_ordered (&iter, json_node_get_object (properties));
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      gsize before = enter (walk, name);
      JsonNode *one = respell (walk, value);

      if (one == NULL)
        return FALSE;
      g_string_truncate (walk->place, before);
      json_object_set_member (written, name, one);
      json_array_add_string_element (order, name);
    }
  json_object_set_object_member (to, "properties", g_steal_pointer (&written));
  if (walk->spelling == MER_SCHEMA_SPELLING_OPENAPI
      && !json_object_has_member (to, "propertyOrdering"))
    json_object_set_array_member (to, "propertyOrdering", g_steal_pointer (&order));
  return TRUE;
}

static gboolean
write_alternatives (Walk *walk, JsonObject *to, JsonNode *list)
{
  gboolean nullable = FALSE;
  JsonArray *array = respell_list (walk, list, &nullable);

  if (array == NULL)
    return FALSE;
  if (nullable)
    json_object_set_boolean_member (to, "nullable", TRUE);
  /* a list of one and null is the one, which may be null */
  if (nullable && json_array_get_length (array) == 1)
    {
      JsonObjectIter iter;
      const char *name = NULL;
      JsonNode *value = NULL;

      json_object_iter_init (&iter, json_array_get_object_element (array, 0));
      while (json_object_iter_next (&iter, &name, &value))
        json_object_set_member (to, name, json_node_copy (value));
      json_array_unref (array);
      return TRUE;
    }
  json_object_set_array_member (to, "anyOf", array);
  return TRUE;
}

/* Gemini knows these formats of strings and numbers, and refuses others */
static gboolean
is_openapi_format (JsonNode *value)
{
  static const char *const names[]
      = { "enum", "date-time", "float", "double", "int32", "int64", NULL };

  return json_node_get_value_type (value) == G_TYPE_STRING
         && g_strv_contains (names, json_node_get_string (value));
}

static gboolean
handle (Walk *walk, JsonObject *to, GString *description, const char *keyword,
        JsonNode *value)
{
  if (strcmp (keyword, "type") == 0)
    return write_type (walk, to, value);
  if (strcmp (keyword, "enum") == 0 || strcmp (keyword, "const") == 0)
    return write_values (walk, to, value);
  if (strcmp (keyword, "properties") == 0)
    return write_properties (walk, to, value);
  if (strcmp (keyword, "anyOf") == 0 || strcmp (keyword, "oneOf") == 0)
    return write_alternatives (walk, to, value);
  if (strcmp (keyword, "items") == 0)
    {
      JsonNode *items = respell (walk, value);

      if (items != NULL)
        json_object_set_member (to, "items", items);
      return items != NULL;
    }
  if (strcmp (keyword, "format") == 0)
    {
      if (is_openapi_format (value))
        json_object_set_member (to, keyword, json_node_copy (value));
      else
        describe (description, keyword, value);
    }
  else if (strcmp (keyword, "minItems") == 0)
    {
      /* none or one is all that Anthropic's grammars can ask for */
      if (json_node_get_value_type (value) == G_TYPE_INT64
          && json_node_get_int (value) <= 1)
        json_object_set_member (to, keyword, json_node_copy (value));
      else
        describe (description, keyword, value);
    }
  return TRUE;
}

static gboolean
write_keyword (Walk *walk, JsonObject *to, GString *description, const char *keyword,
               JsonNode *value)
{
  gsize before = enter (walk, keyword);

  switch (find_treatment (walk, keyword))
    {
    case KEEP:
      json_object_set_member (to, keyword, json_node_copy (value));
      break;
    case DESCRIBE:
      describe (description, keyword, value);
      break;
    case HANDLE:
      if (!handle (walk, to, description, keyword, value))
        return FALSE;
      break;
    case REFUSE:
      fail (walk, "the server takes no “%.50s”", keyword);
      return FALSE;
    case DROP:
    default:
      break;
    }
  g_string_truncate (walk->place, before);
  return TRUE;
}

static JsonNode *
respell_object (Walk *walk, JsonNode *schema)
{
  const char *described = mer_json_node_string (schema, "description");
  g_autoptr (GString) description = g_string_new (described);
  g_autoptr (JsonObject) to = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObjectIter iter;
  const char *keyword = NULL;
  JsonNode *value = NULL;

  json_object_iter_init_ordered (&iter, json_node_get_object (schema));
  while (json_object_iter_next_ordered (&iter, &keyword, &value))
    if (!write_keyword (walk, to, description, keyword, value))
      {
        json_node_unref (node);
        return NULL;
      }
  if (description->len > 0)
    json_object_set_string_member (to, "description", description->str);
  json_node_take_object (node, g_steal_pointer (&to));
  return node;
}

static JsonNode *
respell (Walk *walk, JsonNode *schema)
{
  const char *reference = mer_json_node_string (schema, "$ref");
  JsonNode *type = mer_json_node_member (schema, "type");
  JsonNode *written = NULL;

  if (walk->depth >= MAX_DEPTH || ++walk->n_nodes > MAX_NODES)
    {
      fail (walk, "this is nested too deep or too large; does $ref lead back to itself?");
      return NULL;
    }
  if (!JSON_NODE_HOLDS_OBJECT (schema))
    {
      fail (walk, "a schema must be an object here");
      return NULL;
    }
  walk->depth++;
  if (reference != NULL)
    {
      JsonNode *target = follow_reference (walk, reference);

      written = target != NULL ? respell (walk, target) : NULL;
    }
  else if (type != NULL && JSON_NODE_HOLDS_ARRAY (type))
    {
      g_autoptr (JsonNode) split = split_types (schema, json_node_get_array (type));

      written = respell (walk, split);
    }
  else
    written = respell_object (walk, schema);
  walk->depth--;
  return written;
}

/**
 * mer_schema_respell:
 * @schema: a JSON Schema, an object
 * @spelling: which subset is wanted
 * @error: place for an error that names the place in the schema
 *
 * References into the schema are written out; what only bounds values and cannot be said
 * in the subset moves into the description, which models read too. What would change the
 * meaning is an error.
 *
 * Returns: (transfer full) (nullable): the schema in the subset, or %NULL with
 *   %MER_ERROR_UNSUPPORTED
 */
JsonNode *
mer_schema_respell (JsonNode *schema, MerSchemaSpelling spelling, GError **error)
{
  g_autoptr (GString) place = g_string_new (NULL);
  Walk walk = { .root = schema, .spelling = spelling, .place = place, .error = error };

  return respell (&walk, schema);
}
