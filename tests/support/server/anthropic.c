/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "anthropic.h"

#define JSON "application/json"
#define MESSAGE(content, stop)                                                             \
  "{\"id\":\"msg_x\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\","         \
  "\"content\":" content ",\"stop_reason\":" stop ",\"stop_sequence\":null,"               \
  "\"usage\":{\"input_tokens\":10,\"output_tokens\":5}}"

static const ErrorText errors[N_PROBLEMS] = {
  [PROBLEM_INVALID] = { 400, "invalid_request_error", NULL, "Invalid request" },
  [PROBLEM_KEY] = { 401, "authentication_error", NULL, "invalid x-api-key" },
  [PROBLEM_NO_KEY] = { 401, "authentication_error", NULL, "x-api-key header is required" },
  [PROBLEM_PAYMENT]
  = { 400, "invalid_request_error", NULL,
      "Your credit balance is too low to access the Anthropic API. Please "
      "go to Plans & Billing to upgrade or purchase credits." },
  [PROBLEM_FORBIDDEN] = { 403, "permission_error", NULL,
                          "Your API key does not have permission to use the specified "
                          "resource." },
  [PROBLEM_PATH] = { 404, "not_found_error", NULL, "Not found" },
  [PROBLEM_MODEL] = { 404, "not_found_error", NULL, "model: {model}" },
  [PROBLEM_MISSING] = { 404, "not_found_error", NULL, "Not found" },
  [PROBLEM_TOO_LARGE]
  = { 413, "request_too_large", NULL, "Request exceeds the maximum size" },
  [PROBLEM_CONTEXT] = { 400, "invalid_request_error", NULL,
                        "prompt is too long: 210000 tokens > 200000 maximum" },
  [PROBLEM_FILTER]
  = { 400, "invalid_request_error", NULL, "Output blocked by content filtering policy" },
  [PROBLEM_RATE] = { 429, "rate_limit_error", NULL,
                     "This request would exceed your organization's rate limit" },
  [PROBLEM_QUOTA] = { 400, "invalid_request_error", NULL,
                      "Your credit balance is too low to access the Anthropic API." },
  [PROBLEM_SERVER] = { 500, "api_error", NULL, "Internal server error" },
  [PROBLEM_UNSUPPORTED] = { 501, "api_error", NULL, "Not implemented" },
  [PROBLEM_LOADING] = { 503, "api_error", NULL, "Service unavailable" },
  [PROBLEM_OVERLOADED] = { 529, "overloaded_error", NULL, "Overloaded" },
  [PROBLEM_TIMEOUT] = { 504, "timeout_error", NULL, "Request timed out" },
};

static const CannedFault faults[] = {
  { "402", 402, "request-id: req_x\r\n", JSON,
    "{\"type\":\"error\",\"error\":{\"type\":\"billing_error\",\"message\":\"Your account "
    "has a billing problem\"},\"request_id\":\"req_x\"}" },
  /* the time of the reset, as RFC 3339, beside a Date that it is to be compared with */
  { "429-reset", 429,
    "Date: Wed, 21 Oct 2026 07:28:00 GMT\r\n"
    "request-id: req_x\r\n"
    "anthropic-ratelimit-requests-limit: 50\r\n"
    "anthropic-ratelimit-requests-remaining: 0\r\n"
    "anthropic-ratelimit-requests-reset: 2026-10-21T07:28:01Z\r\n",
    JSON,
    "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"This "
    "request would exceed your organization's rate limit\"},\"request_id\":\"req_x\"}" },
  { "content-none", 200, NULL, JSON, MESSAGE ("[]", "\"end_turn\"") },
  { "choices-object", 200, NULL, JSON, MESSAGE ("{}", "\"end_turn\"") },
  { "choices-null", 200, NULL, JSON, MESSAGE ("[null]", "\"end_turn\"") },
  { "choices-none", 200, NULL, JSON,
    "{\"type\":\"message\",\"stop_reason\":\"end_turn\"}" },
  { "content-number", 200, NULL, JSON,
    MESSAGE ("[{\"type\":\"text\",\"text\":123}]", "\"end_turn\"") },
  { "context-window", 200, NULL, JSON,
    MESSAGE ("[{\"type\":\"text\",\"text\":\"[hap\"}]",
             "\"model_context_window_exceeded\"") },
  { "pause", 200, NULL, JSON,
    MESSAGE ("[{\"type\":\"text\",\"text\":\"[hap\"}]", "\"pause_turn\"") },
  { "redacted", 200, NULL, JSON,
    MESSAGE ("[{\"type\":\"redacted_thinking\",\"data\":\"x\"},{\"type\":\"text\","
             "\"text\":\"[happy]\"}]",
             "\"end_turn\"") },
  { "huge-number", 200, NULL, JSON,
    "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"[happy]\"}],"
    "\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":1e999,\"output_tokens\":-5}"
    "}" },
  { "duplicate-keys", 200, NULL, JSON,
    "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"[sad]\",\"text\":"
    "\"[happy]\"}],\"stop_reason\":\"end_turn\"}" },
  { NULL },
};

static const MemberFault member_faults[] = {
  { "no-temperature", "temperature", FALSE, NULL,
    "`temperature` is deprecated for this model." },
  { "no-top-p", "top_p", FALSE, NULL, "`top_p` is deprecated for this model." },
  { "no-thinking", "thinking", FALSE, NULL, "thinking: Extra inputs are not permitted" },
  { "no-output-config", "output_config", FALSE, NULL,
    "output_config: Extra inputs are not permitted" },
  { NULL },
};

static const char *
get_stop (const Exchange *x)
{
  switch (x->answer.finish)
    {
    case FINISH_LENGTH:
      return "\"max_tokens\"";
    case FINISH_FILTER:
    case FINISH_REFUSAL:
      return "\"refusal\"";
    case FINISH_ERROR:
    case FINISH_NONE:
      return "null";
    default:
      return "\"end_turn\"";
    }
}

/* with the comma before it; what was read from the cache is not part of input_tokens */
static char *
make_usage (const Exchange *x, gint64 out)
{
  if (x->answer.usage == USAGE_NONE)
    return g_strdup ("");
  if (x->answer.usage == USAGE_NULL)
    return g_strdup (",\"usage\":null");
  if (x->answer.usage == USAGE_FULL)
    return g_strdup (",\"usage\":{\"input_tokens\":200,\"cache_creation_input_tokens\":0,"
                     "\"cache_read_input_tokens\":1000,\"output_tokens\":70,"
                     "\"output_tokens_details\":{\"thinking_tokens\":50},"
                     "\"service_tier\":\"standard\"}");
  return g_strdup_printf (
      ",\"usage\":{\"input_tokens\":%" G_GINT64_FORMAT
      ",\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,"
      "\"output_tokens\":%" G_GINT64_FORMAT ",\"service_tier\":\"standard\"}",
      answer_count_in (x), out);
}

static char *
completion (const Exchange *x)
{
  g_autoptr (GString) content = g_string_new (NULL);
  g_autofree char *text = answer_quote (x);
  g_autofree char *thought = quote (x->answer.reasoning);
  g_autofree char *usage = make_usage (x, answer_count_out (x));

  if (x->answer.reasoning != NULL)
    g_string_append_printf (
        content, "{\"type\":\"thinking\",\"thinking\":%s,\"signature\":\"c2ln\"}", thought);
  if (x->answer.text != NULL)
    g_string_append_printf (content, "%s{\"type\":\"text\",\"text\":%s}",
                            content->len > 0 ? "," : "", text);
  return g_strdup_printf (
      "{\"id\":\"msg_test\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"%s\","
      "\"content\":[%s],\"stop_reason\":%s,\"stop_sequence\":null%s}",
      settings.model, content->str, get_stop (x), usage);
}

static void
add_block (GPtrArray *events, guint index, const char *type, const char *member,
           const char *delta, GPtrArray *pieces)
{
  event_add (events, EVENT_OPEN, "content_block_start",
             "{\"type\":\"content_block_start\",\"index\":%u,\"content_block\":{\"type\":"
             "\"%s\",\"%s\":\"\"}}",
             index, type, member);
  for (guint i = 0; i < pieces->len; i++)
    event_add (events, EVENT_PIECE, "content_block_delta",
               "{\"type\":\"content_block_delta\",\"index\":%u,\"delta\":{\"type\":\"%s\","
               "\"%s\":%s}}",
               index, delta, member, (char *) g_ptr_array_index (pieces, i));
  event_add (events, EVENT_FINISH, "content_block_stop",
             "{\"type\":\"content_block_stop\",\"index\":%u}", index);
}

static void
stream (const Exchange *x, GPtrArray *events)
{
  g_autoptr (GPtrArray) pieces = answer_cut (x);
  g_autofree char *usage = make_usage (x, 1);
  guint index = 0;

  event_add (events, EVENT_OPEN, "message_start",
             "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_test\",\"type\":"
             "\"message\",\"role\":\"assistant\",\"model\":\"%s\",\"content\":[],"
             "\"stop_reason\":null,\"stop_sequence\":null%s}}",
             settings.model, usage);
  event_add (events, EVENT_OPEN, "ping", "{\"type\":\"ping\"}");
  if (x->answer.reasoning != NULL)
    {
      g_autoptr (GPtrArray) thoughts = g_ptr_array_new_with_free_func (g_free);

      g_ptr_array_add (thoughts, quote (x->answer.reasoning));
      add_block (events, index++, "thinking", "thinking", "thinking_delta", thoughts);
    }
  if (x->answer.text != NULL)
    add_block (events, index, "text", "text", "text_delta", pieces);
  event_add (events, EVENT_FINISH, "message_delta",
             "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":%s,\"stop_sequence\":"
             "null},\"usage\":{\"output_tokens\":%" G_GINT64_FORMAT "}}",
             get_stop (x),
             x->answer.usage == USAGE_FULL ? (gint64) 70 : answer_count_out (x));
  event_add (events, EVENT_END, "message_stop", "{\"type\":\"message_stop\"}");
}

/* a 529 that comes after the 200 */
static void
stream_error (const Exchange *x, GPtrArray *events)
{
  event_add (events, EVENT_END, "error",
             "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
             "\"Overloaded\"}}");
}

static void
error (const Exchange *x, const Problem *problem, Reply *reply)
{
  g_autofree char *message = quote (problem->message);
  g_autofree char *headers = g_steal_pointer (&reply->headers);

  reply->headers
      = g_strconcat ("request-id: req_test\r\n", headers != NULL ? headers : "", NULL);
  reply->body = g_strdup_printf ("{\"type\":\"error\",\"error\":{\"type\":\"%s\","
                                 "\"message\":%s},\"request_id\":\"req_test\"}",
                                 problem->type, message);
}

static void
list_models (Exchange *x, Reply *reply)
{
  reply_json (reply, 200,
              g_strdup_printf (
                  "{\"data\":[{\"type\":\"model\",\"id\":\"%s\",\"display_name\":\"%s\","
                  "\"created_at\":\"2026-01-01T00:00:00Z\"}],\"has_more\":false,"
                  "\"first_id\":\"%s\",\"last_id\":\"%s\"}",
                  settings.model, settings.model, settings.model, settings.model));
}

static const Route routes[] = {
  { "POST", "/messages", &anthropic_protocol },
  { "POST", "/messages/batches", NULL, anthropic_create_batch },
  { "GET", "/messages/batches", NULL, anthropic_list_batches },
  { "GET", "/messages/batches/*/results", NULL, anthropic_get_results },
  { "POST", "/messages/batches/*/cancel", NULL, anthropic_cancel_batch },
  { "GET", "/messages/batches/*", NULL, anthropic_get_batch },
  { "GET", "/models", NULL, list_models },
  { NULL },
};

const Protocol anthropic_protocol = {
  .name = "anthropic",
  .blurb = "Anthropic's messages",
  .base = "/v1",
  .routes = routes,
  .has_batches = TRUE,
  .errors = errors,
  .faults = faults,
  .member_faults = member_faults,
  .stream_type = "text/event-stream; charset=utf-8",
  .line_end = "\n",
  .key_header = "x-api-key",
  .max_request = 32 * 1024 * 1024,
  .check = anthropic_check,
  .completion = completion,
  .stream = stream,
  .stream_error = stream_error,
  .error = error,
};
