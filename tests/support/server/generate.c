/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <gio/gio.h>

/* POST /api/generate, what plugins/example speaks */
static gboolean
check_images (JsonObject *root, JsonObject *log, GError **error)
{
  JsonArray *images = json_object_has_member (root, "images")
                          ? json_object_get_array_member (root, "images")
                          : NULL;
  JsonArray *frames = json_array_new ();

  json_object_set_array_member (log, "frames", frames);
  for (guint i = 0; images != NULL && i < json_array_get_length (images); i++)
    {
      g_autoptr (GBytes) bytes
          = media_decode_base64 (json_array_get_string_element (images, i), error);
      JsonObject *frame = bytes != NULL ? media_describe_jpeg (bytes, error) : NULL;

      if (frame == NULL)
        return FALSE;
      json_array_add_object_element (frames, frame);
    }
  return TRUE;
}

gboolean
generate_check (Request *request, JsonObject *log, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();

  if (!json_parser_load_from_data (parser, (char *) request->body->data,
                                   (gssize) request->body->len, error))
    return FALSE;

  JsonObject *root = json_node_get_object (json_parser_get_root (parser));
  if (root == NULL || !json_object_has_member (root, "model")
      || !json_object_has_member (root, "prompt"))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "model or prompt is missing");
      return FALSE;
    }
  json_object_set_string_member (log, "text",
                                 json_object_get_string_member (root, "prompt"));
  return check_images (root, log, error);
}
