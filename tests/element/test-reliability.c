/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* calls that survive what a server does to them */
#include "support/mer-test.h"

#include <gst/check/gstharness.h>

#include <string.h>

#include "support/mer-test-sample.h"

/* stages one behind the other in one graph */
typedef struct
{
  GstElement *pipeline;
  GstElement *last;
  GstHarness *harness;
  GstBus *bus;
} Bench;

static void
bench_init (Bench *bench, const char *uri, const char *stages)
{
  g_auto (GStrv) parts = g_strsplit (stages, "URI", -1);
  g_autofree char *text = g_strjoinv (uri, parts);
  g_autoptr (GError) error = NULL;

  bench->pipeline
      = gst_object_ref_sink (gst_parse_bin_from_description (text, TRUE, &error));
  assert_null (error);
  bench->bus = gst_bus_new ();
  bench->harness = gst_harness_new_with_element (bench->pipeline, "sink", "src");
  gst_element_set_bus (bench->pipeline, bench->bus);
  gst_harness_set_src_caps_str (bench->harness, MER_SAMPLE_CAPS);
}

static void
bench_clear (Bench *bench)
{
  gst_harness_teardown (bench->harness);
  gst_element_set_bus (bench->pipeline, NULL);
  gst_object_unref (bench->bus);
  gst_object_unref (bench->pipeline);
}

/* how many messages of the kind hold the text */
static guint
count_messages (Bench *bench, GstMessageType type, const char *text)
{
  guint n = 0;

  for (;;)
    {
      g_autoptr (GstMessage) message = gst_bus_pop_filtered (bench->bus, type);
      g_autoptr (GError) error = NULL;

      if (message == NULL)
        return n;
      if (type == GST_MESSAGE_ERROR)
        gst_message_parse_error (message, &error, NULL);
      else
        gst_message_parse_warning (message, &error, NULL);
      n += strstr (error->message, text) != NULL;
    }
}

/* what one stage learns of a model the other knows; people hear of it once */
static void
test_adapted (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--fault no-temperature");

  Bench bench;

  bench_init (&bench, server->uri,
              "meropenai uri=URI model=m stage=a ! meropenai uri=URI model=m stage=b");
  for (guint i = 0; i < 4; i++)
    gst_harness_push (bench.harness,
                      mer_buffer_new_sample (mer_test_sample (i, 0, 0, "hello")));
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GstBuffer) out = gst_harness_pull (bench.harness);
      MerSample *sample = mer_buffer_get_sample (out);

      for (guint s = 0; s < 2; s++)
        {
          MerResult *result = mer_sample_find_result (sample, s == 0 ? "a" : "b");
          JsonNode *adapted
              = mer_json_node_path (mer_result_get_data (result), "adapted", "0", NULL);

          assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_ANSWERED);
          assert_int_equal (mer_result_get_attempts (result), 1);
          assert_non_null (adapted);
          assert_string_equal (json_node_get_string (adapted), "temperature left out");
        }
    }
  assert_int_equal (count_messages (&bench, GST_MESSAGE_WARNING, "temperature left out"),
                    1);
  bench_clear (&bench);
}

typedef struct
{
  Bench *bench;
  guint n;
} Feed;

static gpointer
feed (gpointer data)
{
  Feed *self = data;

  for (guint i = 0; i < self->n; i++)
    gst_harness_push (self->bench->harness,
                      mer_buffer_new_sample (mer_test_sample (i, 1, 0, "hello")));
  return NULL;
}

static void
check_none_lost (const char *server_options, const char *stages, guint n, guint n_stages)
{
  g_autoptr (MerTestServer) server = mer_test_server_start (server_options);
  Bench bench;
  Feed data = { &bench, n };

  bench_init (&bench, server->uri, stages);
  GThread *thread = g_thread_new ("feed", feed, &data);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GstBuffer) out = gst_harness_pull (bench.harness);
      MerSample *sample = mer_buffer_get_sample (out);

      for (guint s = 0; s < n_stages; s++)
        {
          MerResult *result = mer_sample_get_result (sample, s);

          if (mer_result_get_outcome (result) != MER_OUTCOME_ANSWERED)
            fail_msg ("%s: sample %u is lost: %s", server_options, i,
                      mer_result_get_detail (result));
        }
    }
  g_thread_join (thread);
  bench_clear (&bench);
}

/* a server that serves four at once and turns all others away, asked by two stages that
 * would ask it thirty-two at a time each */
static void
test_capacity (void **state)
{
  check_none_lost ("--capacity 4 --latency-ms 10 --no-check",
                   "meropenai uri=URI model=m stage=a max-in-flight=32 ! "
                   "meropenai uri=URI model=m stage=b max-in-flight=32",
                   150, 2);
}

/* a server that lets one through every twenty milliseconds, asked by thirty-two at once */
static void
test_rate (void **state)
{
  check_none_lost ("--rpm 3000 --latency-ms 5 --no-check",
                   "meropenai uri=URI model=m max-in-flight=32", 80, 1);
}

static char *
wait_for_error (Bench *bench)
{
  g_autoptr (GstMessage) message
      = gst_bus_timed_pop_filtered (bench->bus, 60 * GST_SECOND, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  assert_non_null (message);
  gst_message_parse_error (message, &error, NULL);
  return g_strdup (error->message);
}

/* who is gone is asked a few times by all stages together, not by every sample */
static void
test_gone (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("");
  g_autofree char *error = NULL;
  Bench bench;
  Feed data = { &bench, 40 };

  bench_init (&bench, server->uri,
              "meropenai uri=URI model=m stage=a max-in-flight=8 max-failures=0 ! "
              "meropenai uri=URI model=m stage=b max-in-flight=8 max-failures=0");
  gst_harness_push (bench.harness,
                    mer_buffer_new_sample (mer_test_sample (0, 1, 0, "hello")));
  gst_buffer_unref (gst_harness_pull (bench.harness));
  g_subprocess_force_exit (server->process);
  g_subprocess_wait (server->process, NULL, NULL);

  GThread *thread = g_thread_new ("feed", feed, &data);
  error = wait_for_error (&bench);
  if (strstr (error, "the server cannot be reached: 6 attempts") == NULL
      || strstr (error, "what is done is kept") == NULL)
    fail_msg ("ERROR is “%s”", error);
  g_thread_join (thread);
  bench_clear (&bench);
}

/* a server that is back is asked again, by a graph that begins anew */
static void
test_back (void **state)
{
  g_autoptr (MerTestServer) server
      = mer_test_server_start ("--listen-after-ms 1500 --latency-ms 0");
  g_autofree char *error = NULL;
  Bench bench;

  bench_init (&bench, server->uri, "meropenai uri=URI model=m");
  gst_harness_push (bench.harness,
                    mer_buffer_new_sample (mer_test_sample (0, 1, 0, "hello")));
  error = wait_for_error (&bench);
  assert_non_null (strstr (error, "cannot be reached"));
  bench_clear (&bench);

  /* the user says that it is worth waiting for */
  bench_init (&bench, server->uri, "meropenai uri=URI model=m wait-ready=true");
  gst_harness_push (bench.harness,
                    mer_buffer_new_sample (mer_test_sample (0, 1, 0, "hello")));
  g_autoptr (GstBuffer) out = gst_harness_pull (bench.harness);
  MerResult *result = mer_sample_get_result (mer_buffer_get_sample (out), 0);
  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_ANSWERED);
  bench_clear (&bench);
}

/* nor does it matter what listens in its place meanwhile, and for how often */
static void
test_behind_proxy (void **state)
{
  static const char *const faults[] = { "502-html:8", "503-empty:8", "reset:8", "close:8" };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *options = g_strdup_printf ("--fault %s", faults[i]);
      g_autoptr (MerTestServer) server = mer_test_server_start (options);
      Bench bench;

      bench_init (&bench, server->uri, "meropenai uri=URI model=m wait-ready=true");
      gst_harness_push (bench.harness,
                        mer_buffer_new_sample (mer_test_sample (0, 1, 0, "hello")));
      g_autoptr (GstBuffer) out = gst_harness_pull (bench.harness);
      MerResult *result = mer_sample_get_result (mer_buffer_get_sample (out), 0);
      if (mer_result_get_outcome (result) != MER_OUTCOME_ANSWERED)
        fail_msg ("%s: %s", faults[i], mer_result_get_detail (result));
      bench_clear (&bench);
    }
}

/* a server that fails at everything ends the run with its own words */
static void
test_same_way (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--fault 502-html");
  g_autofree char *error = NULL;
  Bench bench;
  Feed data = { &bench, 40 };

  bench_init (&bench, server->uri,
              "meropenai uri=URI model=m max-in-flight=2 max-failures=8");
  GThread *thread = g_thread_new ("feed", feed, &data);
  error = wait_for_error (&bench);
  if (strstr (error, "8 calls in a row failed in the same way") == NULL
      && strstr (error, "8 samples in a row ended as api-failed") == NULL)
    fail_msg ("ERROR is “%s”", error);
  g_thread_join (thread);
  bench_clear (&bench);
}

/* nothing is begun that may go beyond the budget; what was begun ends and is kept */
static void
test_budget (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--fault usage-full");
  g_autofree char *error = NULL;
  double spent = 0;
  Bench bench;
  Feed data = { &bench, 40 };

  /* a call costs 1.8 mUSD: 200 read, 1000 from the cache, 70 written */
  bench_init (&bench, server->uri,
              "meropenai uri=URI model=m max-in-flight=4 max-cost=0.0095 price-input=2 "
              "price-input-cached=1 price-output=6");
  GThread *thread = g_thread_new ("feed", feed, &data);
  error = wait_for_error (&bench);
  if (strstr (error, "max-cost") == NULL || strstr (error, "what is done is kept") == NULL)
    fail_msg ("ERROR is “%s”", error);
  g_thread_join (thread);
  for (;;)
    {
      g_autoptr (GstBuffer) out = gst_harness_try_pull (bench.harness);
      MerResult *result = NULL;

      if (out == NULL)
        break;
      result = mer_sample_get_result (mer_buffer_get_sample (out), 0);
      if (mer_result_get_outcome (result) == MER_OUTCOME_ANSWERED)
        spent += mer_result_get_cost (result);
    }
  assert_true (spent <= 0.0095);
  bench_clear (&bench);
}

/* more samples at a server that takes one at a time than the deadline has room for:
 * those that wait for their turn are not late */
static void
test_turns (void **state)
{
  check_none_lost (
      "--latency-ms 100 --no-check",
      "meropenai uri=URI model=m max-in-flight=8 endpoint-limit=1 deadline=1.5", 20, 1);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_adapted),  cmocka_unit_test (test_capacity),
    cmocka_unit_test (test_rate),     cmocka_unit_test (test_gone),
    cmocka_unit_test (test_back),     cmocka_unit_test (test_behind_proxy),
    cmocka_unit_test (test_same_way), cmocka_unit_test (test_budget),
    cmocka_unit_test (test_turns),
  };

  gst_init (&argc, &argv);
  mer_retry_set_time_scale (0.05);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
