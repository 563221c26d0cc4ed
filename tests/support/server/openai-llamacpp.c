/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* llama-server, as build b10587 answers, held against it: much that the request does wrong
 * is a 500 here, and much is taken that others refuse */
#include "openai.h"

#include <string.h>

static const ErrorText errors[N_PROBLEMS] = {
  [PROBLEM_KEY] = { 401, "authentication_error", NULL, "Invalid API Key" },
  [PROBLEM_NO_KEY] = { 401, "authentication_error", NULL, "Invalid API Key" },
  [PROBLEM_PATH] = { 404, "not_found_error", NULL, "File Not Found" },
  [PROBLEM_MODEL] = { 400, "invalid_request_error", NULL, "model '{model}' not found" },
  [PROBLEM_CONTEXT] = { 400, "exceed_context_size_error", NULL,
                        "request (2008 tokens) exceeds the available context size (512 "
                        "tokens), try increasing it" },
};

static const char *const members[] = { "top_k",
                                       "min_p",
                                       "repeat_penalty",
                                       "cache_prompt",
                                       "n_predict",
                                       "grammar",
                                       "json_schema",
                                       "reasoning_format",
                                       "chat_template_kwargs",
                                       "n_probs",
                                       "id_slot",
                                       "return_progress",
                                       "samplers",
                                       "typical_p",
                                       "mirostat",
                                       "logit_bias",
                                       "t_max_predict_ms",
                                       "dry_multiplier",
                                       "repeat_last_n",
                                       "tools",
                                       "tool_choice",
                                       "timings_per_token",
                                       NULL };

static gboolean
fail (Exchange *x, const char *message)
{
  return refuse_as (x, &(Problem){ .kind = PROBLEM_SERVER }, "%s", message);
}

/* bytes decide, not what the request calls them; WEBP only with ffmpeg beside the server */
static gboolean
take (Exchange *x, TakeKind kind, const char *data)
{
  g_autoptr (GBytes) bytes = media_decode_base64 (data, NULL);
  const char *type = bytes != NULL ? media_sniff (bytes) : NULL;

  if (bytes == NULL || g_strcmp0 (type, "image/webp") == 0
      || !take_bytes (x, kind, bytes, NULL))
    return refuse (x, "Failed to load image or audio file");
  return TRUE;
}

/* a data URL of a picture, or bare base64 */
static gboolean
take_image (Exchange *x, JsonNode *part)
{
  const char *url = openai_get_url (part, "image_url");
  const char *comma = url != NULL ? strchr (url, ',') : NULL;

  if (url == NULL || *url == '\0')
    return fail (x, "Invalid base64 value");
  if (g_str_has_prefix (url, "http://") || g_str_has_prefix (url, "https://"))
    return fail (x, "error: cannot make GET request");
  if (g_str_has_prefix (url, "file://"))
    return refuse (x, "file:// URLs are not allowed unless --media-path is specified");
  if (comma == NULL)
    return take (x, TAKE_IMAGE, url);
  if (!g_str_has_prefix (url, "data:image/"))
    {
      g_autofree char *head = g_strndup (url, (gsize) (comma - url));
      g_autofree char *message = g_strconcat ("Invalid uri format: ", head, NULL);

      return fail (x, message);
    }
  if (comma - url < 7 || strncmp (comma - 7, ";base64", 7) != 0)
    return fail (x, "uri must be base64 encoded");
  return take (x, TAKE_IMAGE, comma + 1);
}

static gboolean
take_audio (Exchange *x, JsonNode *part)
{
  const char *data = text_of (member (member (part, "input_audio"), "data"));

  if (data == NULL || *data == '\0')
    return fail (x, "Invalid base64 value");
  return take (x, TAKE_AUDIO, data);
}

static gboolean
check_part (Exchange *x, JsonNode *part)
{
  const char *type = text_of (member (part, "type"));
  const char *text = text_of (member (part, "text"));

  if (g_strcmp0 (type, "image_url") == 0)
    return take_image (x, part);
  if (g_strcmp0 (type, "input_audio") == 0)
    return take_audio (x, part);
  if (g_strcmp0 (type, "text") != 0)
    return refuse (x, "unsupported content[].type");
  if (text == NULL)
    return fail (x,
                 "Failed to parse messages: [json.exception.out_of_range.403] key 'text' "
                 "not found");
  g_string_append (x->text, text);
  return TRUE;
}

/* any role will do, and empty content */
static gboolean
check_message (Exchange *x, JsonNode *message)
{
  JsonNode *content = member (message, "content");
  JsonArray *parts = array_of (content);
  g_autofree char *text = NULL;

  if (content == NULL)
    return refuse (x, "All non-assistant messages must contain 'content'");
  if (parts == NULL && text_of (content) == NULL && !json_node_is_null (content))
    return refuse (x, "Expected 'content' to be a string or an array");
  for (guint i = 0; parts != NULL && i < json_array_get_length (parts); i++)
    if (!check_part (x, json_array_get_element (parts, i)))
      return FALSE;
  if (text_of (content) != NULL)
    g_string_append (x->text, text_of (content));
  if (member (message, "role") != NULL)
    return TRUE;
  text = to_text (message);
  return refuse_as (x, &(Problem){ .kind = PROBLEM_SERVER },
                    "Failed to parse messages: Missing 'role' in message: %s", text);
}

static gboolean
check_messages (Exchange *x)
{
  JsonNode *node = member (x->root, "messages");
  JsonArray *messages = array_of (node);

  if (node == NULL)
    return refuse (x, "'messages' is required");
  if (messages == NULL)
    return refuse (x, "Expected 'messages' to be an array");
  for (guint i = 0; i < json_array_get_length (messages); i++)
    if (!check_message (x, json_array_get_element (messages, i)))
      return FALSE;
  return openai_check_lacking (x);
}

static const char *
name_type (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    return "array";
  if (JSON_NODE_HOLDS_OBJECT (node))
    return "object";
  return text_of (node) != NULL ? "string" : "boolean";
}

static gboolean
check_number (Exchange *x, const char *name, double minimum, double maximum)
{
  JsonNode *node = member (x->root, name);
  g_autofree char *value = node != NULL ? to_text (node) : NULL;

  if (node == NULL || json_node_is_null (node))
    return TRUE;
  if (!is_number (node))
    return refuse (
        x,
        "Field '%s': [json.exception.type_error.302] type must be number, but is "
        "%s",
        name, name_type (node));
  return (number_of (node) >= minimum && number_of (node) <= maximum)
         || refuse (x,
                    "Field '%s': Value must be between %.0f <= value <= %.0f, but got %s",
                    name, minimum, maximum, value);
}

static gboolean
check_schema (Exchange *x, JsonNode *schema)
{
  static const char *const types[]
      = { "object", "array", "string", "number", "integer", "boolean", "null", NULL };
  const char *type = text_of (member (schema, "type"));
  g_autofree char *text = schema != NULL ? to_text (schema) : NULL;

  return type == NULL || g_strv_contains (types, type)
         || refuse (
             x,
             "Unable to generate parser for this template. Automatic parser "
             "generation failed: JSON schema conversion failed:\nUnrecognized schema: "
             "%s",
             text);
}

/* neither a name nor strictness is asked for; both forms hold the schema elsewhere */
static gboolean
check_format (Exchange *x)
{
  JsonNode *format = member (x->root, "response_format");
  const char *type = text_of (member (format, "type"));

  if (type != NULL && !g_str_equal (type, "text") && !g_str_equal (type, "json_object")
      && !g_str_equal (type, "json_schema"))
    return refuse (
        x,
        "response_format type must be one of \"text\" or \"json_object\", but got: "
        "%s",
        type);
  if (member (x->root, "grammar") != NULL
      && (member (x->root, "json_schema") != NULL || format != NULL))
    return fail (x, "Cannot use both json_schema and grammar");
  return check_schema (x, either (format, "schema", ""))
         && check_schema (x, member (member (format, "json_schema"), "schema"))
         && check_schema (x, member (x->root, "json_schema"));
}

static gboolean
check_switches (Exchange *x)
{
  JsonNode *stream = member (x->root, "stream");
  JsonNode *thinking = member (member (x->root, "chat_template_kwargs"), "enable_thinking");

  if (stream != NULL
      && (!JSON_NODE_HOLDS_VALUE (stream)
          || json_node_get_value_type (stream) != G_TYPE_BOOLEAN))
    return refuse (
        x,
        "Field 'stream': [json.exception.type_error.302] type must be boolean, but "
        "is %s",
        is_number (stream) ? "number" : name_type (stream));
  if (member (x->root, "top_logprobs") != NULL && !is_true (member (x->root, "logprobs")))
    return refuse (x, "top_logprobs requires logprobs to be set to true");
  if (thinking != NULL && text_of (thinking) != NULL)
    return refuse (x,
                   "invalid type for \"enable_thinking\" (expected boolean, got string)");
  return TRUE;
}

static gboolean
check (Exchange *x)
{
  g_autoptr (GError) error = NULL;

  if (x->request->body->len == 0)
    return fail (x, "[json.exception.parse_error.101] parse error at line 1, column 1: "
                    "attempting to parse an empty input; check that your input string or "
                    "stream contains the expected JSON");
  if (!exchange_parse (x, &error))
    return refuse_as (x, &(Problem){ .kind = PROBLEM_SERVER },
                      "[json.exception.parse_error.101] parse error at line 1, column 1: "
                      "%s",
                      error->message);
  if (!is_object (x->root))
    return refuse (x, "'messages' is required");
  return openai_check_names (x) && check_messages (x) && check_format (x)
         && check_switches (x) && check_number (x, "max_tokens", -1, 2147483647)
         && check_number (x, "max_completion_tokens", -1, 2147483647)
         && check_number (x, "temperature", -1e9, 1e9)
         && check_number (x, "top_p", -1e9, 1e9) && check_number (x, "seed", -1e18, 1e18)
         && check_number (x, "n", 1, settings.capacity > 0 ? settings.capacity : 4);
}

static char *
dup_model (void)
{
  return g_strdup (",\"meta\":{\"vocab_type\":true,\"n_vocab\":32064,\"n_ctx\":4096,"
                   "\"n_ctx_train\":32768,\"n_params\":4218880,\"size\":4578816}");
}

const Dialect openai_llamacpp = {
  .dup_model = dup_model,
  .name = "llamacpp",
  .blurb = "llama-server: raw base64 sound, 500 for much that the request does wrong",
  .base = "/v1",
  .members = members,
  .ignores = TRUE,
  .check_whole = check,
  .lacking = "{name} input is not supported - hint: if this is unexpected, you may need to "
             "provide the mmproj",
  .lacking_status = 500,
  .errors = errors,
  .error = openai_error_llamacpp,
  .reasoning = "reasoning_content",
};
