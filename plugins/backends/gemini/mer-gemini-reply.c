/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-gemini.h"

#include <string.h>

/* tokens of one modality in a list of them; -1 where there is no list */
static gint64
count_modality (JsonNode *usage, const char *member, const char *modality)
{
  JsonNode *list = mer_json_node_member (usage, member);
  JsonArray *array
      = list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;
  gint64 sum = 0;

  if (array == NULL)
    return -1;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *entry = json_array_get_element (array, i);

      if (g_strcmp0 (mer_json_node_string (entry, "modality"), modality) == 0)
        sum += MAX (0, mer_json_node_count (entry, "tokenCount"));
    }
  return sum;
}

/* what is zero is left out by the server */
static gint64
count_output (JsonNode *node, gint64 prompt)
{
  gint64 candidates = mer_json_node_count (node, "candidatesTokenCount");
  gint64 thoughts = mer_json_node_count (node, "thoughtsTokenCount");

  if (candidates < 0 && thoughts < 0)
    return prompt >= 0 ? 0 : -1;
  return MAX (candidates, 0) + MAX (thoughts, 0);
}

static void
read_usage (JsonNode *reply, MerResult *result)
{
  JsonNode *node = mer_json_node_member (reply, "usageMetadata");
  MerUsage usage = MER_USAGE_UNKNOWN;
  gint64 prompt = mer_json_node_count (node, "promptTokenCount");

  usage.input_cached = mer_json_node_count (node, "cachedContentTokenCount");
  usage.input = prompt >= 0 ? MAX (0, prompt - MAX (0, usage.input_cached)) : -1;
  usage.input_audio = count_modality (node, "promptTokensDetails", "AUDIO");
  usage.input_image = count_modality (node, "promptTokensDetails", "IMAGE");
  usage.input_video = count_modality (node, "promptTokensDetails", "VIDEO");
  usage.input_cached_audio = count_modality (node, "cacheTokensDetails", "AUDIO");
  usage.output = count_output (node, prompt);
  usage.reasoning = mer_json_node_count (node, "thoughtsTokenCount");
  mer_result_set_usage (result, &usage);
}

static JsonNode *
get_candidate (JsonNode *reply)
{
  JsonNode *candidate = mer_json_node_path (reply, "candidates", "0", NULL);

  return candidate != NULL && JSON_NODE_HOLDS_OBJECT (candidate) ? candidate : NULL;
}

static const char *
get_block_reason (JsonNode *reply)
{
  return mer_json_node_string (mer_json_node_member (reply, "promptFeedback"),
                               "blockReason");
}

static void
read_data (JsonNode *reply, MerResult *result)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *data = json_object_new ();
  JsonNode *candidate = get_candidate (reply);

  mer_answer_add_data (data, "finish", candidate, "finishReason");
  mer_answer_add_data (data, "finish_message", candidate, "finishMessage");
  mer_answer_add_data (data, "block_reason", mer_json_node_member (reply, "promptFeedback"),
                       "blockReason");
  mer_answer_add_data (data, "request_id", reply, "responseId");
  mer_answer_add_data (data, "served_model", reply, "modelVersion");
  json_node_take_object (node, data);
  mer_result_take_data (result, node);
}

static gboolean
is_thought (JsonNode *part)
{
  JsonNode *thought = mer_json_node_member (part, "thought");

  return thought != NULL && json_node_get_value_type (thought) == G_TYPE_BOOLEAN
         && json_node_get_boolean (thought);
}

/* FALSE where the parts are no list; none at all are an empty answer */
static gboolean
read_parts (JsonNode *candidate, GString *text, GString *thoughts)
{
  JsonNode *parts
      = mer_json_node_member (mer_json_node_member (candidate, "content"), "parts");

  if (parts == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (parts))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (parts)); i++)
    {
      JsonNode *part = json_array_get_element (json_node_get_array (parts), i);
      const char *piece = mer_json_node_string (part, "text");

      if (piece != NULL)
        g_string_append (is_thought (part) ? thoughts : text, piece);
    }
  return TRUE;
}

/* @text is one of @names, or begins with one that ends in * */
static gboolean
is_one_of (const char *text, const char *const *names)
{
  for (; text != NULL && *names != NULL; names++)
    if (g_pattern_match_simple (*names, text))
      return TRUE;
  return FALSE;
}

/* the server gave up in the middle: another try may do better */
static const char *
find_accident (JsonNode *reply)
{
  static const char *const names[] = { "OTHER",       "FINISH_REASON_UNSPECIFIED",
                                       "MALFORMED_*", "UNEXPECTED_TOOL_CALL",
                                       "NO_IMAGE",    "TOO_MANY_TOOL_CALLS",
                                       "IMAGE_OTHER", "MISSING_THOUGHT_*",
                                       "MISSING_*",   NULL };
  const char *finish = mer_json_node_string (get_candidate (reply), "finishReason");

  return is_one_of (finish, names) ? finish : NULL;
}

static void
read_finish (JsonNode *candidate, MerResult *result)
{
  static const char *const filters[]
      = { "SAFETY",  "BLOCKLIST",  "PROHIBITED_CONTENT", "SPII",
          "IMAGE_*", "RECITATION", "LANGUAGE",           NULL };
  const char *finish = mer_json_node_string (candidate, "finishReason");
  const char *message = mer_json_node_string (candidate, "finishMessage");
  g_autofree char *why = message != NULL ? g_strdup_printf ("%s: %.200s", finish, message)
                                         : g_strdup (finish);

  if (g_strcmp0 (finish, "MAX_TOKENS") == 0)
    mer_answer_set_truncated (result, MER_REASON_TOKEN_LIMIT);
  else if (is_one_of (finish, filters))
    mer_answer_set_filtered (result,
                             strstr (finish, "RECITATION") != NULL
                                 ? MER_REASON_RECITATION
                                 : MER_REASON_OUTPUT_FILTER,
                             why);
}

static gboolean
set_no_candidate (GError **error)
{
  g_set_error (error, MER_ERROR, MER_ERROR_API,
               "the answer has no /candidates/0, and no word about why; is this Gemini's "
               "API?");
  return FALSE;
}

static gboolean
set_accident (JsonNode *reply, GError **error)
{
  const char *message = mer_json_node_string (get_candidate (reply), "finishMessage");

  g_set_error (error, MER_ERROR, MER_ERROR_API,
               "the server gave up in the middle (finishReason %.60s)%s%.200s",
               find_accident (reply), message != NULL ? ": " : "",
               message != NULL ? message : "");
  return FALSE;
}

/**
 * mer_gemini_parse_reply:
 * @reply: an answer of generateContent, or a stream put together
 * @result: an unsealed result of outcome `answered`
 * @error: place for an error
 *
 * Returns: %FALSE where @reply holds no answer of any kind
 */
gboolean
mer_gemini_parse_reply (JsonNode *reply, MerResult *result, GError **error)
{
  JsonNode *candidate = get_candidate (reply);
  const char *blocked = get_block_reason (reply);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) thoughts = g_string_new (NULL);

  if (candidate == NULL && blocked == NULL)
    return set_no_candidate (error);
  if (find_accident (reply) != NULL)
    return set_accident (reply, error);
  if (!read_parts (candidate, text, thoughts))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "/candidates/0/content/parts is no list");
      return FALSE;
    }
  read_usage (reply, result);
  read_data (reply, result);
  mer_answer_set_text (result, text->str, thoughts->str);
  if (candidate == NULL)
    mer_answer_set_filtered (result, MER_REASON_INPUT_FILTER, blocked);
  else
    read_finish (candidate, result);
  return TRUE;
}

/* a stream on the way to one answer */
typedef struct
{
  GString *text;
  GString *thoughts;
  JsonObject *candidate; /* but for its content */
  JsonObject *reply;     /* but for its candidates */
  JsonNode *failure;
  gboolean any;
  gboolean bad_parts;
} Gathered;

static void
take_member (JsonObject *to, JsonNode *from, const char *name)
{
  JsonNode *value = mer_json_node_member (from, name);

  if (value != NULL)
    json_object_set_member (to, name, json_node_copy (value));
}

/* the last word on each member stands: usage is repeated with each piece */
static void
take_piece (Gathered *self, JsonNode *root)
{
  JsonNode *candidate = get_candidate (root);

  if (mer_json_node_member (root, "error") != NULL && self->failure == NULL)
    self->failure = json_node_ref (root);
  if (candidate != NULL)
    self->any = TRUE;
  if (!read_parts (candidate, self->text, self->thoughts))
    self->bad_parts = TRUE;
  take_member (self->candidate, candidate, "finishReason");
  take_member (self->candidate, candidate, "finishMessage");
  take_member (self->reply, root, "promptFeedback");
  take_member (self->reply, root, "usageMetadata");
  take_member (self->reply, root, "modelVersion");
  take_member (self->reply, root, "responseId");
}

static void
take_list (Gathered *self, JsonArray *array)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    take_piece (self, json_array_get_element (array, i));
}

/* errors come as a list of one, in a stream too */
static void
on_event (const char *event, const char *data, gsize length, gpointer user_data)
{
  g_autoptr (JsonNode) root = mer_reply_parse_text (data, length, NULL);

  if (root != NULL && JSON_NODE_HOLDS_ARRAY (root))
    take_list (user_data, json_node_get_array (root));
  else if (root != NULL)
    take_piece (user_data, root);
}

static void
add_part (JsonArray *parts, GString *text, gboolean thought)
{
  JsonObject *part;

  if (text->len == 0)
    return;
  part = json_object_new ();
  json_object_set_string_member (part, "text", text->str);
  if (thought)
    json_object_set_boolean_member (part, "thought", TRUE);
  json_array_add_object_element (parts, part);
}

/* the answer that the server would have sent in one piece */
static JsonNode *
gathered_to_reply (Gathered *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonArray *candidates = json_array_new ();
  JsonArray *parts = json_array_new ();
  JsonObject *content = json_object_new ();

  add_part (parts, self->thoughts, TRUE);
  add_part (parts, self->text, FALSE);
  json_object_set_array_member (content, "parts", parts);
  json_object_set_object_member (self->candidate, "content", content);
  if (self->any)
    json_array_add_object_element (candidates, json_object_ref (self->candidate));
  json_object_set_array_member (self->reply, "candidates", candidates);
  json_node_set_object (node, self->reply);
  return node;
}

static JsonNode *
finish_gathered (Gathered *self, GError **error)
{
  gboolean whole = json_object_has_member (self->candidate, "finishReason")
                   || json_object_has_member (self->reply, "promptFeedback");

  if (self->failure != NULL)
    return json_node_ref (self->failure);
  if (whole && !self->bad_parts)
    return gathered_to_reply (self);
  g_set_error (error, MER_ERROR, MER_ERROR_API, "%s",
               self->bad_parts ? "/candidates/0/content/parts is no list"
                               : "the stream broke off before the answer was whole");
  return NULL;
}

/* server-sent events; or the list of pieces that comes where they were not asked for */
static JsonNode *
decode_pieces (MerReply *reply, JsonArray *list, GError **error)
{
  Gathered gathered = { .text = g_string_new (NULL),
                        .thoughts = g_string_new (NULL),
                        .candidate = json_object_new (),
                        .reply = json_object_new () };
  JsonNode *root = NULL;

  if (list != NULL)
    take_list (&gathered, list);
  if (list != NULL
      || mer_stream_split (MER_STREAM_SSE, reply->body, on_event, &gathered, error))
    root = finish_gathered (&gathered, error);
  g_string_free (gathered.text, TRUE);
  g_string_free (gathered.thoughts, TRUE);
  json_object_unref (gathered.candidate);
  json_object_unref (gathered.reply);
  g_clear_pointer (&gathered.failure, json_node_unref);
  return root;
}

/**
 * mer_gemini_decode:
 * @reply: a reply in one piece, or streamed
 * @error: place for an error
 *
 * Returns: (transfer full) (nullable): the answer as one document; the error where there
 *   was one; %NULL where it is not whole, or where the server gave up
 */
JsonNode *
mer_gemini_decode (MerReply *reply, GError **error)
{
  gboolean is_stream = mer_reply_is_type (reply, "text/event-stream");
  g_autoptr (JsonNode) root = is_stream ? decode_pieces (reply, NULL, error)
                                        : mer_reply_parse_json (reply, error);

  if (root != NULL && JSON_NODE_HOLDS_ARRAY (root))
    {
      JsonNode *whole = decode_pieces (reply, json_node_get_array (root), error);

      json_node_unref (root);
      root = whole;
    }
  if (root == NULL || mer_json_node_member (root, "error") != NULL)
    return g_steal_pointer (&root);
  if (get_candidate (root) == NULL && get_block_reason (root) == NULL)
    {
      set_no_candidate (error);
      return NULL;
    }
  if (find_accident (root) == NULL)
    return g_steal_pointer (&root);
  set_accident (root, error);
  return NULL;
}
