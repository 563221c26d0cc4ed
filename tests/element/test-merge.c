/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <gst/check/gstharness.h>

#include <mer.h>

typedef struct
{
  GstElement *merge;
  GstHarness *a;
  GstHarness *b;
  GstBus *bus;
  MerResult *common; /* of the stage before the tee */
} Fixture;

static void
fixture_init (Fixture *fixture)
{
  fixture->merge = gst_object_ref_sink (gst_element_factory_make ("mermerge", NULL));
  assert_non_null (fixture->merge);
  fixture->common = mer_result_new ("common", MER_KIND_DESCRIPTOR, MER_OUTCOME_ANSWERED);
  fixture->bus = gst_bus_new ();
  gst_element_set_bus (fixture->merge, fixture->bus);
  fixture->a = gst_harness_new_with_element (fixture->merge, "sink_0", "src");
  fixture->b = gst_harness_new_with_element (fixture->merge, "sink_1", NULL);
  gst_harness_set_src_caps_str (fixture->a, MER_SAMPLE_CAPS);
  gst_harness_set_src_caps_str (fixture->b, MER_SAMPLE_CAPS);
}

static void
fixture_clear (Fixture *fixture)
{
  gst_harness_teardown (fixture->b);
  gst_harness_teardown (fixture->a);
  gst_element_set_bus (fixture->merge, NULL);
  gst_object_unref (fixture->bus);
  gst_object_unref (fixture->merge);
  mer_result_unref (fixture->common);
}

static void
push (Fixture *fixture, GstHarness *harness, guint64 seq, const char *stage)
{
  MerSample *sample = mer_sample_new ("id", seq);

  mer_sample_take_result (sample, mer_result_ref (fixture->common));
  mer_sample_take_result (sample,
                          mer_result_new (stage, MER_KIND_BACKEND, MER_OUTCOME_ANSWERED));
  assert_int_equal (gst_harness_push (harness, mer_buffer_new_sample (sample)),
                    GST_FLOW_OK);
}

static void
announce (GstHarness *harness, const char *stage)
{
  const char *names[] = { "common", stage, NULL };

  assert_true (gst_harness_push_event (harness, mer_stages_event_new (names, NULL)));
}

static void
test_join (void **state)
{
  Fixture fixture = { 0 };

  fixture_init (&fixture);
  announce (fixture.a, "audio");
  announce (fixture.b, "video");
  push (&fixture, fixture.a, 0, "audio");
  push (&fixture, fixture.b, 0, "video");
  g_autoptr (GstBuffer) first = gst_harness_pull (fixture.a);
  push (&fixture, fixture.a, 1, "audio");
  push (&fixture, fixture.b, 2, "video"); /* 1 was lost in this branch */
  g_autoptr (GstBuffer) second = gst_harness_pull (fixture.a);
  MerSample *sample = mer_buffer_get_sample (first);

  assert_int_equal (GST_BUFFER_OFFSET (first), 0);
  assert_int_equal (mer_sample_get_n_results (sample), 3);
  assert_string_equal (mer_result_get_stage (mer_sample_get_result (sample, 1)), "audio");
  assert_string_equal (mer_result_get_stage (mer_sample_get_result (sample, 2)), "video");
  assert_int_equal (GST_BUFFER_OFFSET (second), 1);
  assert_int_equal (mer_sample_get_n_results (mer_buffer_get_sample (second)), 2);

  g_autoptr (GstPad) src = gst_element_get_static_pad (fixture.merge, "src");
  g_autoptr (GstEvent) event
      = gst_pad_get_sticky_event (src, GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, 0);
  g_auto (GStrv) stages = mer_stages_event_get_stages (event);
  g_autofree char *list = g_strjoinv (",", stages);
  assert_string_equal (list, "common,audio,video");
  fixture_clear (&fixture);
}

static void
test_one_name_twice (void **state)
{
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture);
  announce (fixture.a, "audio");
  announce (fixture.b, "audio");
  push (&fixture, fixture.a, 0, "audio");
  push (&fixture, fixture.b, 0, "audio");

  g_autoptr (GstMessage) message
      = gst_bus_timed_pop_filtered (fixture.bus, 10 * GST_SECOND, GST_MESSAGE_ERROR);
  assert_non_null (message);
  gst_message_parse_error (message, &error, NULL);
  assert_non_null (strstr (error->message, "two branches have a stage “audio”"));
  fixture_clear (&fixture);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_join),
    cmocka_unit_test (test_one_name_twice),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
