/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <gst/check/gstharness.h>

#include <glib/gstdio.h>
#include <mer.h>

static char *folder;
static char *models;

static int
set_up (void **state)
{
  g_autofree char *answers = NULL;
  g_autofree char *text = NULL;

  folder = g_dir_make_tmp ("mer-model-XXXXXX", NULL);
  models = g_build_filename (folder, "models.json", NULL);
  answers = g_build_filename (folder, "answers.csv", NULL);
  assert_true (g_file_set_contents (answers, "name,reason\na,calm\n", -1, NULL));
  text = g_strdup (
      "{\"format\": \"mer-models/1\", \"models\": {\n"
      "\"recorded\": {\"backend\": \"merreplay\", \"properties\": {\"location\": "
      "\"answers.csv\"}},\n"
      "\"server\": {\"backend\": \"meropenai\", \"properties\": {\"uri\": "
      "\"http://127.0.0.1:9/v1\", \"model\": \"m\", \"temperature\": 0.5, \"seed\": 7},\n"
      "  \"modalities\": [\"video\", \"text\"], \"limits\": {\"max-in-flight\": 3}},\n"
      "\"typo\": {\"backend\": \"meropenai\",\n \"properties\": {\"uri\": "
      "\"http://x/v1\",\n "
      "\"temprature\": 1}},\n"
      "\"range\": {\"backend\": \"meropenai\",\n \"properties\": {\"temperature\": 99}},\n"
      "\"own\": {\"backend\": \"merollama\", \"properties\": {\"uri\": "
      "\"http://127.0.0.1:9\"}, \"limits\": {\"context\": 4321, \"frames\": 6}},\n"
      "\"fusion\": {\"backend\": \"mervote\"} }}");
  assert_true (g_file_set_contents (models, text, -1, NULL));
  return 0;
}

static int
tear_down (void **state)
{
  g_autofree char *answers = g_build_filename (folder, "answers.csv", NULL);

  g_remove (answers);
  g_remove (models);
  g_rmdir (folder);
  g_free (folder);
  g_free (models);
  return 0;
}

static void
test_answers (void **state)
{
  g_autoptr (GstElement) model
      = gst_object_ref_sink (gst_element_factory_make ("mermodel", NULL));
  GstHarness *harness = NULL;
  g_autoptr (GstBuffer) buffer = NULL;
  MerResult *result = NULL;

  g_object_set (model, "models", models, "model", "recorded", NULL);
  harness = gst_harness_new_with_element (model, "sink", "src");
  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  assert_true (gst_harness_push_event (harness, mer_stages_event_new (NULL, NULL)));
  assert_int_equal (
      gst_harness_push (harness, mer_buffer_new_sample (mer_sample_new ("a", 0))),
      GST_FLOW_OK);
  buffer = gst_harness_pull (harness);
  assert_non_null (buffer);
  result = mer_sample_get_result (mer_buffer_get_sample (buffer), 0);
  assert_string_equal (mer_result_get_stage (result), "model");
  assert_string_equal (mer_result_get_text (result), "calm");
  gst_harness_teardown (harness);
}

/* limits that an element keeps reach it under the names that it has for them */
static void
test_limits (void **state)
{
  g_autoptr (MerModels) file = mer_models_open (models, NULL, NULL);
  g_autoptr (GstElement) child
      = gst_object_ref_sink (mer_models_make_backend (file, "own", "own", NULL));
  guint context = 0, frames = 0;

  g_object_get (child, "num-ctx", &context, "max-frames", &frames, NULL);
  assert_int_equal (context, 4321);
  assert_int_equal (frames, 6);
}

/* explicit beats the file, which beats the default */
static void
test_precedence (void **state)
{
  g_autoptr (GstElement) model
      = gst_object_ref_sink (gst_element_factory_make ("mermodel", "judge"));
  g_autofree char *identity = NULL;
  g_autofree char *stage = NULL;
  double temperature = -2;
  guint in_flight = 0, tokens = 0;
  gint64 seed = 0;

  g_object_set (model, "models", models, "model", "server", "seed", (gint64) 9, NULL);
  assert_int_equal (gst_element_set_state (model, GST_STATE_READY),
                    GST_STATE_CHANGE_SUCCESS);
  g_object_get (model, "temperature", &temperature, "max-in-flight", &in_flight, "seed",
                &seed, "max-tokens", &tokens, "stage", &stage, "identity", &identity, NULL);
  assert_true (temperature == 0.5);
  assert_int_equal (in_flight, 3);
  assert_int_equal (seed, 9);
  assert_int_equal (tokens, 1024);
  assert_string_equal (stage, "judge");
  assert_non_null (strstr (identity, "\"backend\":\"meropenai\""));
  assert_null (strstr (identity, "max-in-flight"));
  gst_element_set_state (model, GST_STATE_NULL);
}

/* an entry's key goes to the entry's address alone */
static void
test_key_stays (void **state)
{
  static const struct
  {
    const char *launch;
    const char *variable; /* %NULL: no key is sent */
  } cases[] = {
    { "mermodel name=m model=gpt-4o", "OPENAI_API_KEY" },
    { "mermodel name=m model=gpt-4o uri=https://api.openai.com/v1", "OPENAI_API_KEY" },
    { "mermodel name=m model=gpt-4o uri=https://elsewhere.example/v1", NULL },
    { "mermodel name=m model=gpt-4o options=\"o,uri=(string)https://elsewhere.example\"",
      NULL },
    { "mermodel name=m model=gpt-4o uri=https://elsewhere.example/v1 "
      "api-key-env=OTHER_API_KEY",
      "OTHER_API_KEY" },
  };

  g_setenv ("OPENAI_API_KEY", "x", TRUE);
  g_setenv ("OTHER_API_KEY", "y", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GstElement) bin
          = gst_parse_bin_from_description (cases[i].launch, FALSE, &error);
      g_autoptr (GstElement) model = NULL;
      g_autofree char *variable = NULL;

      mer_test_assert_no_error (error);
      gst_object_ref_sink (bin);
      model = gst_bin_get_by_name (GST_BIN (bin), "m");
      assert_int_equal (gst_element_set_state (model, GST_STATE_READY),
                        GST_STATE_CHANGE_SUCCESS);
      g_object_get (model, "api-key-env", &variable, NULL);
      if (g_strcmp0 (variable, cases[i].variable) != 0)
        fail_msg ("%s: %s", cases[i].launch, variable);
      gst_element_set_state (bin, GST_STATE_NULL);
      gst_element_set_state (model, GST_STATE_NULL);
    }
}

static void
test_errors (void **state)
{
  static const struct
  {
    const char *launch;
    const char *error;
  } cases[] = {
    { "mermodel name=m", "m: which model? set model=NAME, one of the models file" },
    { "mermodel name=m model=recordet", "did you mean “recorded”?" },
    { "mermodel name=m model=typo",
      "models.json:7: /models/typo/properties/temprature: meropenai has no property "
      "“temprature”; did you mean “temperature”?" },
    { "mermodel name=m model=range",
      "models.json:9: /models/range/properties/temperature: meropenai cannot have "
      "temperature=99; it must be -1 to 5" },
    { "mermodel name=m model=fusion", "model “fusion”: mervote asks no model" },
    { "mermodel name=m model=recorded prompt=x", "merreplay has no property “prompt”" },
    { "mermodel name=m model=salmonn options=\"o,command=true\"",
      "options: merexec starts programs and is set up in your own models file alone" },
    { "mermodel name=m model=server options=\"o,strem=true\"",
      "options: meropenai has no property “strem”; did you mean “stream”?" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) problem = NULL;
      g_autoptr (GstElement) model
          = gst_parse_bin_from_description (cases[i].launch, FALSE, &problem);
      g_autoptr (GstElement) inner = NULL;
      g_autoptr (GstBus) bus = gst_bus_new ();
      g_autoptr (GstMessage) message = NULL;
      g_autoptr (GError) error = NULL;

      mer_test_assert_no_error (problem);
      gst_object_ref_sink (model);
      inner = gst_bin_get_by_name (GST_BIN (model), "m");
      g_object_set (inner, "models", models, NULL);
      gst_element_set_bus (model, bus);
      assert_int_equal (gst_element_set_state (model, GST_STATE_READY),
                        GST_STATE_CHANGE_FAILURE);
      message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
      assert_non_null (message);
      gst_message_parse_error (message, &error, NULL);
      print_message ("%s\n", error->message);
      assert_non_null (strstr (error->message, cases[i].error));
      gst_element_set_bus (model, NULL);
      gst_element_set_state (model, GST_STATE_NULL);
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_limits),     cmocka_unit_test (test_answers),
    cmocka_unit_test (test_precedence), cmocka_unit_test (test_key_stays),
    cmocka_unit_test (test_errors),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, set_up, tear_down);
}
