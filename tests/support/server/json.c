/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

JsonNode *
member (JsonNode *node, const char *name)
{
  return is_object (node) ? json_object_get_member (json_node_get_object (node), name)
                          : NULL;
}

/* under either of two spellings */
JsonNode *
either (JsonNode *node, const char *name, const char *other)
{
  JsonNode *found = member (node, name);

  return found != NULL ? found : member (node, other);
}

const char *
text_of (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

JsonArray *
array_of (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

gboolean
is_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node);
}

gboolean
is_true (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
         && json_node_get_value_type (node) == G_TYPE_BOOLEAN
         && json_node_get_boolean (node);
}

gboolean
is_number (JsonNode *node)
{
  GType type = node != NULL && JSON_NODE_HOLDS_VALUE (node)
                   ? json_node_get_value_type (node)
                   : G_TYPE_INVALID;

  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE;
}

double
number_of (JsonNode *node)
{
  return is_number (node) ? json_node_get_double (node) : 0;
}

char *
quote (const char *text)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_VALUE);

  if (text == NULL)
    return g_strdup ("null");
  json_node_set_string (node, text);
  return json_to_string (node, FALSE);
}

char *
to_text (JsonNode *node)
{
  return json_to_string (node, FALSE);
}

const char *
find_unknown (JsonNode *node, const char *const *known)
{
  g_autoptr (GList) names
      = is_object (node) ? json_object_get_members (json_node_get_object (node)) : NULL;

  for (GList *at = names; at != NULL; at = at->next)
    if (!g_strv_contains (known, at->data))
      return at->data;
  return NULL;
}
