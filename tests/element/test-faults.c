/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* whatever a server does, a sample ends: every fault that the test server knows, against
 * every backend, streamed and not. What each fault must come to stands in the backends' own
 * tests; here, that it comes to something, that says why, after a bounded number of calls.
 */
#include "support/mer-test.h"

#include "support/mer-test-backend.h"

#include <string.h>

#define MAX_CALLS 10
#define PATIENCE (30 * G_USEC_PER_SEC)

static const struct
{
  const char *factory, *protocol, *always, *streaming;
  const char *subtitle; /* NULL: it transcribes, and silence is an answer */
} backends[] = {
  { "meropenai", "openai", "", "stream=true", "hello" },
  { "meropenai", "responses", "dialect=responses", "stream=true", "hello" },
  { "mergemini", "gemini", "stream=false", "stream=true", "hello" },
  { "meranthropic", "anthropic", "stream=false", "stream=true", "hello" },
  { "merollama", "ollama", "check-model=false stream=false", "stream=true", "hello" },
  { "merwhisper", "whisper", "", NULL, NULL },
};

/* the server names them where it is asked for one that there is not */
static char **
list_faults (const char *protocol)
{
  g_autofree char *errors = NULL;
  const char *argv[]
      = { g_getenv ("MER_TEST_SERVER"), "--protocol", protocol, "--fault", "?", NULL };
  const char *at = NULL;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                &errors, NULL, NULL);
  at = errors != NULL ? strstr (errors, "there are: ") : NULL;
  if (at == NULL)
    fail_msg ("%s has no faults: %s", protocol, errors);
  return g_strsplit (g_strstrip ((char *) at + strlen ("there are: ")), " ", -1);
}

/* the first of an ERROR and a sample, whichever comes */
static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    g_async_queue_push (data, gst_message_ref (message));
  return GST_BUS_PASS;
}

static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  g_async_queue_push (data, gst_buffer_ref (gst_pad_probe_info_get_buffer (info)));
  return GST_PAD_PROBE_OK;
}

static void
check_sample (const char *what, gboolean may_be_silent, GstBuffer *buffer)
{
  MerResult *result = mer_sample_find_result (mer_buffer_get_sample (buffer), "ask");
  MerOutcome outcome = MER_OUTCOME_SKIPPED;
  const char *text = NULL, *detail = NULL;

  if (result == NULL)
    fail_msg ("%s: the sample has no result", what);
  outcome = mer_result_get_outcome (result);
  text = mer_result_get_text (result);
  detail = mer_result_get_detail (result);
  if (outcome == MER_OUTCOME_ANSWERED && !may_be_silent && (text == NULL || *text == '\0'))
    fail_msg ("%s: answered without a text", what);
  if (outcome == MER_OUTCOME_API_FAILED && (detail == NULL || *detail == '\0'))
    fail_msg ("%s: failed without a reason", what);
  if (text != NULL && !g_utf8_validate (text, -1, NULL))
    fail_msg ("%s: the text is no UTF-8", what);
  if (text != NULL && strstr (text, "[sad]") != NULL && strstr (what, "only") != NULL)
    fail_msg ("%s: the text is the reasoning", what);
}

static void
check_error (const char *what, GstMessage *message)
{
  g_autoptr (GError) error = NULL;

  gst_message_parse_error (message, &error, NULL);
  if (error == NULL || *error->message == '\0')
    fail_msg ("%s: an ERROR without a reason", what);
}

/* a server that loads its model is asked until the patience is over */
static void
check_calls (const char *what, MerTestServer *server)
{
  g_autoptr (GPtrArray) log = mer_test_server_read_log (server);

  if (log->len > MAX_CALLS && strstr (what, "503-loading") == NULL)
    fail_msg ("%s: %u calls for one sample", what, log->len);
}

static void
check_fault (gsize i, const char *fault, const char *properties)
{
  g_autofree char *what
      = g_strdup_printf ("%s %s %s", backends[i].factory, fault, properties);
  g_autofree char *arguments
      = g_strdup_printf ("--protocol %s --fault %s", backends[i].protocol, fault);
  g_autofree char *all = g_strdup_printf ("timeout=0.5 patience=0.2 %s", properties);
  g_autoptr (MerTestServer) server = mer_test_server_start (arguments);
  g_autoptr (GAsyncQueue) queue
      = g_async_queue_new_full ((GDestroyNotify) gst_mini_object_unref);
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new (backends[i].factory, server->uri, all);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (bench->element, "src");
  GstMiniObject *first = NULL;

  gst_bus_set_sync_handler (bench->bus, on_message, queue, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, queue, NULL);
  gst_harness_push (bench->harness, mer_buffer_new_sample (
                                        mer_test_sample (0, 2, 0.5, backends[i].subtitle)));
  first = g_async_queue_timeout_pop (queue, PATIENCE);
  if (first == NULL)
    fail_msg ("%s: nothing came", what);
  if (GST_IS_MESSAGE (first))
    check_error (what, GST_MESSAGE_CAST (first));
  else
    check_sample (what, backends[i].subtitle == NULL, GST_BUFFER_CAST (first));
  gst_mini_object_unref (first);
  check_calls (what, server);
  gst_bus_set_sync_handler (bench->bus, NULL, NULL, NULL);
}

/* of a call: not of uploads and batches */
static gboolean
is_of_calls (const char *fault)
{
  return !g_str_has_prefix (fault, "batch-") && !g_str_has_prefix (fault, "file-");
}

static void
check_backend (gsize i)
{
  g_auto (GStrv) faults = list_faults (backends[i].protocol);
  g_autofree char *streaming
      = g_strdup_printf ("%s %s", backends[i].always, backends[i].streaming);

  assert_true (g_strv_length (faults) > 80);
  for (guint k = 0; faults[k] != NULL; k++)
    {
      if (!is_of_calls (faults[k]))
        continue;
      check_fault (i, faults[k], backends[i].always);
      /* an error comes as it comes, streamed or not */
      if (backends[i].streaming != NULL && !g_ascii_isdigit (*faults[k]))
        check_fault (i, faults[k], streaming);
    }
}

static const char *only; /* the protocol of the one backend that is asked; nullable */

static void
test_every_fault (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (backends); i++)
    {
      if (only != NULL && !g_str_equal (only, backends[i].protocol))
        continue;

      g_autoptr (GstElementFactory) factory
          = gst_element_factory_find (backends[i].factory);

      if (factory != NULL)
        check_backend (i);
      else
        g_printerr ("%s is not there: skipped\n", backends[i].factory);
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test (test_every_fault) };

  gst_init (&argc, &argv);
  only = argc > 1 ? argv[1] : NULL;
  mer_retry_set_time_scale (0.01);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
