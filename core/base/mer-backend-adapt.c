/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* requests that are changed to please a server, and how people learn of it */
#include "base/mer-backend-work.h"

static MerLessons *
get_lessons (MerBackend *self)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);

  return mer_lessons_get (mer_caller_get_address (mer_backend_get_caller (self)),
                          priv->served_model);
}

/* once in a graph, whichever of its stages comes across it first */
static gboolean
is_news (MerBackend *self, const char *text)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);
  g_autoptr (GstObject) top = gst_object_ref (GST_OBJECT (self));
  g_autofree char *name = g_strdup_printf (
      "mer-adapted %s %s %s", mer_caller_get_address (mer_backend_get_caller (self)),
      priv->served_model != NULL ? priv->served_model : "", text);
  GstObject *parent = NULL;

  while ((parent = gst_object_get_parent (top)) != NULL)
    {
      gst_object_unref (top);
      top = parent;
    }
  if (g_object_get_data (G_OBJECT (top), name) != NULL)
    return FALSE;
  g_object_set_data (G_OBJECT (top), name, GINT_TO_POINTER (TRUE));
  return TRUE;
}

static void
announce (MerBackend *self, GPtrArray *adapted, guint first)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);

  for (guint i = first; i < adapted->len; i++)
    if (is_news (self, g_ptr_array_index (adapted, i)))
      GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS,
                           ("%s does not take every request for %s: %s, in all that "
                            "follow; set the properties so to be rid of this",
                            mer_caller_get_address (mer_backend_get_caller (self)),
                            priv->served_model != NULL ? priv->served_model : "its model",
                            (const char *) g_ptr_array_index (adapted, i)),
                           (NULL));
}

/* changes the request to what the server accepts: what was learned before where @failure is
 * NULL, else what that calls for */
gboolean
mer_backend_adapt (MerBackend *self, MerBackendWork *work, const MerReplyError *failure)
{
  const MerAdaptable *what = MER_BACKEND_GET_CLASS (self)->adaptable;
  guint before = work->adapted->len;

  if (what == NULL || !JSON_NODE_HOLDS_OBJECT (work->request))
    return FALSE;

  MerLessons *lessons = get_lessons (self);
  if (failure != NULL && !mer_lessons_learn (lessons, what, work->request, failure))
    return FALSE;
  if (!mer_lessons_apply (lessons, work->request, work->adapted))
    return FALSE;
  announce (self, work->adapted, before);
  return mer_backend_write_payload (self, work, NULL);
}

/* the result's data say how its request differed from what identifies the call */
void
mer_backend_note_adapted (MerResult *result, GPtrArray *adapted)
{
  JsonNode *before = mer_result_get_data (result);
  JsonArray *texts = NULL;
  JsonNode *data = NULL;

  if (adapted->len == 0)
    return;
  texts = json_array_new ();
  for (guint i = 0; i < adapted->len; i++)
    json_array_add_string_element (texts, g_ptr_array_index (adapted, i));
  if (before != NULL && JSON_NODE_HOLDS_OBJECT (before))
    data = json_node_copy (before);
  else
    {
      data = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (data, json_object_new ());
    }
  json_object_set_array_member (json_node_get_object (data), "adapted", texts);
  mer_result_take_data (result, data);
}
