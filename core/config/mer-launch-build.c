/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* makes elements of what was read from a launch array */
#include "config/mer-launch-private.h"

#include "config/mer-property.h"

static char **
list_factories (void)
{
  GList *factories
      = gst_registry_get_feature_list (gst_registry_get (), GST_TYPE_ELEMENT_FACTORY);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (GList *l = factories; l != NULL; l = l->next)
    if (g_str_has_prefix (GST_OBJECT_NAME (l->data), "mer"))
      g_strv_builder_add (names, GST_OBJECT_NAME (l->data));
  gst_plugin_feature_list_free (factories);
  return g_strv_builder_end (names);
}

/* an error of an element gets the place of its launch string before it */
static gboolean
place_error (MerLaunch *self, const char *pointer, const GError *problem, GError **error)
{
  mer_json_set_error (self->json, pointer, error, problem->code, "%s", problem->message);
  return FALSE;
}

static gboolean
apply_settings (MerLaunch *self, const MerLaunchItem *item, GstElement *element,
                GError **error)
{
  for (guint i = 0; i < item->settings->len; i++)
    {
      const MerLaunchSetting *setting
          = &g_array_index (item->settings, MerLaunchSetting, i);
      g_autoptr (GError) problem = NULL;
      g_autofree char *value = mer_property_resolve_file (
          element, setting->key, setting->value, mer_json_get_name (self->json), &problem);

      if (value == NULL || !mer_property_set_text (element, setting->key, value, &problem))
        return place_error (self, item->pointer, problem, error);
    }
  return TRUE;
}

static GstElement *
make_element (MerLaunch *self, const MerLaunchItem *item, GError **error)
{
  g_autoptr (GstElement) element = gst_element_factory_make (item->factory, item->name);

  if (element == NULL)
    {
      g_auto (GStrv) names = list_factories ();
      const char *nearest = mer_nearest_name (item->factory, (const char *const *) names);

      mer_json_set_error (
          self->json, item->pointer, error, MER_ERROR_NOT_FOUND,
          "there is no element “%s”%s%s%s; mer doctor tells which plug-ins do "
          "not load",
          item->factory, nearest != NULL ? "; did you mean “" : "",
          nearest != NULL ? nearest : "", nearest != NULL ? "”?" : "");
      return NULL;
    }
  gst_object_ref_sink (element);
  return apply_settings (self, item, element, error) ? g_steal_pointer (&element) : NULL;
}

static gboolean
link_elements (MerLaunch *self, GPtrArray *elements, GError **error)
{
  for (guint i = 0; i < self->links->len; i++)
    {
      const MerLaunchLink *link = &g_array_index (self->links, MerLaunchLink, i);
      GstElement *from = g_ptr_array_index (elements, (guint) link->from.item);
      GstElement *to = g_ptr_array_index (elements, (guint) link->to.item);

      if (gst_element_link_pads (from, link->from.pad, to, link->to.pad))
        continue;
      mer_json_set_error (self->json, link->pointer, error, MER_ERROR_INVALID_FILE,
                          "%s cannot be linked to %s", GST_OBJECT_NAME (from),
                          GST_OBJECT_NAME (to));
      return FALSE;
    }
  return TRUE;
}

static gboolean
add_ghost_pad (MerLaunch *self, GstBin *bin, GstPadDirection direction, GError **error)
{
  const gboolean is_sink = direction == GST_PAD_SINK;
  g_autoptr (GstPad) open = gst_bin_find_unlinked_pad (bin, direction);
  const char *first = ((MerLaunchItem *) g_ptr_array_index (self->items, 0))->pointer;

  if (open == NULL)
    {
      mer_json_set_error (self->json, first, error, MER_ERROR_INVALID_FILE, "%s",
                          is_sink
                              ? "there is no place for the samples to come in; a "
                                "description has no source of its own"
                              : "there is no way out for the samples; a description has "
                                "no sink of its own");
      return FALSE;
    }
  gst_element_add_pad (GST_ELEMENT (bin),
                       gst_ghost_pad_new (is_sink ? "sink" : "src", open));

  g_autoptr (GstPad) second = gst_bin_find_unlinked_pad (bin, direction);

  if (second == NULL)
    return TRUE;

  g_autoptr (GstElement) parent = gst_pad_get_parent_element (second);

  mer_json_set_error (self->json, first, error, MER_ERROR_INVALID_FILE,
                      "the %s pad of %s is linked to nothing", GST_OBJECT_NAME (second),
                      parent != NULL ? GST_OBJECT_NAME (parent) : "an element");
  return FALSE;
}

/**
 * mer_launch_build:
 * @self: a launch array
 * @name: the bin's name
 * @error: return location for an error that names the place
 *
 * Makes the elements, sets their properties through their GParamSpecs and links them.
 *
 * Returns: (transfer full) (nullable): a bin with one `sink` and one `src` pad
 */
GstElement *
mer_launch_build (MerLaunch *self, const char *name, GError **error)
{
  g_autoptr (GstElement) bin = gst_object_ref_sink (gst_bin_new (name));
  g_autoptr (GPtrArray) elements = g_ptr_array_new_with_free_func (gst_object_unref);

  for (guint i = 0; i < self->items->len; i++)
    {
      GstElement *element = make_element (self, g_ptr_array_index (self->items, i), error);

      if (element == NULL)
        return NULL;
      g_ptr_array_add (elements, element);
      gst_bin_add (GST_BIN (bin), element);
    }
  if (!link_elements (self, elements, error)
      || !add_ghost_pad (self, GST_BIN (bin), GST_PAD_SINK, error)
      || !add_ghost_pad (self, GST_BIN (bin), GST_PAD_SRC, error))
    return NULL;
  return g_steal_pointer (&bin);
}
