/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "openai.h"

#define JSON "application/json"
#define CHOICE(message, finish)                                                            \
  "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":"  \
  "0,\"message\":" message ",\"finish_reason\":" finish "}],"                              \
  "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}"
#define UNSUPPORTED(name)                                                                  \
  "Unsupported parameter: '" name "' is not supported with this model."

const ErrorText openai_errors[N_PROBLEMS] = {
  [PROBLEM_INVALID] = { 400, "invalid_request_error", NULL, "Invalid request" },
  [PROBLEM_KEY]
  = { 401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided" },
  [PROBLEM_NO_KEY] = { 401, "invalid_request_error", NULL,
                       "You didn't provide an API key. You need to provide your API key in "
                       "an Authorization header using Bearer auth" },
  [PROBLEM_PAYMENT] = { 402, "unknown_error", NULL, "Insufficient Balance" },
  [PROBLEM_FORBIDDEN] = { 403, "request_forbidden", "unsupported_country_region_territory",
                          "Country not supported" },
  [PROBLEM_PATH] = { 404, "invalid_request_error", NULL, "Invalid URL ({method} {path})" },
  [PROBLEM_MODEL]
  = { 404, "invalid_request_error", "model_not_found",
      "The model `{model}` does not exist or you do not have access to it." },
  [PROBLEM_MISSING] = { 404, "invalid_request_error", NULL, "No such object" },
  [PROBLEM_TOO_LARGE] = { 413, "invalid_request_error", NULL, "Payload too large" },
  [PROBLEM_CONTEXT]
  = { 400, "invalid_request_error", "context_length_exceeded",
      "This model's maximum context length is 128000 tokens. However, your "
      "messages resulted in 140000 tokens." },
  [PROBLEM_FILTER]
  = { 400, "invalid_request_error", "content_filter", "The response was filtered" },
  [PROBLEM_RATE] = { 429, "requests", "rate_limit_exceeded", "Try again later" },
  [PROBLEM_QUOTA] = { 429, "insufficient_quota", "insufficient_quota",
                      "You exceeded your current quota, please check your plan and billing "
                      "details." },
  [PROBLEM_SERVER] = { 500, "server_error", NULL, "The server had an error" },
  [PROBLEM_UNSUPPORTED] = { 501, "not_supported_error", NULL, "Not implemented" },
  [PROBLEM_LOADING] = { 503, "unavailable_error", NULL, "Loading model" },
  [PROBLEM_OVERLOADED] = { 503, "server_error", NULL,
                           "The engine is currently overloaded, please try again later" },
  [PROBLEM_TIMEOUT] = { 504, "timeout", NULL, "The upstream request timed out" },
};

/* what stands behind an OpenAI-like address, literally where it is known */
static const CannedFault faults[] = {
  { "429-gemini", 429, NULL, JSON,
    "[{\"error\":{\"code\":429,\"message\":\"Quota\",\"status\":\"RESOURCE_EXHAUSTED\","
    "\"details\":[{\"@type\":\"x.RetryInfo\",\"retryDelay\":\"0.05s\"}]}}]" },
  { "429-per-day", 429, NULL, JSON,
    "{\"error\":{\"message\":\"Quota exceeded: GenerateRequestsPerDayPerProject\","
    "\"type\":\"x\",\"param\":null,\"code\":429}}" },
  { "429-too-large", 429, NULL, JSON,
    "{\"error\":{\"message\":\"Request too large for m (TPM): Limit 1000, Requested 2000\","
    "\"type\":\"tokens\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}" },
  { "500-mmproj", 500, NULL, JSON,
    "{\"error\":{\"code\":500,\"message\":\"image input is not supported - hint: if this "
    "is unexpected, you may need to provide the mmproj\",\"type\":\"server_error\"}}" },
  { "500-parse", 500, NULL, JSON,
    "{\"error\":{\"code\":500,\"message\":\"[json.exception.parse_error.101] parse error "
    "at line 1, column 15\",\"type\":\"server_error\"}}" },
  { "500-cuda", 500, NULL, JSON,
    "{\"error\":{\"message\":\"CUDA out of memory. Tried to allocate 2 GiB\",\"type\":"
    "\"InternalServerError\",\"param\":null,\"code\":500}}" },
  { "529", 529, NULL, JSON,
    "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded"
    "\"}}" },
  { "400-array", 400, NULL, JSON,
    "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"field "
    "required\",\"type\":\"missing\"}]}" },
  { "400-flat", 400, NULL, JSON,
    "{\"object\":\"error\",\"message\":\"bad "
    "request\",\"type\":\"BadRequestError\",\"param\":null,\"code\":400}" },
  { "400-string", 400, NULL, JSON, "{\"error\":\"model does not support images\"}" },
  { "400-dashscope", 400, NULL, JSON,
    "{\"code\":\"InvalidParameter\",\"message\":\"bad "
    "parameter\",\"request_id\":\"r\"}" },
  { "400-blocked", 400, NULL, JSON,
    "{\"error\":{\"message\":\"Your input was blocked by our safety system\",\"type\":"
    "\"invalid_request_error\",\"param\":null,\"code\":null}}" },
  { "200-error", 200, NULL, JSON,
    "{\"error\":{\"message\":\"Provider returned error\",\"code\":502}}" },
  { "200-error-401", 200, NULL, JSON,
    "{\"error\":{\"message\":\"No auth\",\"code\":401}}" },
  { "content-parts", 200, NULL, JSON,
    CHOICE ("{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"[hap\"},"
            "{\"type\":\"text\",\"text\":\"py]\"}]}",
            "\"stop\"") },
  { "choices-object", 200, NULL, JSON, "{\"choices\":{}}" },
  { "choices-null", 200, NULL, JSON, "{\"choices\":[null]}" },
  { "choices-none", 200, NULL, JSON, "{\"choices\":[]}" },
  { "content-number", 200, NULL, JSON,
    CHOICE ("{\"role\":\"assistant\",\"content\":123}", "\"stop\"") },
  { "logprobs-odd", 200, NULL, JSON,
    "{\"choices\":[{\"message\":{\"content\":\"[happy]\"},\"logprobs\":{\"content\":["
    "{\"token\":\"\",\"logprob\":-9999.0,\"bytes\":null,\"top_logprobs\":null}]},"
    "\"finish_reason\":\"stop\"}]}" },
  { "huge-number", 200, NULL, JSON,
    "{\"choices\":[{\"message\":{\"content\":\"[happy]\"}}],\"usage\":{\"prompt_tokens\":"
    "1e999,\"completion_tokens\":-5}}" },
  { "duplicate-keys", 200, NULL, JSON,
    "{\"choices\":[{\"message\":{\"content\":\"[sad]\",\"content\":\"[happy]\"}}]}" },
  { NULL },
};

static const MemberFault member_faults[] = {
  { "stream-only", "stream", TRUE, "invalid_parameter_error",
    "This model only support stream mode, please enable the stream parameter to access the "
    "model." },
  { "no-max-tokens", "max_tokens", FALSE, "unsupported_parameter",
    UNSUPPORTED ("max_tokens") " Use 'max_completion_tokens' instead." },
  { "no-max-completion-tokens", "max_completion_tokens", FALSE, "unsupported_parameter",
    UNSUPPORTED ("max_completion_tokens") " Use 'max_tokens' instead." },
  { "no-temperature", "temperature", FALSE, "unsupported_value",
    "Unsupported value: 'temperature' does not support 0 with this model. Only the default "
    "(1) value is supported." },
  { "no-top-p", "top_p", FALSE, "unsupported_parameter", UNSUPPORTED ("top_p") },
  { "no-seed", "seed", FALSE, "unsupported_parameter", UNSUPPORTED ("seed") },
  { "no-stop", "stop", FALSE, "unsupported_parameter", UNSUPPORTED ("stop") },
  { "no-logprobs", "logprobs", FALSE, "unsupported_parameter", UNSUPPORTED ("logprobs") },
  { "no-response-format", "response_format", FALSE, "unsupported_parameter",
    UNSUPPORTED ("response_format") },
  { "no-stream-options", "stream_options", FALSE, "unsupported_parameter",
    UNSUPPORTED ("stream_options") },
  { "no-modalities", "modalities", FALSE, "unsupported_parameter",
    UNSUPPORTED ("modalities") },
  { "no-reasoning-effort", "reasoning_effort", FALSE, "unsupported_parameter",
    UNSUPPORTED ("reasoning_effort") },
  { NULL },
};

static const char *
get_finish (const Exchange *x)
{
  switch (x->answer.finish)
    {
    case FINISH_LENGTH:
      return "\"length\"";
    case FINISH_FILTER:
      return "\"content_filter\"";
    case FINISH_ERROR:
      return "\"error\"";
    case FINISH_NONE:
      return "null";
    default:
      return "\"stop\"";
    }
}

const ErrorText *
openai_get_error (ProblemKind kind)
{
  const ErrorText *errors = settings.dialect->errors;

  return errors != NULL && errors[kind].status != 0 ? &errors[kind] : &openai_errors[kind];
}

char *
openai_count_usual (const Tokens *tokens)
{
  return g_strdup_printf (
      ",\"prompt_tokens_details\":{\"cached_tokens\":%" G_GINT64_FORMAT
      ",\"audio_tokens\":%" G_GINT64_FORMAT ",\"image_tokens\":%" G_GINT64_FORMAT
      "},\"completion_tokens_details\":{\"reasoning_tokens\":%" G_GINT64_FORMAT "}",
      tokens->cached, tokens->audio, tokens->image, tokens->reasoning);
}

/* with the comma before it */
static char *
make_usage (const Exchange *x)
{
  static const Tokens full = { 1200, 70, 1000, 1060, 100, 40, 50 };
  Tokens tokens = { .in = answer_count_in (x),
                    .out = answer_count_out (x),
                    .text = x->answer.text_tokens,
                    .image = x->answer.image_tokens,
                    .audio = x->answer.audio_tokens };
  g_autofree char *details = NULL;

  if (x->answer.usage == USAGE_NONE)
    return g_strdup ("");
  if (x->answer.usage == USAGE_NULL)
    return g_strdup (",\"usage\":null");
  if (x->answer.usage == USAGE_FULL)
    tokens = full;
  details = settings.dialect->count != NULL ? settings.dialect->count (&tokens)
                                            : openai_count_usual (&tokens);
  return g_strdup_printf (",\"usage\":{\"prompt_tokens\":%" G_GINT64_FORMAT
                          ",\"completion_tokens\":%" G_GINT64_FORMAT
                          ",\"total_tokens\":%" G_GINT64_FORMAT "%s}",
                          tokens.in, tokens.out, tokens.in + tokens.out, details);
}

static const char *
get_reasoning_name (void)
{
  const char *name = settings.dialect->reasoning;

  return name != NULL ? name : "reasoning_content";
}

static char *
completion (const Exchange *x)
{
  gboolean refuses = x->answer.finish == FINISH_REFUSAL;
  const char *prefix = settings.dialect->prefix;
  g_autofree char *text = answer_quote (x);
  g_autofree char *usage = make_usage (x);
  g_autofree char *reasoning = quote (x->answer.reasoning);
  g_autofree char *thought
      = x->answer.reasoning != NULL
            ? g_strdup_printf (",\"%s\":%s", get_reasoning_name (), reasoning)
            : g_strdup ("");

  return g_strdup_printf (
      "%s{\"id\":\"chatcmpl-test\",\"object\":\"chat.completion\",\"created\":1,"
      "\"model\":\"%s\",\"system_fingerprint\":\"fp_test\",\"choices\":[{\"index\":0,"
      "\"message\":{\"role\":\"assistant\",\"content\":%s,\"refusal\":%s%s},"
      "\"logprobs\":null,\"finish_reason\":%s}]%s}",
      prefix != NULL ? prefix : "", settings.model, refuses ? "null" : text,
      refuses ? text : "null", thought, get_finish (x), usage);
}

#define CHUNK                                                                              \
  "{\"id\":\"chatcmpl-test\",\"object\":\"chat.completion.chunk\",\"model\":\"%s\","       \
  "\"choices\":"
#define DELTA(delta, finish)                                                               \
  CHUNK "[{\"index\":0,\"delta\":{" delta "},\"finish_reason\":" finish "}]}"

static void
stream (const Exchange *x, GPtrArray *events)
{
  g_autoptr (GPtrArray) pieces = answer_cut (x);
  g_autofree char *usage = make_usage (x);
  const char *name = x->answer.finish == FINISH_REFUSAL ? "refusal" : "content";

  event_add (events, EVENT_OPEN, NULL,
             DELTA ("\"role\":\"assistant\",\"content\":null", "null"), settings.model);
  if (x->answer.reasoning != NULL)
    {
      g_autofree char *thought = quote (x->answer.reasoning);

      event_add (events, EVENT_PIECE, NULL, DELTA ("\"%s\":%s", "null"), settings.model,
                 get_reasoning_name (), thought);
    }
  for (guint i = 0; i < pieces->len; i++)
    event_add (events, EVENT_PIECE, NULL, DELTA ("\"%s\":%s", "null"), settings.model, name,
               (char *) g_ptr_array_index (pieces, i));
  event_add (events, EVENT_FINISH, NULL, DELTA ("", "%s"), settings.model, get_finish (x));
  if (x->answer.usage_in_stream)
    event_add (events, EVENT_USAGE, NULL, CHUNK "[]%s}", settings.model, usage);
  event_add (events, EVENT_END, NULL, "[DONE]");
}

/* [DONE] comes all the same, as from vLLM */
static void
stream_error (const Exchange *x, GPtrArray *events)
{
  event_add (events, EVENT_PIECE, NULL,
             "{\"error\":{\"message\":\"engine gone\",\"type\":\"server_error\"}}");
  event_add (events, EVENT_END, NULL, "[DONE]");
}

void
openai_list_models (Exchange *x, Reply *reply)
{
  const Dialect *dialect = settings.dialect;
  g_autofree char *more
      = dialect->dup_model != NULL ? dialect->dup_model () : g_strdup ("");

  reply_json (reply, 200,
              g_strdup_printf ("{\"object\":\"list\",\"data\":[{\"id\":\"%s\","
                               "\"object\":\"model\",\"created\":1,\"owned_by\":\"test\""
                               "%s}]}",
                               settings.model, more));
}

/* llama-server's: what it can read and how many at a time */
static void
tell_properties (Exchange *x, Reply *reply)
{
  reply_json (
      reply, 200,
      g_strdup_printf ("{\"total_slots\":%u,\"model_alias\":\"%s\","
                       "\"model_path\":\"%s\",\"modalities\":{\"vision\":%s,"
                       "\"audio\":%s},\"chat_template\":\"\",\"is_sleeping\":false}",
                       settings.capacity > 0 ? settings.capacity : 4, settings.model,
                       settings.model, settings.lacks_image ? "false" : "true",
                       settings.lacks_audio ? "false" : "true"));
}

void
openai_tell_health (Exchange *x, Reply *reply)
{
  reply_json (reply, 200, g_strdup ("{\"status\":\"ok\"}"));
}

static const Route routes[] = {
  { "POST", "/chat/completions", &openai_protocol },
  { "POST", "/responses", &responses_protocol },
  { "POST", "/audio/transcriptions", &whisper_protocol },
  { "POST", "/files", NULL, openai_upload_file },
  { "GET", "/files/*/content", NULL, openai_read_file },
  { "GET", "/files/*", NULL, openai_get_file },
  { "DELETE", "/files/*", NULL, openai_delete_file },
  { "POST", "/batches", NULL, openai_create_batch },
  { "POST", "/batches/*/cancel", NULL, openai_cancel_batch },
  { "GET", "/batches", NULL, openai_list_batches },
  { "GET", "/batches/*", NULL, openai_get_batch },
  { "GET", "/models", NULL, openai_list_models },
  { "GET", "/props", NULL, tell_properties, TRUE },
  { "GET", "/models", NULL, openai_list_models, TRUE },
  { "GET", "/v1/health", NULL, openai_tell_health, TRUE, TRUE },
  { "GET", "/health", NULL, openai_tell_health, TRUE, TRUE },
  { NULL },
};

const Protocol openai_protocol = {
  OPENAI_FAMILY,
  .name = "openai",
  .blurb = "chat completions of OpenAI and of those who speak alike",
  .routes = routes,
  .has_batches = TRUE,
  .faults = faults,
  .member_faults = member_faults,
  .check = openai_check,
  .completion = completion,
  .stream = stream,
  .stream_error = stream_error,
};
