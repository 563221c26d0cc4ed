/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <string.h>

#define JSON "application/json; charset=utf-8"
#define MESSAGE(message, rest)                                                             \
  "{\"model\":\"m\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":" message rest "}"

/* every error is a plain string */
static const ErrorText errors[N_PROBLEMS] = {
  [PROBLEM_INVALID] = { 400, NULL, NULL, "invalid request" },
  [PROBLEM_KEY] = { 401, NULL, NULL, "unauthorized" },
  [PROBLEM_NO_KEY] = { 401, NULL, NULL, "unauthorized" },
  [PROBLEM_PAYMENT]
  = { 402, NULL, NULL, "you've reached your usage limit, please upgrade to continue" },
  [PROBLEM_FORBIDDEN] = { 403, NULL, NULL, "forbidden" },
  [PROBLEM_PATH] = { 404, NULL, NULL, "404 page not found" },
  [PROBLEM_MODEL] = { 404, NULL, NULL, "model '{model}' not found" },
  [PROBLEM_MISSING] = { 404, NULL, NULL, "not found" },
  [PROBLEM_TOO_LARGE] = { 413, NULL, NULL, "http: request body too large" },
  [PROBLEM_CONTEXT] = { 400, NULL, NULL, "input length exceeds the context length" },
  [PROBLEM_FILTER] = { 400, NULL, NULL, "the request was blocked" },
  [PROBLEM_RATE] = { 429, NULL, NULL, "too many requests" },
  [PROBLEM_QUOTA]
  = { 429, NULL, NULL,
      "you've reached your hourly usage limit, please upgrade to continue" },
  [PROBLEM_SERVER] = { 500, NULL, NULL,
                       "model runner has unexpectedly stopped, this may be "
                       "due to resource limitations or an internal error" },
  [PROBLEM_UNSUPPORTED] = { 501, NULL, NULL, "not implemented" },
  [PROBLEM_LOADING] = { 503, NULL, NULL, "llm server loading model" },
  [PROBLEM_OVERLOADED] = { 503, NULL, NULL,
                           "server busy, please try again.  maximum pending requests "
                           "exceeded" },
  [PROBLEM_TIMEOUT] = { 504, NULL, NULL, "timed out waiting for llama runner to start" },
};

static const CannedFault faults[] = {
  /* the model was only loaded: there is no answer */
  { "load", 200, NULL, JSON,
    MESSAGE ("{\"role\":\"assistant\",\"content\":\"\"}",
             ",\"done_reason\":\"load\",\"done\":true") },
  { "not-done", 200, NULL, JSON,
    MESSAGE ("{\"role\":\"assistant\",\"content\":\"[hap\"}", ",\"done\":false") },
  { "500-cuda", 500, NULL, JSON,
    "{\"error\":\"llama runner process has terminated: CUDA error: out of memory\"}" },
  { "choices-object", 200, NULL, JSON, MESSAGE ("[]", ",\"done\":true") },
  { "choices-null", 200, NULL, JSON, MESSAGE ("null", ",\"done\":true") },
  { "choices-none", 200, NULL, JSON, "{\"model\":\"m\",\"done\":true}" },
  { "content-number", 200, NULL, JSON,
    MESSAGE ("{\"role\":\"assistant\",\"content\":123}",
             ",\"done_reason\":\"stop\",\"done\":true") },
  { "huge-number", 200, NULL, JSON,
    MESSAGE ("{\"role\":\"assistant\",\"content\":\"[happy]\"}",
             ",\"done_reason\":\"stop\",\"done\":true,\"prompt_eval_count\":1e999,"
             "\"eval_count\":-5") },
  { "duplicate-keys", 200, NULL, JSON,
    MESSAGE ("{\"role\":\"assistant\",\"content\":\"[sad]\",\"content\":\"[happy]\"}",
             ",\"done_reason\":\"stop\",\"done\":true") },
  { NULL },
};

static const MemberFault member_faults[] = {
  { "no-thinking", "think", FALSE, NULL, "\"{model}\" does not support thinking" },
  { "no-format", "format", FALSE, NULL, "structured output is not supported" },
  { NULL },
};

/* other members are passed over in silence */
static const char *const root_members[]
    = { "model", "messages", "stream",   "format",       "options",    "think",
        "tools", "logprobs", "truncate", "top_logprobs", "keep_alive", NULL };
static const char *const option_members[] = { "temperature",
                                              "seed",
                                              "num_predict",
                                              "num_ctx",
                                              "top_k",
                                              "top_p",
                                              "min_p",
                                              "stop",
                                              "repeat_penalty",
                                              "repeat_last_n",
                                              "presence_penalty",
                                              "num_gpu",
                                              "frequency_penalty",
                                              "typical_p",
                                              "num_keep",
                                              "num_batch",
                                              "num_thread",
                                              NULL };

static void
note_unknown (Exchange *x, JsonNode *node, const char *const *known)
{
  g_autoptr (GList) names
      = is_object (node) ? json_object_get_members (json_node_get_object (node)) : NULL;

  for (GList *at = names; at != NULL; at = at->next)
    if (!g_strv_contains (known, at->data))
      note_ignored (x, at->data);
}

static gboolean
check_images (Exchange *x, JsonNode *message)
{
  JsonNode *node = member (message, "images");
  JsonArray *images = array_of (node);

  if (node != NULL && images == NULL)
    return refuse (x, "json: cannot unmarshal string into Go struct field "
                      "ChatRequest.messages.images of type []api.ImageData");
  for (guint i = 0; images != NULL && i < json_array_get_length (images); i++)
    {
      const char *text = text_of (json_array_get_element (images, i));
      g_autoptr (GBytes) bytes = text != NULL ? media_decode_base64 (text, NULL) : NULL;
      const char *kind = bytes != NULL ? media_sniff (bytes) : NULL;
      gboolean sound = kind != NULL && g_str_has_prefix (kind, "audio/");

      if (bytes == NULL)
        return refuse (x, "illegal base64 data at input byte %" G_GSIZE_FORMAT,
                       text != NULL ? strcspn (text, ":;, \n-_") : 0);
      if (!take_bytes (x, sound ? TAKE_AUDIO : TAKE_IMAGE, bytes, NULL))
        return refuse_as (x, &(Problem){ .kind = PROBLEM_INVALID, .status = 500 },
                          "failed to process inputs: image: unknown format");
    }
  return TRUE;
}

static gboolean
check_messages (Exchange *x)
{
  static const char *const roles[] = { "system", "user", "assistant", "tool", NULL };
  JsonNode *node = member (x->root, "messages");
  JsonArray *messages = array_of (node);

  if (node != NULL && messages == NULL)
    return refuse (x, "json: cannot unmarshal string into Go struct field "
                      "ChatRequest.messages of type []api.Message");
  for (guint i = 0; messages != NULL && i < json_array_get_length (messages); i++)
    {
      JsonNode *message = json_array_get_element (messages, i);
      const char *role = text_of (member (message, "role"));
      JsonNode *content = member (message, "content");

      if (role == NULL || !g_strv_contains (roles, role))
        return refuse (x, "invalid role: %s, must be one of [system user assistant tool]",
                       role != NULL ? role : "");
      if (content != NULL && text_of (content) == NULL)
        return refuse (x,
                       "json: cannot unmarshal %s into Go struct field "
                       "ChatRequest.messages.content of type string",
                       array_of (content) != NULL ? "array" : "number");
      if (content != NULL)
        g_string_append (x->text, text_of (content));
      if (!check_images (x, message))
        return FALSE;
    }
  return find_lacking (x) == NULL
         || refuse_as (x, &(Problem){ .kind = PROBLEM_INVALID, .status = 500 },
                       "this model is missing data required for %s input",
                       find_lacking (x));
}

static gboolean
check_options (Exchange *x)
{
  JsonNode *options = member (x->root, "options");
  static const char *const numbers[]
      = { "temperature", "seed", "num_predict", "num_ctx", "top_k", "top_p" };

  if (options != NULL && !is_object (options))
    return refuse (x, "json: cannot unmarshal string into Go struct field "
                      "ChatRequest.options of type map[string]interface {}");
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (member (options, numbers[i]) != NULL && !is_number (member (options, numbers[i])))
      return refuse (x, "option \"%s\" must be of type %s", numbers[i],
                     g_str_has_prefix (numbers[i], "t") ? "float32" : "integer");
  note_unknown (x, options, option_members);
  return TRUE;
}

static gboolean
check_think (Exchange *x)
{
  static const char *const levels[] = { "low", "medium", "high", "max", NULL };
  JsonNode *think = member (x->root, "think");
  JsonNode *format = member (x->root, "format");

  if (text_of (think) != NULL && !g_strv_contains (levels, text_of (think)))
    return refuse (x,
                   "invalid think value: \"%s\" (must be \"high\", \"medium\", \"low\", "
                   "true, or false)",
                   text_of (think));
  if ((is_true (think) || text_of (think) != NULL) && settings.lacks_thinking)
    return refuse (x, "\"%s\" does not support thinking", settings.model);
  if (format != NULL && !is_object (format) && g_strcmp0 (text_of (format), "json") != 0)
    return refuse (x,
                   "invalid format: \"%s\"; expected \"json\" or a valid JSON Schema "
                   "object",
                   text_of (format) != NULL ? text_of (format) : "");
  return TRUE;
}

static gboolean
check (Exchange *x)
{
  g_autoptr (GError) parse_error = NULL;
  const char *model = NULL;
  JsonNode *stream_node = NULL;
  JsonArray *messages = NULL;

  log_media (x);
  if (!exchange_parse (x, &parse_error) || !is_object (x->root))
    return refuse (x, "%s", parse_error != NULL ? parse_error->message : "EOF");
  note_unknown (x, x->root, root_members);
  model = text_of (member (x->root, "model"));
  if (model == NULL)
    return refuse (x, "model is required");
  if (!check_model (x, model) || !check_options (x) || !check_think (x)
      || !check_messages (x))
    return FALSE;
  stream_node = member (x->root, "stream");
  x->answer.stream = stream_node == NULL || is_true (stream_node);
  exchange_finish (x, member (x->root, "format") != NULL
                          || strstr (x->text->str, "JSON") != NULL);
  /* no messages: the model is only loaded */
  messages = array_of (member (x->root, "messages"));
  if (messages == NULL || json_array_get_length (messages) == 0)
    x->fault = "load";
  return TRUE;
}

/* what comes with the last piece; counts that are zero are not there */
static char *
make_end (const Exchange *x)
{
  const char *reason = x->answer.finish == FINISH_LENGTH ? "length" : "stop";

  if (x->answer.usage == USAGE_NONE || x->answer.usage == USAGE_NULL)
    return g_strdup_printf (",\"done_reason\":\"%s\",\"done\":true", reason);
  if (x->answer.usage == USAGE_FULL)
    return g_strdup_printf (",\"done_reason\":\"%s\",\"done\":true,\"prompt_eval_count\":"
                            "1200,\"eval_count\":70",
                            reason);
  return g_strdup_printf (
      ",\"done_reason\":\"%s\",\"done\":true,\"total_duration\":5000000,"
      "\"load_duration\":1000000,\"prompt_eval_count\":%" G_GINT64_FORMAT
      ",\"prompt_eval_duration\":2000000,\"eval_count\":%" G_GINT64_FORMAT
      ",\"eval_duration\":2000000",
      reason, answer_count_in (x), answer_count_out (x));
}

static char *
make_line (const char *content, const char *thought, const char *end)
{
  g_autofree char *thinking
      = thought != NULL ? g_strdup_printf (",\"thinking\":%s", thought) : g_strdup ("");

  return g_strdup_printf ("{\"model\":\"%s\",\"created_at\":\"2026-01-01T00:00:00Z\","
                          "\"message\":{\"role\":\"assistant\",\"content\":%s%s}%s}",
                          settings.model, content, thinking, end);
}

static char *
completion (const Exchange *x)
{
  g_autofree char *text = x->answer.text != NULL ? answer_quote (x) : g_strdup ("\"\"");
  g_autofree char *thought
      = x->answer.reasoning != NULL ? quote (x->answer.reasoning) : NULL;
  g_autofree char *end = make_end (x);

  return make_line (text, thought, end);
}

static void
add_line (GPtrArray *events, EventRole role, const char *content, const char *thought,
          const char *end)
{
  g_autofree char *line = make_line (content, thought, end);

  event_add (events, role, NULL, "%s", line);
}

static void
stream (const Exchange *x, GPtrArray *events)
{
  g_autoptr (GPtrArray) pieces = answer_cut (x);
  g_autofree char *end = make_end (x);

  if (x->answer.reasoning != NULL)
    {
      g_autofree char *thought = quote (x->answer.reasoning);

      add_line (events, EVENT_PIECE, "\"\"", thought, ",\"done\":false");
    }
  for (guint i = 0; i < pieces->len; i++)
    add_line (events, EVENT_PIECE, g_ptr_array_index (pieces, i), NULL, ",\"done\":false");
  add_line (events, EVENT_FINISH, "\"\"", NULL, end);
}

static void
stream_error (const Exchange *x, GPtrArray *events)
{
  event_add (events, EVENT_END, NULL,
             "{\"error\":\"an error was encountered while running the model: unexpected "
             "EOF\"}");
}

static void
error (const Exchange *x, const Problem *problem, Reply *reply)
{
  g_autofree char *message = quote (problem->message);

  if (problem->kind == PROBLEM_PATH)
    {
      reply->type = "text/plain";
      reply->body = g_strdup (problem->message);
      return;
    }
  reply->type = JSON;
  reply->body = g_strdup_printf ("{\"error\":%s}", message);
}

static void
list_tags (Exchange *x, Reply *reply)
{
  reply_json (reply, 200,
              g_strdup_printf (
                  "{\"models\":[{\"name\":\"%s\",\"model\":\"%s\",\"modified_at\":"
                  "\"2026-01-01T00:00:00Z\",\"size\":1000000,\"digest\":\"0\",\"details\":"
                  "{\"format\":\"gguf\",\"family\":\"test\",\"parameter_size\":\"1B\","
                  "\"quantization_level\":\"Q4_0\"}}]}",
                  settings.model, settings.model));
}

static void
show (Exchange *x, Reply *reply)
{
  const char *model
      = exchange_parse (x, NULL) ? text_of (either (x->root, "model", "name")) : NULL;

  if (model == NULL || !check_model (x, model))
    {
      if (model == NULL)
        refuse (x, "model is required");
      exchange_write_problem (x, reply);
      return;
    }
  reply_json (reply, 200,
              g_strdup_printf ("{\"details\":{\"format\":\"gguf\",\"family\":\"test\"},"
                               "\"model_info\":{\"test.context_length\":32768},"
                               "\"capabilities\":[\"completion\"%s%s%s]}",
                               settings.lacks_image ? "" : ",\"vision\"",
                               settings.lacks_audio ? "" : ",\"audio\"",
                               settings.lacks_thinking ? "" : ",\"thinking\""));
}

static void
tell_version (Exchange *x, Reply *reply)
{
  reply_json (reply, 200, g_strdup ("{\"version\":\"0.12.0\"}"));
}

static void
tell_running (Exchange *x, Reply *reply)
{
  reply_json (reply, 200, g_strdup ("Ollama is running"));
  reply->type = "text/plain; charset=utf-8";
}

static const Route routes[] = {
  { "POST", "/api/chat", &ollama_protocol }, { "GET", "/api/tags", NULL, list_tags },
  { "POST", "/api/show", NULL, show },       { "GET", "/api/version", NULL, tell_version },
  { "GET", "/", NULL, tell_running },        { NULL },
};

const Protocol ollama_protocol = {
  .name = "ollama",
  .blurb = "Ollama's own chat",
  .base = "",
  .routes = routes,
  .errors = errors,
  .faults = faults,
  .member_faults = member_faults,
  .stream_type = "application/x-ndjson",
  .line_end = "\n",
  .key_header = "authorization",
  .key_prefix = "Bearer ",
  .check = check,
  .completion = completion,
  .stream = stream,
  .stream_error = stream_error,
  .error = error,
};
