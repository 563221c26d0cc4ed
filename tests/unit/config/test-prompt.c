/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "config/mer-prompt.h"
#include "mer-error.h"

static MerSample *
make_sample (void)
{
  MerSample *sample = mer_sample_new ("clip", 0);
  MerResult *audio = mer_result_new ("audio", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);
  MerResult *video
      = mer_result_new_failed ("video", MER_KIND_BACKEND, MER_OUTCOME_REFUSED, "no faces");
  MerResult *vote = mer_result_new ("vote", MER_KIND_FUSION, MER_OUTCOME_ANSWERED);
  g_autoptr (MerLabels) labels = mer_labels_new ();
  g_autoptr (MerTruth) truth = mer_truth_new_class ("angry");

  mer_sample_set_subtitle (sample, "I said {{text:audio}}!");
  mer_result_set_text (audio, "a shaky voice, {{subtitle}}");
  mer_result_set_text (video, "I cannot help with that");
  mer_labels_add (labels, "sad");
  mer_labels_add (labels, "tired");
  mer_result_set_labels (vote, labels);
  mer_sample_take_result (sample, audio);
  mer_sample_take_result (sample, video);
  mer_sample_take_result (sample, vote);
  mer_sample_set_truth (sample, truth);
  return sample;
}

static const struct
{
  const char *what;
  const char *prompt;
  gboolean show_subtitle;
  const char *expanded; /* %NULL: skipped */
  const char *missing;
} expansions[] = {
  { "plain", "What is felt?\n\n", TRUE, "What is felt?", NULL },
  { "subtitle once only", "Said: {{subtitle}}", TRUE, "Said: I said {{text:audio}}!",
    NULL },
  { "subtitle not shown", "Said: {{subtitle}}.", FALSE, "Said: .", NULL },
  { "text once only", "Voice: {{ text:audio }}.", TRUE,
    "Voice: a shaky voice, {{subtitle}}.", NULL },
  { "labels", "{{labels:vote}}?", TRUE, "sad, tired?", NULL },
  { "refused", "{{text:video}}", TRUE, NULL, "video" },
  { "unknown stage", "{{text:other}}", TRUE, NULL, "other" },
  { "no labels yet", "{{labels:audio}}", TRUE, NULL, "audio" },
  { "no text", "{{text:vote}}", TRUE, NULL, "vote" },
  { "section left out", "a{{#text:video}} V: {{text:video}}{{/text:video}} b", TRUE, "a b",
    NULL },
  { "section kept", "a{{#text:audio}} V: {{text:audio}}{{/text:audio}} b", TRUE,
    "a V: a shaky voice, {{subtitle}} b", NULL },
  { "inverse",
    "{{^text:video}}no picture{{/text:video}}{{^text:audio}}no voice{{/text:audio}}", TRUE,
    "no picture", NULL },
  { "subtitle section", "{{#subtitle}}S{{/subtitle}}{{^subtitle}}none{{/subtitle}}", FALSE,
    "none", NULL },
  { "nested",
    "{{#text:audio}}{{#text:video}}both{{/text:video}}{{^text:video}}voice "
    "only{{/text:video}}{{/text:audio}}",
    TRUE, "voice only", NULL },
  { "lines of their own",
    "a\n  {{#text:video}}  \nV\n{{/text:video}}\nb\n{{#text:audio}}\nA\n"
    "{{/text:audio}}\nc",
    TRUE, "a\nb\nA\nc", NULL },
  { "braces", "{{{{labels}} {\"a\": {\"b\": 1}}", TRUE, "{{labels}} {\"a\": {\"b\": 1}}",
    NULL },
};

static void
test_expansions (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (expansions); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerSample) sample = make_sample ();
      g_autoptr (MerPrompt) prompt
          = mer_prompt_parse ("p.txt", expansions[i].prompt, -1, &error);
      g_autofree char *missing = NULL;

      print_message ("%s\n", expansions[i].what);
      mer_test_assert_no_error (error);
      g_autofree char *expanded = mer_prompt_expand (
          prompt, sample, expansions[i].show_subtitle, &missing, &error);
      mer_test_assert_no_error (error);
      if (expansions[i].expanded == NULL)
        {
          assert_null (expanded);
          assert_string_equal (missing, expansions[i].missing);
          continue;
        }
      assert_null (missing);
      assert_string_equal (expanded, expansions[i].expanded);
    }
}

static void
test_errors (void **state)
{
  static const struct
  {
    const char *prompt;
    const char *error;
  } cases[] = {
    { "a\n{{truth}}",
      "p.txt:2: unknown tag {{truth}}; there are {{subtitle}}, {{text:STAGE}}, "
      "{{labels:STAGE}} and sections of them" },
    { "{{subtitel}}", "p.txt:1: unknown tag {{subtitel}}; did you mean {{subtitle}}?" },
    { "\n\n{{txt:audio}}",
      "p.txt:3: unknown tag {{txt:audio}}; did you mean {{text:STAGE}}?" },
    { "{{text:}}", "p.txt:1: unknown tag {{text:}}; did you mean {{text:STAGE}}?" },
    { "a {{subtitle",
      "p.txt:1: this tag is never closed; two literal braces are written {{{{" },
    { "{{#text:a}}\nx", "p.txt:1: this section is never closed" },
    { "{{#text:a}}\nx\n{{/text:b}}",
      "p.txt:3: this closes another section than the one opened in line 1" },
    { "\n{{/text:b}}", "p.txt:2: this closes a section that was never opened" },
    { " \n", "p.txt: empty" },
    { "\xff", "p.txt: not a text in UTF-8" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      assert_null (mer_prompt_parse ("p.txt", cases[i].prompt, -1, &error));
      assert_string_equal (error->message, cases[i].error);
      assert_int_equal (error->code, MER_ERROR_INVALID_FILE);
    }
}

static void
test_references (void **state)
{
  g_autoptr (MerPrompt) prompt = mer_prompt_parse (
      "p.txt", "{{#text:b}}{{text:b}}{{/text:b}} {{labels:a}} {{subtitle}}", -1, NULL);
  const char *const *references = mer_prompt_get_references (prompt);

  assert_string_equal (references[0], "b");
  assert_string_equal (references[1], "a");
  assert_null (references[2]);
  assert_true (mer_prompt_uses_subtitle (prompt));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_expansions),
    cmocka_unit_test (test_errors),
    cmocka_unit_test (test_references),
  };

  gst_init (NULL, NULL);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
