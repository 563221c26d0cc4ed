/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include <gst/check/gstharness.h>

#include <mer.h>

typedef struct
{
  GstHarness *harness;
  GstBus *bus;
} Fixture;

static void
fixture_init (Fixture *self, const char *line)
{
  const char *stages[] = { "clues", "answer", NULL };

  self->harness = gst_harness_new_parse (line);
  assert_non_null (self->harness);
  self->bus = gst_bus_new ();
  gst_element_set_bus (self->harness->element, self->bus);
  gst_harness_set_src_caps_str (self->harness, MER_SAMPLE_CAPS);
  gst_harness_push_event (self->harness, mer_stages_event_new (stages, NULL));
}

static void
fixture_clear (Fixture *self)
{
  gst_element_set_bus (self->harness->element, NULL);
  gst_object_unref (self->bus);
  gst_harness_teardown (self->harness);
}

static MerResult *
make_result (const char *stage, MerOutcome outcome, const char *text)
{
  MerResult *result = mer_result_new (stage, MER_KIND_BACKEND, outcome);

  mer_result_set_text (result, text);
  mer_result_set_reasoning (result, "The man is furious.");
  return result;
}

/* what `answer` holds after the element; @clues is what the stage before it said */
static MerResult *
run (Fixture *self, MerResult *clues, MerResult *answer, const char *stage)
{
  MerSample *sample = mer_sample_new ("clip", 0);

  mer_sample_take_result (sample, clues);
  mer_sample_take_result (sample, answer);
  assert_int_equal (gst_harness_push (self->harness, mer_buffer_new_sample (sample)),
                    GST_FLOW_OK);

  g_autoptr (GstBuffer) buffer = gst_harness_pull (self->harness);
  MerSample *out = mer_buffer_get_sample (buffer);
  assert_int_equal (mer_sample_get_n_results (out), 2);
  return mer_result_ref (mer_sample_find_result (out, stage));
}

static char *
labels_of (MerResult *result)
{
  MerLabels *labels = mer_result_get_labels (result);

  return labels != NULL ? mer_labels_to_string (labels) : NULL;
}

typedef struct
{
  const char *line;
  const char *stage; /* that is looked at */
  MerOutcome before;
  const char *text; /* of `answer` */
  MerOutcome after;
  const char *labels;
  const char *form;
} Case;

static const Case cases[] = {
  { "merlabels", "answer", MER_OUTCOME_ANSWERED, "{\"labels\": [\"sad\"]}",
    MER_OUTCOME_ANSWERED, "[sad]", "json" },
  { "merlabels", "answer", MER_OUTCOME_ANSWERED, "He is sad, not angry.",
    MER_OUTCOME_ANSWERED, "[sad]", "prose" },
  { "merlabels", "answer", MER_OUTCOME_ANSWERED, "[]", MER_OUTCOME_ANSWERED, "[]",
    "empty" },
  { "merlabels", "answer", MER_OUTCOME_ANSWERED, "A man holds a cup.",
    MER_OUTCOME_UNPARSEABLE, NULL, "unparseable" },
  { "merlabels", "answer", MER_OUTCOME_ANSWERED, NULL, MER_OUTCOME_UNPARSEABLE, NULL,
    "unparseable" },
  /* a failure is never an answer, unless asked for */
  { "merlabels", "answer", MER_OUTCOME_REFUSED, "I am sad to say no.", MER_OUTCOME_REFUSED,
    NULL, NULL },
  { "merlabels", "answer", MER_OUTCOME_TRUNCATED, "He is sad", MER_OUTCOME_TRUNCATED, NULL,
    NULL },
  { "merlabels accept=answered+truncated", "answer", MER_OUTCOME_TRUNCATED, "He is sad an",
    MER_OUTCOME_TRUNCATED, "[sad]", "prose" },
  { "merlabels accept=answered+truncated", "answer", MER_OUTCOME_TRUNCATED,
    "{\"labels\": [\"sad\", \"happ", MER_OUTCOME_TRUNCATED, "[sad]", "json" },
  { "merlabels accept=answered+truncated", "answer", MER_OUTCOME_TRUNCATED,
    "{\"labels\": [\"happ", MER_OUTCOME_TRUNCATED, NULL, "unparseable" },
  { "merlabels", "answer", MER_OUTCOME_ANSWERED, "I'm sorry, but I can't help with that.",
    MER_OUTCOME_REFUSED, NULL, "refusal" },
  /* only the last stage, unless asked for */
  { "merlabels", "clues", MER_OUTCOME_ANSWERED, "sad", MER_OUTCOME_ANSWERED, NULL, NULL },
  { "merlabels stages=clues,answer", "clues", MER_OUTCOME_ANSWERED, "sad",
    MER_OUTCOME_ANSWERED, "[happy]", "prose" },
  { "merlabels speech=false", "answer", MER_OUTCOME_ANSWERED,
    "A man is speaking, saying, \"I am very sorry, forgive me\".", MER_OUTCOME_UNPARSEABLE,
    NULL, "unparseable" },
};

static void
test_cases (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture fixture;

      fixture_init (&fixture, cases[i].line);

      g_autoptr (MerResult) result
          = run (&fixture, make_result ("clues", MER_OUTCOME_ANSWERED, "She sounds happy."),
                 make_result ("answer", cases[i].before, cases[i].text), cases[i].stage);
      g_autofree char *labels = labels_of (result);
      JsonNode *data = mer_result_get_data (result);
      const char *form = data != NULL ? mer_json_node_string (data, "label-form") : NULL;

      if (g_strcmp0 (labels, cases[i].labels) != 0
          || mer_result_get_outcome (result) != cases[i].after
          || g_strcmp0 (form, cases[i].form) != 0)
        fail_msg ("%s, “%s”: %s, %s as %s", cases[i].line, cases[i].text, labels,
                  mer_outcome_to_string (mer_result_get_outcome (result)), form);
      fixture_clear (&fixture);
    }
}

static const struct
{
  const char *line;
  const char *text;
  MerReason reason;
  const char *read;
} readings[] = {
  { "merlabels", "{\"labels\": [\"sad\"]}", MER_REASON_NONE, "strict" },
  { "merlabels reading=lenient", "{\"labels\": [\"sad\"]}", MER_REASON_NONE, "lenient" },
  { "merlabels", "He is sad.", MER_REASON_NONE, "lenient" },
  { "merlabels reading=strict", "He is sad.", MER_REASON_NOT_JSON, NULL },
  { "merlabels reading=strict", "{\"emotion\": \"sad\"}", MER_REASON_WRONG_SHAPE, NULL },
  { "merlabels", "", MER_REASON_EMPTY, NULL },
  { "merlabels", "{\"labels\": [\"sa", MER_REASON_CUT_OFF, NULL },
  { "merlabels", "他坐在椅子上。", MER_REASON_WRONG_LANGUAGE, NULL },
  { "merlabels", "A man holds a cup.", MER_REASON_NO_EMOTION_WORD, NULL },
  { "merlabels reading=strict", "I cannot assist with that.", MER_REASON_REFUSAL, NULL },
};

/* the text stays whatever is made of it */
static void
test_readings (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (readings); i++)
    {
      Fixture fixture;

      fixture_init (&fixture, readings[i].line);

      g_autoptr (MerResult) result
          = run (&fixture, make_result ("clues", MER_OUTCOME_ANSWERED, "x"),
                 make_result ("answer", MER_OUTCOME_ANSWERED, readings[i].text), "answer");
      const char *read = mer_json_node_string (mer_result_get_data (result), "read");

      if (mer_result_get_reason (result) != readings[i].reason
          || g_strcmp0 (read, readings[i].read) != 0)
        fail_msg ("%s, “%s”: %s, read %s", readings[i].line, readings[i].text,
                  mer_reason_to_string (mer_result_get_reason (result)), read);
      assert_string_equal (mer_result_get_text (result), readings[i].text);
      fixture_clear (&fixture);
    }
}

static void
test_warning (void **state)
{
  Fixture fixture;

  fixture_init (&fixture, "merlabels");

  g_autoptr (MerResult) result
      = run (&fixture, make_result ("clues", MER_OUTCOME_ANSWERED, "x"),
             make_result ("answer", MER_OUTCOME_ANSWERED, "x"), "answer");
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (fixture.bus, GST_MESSAGE_WARNING);
  const GstStructure *details = NULL;

  assert_non_null (message);
  gst_message_parse_warning_details (message, &details);
  assert_string_equal (gst_structure_get_string (details, "sample-id"), "clip");
  assert_string_equal (gst_structure_get_string (details, "outcome"), "unparseable");
  fixture_clear (&fixture);
}

static void
test_labels_that_are_there (void **state)
{
  static const char *const lines[] = { "merlabels", "merlabels overwrite=true" };
  static const char *const expected[] = { "[proud]", "[sad]" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      Fixture fixture;
      MerResult *answer = make_result ("answer", MER_OUTCOME_ANSWERED, "He is sad.");
      g_autoptr (MerLabels) labels = mer_labels_new_parsed ("[proud]");

      mer_result_set_labels (answer, labels);
      fixture_init (&fixture, lines[i]);

      g_autoptr (MerResult) result = run (
          &fixture, make_result ("clues", MER_OUTCOME_ANSWERED, "x"), answer, "answer");
      g_autofree char *found = labels_of (result);
      assert_string_equal (found, expected[i]);
      fixture_clear (&fixture);
    }
}

static void
test_unknown_stage (void **state)
{
  const char *stages[] = { "answer", NULL };
  g_autoptr (GError) error = NULL;
  GstHarness *harness = gst_harness_new_parse ("merlabels stages=anwser");
  g_autoptr (GstBus) bus = gst_bus_new ();

  gst_element_set_bus (harness->element, bus);
  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  gst_harness_push_event (harness, mer_stages_event_new (stages, NULL));

  g_autoptr (GstMessage) message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  assert_non_null (message);
  gst_message_parse_error (message, &error, NULL);
  assert_non_null (strstr (error->message, "answer"));
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

/* the name it occupies, beside the stages */
static void
test_name (void **state)
{
  const char *stages[] = { "answer", NULL };
  GstHarness *harness = gst_harness_new ("merlabels");

  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  gst_harness_push_event (harness, mer_stages_event_new (stages, NULL));

  g_autoptr (GstPad) src = gst_element_get_static_pad (harness->element, "src");
  g_autoptr (GstEvent) event
      = gst_pad_get_sticky_event (src, GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, 0);
  g_auto (GStrv) names = mer_stages_event_get_stages (event);
  g_auto (GStrv) others = mer_stages_event_get_others (event);
  assert_int_equal (g_strv_length (names), 1);
  assert_int_equal (g_strv_length (others), 1);
  assert_string_equal (others[0], "labels");
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_cases),         cmocka_unit_test (test_readings),
    cmocka_unit_test (test_warning),       cmocka_unit_test (test_labels_that_are_there),
    cmocka_unit_test (test_unknown_stage), cmocka_unit_test (test_name),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
