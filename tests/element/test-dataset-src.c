/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <gst/check/gstharness.h>

#include <glib/gstdio.h>
#include <mer.h>

static void
test_samples (void **state)
{
  g_autofree char *folder = g_dir_make_tmp ("mer-src-XXXXXX", NULL);
  g_autofree char *first = g_build_filename (folder, "a.mp4", NULL);
  g_autofree char *second = g_build_filename (folder, "b.mp4", NULL);
  GstHarness *harness = gst_harness_new ("merdatasetsrc");
  gboolean stages = FALSE, eos = FALSE;

  g_file_set_contents (first, "", -1, NULL);
  g_file_set_contents (second, "", -1, NULL);
  gst_harness_set (harness, "merdatasetsrc", "clips", folder, NULL);
  gst_harness_play (harness);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GstBuffer) buffer = gst_harness_pull (harness);

      assert_non_null (buffer);
      assert_int_equal (GST_BUFFER_OFFSET (buffer), i);
      assert_false (GST_BUFFER_PTS_IS_VALID (buffer));
      assert_string_equal (mer_sample_get_id (mer_buffer_get_sample (buffer)),
                           i == 0 ? "a" : "b");
    }
  while (!eos)
    {
      g_autoptr (GstEvent) event = gst_harness_pull_event (harness);

      assert_non_null (event);
      stages = stages || mer_stages_event_is (event);
      eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    }
  assert_true (stages);
  gst_harness_teardown (harness);
  g_remove (first);
  g_remove (second);
  g_rmdir (folder);
}

/* what is wrong with the properties is one message, before the first sample */
static void
test_settings (void **state)
{
  static const struct
  {
    const char *launch;
    const char *error;
  } cases[] = {
    { "merdatasetsrc", "what are the samples? set dataset=FILE or clips=PATH" },
    { "merdatasetsrc clips=a dataset=b", "dataset and clips are both set; which one?" },
    { "merdatasetsrc truth=a dataset=b.json",
      "truth goes with clips; a dataset names its own" },
    { "merdatasetsrc clips=/nowhere", "/nowhere: No such file or directory" },
    { "merdatasetsrc dataset=/nowhere.json", "no dataset file “/nowhere.json”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *launch = g_strconcat (cases[i].launch, " ! fakesink", NULL);
      g_autoptr (GstElement) pipeline = gst_parse_launch (launch, NULL);
      g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

      assert_int_equal (gst_element_set_state (pipeline, GST_STATE_PAUSED),
                        GST_STATE_CHANGE_FAILURE);
      g_autoptr (GstMessage) message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
      g_autoptr (GError) error = NULL;
      assert_non_null (message);
      gst_message_parse_error (message, &error, NULL);
      assert_string_equal (error->message, cases[i].error);
      assert_true (g_error_matches (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS));
      gst_element_set_state (pipeline, GST_STATE_NULL);
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_samples),
    cmocka_unit_test (test_settings),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
