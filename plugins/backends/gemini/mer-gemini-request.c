/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-gemini.h"

#include <math.h>

static JsonObject *
add_blob (JsonArray *parts, const char *type, const char *data)
{
  JsonObject *part = json_object_new ();
  JsonObject *blob = json_object_new ();

  json_object_set_string_member (blob, "mimeType", type);
  json_object_set_string_member (blob, "data", data);
  json_object_set_object_member (part, "inlineData", blob);
  json_array_add_object_element (parts, part);
  return part;
}

static void
add_text (JsonArray *parts, const char *text)
{
  JsonObject *part = json_object_new ();

  json_object_set_string_member (part, "text", text);
  json_array_add_object_element (parts, part);
}

static void
add_frames (JsonArray *parts, const MerGeminiStyle *style, MerRequest *request)
{
  for (guint i = 0; i < mer_request_get_n_frames (request); i++)
    {
      g_autofree char *data = mer_request_place_frame (request, i, "");

      if (style->timed_frames)
        {
          g_autofree char *label = mer_request_dup_frame_label (request, i);

          add_text (parts, label);
        }
      add_blob (parts, "image/jpeg", data);
    }
}

static void
add_audio (JsonArray *parts, MerRequest *request)
{
  g_autofree char *data = mer_request_place_audio (request, "");

  add_blob (parts, "audio/wav", data);
}

/* a duration as Google's JSON has it */
static void
set_offset (JsonObject *metadata, const char *name, double seconds)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *text = NULL;

  if (seconds < 0)
    return;
  g_ascii_formatd (number, sizeof number, "%.3f", seconds);
  text = g_strconcat (number, "s", NULL);
  json_object_set_string_member (metadata, name, text);
}

/* the names that Google has for what others call otherwise */
static const char *
get_clip_type (MerRequest *request)
{
  const char *type = mer_request_get_clip_type (request);

  if (g_str_equal (type, "video/x-msvideo"))
    return "video/avi";
  if (g_str_equal (type, "video/x-ms-wmv"))
    return "video/wmv";
  return type;
}

static void
add_clip (JsonArray *parts, const MerGeminiStyle *style, MerRequest *request)
{
  g_autofree char *data = mer_request_place_clip (request, "");
  JsonObject *part = add_blob (parts, get_clip_type (request), data);
  JsonObject *metadata = json_object_new ();

  if (style->video_rate > 0)
    json_object_set_double_member (metadata, "fps", style->video_rate);
  set_offset (metadata, "startOffset", style->video_start);
  set_offset (metadata, "endOffset", style->video_end);
  if (json_object_get_size (metadata) > 0)
    json_object_set_object_member (part, "videoMetadata", metadata);
  else
    json_object_unref (metadata);
}

/* media first, text last, as the vendor asks for */
static JsonArray *
build_parts (const MerGeminiStyle *style, MerRequest *request, GError **error)
{
  gboolean whole = style->video_as == MER_GEMINI_VIDEO_AS_WHOLE
                   && (mer_request_get_shown (request) & MER_MODALITY_VIDEO) != 0;
  JsonArray *parts = NULL;

  /* these models listen to what they watch, whatever they were said to take */
  if (whole && !mer_request_may_show_clip_with_sound (request, error))
    return NULL;
  parts = json_array_new ();
  if (whole)
    add_clip (parts, style, request);
  else
    add_frames (parts, style, request);
  if (!whole && mer_request_has_audio (request))
    add_audio (parts, request);
  if (*mer_request_get_prompt (request) != '\0')
    add_text (parts, mer_request_get_prompt (request));
  return parts;
}

static void
add_thinking (JsonObject *config, const MerGeminiStyle *style)
{
  JsonObject *thinking = json_object_new ();

  if (style->budget != MER_GEMINI_NO_BUDGET)
    json_object_set_int_member (thinking, "thinkingBudget", style->budget);
  if (style->level != NULL)
    json_object_set_string_member (thinking, "thinkingLevel", style->level);
  if (style->include_thoughts)
    json_object_set_boolean_member (thinking, "includeThoughts", TRUE);
  if (json_object_get_size (thinking) > 0)
    json_object_set_object_member (config, "thinkingConfig", thinking);
  else
    json_object_unref (thinking);
}

static JsonObject *
build_config (MerBackend *backend, const MerGeminiStyle *style)
{
  static const char *const resolutions[]
      = { NULL, "MEDIA_RESOLUTION_LOW", "MEDIA_RESOLUTION_MEDIUM",
          "MEDIA_RESOLUTION_HIGH" };
  double temperature = mer_backend_get_temperature (backend);
  guint max_tokens = mer_backend_get_max_tokens (backend);
  JsonObject *config = json_object_new ();
  gint64 seed = 0;

  if (!isnan (temperature))
    json_object_set_double_member (config, "temperature", temperature);
  if (max_tokens > 0)
    json_object_set_int_member (config, "maxOutputTokens", max_tokens);
  /* the server's has 32 bits */
  if (mer_backend_get_seed (backend, &seed))
    json_object_set_int_member (config, "seed", seed & G_MAXINT32);
  if (style->answer_type != NULL)
    json_object_set_string_member (config, "responseMimeType", style->answer_type);
  if (style->schema != NULL)
    json_object_set_member (config, style->schema_member, json_node_copy (style->schema));
  if (style->resolution != MER_GEMINI_RESOLUTION_UNSET)
    json_object_set_string_member (config, "mediaResolution",
                                   resolutions[style->resolution]);
  add_thinking (config, style);
  return config;
}

static JsonObject *
build_content (const char *role, JsonArray *parts)
{
  JsonObject *content = json_object_new ();

  if (role != NULL)
    json_object_set_string_member (content, "role", role);
  json_object_set_array_member (content, "parts", parts);
  return content;
}

/**
 * mer_gemini_build_request:
 * @backend: whose sampling is asked for
 * @style: how requests are written
 * @request: what is asked
 * @error: place for an error
 *
 * The model is no part of it, and neither is streaming: they stand in the address.
 *
 * Returns: (transfer full) (nullable): the body of a call to generateContent, %NULL where
 *   the clip may not be shown as a whole
 */
JsonNode *
mer_gemini_build_request (MerBackend *backend, const MerGeminiStyle *style,
                          MerRequest *request, GError **error)
{
  const char *system_prompt = mer_request_get_system (request);
  JsonArray *parts = build_parts (style, request, error);
  JsonArray *contents = NULL;
  JsonObject *root = NULL;
  JsonNode *node = NULL;

  if (parts == NULL)
    return NULL;
  node = json_node_new (JSON_NODE_OBJECT);
  root = json_object_new ();
  contents = json_array_new ();
  json_array_add_object_element (contents, build_content ("user", parts));
  json_object_set_array_member (root, "contents", contents);
  if (system_prompt != NULL && *system_prompt != '\0')
    {
      JsonArray *system_parts = json_array_new ();

      add_text (system_parts, system_prompt);
      json_object_set_object_member (root, "systemInstruction",
                                     build_content (NULL, system_parts));
    }
  json_object_set_object_member (root, "generationConfig", build_config (backend, style));
  if (style->safety != NULL)
    json_object_set_member (root, "safetySettings", json_node_copy (style->safety));
  json_node_take_object (node, root);
  mer_json_node_patch (node, style->extra);
  return node;
}
