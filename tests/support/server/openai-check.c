/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "openai.h"

#include <string.h>

/* what OpenAI, vLLM and llama-server know; a real server refuses or ignores the rest, and a
 * misspelt member that is ignored is the worse fault */
static const char *const known_members[] = { "model",
                                             "messages",
                                             "max_tokens",
                                             "max_completion_tokens",
                                             "temperature",
                                             "seed",
                                             "response_format",
                                             "stream",
                                             "stream_options",
                                             "top_p",
                                             "top_k",
                                             "repetition_penalty",
                                             "cache_prompt",
                                             "media_io_kwargs",
                                             "mm_processor_kwargs",
                                             "chat_template_kwargs",
                                             "reasoning_effort",
                                             "logprobs",
                                             "top_logprobs",
                                             "modalities",
                                             "stop",
                                             NULL };

static gboolean
check_image (Exchange *x, JsonNode *part)
{
  const char *url = text_of (member (member (part, "image_url"), "url"));

  if (url == NULL)
    return refuse (x, "image_url must be an object with a url");
  if (!g_str_has_prefix (url, "data:image/jpeg;base64,"))
    return refuse (x, "Only base64 data URLs of JPEGs are supported for now.");
  return take_base64 (x, TAKE_IMAGE, strchr (url, ',') + 1, NULL);
}

static gboolean
check_audio (Exchange *x, JsonNode *part)
{
  JsonNode *audio = member (part, "input_audio");
  const char *data = text_of (member (audio, "data"));
  const char *format = text_of (member (audio, "format"));

  if (data == NULL || (g_strcmp0 (format, "wav") != 0 && g_strcmp0 (format, "mp3") != 0))
    return refuse (x, "input_audio.format must be either 'wav' or 'mp3'");
  return take_base64 (x, TAKE_AUDIO, data, NULL);
}

static gboolean
check_part (Exchange *x, JsonNode *part)
{
  const char *type = text_of (member (part, "type"));

  if (g_strcmp0 (type, "image_url") == 0)
    return check_image (x, part);
  if (g_strcmp0 (type, "input_audio") == 0)
    return check_audio (x, part);
  if (g_strcmp0 (type, "text") != 0)
    return refuse (x, "unsupported content[].type");
  if (text_of (member (part, "text")) == NULL)
    return refuse (x, "a text part must have a text");
  g_string_append (x->text, text_of (member (part, "text")));
  return TRUE;
}

static gboolean
check_message (Exchange *x, JsonNode *message)
{
  const char *role = text_of (member (message, "role"));
  JsonNode *content = member (message, "content");
  JsonArray *parts = array_of (content);

  if (g_strcmp0 (role, "system") != 0 && g_strcmp0 (role, "user") != 0)
    return refuse (x, "messages[].role must be system or user");
  if (text_of (content) != NULL)
    {
      g_string_append (x->text, text_of (content));
      return TRUE;
    }
  if (parts == NULL || json_array_get_length (parts) == 0)
    return refuse (x, "Expected 'content' to be a string or an array");
  if (g_str_equal (role, "system"))
    return refuse (x, "system messages take text only");
  for (guint i = 0; i < json_array_get_length (parts); i++)
    if (!check_part (x, json_array_get_element (parts, i)))
      return FALSE;
  return TRUE;
}

static gboolean
check_number (Exchange *x, const char *name, gboolean whole, double minimum, double maximum)
{
  JsonNode *node = member (x->root, name);
  GType type = node != NULL && JSON_NODE_HOLDS_VALUE (node)
                   ? json_node_get_value_type (node)
                   : G_TYPE_INVALID;

  if (node == NULL)
    return TRUE;
  if (type != G_TYPE_INT64 && (whole || type != G_TYPE_DOUBLE))
    return refuse (x, "'%s' is of the wrong type", name);
  double value = type == G_TYPE_INT64 ? (double) json_node_get_int (node)
                                      : json_node_get_double (node);
  if (value < minimum || value > maximum)
    return refuse (x, "'%s' is out of range", name);
  return TRUE;
}

/* OpenAI's strict mode: nothing optional, nothing else */
static gboolean
check_schema (Exchange *x, JsonNode *format)
{
  JsonNode *wrapper = member (format, "json_schema");
  JsonNode *schema = member (wrapper, "schema");
  JsonNode *properties = member (schema, "properties");
  JsonArray *required = array_of (member (schema, "required"));
  const char *name = text_of (member (wrapper, "name"));

  if (name == NULL || *name == '\0' || strlen (name) > 64
      || strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
             != strlen (name))
    return refuse (x, "Invalid 'response_format.json_schema.name'");
  if (schema == NULL || !JSON_NODE_HOLDS_OBJECT (schema))
    return refuse (x, "Missing 'response_format.json_schema.schema'");
  JsonNode *additional = member (schema, "additionalProperties");
  if (additional == NULL || !JSON_NODE_HOLDS_VALUE (additional)
      || json_node_get_boolean (additional))
    return refuse (x, "'additionalProperties' is required to be false");
  if (properties == NULL || required == NULL
      || json_array_get_length (required)
             != json_object_get_size (json_node_get_object (properties)))
    return refuse (x, "'required' must include every key in properties");
  return TRUE;
}

static gboolean
check_format (Exchange *x)
{
  JsonNode *format = member (x->root, "response_format");
  const char *type = text_of (member (format, "type"));

  if (format == NULL || g_strcmp0 (type, "text") == 0)
    return TRUE;
  if (g_strcmp0 (type, "json_schema") == 0)
    return check_schema (x, format);
  if (g_strcmp0 (type, "json_object") != 0)
    return refuse (x, "response_format.type must be text, json_object or json_schema");
  if (strstr (x->text->str, "JSON") == NULL && strstr (x->text->str, "json") == NULL)
    return refuse (x, "'messages' must contain the word 'json' in some form");
  return TRUE;
}

static gboolean
check_members (Exchange *x)
{
  const char *unknown = find_unknown (x->root, known_members);

  if (unknown != NULL)
    return refuse (x, "Unrecognized request argument supplied: %s", unknown);
  if (text_of (member (x->root, "model")) == NULL)
    return refuse (x, "you must provide a model parameter");
  if (member (x->root, "stream_options") != NULL && member (x->root, "stream") == NULL)
    return refuse (x, "'stream_options' is only allowed when 'stream' is enabled");
  if (member (x->root, "max_tokens") != NULL
      && member (x->root, "max_completion_tokens") != NULL)
    return refuse (x, "max_tokens and max_completion_tokens cannot both be set");
  return check_number (x, "max_tokens", TRUE, 1, 1e6)
         && check_number (x, "max_completion_tokens", TRUE, 1, 1e6)
         && check_number (x, "seed", TRUE, -1e18, 1e18)
         && check_number (x, "temperature", FALSE, 0, 2)
         && check_number (x, "top_p", FALSE, 0, 1);
}

static gboolean
check_messages (Exchange *x)
{
  JsonArray *messages = array_of (member (x->root, "messages"));

  if (messages == NULL || json_array_get_length (messages) == 0)
    return refuse (x, "'messages' is required");
  for (guint i = 0; i < json_array_get_length (messages); i++)
    if (!check_message (x, json_array_get_element (messages, i)))
      return FALSE;
  return TRUE;
}

gboolean
openai_check (Exchange *x)
{
  const char *type = http_get_header (x->request, "content-type");
  g_autoptr (GError) error = NULL;

  log_media (x);
  if (type == NULL || !g_str_has_prefix (type, "application/json"))
    return refuse (x, "Unsupported content type: '%s'", type != NULL ? type : "");
  if (!exchange_parse (x, &error))
    return refuse (x, "%s", error->message);
  if (!is_object (x->root))
    return refuse (x, "the body must be a JSON object");
  if (!check_members (x) || !check_messages (x) || !check_format (x))
    return FALSE;
  x->answer.stream = is_true (member (x->root, "stream"));
  x->answer.usage_in_stream = member (x->root, "stream_options") != NULL;
  exchange_finish (x, member (x->root, "response_format") != NULL
                          || strstr (x->text->str, "JSON") != NULL);
  return check_model (x, text_of (member (x->root, "model")));
}
