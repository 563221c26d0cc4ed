/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/support/mer-test-mapping.h"

#include <glib/gstdio.h>
#include <gst/check/gstharness.h>
#include <mer.h>

typedef struct
{
  char *folder;
  char *mapping;
  char *answers;
} Files;

static char *
put (const char *folder, const char *name, const char *text)
{
  char *path = g_build_filename (folder, name, NULL);

  assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static int
make_files (void **state)
{
  Files *files = g_new0 (Files, 1);

  files->folder = g_dir_make_tmp ("mer-wheel-score-XXXXXX", NULL);
  files->mapping = put (files->folder, "tiny.json", MER_TEST_MAPPING);
  files->answers = put (files->folder, "x.csv",
                        "name,openset,outcome\ns0,\"[joy, zorble]\",answered\n"
                        "s1,[calm],answered\ns2,[happy],refused\n");
  *state = files;
  return 0;
}

static int
remove_files (void **state)
{
  Files *files = *state;

  g_unlink (files->mapping);
  g_unlink (files->answers);
  g_rmdir (files->folder);
  g_free (files->mapping);
  g_free (files->answers);
  g_free (files->folder);
  g_free (files);
  return 0;
}

static GstHarness *
make_harness (const Files *files, const char *properties, GstBus **bus)
{
  g_autofree char *line
      = g_strdup_printf ("merreplay name=x location=%s labels-column=openset ! "
                         "merwheelscore name=score mapping=%s %s",
                         files->answers, files->mapping, properties);
  GstHarness *harness = gst_harness_new_parse (line);

  *bus = gst_bus_new ();
  gst_element_set_bus (harness->element, *bus);
  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  return harness;
}

static void
push (GstHarness *harness, guint64 seq, const char *truth)
{
  g_autofree char *id = g_strdup_printf ("s%" G_GUINT64_FORMAT, seq);
  MerSample *sample = mer_sample_new (id, seq);

  if (truth != NULL)
    {
      g_autoptr (MerLabels) labels = mer_labels_new_parsed (truth);
      g_autoptr (MerTruth) people = mer_truth_new_labels (labels);

      mer_sample_set_truth (sample, people);
    }
  assert_int_equal (gst_harness_push (harness, mer_buffer_new_sample (sample)),
                    GST_FLOW_OK);
}

/* the summary, after EOS */
static JsonNode *
finish (GstHarness *harness, GstBus *bus)
{
  g_autoptr (GstMessage) message = NULL;
  const GstStructure *structure;

  gst_harness_push_event (harness, gst_event_new_eos ());
  message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND, GST_MESSAGE_ELEMENT);
  assert_non_null (message);
  structure = gst_message_get_structure (message);
  assert_string_equal (gst_structure_get_name (structure), "mer-summary");
  assert_string_equal (gst_structure_get_string (structure, "scorer"), "score");
  assert_string_equal (gst_structure_get_string (structure, "stage"), "x");
  return json_from_string (gst_structure_get_string (structure, "json"), NULL);
}

static double
figure (JsonNode *summary, const char *metric, const char *member)
{
  JsonNode *node = mer_json_node_path (summary, "metrics", metric, NULL);

  return mer_json_node_number (node, member, -1);
}

static void
drop_messages (GstHarness *harness, GstBus *bus)
{
  gst_harness_teardown (harness);
  gst_bus_set_flushing (bus, TRUE);
  gst_object_unref (bus);
}

/* s0: {happy} · {joyful}: m1 0, m2 1; s1: {calm} · {calm}: 1; s2 was refused: 0 */
static void
scores_as_the_command_does (void **state)
{
  GstBus *bus;
  GstHarness *harness = make_harness (*state, "", &bus);

  push (harness, 0, "happy");
  push (harness, 1, "calm");
  push (harness, 2, "happy");
  push (harness, 3, NULL);

  g_autoptr (GstBuffer) buffer = gst_harness_pull (harness);
  MerResult *result = mer_sample_find_result (mer_buffer_get_sample (buffer), "score");
  assert_non_null (result);
  assert_string_equal (mer_result_get_kind (result), MER_KIND_SCORER);
  assert_true (figure (mer_result_get_data (result), "m2", "recall") == 1);
  assert_true (figure (mer_result_get_data (result), "m1", "recall") == 0);

  g_autoptr (JsonNode) summary = finish (harness, bus);
  assert_string_equal (mer_json_node_string (summary, "name"), "x");
  assert_true (mer_json_node_number (summary, "samples", -1) == 3);
  assert_true (mer_json_node_number (summary, "without_truth", -1) == 1);
  assert_float_equal (mer_json_node_number (summary, "coverage", -1), 2 / 3., 1e-12);
  assert_float_equal (mer_json_node_number (summary, "unknown", -1), 1 / 3., 1e-12);
  assert_float_equal (figure (summary, "m1", "f"), 1 / 3., 1e-12);
  assert_float_equal (figure (summary, "m2", "f"), 2 / 3., 1e-12);
  assert_non_null (mer_json_node_path (summary, "metrics", "m_avg", "ci95", "1", NULL));
  assert_non_null (mer_json_node_path (summary, "mapping", "sha256", NULL));
  assert_non_null (mer_json_node_path (summary, "floors", "0", "metrics", NULL));
  drop_messages (harness, bus);
}

static void
accepts_what_it_is_told_to (void **state)
{
  GstBus *bus;
  GstHarness *harness = make_harness (*state, "accept=answered+refused resamples=0", &bus);

  push (harness, 2, "happy");

  g_autoptr (JsonNode) summary = finish (harness, bus);
  assert_true (mer_json_node_number (summary, "coverage", -1) == 1);
  assert_true (figure (summary, "m1", "f") == 1);
  assert_null (mer_json_node_path (summary, "metrics", "m1", "ci95", NULL));
  drop_messages (harness, bus);
}

static void
says_that_there_is_no_truth (void **state)
{
  GstBus *bus;
  GstHarness *harness = make_harness (*state, "", &bus);
  g_autoptr (GstMessage) warning = NULL;
  g_autoptr (GError) error = NULL;

  push (harness, 0, NULL);

  g_autoptr (GstBuffer) buffer = gst_harness_pull (harness);
  MerResult *result = mer_sample_find_result (mer_buffer_get_sample (buffer), "score");
  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_SKIPPED);
  gst_harness_push_event (harness, gst_event_new_eos ());
  warning = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND, GST_MESSAGE_WARNING);
  assert_non_null (warning);
  gst_message_parse_warning (warning, &error, NULL);
  assert_true (g_str_has_prefix (error->message, "There is no truth: none of 1 samples"));

  g_autoptr (JsonNode) summary = finish (harness, bus);
  assert_true (mer_json_node_number (summary, "samples", -1) == 0);
  assert_non_null (mer_json_node_string (summary, "detail"));
  drop_messages (harness, bus);
}

static void
refuses_unknown_mappings (void **state)
{
  g_autoptr (GstElement) element
      = gst_object_ref_sink (gst_element_factory_make ("merwheelscore", NULL));
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (element, "mapping", "no-such-mapping", NULL);
  gst_element_set_bus (element, bus);
  assert_int_equal (gst_element_set_state (element, GST_STATE_PAUSED),
                    GST_STATE_CHANGE_FAILURE);
  message = gst_bus_timed_pop_filtered (bus, 0, GST_MESSAGE_ERROR);
  assert_non_null (message);
  gst_message_parse_error (message, &error, NULL);
  assert_non_null (strstr (error->message, "no-such-mapping"));
  gst_element_set_state (element, GST_STATE_NULL);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (scores_as_the_command_does),
    cmocka_unit_test (accepts_what_it_is_told_to),
    cmocka_unit_test (says_that_there_is_no_truth),
    cmocka_unit_test (refuses_unknown_mappings),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, make_files, remove_files);
}
