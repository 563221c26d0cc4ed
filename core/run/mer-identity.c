/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/mer-identity.h"

#include "config/mer-property.h"
#include "emotion/mer-mapping.h"
#include "mer-error.h"

/* how, not what */
static const char *const ignored[] = { "name",
                                       "parent",
                                       "max-in-flight",
                                       "reorder-window",
                                       "deadline",
                                       "max-failures",
                                       "jobs",
                                       "isolation",
                                       "journal",
                                       "timeout",
                                       "patience",
                                       "wait-ready",
                                       "endpoint-limit",
                                       "requests-per-minute",
                                       "tokens-per-minute",
                                       "cost-per-minute",
                                       "max-cost",
                                       "bulk",
                                       "api-key-env",
                                       "allow-plain-http",
                                       "models",
                                       "instances",
                                       "concurrency",
                                       "memory-limit",
                                       "cpu-limit",
                                       "file-limit",
                                       "max-starts",
                                       "grace",
                                       "linger",
                                       "media-folder",
                                       "async-handling",
                                       "message-forward",
                                       "qos",
                                       "prices",
                                       "price-input",
                                       "price-input-cached",
                                       "price-output",
                                       NULL };

/* the content of a file that a property names, by its digest */
static JsonNode *
digest_file (const char *path)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  if (file != NULL)
    {
      g_autofree char *sum = g_compute_checksum_for_data (
          G_CHECKSUM_SHA256, (const guchar *) g_mapped_file_get_contents (file),
          g_mapped_file_get_length (file));
      g_autofree char *text = g_strconcat ("sha256:", sum, NULL);

      json_node_set_string (node, text);
    }
  else
    json_node_set_string (node, path);
  return node;
}

static JsonNode *
prompt_text (const char *path)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  if (g_file_get_contents (path, &text, &length, NULL)
      && g_utf8_validate_len (text, length, NULL))
    json_node_set_string (node, text);
  else
    json_node_set_string (node, path);
  return node;
}

/* the vocabulary itself, wherever it was found */
static JsonNode *
mapping_digest (const char *name, GError **error)
{
  g_autoptr (MerMapping) mapping = mer_mapping_open (name, NULL, error);

  if (mapping == NULL)
    return NULL;

  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);

  json_object_unref (object);
  json_object_set_string_member (object, "name", mer_mapping_get_name (mapping));
  json_object_set_string_member (object, "sha256", mer_mapping_get_sha256 (mapping));
  return node;
}

static JsonNode *
text_node (const char *text)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  json_node_set_string (node, text);
  return node;
}

static JsonNode *
value_node (const char *property, const GValue *value, GError **error)
{
  static const char *const prompts[] = { "prompt", "system", NULL };
  static const char *const files[] = { "location", "schema", NULL };

  if (G_VALUE_HOLDS_STRING (value))
    {
      const char *text = g_value_get_string (value);

      if (text == NULL)
        return json_node_new (JSON_NODE_NULL);
      if (g_str_equal (property, "mapping"))
        return mapping_digest (text, error);
      if (g_strv_contains (prompts, property))
        return prompt_text (text);
      return g_strv_contains (files, property) ? digest_file (text) : text_node (text);
    }
  if (G_VALUE_TYPE (value) == G_TYPE_BOOLEAN || G_VALUE_TYPE (value) == G_TYPE_DOUBLE
      || G_VALUE_TYPE (value) == G_TYPE_INT64 || G_VALUE_TYPE (value) == G_TYPE_STRING)
    {
      JsonNode *node = json_node_new (JSON_NODE_VALUE);

      json_node_set_value (node, value);
      return node;
    }

  g_autofree char *text = mer_property_text_from_value (value);

  return text != NULL ? text_node (text) : NULL;
}

static gboolean
add_property (JsonObject *object, GstElement *element, GParamSpec *spec, GError **error)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GError) problem = NULL;
  JsonNode *node = NULL;

  if ((spec->flags & G_PARAM_READWRITE) != G_PARAM_READWRITE
      || g_strv_contains (ignored, spec->name))
    return TRUE;
  g_object_get_property (G_OBJECT (element), spec->name,
                         (g_value_init (&value, G_PARAM_SPEC_VALUE_TYPE (spec)), &value));
  /* a vocabulary counts even where it is the default: it is part of the project's version
   */
  if (g_param_value_defaults (spec, &value) && !g_str_equal (spec->name, "mapping"))
    return TRUE;
  node = value_node (spec->name, &value, &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (node != NULL)
    json_object_set_member (object, spec->name, node);
  return TRUE;
}

/* what an element says of itself that its properties do not hold, such as a model's entry
 */
static void
add_own_identity (JsonObject *object, GstElement *element)
{
  GParamSpec *spec
      = g_object_class_find_property (G_OBJECT_GET_CLASS (element), "identity");
  g_autofree char *text = NULL;
  JsonNode *node = NULL;

  if (spec == NULL || !G_IS_PARAM_SPEC_STRING (spec))
    return;
  g_object_get (element, "identity", &text, NULL);
  node = text != NULL ? json_from_string (text, NULL) : NULL;
  if (node != NULL)
    json_object_set_member (object, "identity", node);
}

static gboolean
add_element (JsonArray *list, GstElement *element, GError **error)
{
  GstElementFactory *factory = gst_element_get_factory (element);
  JsonObject *object = json_object_new ();
  JsonObject *properties = json_object_new ();
  g_autofree GParamSpec **specs = NULL;
  guint n_specs = 0;

  json_array_add_object_element (list, object);
  json_object_set_string_member (object, "element",
                                 factory != NULL ? GST_OBJECT_NAME (factory)
                                                 : G_OBJECT_TYPE_NAME (element));
  json_object_set_object_member (object, "properties", properties);
  add_own_identity (object, element);
  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n_specs);
  for (guint i = 0; i < n_specs; i++)
    if (!add_property (properties, element, specs[i], error))
      return FALSE;
  return TRUE;
}

/* plain bins are only wrapping; an element that is a bin inside (mermodel) is one element
 */
static gboolean
add_bin (JsonArray *list, GstBin *bin, GError **error)
{
  for (GList *l = g_list_last (GST_BIN_CHILDREN (bin)); l != NULL; l = l->prev)
    {
      if (G_OBJECT_TYPE (l->data) == GST_TYPE_BIN)
        {
          if (!add_bin (list, l->data, error))
            return FALSE;
        }
      else if (!add_element (list, l->data, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * mer_identity_of_graph:
 * @bin: a graph that is not running
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): an array of its elements in the order they were
 * added
 */
JsonNode *
mer_identity_of_graph (GstBin *bin, GError **error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);

  json_node_take_array (node, json_array_new ());
  return add_bin (json_node_get_array (node), bin, error) ? g_steal_pointer (&node) : NULL;
}
