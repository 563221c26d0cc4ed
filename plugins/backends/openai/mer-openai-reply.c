/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* a chat completion, or a stream put together, into a result */
#include "mer-openai-reply.h"

#include <string.h>

/* a part of a list is the answer where it says so, or says nothing about itself; thinking
 * parts hold text too */
static gboolean
is_answer_part (JsonNode *part)
{
  const char *type = mer_json_node_string (part, "type");

  return type == NULL || g_str_equal (type, "text") || g_str_equal (type, "output_text");
}

/**
 * mer_openai_dup_content:
 * @message: (nullable): a message, or a stream's delta
 *
 * Returns: (transfer full) (nullable): its text, %NULL where it has none
 */
char *
mer_openai_dup_content (JsonNode *message)
{
  JsonNode *content = mer_json_node_member (message, "content");
  g_autoptr (GString) text = g_string_new (NULL);

  if (content == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_ARRAY (content))
    return g_strdup (mer_json_node_string (message, "content"));

  JsonArray *parts = json_node_get_array (content);
  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      JsonNode *part = json_array_get_element (parts, i);
      const char *more = mer_json_node_string (part, "text");

      if (more != NULL && is_answer_part (part))
        g_string_append (text, more);
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

/**
 * mer_openai_dup_reasoning:
 * @message: (nullable): a message, or a stream's delta
 *
 * Returns: (transfer full) (nullable): the thinking, wherever the server put it
 */
char *
mer_openai_dup_reasoning (JsonNode *message)
{
  static const char *const names[] = { "reasoning_content", "reasoning", "thinking" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *text = mer_json_node_string (message, names[i]);

      if (text != NULL && *text != '\0')
        return g_strdup (text);
    }
  return dup_reasoning_details (message);
}

/* what was said aloud, where nothing was written */
static char *
dup_text (JsonNode *message)
{
  g_autofree char *content = mer_openai_dup_content (message);
  const char *transcript
      = mer_json_node_string (mer_json_node_member (message, "audio"), "transcript");

  return (content == NULL || *content == '\0') && transcript != NULL
             ? g_strdup (transcript)
             : g_steal_pointer (&content);
}

static gboolean
says_something (JsonNode *message)
{
  g_autofree char *text = dup_text (message);
  const char *refusal = mer_json_node_string (message, "refusal");

  return (text != NULL && *text != '\0') || (refusal != NULL && *refusal != '\0');
}

/* vllm-omni gives text and sound as two choices, in no order */
static JsonNode *
find_choice (JsonNode *reply)
{
  JsonNode *choices = mer_json_node_member (reply, "choices");
  JsonArray *array = choices != NULL && JSON_NODE_HOLDS_ARRAY (choices)
                         ? json_node_get_array (choices)
                         : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *choice = json_array_get_element (array, i);

      if (says_something (mer_json_node_member (choice, "message")))
        return choice;
    }
  return mer_json_node_path (reply, "choices", "0", NULL);
}

/* what ends otherwise than well, by the name that a server has for it */
static const struct
{
  const char *finish;
  MerOutcome outcome;
  MerReason reason;
} finishes[] = {
  { "length", MER_OUTCOME_TRUNCATED, MER_REASON_TOKEN_LIMIT },
  { "max_tokens", MER_OUTCOME_TRUNCATED, MER_REASON_TOKEN_LIMIT },
  { "max_output_tokens", MER_OUTCOME_TRUNCATED, MER_REASON_TOKEN_LIMIT },
  { "model_context_window_exceeded", MER_OUTCOME_TRUNCATED, MER_REASON_CONTEXT_LIMIT },
  { "content_filter", MER_OUTCOME_FILTERED, MER_REASON_OUTPUT_FILTER },
  { "sensitive", MER_OUTCOME_FILTERED, MER_REASON_OUTPUT_FILTER },
  { "data_inspection_failed", MER_OUTCOME_FILTERED, MER_REASON_OUTPUT_FILTER },
  { "refusal", MER_OUTCOME_REFUSED, MER_REASON_REFUSAL },
};

static void
settle_refusal (MerResult *result, const char *refusal)
{
  mer_result_set_failure (result, MER_OUTCOME_REFUSED, MER_REASON_REFUSAL,
                          "the model declined");
  if (refusal != NULL && *mer_result_get_text (result) == '\0')
    mer_result_set_text (result, refusal);
}

/**
 * mer_openai_settle_finish:
 * @result: an unsealed result whose text is set
 * @finish: (nullable): how the server says the answer ended
 * @refusal: (nullable): what the model said instead of an answer
 *
 * Sets the outcome.
 */
void
mer_openai_settle_finish (MerResult *result, const char *finish, const char *refusal)
{
  gsize i = 0;

  if (refusal != NULL && *refusal != '\0')
    {
      settle_refusal (result, refusal);
      return;
    }
  while (i < G_N_ELEMENTS (finishes) && g_strcmp0 (finish, finishes[i].finish) != 0)
    i++;
  if (i == G_N_ELEMENTS (finishes))
    return;
  if (finishes[i].outcome == MER_OUTCOME_TRUNCATED)
    mer_answer_set_truncated (result, finishes[i].reason);
  else if (finishes[i].outcome == MER_OUTCOME_FILTERED)
    mer_answer_set_filtered (result, finishes[i].reason, NULL);
  else
    settle_refusal (result, NULL);
}

static void
read_data (JsonNode *reply, JsonNode *choice, MerResult *result)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *data = json_object_new ();
  g_autoptr (JsonArray) logprobs
      = mer_openai_read_logprobs (mer_json_node_path (choice, "logprobs", "content", NULL));

  mer_answer_add_data (data, "finish", choice, "finish_reason");
  mer_answer_add_data (data, "native_finish", choice, "native_finish_reason");
  mer_answer_add_data (data, "request_id", reply, "id");
  mer_answer_add_data (data, "served_model", reply, "model");
  mer_answer_add_data (data, "provider", reply, "provider");
  mer_answer_add_data (data, "fingerprint", reply, "system_fingerprint");
  if (logprobs != NULL)
    json_object_set_array_member (data, "logprobs", g_steal_pointer (&logprobs));
  json_node_take_object (node, data);
  mer_result_take_data (result, node);
}

/**
 * mer_openai_settle_usage:
 * @result: an unsealed result
 * @reply: a reply with a member `usage`
 *
 * Sets what was used, and what it cost where the server says so.
 */
void
mer_openai_settle_usage (MerResult *result, JsonNode *reply)
{
  MerUsage usage = mer_openai_read_usage (reply);
  double cost = mer_json_node_number (mer_json_node_member (reply, "usage"), "cost", -1);

  mer_result_set_usage (result, &usage);
  if (cost >= 0 && cost < 1e6)
    mer_result_set_cost (result, cost, MER_COST_REPORTED);
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
  JsonNode *choice = find_choice (reply);
  JsonNode *message = mer_json_node_member (choice, "message");
  JsonNode *content = mer_json_node_member (message, "content");
  g_autofree char *text = dup_text (message);
  g_autofree char *reasoning = mer_openai_dup_reasoning (message);

  if (message == NULL || !JSON_NODE_HOLDS_OBJECT (message))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "the answer has no /choices/0/message; is this an OpenAI-compatible "
                   "server?");
      return FALSE;
    }
  if (content != NULL && !JSON_NODE_HOLDS_ARRAY (content)
      && mer_json_node_string (message, "content") == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "/choices/0/message/content is neither text nor a list");
      return FALSE;
    }
  mer_openai_settle_usage (result, reply);
  read_data (reply, choice, result);
  mer_answer_set_text (result, text, reasoning);
  mer_openai_settle_finish (result, mer_json_node_string (choice, "finish_reason"),
                            mer_json_node_string (message, "refusal"));
  return TRUE;
}

/* a server behind the server failed after the head had been sent: OpenRouter writes its
 * error into the choice. (transfer full) */
static JsonNode *
raise_choice_error (JsonNode *choice)
{
  JsonNode *inner = mer_json_node_member (choice, "error");
  JsonNode *node;
  JsonObject *root;

  if (inner == NULL || !JSON_NODE_HOLDS_OBJECT (inner))
    return NULL;
  node = json_node_new (JSON_NODE_OBJECT);
  root = json_object_new ();
  json_object_set_member (root, "error", json_node_copy (inner));
  json_node_take_object (node, root);
  return node;
}

static gboolean
is_accident (const char *finish)
{
  static const char *const accidents[]
      = { "error", "abort", "aborted", "insufficient_system_resource", "network_error" };

  for (gsize i = 0; i < G_N_ELEMENTS (accidents); i++)
    if (g_strcmp0 (finish, accidents[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
has_no_choices (JsonNode *root)
{
  JsonNode *choices = mer_json_node_member (root, "choices");

  return JSON_NODE_HOLDS_OBJECT (root)
         && (choices == NULL
             || (JSON_NODE_HOLDS_ARRAY (choices)
                 && json_array_get_length (json_node_get_array (choices)) == 0));
}

/**
 * mer_openai_check_choices:
 * @root: (transfer full): a chat completion, or an error
 * @error: place for an error: an accident on the way, worth another try
 *
 * Tells failures that come as good replies.
 *
 * Returns: (transfer full) (nullable): @root, or the error that stood within it
 */
JsonNode *
mer_openai_check_choices (JsonNode *root, GError **error)
{
  g_autoptr (JsonNode) owned = root;
  g_autoptr (MerReplyError) failure = mer_reply_error_new (root);
  JsonNode *choice = find_choice (root);
  const char *finish = mer_json_node_string (choice, "finish_reason");
  JsonNode *raised = failure == NULL ? raise_choice_error (choice) : NULL;

  if (failure != NULL)
    return g_steal_pointer (&owned);
  if (raised != NULL)
    return raised;
  if (is_accident (finish))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "the server gave up in the middle (finish_reason %s)", finish);
      return NULL;
    }
  if (has_no_choices (root))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "the answer has no /choices/0/message; the model may be warming up, or "
                   "this is no OpenAI-compatible server");
      return NULL;
    }
  return g_steal_pointer (&owned);
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
  JsonNode *root = mer_reply_parse_json (reply, error);

  return root != NULL ? mer_openai_check_choices (root, error) : NULL;
}
