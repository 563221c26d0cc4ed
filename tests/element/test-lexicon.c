/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include <gst/check/gstharness.h>

#include <mer.h>

static MerResult *
run (const char *subtitle)
{
  GstHarness *harness = gst_harness_new ("merlexicon");
  MerSample *sample = mer_sample_new ("clip", 0);

  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  mer_sample_set_subtitle (sample, subtitle);
  assert_int_equal (gst_harness_push (harness, mer_buffer_new_sample (sample)),
                    GST_FLOW_OK);

  g_autoptr (GstBuffer) buffer = gst_harness_pull (harness);
  MerResult *result = mer_sample_find_result (mer_buffer_get_sample (buffer), "lexicon");
  assert_non_null (result);
  mer_result_ref (result);
  gst_harness_teardown (harness);
  return result;
}

static void
test_words (void **state)
{
  static const struct
  {
    const char *subtitle;
    const char *labels;
    const char *text; /* is part of what it says */
  } cases[] = {
    { "Thank you so much!", "[grateful]", "exclamatory" },
    { "I'm so worried about her.", "[worried]", "may feel worried" },
    { "I'm not worried at all.", "[]", "name no emotion" },
    { "Why did you go?", "[questioning]", "asks something" },
    { "太好了！", "[happy]", "pleasant" },
    { "对不起，我错了", "[sorry]", "unpleasant" },
    { "The train leaves at nine.", "[]", "name no emotion" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (MerResult) result = run (cases[i].subtitle);
      g_autofree char *labels = mer_labels_to_string (mer_result_get_labels (result));

      assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_ANSWERED);
      assert_int_equal (mer_result_get_shown (result), MER_MODALITY_TEXT);
      assert_string_equal (mer_result_get_kind (result), MER_KIND_DESCRIPTOR);
      if (strcmp (labels, cases[i].labels) != 0
          || strstr (mer_result_get_text (result), cases[i].text) == NULL)
        fail_msg ("“%s”: %s, %s", cases[i].subtitle, labels, mer_result_get_text (result));
    }
}

static void
test_intensity (void **state)
{
  g_autoptr (MerResult) plain = run ("I am angry");
  g_autoptr (MerResult) very = run ("I am very angry");
  g_autoptr (MerResult) slightly = run ("I am slightly angry");
  double a = mer_labels_get_weight (mer_result_get_labels (slightly), 0);
  double b = mer_labels_get_weight (mer_result_get_labels (plain), 0);
  double c = mer_labels_get_weight (mer_result_get_labels (very), 0);

  assert_true (a < b && b < c && c < 1.);
}

static void
test_no_words (void **state)
{
  g_autoptr (MerResult) result = run (NULL);

  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_SKIPPED);
  assert_non_null (strstr (mer_result_get_detail (result), "no subtitle"));
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_words),
    cmocka_unit_test (test_intensity),
    cmocka_unit_test (test_no_words),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
