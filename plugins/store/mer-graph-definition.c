/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-graph-definition.h"

#include "config/mer-property.h"

static gboolean
is_worth_noting (GObject *object, GParamSpec *pspec, GValue *value)
{
  const GParamFlags wanted = G_PARAM_READABLE | G_PARAM_WRITABLE;

  if ((pspec->flags & wanted) != wanted || g_str_equal (pspec->name, "name")
      || g_type_is_a (pspec->value_type, G_TYPE_OBJECT)
      || g_type_is_a (pspec->value_type, G_TYPE_POINTER))
    return FALSE;
  g_value_init (value, pspec->value_type);
  g_object_get_property (object, pspec->name, value);
  return !g_param_value_defaults (pspec, value);
}

static JsonObject *
definition_of_properties (GObject *object)
{
  JsonObject *set = json_object_new ();
  guint n;
  g_autofree GParamSpec **pspecs
      = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);

  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      g_autofree char *text = NULL;

      if (is_worth_noting (object, pspecs[i], &value))
        text = mer_property_text_from_value (&value);
      if (text != NULL)
        json_object_set_string_member (set, pspecs[i]->name, text);
    }
  return set;
}

static JsonArray *
definition_of_links (GstElement *element)
{
  JsonArray *links = json_array_new ();

  GST_OBJECT_LOCK (element);
  for (GList *item = element->srcpads; item != NULL; item = item->next)
    {
      g_autoptr (GstPad) peer = gst_pad_get_peer (item->data);
      g_autoptr (GstObject) owner = peer != NULL ? gst_pad_get_parent (peer) : NULL;

      if (owner != NULL)
        json_array_add_string_element (links, GST_OBJECT_NAME (owner));
    }
  GST_OBJECT_UNLOCK (element);
  return links;
}

static JsonObject *
definition_of_element (GstElement *element)
{
  GstElementFactory *factory = gst_element_get_factory (element);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "element",
                                 factory != NULL ? GST_OBJECT_NAME (factory)
                                                 : G_OBJECT_TYPE_NAME (element));
  json_object_set_object_member (object, "properties",
                                 definition_of_properties (G_OBJECT (element)));
  json_object_set_array_member (object, "to", definition_of_links (element));
  return object;
}

static void
collect_element (const GValue *item, gpointer user_data)
{
  GstElement *element = g_value_get_object (item);

  g_ptr_array_add (user_data, gst_object_ref (element));
}

JsonNode *
mer_graph_definition_new (GstElement *graph, GstElement *except)
{
  g_autoptr (GPtrArray) elements = g_ptr_array_new_with_free_func (gst_object_unref);
  JsonObject *all = json_object_new ();
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);

  json_object_unref (object);
  if (GST_IS_BIN (graph))
    {
      GstIterator *iterator = gst_bin_iterate_recurse (GST_BIN (graph));

      gst_iterator_foreach (iterator, collect_element, elements);
      gst_iterator_free (iterator);
    }
  for (guint i = 0; i < elements->len; i++)
    if (elements->pdata[i] != except)
      json_object_set_object_member (all, GST_OBJECT_NAME (elements->pdata[i]),
                                     definition_of_element (elements->pdata[i]));
  json_object_set_string_member (object, "format", "mer-graph/1");
  json_object_set_object_member (object, "elements", all);
  return node;
}
