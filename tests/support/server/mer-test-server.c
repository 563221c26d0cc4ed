/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer-test-server: a model's server for tests and for trying things by hand */
#include "openai.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

Settings settings = { .check = TRUE, .batch_polls = 2, .file_polls = 2 };

const Protocol *const protocols[] = { &openai_protocol,
                                      &responses_protocol,
                                      &gemini_protocol,
                                      &anthropic_protocol,
                                      &ollama_protocol,
                                      &whisper_protocol,
                                      NULL };

static char *
list_protocols (void)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; protocols[i] != NULL; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? " " : "", protocols[i]->name);
  return g_strdup (names->str);
}

static char *
describe (void)
{
  g_autoptr (GString) text = g_string_new ("Protocols:\n");

  for (guint i = 0; protocols[i] != NULL; i++)
    {
      g_autofree char *faults = orders_list (protocols[i]);

      g_string_append_printf (text, "  %s: %s\n    faults: %s\n", protocols[i]->name,
                              protocols[i]->blurb, faults);
    }
  g_string_append (text, "\nDialects of openai, responses and whisper:\n");
  for (guint i = 0; openai_dialects[i] != NULL; i++)
    g_string_append_printf (text, "  %s: %s\n", openai_dialects[i]->name,
                            openai_dialects[i]->blurb);
  g_string_append (text, "\nExample:\n  mer-test-server --protocol gemini --port 8080 "
                         "--fault 429:3 --log requests.jsonl\n");
  return g_strdup (text->str);
}

static gboolean
set_fault (const char *option, const char *value, gpointer data, GError **error)
{
  return orders_add (value);
}

static gboolean
set_protocol (const char *option, const char *value, gpointer data, GError **error)
{
  g_autofree char *names = list_protocols ();

  for (guint i = 0; protocols[i] != NULL; i++)
    if (g_str_equal (protocols[i]->name, value))
      {
        settings.protocol = protocols[i];
        return TRUE;
      }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "unknown protocol “%s”; there are: %s", value, names);
  return FALSE;
}

static gboolean
set_dialect (const char *option, const char *value, gpointer data, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; openai_dialects[i] != NULL; i++)
    {
      g_string_append_printf (names, " %s", openai_dialects[i]->name);
      if (g_str_equal (openai_dialects[i]->name, value))
        {
          settings.dialect = openai_dialects[i];
          return TRUE;
        }
    }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "unknown dialect “%s”; there are:%s", value, names->str);
  return FALSE;
}

/* what the model cannot do, separated by commas */
static gboolean
set_lacks (const char *option, const char *value, gpointer data, GError **error)
{
  g_auto (GStrv) names = g_strsplit (value, ",", -1);
  const struct
  {
    const char *name;
    gboolean *flag;
  } flags[] = {
    { "image", &settings.lacks_image },
    { "audio", &settings.lacks_audio },
    { "video", &settings.lacks_video },
    { "thinking", &settings.lacks_thinking },
  };
  guint n = 0;

  for (guint i = 0; names[i] != NULL; i++)
    for (gsize k = 0; k < G_N_ELEMENTS (flags); k++)
      if (g_str_equal (names[i], flags[k].name))
        {
          *flags[k].flag = TRUE;
          n++;
        }
  if (n == g_strv_length (names))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "a model may lack image, audio, video or thinking, not “%s”", value);
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

static gboolean
check_faults (GError **error)
{
  const char *unknown = orders_find_unknown (settings.protocol);
  g_autofree char *names = orders_list (settings.protocol);

  if (unknown == NULL || settings.protocol == NULL)
    return unknown == NULL;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "unknown fault “%s” of protocol %s; there are: %s", unknown,
               settings.protocol->name, names);
  return FALSE;
}

static struct
{
  char *host, *log, *key_variable;
  gboolean no_check, die_with_parent;
  int port, latency, listen_after, capacity, rpm;
  gint64 max_request;
} options;

static const GOptionEntry entries[] = {
  { "protocol", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) set_protocol, "openai (default)",
    "NAME" },
  { "dialect", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) set_dialect,
    "whose OpenAI: any (default), openai, vllm, …", "NAME" },
  { "host", 0, 0, G_OPTION_ARG_STRING, &options.host, "address (default 127.0.0.1)", "IP" },
  { "port", 0, 0, G_OPTION_ARG_INT, &options.port, "0 (default) takes a free one", "N" },
  { "model", 0, 0, G_OPTION_ARG_STRING, &settings.model,
    "the model it lists; others are then not found (default: test-model, and any will do)",
    "NAME" },
  { "reasoning", 0, 0, G_OPTION_ARG_NONE, &settings.reasoning,
    "refuse what reasoning models refuse", NULL },
  { "lacks", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) set_lacks,
    "what the model cannot do: image,audio,video,thinking", "LIST" },
  { "latency-ms", 0, 0, G_OPTION_ARG_INT, &options.latency, "before each answer", "MS" },
  { "listen-after-ms", 0, 0, G_OPTION_ARG_INT, &options.listen_after,
    "refuse connections until then", "MS" },
  { "capacity", 0, 0, G_OPTION_ARG_INT, &options.capacity,
    "refuse calls above so many at a time (429)", "N" },
  { "rpm", 0, 0, G_OPTION_ARG_INT, &options.rpm,
    "refuse calls above so many a minute (429)", "N" },
  { "max-request", 0, 0, G_OPTION_ARG_INT64, &options.max_request,
    "refuse larger bodies (default: the protocol's own limit)", "BYTES" },
  { "batch-polls", 0, 0, G_OPTION_ARG_INT, &settings.batch_polls,
    "polls until a batch is done (default 2)", "N" },
  { "file-polls", 0, 0, G_OPTION_ARG_INT, &settings.file_polls,
    "polls until an uploaded file can be used (default 2)", "N" },
  { "answer", 0, 0, G_OPTION_ARG_STRING, &settings.answer,
    "always say this (default: words that depend on the request)", "TEXT" },
  { "key-env", 0, 0, G_OPTION_ARG_STRING, &options.key_variable,
    "ask for the key that stands in this variable", "NAME" },
  { "location", 0, 0, G_OPTION_ARG_STRING, &settings.location,
    "where the redirects of faults lead", "URL" },
  { "log", 0, 0, G_OPTION_ARG_FILENAME, &options.log, "a JSON line for each request",
    "FILE" },
  { "no-check", 0, 0, G_OPTION_ARG_NONE, &options.no_check,
    "do not look into requests: for benchmarks", NULL },
  { "fault", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) set_fault,
    "play a fault for COUNT calls (default: all), after AFTER good ones",
    "NAME[:COUNT[:AFTER]]" },
  { "die-with-parent", 0, 0, G_OPTION_ARG_NONE, &options.die_with_parent,
    "end when the program that started it does", NULL },
  { NULL },
};

static gboolean
parse (int argc, char **argv, GError **error)
{
  g_autoptr (GOptionContext) context
      = g_option_context_new ("- a model's server for tests");
  g_autofree char *description = describe ();

  settings.protocol = &openai_protocol;
  settings.dialect = &openai_any;
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_description (context, description);
  if (!g_option_context_parse (context, &argc, &argv, error) || !check_faults (error))
    return FALSE;
  settings.check = !options.no_check;
  settings.latency_ms = (guint) MAX (0, options.latency);
  settings.capacity = (guint) MAX (0, options.capacity);
  settings.rpm = (guint) MAX (0, options.rpm);
  settings.max_request = (guint64) MAX (0, options.max_request);
  settings.model_given = settings.model != NULL;
  if (options.key_variable != NULL)
    settings.key = g_strdup (g_getenv (options.key_variable));
  if (settings.model == NULL)
    settings.model = g_strdup ("test-model");
  if (options.log != NULL)
    settings.log = g_str_equal (options.log, "-") ? stdout : fopen (options.log, "ae");
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  const char *host = NULL;
  int fd = -1;

  signal (SIGPIPE, SIG_IGN);
  if (parse (argc, argv, &error))
    {
      host = options.host != NULL ? options.host : "127.0.0.1";
      fd = open_socket (host, &options.port, &error);
    }
  if (fd < 0)
    {
      fprintf (stderr, "mer-test-server: %s\n", error->message);
      return 2;
    }
  if (options.die_with_parent)
    prctl (PR_SET_PDEATHSIG, SIGKILL);
  settings.origin = g_strdup_printf ("http://%s:%d", host, options.port);

  /* a short backlog drops connections that come at once, and each costs a second */
  if (options.listen_after <= 0 && listen (fd, BACKLOG) != 0)
    return 1;
  printf ("listening on %s%s\n", settings.origin, serve_get_base ());
  fflush (stdout);
  if (options.listen_after > 0)
    {
      g_usleep ((gulong) options.listen_after * 1000);
      if (listen (fd, BACKLOG) != 0)
        return 1;
    }
  accept_all (fd);
  return 0;
}
