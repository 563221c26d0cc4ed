/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-openai-request.h"

static void
add_message (JsonArray *messages, const char *role, JsonNode *content)
{
  JsonObject *message = json_object_new ();

  json_object_set_string_member (message, "role", role);
  json_object_set_member (message, "content", content);
  json_array_add_object_element (messages, message);
}

static JsonArray *
build_messages (const MerOpenaiStyle *style, const MerOpenaiShow *show, MerRequest *request)
{
  JsonArray *messages = json_array_new ();
  const char *system = mer_request_get_system (request);
  int as = mer_openai_style_get (style, MER_OPENAI_SYSTEM_AS);

  if (system != NULL && as != MER_OPENAI_SYSTEM_AS_USER)
    add_message (messages, as == MER_OPENAI_SYSTEM_AS_DEVELOPER ? "developer" : "system",
                 json_node_init_string (json_node_alloc (), system));
  add_message (messages, "user", mer_openai_build_content (style, show, request));
  return messages;
}

static void
add_stream (JsonObject *root)
{
  JsonObject *options = json_object_new ();

  json_object_set_boolean_member (root, "stream", TRUE);
  json_object_set_boolean_member (options, "include_usage", TRUE);
  json_object_set_object_member (root, "stream_options", options);
}

static void
add_switches (JsonObject *root, const MerOpenaiStyle *style)
{
  if (mer_openai_style_get (style, MER_OPENAI_STREAM) == MER_OPENAI_YES)
    add_stream (root);
  if (mer_openai_style_get (style, MER_OPENAI_TEXT_OUTPUT) == MER_OPENAI_YES)
    {
      JsonArray *modalities = json_array_new ();

      json_array_add_string_element (modalities, "text");
      json_object_set_array_member (root, "modalities", modalities);
    }
  if (style->n_logprobs > 0)
    {
      json_object_set_boolean_member (root, "logprobs", TRUE);
      json_object_set_int_member (root, "top_logprobs", style->n_logprobs);
    }
}

/* the members that chat completions have for themselves */
static void
fill_chat (JsonObject *root, const MerOpenaiStyle *style, const MerOpenaiShow *show,
           MerRequest *request)
{
  json_object_set_array_member (root, "messages", build_messages (style, show, request));
  mer_openai_add_video_members (root, style, show, request);
  add_switches (root, style);
}

/**
 * mer_openai_build_request:
 * @backend: whose model and sampling are asked for
 * @style: how requests are written
 * @request: what is asked
 * @error: place for an error
 *
 * Returns: (transfer full) (nullable): the body of a call to `/chat/completions` or
 *   `/responses`
 */
JsonNode *
mer_openai_build_request (MerBackend *backend, const MerOpenaiStyle *style,
                          MerRequest *request, GError **error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new ();
  MerOpenaiShow show;

  json_node_take_object (node, root);
  if (!mer_openai_show_choose (&show, style, request, error))
    return NULL;
  if (mer_backend_get_model (backend) != NULL)
    json_object_set_string_member (root, "model", mer_backend_get_model (backend));
  if (style->habits.is_responses)
    mer_openai_responses_fill (root, style, &show, request);
  else
    fill_chat (root, style, &show, request);
  if (!mer_openai_add_sampling (root, backend, style, error))
    return NULL;
  mer_openai_add_answer_format (root, backend, style);
  mer_openai_add_thinking (root, style);
  mer_openai_style_patch (style, node);
  return g_steal_pointer (&node);
}
