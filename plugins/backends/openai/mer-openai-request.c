/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-openai.h"

#include <math.h>

#define JPEG_URL "data:image/jpeg;base64,"
#define WAV_URL "data:audio/wav;base64,"

static JsonObject *
new_part (const char *type)
{
  JsonObject *part = json_object_new ();

  json_object_set_string_member (part, "type", type);
  return part;
}

static void
add_text (JsonArray *content, const char *text)
{
  JsonObject *part = new_part ("text");

  json_object_set_string_member (part, "text", text);
  json_array_add_object_element (content, part);
}

static void
add_url (JsonArray *content, const char *type, const char *url, const char *detail)
{
  JsonObject *part = new_part (type);
  JsonObject *inner = json_object_new ();

  json_object_set_string_member (inner, "url", url);
  if (detail != NULL)
    json_object_set_string_member (inner, "detail", detail);
  json_object_set_object_member (part, type, inner);
  json_array_add_object_element (content, part);
}

static void
add_images (JsonArray *content, const MerOpenaiStyle *style, MerRequest *request)
{
  for (guint i = 0; i < mer_request_get_n_frames (request); i++)
    {
      g_autofree char *url = mer_request_place_frame (request, i, JPEG_URL);

      if (style->habits.frames_as == MER_OPENAI_FRAMES_AS_TIMED_IMAGES)
        {
          char seconds[G_ASCII_DTOSTR_BUF_SIZE];
          g_autofree char *text = NULL;

          g_ascii_formatd (seconds, sizeof seconds, "%.1f",
                           mer_request_get_frame_seconds (request, i));
          text = g_strdup_printf ("<%s seconds>", seconds);
          add_text (content, text);
        }
      add_url (content, "image_url", url, style->habits.image_detail);
    }
}

/* pictures that were taken out already, in the one form that vLLM and LMDeploy read */
static void
add_video (JsonArray *content, MerRequest *request)
{
  g_autoptr (GString) url = g_string_new (NULL);
  guint n_frames = mer_request_get_n_frames (request);

  for (guint i = 0; i < n_frames; i++)
    {
      g_autofree char *frame
          = mer_request_place_frame (request, i, i == 0 ? "data:video/jpeg;base64," : ",");

      g_string_append (url, frame);
    }
  if (n_frames > 0)
    add_url (content, "video_url", url->str, NULL);
}

/* without this a server takes the pictures for one second each and drops the 33rd */
static void
add_video_rate (JsonObject *root, MerRequest *request)
{
  guint n_frames = mer_request_get_n_frames (request);
  double gap = n_frames > 1 ? mer_request_get_frame_seconds (request, 1)
                                  - mer_request_get_frame_seconds (request, 0)
                            : 1;
  JsonObject *video = json_object_new ();
  JsonObject *outer = json_object_new ();

  json_object_set_int_member (video, "num_frames", -1);
  json_object_set_double_member (video, "fps", gap > 0 ? round (1000 / gap) / 1000 : 1);
  json_object_set_object_member (outer, "video", video);
  json_object_set_object_member (root, "media_io_kwargs", outer);
}

static void
add_audio (JsonArray *content, const MerOpenaiStyle *style, MerRequest *request)
{
  MerOpenaiAudioAs as = style->habits.audio_as;
  g_autofree char *data = mer_request_place_audio (
      request, as == MER_OPENAI_AUDIO_AS_INPUT_AUDIO ? "" : WAV_URL);

  if (as == MER_OPENAI_AUDIO_AS_AUDIO_URL)
    {
      add_url (content, "audio_url", data, NULL);
      return;
    }

  JsonObject *part = new_part ("input_audio");
  JsonObject *inner = json_object_new ();
  json_object_set_string_member (inner, "data", data);
  json_object_set_string_member (inner, "format", "wav");
  json_object_set_object_member (part, "input_audio", inner);
  json_array_add_object_element (content, part);
}

/* media first, text last: what Google and Anthropic ask for, and what every template takes
 */
static JsonNode *
build_content (const MerOpenaiStyle *style, MerRequest *request)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *content = json_array_new ();

  if (style->habits.frames_as == MER_OPENAI_FRAMES_AS_VIDEO)
    add_video (content, request);
  else
    add_images (content, style, request);
  if (mer_request_has_audio (request))
    add_audio (content, style, request);
  if (json_array_get_length (content) == 0)
    {
      json_array_unref (content);
      json_node_unref (node);
      node = json_node_new (JSON_NODE_VALUE);
      json_node_set_string (node, mer_request_get_prompt (request));
      return node;
    }
  add_text (content, mer_request_get_prompt (request));
  json_node_take_array (node, content);
  return node;
}

static JsonArray *
build_messages (const MerOpenaiStyle *style, MerRequest *request)
{
  JsonArray *messages = json_array_new ();
  JsonObject *user = json_object_new ();

  if (mer_request_get_system (request) != NULL)
    {
      JsonObject *system = json_object_new ();

      json_object_set_string_member (system, "role", "system");
      json_object_set_string_member (system, "content", mer_request_get_system (request));
      json_array_add_object_element (messages, system);
    }
  json_object_set_string_member (user, "role", "user");
  json_object_set_member (user, "content", build_content (style, request));
  json_array_add_object_element (messages, user);
  return messages;
}

static void
add_answer_format (JsonObject *root, MerBackend *backend)
{
  JsonObject *format = json_object_new ();

  if (mer_backend_get_answer_format (backend) == MER_ANSWER_FORMAT_JSON_OBJECT)
    json_object_set_string_member (format, "type", "json_object");
  else
    {
      JsonObject *schema = json_object_new ();

      json_object_set_string_member (schema, "name", "emotion_labels");
      json_object_set_boolean_member (schema, "strict", TRUE);
      json_object_set_member (schema, "schema",
                              json_node_copy (mer_backend_get_schema (backend)));
      json_object_set_string_member (format, "type", "json_schema");
      json_object_set_object_member (format, "json_schema", schema);
    }
  json_object_set_object_member (root, "response_format", format);
}

static void
merge (JsonObject *root, JsonNode *extra)
{
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *value = NULL;

  if (extra == NULL)
    return;
  json_object_iter_init (&iter, json_node_get_object (extra));
  while (json_object_iter_next (&iter, &name, &value))
    json_object_set_member (root, name, json_node_copy (value));
}

static void
add_sampling (JsonObject *root, MerBackend *backend, const MerOpenaiStyle *style)
{
  double temperature = mer_backend_get_temperature (backend);
  guint max_tokens = mer_backend_get_max_tokens (backend);
  gint64 seed = 0;

  if (!isnan (temperature))
    json_object_set_double_member (root, "temperature", temperature);
  if (max_tokens > 0)
    json_object_set_int_member (root,
                                style->habits.token_key == MER_OPENAI_TOKEN_KEY_MAX_TOKENS
                                    ? "max_tokens"
                                    : "max_completion_tokens",
                                max_tokens);
  if (mer_backend_get_seed (backend, &seed))
    json_object_set_int_member (root, "seed", seed);
}

/**
 * mer_openai_build_request:
 * @backend: whose model and sampling are asked for
 * @style: how requests are written
 * @request: what is asked
 *
 * Returns: (transfer full): the body of a chat completion
 */
JsonNode *
mer_openai_build_request (MerBackend *backend, const MerOpenaiStyle *style,
                          MerRequest *request)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new ();

  if (mer_backend_get_model (backend) != NULL)
    json_object_set_string_member (root, "model", mer_backend_get_model (backend));
  json_object_set_array_member (root, "messages", build_messages (style, request));
  add_sampling (root, backend, style);
  if (mer_backend_get_answer_format (backend) != MER_ANSWER_FORMAT_TEXT)
    add_answer_format (root, backend);
  if (style->habits.frames_as == MER_OPENAI_FRAMES_AS_VIDEO)
    add_video_rate (root, request);
  if (style->stream)
    {
      JsonObject *options = json_object_new ();

      json_object_set_boolean_member (root, "stream", TRUE);
      json_object_set_boolean_member (options, "include_usage", TRUE);
      json_object_set_object_member (root, "stream_options", options);
    }
  if (style->habits.extra != NULL)
    {
      g_autoptr (JsonNode) usual = json_from_string (style->habits.extra, NULL);

      merge (root, usual);
    }
  merge (root, style->extra);
  json_node_take_object (node, root);
  return node;
}
