/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* servers that mean harm, or are broken beyond HTTP: bounded memory and time, an outcome
 * with a reason, and the key stays where it belongs */
#include "support/mer-test.h"

#include <gst/check/gstharness.h>

#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/mer-test-sample.h"

#define GOOD MER_OUTCOME_ANSWERED
#define BAD MER_OUTCOME_API_FAILED
#define KEY "sk-hostile-0123456789"

#define OK "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define HAPPY                                                                              \
  "{\"choices\":[{\"message\":{\"content\":\"happy\"},\"finish_reason\":\"stop\"}]}"
#define HAPPY_LENGTH "68"
#define SAD "{\"choices\":[{\"message\":{\"content\":\"sad\"},\"finish_reason\":\"stop\"}]}"
#define ENDLESS -1

typedef struct
{
  const char *name;
  const char *head;       /* is sent first */
  const char *repeat;     /* then this … */
  int times;              /* … so often */
  guint gap_ms;           /* with this much time between */
  const char *tail;       /* then this */
  gboolean stays;         /* leaves the connection open */
  GBytes *(*make) (void); /* makes a gzip body that is sent after the head */
  MerOutcome outcome;
  const char *detail; /* is part of the reason; or of the text where answered */
} Case;

/* a listener on this machine that sends what a case says to whoever asks */
typedef struct
{
  int fd;
  int port;
  const Case *what;
  GBytes *made;
  GThread *thread;
  int n_connections; /* atomic */
  int n_requests;    /* atomic */
  GMutex lock;
  GString *heard; /* heads of requests */
} Listener;

typedef struct
{
  Listener *listener;
  int fd;
} Visit;

static gboolean
send_all (int fd, const char *bytes, gsize length)
{
  while (length > 0)
    {
      ssize_t n = send (fd, bytes, length, MSG_NOSIGNAL);

      if (n <= 0)
        return FALSE;
      bytes += n;
      length -= (gsize) n;
    }
  return TRUE;
}

static gboolean
send_text (int fd, const char *text)
{
  return text == NULL || send_all (fd, text, strlen (text));
}

/* a whole request; FALSE where the client has gone */
static gboolean
hear (Visit *visit)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *end = NULL;
  gsize wanted = G_MAXSIZE;
  char chunk[65536];

  while (text->len < wanted)
    {
      ssize_t n = recv (visit->fd, chunk, sizeof chunk, 0);

      if (n <= 0)
        return FALSE;
      g_string_append_len (text, chunk, n);
      if (end == NULL && (end = strstr (text->str, "\r\n\r\n")) != NULL)
        {
          const char *length = strstr (text->str, "Content-Length: ");

          wanted = (gsize) (end - text->str) + 4;
          if (length != NULL && length < end)
            wanted += g_ascii_strtoull (length + 16, NULL, 10);
        }
    }
  g_mutex_lock (&visit->listener->lock);
  g_string_append (visit->listener->heard, text->str);
  g_mutex_unlock (&visit->listener->lock);
  g_atomic_int_inc (&visit->listener->n_requests);
  return TRUE;
}

static gboolean
say (Visit *visit)
{
  const Case *what = visit->listener->what;
  int fd = visit->fd;
  GBytes *made = visit->listener->made;
  gsize length = 0;
  const char *data = made != NULL ? g_bytes_get_data (made, &length) : NULL;

  if (!send_text (fd, what->head) || !send_all (fd, data, length))
    return FALSE;
  for (int i = 0; what->times == ENDLESS || i < what->times; i++)
    {
      if (!send_text (fd, what->repeat))
        return FALSE;
      if (what->gap_ms > 0)
        g_usleep (what->gap_ms * 1000ul);
    }
  return send_text (fd, what->tail);
}

static void
listener_clear (gpointer data)
{
  Listener *self = data;

  g_clear_pointer (&self->made, g_bytes_unref);
  g_string_free (self->heard, TRUE);
  g_mutex_clear (&self->lock);
}

static gpointer
serve (gpointer data)
{
  Visit *visit = data;

  while (hear (visit) && say (visit) && visit->listener->what->stays)
    continue;
  close (visit->fd);
  g_atomic_rc_box_release_full (visit->listener, listener_clear);
  g_free (visit);
  return NULL;
}

static gpointer
listen_on (gpointer data)
{
  Listener *self = data;
  int fd = -1;

  while ((fd = accept (self->fd, NULL, NULL)) >= 0)
    {
      Visit *visit = g_new0 (Visit, 1);

      visit->listener = g_atomic_rc_box_acquire (self);
      visit->fd = fd;
      g_atomic_int_inc (&self->n_connections);
      g_thread_unref (g_thread_new ("visit", serve, visit));
    }
  return NULL;
}

/* visits may outlast their case, and hold it */
static Listener *
listener_new (const Case *what)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t length = sizeof address;
  Listener *self = g_atomic_rc_box_new0 (Listener);

  self->what = what;
  self->made = what->make != NULL ? what->make () : NULL;
  self->heard = g_string_new (NULL);
  g_mutex_init (&self->lock);
  self->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  assert_int_equal (bind (self->fd, (struct sockaddr *) &address, sizeof address), 0);
  assert_int_equal (listen (self->fd, 64), 0);
  getsockname (self->fd, (struct sockaddr *) &address, &length);
  self->port = ntohs (address.sin_port);
  self->thread = g_thread_new ("listener", listen_on, self);
  return self;
}

static void
listener_close (Listener *self)
{
  shutdown (self->fd, SHUT_RDWR);
  g_thread_join (self->thread);
  close (self->fd);
  g_atomic_rc_box_release_full (self, listener_clear);
}

static GstHarness *
make_harness (const char *uri)
{
  GstElement *element = gst_element_factory_make ("meropenai", "ask");

  g_object_set (element, "uri", uri, "model", "m", "timeout", 0.7, "max-in-flight", 1,
                "max-failures", 0, "api-key-env", "MER_HOSTILE_API_KEY", NULL);
  GstHarness *harness = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  gst_object_unref (element);
  return harness;
}

static MerResult *
ask (GstHarness *harness, guint i)
{
  g_autoptr (GstBuffer) out = NULL;

  gst_harness_push (harness, mer_buffer_new_sample (mer_test_sample (i, 0, 0, "hello")));
  out = gst_harness_pull (harness);
  assert_non_null (out);
  return mer_result_ref (mer_sample_find_result (mer_buffer_get_sample (out), "ask"));
}

static GBytes *
pack (GBytes *bytes)
{
  g_autoptr (GZlibCompressor) zip
      = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) out = g_converter_output_stream_new (memory, G_CONVERTER (zip));

  g_output_stream_write_all (out, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                             NULL, NULL, NULL);
  g_output_stream_close (out, NULL, NULL);
  g_bytes_unref (bytes);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

#define BOMB_BYTES ((gsize) 200 * 1024 * 1024)

static GBytes *
make_bomb (void)
{
  return pack (g_bytes_new_take (g_malloc0 (BOMB_BYTES), BOMB_BYTES));
}

static GBytes *
make_double_bomb (void)
{
  return pack (make_bomb ());
}

static GBytes *
make_cut_zip (void)
{
  g_autoptr (GBytes) whole = pack (g_bytes_new_static (HAPPY, strlen (HAPPY)));

  return g_bytes_new_from_bytes (whole, 0, g_bytes_get_size (whole) / 2);
}

static const Case cases[] = {
  { "good", OK "Content-Length: " HAPPY_LENGTH "\r\n\r\n" HAPPY, .outcome = GOOD,
    .detail = "happy", .stays = TRUE },
  /* bodies without end */
  { "body without end", OK "\r\n",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ENDLESS, .outcome = BAD, .detail = "" },
  { "chunks without end", OK "Transfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n",
    ENDLESS, .outcome = BAD, .detail = "" },
  { "announced too large", OK "Content-Length: 99999999999\r\n\r\n{", .stays = TRUE,
    .outcome = BAD, .detail = "exceeds 33554432 bytes" },
  { "events without end", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
    ": still here\n\n", ENDLESS, .outcome = BAD, .detail = "" },
  /* packed */
  { "gzip bomb", OK "Content-Encoding: gzip\r\n\r\n", .make = make_bomb, .outcome = BAD,
    .detail = "exceeds 33554432 bytes" },
  { "bomb in a bomb", OK "Content-Encoding: gzip, gzip\r\n\r\n", .make = make_double_bomb,
    .outcome = BAD, .detail = "exceeds 33554432 bytes" },
  { "cut gzip", OK "Content-Encoding: gzip\r\n\r\n", .make = make_cut_zip, .outcome = BAD,
    .detail = "" },
  { "no gzip", OK "Content-Encoding: gzip\r\n\r\nthis is not packed", .outcome = BAD,
    .detail = "" },
  { "unknown packing", OK "Content-Encoding: zork\r\n\r\n\001\002\003", .outcome = BAD,
    .detail = "" },
  /* slow */
  { "silence", NULL, .stays = TRUE, .outcome = BAD, .detail = "no complete answer within" },
  { "dripping body", OK "\r\n", " ", ENDLESS, 20, .outcome = BAD,
    .detail = "no complete answer within" },
  { "dripping head", "HTTP/1.1 200 OK\r\n", "X-A: b\r\n", ENDLESS, 20, .outcome = BAD,
    .detail = "no complete answer within" },
  { "dripping interim", NULL, "HTTP/1.1 102 Processing\r\n\r\n", ENDLESS, 20,
    .outcome = BAD, .detail = "" },
  /* heads */
  { "head without end", "HTTP/1.1 200 OK\r\n", "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
    ENDLESS, .outcome = BAD, .detail = "" },
  { "line without end", "HTTP/1.1 200 OK\r\nX-A: ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ENDLESS, .outcome = BAD, .detail = "" },
  { "status without end", "HTTP/1.1 200 ", "OKOKOKOKOKOKOKOKOKOKOKOKOKOKOKOKOKOKO", ENDLESS,
    .outcome = BAD, .detail = "" },
  { "many equal headers", OK, "Set-Cookie: a=b\r\n", 3000,
    .tail = "Content-Length: " HAPPY_LENGTH "\r\n\r\n" HAPPY, .outcome = GOOD,
    .detail = "happy" },
  { "interim without end", NULL, "HTTP/1.1 100 Continue\r\n\r\n", ENDLESS, .outcome = BAD,
    .detail = "interim" },
  { "hints without end", NULL, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", ENDLESS,
    .outcome = BAD, .detail = "interim" },
  { "a few interim answers", NULL, "HTTP/1.1 102 Processing\r\n\r\n", 5,
    .tail = OK "Content-Length: " HAPPY_LENGTH "\r\n\r\n" HAPPY, .outcome = GOOD,
    .detail = "happy" },
  { "other protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nxxx",
    .outcome = BAD, .detail = "" },
  { "no status", "hello\r\n\r\n", .outcome = BAD, .detail = "" },
  { "wild status", "HTTP/1.1 99999 What\r\n\r\n", .outcome = BAD, .detail = "" },
  { "other version", "HTTP/9.9 200 OK\r\n\r\n" HAPPY, .outcome = BAD, .detail = "" },
  { "header without colon", OK "nonsense\r\nContent-Length: " HAPPY_LENGTH "\r\n\r\n" HAPPY,
    .outcome = GOOD, .detail = "happy" },
  /* lengths */
  { "length too long", OK "Content-Length: 5000\r\n\r\n" HAPPY, .outcome = BAD,
    .detail = "" },
  { "length too short", OK "Content-Length: 20\r\n\r\n" HAPPY, .stays = TRUE,
    .outcome = BAD, .detail = "" },
  { "length below nothing", OK "Content-Length: -5\r\n\r\n" HAPPY, .stays = TRUE,
    .outcome = BAD, .detail = "length" },
  { "length no number", OK "Content-Length: many\r\n\r\n" HAPPY, .stays = TRUE,
    .outcome = BAD, .detail = "" },
  { "length beyond all", OK "Content-Length: 99999999999999999999999\r\n\r\n" HAPPY,
    .stays = TRUE, .outcome = BAD, .detail = "length" },
  { "two lengths",
    OK "Content-Length: 20\r\nContent-Length: " HAPPY_LENGTH "\r\n\r\n" HAPPY,
    .stays = TRUE, .outcome = BAD, .detail = "length" },
  { "the same length twice",
    OK "Content-Length: " HAPPY_LENGTH "\r\nContent-Length: " HAPPY_LENGTH "\r\n\r\n" HAPPY,
    .outcome = GOOD, .detail = "happy" },
  { "length and chunks",
    OK "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    .stays = TRUE, .outcome = BAD, .detail = "length" },
  { "wild chunk", OK "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n" HAPPY,
    .outcome = BAD, .detail = "" },
  { "chunk below nothing", OK "Transfer-Encoding: chunked\r\n\r\n-1\r\n" HAPPY,
    .outcome = BAD, .detail = "" },
  { "chunk that is none", OK "Transfer-Encoding: chunked\r\n\r\nzz\r\n" HAPPY,
    .outcome = BAD, .detail = "" },
  /* JSON */
  { "deep lists", OK "\r\n", "[", 300000, .outcome = BAD, .detail = "" },
  { "deep objects", OK "\r\n", "{\"a\":", 300000, .outcome = BAD, .detail = "" },
  { "deep in a text", OK "\r\n{\"choices\":[{\"message\":{\"content\":\"", "[", 100000,
    .tail = "\"},\"finish_reason\":\"stop\"}]}", .outcome = GOOD, .detail = "[[[[" },
  { "lone surrogate",
    OK "\r\n{\"choices\":[{\"message\":{\"content\":\"happy \\ud83d\"},\"finish_reason\":"
       "\"stop\"}]}",
    .outcome = GOOD, .detail = "happy \357\277\275" },
  { "surrogates the wrong way round",
    OK "\r\n{\"choices\":[{\"message\":{\"content\":\"\\ude00\\ud83d happy\"},"
       "\"finish_reason\":\"stop\"}]}",
    .outcome = GOOD, .detail = "happy" },
  { "bytes that are no text",
    OK "\r\n{\"choices\":[{\"message\":{\"content\":\"happy \377\376\"},\"finish_reason\":"
       "\"stop\"}]}",
    .outcome = GOOD, .detail = "happy" },
  { "other shapes", OK "\r\n{\"choices\":{\"0\":[null]},\"usage\":[1e999,{}]}",
    .outcome = BAD, .detail = "" },
};

/* the most that the process had in memory since it was last asked to forget, bytes */
static gsize
get_peak (void)
{
  g_autofree char *text = NULL;
  const char *at = NULL;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL)
      || (at = strstr (text, "VmHWM:")) == NULL)
    return 0;
  return (gsize) g_ascii_strtoull (at + 6 + strspn (at + 6, " \t"), NULL, 10) * 1024;
}

static void
forget_peak (void)
{
  g_file_set_contents_full ("/proc/self/clear_refs", "5", 1, G_FILE_SET_CONTENTS_NONE, 0600,
                            NULL);
}

/* sanitizers and valgrind have memory of their own */
static gboolean
is_sanitized (void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return TRUE;
#else
  const char *preload = g_getenv ("LD_PRELOAD");

  return preload != NULL && strstr (preload, "vgpreload") != NULL;
#endif
}

static void
check_case (const Case *what)
{
  Listener *listener = listener_new (what);
  g_autofree char *uri = g_strdup_printf ("http://127.0.0.1:%d/v1", listener->port);
  GstHarness *harness = make_harness (uri);

  malloc_trim (0);
  forget_peak ();
  gsize before = get_peak ();
  g_autoptr (MerResult) result = ask (harness, 0);
  gsize grown = get_peak () - MIN (before, get_peak ());
  const char *said = mer_result_get_outcome (result) == GOOD
                         ? mer_result_get_text (result)
                         : mer_result_get_detail (result);

  g_test_message ("%s: %s", what->name, said);
  if (said == NULL)
    said = "";
  if (mer_result_get_outcome (result) != what->outcome
      || strstr (said, what->detail) == NULL)
    fail_msg ("%s: %s: “%.300s”", what->name,
              mer_outcome_to_string (mer_result_get_outcome (result)), said);
  if (strstr (said, KEY) != NULL)
    fail_msg ("%s: the key is in “%s”", what->name, said);
  if (!is_sanitized () && grown > 160 * 1024 * 1024)
    fail_msg ("%s: took %zu MB", what->name, grown >> 20);
  gst_harness_teardown (harness);
  listener_close (listener);
}

static void
test_cases (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_case (&cases[i]);
}

/* what a server sends beyond its answer is nobody's answer */
static void
test_junk_after_answer (void **state)
{
  static const Case junk[] = {
    { "a second answer",
      OK "Content-Length: " HAPPY_LENGTH "\r\n\r\n" HAPPY OK
         "Content-Length: 66\r\n\r\n" SAD,
      .stays = TRUE },
    { "rubbish", OK "Content-Length: " HAPPY_LENGTH "\r\n\r\n" HAPPY "\r\n\r\nrubbish",
      .stays = TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (junk); i++)
    {
      Listener *listener = listener_new (&junk[i]);
      g_autofree char *uri = g_strdup_printf ("http://127.0.0.1:%d/v1", listener->port);
      GstHarness *harness = make_harness (uri);

      for (guint n = 0; n < 5; n++)
        {
          g_autoptr (MerResult) result = ask (harness, n);

          assert_int_equal (mer_result_get_outcome (result), GOOD);
          assert_string_equal (mer_result_get_text (result), "happy");
        }
      gst_harness_teardown (harness);
      listener_close (listener);
    }
}

/* no redirect is followed, so neither key nor clip go anywhere else */
static void
test_redirects (void **state)
{
  static const guint statuses[] = { 300, 301, 302, 303, 305, 307, 308 };
  static const Case good
      = { "elsewhere", OK "Content-Length: " HAPPY_LENGTH "\r\n\r\n" HAPPY };
  Listener *elsewhere = listener_new (&good);

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *head
          = g_strdup_printf ("HTTP/1.1 %u Moved\r\nLocation: http://127.0.0.1:%d/" KEY
                             "\r\nContent-Length: 0\r\n\r\n",
                             statuses[i], elsewhere->port);
      const Case moved = { "moved", head };
      Listener *listener = listener_new (&moved);
      g_autofree char *uri = g_strdup_printf ("http://127.0.0.1:%d/v1", listener->port);
      GstElement *element = gst_element_factory_make ("meropenai", "ask");
      g_autoptr (GstBus) bus = gst_bus_new ();
      g_autoptr (GError) error = NULL;

      g_object_set (element, "uri", uri, "model", "m", "api-key-env", "MER_HOSTILE_API_KEY",
                    NULL);
      gst_element_set_bus (element, bus);
      GstHarness *harness = gst_harness_new_with_element (element, "sink", "src");
      gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
      gst_harness_push (harness,
                        mer_buffer_new_sample (mer_test_sample (0, 0, 0, "hello")));
      g_autoptr (GstMessage) message
          = gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND, GST_MESSAGE_ERROR);
      assert_non_null (message);
      gst_message_parse_error (message, &error, NULL);
      assert_non_null (strstr (error->message, "redirect"));
      assert_null (strstr (error->message, KEY));
      gst_harness_teardown (harness);
      gst_element_set_bus (element, NULL);
      gst_object_unref (element);
      listener_close (listener);
    }
  assert_int_equal (g_atomic_int_get (&elsewhere->n_connections), 0);
  listener_close (elsewhere);
}

/* without TLS a proxy would read the key: it is not asked */
static void
test_proxy (void **state)
{
  static const Case good = { "proxy", OK "Content-Length: " HAPPY_LENGTH "\r\n\r\n" HAPPY };
  Listener *proxy = listener_new (&good);
  g_autofree char *address = g_strdup_printf ("http://127.0.0.1:%d", proxy->port);
  GstElement *element = gst_element_factory_make ("meropenai", "ask");
  g_autoptr (GstBus) bus = gst_bus_new ();

  g_setenv ("http_proxy", address, TRUE);
  g_setenv ("HTTP_PROXY", address, TRUE);
  g_object_set (element, "uri", "http://nobody.invalid/v1", "model", "m", "api-key-env",
                "MER_HOSTILE_API_KEY", "allow-plain-http", TRUE, NULL);
  gst_element_set_bus (element, bus);
  GstHarness *harness = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  gst_harness_push (harness, mer_buffer_new_sample (mer_test_sample (0, 0, 0, "hello")));
  g_autoptr (GstMessage) message
      = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND, GST_MESSAGE_ERROR);
  assert_non_null (message);
  assert_int_equal (g_atomic_int_get (&proxy->n_connections), 0);
  g_unsetenv ("http_proxy");
  g_unsetenv ("HTTP_PROXY");
  gst_harness_teardown (harness);
  gst_element_set_bus (element, NULL);
  gst_object_unref (element);
  listener_close (proxy);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_cases),
    cmocka_unit_test (test_junk_after_answer),
    cmocka_unit_test (test_redirects),
    cmocka_unit_test (test_proxy),
  };

  g_setenv ("MER_HOSTILE_API_KEY", KEY, TRUE);
  gst_init (&argc, &argv);
  mer_retry_set_time_scale (0.01);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
