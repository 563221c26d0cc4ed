/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

/* POST /api/generate, what plugins/example speaks */
static gboolean
check_images (Exchange *x)
{
  JsonArray *images = array_of (member (x->root, "images"));

  log_media (x);
  for (guint i = 0; images != NULL && i < json_array_get_length (images); i++)
    {
      const char *text = text_of (json_array_get_element (images, i));

      if (!take_base64 (x, TAKE_IMAGE, text != NULL ? text : "", NULL))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check (Exchange *x)
{
  g_autoptr (GError) error = NULL;
  const char *prompt = NULL;

  if (!exchange_parse (x, &error))
    return refuse (x, "%s", error->message);
  prompt = text_of (member (x->root, "prompt"));
  if (member (x->root, "model") == NULL || prompt == NULL)
    return refuse (x, "model or prompt is missing");
  json_object_set_string_member (x->log, "text", prompt);
  return check_images (x);
}

void
generate_serve (Exchange *x, Reply *reply)
{
  if (check (x))
    reply_json (reply, 200, g_strdup ("{\"response\":\"[happy, calm]\",\"done\":true}"));
  else
    {
      g_autofree char *message = quote (x->problem.message);

      reply_json (reply, 400, g_strdup_printf ("{\"error\":%s}", message));
    }
}
