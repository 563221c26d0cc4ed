/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-openai.h"

#include <string.h>

static void
read_usage (JsonNode *reply, MerResult *result)
{
  JsonNode *node = mer_json_node_member (reply, "usage");
  JsonNode *input = mer_json_node_member (node, "prompt_tokens_details");
  JsonNode *output = mer_json_node_member (node, "completion_tokens_details");
  MerUsage usage = MER_USAGE_UNKNOWN;
  gint64 prompt = mer_json_node_count (node, "prompt_tokens");

  usage.input_cached = mer_json_node_count (input, "cached_tokens");
  usage.cache_write = mer_json_node_count (input, "cache_write_tokens");
  usage.input = prompt >= 0 ? MAX (0, prompt - MAX (0, usage.input_cached)) : -1;
  usage.input_audio = mer_json_node_count (input, "audio_tokens");
  usage.input_image = mer_json_node_count (input, "image_tokens");
  usage.output = mer_json_node_count (node, "completion_tokens");
  usage.reasoning = mer_json_node_count (output, "reasoning_tokens");
  mer_result_set_usage (result, &usage);
}

/* text, or a list of parts of which some are text */
static char *
dup_content (JsonNode *message)
{
  JsonNode *content = mer_json_node_member (message, "content");
  g_autoptr (GString) text = g_string_new (NULL);

  if (content != NULL && !JSON_NODE_HOLDS_ARRAY (content))
    {
      const char *plain = mer_json_node_string (message, "content");

      return plain != NULL ? g_strdup (plain) : NULL;
    }
  if (content == NULL)
    return NULL;

  JsonArray *parts = json_node_get_array (content);
  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      const char *part = mer_json_node_string (json_array_get_element (parts, i), "text");

      if (part != NULL)
        g_string_append (text, part);
    }
  return g_strdup (text->str);
}

static char *
dup_reasoning_details (JsonNode *message)
{
  JsonNode *details = mer_json_node_member (message, "reasoning_details");
  g_autoptr (GString) text = g_string_new (NULL);
  JsonArray *array = details != NULL && JSON_NODE_HOLDS_ARRAY (details)
                         ? json_node_get_array (details)
                         : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *detail = json_array_get_element (array, i);
      const char *part = mer_json_node_string (detail, "text");

      part = part != NULL ? part : mer_json_node_string (detail, "summary");
      if (part != NULL)
        g_string_append (text, part);
    }
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

static char *
dup_reasoning (JsonNode *message)
{
  static const char *const names[] = { "reasoning_content", "reasoning", "thinking" };
  char *details = dup_reasoning_details (message);

  for (gsize i = 0; details == NULL && i < G_N_ELEMENTS (names); i++)
    {
      const char *text = mer_json_node_string (message, names[i]);

      if (text != NULL && *text != '\0')
        return g_strdup (text);
    }
  return details;
}

static MerOutcome
read_finish (const char *finish)
{
  if (g_strcmp0 (finish, "length") == 0 || g_strcmp0 (finish, "max_tokens") == 0)
    return MER_OUTCOME_TRUNCATED;
  if (g_strcmp0 (finish, "content_filter") == 0 || g_strcmp0 (finish, "sensitive") == 0)
    return MER_OUTCOME_FILTERED;
  return MER_OUTCOME_ANSWERED;
}

static void
read_data (JsonNode *reply, JsonNode *choice, MerResult *result)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *data = json_object_new ();

  mer_answer_add_data (data, "finish", choice, "finish_reason");
  mer_answer_add_data (data, "request_id", reply, "id");
  mer_answer_add_data (data, "served_model", reply, "model");
  mer_answer_add_data (data, "fingerprint", reply, "system_fingerprint");
  json_node_take_object (node, data);
  mer_result_take_data (result, node);
}

static void
read_text (JsonNode *message, MerResult *result)
{
  g_autofree char *content = dup_content (message);
  g_autofree char *reasoning = dup_reasoning (message);

  mer_answer_set_text (result, content, reasoning);
}

/**
 * mer_openai_parse_reply:
 * @reply: a chat completion, or a stream put together
 * @result: an unsealed result of outcome `answered`
 * @error: place for an error
 *
 * Returns: %FALSE where @reply holds no answer of any kind
 */
gboolean
mer_openai_parse_reply (JsonNode *reply, MerResult *result, GError **error)
{
  JsonNode *choice = mer_json_node_path (reply, "choices", "0", NULL);
  JsonNode *message = mer_json_node_member (choice, "message");
  const char *refusal = mer_json_node_string (message, "refusal");
  const char *finish = mer_json_node_string (choice, "finish_reason");

  if (message == NULL || !JSON_NODE_HOLDS_OBJECT (message))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "the answer has no /choices/0/message; is this an OpenAI-compatible "
                   "server?");
      return FALSE;
    }

  JsonNode *content = mer_json_node_member (message, "content");
  if (content != NULL && !JSON_NODE_HOLDS_ARRAY (content)
      && mer_json_node_string (message, "content") == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "/choices/0/message/content is neither text nor a list of parts");
      return FALSE;
    }
  read_usage (reply, result);
  read_data (reply, choice, result);
  read_text (message, result);
  if (read_finish (finish) == MER_OUTCOME_TRUNCATED)
    mer_answer_set_truncated (result);
  else if (read_finish (finish) == MER_OUTCOME_FILTERED)
    mer_answer_set_filtered (result, NULL);
  if (refusal != NULL && *refusal != '\0')
    {
      mer_result_set_outcome (result, MER_OUTCOME_REFUSED);
      mer_result_set_detail (result, "the model declined");
      if (*mer_result_get_text (result) == '\0')
        mer_result_set_text (result, refusal);
    }
  return TRUE;
}

/* a server behind the server failed after the head had been sent: worth another try */
static gboolean
check_choice (JsonNode *reply, GError **error)
{
  static const char *const accidents[]
      = { "error", "abort", "aborted", "insufficient_system_resource", "network_error" };
  JsonNode *choice = mer_json_node_path (reply, "choices", "0", NULL);
  const char *finish = mer_json_node_string (choice, "finish_reason");
  const char *message
      = mer_json_node_string (mer_json_node_member (choice, "error"), "message");

  for (gsize i = 0; i < G_N_ELEMENTS (accidents); i++)
    if (g_strcmp0 (finish, accidents[i]) == 0)
      {
        g_set_error (error, MER_ERROR, MER_ERROR_API,
                     "the server gave up in the middle (finish_reason %s)%s%.200s", finish,
                     message != NULL ? ": " : "", message != NULL ? message : "");
        return FALSE;
      }
  return TRUE;
}

/**
 * mer_openai_decode_json:
 * @reply: a reply in one piece
 * @error: place for an error
 *
 * Returns: (transfer full) (nullable): the document
 */
JsonNode *
mer_openai_decode_json (MerReply *reply, GError **error)
{
  g_autoptr (JsonNode) root = mer_reply_parse_json (reply, error);

  if (root == NULL || !check_choice (root, error))
    return NULL;
  return g_steal_pointer (&root);
}

typedef struct
{
  GString *content;
  GString *reasoning;
  GString *refusal;
  char *finish;
  JsonNode *usage;
  JsonNode *last;
  JsonNode *failure;
  gboolean done;
  gboolean any_content;
  guint n_bad;
} Gathered;

static void
append (GString *to, JsonNode *delta, const char *member)
{
  const char *text = mer_json_node_string (delta, member);

  if (text != NULL)
    g_string_append (to, text);
}

static void
on_event (const char *event, const char *data, gsize length, gpointer user_data)
{
  Gathered *self = user_data;

  if (g_str_has_prefix (data, "[DONE]"))
    {
      self->done = TRUE;
      return;
    }

  g_autoptr (JsonNode) root = mer_reply_parse_text (data, length, NULL);
  JsonNode *choice = mer_json_node_path (root, "choices", "0", NULL);
  JsonNode *delta = mer_json_node_member (choice, "delta");
  const char *finish = mer_json_node_string (choice, "finish_reason");

  if (root == NULL)
    {
      self->n_bad++;
      return;
    }
  if (mer_json_node_member (root, "error") != NULL && self->failure == NULL)
    self->failure = json_node_ref (root);
  append (self->content, delta, "content");
  append (self->refusal, delta, "refusal");
  append (self->reasoning, delta, "reasoning_content");
  if (mer_json_node_string (delta, "reasoning_content") == NULL)
    append (self->reasoning, delta, "reasoning");
  if (finish != NULL)
    {
      g_free (self->finish);
      self->finish = g_strdup (finish);
    }
  if (mer_json_node_member (root, "usage") != NULL)
    {
      g_clear_pointer (&self->usage, json_node_unref);
      self->usage = json_node_ref (mer_json_node_member (root, "usage"));
    }
  g_clear_pointer (&self->last, json_node_unref);
  self->last = g_steal_pointer (&root);
}

static void
gathered_clear (Gathered *self)
{
  g_string_free (self->content, TRUE);
  g_string_free (self->reasoning, TRUE);
  g_string_free (self->refusal, TRUE);
  g_free (self->finish);
  g_clear_pointer (&self->usage, json_node_unref);
  g_clear_pointer (&self->last, json_node_unref);
  g_clear_pointer (&self->failure, json_node_unref);
}

/* the same document that the server would have sent in one piece */
static JsonNode *
gathered_to_reply (Gathered *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new ();
  JsonObject *choice = json_object_new ();
  JsonObject *message = json_object_new ();
  JsonArray *choices = json_array_new ();

  mer_answer_add_data (root, "id", self->last, "id");
  mer_answer_add_data (root, "model", self->last, "model");
  mer_answer_add_data (root, "system_fingerprint", self->last, "system_fingerprint");
  json_object_set_string_member (message, "content", self->content->str);
  if (self->reasoning->len > 0)
    json_object_set_string_member (message, "reasoning_content", self->reasoning->str);
  if (self->refusal->len > 0)
    json_object_set_string_member (message, "refusal", self->refusal->str);
  json_object_set_object_member (choice, "message", message);
  if (self->finish != NULL)
    json_object_set_string_member (choice, "finish_reason", self->finish);
  json_array_add_object_element (choices, choice);
  json_object_set_array_member (root, "choices", choices);
  if (self->usage != NULL)
    json_object_set_member (root, "usage", json_node_copy (self->usage));
  json_node_take_object (node, root);
  return node;
}

/**
 * mer_openai_decode_stream:
 * @reply: a reply of server-sent events
 * @error: place for an error
 *
 * Puts a streamed answer together. Whether it is whole is told by `[DONE]` or a
 * `finish_reason` alone: libsoup reports no truncation of chunked bodies before 3.6.5.
 *
 * Returns: (transfer full) (nullable): the answer as one document; the error event where
 *   there was one
 */
JsonNode *
mer_openai_decode_stream (MerReply *reply, GError **error)
{
  Gathered gathered = { .content = g_string_new (NULL),
                        .reasoning = g_string_new (NULL),
                        .refusal = g_string_new (NULL) };
  g_autoptr (JsonNode) root = NULL;

  if (mer_stream_split (MER_STREAM_SSE, reply->body, on_event, &gathered, error))
    {
      if (gathered.failure != NULL)
        root = json_node_ref (gathered.failure);
      else if (!gathered.done && gathered.finish == NULL)
        g_set_error (error, MER_ERROR, MER_ERROR_API,
                     "the stream broke off before the answer was whole");
      else
        root = gathered_to_reply (&gathered);
    }
  gathered_clear (&gathered);
  if (root == NULL || !check_choice (root, error))
    return NULL;
  return g_steal_pointer (&root);
}
