/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "openai.h"

#include <string.h>

/* {"type": TYPE, TYPE: {"url": …}} */
const char *
openai_get_url (JsonNode *part, const char *type)
{
  return text_of (member (member (part, type), "url"));
}

static gboolean
take_url (Exchange *x, TakeKind kind, const char *url, const char *wanted)
{
  g_autofree char *type = NULL;
  const char *data = NULL;

  if (url == NULL)
    return refuse (x, "%s must be an object with a url", wanted);
  if (!take_data_url (url, &type, &data)
      || (*type != '\0' && strncmp (type, wanted, strlen (wanted) - strlen ("_url")) != 0))
    return refuse_as (x,
                      &(Problem){ .kind = settings.dialect == &openai_vllm
                                              ? PROBLEM_UNSUPPORTED
                                              : PROBLEM_INVALID },
                      "Only base64 data URLs are supported for now.");
  return take_base64 (x, kind, data, type);
}

gboolean
openai_take_image_url (Exchange *x, JsonNode *part)
{
  return take_url (x, TAKE_IMAGE, openai_get_url (part, "image_url"), "image_url");
}

/* OpenAI's own: the kinds that it takes, and not what an http URL leads to */
gboolean
openai_take_image (Exchange *x, JsonNode *part)
{
  static const char *const details[] = { "auto", "low", "high", "original", NULL };
  const char *url = openai_get_url (part, "image_url");
  const char *detail = text_of (member (member (part, "image_url"), "detail"));

  if (!is_object (member (part, "image_url")))
    return openai_refuse (
        x, "invalid_type", "messages",
        "Invalid type for '{name}.image_url': expected an object, but got "
        "a string instead.",
        x->place, "");
  if (url == NULL)
    return openai_refuse (x, "missing_required_parameter", "messages",
                          "Missing required parameter: '{name}.image_url.url'.", x->place,
                          "");
  if (detail != NULL && !g_strv_contains (details, detail))
    return openai_refuse (x, "invalid_value", "messages",
                          "Invalid value: '{found}'. Supported values are: 'low', 'high', "
                          "'auto', and 'original'.",
                          x->place, detail);
  if (!g_str_has_prefix (url, "data:image/"))
    return openai_refuse (x, "invalid_image_url", "messages",
                          "Failed to download image from {found}.", x->place, url);
  return openai_take_image_url (x, part)
         || openai_refuse (x, "image_parse_error", "messages",
                           "You uploaded an unsupported image. Please make sure your image "
                           "is valid.",
                           x->place, "");
}

gboolean
openai_take_audio_url (Exchange *x, JsonNode *part)
{
  return take_url (x, TAKE_AUDIO, openai_get_url (part, "audio_url"), "audio_url");
}

/* data:video/jpeg;base64,FRAME,FRAME,…: pictures of one size */
static gboolean
take_frames (Exchange *x, const char *data)
{
  g_auto (GStrv) frames = g_strsplit (data, ",", -1);
  JsonArray *list = json_object_get_array_member (x->log, "frames");
  guint first = json_array_get_length (list);

  for (guint i = 0; frames[i] != NULL; i++)
    if (!take_base64 (x, TAKE_IMAGE, frames[i], NULL))
      return FALSE;
  for (guint i = first + 1; i < json_array_get_length (list); i++)
    {
      JsonNode *one = json_array_get_element (list, i);
      JsonNode *other = json_array_get_element (list, first);

      if (number_of (member (one, "width")) != number_of (member (other, "width"))
          || number_of (member (one, "height")) != number_of (member (other, "height")))
        return refuse (x, "all input arrays must have the same shape");
    }
  json_object_set_string_member (x->log, "frames_as", "video/jpeg");
  return TRUE;
}

gboolean
openai_take_video_url (Exchange *x, JsonNode *part)
{
  static const char frames[] = "data:video/jpeg;base64,";
  const char *url = openai_get_url (part, "video_url");

  if (url != NULL && g_str_has_prefix (url, frames))
    return take_frames (x, url + strlen (frames));
  return take_url (x, TAKE_VIDEO, url, "video_url");
}

/* {"type": "video", "video": ["data:image/jpeg;base64,…", …]} */
gboolean
openai_take_video_list (Exchange *x, JsonNode *part)
{
  JsonArray *list = array_of (member (part, "video"));
  guint n = list != NULL ? json_array_get_length (list) : 0;
  const char *model = text_of (member (x->root, "model"));
  guint least = model != NULL && strstr (model, "omni") != NULL ? 2 : 4;

  if (n < least)
    return refuse (
        x,
        "<400> InternalError.Algo.InvalidParameter: The video modality input does "
        "not meet the requirements because: the number of images must be in the "
        "range [%u, 512].",
        least);
  for (guint i = 0; i < n; i++)
    if (!take_url (x, TAKE_IMAGE, text_of (json_array_get_element (list, i)), "image_url"))
      return FALSE;
  json_object_set_string_member (x->log, "frames_as", "video");
  if (is_number (member (part, "fps")))
    json_object_set_double_member (x->log, "fps", number_of (member (part, "fps")));
  return TRUE;
}

/* raw base64 beside its format */
gboolean
openai_take_audio (Exchange *x, JsonNode *part)
{
  JsonNode *audio = member (part, "input_audio");
  const char *data = text_of (member (audio, "data"));
  const char *format = text_of (member (audio, "format"));

  if (data == NULL || (g_strcmp0 (format, "wav") != 0 && g_strcmp0 (format, "mp3") != 0))
    return refuse (x, "input_audio.format must be either 'wav' or 'mp3'");
  return take_base64 (x, TAKE_AUDIO, data, NULL);
}

/* DashScope and StepFun want what the others refuse */
gboolean
openai_take_audio_data_url (Exchange *x, JsonNode *part)
{
  const char *data = text_of (member (member (part, "input_audio"), "data"));

  if (data == NULL || !g_str_has_prefix (data, "data:"))
    return refuse (x,
                   "<400> InternalError.Algo.InvalidParameter: The provided URL does not "
                   "appear to be valid. Ensure it is correctly formatted.");
  return take_url (x, TAKE_AUDIO, data, "audio_url");
}
