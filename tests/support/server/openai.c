/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <gio/gio.h>
#include <string.h>

#define REFUSE(error, ...)                                                                 \
  (g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, __VA_ARGS__), FALSE)

static const char *const words[]
    = { "happy",   "sad",     "angry",     "surprised", "worried",  "calm",
        "excited", "nervous", "disgusted", "confused",  "grateful", "disappointed",
        "proud",   "tired",   "amused",    "afraid" };

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

static JsonNode *
member (JsonNode *node, const char *name)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node)
             ? json_object_get_member (json_node_get_object (node), name)
             : NULL;
}

static const char *
text_of (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static JsonArray *
array_of (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static gboolean
check_image (JsonNode *part, Answer *answer, GError **error)
{
  const char *url = text_of (member (member (part, "image_url"), "url"));
  g_autoptr (GBytes) bytes = NULL;

  if (url == NULL)
    return REFUSE (error, "image_url must be an object with a url");
  if (!g_str_has_prefix (url, "data:image/jpeg;base64,"))
    return REFUSE (error, "Only base64 data URLs of JPEGs are supported for now.");
  bytes = media_decode_base64 (strchr (url, ',') + 1, error);

  JsonObject *found = bytes != NULL ? media_describe_jpeg (bytes, error) : NULL;
  if (found == NULL)
    return FALSE;
  json_array_add_object_element (json_object_get_array_member (answer->log, "frames"),
                                 found);
  answer->prompt_tokens += 85;
  return TRUE;
}

static gboolean
check_audio (JsonNode *part, Answer *answer, GError **error)
{
  JsonNode *audio = member (part, "input_audio");
  const char *data = text_of (member (audio, "data"));
  const char *format = text_of (member (audio, "format"));

  if (data == NULL || (g_strcmp0 (format, "wav") != 0 && g_strcmp0 (format, "mp3") != 0))
    return REFUSE (error, "input_audio.format must be either 'wav' or 'mp3'");

  g_autoptr (GBytes) bytes = media_decode_base64 (data, error);
  JsonObject *found = bytes != NULL ? media_describe_wav (bytes, error) : NULL;
  if (found == NULL)
    return FALSE;
  answer->prompt_tokens += (gint64) (json_object_get_double_member (found, "seconds") * 10);
  json_array_add_object_element (json_object_get_array_member (answer->log, "audio"),
                                 found);
  return TRUE;
}

static gboolean
check_part (JsonNode *part, Answer *answer, GString *text, GError **error)
{
  const char *type = text_of (member (part, "type"));

  if (g_strcmp0 (type, "image_url") == 0)
    return check_image (part, answer, error);
  if (g_strcmp0 (type, "input_audio") == 0)
    return check_audio (part, answer, error);
  if (g_strcmp0 (type, "text") != 0)
    return REFUSE (error, "unsupported content[].type");
  if (text_of (member (part, "text")) == NULL)
    return REFUSE (error, "a text part must have a text");
  g_string_append (text, text_of (member (part, "text")));
  return TRUE;
}

static gboolean
check_message (JsonNode *message, Answer *answer, GString *text, GError **error)
{
  const char *role = text_of (member (message, "role"));
  JsonNode *content = member (message, "content");
  JsonArray *parts = array_of (content);

  if (g_strcmp0 (role, "system") != 0 && g_strcmp0 (role, "user") != 0)
    return REFUSE (error, "messages[].role must be system or user");
  if (text_of (content) != NULL)
    {
      g_string_append (text, text_of (content));
      return TRUE;
    }
  if (parts == NULL || json_array_get_length (parts) == 0)
    return REFUSE (error, "Expected 'content' to be a string or an array");
  if (g_str_equal (role, "system"))
    return REFUSE (error, "system messages take text only");
  for (guint i = 0; i < json_array_get_length (parts); i++)
    if (!check_part (json_array_get_element (parts, i), answer, text, error))
      return FALSE;
  return TRUE;
}

static gboolean
check_number (JsonNode *root, const char *name, gboolean whole, double minimum,
              double maximum, GError **error)
{
  JsonNode *node = member (root, name);
  GType type = node != NULL && JSON_NODE_HOLDS_VALUE (node)
                   ? json_node_get_value_type (node)
                   : G_TYPE_INVALID;

  if (node == NULL)
    return TRUE;
  if (type != G_TYPE_INT64 && (whole || type != G_TYPE_DOUBLE))
    return REFUSE (error, "'%s' is of the wrong type", name);
  double value = type == G_TYPE_INT64 ? (double) json_node_get_int (node)
                                      : json_node_get_double (node);
  if (value < minimum || value > maximum)
    return REFUSE (error, "'%s' is out of range", name);
  return TRUE;
}

/* OpenAI's strict mode: nothing optional, nothing else */
static gboolean
check_schema (JsonNode *format, GError **error)
{
  JsonNode *wrapper = member (format, "json_schema");
  JsonNode *schema = member (wrapper, "schema");
  JsonNode *properties = member (schema, "properties");
  JsonArray *required = array_of (member (schema, "required"));
  const char *name = text_of (member (wrapper, "name"));

  if (name == NULL || *name == '\0' || strlen (name) > 64
      || strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
             != strlen (name))
    return REFUSE (error, "Invalid 'response_format.json_schema.name'");
  if (schema == NULL || !JSON_NODE_HOLDS_OBJECT (schema))
    return REFUSE (error, "Missing 'response_format.json_schema.schema'");
  JsonNode *additional = member (schema, "additionalProperties");
  if (additional == NULL || !JSON_NODE_HOLDS_VALUE (additional)
      || json_node_get_boolean (additional))
    return REFUSE (error, "'additionalProperties' is required to be false");
  if (properties == NULL || required == NULL
      || json_array_get_length (required)
             != json_object_get_size (json_node_get_object (properties)))
    return REFUSE (error, "'required' must include every key in properties");
  return TRUE;
}

static gboolean
check_format (JsonNode *root, const char *text, GError **error)
{
  JsonNode *format = member (root, "response_format");
  const char *type = text_of (member (format, "type"));

  if (format == NULL || g_strcmp0 (type, "text") == 0)
    return TRUE;
  if (g_strcmp0 (type, "json_schema") == 0)
    return check_schema (format, error);
  if (g_strcmp0 (type, "json_object") != 0)
    return REFUSE (error, "response_format.type must be text, json_object or json_schema");
  if (strstr (text, "JSON") == NULL && strstr (text, "json") == NULL)
    return REFUSE (error, "'messages' must contain the word 'json' in some form");
  return TRUE;
}

static gboolean
check_members (JsonNode *root, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (json_node_get_object (root));

  for (GList *at = names; at != NULL; at = at->next)
    if (!g_strv_contains (known_members, at->data))
      return REFUSE (error, "Unrecognized request argument supplied: %s",
                     (char *) at->data);
  if (text_of (member (root, "model")) == NULL)
    return REFUSE (error, "you must provide a model parameter");
  if (member (root, "stream_options") != NULL && member (root, "stream") == NULL)
    return REFUSE (error, "'stream_options' is only allowed when 'stream' is enabled");
  if (member (root, "max_tokens") != NULL && member (root, "max_completion_tokens") != NULL)
    return REFUSE (error, "max_tokens and max_completion_tokens cannot both be set");
  return check_number (root, "max_tokens", TRUE, 1, 1e6, error)
         && check_number (root, "max_completion_tokens", TRUE, 1, 1e6, error)
         && check_number (root, "seed", TRUE, -1e18, 1e18, error)
         && check_number (root, "temperature", FALSE, 0, 2, error)
         && check_number (root, "top_p", FALSE, 0, 1, error);
}

/* the same question always gets the same answer, another question mostly another */
static char *
make_answer (const Settings *settings, Request *request, gboolean as_json)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_autofree char *hash = g_compute_checksum_for_data (
      G_CHECKSUM_SHA256, request->body->data, request->body->len);
  guint n = 1 + (guint) g_ascii_xdigit_value (hash[0]) % 3;

  if (settings->answer != NULL)
    return g_strdup (settings->answer);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (
        list, as_json ? "%s\"%s\"" : "%s%s", i > 0 ? ", " : "",
        words[((guint) g_ascii_xdigit_value (hash[i + 1]) + 5 * i) % G_N_ELEMENTS (words)]);
  return as_json ? g_strdup_printf ("{\"labels\": [%s]}", list->str)
                 : g_strdup_printf ("[%s]", list->str);
}

static gboolean
check_root (const Settings *settings, Request *request, JsonNode *root, Answer *answer,
            GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  JsonArray *messages = array_of (member (root, "messages"));
  JsonNode *stream = member (root, "stream");

  if (!check_members (root, error))
    return FALSE;
  if (messages == NULL || json_array_get_length (messages) == 0)
    return REFUSE (error, "'messages' is required");
  for (guint i = 0; i < json_array_get_length (messages); i++)
    if (!check_message (json_array_get_element (messages, i), answer, text, error))
      return FALSE;
  if (!check_format (root, text->str, error))
    return FALSE;

  answer->stream
      = stream != NULL && JSON_NODE_HOLDS_VALUE (stream) && json_node_get_boolean (stream);
  answer->usage_in_stream = member (root, "stream_options") != NULL;
  answer->prompt_tokens += (gint64) text->len / 4;
  answer->text = make_answer (settings, request,
                              member (root, "response_format") != NULL
                                  || strstr (text->str, "JSON") != NULL);
  json_object_set_string_member (answer->log, "text", text->str);
  json_object_set_string_member (answer->log, "model", text_of (member (root, "model")));
  json_object_set_string_member (answer->log, "answer", answer->text);
  return TRUE;
}

gboolean
openai_check (const Settings *settings, Request *request, Answer *answer, GError **error)
{
  const char *type = http_get_header (request, "content-type");
  g_autoptr (JsonParser) parser = json_parser_new ();

  json_object_set_array_member (answer->log, "frames", json_array_new ());
  json_object_set_array_member (answer->log, "audio", json_array_new ());
  if (!settings->check)
    {
      answer->text = make_answer (settings, request, TRUE);
      return TRUE;
    }
  if (type == NULL || !g_str_has_prefix (type, "application/json"))
    return REFUSE (error, "Unsupported content type: '%s'", type != NULL ? type : "");
  if (!json_parser_load_from_data (parser, (char *) request->body->data,
                                   (gssize) request->body->len, error))
    return FALSE;
  if (json_parser_get_root (parser) == NULL
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    return REFUSE (error, "the body must be a JSON object");
  return check_root (settings, request, json_parser_get_root (parser), answer, error);
}

static char *
quote (const char *text)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_VALUE);

  json_node_set_string (node, text);
  return json_to_string (node, FALSE);
}

static char *
make_usage (const Answer *answer)
{
  gint64 written = (gint64) strlen (answer->text) / 4 + 1;

  return g_strdup_printf ("{\"prompt_tokens\":%" G_GINT64_FORMAT
                          ",\"completion_tokens\":%" G_GINT64_FORMAT
                          ",\"total_tokens\":%" G_GINT64_FORMAT
                          ",\"prompt_tokens_details\":{\"cached_tokens\":0},"
                          "\"completion_tokens_details\":{\"reasoning_tokens\":0}}",
                          answer->prompt_tokens, written, answer->prompt_tokens + written);
}

char *
openai_completion (const Settings *settings, const Answer *answer)
{
  g_autofree char *text = quote (answer->text);
  g_autofree char *usage = make_usage (answer);

  return g_strdup_printf (
      "{\"id\":\"chatcmpl-test\",\"object\":\"chat.completion\",\"created\":1,"
      "\"model\":\"%s\",\"system_fingerprint\":\"fp_test\",\"choices\":[{\"index\":0,"
      "\"message\":{\"role\":\"assistant\",\"content\":%s,\"refusal\":null},"
      "\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":%s}",
      settings->model, text, usage);
}

#define CHUNK_HEAD                                                                         \
  "data: {\"id\":\"chatcmpl-test\",\"object\":\"chat.completion.chunk\",\"model\":\"%s\"," \
  "\"choices\":"

char *
openai_stream (const Settings *settings, const Answer *answer)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *usage = make_usage (answer);

  g_string_append_printf (out,
                          CHUNK_HEAD "[{\"index\":0,\"delta\":{\"role\":\"assistant\","
                                     "\"content\":null}}]}\n\n",
                          settings->model);
  for (const char *at = answer->text; *at != '\0';)
    {
      const char *end = g_utf8_offset_to_pointer (at, MIN (4, g_utf8_strlen (at, -1)));
      g_autofree char *piece = g_strndup (at, (gsize) (end - at));
      g_autofree char *text = quote (piece);

      g_string_append_printf (out,
                              CHUNK_HEAD "[{\"index\":0,\"delta\":{\"content\":%s},"
                                         "\"finish_reason\":null}]}\n\n",
                              settings->model, text);
      at = end;
    }
  g_string_append_printf (
      out, CHUNK_HEAD "[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
      settings->model);
  if (answer->usage_in_stream)
    g_string_append_printf (out, CHUNK_HEAD "[],\"usage\":%s}\n\n", settings->model, usage);
  g_string_append (out, "data: [DONE]\n\n");
  return g_strdup (out->str);
}

char *
openai_error (guint status, const char *type, const char *code, const char *message)
{
  g_autofree char *quoted = quote (message);
  g_autofree char *quoted_code = code != NULL ? quote (code) : g_strdup ("null");

  return g_strdup_printf (
      "{\"error\":{\"message\":%s,\"type\":\"%s\",\"param\":null,\"code\":%s}}", quoted,
      type, quoted_code);
}

void
answer_clear (Answer *answer)
{
  g_clear_pointer (&answer->log, json_object_unref);
  g_clear_pointer (&answer->text, g_free);
}
