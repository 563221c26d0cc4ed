/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tolerant access to replies of servers: json-glib's getters abort on what is not there */
#include "tables/mer-json.h"

/**
 * mer_json_node_member:
 * @node: (nullable): any node
 * @member: a member's name
 *
 * Returns: (transfer none) (nullable): the member, %NULL if @node is no object, or the
 * member is missing or null
 */
JsonNode *
mer_json_node_member (JsonNode *node, const char *member)
{
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;

  JsonNode *found = json_object_get_member (json_node_get_object (node), member);
  return found != NULL && !JSON_NODE_HOLDS_NULL (found) ? found : NULL;
}

/**
 * mer_json_node_path:
 * @node: (nullable): any node
 * @first: a member's name, or an array index such as `0`
 * @...: more of them, then %NULL
 *
 * Returns: (transfer none) (nullable): what the path leads to
 */
JsonNode *
mer_json_node_path (JsonNode *node, const char *first, ...)
{
  va_list args;

  va_start (args, first);
  for (const char *step = first; step != NULL && node != NULL;
       step = va_arg (args, const char *))
    {
      if (JSON_NODE_HOLDS_ARRAY (node))
        {
          JsonArray *array = json_node_get_array (node);
          guint64 index = 0;

          node = g_ascii_string_to_unsigned (step, 10, 0, G_MAXUINT, &index, NULL)
                         && index < json_array_get_length (array)
                     ? json_array_get_element (array, (guint) index)
                     : NULL;
        }
      else
        node = mer_json_node_member (node, step);
    }
  va_end (args);
  return node;
}

/**
 * mer_json_node_string:
 * @node: (nullable): any node
 * @member: a member's name
 *
 * Returns: (transfer none) (nullable): the member's text if it is a string
 */
const char *
mer_json_node_string (JsonNode *node, const char *member)
{
  JsonNode *found = mer_json_node_member (node, member);

  return found != NULL && json_node_get_value_type (found) == G_TYPE_STRING
             ? json_node_get_string (found)
             : NULL;
}

/**
 * mer_json_node_number:
 * @node: (nullable): any node
 * @member: a member's name
 * @fallback: what stands in for a number that is not there
 *
 * Returns: the member's value if it is an integer or a double
 */
double
mer_json_node_number (JsonNode *node, const char *member, double fallback)
{
  JsonNode *found = mer_json_node_member (node, member);
  GType type = found != NULL ? json_node_get_value_type (found) : G_TYPE_INVALID;

  if (type == G_TYPE_INT64)
    return (double) json_node_get_int (found);
  return type == G_TYPE_DOUBLE ? json_node_get_double (found) : fallback;
}

/**
 * mer_json_node_boolean:
 * @node: (nullable): any node
 * @member: a member's name
 * @fallback: what stands in for a value that is not there
 *
 * Returns: the member's value if it is true or false
 */
gboolean
mer_json_node_boolean (JsonNode *node, const char *member, gboolean fallback)
{
  JsonNode *found = mer_json_node_member (node, member);

  return found != NULL && json_node_get_value_type (found) == G_TYPE_BOOLEAN
             ? json_node_get_boolean (found)
             : fallback;
}

/**
 * mer_json_node_count:
 * @node: (nullable): any node
 * @member: a member's name
 *
 * Reads a count that a server gave, such as tokens or bytes. Google writes 64-bit integers
 * as strings.
 *
 * Returns: the member's value if it is a number from 0 to 1e15, else -1
 */
gint64
mer_json_node_count (JsonNode *node, const char *member)
{
  const char *text = mer_json_node_string (node, member);
  double number = mer_json_node_number (node, member, -1);
  guint64 value = 0;

  if (text != NULL)
    return g_ascii_string_to_unsigned (text, 10, 0, (guint64) 1e15, &value, NULL)
               ? (gint64) value
               : -1;
  return number >= 0 && number <= 1e15 ? (gint64) number : -1;
}

/* json-glib's copies share what they hold: an object that may be changed */
static JsonNode *
dup_object (JsonNode *node)
{
  JsonNode *copy = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *value = NULL;

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    {
      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &value))
        json_object_set_member (object, name, json_node_copy (value));
    }
  json_node_take_object (copy, object);
  return copy;
}

/**
 * mer_json_node_patch:
 * @node: an object; what it holds may be shared with other nodes and is not touched
 * @patch: (nullable): an object
 *
 * Merges @patch into @node as RFC 7386 says: objects are merged, null removes a member,
 * anything else takes the place of what stood there.
 */
void
mer_json_node_patch (JsonNode *node, JsonNode *patch)
{
  JsonObject *to = json_node_get_object (node);
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *value = NULL;

  if (patch == NULL || !JSON_NODE_HOLDS_OBJECT (patch))
    return;
  json_object_iter_init (&iter, json_node_get_object (patch));
  while (json_object_iter_next (&iter, &name, &value))
    {
      JsonNode *old = json_object_get_member (to, name);

      if (JSON_NODE_HOLDS_NULL (value))
        {
          if (old != NULL)
            json_object_remove_member (to, name);
        }
      else if (JSON_NODE_HOLDS_OBJECT (value))
        {
          JsonNode *merged = dup_object (old);

          mer_json_node_patch (merged, value);
          json_object_set_member (to, name, merged);
        }
      else
        json_object_set_member (to, name, json_node_copy (value));
    }
}
