/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what a call used, and how sure the model was: the same in chat completions, responses and
 * their copies, under different names */
#include "mer-openai-reply.h"

/* no answer that is kept is longer; the alternatives are at most twenty */
#define MAX_TOKENS 16384
#define MAX_ALTERNATIVES 20
#define MAX_BYTES 64

/* the first of two members that is there */
static gint64
count (JsonNode *node, const char *member, const char *other)
{
  gint64 number = mer_json_node_count (node, member);

  return number >= 0 ? number : mer_json_node_count (node, other);
}

static JsonNode *
either (JsonNode *node, const char *member, const char *other)
{
  JsonNode *found = mer_json_node_member (node, member);

  return found != NULL ? found : mer_json_node_member (node, other);
}

/**
 * mer_openai_read_usage:
 * @reply: a reply with a member `usage`
 *
 * Reads what OpenAI's two APIs, vLLM (`multimodal_tokens`), DashScope (a count for each
 * modality), DeepSeek (`prompt_cache_hit_tokens`) and OpenRouter say. What a server calls
 * prompt or input holds what came from its cache and what went into it.
 *
 * Returns: the counts, -1 for what the server does not tell
 */
MerUsage
mer_openai_read_usage (JsonNode *reply)
{
  JsonNode *node = mer_json_node_member (reply, "usage");
  JsonNode *input = either (node, "prompt_tokens_details", "input_tokens_details");
  JsonNode *output = either (node, "completion_tokens_details", "output_tokens_details");
  JsonNode *media = mer_json_node_member (input, "multimodal_tokens");
  gint64 prompt = count (node, "prompt_tokens", "input_tokens");
  gint64 missed = mer_json_node_count (node, "prompt_cache_miss_tokens");
  MerUsage usage = MER_USAGE_UNKNOWN;

  usage.input_cached = count (input, "cached_tokens", "");
  if (usage.input_cached < 0)
    usage.input_cached = count (node, "prompt_cache_hit_tokens", "cached_tokens");
  usage.cache_write = mer_json_node_count (input, "cache_write_tokens");
  usage.input
      = prompt >= 0
            ? MAX (0, prompt - MAX (0, usage.input_cached) - MAX (0, usage.cache_write))
            : missed;
  usage.input_audio = MAX (mer_json_node_count (input, "audio_tokens"),
                           mer_json_node_count (media, "audio"));
  usage.input_image = MAX (mer_json_node_count (input, "image_tokens"),
                           mer_json_node_count (media, "image"));
  usage.input_video = MAX (mer_json_node_count (input, "video_tokens"),
                           mer_json_node_count (media, "video"));
  usage.output = count (node, "completion_tokens", "output_tokens");
  usage.reasoning = mer_json_node_count (output, "reasoning_tokens");
  usage.output_audio = mer_json_node_count (output, "audio_tokens");
  return usage;
}

/* tokens may end within a character: the bytes tell what the text cannot */
static void
copy_bytes (JsonObject *to, JsonNode *token)
{
  JsonNode *bytes = mer_json_node_member (token, "bytes");
  JsonArray *from
      = bytes != NULL && JSON_NODE_HOLDS_ARRAY (bytes) ? json_node_get_array (bytes) : NULL;
  g_autoptr (JsonArray) copy = json_array_new ();

  for (guint i = 0; from != NULL && i < MIN (json_array_get_length (from), MAX_BYTES); i++)
    {
      JsonNode *element = json_array_get_element (from, i);

      if (!JSON_NODE_HOLDS_VALUE (element)
          || json_node_get_value_type (element) != G_TYPE_INT64)
        return;
      json_array_add_int_element (copy, json_node_get_int (element) & 0xff);
    }
  if (json_array_get_length (copy) > 0)
    json_object_set_array_member (to, "bytes", g_steal_pointer (&copy));
}

static JsonObject *
copy_token (JsonNode *token)
{
  const char *text = mer_json_node_string (token, "token");
  double logprob = mer_json_node_number (token, "logprob", G_MAXDOUBLE);
  JsonObject *copy;

  if (text == NULL || logprob > 1)
    return NULL;
  copy = json_object_new ();
  json_object_set_string_member (copy, "token", text);
  /* -9999 is what servers write for what JSON cannot, and stays what it is */
  json_object_set_double_member (copy, "logprob", MAX (logprob, -9999));
  copy_bytes (copy, token);
  return copy;
}

static void
copy_alternatives (JsonObject *to, JsonNode *token)
{
  JsonNode *top = mer_json_node_member (token, "top_logprobs");
  JsonArray *from
      = top != NULL && JSON_NODE_HOLDS_ARRAY (top) ? json_node_get_array (top) : NULL;
  JsonArray *copies;

  if (from == NULL || json_array_get_length (from) == 0)
    return;
  copies = json_array_new ();
  for (guint i = 0; i < MIN (json_array_get_length (from), MAX_ALTERNATIVES); i++)
    {
      JsonObject *copy = copy_token (json_array_get_element (from, i));

      if (copy != NULL)
        json_array_add_object_element (copies, copy);
    }
  json_object_set_array_member (to, "top", copies);
}

/**
 * mer_openai_read_logprobs:
 * @tokens: (nullable): a list of `token`, `logprob`, `bytes`, `top_logprobs`
 *
 * Returns: (transfer full) (nullable): a list of objects `token`, `logprob` (natural
 *   logarithm), `bytes` where the server tells them, `top` (alternatives of the same
 *   members); %NULL where there is none
 */
JsonArray *
mer_openai_read_logprobs (JsonNode *tokens)
{
  JsonArray *from = tokens != NULL && JSON_NODE_HOLDS_ARRAY (tokens)
                        ? json_node_get_array (tokens)
                        : NULL;
  g_autoptr (JsonArray) copies = json_array_new ();

  for (guint i = 0; from != NULL && i < MIN (json_array_get_length (from), MAX_TOKENS); i++)
    {
      JsonNode *token = json_array_get_element (from, i);
      JsonObject *copy = copy_token (token);

      if (copy == NULL)
        continue;
      copy_alternatives (copy, token);
      json_array_add_object_element (copies, copy);
    }
  return json_array_get_length (copies) > 0 ? g_steal_pointer (&copies) : NULL;
}
