/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include "base/mer-wants.h"
#include "support/mer-test-media.h"

#define WIDTH 64
#define HEIGHT 36
#define N_PICTURES 24

/* two seconds and a half of a bright square that jumps about, or of nothing */
static GBytes *
make_strip (gboolean moving)
{
  guint8 *pixels = g_malloc0 (N_PICTURES * WIDTH * HEIGHT);

  for (guint p = 0; p < N_PICTURES && moving; p++)
    for (guint y = 8; y < 20; y++)
      for (guint x = 0; x < 12; x++)
        pixels[(p * HEIGHT + y) * WIDTH + x + p * 5 % 48] = 200;
  return g_bytes_new_take (pixels, N_PICTURES * WIDTH * HEIGHT);
}

static void
test_motion (void **state)
{
  g_autoptr (MerResult) result = mer_test_run_stage (
      "mermotion", "motion", mer_test_media_new (NULL, make_strip (TRUE), WIDTH, HEIGHT));
  JsonNode *data = mer_result_get_data (result);

  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_ANSWERED);
  assert_string_equal (mer_result_get_kind (result), MER_KIND_DESCRIPTOR);
  assert_int_equal (mer_result_get_shown (result), MER_MODALITY_VIDEO);
  assert_true (mer_json_node_number (data, "amount", 0) > 0.03);
  assert_true (mer_json_node_number (data, "seconds", 0) == 3);
  assert_non_null (strstr (mer_result_get_text (result), "motion"));
  assert_true (mer_labels_get_length (mer_result_get_labels (result)) > 0);
}

static void
test_black (void **state)
{
  g_autoptr (MerResult) result = mer_test_run_stage (
      "mermotion", "motion", mer_test_media_new (NULL, make_strip (FALSE), WIDTH, HEIGHT));

  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_ANSWERED);
  assert_non_null (strstr (mer_result_get_text (result), "black"));
  assert_int_equal (mer_labels_get_length (mer_result_get_labels (result)), 0);
}

static void
test_nothing_to_see (void **state)
{
  g_autoptr (MerResult) without
      = mer_test_run_stage ("mermotion", "motion", mer_test_media_new (NULL, NULL, 0, 0));
  g_autoptr (MerResult) failed = mer_test_run_stage (
      "mermotion", "motion", mer_media_new_failed (MER_OUTCOME_DECODE_FAILED, "no moov"));
  g_autoptr (MerResult) broken = mer_test_run_stage (
      "mermotion", "motion",
      mer_test_media_new (NULL, g_bytes_new_static ("abc", 3), WIDTH, HEIGHT));

  assert_int_equal (mer_result_get_outcome (without), MER_OUTCOME_SKIPPED);
  assert_int_equal (mer_result_get_outcome (failed), MER_OUTCOME_DECODE_FAILED);
  assert_int_equal (mer_result_get_outcome (broken), MER_OUTCOME_DECODE_FAILED);
  assert_non_null (strstr (mer_result_get_detail (broken), "strip"));
}

/* mermedia asks down the graph whether somebody needs the strip, past other elements too */
static void
test_strip_is_wanted (void **state)
{
  static const struct
  {
    const char *launch;
    gboolean wanted;
  } graphs[] = {
    { "mermotion", TRUE },
    { "merprosody", FALSE },
    { "merprosody ! queue ! mermotion ! mervote", TRUE },
    { "tee name=t ! queue ! merprosody ! mermerge name=m t. ! queue ! mermotion ! m.",
      TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (graphs); i++)
    {
      GstHarness *harness = gst_harness_new_parse (graphs[i].launch);
      g_autoptr (GstQuery) query = mer_wants_query_new ();

      gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
      gst_pad_peer_query (harness->srcpad, query);
      assert_int_equal (mer_wants_query_has (query, MER_WANT_STRIP), graphs[i].wanted);
      gst_harness_teardown (harness);
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_motion),
    cmocka_unit_test (test_black),
    cmocka_unit_test (test_nothing_to_see),
    cmocka_unit_test (test_strip_is_wanted),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
