/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <string.h>

#include <gio/gio.h>

static void
add_found (Exchange *x, const char *list, JsonObject *found)
{
  if (!json_object_has_member (x->log, list))
    json_object_set_array_member (x->log, list, json_array_new ());
  json_array_add_object_element (json_object_get_array_member (x->log, list), found);
}

/* a test finds the lists even where they are empty */
void
log_media (Exchange *x)
{
  json_object_set_array_member (x->log, "frames", json_array_new ());
  json_object_set_array_member (x->log, "audio", json_array_new ());
  json_object_set_array_member (x->log, "video", json_array_new ());
}

/* JPEGs are decoded to the last row; of the others only the kind is looked at */
static gboolean
take_image (Exchange *x, GBytes *bytes, GError **error)
{
  const char *type = media_sniff (bytes);
  JsonObject *found = NULL;

  if (type != NULL && g_str_has_prefix (type, "image/")
      && !g_str_equal (type, "image/jpeg"))
    {
      found = json_object_new ();
      json_object_set_int_member (found, "bytes", (gint64) g_bytes_get_size (bytes));
      json_object_set_string_member (found, "type", type);
    }
  else
    found = media_describe_jpeg (bytes, error);
  if (found == NULL)
    return FALSE;
  x->answer.image_tokens += 85;
  add_found (x, "frames", found);
  return TRUE;
}

static gboolean
take_audio (Exchange *x, GBytes *bytes, GError **error)
{
  JsonObject *found = media_describe_wav (bytes, error);

  if (found == NULL)
    return FALSE;
  double seconds = json_object_get_double_member (found, "seconds");
  x->answer.seconds += seconds;
  x->answer.audio_tokens += (gint64) (seconds * 10);
  add_found (x, "audio", found);
  return TRUE;
}

static gboolean
take_video (Exchange *x, GBytes *bytes, const char *type, GError **error)
{
  const char *kind = media_sniff (bytes);
  JsonObject *found = NULL;

  if (kind == NULL || !g_str_has_prefix (kind, "video/"))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "Failed to load video: the bytes are %s",
                   kind != NULL ? kind : "of no known kind");
      return FALSE;
    }
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  found = json_object_new ();
  json_object_set_int_member (found, "bytes", (gint64) g_bytes_get_size (bytes));
  json_object_set_string_member (found, "sha256", hash);
  json_object_set_string_member (found, "type", type != NULL ? type : "");
  json_object_set_string_member (found, "kind", kind);
  x->answer.image_tokens += 500;
  add_found (x, "video", found);
  return TRUE;
}

gboolean
take_bytes (Exchange *x, TakeKind kind, GBytes *bytes, const char *type)
{
  g_autoptr (GError) error = NULL;
  gboolean good = FALSE;

  if (kind == TAKE_IMAGE)
    good = take_image (x, bytes, &error);
  else if (kind == TAKE_AUDIO)
    good = take_audio (x, bytes, &error);
  else
    good = take_video (x, bytes, type, &error);
  return good || refuse (x, "%s", error != NULL ? error->message : "unreadable");
}

gboolean
take_base64 (Exchange *x, TakeKind kind, const char *text, const char *type)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = media_decode_base64 (text, &error);

  if (bytes == NULL)
    return refuse (x, "%s", error->message);
  return take_bytes (x, kind, bytes, type);
}

const char *
find_lacking (const Exchange *x)
{
  const struct
  {
    gboolean lacks;
    const char *list, *name;
  } kinds[] = {
    { settings.lacks_image, "frames", "image" },
    { settings.lacks_audio, "audio", "audio" },
    { settings.lacks_video, "video", "video" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].lacks
        && json_array_get_length (json_object_get_array_member (x->log, kinds[i].list)) > 0)
      return kinds[i].name;
  return NULL;
}

gboolean
take_data_url (const char *url, char **type, const char **data)
{
  const char *mark = g_str_has_prefix (url, "data:") ? strstr (url, ";base64,") : NULL;

  if (mark == NULL || memchr (url, ',', (gsize) (mark - url)) != NULL
      || memchr (url + 5, ';', (gsize) (mark - url) - 5) != NULL)
    return FALSE;
  *type = g_strndup (url + 5, (gsize) (mark - url) - 5);
  *data = mark + strlen (";base64,");
  return TRUE;
}
