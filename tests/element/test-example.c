/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <gst/check/gstharness.h>

#include <string.h>

#include "support/mer-test-sample.h"

/* the backend that authors copy works, with nothing but its two functions */
static void
test_answer (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("");
  GstElement *element = gst_element_factory_make ("merexample", "ask");

  assert_non_null (element);
  *strstr (server->uri, "/v1") = '\0';
  g_object_set (element, "uri", server->uri, "model", "m", NULL);
  GstHarness *harness = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  gst_harness_push (harness, mer_buffer_new_sample (mer_test_sample (0, 2, 1, "hi")));

  g_autoptr (GstBuffer) out = gst_harness_pull (harness);
  MerResult *result = mer_sample_find_result (mer_buffer_get_sample (out), "ask");
  g_autoptr (GPtrArray) log = mer_test_server_read_log (server);
  JsonNode *line = g_ptr_array_index (log, 0);

  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_ANSWERED);
  assert_string_equal (mer_result_get_text (result), "[happy, calm]");
  assert_int_equal (mer_result_get_shown (result), MER_MODALITY_VIDEO | MER_MODALITY_TEXT);
  assert_non_null (mer_json_node_path (line, "frames", "1", NULL));
  assert_non_null (strstr (mer_json_node_string (line, "text"), "hi"));
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test (test_answer) };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
