/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-openai-request.h"

static void
add_image (JsonArray *content, const char *url, const char *detail)
{
  JsonObject *part = json_object_new ();

  json_object_set_string_member (part, "type", "input_image");
  /* a text here, an object in chat completions */
  json_object_set_string_member (part, "image_url", url);
  if (detail != NULL)
    json_object_set_string_member (part, "detail", detail);
  json_array_add_object_element (content, part);
}

static void
add_text (JsonArray *content, const char *text)
{
  JsonObject *part = json_object_new ();

  json_object_set_string_member (part, "type", "input_text");
  json_object_set_string_member (part, "text", text);
  json_array_add_object_element (content, part);
}

static JsonArray *
build_input (const MerOpenaiStyle *style, const MerOpenaiShow *show, MerRequest *request)
{
  JsonArray *input = json_array_new ();
  JsonArray *content = json_array_new ();
  JsonObject *message = json_object_new ();
  g_autofree char *prompt = mer_openai_dup_prompt (style, request);
  gboolean timed = mer_openai_style_get (style, MER_OPENAI_FRAMES_AS)
                   == MER_OPENAI_FRAMES_AS_TIMED_IMAGES;

  for (guint i = 0; show->frames && i < mer_request_get_n_frames (request); i++)
    {
      g_autofree char *url
          = mer_request_place_frame (request, i, "data:image/jpeg;base64,");
      g_autofree char *time = mer_request_dup_frame_label (request, i);

      if (timed)
        add_text (content, time);
      add_image (content, url, style->image_detail);
    }
  add_text (content, prompt);
  json_object_set_string_member (message, "role", "user");
  json_object_set_array_member (message, "content", content);
  json_array_add_object_element (input, message);
  return input;
}

static void
add_logprobs (JsonObject *root, guint n_logprobs)
{
  JsonArray *include = json_array_new ();

  json_array_add_string_element (include, "message.output_text.logprobs");
  json_object_set_array_member (root, "include", include);
  json_object_set_int_member (root, "top_logprobs", n_logprobs);
}

/**
 * mer_openai_responses_fill:
 * @root: a request
 * @style: how requests are written
 * @show: what goes into this one
 * @request: what is asked
 *
 * Adds the members that `/responses` has for itself. The server is told to keep no copy.
 */
void
mer_openai_responses_fill (JsonObject *root, const MerOpenaiStyle *style,
                           const MerOpenaiShow *show, MerRequest *request)
{
  const char *system = mer_request_get_system (request);

  if (system != NULL
      && mer_openai_style_get (style, MER_OPENAI_SYSTEM_AS) != MER_OPENAI_SYSTEM_AS_USER)
    json_object_set_string_member (root, "instructions", system);
  json_object_set_array_member (root, "input", build_input (style, show, request));
  json_object_set_boolean_member (root, "store", FALSE);
  if (style->n_logprobs > 0)
    add_logprobs (root, style->n_logprobs);
  if (mer_openai_style_get (style, MER_OPENAI_STREAM) == MER_OPENAI_YES)
    json_object_set_boolean_member (root, "stream", TRUE);
}
