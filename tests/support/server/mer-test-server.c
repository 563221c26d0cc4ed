/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer-test-server: a model's server for tests and for trying things by hand */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

static Settings settings = { .check = TRUE };
static GMutex lock; /* of the log, the orders' counts and the number */
static FILE *log_file;
static guint64 n_requests;
static int n_active;

/* the fault that the next request is to meet */
static const char *
take_fault (void)
{
  const char *name = NULL;

  g_mutex_lock (&lock);
  for (guint i = 0; name == NULL && i < settings.faults->len; i++)
    {
      FaultOrder *order = g_ptr_array_index (settings.faults, i);

      if (order->left == 0)
        continue;
      if (order->skip > 0)
        {
          order->skip--;
          break;
        }
      if (order->left > 0)
        order->left--;
      name = order->name;
    }
  g_mutex_unlock (&lock);
  return name;
}

static void
write_log (Request *request, JsonObject *line, const char *fault)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  const char *key = http_get_header (request, "x-client-request-id");

  json_object_set_string_member (line, "path", request->path);
  json_object_set_int_member (line, "bytes", request->body->len);
  json_object_set_string_member (line, "fault", fault != NULL ? fault : "");
  json_object_set_string_member (line, "key", key != NULL ? key : "");
  json_object_set_int_member (line, "active", g_atomic_int_get (&n_active));
  json_object_set_boolean_member (line, "authorized",
                                  http_get_header (request, "authorization") != NULL);
  json_node_set_object (node, line);
  g_mutex_lock (&lock);
  json_object_set_int_member (line, "n", (gint64) ++n_requests);
  if (log_file != NULL)
    {
      g_autofree char *text = json_to_string (node, FALSE);

      fprintf (log_file, "%s\n", text);
      fflush (log_file);
    }
  g_mutex_unlock (&lock);
}

static gboolean
is_authorized (Request *request)
{
  const char *header = http_get_header (request, "authorization");
  g_autofree char *wanted = g_strconcat ("Bearer ", settings.key, NULL);

  return settings.key == NULL || g_strcmp0 (header, wanted) == 0;
}

static void
reply_json (Connection *connection, guint status, char *body)
{
  http_reply (connection, status, NULL, "application/json", body, -1);
  g_free (body);
}

static void
answer_chat (Connection *connection, Request *request, const char *fault)
{
  Answer answer = { .log = json_object_new () };

  g_atomic_int_inc (&n_active);
  g_autoptr (GError) error = NULL;
  gboolean good = openai_check (&settings, request, &answer, &error);

  if (error != NULL)
    json_object_set_string_member (answer.log, "refused", error->message);
  write_log (request, answer.log, fault);
  if (settings.latency_ms > 0)
    g_usleep (settings.latency_ms * 1000ul);
  /* before the answer, at which the client may send the next */
  g_atomic_int_add (&n_active, -1);

  if (!is_authorized (request))
    reply_json (connection, 401,
                openai_error (401, "invalid_request_error", "invalid_api_key",
                              "Incorrect API key provided"));
  else if (!good && error != NULL)
    reply_json (connection, 400,
                openai_error (400, "invalid_request_error", NULL,
                              error != NULL ? error->message : "no reason is known"));
  else if (fault != NULL && fault_play (connection, fault, &settings, request, &answer))
    ;
  else if (answer.stream)
    {
      g_autofree char *body = openai_stream (&settings, &answer);

      http_reply (connection, 200, NULL, "text/event-stream", body, -1);
    }
  else
    reply_json (connection, 200, openai_completion (&settings, &answer));
  answer_clear (&answer);
}

static void
answer_generate (Connection *connection, Request *request)
{
  JsonObject *line = json_object_new ();
  g_autoptr (GError) error = NULL;
  gboolean good = generate_check (request, line, &error);

  write_log (request, line, NULL);
  json_object_unref (line);
  if (good || error == NULL)
    reply_json (connection, 200,
                g_strdup ("{\"response\":\"[happy, calm]\",\"done\":true}"));
  else
    reply_json (connection, 400, g_strdup_printf ("{\"error\":\"%s\"}", error->message));
}

static void
answer_other (Connection *connection, Request *request)
{
  JsonObject *line = json_object_new ();

  write_log (request, line, NULL);
  json_object_unref (line);
  if (g_str_equal (request->method, "GET") && g_str_equal (request->path, "/v1/models"))
    reply_json (connection, 200,
                g_strdup_printf ("{\"object\":\"list\",\"data\":[{\"id\":\"%s\","
                                 "\"object\":\"model\"}]}",
                                 settings.model));
  else if (g_str_equal (request->path, "/health"))
    reply_json (connection, 200, g_strdup ("{\"status\":\"ok\"}"));
  else
    reply_json (connection, 404,
                openai_error (404, "not_found_error", NULL, "File Not Found"));
}

/* FALSE: the connection is done */
static gboolean
serve_one (Connection *connection)
{
  Request request = { 0 };
  gboolean good = http_read_head (connection, &request);
  gboolean is_chat = good && g_str_equal (request.method, "POST")
                     && g_str_has_prefix (request.path, "/v1/chat/completions");
  const char *fault = is_chat ? take_fault () : NULL;

  if (good && fault != NULL && fault_before_body (connection, fault))
    {
      JsonObject *line = json_object_new ();

      write_log (&request, line, fault);
      json_object_unref (line);
    }
  else if (good && (good = http_read_body (connection, &request)))
    {
      if (is_chat)
        answer_chat (connection, &request, fault);
      else if (g_str_equal (request.path, "/api/generate"))
        answer_generate (connection, &request);
      else
        answer_other (connection, &request);
      connection->served++;
    }
  http_request_clear (&request);
  return good && !connection->close;
}

static gpointer
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

static void
fault_order_free (gpointer data)
{
  FaultOrder *order = data;

  g_free (order->name);
  g_free (order);
}

/* NAME[:COUNT[:AFTER]] */
static gboolean
parse_fault (const char *option, const char *value, gpointer data, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (value, ":", 3);
  FaultOrder *order = g_new0 (FaultOrder, 1);

  order->name = g_strdup (parts[0]);
  order->left = parts[0] != NULL && parts[1] != NULL ? atoi (parts[1]) : -1;
  order->skip = order->left >= 0 && parts[2] != NULL ? atoi (parts[2]) : 0;
  g_ptr_array_add (settings.faults, order);
  if (fault_is_known (parts[0]))
    return TRUE;

  g_autofree char *names = fault_list_names ();
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "unknown fault “%s”; there are: %s", parts[0], names);
  return FALSE;
}

static int
open_socket (const char *host, int *port, GError **error)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (*port) };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int on = 1;

  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (inet_pton (AF_INET, host, &address.sin_addr) != 1
      || bind (fd, (struct sockaddr *) &address, sizeof address) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot bind %s:%d: %s", host,
                   *port, g_strerror (errno));
      close (fd);
      return -1;
    }
  getsockname (fd, (struct sockaddr *) &address, &length);
  *port = ntohs (address.sin_port);
  return fd;
}

static void
accept_all (int fd)
{
  for (;;)
    {
      int client = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);

      if (client >= 0)
        g_thread_unref (g_thread_new ("client", serve, GINT_TO_POINTER (client)));
      else if (errno != EINTR && errno != ECONNABORTED)
        return;
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *host = g_strdup ("127.0.0.1");
  g_autofree char *protocol = g_strdup ("openai");
  g_autofree char *log_path = NULL;
  g_autofree char *key_variable = NULL;
  gboolean no_check = FALSE, die_with_parent = FALSE;
  int port = 0, latency = 0, listen_after = 0;
  const GOptionEntry entries[] = {
    { "protocol", 0, 0, G_OPTION_ARG_STRING, &protocol, "openai (default)", "NAME" },
    { "host", 0, 0, G_OPTION_ARG_STRING, &host, "address (default 127.0.0.1)", "IP" },
    { "port", 0, 0, G_OPTION_ARG_INT, &port, "0 (default) takes a free one", "N" },
    { "model", 0, 0, G_OPTION_ARG_STRING, &settings.model, "the model it lists", "NAME" },
    { "latency-ms", 0, 0, G_OPTION_ARG_INT, &latency, "before each answer", "MS" },
    { "listen-after-ms", 0, 0, G_OPTION_ARG_INT, &listen_after,
      "refuse connections until then", "MS" },
    { "answer", 0, 0, G_OPTION_ARG_STRING, &settings.answer,
      "always say this (default: words that depend on the request)", "TEXT" },
    { "key-env", 0, 0, G_OPTION_ARG_STRING, &key_variable,
      "ask for the key that stands in this variable", "NAME" },
    { "location", 0, 0, G_OPTION_ARG_STRING, &settings.location,
      "where the redirects of faults lead", "URL" },
    { "log", 0, 0, G_OPTION_ARG_FILENAME, &log_path, "a JSON line for each request",
      "FILE" },
    { "no-check", 0, 0, G_OPTION_ARG_NONE, &no_check,
      "do not look into requests: for benchmarks", NULL },
    { "fault", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) parse_fault,
      "play a fault for COUNT chat requests (default: all), after AFTER good ones",
      "NAME[:COUNT[:AFTER]]" },
    { "die-with-parent", 0, 0, G_OPTION_ARG_NONE, &die_with_parent,
      "end when the program that started it does", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context
      = g_option_context_new ("- a model's server for tests");
  g_autoptr (GError) error = NULL;
  int fd = -1;

  signal (SIGPIPE, SIG_IGN);
  settings.faults = g_ptr_array_new_with_free_func (fault_order_free);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)
      || (fd = open_socket (host, &port, &error)) < 0)
    {
      fprintf (stderr, "mer-test-server: %s\n", error->message);
      return 2;
    }
  if (!g_str_equal (protocol, "openai"))
    {
      fprintf (stderr, "mer-test-server: protocol %s is not known\n", protocol);
      return 2;
    }
  if (die_with_parent)
    prctl (PR_SET_PDEATHSIG, SIGKILL);
  settings.check = !no_check;
  settings.latency_ms = (guint) MAX (0, latency);
  settings.key = key_variable != NULL ? g_strdup (g_getenv (key_variable)) : NULL;
  if (settings.model == NULL)
    settings.model = g_strdup ("test-model");
  if (log_path != NULL)
    log_file = g_str_equal (log_path, "-") ? stdout : fopen (log_path, "ae");

  /* a short backlog drops connections that come at once, and each costs a second */
  if (listen_after <= 0 && listen (fd, BACKLOG) != 0)
    return 1;
  printf ("listening on http://%s:%d/v1\n", host, port);
  fflush (stdout);
  if (listen_after > 0)
    {
      g_usleep ((gulong) listen_after * 1000);
      if (listen (fd, BACKLOG) != 0)
        return 1;
    }
  accept_all (fd);
  return 0;
}
