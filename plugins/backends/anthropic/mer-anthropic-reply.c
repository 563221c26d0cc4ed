/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-anthropic.h"

#include <string.h>

static void
read_usage (JsonNode *reply, MerResult *result)
{
  JsonNode *node = mer_json_node_member (reply, "usage");
  MerUsage usage = MER_USAGE_UNKNOWN;

  /* unlike elsewhere these three hold nothing of each other */
  usage.input = mer_json_node_count (node, "input_tokens");
  usage.input_cached = mer_json_node_count (node, "cache_read_input_tokens");
  usage.cache_write = mer_json_node_count (node, "cache_creation_input_tokens");
  usage.output = mer_json_node_count (node, "output_tokens");
  usage.reasoning = mer_json_node_count (
      mer_json_node_member (node, "output_tokens_details"), "thinking_tokens");
  mer_result_set_usage (result, &usage);
}

static void
read_data (JsonNode *reply, MerResult *result)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *data = json_object_new ();

  mer_answer_add_data (data, "finish", reply, "stop_reason");
  mer_answer_add_data (data, "request_id", reply, "id");
  mer_answer_add_data (data, "served_model", reply, "model");
  mer_answer_add_data (data, "service_tier", mer_json_node_member (reply, "usage"),
                       "service_tier");
  json_node_take_object (node, data);
  mer_result_take_data (result, node);
}

static void
append (GString *to, JsonNode *node, const char *member)
{
  const char *text = mer_json_node_string (node, member);

  if (text != NULL)
    g_string_append (to, text);
}

static gboolean
read_blocks (JsonArray *blocks, GString *text, GString *thinking, GError **error)
{
  for (guint i = 0; i < json_array_get_length (blocks); i++)
    {
      JsonNode *block = json_array_get_element (blocks, i);
      const char *type = mer_json_node_string (block, "type");

      if (g_strcmp0 (type, "thinking") == 0)
        append (thinking, block, "thinking");
      if (g_strcmp0 (type, "text") != 0)
        continue;
      if (mer_json_node_string (block, "text") == NULL)
        {
          g_set_error (error, MER_ERROR, MER_ERROR_API, "/content/%u/text is no text", i);
          return FALSE;
        }
      append (text, block, "text");
    }
  return TRUE;
}

static void
read_refusal (JsonNode *reply, MerResult *result)
{
  JsonNode *details = mer_json_node_member (reply, "stop_details");
  const char *category = mer_json_node_string (details, "category");
  const char *explanation = mer_json_node_string (details, "explanation");
  g_autofree char *why = category != NULL && explanation != NULL
                             ? g_strdup_printf ("%.60s: %.300s", category, explanation)
                             : g_strdup (category != NULL ? category : explanation);

  mer_answer_set_filtered (result, MER_REASON_OUTPUT_FILTER, why);
}

static void
read_stop (JsonNode *reply, MerResult *result)
{
  const char *stop = mer_json_node_string (reply, "stop_reason");

  if (g_strcmp0 (stop, "max_tokens") == 0)
    mer_answer_set_truncated (result, MER_REASON_TOKEN_LIMIT);
  else if (g_strcmp0 (stop, "model_context_window_exceeded") == 0)
    mer_answer_set_truncated (result, MER_REASON_CONTEXT_LIMIT);
  else if (g_strcmp0 (stop, "refusal") == 0)
    read_refusal (reply, result);
}

/**
 * mer_anthropic_parse_reply:
 * @reply: a message, or a stream put together
 * @result: an unsealed result of outcome `answered`
 * @error: place for an error
 *
 * Returns: %FALSE where @reply holds no answer of any kind
 */
gboolean
mer_anthropic_parse_reply (JsonNode *reply, MerResult *result, GError **error)
{
  JsonNode *content = mer_json_node_member (reply, "content");
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) thinking = g_string_new (NULL);

  if (content == NULL || !JSON_NODE_HOLDS_ARRAY (content))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "the answer has no list /content; is this Anthropic's messages API?");
      return FALSE;
    }
  if (!read_blocks (json_node_get_array (content), text, thinking, error))
    return FALSE;
  read_usage (reply, result);
  read_data (reply, result);
  mer_answer_set_text (result, text->str, thinking->str);
  read_stop (reply, result);
  return TRUE;
}

/* a stream on the way to one message */
typedef struct
{
  JsonObject *message; /* what message_start brought, without its content */
  JsonNode *usage;
  GString *text;
  GString *thinking;
  JsonNode *failure;
  gboolean stopped;
} Gathered;

/* the last word on each counter stands: message_delta repeats them all, or some */
static void
take_usage (Gathered *self, JsonNode *from)
{
  JsonNode *usage = mer_json_node_member (from, "usage");

  if (usage == NULL || !JSON_NODE_HOLDS_OBJECT (usage))
    return;
  if (self->usage == NULL)
    {
      self->usage = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (self->usage, json_object_new ());
    }
  mer_json_node_patch (self->usage, usage);
}

static void
take_member (Gathered *self, JsonNode *from, const char *name)
{
  JsonNode *value = mer_json_node_member (from, name);

  if (value != NULL)
    json_object_set_member (self->message, name, json_node_copy (value));
}

static void
on_event (const char *event, const char *data, gsize length, gpointer user_data)
{
  Gathered *self = user_data;
  g_autoptr (JsonNode) root = mer_reply_parse_text (data, length, NULL);
  const char *type = mer_json_node_string (root, "type");
  JsonNode *delta = mer_json_node_member (root, "delta");

  if (root == NULL)
    return;
  if (g_strcmp0 (type, "error") == 0 || mer_json_node_member (root, "error") != NULL)
    {
      if (self->failure == NULL)
        self->failure = json_node_ref (root);
    }
  else if (g_strcmp0 (type, "message_start") == 0)
    {
      JsonNode *message = mer_json_node_member (root, "message");

      take_member (self, message, "id");
      take_member (self, message, "model");
      take_usage (self, message);
    }
  else if (g_strcmp0 (type, "content_block_start") == 0)
    {
      JsonNode *block = mer_json_node_member (root, "content_block");

      append (self->text, block, "text");
      append (self->thinking, block, "thinking");
    }
  else if (g_strcmp0 (type, "content_block_delta") == 0)
    {
      append (self->text, delta, "text");
      append (self->thinking, delta, "thinking");
    }
  else if (g_strcmp0 (type, "message_delta") == 0)
    {
      take_member (self, delta, "stop_reason");
      take_member (self, delta, "stop_details");
      take_usage (self, root);
    }
  else if (g_strcmp0 (type, "message_stop") == 0)
    self->stopped = TRUE;
}

static void
add_block (JsonArray *content, const char *type, GString *text)
{
  JsonObject *block;

  if (text->len == 0)
    return;
  block = json_object_new ();
  json_object_set_string_member (block, "type", type);
  json_object_set_string_member (block, type, text->str);
  json_array_add_object_element (content, block);
}

/* the message that the server would have sent in one piece */
static JsonNode *
gathered_to_reply (Gathered *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonArray *content = json_array_new ();

  add_block (content, "thinking", self->thinking);
  add_block (content, "text", self->text);
  json_object_set_array_member (self->message, "content", content);
  if (self->usage != NULL)
    json_object_set_member (self->message, "usage", json_node_ref (self->usage));
  json_node_set_object (node, self->message);
  return node;
}

/**
 * mer_anthropic_decode_stream:
 * @reply: a reply of server-sent events
 * @error: place for an error
 *
 * Puts a streamed message together. It is whole when `message_stop` or a stop reason came.
 *
 * Returns: (transfer full) (nullable): the message as one document; the error event where
 *   there was one
 */
JsonNode *
mer_anthropic_decode_stream (MerReply *reply, GError **error)
{
  Gathered gathered = { .message = json_object_new (),
                        .text = g_string_new (NULL),
                        .thinking = g_string_new (NULL) };
  JsonNode *root = NULL;

  if (mer_stream_split (MER_STREAM_SSE, reply->body, on_event, &gathered, error))
    {
      if (gathered.failure != NULL)
        root = json_node_ref (gathered.failure);
      else if (gathered.stopped || json_object_has_member (gathered.message, "stop_reason"))
        root = gathered_to_reply (&gathered);
      else
        g_set_error (error, MER_ERROR, MER_ERROR_API,
                     "the stream broke off before the answer was whole");
    }
  json_object_unref (gathered.message);
  g_string_free (gathered.text, TRUE);
  g_string_free (gathered.thinking, TRUE);
  g_clear_pointer (&gathered.usage, json_node_unref);
  g_clear_pointer (&gathered.failure, json_node_unref);
  return root;
}
