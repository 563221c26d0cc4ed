/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <glib/gstdio.h>
#include <gst/check/gstharness.h>
#include <mer.h>
#include <string.h>

#define MAX_STAGES 4

/* angry, mad → anger; happy, glad → joy, in all five wheels at both levels */
static char *
write_mapping (void)
{
  g_autoptr (GString) json = g_string_new (
      "{\"format\":\"mer-mapping/1\",\"name\":\"small\",\"forms\":{\"angry\":[\"angry\"],"
      "\"mad\":[\"angry\"],\"happy\":[\"happy\"],\"glad\":[\"happy\"]},\"synonyms\":{"
      "\"angry\":[\"angry\"],\"happy\":[\"happy\"]},\"wheels\":[");
  g_autofree char *folder = g_dir_make_tmp ("mer-fusion-XXXXXX", NULL);
  char *path = g_build_filename (folder, "small.json", NULL);

  for (guint k = 1; k <= MER_N_WHEELS; k++)
    g_string_append_printf (json,
                            "%s{\"name\":\"wheel%u\",\"level1\":{\"angry\":\"angry\","
                            "\"happy\":\"happy\"},\"level2\":{\"angry\":\"angry\","
                            "\"happy\":\"happy\"}}",
                            k > 1 ? "," : "", k);
  g_string_append (json, "]}");
  assert_true (g_file_set_contents (path, json->str, -1, NULL));
  return path;
}

static void
remove_mapping (char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  g_remove (path);
  g_rmdir (folder);
  g_free (path);
}

typedef struct
{
  const char *stage;
  MerOutcome outcome;
  const char *labels; /* NULL: none */
  const char *text;
} Stage;

static MerSample *
make_sample (const Stage *stages)
{
  MerSample *sample = mer_sample_new ("s1", 0);

  for (guint i = 0; i < MAX_STAGES && stages[i].stage != NULL; i++)
    {
      MerResult *result
          = mer_result_new (stages[i].stage, MER_KIND_BACKEND, stages[i].outcome);

      mer_result_set_text (result, stages[i].text);
      if (stages[i].labels != NULL)
        {
          g_autoptr (MerLabels) labels = mer_labels_new_parsed (stages[i].labels);

          mer_result_set_labels (result, labels);
        }
      mer_sample_take_result (sample, result);
    }
  return sample;
}

static void
announce (GstHarness *harness, const Stage *stages)
{
  const char *names[MAX_STAGES + 1] = { NULL };

  for (guint i = 0; i < MAX_STAGES && stages[i].stage != NULL; i++)
    names[i] = stages[i].stage;
  gst_harness_push_event (harness, mer_stages_event_new (names, NULL));
}

static MerResult *
fuse (const char *line, const char *mapping, const Stage *stages)
{
  g_autofree char *full = g_str_has_prefix (line, "mervote")
                              ? g_strdup_printf ("%s mapping=%s", line, mapping)
                              : g_strdup (line);
  GstHarness *harness = gst_harness_new_parse (full);
  g_autoptr (GstBuffer) out = NULL;
  MerSample *sample;
  MerResult *result;

  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  announce (harness, stages);
  assert_int_equal (
      gst_harness_push (harness, mer_buffer_new_sample (make_sample (stages))),
      GST_FLOW_OK);
  out = gst_harness_pull (harness);
  sample = mer_buffer_get_sample (out);
  result = mer_result_ref (
      mer_sample_get_result (sample, mer_sample_get_n_results (sample) - 1));
  gst_harness_teardown (harness);
  return result;
}

#define ANSWERED MER_OUTCOME_ANSWERED

static const struct
{
  const char *line;
  Stage stages[MAX_STAGES];
  const char *stage;
  MerOutcome outcome;
  const char *labels;
  const char *text;
} cases[] = {
  { "mervote",
    { { "a", ANSWERED, "mad" }, { "b", ANSWERED, "glad" }, { "c", ANSWERED, "angry" } },
    "vote",
    ANSWERED,
    "[angry]",
    NULL },
  { "mervote stage=all stages=a,b",
    { { "a", ANSWERED, "mad" }, { "b", ANSWERED, "glad" }, { "c", ANSWERED, "angry" } },
    "all",
    ANSWERED,
    "[glad, mad]",
    NULL },
  { "mervote name=v weights=b=4",
    { { "a", ANSWERED, "mad" }, { "b", ANSWERED, "glad" }, { "c", ANSWERED, "angry" } },
    "v",
    ANSWERED,
    "[glad]",
    NULL },
  { "mervote name=v strategy=vote threshold=2",
    { { "a", ANSWERED, "mad, happy" },
      { "b", ANSWERED, "glad" },
      { "c", ANSWERED, "Glad" } },
    "v",
    ANSWERED,
    "[happy]",
    NULL },
  /* a failure abstains, whatever labels somebody found in it */
  { "mervote name=v",
    { { "a", MER_OUTCOME_REFUSED, "mad" }, { "b", ANSWERED, "glad" } },
    "v",
    ANSWERED,
    "[glad]",
    NULL },
  { "mervote name=v accept=answered+refused",
    { { "a", MER_OUTCOME_REFUSED, "mad" }, { "b", ANSWERED, "glad" } },
    "v",
    ANSWERED,
    "[glad, mad]",
    NULL },
  { "mervote name=v",
    { { "a", MER_OUTCOME_API_FAILED, NULL } },
    "v",
    MER_OUTCOME_SKIPPED,
    NULL,
    NULL },
  { "mervote name=v", { { "a", ANSWERED, "" } }, "v", ANSWERED, "[]", NULL },
  { "merunion name=u",
    { { "a", ANSWERED, "mad,glad" }, { "b", ANSWERED, "Mad,sad" } },
    "u",
    ANSWERED,
    "[mad, glad, sad]",
    NULL },
  { "mercascade name=first",
    { { "a", MER_OUTCOME_REFUSED, "mad", "no" },
      { "b", ANSWERED, "", "nothing" },
      { "c", ANSWERED, "glad", "she smiles" } },
    "first",
    ANSWERED,
    "[glad]",
    "she smiles" },
  { "mercascade name=first stages=a,b",
    { { "a", MER_OUTCOME_TRUNCATED, NULL, "I th" }, { "b", ANSWERED, NULL, "she smiles" } },
    "first",
    ANSWERED,
    NULL,
    "she smiles" },
  { "mercascade name=first",
    { { "a", ANSWERED, "", "nothing" } },
    "first",
    ANSWERED,
    "[]",
    NULL },
  { "mercascade name=first stages=a",
    { { "a", MER_OUTCOME_SKIPPED, NULL } },
    "first",
    MER_OUTCOME_SKIPPED,
    NULL,
    NULL },
};

static void
test_cases (void **state)
{
  char *mapping = write_mapping ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      print_message ("case %u: %s\n", i, cases[i].line);
      g_autoptr (MerResult) result = fuse (cases[i].line, mapping, cases[i].stages);
      MerLabels *labels = mer_result_get_labels (result);
      g_autofree char *text = labels != NULL ? mer_labels_to_string (labels) : NULL;

      assert_string_equal (mer_result_get_stage (result), cases[i].stage);
      assert_string_equal (mer_result_get_kind (result), MER_KIND_FUSION);
      assert_int_equal (mer_result_get_outcome (result), cases[i].outcome);
      assert_true (g_strcmp0 (text, cases[i].labels) == 0);
      assert_true (g_strcmp0 (mer_result_get_text (result), cases[i].text) == 0);
      assert_true ((mer_result_get_detail (result) != NULL)
                   == (cases[i].outcome == MER_OUTCOME_SKIPPED));
    }
  remove_mapping (mapping);
}

static void
test_data (void **state)
{
  static const Stage stages[] = { { "a", ANSWERED, "mad" },
                                  { "b", ANSWERED, "glad" },
                                  { "c", ANSWERED, "mad, glad" },
                                  { NULL } };
  char *mapping = write_mapping ();
  g_autoptr (MerResult) result = fuse ("mervote weights=a=2", mapping, stages);
  JsonNode *data = mer_result_get_data (result);
  JsonNode *votes = mer_json_node_member (data, "votes");
  const char *sha256 = mer_json_node_string (data, "mapping-sha256");

  assert_string_equal (mer_json_node_string (data, "strategy"), "mbr");
  assert_string_equal (mer_json_node_string (data, "mapping"), "small");
  assert_int_equal (strlen (sha256), 64);
  assert_true (mer_json_node_number (data, "voters", 0) == 3);
  assert_true (mer_json_node_number (votes, "mad", 0) == 3);
  assert_true (mer_json_node_number (votes, "glad", 0) == 2);
  remove_mapping (mapping);
}

static const struct
{
  const char *line;
  const char *message; /* a part of it */
} wrong[] = {
  { "mervote strategy=vote weights=a=x", "weights" },
  { "mervote strategy=vote weights=zz=2", "“zz”" },
  { "mervote strategy=vote stages=zz", "zz" },
  { "mervote mapping=no-such-mapping", "no-such-mapping" },
};

/* what the element says when it starts, or when it hears of the one stage before it */
static char *
get_error (GstElement *element)
{
  static const char *const names[] = { "a", NULL };
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstPad) sink = gst_element_get_static_pad (element, "sink");
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_element_set_bus (element, bus);
  if (gst_element_set_state (element, GST_STATE_PAUSED) != GST_STATE_CHANGE_FAILURE)
    gst_pad_send_event (sink, mer_stages_event_new (names, NULL));
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  assert_non_null (message);
  gst_message_parse_error (message, &error, NULL);
  gst_element_set_bus (element, NULL);
  gst_element_set_state (element, GST_STATE_NULL);
  return g_strdup (error->message);
}

static void
test_wrong (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GstElement) element
          = gst_object_ref_sink (gst_parse_launch (wrong[i].line, NULL));
      g_autofree char *message = get_error (element);

      print_message ("%s\n", message);
      assert_non_null (strstr (message, wrong[i].message));
      assert_null (strchr (message, '\n'));
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_cases),
    cmocka_unit_test (test_data),
    cmocka_unit_test (test_wrong),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
