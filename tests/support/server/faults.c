/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <gio/gio.h>
#include <string.h>

#define JSON "application/json"
#define ERROR(message, type, code)                                                         \
  "{\"error\":{\"message\":\"" message "\",\"type\":\"" type                               \
  "\",\"param\":null,\"code\":" code "}}"
#define CHOICE(message, finish)                                                            \
  "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":"  \
  "0,\"message\":" message ",\"finish_reason\":" finish "}],"                              \
  "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}"
#define SAYS(text) CHOICE ("{\"role\":\"assistant\",\"content\":\"" text "\"}", "\"stop\"")
#define LATER "Try again later"

/* replies that stand in full here: what real servers send, literally where it is known */
static const struct
{
  const char *name;
  guint status;
  const char *headers;
  const char *type;
  const char *body;
} canned[] = {
  /* too much asked */
  { "429", 429, NULL, JSON, ERROR (LATER, "requests", "\"rate_limit_exceeded\"") },
  { "429-after", 429, "Retry-After: 1\r\n", JSON,
    ERROR (LATER, "requests", "\"rate_limit_exceeded\"") },
  { "429-after-long", 429, "Retry-After: 3600\r\n", JSON,
    ERROR (LATER, "requests", "\"rate_limit_exceeded\"") },
  { "429-ms", 429, "retry-after-ms: 50\r\nRetry-After: 90\r\n", JSON,
    ERROR (LATER, "requests", "\"rate_limit_exceeded\"") },
  { "429-date", 429,
    "Date: Wed, 21 Oct 2026 07:28:00 GMT\r\n"
    "Retry-After: Wed, 21 Oct 2026 07:28:01 GMT\r\n",
    JSON, ERROR (LATER, "requests", "\"rate_limit_exceeded\"") },
  { "429-reset", 429, "x-ratelimit-reset-tokens: 80ms\r\n", JSON,
    ERROR (LATER, "tokens", "\"rate_limit_exceeded\"") },
  { "429-text", 429, NULL, JSON,
    ERROR ("Rate limit reached. Please try again in 60ms.", "tokens",
           "\"rate_limit_exceeded\"") },
  { "429-gemini", 429, NULL, JSON,
    "[{\"error\":{\"code\":429,\"message\":\"Quota\",\"status\":\"RESOURCE_EXHAUSTED\","
    "\"details\":[{\"@type\":\"x.RetryInfo\",\"retryDelay\":\"0.05s\"}]}}]" },
  { "429-quota", 429, NULL, JSON,
    ERROR ("You exceeded your current quota", "insufficient_quota",
           "\"insufficient_quota\"") },
  { "429-per-day", 429, NULL, JSON,
    ERROR ("Quota exceeded: GenerateRequestsPerDayPerProject", "x", "429") },
  { "429-too-large", 429, NULL, JSON,
    ERROR ("Request too large for m (TPM): Limit 1000, Requested 2000", "tokens",
           "\"rate_limit_exceeded\"") },
  /* the server fails */
  { "500", 500, NULL, JSON, ERROR ("The server had an error", "server_error", "null") },
  { "500-mmproj", 500, NULL, JSON,
    "{\"error\":{\"code\":500,\"message\":\"image input is not supported - hint: if this "
    "is unexpected, you may need to provide the mmproj\",\"type\":\"server_error\"}}" },
  { "500-parse", 500, NULL, JSON,
    "{\"error\":{\"code\":500,\"message\":\"[json.exception.parse_error.101] parse error "
    "at line 1, column 15\",\"type\":\"server_error\"}}" },
  { "500-cuda", 500, NULL, JSON,
    ERROR ("CUDA out of memory. Tried to allocate 2 GiB", "InternalServerError", "500") },
  { "502-html", 502, NULL, "text/html",
    "<html><head><title>502 Bad Gateway</title></head></html>" },
  { "503-empty", 503, NULL, "text/plain", "" },
  { "503-loading", 503, NULL, JSON,
    "{\"error\":{\"message\":\"Loading "
    "model\",\"type\":\"unavailable_error\",\"code\":503}}" },
  { "529", 529, NULL, JSON,
    "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded"
    "\"}}" },
  /* the request fails */
  { "302", 302, "Location: /elsewhere\r\n", "text/plain", "" },
  { "307", 307, "Location: /elsewhere\r\n", "text/plain", "" },
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
  { "400-context", 400, NULL, JSON,
    "{\"error\":{\"code\":400,\"message\":\"request (2008 tokens) exceeds the available "
    "context size (512 tokens), try increasing it\",\"type\":\"exceed_context_size_error\","
    "\"n_prompt_tokens\":2008,\"n_ctx\":512}}" },
  { "400-filter", 400, NULL, JSON,
    ERROR ("The response was filtered", "invalid_request_error", "\"content_filter\"") },
  { "400-blocked", 400, NULL, JSON,
    ERROR ("Your prompt was blocked by our policy", "invalid_request_error", "null") },
  { "401", 401, "WWW-Authenticate: Bearer\r\n", JSON, "{\"error\":\"Unauthorized\"}" },
  { "402", 402, NULL, JSON, ERROR ("Insufficient Balance", "unknown_error", "null") },
  { "403", 403, NULL, JSON, ERROR ("Country not supported", "request_forbidden", "null") },
  { "404-model", 404, NULL, JSON,
    ERROR ("The model `x` does not exist", "invalid_request_error",
           "\"model_not_found\"") },
  { "413", 413, NULL, JSON, ERROR ("Payload too large", "invalid_request_error", "null") },
  { "501", 501, NULL, JSON, ERROR ("Not implemented", "not_supported_error", "501") },
  /* success that is none */
  { "200-error", 200, NULL, JSON,
    "{\"error\":{\"message\":\"Provider returned error\",\"code\":502}}" },
  { "200-error-401", 200, NULL, JSON,
    "{\"error\":{\"message\":\"No auth\",\"code\":401}}" },
  { "200-empty", 200, NULL, JSON, "" },
  { "200-spaces", 200, NULL, JSON, " \n\n " },
  { "200-html", 200, NULL, "text/html", "<html>It works!</html>" },
  { "200-half", 200, NULL, JSON, "{\"choices\":[{\"message\":{\"content\":\"hap" },
  { "finish-error", 200, NULL, JSON,
    CHOICE ("{\"role\":\"assistant\",\"content\":\"\"}", "\"error\"") },
  /* answers that are odd but good */
  { "blank-lines", 200, NULL, JSON, "\n\n\n\n" SAYS ("[happy]") },
  { "content-parts", 200, NULL, JSON,
    CHOICE ("{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"[hap\"},"
            "{\"type\":\"text\",\"text\":\"py]\"}]}",
            "\"stop\"") },
  { "usage-null", 200, NULL, JSON,
    "{\"choices\":[{\"message\":{\"content\":\"[happy]\"},\"finish_reason\":\"stop\"}],"
    "\"usage\":null}" },
  { "usage-none", 200, NULL, JSON,
    "{\"choices\":[{\"message\":{\"content\":\"[happy]\"},\"finish_reason\":null}]}" },
  { "usage-full", 200, NULL, JSON,
    "{\"choices\":[{\"message\":{\"content\":\"[happy]\"},\"finish_reason\":\"stop\"}],"
    "\"usage\":{\"prompt_tokens\":1200,\"completion_tokens\":70,\"prompt_tokens_details\":"
    "{\"cached_tokens\":1000,\"audio_tokens\":40,\"image_tokens\":100},"
    "\"completion_tokens_details\":{\"reasoning_tokens\":50}}}" },
  { "surrogate", 200, NULL, JSON, SAYS ("[happy] \\ud83d") },
  { "bad-utf8", 200, NULL, JSON, SAYS ("[happy] \xff\xfe") },
  { "nul", 200, NULL, JSON, SAYS ("[happy] \\u0000 more") },
  /* outcomes */
  { "refusal", 200, NULL, JSON,
    CHOICE ("{\"role\":\"assistant\",\"content\":null,\"refusal\":\"I can't help.\"}",
            "\"stop\"") },
  { "filtered", 200, NULL, JSON,
    CHOICE ("{\"role\":\"assistant\",\"content\":null}", "\"content_filter\"") },
  { "length", 200, NULL, JSON,
    CHOICE ("{\"role\":\"assistant\",\"content\":\"{\\\"labels\\\": [\\\"hap\"}",
            "\"length\"") },
  { "length-empty", 200, NULL, JSON,
    CHOICE ("{\"role\":\"assistant\",\"content\":\"\"}", "\"length\"") },
  { "content-null", 200, NULL, JSON,
    CHOICE ("{\"role\":\"assistant\",\"content\":null}", "\"stop\"") },
  /* reasoning */
  { "think", 200, NULL, JSON, SAYS ("<think>sad? no</think>\\n\\n[happy]") },
  { "think-no-open", 200, NULL, JSON, SAYS ("sad? no</think>[happy]") },
  { "think-unclosed", 200, NULL, JSON,
    CHOICE ("{\"role\":\"assistant\",\"content\":\"<think>sad? or\"}", "\"length\"") },
  { "think-nested", 200, NULL, JSON,
    SAYS ("<think>sad <think>angry</think> no</think>[happy]") },
  { "reasoning-content", 200, NULL, JSON,
    CHOICE ("{\"role\":\"assistant\",\"content\":\"[happy]\",\"reasoning_content\":\"sad? "
            "no\"}",
            "\"stop\"") },
  { "reasoning-only", 200, NULL, JSON,
    CHOICE ("{\"role\":\"assistant\",\"content\":null,\"reasoning\":\"it is [sad]\"}",
            "\"length\"") },
  /* hostile */
  { "choices-object", 200, NULL, JSON, "{\"choices\":{}}" },
  { "choices-null", 200, NULL, JSON, "{\"choices\":[null]}" },
  { "choices-none", 200, NULL, JSON, "{\"choices\":[]}" },
  { "content-number", 200, NULL, JSON,
    CHOICE ("{\"role\":\"assistant\",\"content\":123}", "\"stop\"") },
  { "huge-number", 200, NULL, JSON,
    "{\"choices\":[{\"message\":{\"content\":\"[happy]\"}}],\"usage\":{\"prompt_tokens\":"
    "1e999,\"completion_tokens\":-5}}" },
  { "twice", 200, NULL, JSON, SAYS ("[happy]") SAYS ("[sad]") },
  { "duplicate-keys", 200, NULL, JSON,
    "{\"choices\":[{\"message\":{\"content\":\"[sad]\",\"content\":\"[happy]\"}}]}" },
};

#define EVENT(delta, finish)                                                               \
  "data: {\"choices\":[{\"delta\":" delta ",\"finish_reason\":" finish "}]}"
#define PIECE(text) EVENT ("{\"content\":\"" text "\"}", "null")

/* streams, sent with status 200 */
static const struct
{
  const char *name;
  const char *body;
} streams[] = {
  { "sse-crlf",
    PIECE ("[hap") "\r\n\r\n" EVENT ("{\"content\":\"py]\"}", "\"stop\"") "\r\n"
                                                                          "\r\ndata: [DONE]"
                                                                          "\r\n\r\n" },
  { "sse-comments", ": ping\n\nevent: x\nid: 1\nretry: 5\n" PIECE (
                        "[happy]") "\n\n: ping\n\n" EVENT ("{}", "\"stop\"") "\n\ndata: "
                                                                             "[DONE]\n\n" },
  { "sse-lines", "data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"[happy]\"},\n"
                 "data: \"finish_reason\":\"stop\"}]}\n\n" },
  { "sse-no-done", PIECE ("[happy]") "\n\n" EVENT ("{}", "\"stop\"") "\n\n" },
  { "sse-done-only", PIECE ("[happy]") "\n\ndata: [DONE]\n\n" },
  { "sse-no-last-line", PIECE ("[happy]") "\n\n" EVENT ("{}", "\"stop\"") },
  { "sse-broken", PIECE ("[hap") "\n\ndata: {\"choices\":[{\"del" },
  { "sse-error", PIECE ("[hap") "\n\ndata: {\"error\":{\"message\":\"engine gone\","
                                "\"type\":\"server_error\"}}\n\ndata: [DONE]\n\n" },
  { "sse-usage", PIECE ("[happy]") "\n\n" EVENT (
                     "{}", "\"stop\"") "\n\ndata: {\"choices\":[],\"usage\":"
                                       "{\"prompt_tokens\":7,\"completion_tokens\":3}}"
                                       "\n\ndata: [DONE]\n\n" },
  { "sse-utf8", PIECE ("[déçu, 喜]") "\n\n" EVENT ("{}", "\"stop\"") "\n\ndata: "
                                                                     "[DONE]\n\n" },
};

/* what is not a table */
static const char *const played[]
    = { "hang",      "drip",        "reset",         "close",         "stale",  "413-close",
        "truncated", "chunk-cut",   "gzip-bomb",     "huge",          "nested", "key-echo",
        "sse-bytes", "stream-only", "no-max-tokens", "no-temperature" };

static gboolean
is_played (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (played); i++)
    if (g_str_equal (played[i], name))
      return TRUE;
  return FALSE;
}

static const char *
find_stream (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++)
    if (g_str_equal (streams[i].name, name))
      return streams[i].body;
  return NULL;
}

gboolean
fault_is_known (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (canned); i++)
    if (g_str_equal (canned[i].name, name))
      return TRUE;
  return is_played (name) || find_stream (name) != NULL;
}

char *
fault_list_names (void)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (canned); i++)
    g_string_append_printf (names, "%s ", canned[i].name);
  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++)
    g_string_append_printf (names, "%s ", streams[i].name);
  for (gsize i = 0; i < G_N_ELEMENTS (played); i++)
    g_string_append_printf (names, "%s ", played[i]);
  return g_strdup (names->str);
}

static void
wait_until_closed (Connection *connection)
{
  GPollFD poll = { .fd = connection->fd, .events = G_IO_HUP | G_IO_ERR };

  g_poll (&poll, 1, 120 * 1000);
  connection->close = TRUE;
}

/* a byte now and then, which keeps any timer of idleness content */
static void
drip (Connection *connection)
{
  http_write (connection,
              "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
              "Transfer-Encoding: chunked\r\n\r\n",
              -1);
  while (http_write (connection, "5\r\n: ka\n\r\n", -1))
    g_usleep (50 * 1000);
}

static void
send_without_end (Connection *connection)
{
  static char chunk[1 << 20];

  memset (chunk, ' ', sizeof chunk);
  http_write (connection,
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
              "Content-Length: 1073741824\r\n\r\n",
              -1);
  for (guint i = 0; i < 1024 && http_write (connection, chunk, 1 << 20); i++)
    continue;
  connection->close = TRUE;
}

/* 200 MB of blanks in 200 kB */
static void
send_gzip_bomb (Connection *connection)
{
  g_autoptr (GZlibCompressor) zip
      = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) out = g_converter_output_stream_new (memory, G_CONVERTER (zip));
  g_autofree char *blanks = g_malloc (1 << 20);

  memset (blanks, ' ', 1 << 20);
  for (guint i = 0; i < 200; i++)
    g_output_stream_write_all (out, blanks, 1 << 20, NULL, NULL, NULL);
  g_output_stream_close (out, NULL, NULL);
  http_reply (
      connection, 200, "Content-Encoding: gzip\r\n", JSON,
      g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (memory)),
      (gssize) g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory)));
}

static void
send_nested (Connection *connection)
{
  static char deep[200001];

  memset (deep, '[', sizeof deep - 1);
  http_reply (connection, 200, NULL, JSON, deep, -1);
}

/* every byte of the stream in a packet of its own */
static void
send_stream_bytewise (Connection *connection, const Settings *settings,
                      const Answer *answer)
{
  g_autofree char *body = openai_stream (settings, answer);

  http_write (connection,
              "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
              "Connection: close\r\n\r\n",
              -1);
  for (const char *at = body; *at != '\0' && http_write (connection, at, 1); at++)
    continue;
  connection->close = TRUE;
}

static void
send_truncated (Connection *connection)
{
  http_write (connection,
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
              "Content-Length: 5000\r\n\r\n{\"choices\":[{\"mess",
              -1);
  connection->close = TRUE;
}

/* a chunked body without its end, which libsoup before 3.6.5 takes for whole */
static void
send_cut_chunks (Connection *connection)
{
  http_write (connection,
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
              "Transfer-Encoding: chunked\r\n\r\n13\r\n{\"choices\":[{\"messa\r\n",
              -1);
  connection->close = TRUE;
}

static void
send_key_echo (Connection *connection, Request *request)
{
  const char *key = http_get_header (request, "authorization");
  g_autofree char *message
      = g_strdup_printf ("Incorrect key provided: %s", key != NULL ? key : "none");
  g_autofree char *body = openai_error (400, "invalid_request_error", "bad_key", message);

  http_reply (connection, 400, NULL, JSON, body, -1);
}

static gboolean
has_member (Request *request, const char *name)
{
  g_autofree char *quoted = g_strdup_printf ("\"%s\":", name);

  return memmem (request->body->data, request->body->len, quoted, strlen (quoted)) != NULL;
}

/* servers that take a request only after it was changed */
static gboolean
refuse_member (Connection *connection, const char *name, Request *request)
{
  const char *body = NULL;

  if (g_str_equal (name, "stream-only") && !has_member (request, "stream"))
    body = ERROR ("This model only support stream mode, please enable the stream "
                  "parameter to access the model.",
                  "invalid_request_error", "\"invalid_parameter_error\"");
  if (g_str_equal (name, "no-max-tokens") && has_member (request, "max_tokens"))
    body = "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens' is not supported "
           "with this model. Use 'max_completion_tokens' instead.\",\"type\":"
           "\"invalid_request_error\",\"param\":\"max_tokens\",\"code\":"
           "\"unsupported_parameter\"}}";
  if (g_str_equal (name, "no-temperature") && has_member (request, "temperature"))
    body = "{\"error\":{\"message\":\"Unsupported value: 'temperature' does not support 0 "
           "with this model.\",\"type\":\"invalid_request_error\",\"param\":"
           "\"temperature\",\"code\":\"unsupported_value\"}}";
  if (body == NULL)
    return FALSE;
  http_reply (connection, 400, NULL, JSON, body, -1);
  return TRUE;
}

gboolean
fault_before_body (Connection *connection, const char *name)
{
  if (!g_str_equal (name, "413-close"))
    return FALSE;
  connection->close = TRUE;
  http_reply (connection, 413, NULL, JSON, ERROR ("too large", "x", "null"), -1);
  http_reset (connection);
  return TRUE;
}

static gboolean
play (Connection *connection, const char *name, const Settings *settings, Request *request,
      const Answer *answer)
{
  if (g_str_equal (name, "hang"))
    wait_until_closed (connection);
  else if (g_str_equal (name, "drip"))
    drip (connection);
  else if (g_str_equal (name, "reset"))
    http_reset (connection);
  else if (g_str_equal (name, "close"))
    connection->close = TRUE;
  /* closes a connection that was used before, as if it had been idle for too long */
  else if (g_str_equal (name, "stale") && connection->served > 0)
    connection->close = TRUE;
  else if (g_str_equal (name, "truncated"))
    send_truncated (connection);
  else if (g_str_equal (name, "chunk-cut"))
    send_cut_chunks (connection);
  else if (g_str_equal (name, "gzip-bomb"))
    send_gzip_bomb (connection);
  else if (g_str_equal (name, "huge"))
    send_without_end (connection);
  else if (g_str_equal (name, "nested"))
    send_nested (connection);
  else if (g_str_equal (name, "key-echo"))
    send_key_echo (connection, request);
  else if (g_str_equal (name, "sse-bytes"))
    send_stream_bytewise (connection, settings, answer);
  else
    return refuse_member (connection, name, request);
  return TRUE;
}

gboolean
fault_play (Connection *connection, const char *name, const Settings *settings,
            Request *request, const Answer *answer)
{
  for (gsize i = 0; i < G_N_ELEMENTS (canned); i++)
    if (g_str_equal (canned[i].name, name))
      {
        g_autofree char *location
            = canned[i].status / 100 == 3 && settings->location != NULL
                  ? g_strdup_printf ("Location: %s\r\n", settings->location)
                  : NULL;

        http_reply (connection, canned[i].status,
                    location != NULL ? location : canned[i].headers, canned[i].type,
                    canned[i].body, -1);
        return TRUE;
      }
  if (find_stream (name) != NULL)
    {
      http_reply (connection, 200, NULL, "text/event-stream", find_stream (name), -1);
      return TRUE;
    }
  return play (connection, name, settings, request, answer);
}
