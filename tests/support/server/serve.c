/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "openai.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static GMutex lock; /* of the log and the number */
static guint64 n_requests;

/* what every protocol's server has here: for health, for counts, and plugins/example */
static const Route common_routes[] = {
  { "GET", "/stats", NULL, limits_serve_stats, TRUE, TRUE },
  { "POST", "/api/generate", NULL, generate_serve, TRUE, TRUE },
  { NULL },
};

const char *
serve_get_base (void)
{
  return settings.protocol->has_dialects ? settings.dialect->base : settings.protocol->base;
}

static const Route *
find_route (const Route *routes, const Request *request)
{
  const char *base = serve_get_base ();
  const char *below
      = g_str_has_prefix (request->path, base) ? request->path + strlen (base) : NULL;

  for (const Route *route = routes; route->method != NULL; route++)
    {
      const char *path = route->absolute ? request->path : below;

      if (path != NULL && g_str_equal (route->method, request->method)
          && g_pattern_match_simple (route->pattern, path))
        return route;
    }
  return routes != common_routes ? find_route (common_routes, request) : NULL;
}

static gboolean
is_secret (const char *name)
{
  static const char *const secrets[]
      = { "authorization", "x-api-key", "x-goog-api-key", "api-key", "cookie", NULL };

  return g_strv_contains (secrets, name);
}

static JsonObject *
describe_headers (Request *request)
{
  JsonObject *object = json_object_new ();
  g_autoptr (GList) names = g_hash_table_get_keys (request->headers);

  for (GList *at = names; at != NULL; at = at->next)
    json_object_set_string_member (
        object, at->data,
        is_secret (at->data) ? "(secret)" : http_get_header (request, at->data));
  return object;
}

static void
write_log (Exchange *x)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *alt = http_dup_query (x->request, "alt");
  const char *key = http_get_header (x->request, "x-client-request-id");
  JsonObject *line = x->log;

  if (x->problem.message != NULL)
    json_object_set_string_member (line, "refused", x->problem.message);
  json_object_set_string_member (line, "protocol", x->protocol->name);
  json_object_set_string_member (line, "method", x->request->method);
  json_object_set_string_member (line, "path", x->request->path);
  json_object_set_string_member (line, "alt", alt != NULL ? alt : "");
  json_object_set_int_member (line, "bytes", x->request->body->len);
  json_object_set_string_member (line, "fault", x->fault != NULL ? x->fault : "");
  json_object_set_string_member (line, "key", key != NULL ? key : "");
  json_object_set_int_member (line, "active", limits_get_active ());
  json_object_set_boolean_member (line, "authorized", serve_get_key (x) != NULL);
  json_object_set_object_member (line, "headers", describe_headers (x->request));
  json_node_set_object (node, line);
  g_mutex_lock (&lock);
  json_object_set_int_member (line, "n", (gint64) ++n_requests);
  if (settings.log != NULL)
    {
      g_autofree char *text = json_to_string (node, FALSE);

      fprintf (settings.log, "%s\n", text);
      fflush (settings.log);
    }
  g_mutex_unlock (&lock);
}

/* the key that came with the request, without what stands before it; NULL where none did */
const char *
serve_get_key (Exchange *x)
{
  const Protocol *protocol = x->protocol;
  const char *value = protocol->key_header != NULL
                          ? http_get_header (x->request, protocol->key_header)
                          : NULL;

  if (value != NULL && protocol->key_prefix != NULL)
    return g_str_has_prefix (value, protocol->key_prefix)
               ? value + strlen (protocol->key_prefix)
               : "";
  return value;
}

static gboolean
check_key (Exchange *x)
{
  g_autofree char *queried = x->protocol->key_query != NULL
                                 ? http_dup_query (x->request, x->protocol->key_query)
                                 : NULL;
  const char *key = serve_get_key (x) != NULL ? serve_get_key (x) : queried;

  if (key == NULL && settings.dialect == &openai_llamacpp)
    key = http_get_header (x->request, "x-api-key");
  if (settings.key == NULL || g_strcmp0 (key, settings.key) == 0)
    return TRUE;
  return refuse_as (x, &(Problem){ .kind = key != NULL ? PROBLEM_KEY : PROBLEM_NO_KEY },
                    NULL);
}

static gboolean
check_size (Exchange *x, guint64 limit)
{
  if (limit == 0 || x->request->body->len <= limit)
    return TRUE;
  return refuse_as (x, &(Problem){ .kind = PROBLEM_TOO_LARGE }, NULL);
}

static gboolean
check_limit (Exchange *x, Limit limit, double wait)
{
  Problem problem = { .kind = PROBLEM_RATE };

  if (limit == LIMIT_NONE)
    return TRUE;
  json_object_set_string_member (x->log, "limit",
                                 limit == LIMIT_RATE ? "rate" : "capacity");
  if (limit == LIMIT_RATE)
    problem.headers = g_strdup_printf ("retry-after-ms: %d\r\nRetry-After: %d\r\n",
                                       (int) (wait * 1000) + 1, (int) wait + 1);
  return refuse_as (x, &problem, NULL);
}

/* the body is looked at only where --no-check does not forbid it */
static gboolean
check_call (Exchange *x)
{
  GByteArray *body = x->request->body;
  gsize tail = MIN (body->len, 256);

  if (settings.check)
    return x->protocol->check (x);
  answer_seed (x, TRUE, body->data + body->len - tail, tail);
  return TRUE;
}

void
serve_evaluate (Exchange *x, gboolean good, Reply *reply)
{
  if (!good)
    exchange_write_problem (x, reply);
  else if (x->fault == NULL || !fault_reply (x, reply))
    reply_json (reply, 200, x->protocol->completion (x));
}

static void
send_reply (Exchange *x, Reply *reply)
{
  http_reply (x->connection, reply->status, reply->headers, reply->type, reply->body,
              reply->length);
  reply_clear (reply);
}

static void
answer_call (Exchange *x)
{
  Reply reply = { 0 };
  double wait = 0;
  Limit limit = limits_enter (&wait);
  guint64 size = settings.max_request > 0 ? settings.max_request : x->protocol->max_request;
  gboolean good = check_limit (x, limit, wait) && check_key (x) && check_size (x, size)
                  && check_call (x);

  write_log (x);
  if (limit == LIMIT_NONE && settings.latency_ms > 0)
    g_usleep (settings.latency_ms * 1000ul);
  /* before the answer, at which the client may send the next */
  limits_leave (limit);

  if (good && x->fault != NULL && fault_play (x))
    return;
  if (good && x->answer.stream && (x->fault == NULL || !fault_reply (x, &reply)))
    {
      stream_send (x);
      return;
    }
  if (reply.status == 0)
    serve_evaluate (x, good, &reply);
  send_reply (x, &reply);
}

/* TRUE where a fault ordered as aside/NAME takes the place of the answer */
static gboolean
fault_aside (Exchange *x, Reply *reply, gboolean *played)
{
  const char *fault = orders_take ("aside");

  if (fault == NULL)
    return FALSE;
  x->fault = fault;
  *played = fault_play (x);
  return *played || fault_reply (x, reply);
}

static void
answer_other (Exchange *x, const Route *route)
{
  Reply reply = { 0 };
  gboolean played = FALSE;

  if (route == NULL && (settings.dialect != &openai_llamacpp || check_key (x)))
    exchange_fail (x, PROBLEM_PATH, &reply);
  else if (route == NULL)
    exchange_write_problem (x, &reply);
  else if (!route->open && (!check_key (x) || !check_size (x, settings.max_request)))
    exchange_write_problem (x, &reply);
  else if (route->open || !fault_aside (x, &reply, &played))
    route->serve (x, &reply);
  write_log (x);
  if (!played)
    send_reply (x, &reply);
}

/* FALSE: the connection is done */
static gboolean
serve_one (Connection *connection)
{
  Request request = { 0 };
  Exchange x = { 0 };
  gboolean good = http_read_head (connection, &request);
  const Route *route = good ? find_route (settings.protocol->routes, &request) : NULL;
  gboolean is_call = route != NULL && route->call != NULL;

  if (!good)
    {
      http_request_clear (&request);
      return FALSE;
    }
  exchange_init (&x, is_call ? route->call : settings.protocol, connection, &request);
  x.fault = is_call ? orders_take ("call") : NULL;
  if (x.fault != NULL && play_before_body (connection, x.fault))
    write_log (&x);
  else if ((good = http_read_body (connection, &request)))
    {
      if (is_call)
        answer_call (&x);
      else
        answer_other (&x, route);
      connection->served++;
    }
  exchange_clear (&x);
  http_request_clear (&request);
  return good && !connection->close;
}

gpointer
serve (gpointer data)
{
  Connection connection = { .fd = GPOINTER_TO_INT (data), .buffer = g_byte_array_new () };
  int on = 1;

  setsockopt (connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  while (serve_one (&connection))
    continue;
  close (connection.fd);
  g_byte_array_unref (connection.buffer);
  return NULL;
}
