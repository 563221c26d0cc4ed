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

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_adapted),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
