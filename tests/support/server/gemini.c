/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gemini.h"

#include <string.h>

#define JSON "application/json"
#define GOOGLE(code, status, message, details)                                             \
  "{\"error\":{\"code\":" code ",\"message\":\"" message "\",\"status\":\"" status         \
  "\",\"details\":[" details "]}}"
#define RETRY(delay)                                                                       \
  GOOGLE (                                                                                 \
      "429", "RESOURCE_EXHAUSTED",                                                         \
      "You exceeded your current quota, please check your plan and billing details.",      \
      "{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"" delay    \
      "\"}")
#define QUOTA(id)                                                                          \
  "{\"@type\":\"type.googleapis.com/google.rpc.QuotaFailure\",\"violations\":[{"           \
  "\"quotaMetric\":\"generativelanguage.googleapis.com/"                                   \
  "generate_content_free_tier_requests\",\"quotaId\":\"" id "\"}]}"

static const ErrorText errors[N_PROBLEMS] = {
  [PROBLEM_INVALID]
  = { 400, "INVALID_ARGUMENT", NULL, "Request contains an invalid argument." },
  [PROBLEM_KEY] = { 400, "INVALID_ARGUMENT", "API_KEY_INVALID",
                    "API key not valid. Please pass a valid API key." },
  [PROBLEM_NO_KEY] = { 403, "PERMISSION_DENIED", NULL,
                       "Method doesn't allow unregistered callers (callers without "
                       "established identity). Please use API Key or other form of API "
                       "consumer identity to call this API." },
  [PROBLEM_PAYMENT] = { 400, "FAILED_PRECONDITION", NULL,
                        "Gemini API free tier is not available in your country. Please "
                        "enable billing on your project in Google AI Studio." },
  [PROBLEM_FORBIDDEN]
  = { 400, "FAILED_PRECONDITION", NULL, "User location is not supported for the API use." },
  [PROBLEM_PATH] = { 404, "NOT_FOUND", NULL, "Requested entity was not found." },
  [PROBLEM_MODEL] = { 404, "NOT_FOUND", NULL,
                      "models/{model} is not found for API version v1beta, or is not "
                      "supported for generateContent. Call ListModels to see the list of "
                      "available models and their supported methods." },
  [PROBLEM_MISSING] = { 403, "PERMISSION_DENIED", NULL,
                        "You do not have permission to access the File or it may not "
                        "exist." },
  [PROBLEM_TOO_LARGE] = { 400, "INVALID_ARGUMENT", NULL,
                          "Request payload size exceeds the limit: 104857600 bytes." },
  [PROBLEM_CONTEXT] = { 400, "INVALID_ARGUMENT", NULL,
                        "The input token count (1200000) exceeds the maximum number of "
                        "tokens allowed (1048576)." },
  [PROBLEM_FILTER] = { 400, "INVALID_ARGUMENT", NULL, "The request was blocked." },
  [PROBLEM_RATE]
  = { 429, "RESOURCE_EXHAUSTED", NULL, "Resource has been exhausted (e.g. check quota)." },
  [PROBLEM_QUOTA] = { 429, "RESOURCE_EXHAUSTED", NULL,
                      "Quota exceeded for metric: generativelanguage.googleapis.com/"
                      "generate_content_free_tier_requests, limit: 0" },
  [PROBLEM_SERVER] = { 500, "INTERNAL", NULL,
                       "An internal error has occurred. Please retry or report in "
                       "https://developers.generativeai.google/guide/troubleshooting" },
  [PROBLEM_UNSUPPORTED] = { 501, "UNIMPLEMENTED", NULL, "Operation is not implemented." },
  [PROBLEM_LOADING] = { 503, "UNAVAILABLE", NULL, "The service is currently unavailable." },
  [PROBLEM_OVERLOADED]
  = { 503, "UNAVAILABLE", NULL, "The model is overloaded. Please try again later." },
  [PROBLEM_TIMEOUT]
  = { 504, "DEADLINE_EXCEEDED", NULL, "Deadline expired before operation could complete." },
};

static const CannedFault faults[] = {
  { "429-after", 429, NULL, JSON, RETRY ("1s") },
  { "429-after-long", 429, NULL, JSON, RETRY ("3600s") },
  { "429-ms", 429, NULL, JSON, RETRY ("0.05s") },
  { "429-per-day", 429, NULL, JSON,
    GOOGLE (
        "429", "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details.",
        QUOTA (
            "GenerateRequestsPerDayPerProjectPerModel-FreeTier") ",{\"@type\":"
                                                                 "\"type.googleapis.com/"
                                                                 "google.rpc.RetryInfo\","
                                                                 "\"retryDelay\":"
                                                                 "\"37s\"}") },
  { "429-per-minute", 429, NULL, JSON,
    GOOGLE (
        "429", "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details.",
        QUOTA (
            "GenerateRequestsPerMinutePerProjectPerModel-FreeTier") ",{\"@type\":"
                                                                    "\"type.googleapis.com/"
                                                                    "google.rpc."
                                                                    "RetryInfo\","
                                                                    "\"retryDelay\":\"0."
                                                                    "1s\"}") },
  { "503-rate", 503, NULL, JSON,
    GOOGLE ("503", "RESOURCE_EXHAUSTED", "Resource has been exhausted", "") },
  { "400-array", 400, NULL, JSON,
    "[{\"error\":{\"code\":400,\"message\":\"bad request\",\"status\":"
    "\"INVALID_ARGUMENT\"}}]" },
  /* a prompt that is blocked is no error: no candidates come */
  { "blocked", 200, NULL, JSON,
    "{\"promptFeedback\":{\"blockReason\":\"PROHIBITED_CONTENT\"},\"usageMetadata\":"
    "{\"promptTokenCount\":10,\"totalTokenCount\":10},\"modelVersion\":\"m\"}" },
  { "blocked-safety", 200, NULL, JSON,
    "{\"promptFeedback\":{\"blockReason\":\"SAFETY\",\"safetyRatings\":[{\"category\":"
    "\"HARM_CATEGORY_HARASSMENT\",\"probability\":\"HIGH\",\"blocked\":true}]},"
    "\"usageMetadata\":{\"promptTokenCount\":10,\"totalTokenCount\":10}}" },
  { "recitation", 200, NULL, JSON,
    "{\"candidates\":[{\"finishReason\":\"RECITATION\",\"index\":0}],\"usageMetadata\":"
    "{\"promptTokenCount\":10,\"totalTokenCount\":10}}" },
  { "malformed", 200, NULL, JSON,
    "{\"candidates\":[{\"finishReason\":\"MALFORMED_FUNCTION_CALL\",\"finishMessage\":"
    "\"Malformed function call\",\"index\":0}]}" },
  { "thoughts-only", 200, NULL, JSON,
    "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"it is "
    "[sad]\","
    "\"thought\":true}]},\"finishReason\":\"MAX_TOKENS\"}],\"usageMetadata\":"
    "{\"promptTokenCount\":10,\"thoughtsTokenCount\":64,\"totalTokenCount\":74}}" },
  { "parts-none", 200, NULL, JSON,
    "{\"candidates\":[{\"content\":{\"role\":\"model\"},\"finishReason\":\"STOP\"}]}" },
  { "choices-object", 200, NULL, JSON, "{\"candidates\":{}}" },
  { "choices-null", 200, NULL, JSON, "{\"candidates\":[null]}" },
  { "choices-none", 200, NULL, JSON, "{\"candidates\":[]}" },
  { "content-number", 200, NULL, JSON,
    "{\"candidates\":[{\"content\":{\"parts\":123},\"finishReason\":\"STOP\"}]}" },
  { "huge-number", 200, NULL, JSON,
    "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"[happy]\"}]},\"finishReason\":"
    "\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":1e999,\"candidatesTokenCount\":-5}"
    "}" },
  { "duplicate-keys", 200, NULL, JSON,
    "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"[sad]\",\"text\":\"[happy]\"}]},"
    "\"finishReason\":\"STOP\"}]}" },
  { NULL },
};

static const MemberFault member_faults[] = {
  { "no-thinking", "thinkingConfig", FALSE, NULL,
    "Unable to submit request because thinking is not supported by this model." },
  { "no-logprobs", "responseLogprobs", FALSE, NULL,
    "Logprobs is not enabled for models/m" },
  { "no-response-format", "responseMimeType", FALSE, NULL, "JSON mode is not enabled" },
  { NULL },
};

static const char *
get_finish (const Exchange *x)
{
  switch (x->answer.finish)
    {
    case FINISH_LENGTH:
      return "MAX_TOKENS";
    case FINISH_FILTER:
      return "SAFETY";
    case FINISH_ERROR:
      return "OTHER";
    default:
      return "STOP";
    }
}

/* with the comma before it; what is zero is not there */
static char *
make_usage (const Exchange *x)
{
  g_autoptr (GString) details = g_string_new (NULL);
  gint64 in = answer_count_in (x);
  gint64 out = x->answer.text != NULL ? answer_count_out (x) : 0;

  if (x->answer.usage == USAGE_NONE)
    return g_strdup ("");
  if (x->answer.usage == USAGE_NULL)
    return g_strdup (",\"usageMetadata\":null");
  if (x->answer.usage == USAGE_FULL)
    return g_strdup (
        ",\"usageMetadata\":{\"promptTokenCount\":1200,\"candidatesTokenCount\":20,"
        "\"thoughtsTokenCount\":50,\"totalTokenCount\":1270,\"cachedContentTokenCount\":"
        "1000,"
        "\"promptTokensDetails\":[{\"modality\":\"TEXT\",\"tokenCount\":1060},{"
        "\"modality\":"
        "\"IMAGE\",\"tokenCount\":100},{\"modality\":\"AUDIO\",\"tokenCount\":40}]}");
  g_string_append_printf (details,
                          "{\"modality\":\"TEXT\",\"tokenCount\":%" G_GINT64_FORMAT "}",
                          x->answer.text_tokens);
  if (x->answer.image_tokens > 0)
    g_string_append_printf (details,
                            ",{\"modality\":\"IMAGE\",\"tokenCount\":%" G_GINT64_FORMAT "}",
                            x->answer.image_tokens);
  if (x->answer.audio_tokens > 0)
    g_string_append_printf (details,
                            ",{\"modality\":\"AUDIO\",\"tokenCount\":%" G_GINT64_FORMAT "}",
                            x->answer.audio_tokens);
  g_autofree char *candidates
      = out > 0 ? g_strdup_printf (",\"candidatesTokenCount\":%" G_GINT64_FORMAT, out)
                : g_strdup ("");
  return g_strdup_printf (",\"usageMetadata\":{\"promptTokenCount\":%" G_GINT64_FORMAT
                          "%s,\"totalTokenCount\":%" G_GINT64_FORMAT
                          ",\"promptTokensDetails\":[%s]}",
                          in, candidates, in + out, details->str);
}

/* the members of a candidate: what was filtered has no content at all */
static char *
make_candidate (const Exchange *x, const char *text, const char *thought,
                const char *finish)
{
  g_autoptr (GString) out = g_string_new ("{");

  if (text != NULL || thought != NULL)
    {
      g_string_append (out, "\"content\":{\"role\":\"model\",\"parts\":[");
      if (thought != NULL)
        g_string_append_printf (out, "{\"text\":%s,\"thought\":true}%s", thought,
                                text != NULL ? "," : "");
      if (text != NULL)
        g_string_append_printf (out, "{\"text\":%s}", text);
      g_string_append (out, "]},");
    }
  if (finish != NULL)
    g_string_append_printf (out, "\"finishReason\":\"%s\",", finish);
  if (g_strcmp0 (finish, "SAFETY") == 0)
    g_string_append (out, "\"safetyRatings\":[{\"category\":\"HARM_CATEGORY_HARASSMENT\","
                          "\"probability\":\"HIGH\",\"blocked\":true}],");
  g_string_append (out, "\"index\":0}");
  return g_strdup (out->str);
}

static char *
wrap (const char *candidate, const char *usage)
{
  return g_strdup_printf (
      "{\"candidates\":[%s]%s,\"modelVersion\":\"%s\",\"responseId\":\"r-test\"}",
      candidate, usage, settings.model);
}

static char *
completion (const Exchange *x)
{
  g_autofree char *text = x->answer.text != NULL ? answer_quote (x) : NULL;
  g_autofree char *thought
      = x->answer.reasoning != NULL ? quote (x->answer.reasoning) : NULL;
  g_autofree char *candidate = make_candidate (
      x, text, thought, x->answer.finish == FINISH_NONE ? NULL : get_finish (x));
  g_autofree char *usage = make_usage (x);

  return wrap (candidate, usage);
}

static void
add_piece (const Exchange *x, GPtrArray *events, EventRole role, const char *text,
           const char *thought, const char *finish)
{
  g_autofree char *candidate = make_candidate (x, text, thought, finish);
  g_autofree char *usage = make_usage (x);
  g_autofree char *whole = wrap (candidate, usage);

  event_add (events, role, NULL, "%s", whole);
}

/* the usage comes with each, and the last holds; nothing marks the end */
static void
stream (const Exchange *x, GPtrArray *events)
{
  g_autoptr (GPtrArray) pieces = answer_cut (x);

  if (x->answer.reasoning != NULL)
    {
      g_autofree char *thought = quote (x->answer.reasoning);

      add_piece (x, events, EVENT_PIECE, NULL, thought, NULL);
    }
  for (guint i = 0; i < pieces->len; i++)
    add_piece (x, events, EVENT_PIECE, g_ptr_array_index (pieces, i), NULL, NULL);
  add_piece (x, events, EVENT_FINISH, x->answer.text != NULL ? "\"\"" : NULL, NULL,
             get_finish (x));
}

static void
stream_error (const Exchange *x, GPtrArray *events)
{
  event_add (events, EVENT_END, NULL,
             "{\"error\":{\"code\":503,\"message\":\"The model is overloaded. Please try "
             "again later.\",\"status\":\"UNAVAILABLE\"}}");
}

static void
error (const Exchange *x, const Problem *problem, Reply *reply)
{
  g_autofree char *message = quote (problem->message);
  g_autofree char *details
      = problem->code == NULL
            ? g_strdup ("")
            : g_strdup_printf (",\"details\":[{\"@type\":\"type.googleapis.com/"
                               "google.rpc.ErrorInfo\",\"reason\":\"%s\",\"domain\":"
                               "\"googleapis.com\"}]",
                               problem->code);

  reply->body = g_strdup_printf (
      "{\"error\":{\"code\":%u,\"message\":%s,\"status\":\"%s\"%s}}",
      reply->status == 200 ? 500 : reply->status, message, problem->type, details);
}

static void
list_models (Exchange *x, Reply *reply)
{
  reply_json (
      reply, 200,
      g_strdup_printf (
          "{\"models\":[{\"name\":\"models/%s\",\"version\":\"001\",\"displayName\":"
          "\"%s\",\"inputTokenLimit\":1048576,\"outputTokenLimit\":65536,"
          "\"supportedGenerationMethods\":[\"generateContent\",\"countTokens\","
          "\"batchGenerateContent\"],\"temperature\":1,\"maxTemperature\":2%s}]}",
          settings.model, settings.model,
          settings.lacks_thinking ? "" : ",\"thinking\":true"));
}

static const Route routes[] = {
  { "POST", "/models/*:generateContent", &gemini_protocol },
  { "POST", "/models/*:streamGenerateContent", &gemini_protocol },
  { "POST", "/models/*:batchGenerateContent", NULL, gemini_create_batch },
  { "GET", "/batches", NULL, gemini_list_batches },
  { "POST", "/batches/*:cancel", NULL, gemini_cancel_batch },
  { "GET", "/batches/*", NULL, gemini_get_batch },
  { "GET", "/models", NULL, list_models },
  { "POST", "/upload/v1beta/files", NULL, gemini_upload, TRUE },
  { "GET", "/download/v1beta/files/*", NULL, gemini_download_file, TRUE },
  { "GET", "/files/*", NULL, gemini_get_file },
  { "DELETE", "/files/*", NULL, gemini_delete_file },
  { NULL },
};

const Protocol gemini_protocol = {
  .name = "gemini",
  .blurb = "Google's generateContent and streamGenerateContent",
  .base = "/v1beta",
  .routes = routes,
  .has_batches = TRUE,
  .has_files = TRUE,
  .errors = errors,
  .faults = faults,
  .member_faults = member_faults,
  .stream_type = "text/event-stream",
  .line_end = "\r\n",
  .key_header = "x-goog-api-key",
  .key_query = "key",
  .max_request = 104857600,
  .check = gemini_check,
  .completion = completion,
  .stream = stream,
  .stream_error = stream_error,
  .error = error,
};
