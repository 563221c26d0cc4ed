/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what is more than a model takes is not sent, and the result says why */
#include "support/mer-test-sample.h"
#include "support/mer-test.h"

#include <gst/check/gstharness.h>

#include <mer.h>
#include <string.h>

static void
test_limits (void **state)
{
  static const struct
  {
    const char *launch;
    guint n_frames;
    double seconds;
    MerOutcome outcome;
    const char *detail;
  } cases[] = {
    { "max-frames=2", 3, 0, MER_OUTCOME_API_FAILED,
      "the sample has 3 frames and the model takes 2; set frames of mermedia" },
    { "max-audio=1", 1, 2, MER_OUTCOME_SKIPPED,
      "the sound is 2.0 s long and the model hears 1 s; set max-audio=0" },
    /* what is not shown is not counted: here nobody answers, and that is all */
    { "max-frames=2 modalities=audio", 3, 1, MER_OUTCOME_API_FAILED, "refused" },
    { "max-audio=1 modalities=video", 1, 2, MER_OUTCOME_API_FAILED, "refused" },
    { "max-frames=3 max-audio=2", 3, 2, MER_OUTCOME_API_FAILED, "refused" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *launch
          = g_strdup_printf ("meropenai uri=http://127.0.0.1:9/v1 model=m stage=m "
                             "deadline=0.2 patience=0 max-failures=0 %s",
                             cases[i].launch);
      GstHarness *harness = gst_harness_new_parse (launch);
      g_autoptr (GstBuffer) buffer = NULL;
      MerResult *result = NULL;

      gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
      assert_true (gst_harness_push_event (harness, mer_stages_event_new (NULL, NULL)));
      gst_harness_push (harness, mer_buffer_new_sample (mer_test_sample (
                                     0, cases[i].n_frames, cases[i].seconds, NULL)));
      buffer = gst_harness_pull (harness);
      assert_non_null (buffer);
      result = mer_sample_get_result (mer_buffer_get_sample (buffer), 0);
      print_message ("%s\n", mer_result_get_detail (result));
      assert_int_equal (mer_result_get_outcome (result), cases[i].outcome);
      if (!g_str_equal (cases[i].detail, "refused"))
        assert_non_null (strstr (mer_result_get_detail (result), cases[i].detail));
      else
        assert_null (strstr (mer_result_get_detail (result), "the model"));
      gst_harness_teardown (harness);
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test (test_limits) };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
