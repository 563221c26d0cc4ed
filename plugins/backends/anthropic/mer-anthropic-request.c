/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-anthropic.h"

#include <math.h>

/* what the server refuses; told before megabytes are sent */
#define MAX_IMAGE_BYTES (5u * 1000 * 1000)
#define MAX_IMAGE_SIDE 8000u
#define MANY_IMAGES 20u
#define MAX_SIDE_OF_MANY 2000u
#define MAX_BODY_BYTES ((gsize) 32 * 1000 * 1000)

static void
add_text (JsonArray *content, const char *text)
{
  JsonObject *block = json_object_new ();

  json_object_set_string_member (block, "type", "text");
  json_object_set_string_member (block, "text", text);
  json_array_add_object_element (content, block);
}

static void
add_image (JsonArray *content, MerRequest *request, guint index)
{
  JsonObject *block = json_object_new ();
  JsonObject *source = json_object_new ();
  g_autofree char *data = mer_request_place_frame (request, index, "");

  json_object_set_string_member (source, "type", "base64");
  json_object_set_string_member (source, "media_type", "image/jpeg");
  json_object_set_string_member (source, "data", data);
  json_object_set_string_member (block, "type", "image");
  json_object_set_object_member (block, "source", source);
  json_array_add_object_element (content, block);
}

static gboolean
check_image (const MerFrame *frame, guint index, guint n_frames, GError **error)
{
  guint side = MAX (frame->width, frame->height);
  guint max_side = n_frames > MANY_IMAGES ? MAX_SIDE_OF_MANY : MAX_IMAGE_SIDE;

  if (side > max_side)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE,
                   "frame %u is %u × %u pixels, and Anthropic takes up to %u a side%s; set "
                   "max-side of mermedia lower",
                   index, frame->width, frame->height, max_side,
                   n_frames > MANY_IMAGES ? " where there are more than 20" : "");
      return FALSE;
    }
  if (frame->size > MAX_IMAGE_BYTES)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE,
                   "frame %u has %.1f MB, and Anthropic takes up to 5 MB; set max-side or "
                   "jpeg-quality of mermedia lower",
                   index, (double) frame->size / 1e6);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_images (MerRequest *request, GError **error)
{
  MerMedia *media = mer_sample_get_media (mer_request_get_sample (request));
  guint n_frames = mer_request_get_n_frames (request);
  gsize total = 0;

  for (guint i = 0; i < n_frames; i++)
    {
      const MerFrame *frame = mer_media_get_frame (media, i);

      if (!check_image (frame, i, n_frames, error))
        return FALSE;
      total += (frame->size + 2) / 3 * 4;
    }
  if (total <= MAX_BODY_BYTES)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE,
               "the frames make a request of %.1f MB, and Anthropic takes up to 32 MB; set "
               "frames, max-side or jpeg-quality of mermedia lower",
               (double) total / 1e6);
  return FALSE;
}

/* pictures first, as the vendor asks for */
static JsonArray *
build_messages (const MerAnthropicStyle *style, MerRequest *request)
{
  JsonArray *messages = json_array_new ();
  JsonArray *content = json_array_new ();
  JsonObject *user = json_object_new ();

  for (guint i = 0; i < mer_request_get_n_frames (request); i++)
    {
      if (style->timed_frames)
        {
          g_autofree char *label = mer_request_dup_frame_label (request, i);

          add_text (content, label);
        }
      add_image (content, request, i);
    }
  /* a block of no text is refused */
  if (*mer_request_get_prompt (request) != '\0')
    add_text (content, mer_request_get_prompt (request));
  json_object_set_string_member (user, "role", "user");
  json_object_set_array_member (user, "content", content);
  json_array_add_object_element (messages, user);
  return messages;
}

static void
add_thinking (JsonObject *root, const MerAnthropicStyle *style)
{
  static const char *const names[] = { NULL, "disabled", "enabled", "adaptive" };
  JsonObject *thinking;

  if (style->thinking == MER_ANTHROPIC_THINKING_UNSET)
    return;
  thinking = json_object_new ();
  json_object_set_string_member (thinking, "type", names[style->thinking]);
  if (style->thinking == MER_ANTHROPIC_THINKING_ENABLED)
    json_object_set_int_member (thinking, "budget_tokens", style->thinking_budget);
  json_object_set_object_member (root, "thinking", thinking);
}

static void
add_output_config (JsonObject *root, const MerAnthropicStyle *style)
{
  JsonObject *config;

  gboolean has_effort = style->effort != NULL && *style->effort != '\0';

  if (style->schema == NULL && !has_effort)
    return;
  config = json_object_new ();
  if (has_effort)
    json_object_set_string_member (config, "effort", style->effort);
  if (style->schema != NULL)
    {
      JsonObject *format = json_object_new ();

      json_object_set_string_member (format, "type", "json_schema");
      json_object_set_member (format, "schema", json_node_copy (style->schema));
      json_object_set_object_member (config, "format", format);
    }
  json_object_set_object_member (root, "output_config", config);
}

/**
 * mer_anthropic_build_request:
 * @backend: whose model and sampling are asked for
 * @style: how requests are written
 * @request: what is asked
 * @error: place for an error
 *
 * Returns: (transfer full) (nullable): the body of a call to messages, %NULL with
 *   %MER_ERROR_TOO_LARGE where the server would refuse its pictures
 */
JsonNode *
mer_anthropic_build_request (MerBackend *backend, const MerAnthropicStyle *style,
                             MerRequest *request, GError **error)
{
  double temperature = mer_backend_get_temperature (backend);
  gboolean thinks = style->thinking >= MER_ANTHROPIC_THINKING_ENABLED;
  JsonNode *node;
  JsonObject *root;

  if (!check_images (request, error))
    return NULL;
  node = json_node_new (JSON_NODE_OBJECT);
  root = json_object_new ();
  if (mer_backend_get_model (backend) != NULL)
    json_object_set_string_member (root, "model", mer_backend_get_model (backend));
  json_object_set_int_member (root, "max_tokens", mer_backend_get_max_tokens (backend));
  if (mer_request_get_system (request) != NULL && *mer_request_get_system (request) != '\0')
    json_object_set_string_member (root, "system", mer_request_get_system (request));
  json_object_set_array_member (root, "messages", build_messages (style, request));
  /* a model that thinks takes no other temperature than 1 */
  if (!isnan (temperature) && !thinks)
    json_object_set_double_member (root, "temperature", temperature);
  add_thinking (root, style);
  add_output_config (root, style);
  if (style->stream)
    json_object_set_boolean_member (root, "stream", TRUE);
  json_node_take_object (node, root);
  mer_json_node_patch (node, style->extra);
  return node;
}
