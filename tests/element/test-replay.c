/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <glib/gstdio.h>
#include <gst/check/gstharness.h>
#include <mer.h>

static char *
write_file (const char *name, const char *content)
{
  g_autofree char *folder = g_dir_make_tmp ("mer-replay-XXXXXX", NULL);
  char *path = g_build_filename (folder, name, NULL);

  assert_true (g_file_set_contents (path, content, -1, NULL));
  return path;
}

static void
remove_file (char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  g_remove (path);
  g_rmdir (folder);
  g_free (path);
}

/* the element with a file and further properties, in READY */
static GstElement *
make (const char *path, const char *properties)
{
  g_autofree char *line = g_strdup_printf ("merreplay location=%s %s", path, properties);
  g_autoptr (GError) error = NULL;
  GstElement *element = gst_parse_launch (line, &error);

  mer_test_assert_no_error (error);
  return gst_object_ref_sink (element);
}

static MerResult *
answer (GstHarness *harness, guint64 seq, const char *id)
{
  g_autoptr (GstBuffer) out = NULL;
  MerSample *sample;

  assert_int_equal (
      gst_harness_push (harness, mer_buffer_new_sample (mer_sample_new (id, seq))),
      GST_FLOW_OK);
  out = gst_harness_pull (harness);
  sample = mer_buffer_get_sample (out);
  return mer_result_ref (mer_sample_get_result (sample, 0));
}

static const struct
{
  const char *file;
  const char *content;
  const char *properties;
  const char *id;
  const char *stage;
  MerOutcome outcome;
  const char *text;
  const char *labels; /* NULL: none yet */
  const char *detail; /* a part of it */
} answers[] = {
  { "a.csv", "name,openset,reason\ns1,\"['happy', 'calm']\",she laughs\n",
    "stage=otter labels-column=openset", "s1", "otter", MER_OUTCOME_ANSWERED, "she laughs",
    "[happy, calm]", NULL },
  { "a.csv", "name,openset,reason\ns1,\"['happy', 'calm']\",she laughs\n", "name=x", "s1",
    "x", MER_OUTCOME_ANSWERED, "she laughs", NULL, NULL },
  { "a.csv", "name,openset\ns1,\n", "name=x labels-column=openset", "s1", "x",
    MER_OUTCOME_ANSWERED, NULL, "[]", NULL },
  { "a.csv", "id,said\ns1,sad\n", "name=x text-column=said", "s1", "x",
    MER_OUTCOME_ANSWERED, "sad", NULL, NULL },
  { "a.csv", "id,text,outcome,detail\ns1,I cannot,refused,policy\n", "name=x", "s1", "x",
    MER_OUTCOME_REFUSED, "I cannot", NULL, "policy" },
  { "a.csv", "id,text\ns1,sad\n", "name=x", "s2", "x", MER_OUTCOME_SKIPPED, NULL, NULL,
    "a.csv has no answer for sample “s2”" },
  { "a.csv", "id,text\ns1,sad\n", "name=x missing=empty", "s2", "x", MER_OUTCOME_ANSWERED,
    "", "[]", NULL },
  { "a.jsonl", "{\"id\":\"s1\",\"labels\":[\"sad\",\"angry\"]}\n",
    "name=x labels-column=labels", "s1", "x", MER_OUTCOME_ANSWERED, NULL, "[sad, angry]",
    NULL },
  { "r.jsonl",
    "{\"format\":\"mer-record/1\",\"id\":\"s1\",\"results\":["
    "{\"stage\":\"a\",\"kind\":\"backend\",\"outcome\":\"answered\",\"text\":\"one\"},"
    "{\"stage\":\"b\",\"kind\":\"backend\",\"outcome\":\"answered\",\"text\":\"two\"},"
    "{\"stage\":\"s\",\"kind\":\"scorer\",\"outcome\":\"answered\"}]}\n",
    "name=x", "s1", "x", MER_OUTCOME_ANSWERED, "two", NULL, NULL },
  { "r.jsonl",
    "{\"format\":\"mer-record/1\",\"id\":\"s1\",\"results\":["
    "{\"stage\":\"a\",\"kind\":\"backend\",\"outcome\":\"answered\",\"text\":\"one\"},"
    "{\"stage\":\"b\",\"kind\":\"backend\",\"outcome\":\"answered\",\"text\":\"two\"}]}\n",
    "name=x from-stage=a", "s1", "x", MER_OUTCOME_ANSWERED, "one", NULL, NULL },
  { "a.csv", "id,stage,text\ns1,a,one\ns1,b,two\n", "name=x from-stage=b", "s1", "x",
    MER_OUTCOME_ANSWERED, "two", NULL, NULL },
};

static void
test_answers (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      char *path = write_file (answers[i].file, answers[i].content);
      g_autoptr (GstElement) element = make (path, answers[i].properties);
      GstHarness *harness = gst_harness_new_with_element (element, "sink", "src");

      gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
      g_autoptr (MerResult) result = answer (harness, 0, answers[i].id);
      MerLabels *labels = mer_result_get_labels (result);
      g_autofree char *list = labels != NULL ? mer_labels_to_string (labels) : NULL;
      const char *detail = mer_result_get_detail (result);

      print_message ("case %u\n", i);
      assert_string_equal (mer_result_get_stage (result), answers[i].stage);
      assert_int_equal (mer_result_get_outcome (result), answers[i].outcome);
      assert_true (g_strcmp0 (mer_result_get_text (result), answers[i].text) == 0);
      assert_true (g_strcmp0 (list, answers[i].labels) == 0);
      assert_true ((detail == NULL) == (answers[i].detail == NULL));
      if (detail != NULL && answers[i].detail != NULL)
        assert_non_null (strstr (detail, answers[i].detail));
      gst_harness_teardown (harness);
      remove_file (path);
    }
}

static const struct
{
  const char *file;
  const char *content;
  const char *properties;
  const char *message; /* a part of it */
} wrong[] = {
  { "a.csv", "id,text\ns1,x\ns1,y\n", "name=x", "s1" },
  { "a.csv", "id,text,outcome\ns1,x,happy\n", "name=x", "a.csv:2: “happy” is no outcome" },
  { "a.csv", "id,said\ns1,x\n", "name=x", "text-column" },
  { "a.csv", "key,text\ns1,x\n", "name=x", "name" },
  { "a.csv", "id,text\ns1,x\n", "name=x labels-column=openset", "openset" },
  { "r.jsonl", "{\"format\":\"mer-record/1\",\"id\":\"s1\",\"results\":[]}\n",
    "name=x from-stage=audio", "“audio”" },
  { "a.csv", "id,stage,text\ns1,a,x\ns1,b,y\n", "name=x", "from-stage" },
  { "a.csv", "id,stage,text\ns1,a,x\n", "name=x from-stage=b", "“b”" },
  { "a.csv", "id,text\ns1,x\n", "name=x from-stage=b", "stage" },
  { "a.csv", "id,text\n,x\n", "name=x", "a.csv:2: a row without an id" },
  { "r.jsonl", "{\"format\":\"mer-record/1\",\"id\":\"s1\",\"results\":7}\n", "name=x",
    "r.jsonl:1" },
};

static char *
start_error (GstElement *element)
{
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_element_set_bus (element, bus);
  assert_int_equal (gst_element_set_state (element, GST_STATE_PAUSED),
                    GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  assert_non_null (message);
  gst_message_parse_error (message, &error, NULL);
  gst_element_set_bus (element, NULL);
  gst_element_set_state (element, GST_STATE_NULL);
  return g_strdup (error->message);
}

static void
test_wrong_files (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      char *path = write_file (wrong[i].file, wrong[i].content);
      g_autoptr (GstElement) element = make (path, wrong[i].properties);
      g_autofree char *message = start_error (element);

      print_message ("%s\n", message);
      assert_non_null (strstr (message, wrong[i].message));
      assert_null (strchr (message, '\n'));
      remove_file (path);
    }
}

static void
test_no_location (void **state)
{
  g_autoptr (GstElement) element
      = gst_object_ref_sink (gst_element_factory_make ("merreplay", NULL));
  g_autofree char *message = start_error (element);

  assert_non_null (strstr (message, "location="));
}

static void
test_missing_fails (void **state)
{
  char *path = write_file ("a.csv", "id,text\ns1,x\n");
  g_autoptr (GstElement) element = make (path, "missing=fail");
  GstHarness *harness = gst_harness_new_with_element (element, "sink", "src");

  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  assert_int_equal (
      gst_harness_push (harness, mer_buffer_new_sample (mer_sample_new ("s2", 0))),
      GST_FLOW_ERROR);
  gst_harness_teardown (harness);
  remove_file (path);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_answers),
    cmocka_unit_test (test_wrong_files),
    cmocka_unit_test (test_no_location),
    cmocka_unit_test (test_missing_fails),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
