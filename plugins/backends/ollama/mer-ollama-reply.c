/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-ollama.h"

static void
read_usage (JsonNode *reply, MerResult *result)
{
  MerUsage usage = MER_USAGE_UNKNOWN;

  usage.input = mer_json_node_count (reply, "prompt_eval_count");
  usage.output = mer_json_node_count (reply, "eval_count");
  mer_result_set_usage (result, &usage);
}

/* the server counts nanoseconds */
static void
add_seconds (JsonObject *data, const char *name, JsonNode *reply, const char *member)
{
  gint64 duration = mer_json_node_count (reply, member);

  if (duration > 0)
    json_object_set_double_member (data, name, (double) duration / 1e9);
}

static void
read_data (JsonNode *reply, MerResult *result)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *data = json_object_new ();

  mer_answer_add_data (data, "finish", reply, "done_reason");
  mer_answer_add_data (data, "served_model", reply, "model");
  add_seconds (data, "server_seconds", reply, "total_duration");
  add_seconds (data, "load_seconds", reply, "load_duration");
  add_seconds (data, "prompt_seconds", reply, "prompt_eval_duration");
  add_seconds (data, "output_seconds", reply, "eval_duration");
  json_node_take_object (node, data);
  mer_result_take_data (result, node);
}

/**
 * mer_ollama_was_cut:
 * @result: what a reply became
 * @num_ctx: the context that was asked for, tokens; 0 where none was
 *
 * Whether the question filled the whole context, as it does after a server has cut it
 * without a word.
 *
 * Returns: whether the model has probably not seen all that was sent
 */
gboolean
mer_ollama_was_cut (MerResult *result, guint num_ctx)
{
  return num_ctx > 0 && mer_result_get_usage (result).input >= (gint64) num_ctx;
}

static gboolean
filled_context (MerResult *result, guint num_ctx)
{
  MerUsage usage = mer_result_get_usage (result);

  return num_ctx > 0
         && MAX (usage.input, 0) + MAX (usage.output, 0) >= (gint64) num_ctx - 1;
}

/**
 * mer_ollama_parse_reply:
 * @reply: an answer of /api/chat, or a stream put together
 * @num_ctx: the context that was asked for, tokens; 0 where none was
 * @result: an unsealed result of outcome `answered`
 * @error: place for an error
 *
 * Returns: %FALSE where @reply holds no answer of any kind
 */
gboolean
mer_ollama_parse_reply (JsonNode *reply, guint num_ctx, MerResult *result, GError **error)
{
  JsonNode *message = mer_json_node_member (reply, "message");
  const char *content = mer_json_node_string (message, "content");

  if (message == NULL || !JSON_NODE_HOLDS_OBJECT (message)
      || (content == NULL && mer_json_node_member (message, "content") != NULL))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "the answer has no /message/content; is this Ollama, and does uri end "
                   "at its port?");
      return FALSE;
    }
  read_usage (reply, result);
  read_data (reply, result);
  mer_answer_set_text (result, content, mer_json_node_string (message, "thinking"));
  if (g_strcmp0 (mer_json_node_string (reply, "done_reason"), "length") == 0)
    mer_answer_set_truncated (result, filled_context (result, num_ctx)
                                          ? MER_REASON_CONTEXT_LIMIT
                                          : MER_REASON_TOKEN_LIMIT);
  else if (mer_ollama_was_cut (result, num_ctx))
    mer_result_set_detail (result, "the question filled the whole context, and the server "
                                   "has probably cut it; raise num-ctx");
  return TRUE;
}

typedef struct
{
  GString *content;
  GString *thinking;
  JsonNode *last;
  JsonNode *failure;
} Gathered;

static void
append (GString *to, JsonNode *message, const char *member)
{
  const char *text = mer_json_node_string (message, member);

  if (text != NULL)
    g_string_append (to, text);
}

static void
on_line (const char *event, const char *data, gsize length, gpointer user_data)
{
  Gathered *self = user_data;
  g_autoptr (JsonNode) root = mer_reply_parse_text (data, length, NULL);
  JsonNode *message = mer_json_node_member (root, "message");

  if (root == NULL)
    return;
  if (mer_json_node_member (root, "error") != NULL && self->failure == NULL)
    self->failure = json_node_ref (root);
  append (self->content, message, "content");
  append (self->thinking, message, "thinking");
  if (!JSON_NODE_HOLDS_OBJECT (root))
    return;
  g_clear_pointer (&self->last, json_node_unref);
  self->last = g_steal_pointer (&root);
}

static gboolean
is_done (JsonNode *node, gboolean fallback)
{
  JsonNode *done = mer_json_node_member (node, "done");

  return done != NULL && json_node_get_value_type (done) == G_TYPE_BOOLEAN
             ? json_node_get_boolean (done)
             : fallback;
}

static void
set_broken (GError **error)
{
  g_set_error (error, MER_ERROR, MER_ERROR_API,
               "the stream broke off before the answer was whole");
}

/* the last line has all but the text */
static JsonNode *
gathered_to_reply (Gathered *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *message = json_object_new ();

  json_node_take_object (node, json_object_new ());
  mer_json_node_patch (node, self->last);
  json_object_set_string_member (message, "role", "assistant");
  json_object_set_string_member (message, "content", self->content->str);
  if (self->thinking->len > 0)
    json_object_set_string_member (message, "thinking", self->thinking->str);
  json_object_set_object_member (json_node_get_object (node), "message", message);
  return node;
}

static JsonNode *
decode_lines (MerReply *reply, GError **error)
{
  Gathered gathered = { .content = g_string_new (NULL), .thinking = g_string_new (NULL) };
  JsonNode *root = NULL;

  if (mer_stream_split (MER_STREAM_NDJSON, reply->body, on_line, &gathered, error))
    {
      if (gathered.failure != NULL)
        root = json_node_ref (gathered.failure);
      else if (is_done (gathered.last, FALSE))
        root = gathered_to_reply (&gathered);
      else
        set_broken (error);
    }
  g_string_free (gathered.content, TRUE);
  g_string_free (gathered.thinking, TRUE);
  g_clear_pointer (&gathered.last, json_node_unref);
  g_clear_pointer (&gathered.failure, json_node_unref);
  return root;
}

/**
 * mer_ollama_decode:
 * @reply: a reply in one piece, or of one JSON document a line
 * @error: place for an error
 *
 * Returns: (transfer full) (nullable): the answer as one document, or an error that came
 *   after the head; %NULL where the answer is not whole, or where the server only loaded
 *   the model
 */
JsonNode *
mer_ollama_decode (MerReply *reply, GError **error)
{
  g_autoptr (JsonNode) root = mer_reply_is_type (reply, "application/x-ndjson")
                                  ? decode_lines (reply, error)
                                  : mer_reply_parse_json (reply, error);

  if (root != NULL && !is_done (root, TRUE))
    {
      set_broken (error);
      return NULL;
    }
  if (root != NULL && g_strcmp0 (mer_json_node_string (root, "done_reason"), "load") == 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "the server has loaded the model and said nothing");
      return NULL;
    }
  return g_steal_pointer (&root);
}
