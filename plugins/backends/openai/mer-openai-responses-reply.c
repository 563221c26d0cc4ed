/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* an answer of /responses, or the last event of its stream, into a result */
#include "mer-openai-reply.h"

typedef struct
{
  GString *text;
  GString *reasoning;
  GString *refusal;
  JsonArray *logprobs;
} Found;

static JsonArray *
get_array (JsonNode *node, const char *member)
{
  JsonNode *found = mer_json_node_member (node, member);

  return found != NULL && JSON_NODE_HOLDS_ARRAY (found) ? json_node_get_array (found)
                                                        : NULL;
}

static guint
get_length (JsonArray *array)
{
  return array != NULL ? json_array_get_length (array) : 0;
}

static void
append (GString *to, JsonNode *node, const char *member)
{
  const char *text = mer_json_node_string (node, member);

  if (text != NULL)
    g_string_append (to, text);
}

static void
read_message (JsonNode *item, Found *found)
{
  JsonArray *content = get_array (item, "content");

  for (guint i = 0; i < get_length (content); i++)
    {
      JsonNode *part = json_array_get_element (content, i);
      const char *type = mer_json_node_string (part, "type");

      if (g_strcmp0 (type, "refusal") == 0)
        append (found->refusal, part, "refusal");
      else if (g_strcmp0 (type, "output_text") == 0)
        append (found->text, part, "text");
      if (found->logprobs == NULL)
        found->logprobs
            = mer_openai_read_logprobs (mer_json_node_member (part, "logprobs"));
    }
}

/* OpenAI shows a summary at most, servers of open models all of it */
static void
read_reasoning (JsonNode *item, Found *found)
{
  static const char *const lists[] = { "content", "summary" };

  for (gsize l = 0; l < G_N_ELEMENTS (lists) && found->reasoning->len == 0; l++)
    {
      JsonArray *parts = get_array (item, lists[l]);

      for (guint i = 0; i < get_length (parts); i++)
        append (found->reasoning, json_array_get_element (parts, i), "text");
    }
}

static void
read_output (JsonNode *reply, Found *found)
{
  JsonArray *output = get_array (reply, "output");

  for (guint i = 0; i < get_length (output); i++)
    {
      JsonNode *item = json_array_get_element (output, i);
      const char *type = mer_json_node_string (item, "type");

      if (g_strcmp0 (type, "message") == 0)
        read_message (item, found);
      else if (g_strcmp0 (type, "reasoning") == 0)
        read_reasoning (item, found);
    }
}

static const char *
get_finish (JsonNode *reply)
{
  const char *reason
      = mer_json_node_string (mer_json_node_member (reply, "incomplete_details"), "reason");

  return reason != NULL ? reason : mer_json_node_string (reply, "status");
}

static void
read_data (JsonNode *reply, Found *found, MerResult *result)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "finish", get_finish (reply));
  mer_answer_add_data (data, "request_id", reply, "id");
  mer_answer_add_data (data, "served_model", reply, "model");
  if (found->logprobs != NULL)
    json_object_set_array_member (data, "logprobs", g_steal_pointer (&found->logprobs));
  json_node_take_object (node, data);
  mer_result_take_data (result, node);
}

/**
 * mer_openai_responses_parse:
 * @reply: an answer of `/responses`
 * @result: an unsealed result of outcome `answered`
 * @error: place for an error
 *
 * Returns: %FALSE where @reply holds no answer of any kind
 */
gboolean
mer_openai_responses_parse (JsonNode *reply, MerResult *result, GError **error)
{
  Found found = { .text = g_string_new (NULL),
                  .reasoning = g_string_new (NULL),
                  .refusal = g_string_new (NULL) };
  gboolean good = get_array (reply, "output") != NULL && get_finish (reply) != NULL;

  if (good)
    {
      read_output (reply, &found);
      mer_openai_settle_usage (result, reply);
      read_data (reply, &found, result);
      mer_answer_set_text (result, found.text->str, found.reasoning->str);
      mer_openai_settle_finish (result, get_finish (reply), found.refusal->str);
    }
  else
    g_set_error (error, MER_ERROR, MER_ERROR_API,
                 "the answer has no /output or no /status; does this server know the "
                 "responses API?");
  g_string_free (found.text, TRUE);
  g_string_free (found.reasoning, TRUE);
  g_string_free (found.refusal, TRUE);
  g_clear_pointer (&found.logprobs, json_array_unref);
  return good;
}

/* (transfer full) (nullable): @root (transfer full), unless the server gave up on it */
static JsonNode *
check_status (JsonNode *root, GError **error)
{
  static const char *const accidents[] = { "failed", "cancelled", "in_progress", "queued" };
  const char *status = mer_json_node_string (root, "status");
  g_autoptr (MerReplyError) failure = mer_reply_error_new (root);
  g_autoptr (JsonNode) owned = root;

  for (gsize i = 0; failure == NULL && i < G_N_ELEMENTS (accidents); i++)
    if (g_strcmp0 (status, accidents[i]) == 0)
      {
        g_set_error (error, MER_ERROR, MER_ERROR_API,
                     "the server gave up in the middle (status %s)", status);
        return NULL;
      }
  return g_steal_pointer (&owned);
}

/**
 * mer_openai_responses_decode:
 * @reply: a reply in one piece
 * @error: place for an error
 *
 * Returns: (transfer full) (nullable): the document
 */
JsonNode *
mer_openai_responses_decode (MerReply *reply, GError **error)
{
  JsonNode *root = mer_reply_parse_json (reply, error);

  return root != NULL ? check_status (root, error) : NULL;
}

typedef struct
{
  JsonNode *last; /* the event that ends the stream */
  JsonNode *failure;
} Gathered;

/* only the last event counts: it holds all that the others told piece by piece */
static void
on_event (const char *event, const char *data, gsize length, gpointer user_data)
{
  static const char *const ends[]
      = { "response.completed", "response.incomplete", "response.failed" };
  Gathered *self = user_data;
  g_autoptr (JsonNode) root = mer_reply_parse_text (data, length, NULL);
  const char *type = mer_json_node_string (root, "type");
  JsonNode *response = mer_json_node_member (root, "response");

  if (root == NULL)
    return;
  if (self->failure == NULL
      && (g_strcmp0 (type, "error") == 0 || mer_json_node_member (root, "error") != NULL))
    self->failure = json_node_ref (root);
  for (gsize i = 0; response != NULL && i < G_N_ELEMENTS (ends); i++)
    if (g_strcmp0 (type, ends[i]) == 0)
      {
        g_clear_pointer (&self->last, json_node_unref);
        self->last = json_node_copy (response);
      }
}

/**
 * mer_openai_responses_decode_stream:
 * @reply: a reply of server-sent events
 * @error: place for an error
 *
 * Returns: (transfer full) (nullable): the answer as it would have come in one piece; the
 *   error event where there was one
 */
JsonNode *
mer_openai_responses_decode_stream (MerReply *reply, GError **error)
{
  Gathered gathered = { 0 };
  JsonNode *root = NULL;

  if (mer_stream_split (MER_STREAM_SSE, reply->body, on_event, &gathered, error))
    {
      if (gathered.last != NULL)
        root = check_status (json_node_ref (gathered.last), error);
      else if (gathered.failure != NULL)
        root = json_node_ref (gathered.failure);
      else
        g_set_error (error, MER_ERROR, MER_ERROR_API,
                     "the stream broke off before the answer was whole");
    }
  g_clear_pointer (&gathered.last, json_node_unref);
  g_clear_pointer (&gathered.failure, json_node_unref);
  return root;
}
