/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-ollama.h"

#include <math.h>

/* the server takes sound among the pictures */
static JsonArray *
build_images (MerRequest *request)
{
  JsonArray *images = json_array_new ();

  for (guint i = 0; i < mer_request_get_n_frames (request); i++)
    {
      g_autofree char *data = mer_request_place_frame (request, i, "");

      json_array_add_string_element (images, data);
    }
  if (mer_request_has_audio (request))
    {
      g_autofree char *data = mer_request_place_audio (request, "");

      json_array_add_string_element (images, data);
    }
  return images;
}

static JsonArray *
build_messages (MerRequest *request)
{
  const char *system_prompt = mer_request_get_system (request);
  JsonArray *messages = json_array_new ();
  JsonArray *images = build_images (request);
  JsonObject *user = json_object_new ();

  if (system_prompt != NULL)
    {
      JsonObject *message = json_object_new ();

      json_object_set_string_member (message, "role", "system");
      json_object_set_string_member (message, "content", system_prompt);
      json_array_add_object_element (messages, message);
    }
  json_object_set_string_member (user, "role", "user");
  json_object_set_string_member (user, "content", mer_request_get_prompt (request));
  if (json_array_get_length (images) > 0)
    json_object_set_array_member (user, "images", images);
  else
    json_array_unref (images);
  json_array_add_object_element (messages, user);
  return messages;
}

static JsonObject *
build_options (MerBackend *backend, const MerOllamaStyle *style)
{
  double temperature = mer_backend_get_temperature (backend);
  guint max_tokens = mer_backend_get_max_tokens (backend);
  JsonObject *options = json_object_new ();
  gint64 seed = 0;

  if (!isnan (temperature))
    json_object_set_double_member (options, "temperature", temperature);
  if (max_tokens > 0)
    json_object_set_int_member (options, "num_predict", max_tokens);
  if (style->num_ctx > 0)
    json_object_set_int_member (options, "num_ctx", style->num_ctx);
  if (mer_backend_get_seed (backend, &seed))
    json_object_set_int_member (options, "seed", seed);
  return options;
}

static void
add_format (JsonObject *root, MerBackend *backend)
{
  switch (mer_backend_get_answer_format (backend))
    {
    case MER_ANSWER_FORMAT_JSON_OBJECT:
      json_object_set_string_member (root, "format", "json");
      break;
    case MER_ANSWER_FORMAT_JSON_SCHEMA:
      json_object_set_member (root, "format",
                              json_node_copy (mer_backend_get_schema (backend)));
      break;
    case MER_ANSWER_FORMAT_TEXT:
    default:
      break;
    }
}

/**
 * mer_ollama_build_request:
 * @backend: whose model and sampling are asked for
 * @style: how requests are written
 * @request: what is asked
 *
 * Returns: (transfer full): the body of a call to /api/chat
 */
JsonNode *
mer_ollama_build_request (MerBackend *backend, const MerOllamaStyle *style,
                          MerRequest *request)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new ();

  if (mer_backend_get_model (backend) != NULL)
    json_object_set_string_member (root, "model", mer_backend_get_model (backend));
  json_object_set_array_member (root, "messages", build_messages (request));
  /* said either way: what the server does by itself is to stream, and to cut */
  json_object_set_boolean_member (root, "stream", style->stream);
  json_object_set_boolean_member (root, "truncate", style->truncate);
  json_object_set_boolean_member (root, "shift", style->truncate);
  if (style->think != NULL)
    json_object_set_member (root, "think", json_node_copy (style->think));
  if (style->keep_alive != NULL)
    json_object_set_member (root, "keep_alive", json_node_copy (style->keep_alive));
  add_format (root, backend);
  json_object_set_object_member (root, "options", build_options (backend, style));
  json_node_take_object (node, root);
  mer_json_node_patch (node, style->extra);
  return node;
}
