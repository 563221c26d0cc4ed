/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <math.h>
#include <string.h>

#include "emotion/mer-label-finder.h"

typedef struct
{
  const char *text;
  MerLabelForm form;
  const char *labels; /* in order */
} Case;

#define JSON MER_LABEL_FORM_JSON
#define LIST MER_LABEL_FORM_LIST
#define PROSE MER_LABEL_FORM_PROSE
#define EMPTY MER_LABEL_FORM_EMPTY
#define NONE MER_LABEL_FORM_NONE
#define SIGNS MER_LABEL_FORM_SIGNS
#define SPEECH MER_LABEL_FORM_SPEECH

static const Case structures[] = {
  { "[\"happy\", \"calm\"]", JSON, "[happy, calm]" },
  { "['happy', 'don\\'t care']", JSON, "[happy, don’t care]" },
  { "['happy', 'don't care']", JSON, "[happy, don’t care]" },
  { "{\"labels\": [\"sad\", \"tired\"]}", JSON, "[sad, tired]" },
  { "{\"emotions\": \"sad, tired\"}", JSON, "[sad, tired]" },
  { "{\"openset\": [\"sad\"], \"reason\": \"he is not happy\"}", JSON, "[sad]" },
  { "{\"emotion\": \"sad\"}", JSON, "[sad]" },
  { "{\"result\": {\"Emotion Labels\": [\"sad\"]}}", JSON, "[sad]" },
  { "```json\n{\"labels\": [\"sad\", \"tired\",]}\n```", JSON, "[sad, tired]" },
  { "Sure! Here it is:\n{\"labels\": [\"sad\"]}\nTell me if you are happy with it.", JSON,
    "[sad]" },
  { "I think of {\"labels\": [\"angry\"]} first, but no: {\"labels\": [\"hurt\"]}", JSON,
    "[hurt]" },
  { "{\"label\": \"sad\"}\n{\"label\": \"hurt\"}", JSON, "[sad, hurt]" },
  { "{\"labels\": [\"sad\", \"hurt\"", JSON, "[sad, hurt]" },
  { "{'labels': ('sad', 'hurt'), 'sure': True, 'note': None}", JSON, "[sad, hurt]" },
  { "{\"primary_emotion\": \"sad\", \"secondary_emotions\": [\"hurt\"], \"confidence\": 1}",
    JSON, "[sad, hurt]" },
  { "{\"labels\": [\"frobnicated\"]}", JSON, "[frobnicated]" },
  { "{\"labels\": [\"slightly anxious\", \"possibly sad\"]}", JSON, "[anxious, sad]" },
  { "{\"happy\": true, \"sad\": false}", JSON, "[happy]" },
  { "{\"sentiment\": \"negative\", \"emotion\": [\"angry\"]}", JSON, "[angry]" },
  { "{\"sentiment\": \"negative\"}", JSON, "[negative]" },
  { "<think>[\"angry\"] or sad?</think>\n[\"sad\"]", JSON, "[sad]" },
  { "[]", EMPTY, "[]" },
  { "{\"labels\": []}", EMPTY, "[]" },
  { "{\"emotion\": null}", EMPTY, "[]" },
  { "{\"emotions\": [\"none\"]}", EMPTY, "[]" },
};

static const Case lists[] = {
  { "[happy, calm]", LIST, "[happy, calm]" },
  { "The labels are [happy, calm].", LIST, "[happy, calm]" },
  { "He is angry. [laughs]", PROSE, "[angry, happy]" },
  { "happy, calm", LIST, "[happy, calm]" },
  { "Happy.", LIST, "[happy]" },
  { "happy and calm", LIST, "[happy, calm]" },
  { "happy / calm", LIST, "[happy, calm]" },
  { "1. Sad\n2. Tired", LIST, "[sad, tired]" },
  { "1) **Sadness**: she looks down and says nothing to him.\n2) **Worry**: her hands "
    "shake.",
    LIST, "[sadness, worry]" },
  { "- sad (0.8)\n- tired (20%)", LIST, "[sad, tired]" },
  { "• sad — slow voice\n• tired", LIST, "[sad, tired]" },
  { "She speaks slowly and looks away.\n\nEmotions: sad, tired", LIST, "[sad, tired]" },
  { "He laughs.\n**Final emotion labels:** happy, amused", LIST, "[happy, amused]" },
  { "Primary emotion: Anger\nSecondary emotion: Fear", LIST, "[anger, fear]" },
  { "Emotional state: none", EMPTY, "[]" },
  { "None", EMPTY, "[]" },
  { "N/A", EMPTY, "[]" },
};

static const Case prose[] = {
  { "The man is angry.", PROSE, "[angry]" },
  { "Her voice sounds sad and tired.", PROSE, "[sad, tired]" },
  /* negation, to the end of what it denies */
  { "He is not angry. He is calm.", PROSE, "[calm]" },
  { "She is calm, with no signs of anger, sadness or fear.", PROSE, "[calm]" },
  { "She is worried rather than angry.", PROSE, "[worried]" },
  { "He isn’t sad, he is relieved.", PROSE, "[relieved]" },
  { "It is not clear why she is angry.", PROSE, "[angry]" },
  { "He is not only sad but also angry.", PROSE, "[angry, sad]" },
  { "The lack of progress suggests that he is frustrated.", PROSE, "[frustrated]" },
  { "She is anything but calm, she is far from happy. She is sad.", PROSE, "[sad]" },
  { "He can't hide his excitement.", PROSE, "[excitement]" },
  /* hedges and contrast */
  { "He may be sad. He is angry.", PROSE, "[angry, sad]" },
  { "At first she was happy. However, she is angry.", PROSE, "[angry, happy]" },
  { "She acts happy but is afraid.", PROSE, "[afraid, happy]" },
  /* somebody else, and the place */
  { "He is calm; the other person is angry.", PROSE, "[calm]" },
  { "Her grief makes the viewer feel uneasy.", PROSE, "[grief]" },
  { "The man is tense in a relaxed environment.", PROSE, "[tense]" },
  { "It makes me feel sad, but the man is happy.", PROSE, "[happy]" },
  { "I'm sorry, but I cannot say who that is. The man is tense.", PROSE, "[tense]" },
  /* what is not said by the answer */
  { "As an expert, please describe whether the person is angry or sad. She is delighted.",
    PROSE, "[delighted]" },
  { "Is the man angry? He seems relaxed.", PROSE, "[relaxed]" },
  { "The subtitle reads \"I am so angry with all of you!\". She jokes, amused.", PROSE,
    "[amused]" },
  { "His emotion is \"worried\".", PROSE, "[worried]" },
  /* the conclusion weighs more than what led to it */
  { "He looks surprised. In conclusion, it can be inferred that his emotional state is "
    "anger and frustration.",
    PROSE, "[anger, frustration, surprised]" },
  /* words that are feelings only in some places */
  { "The subtitle content is in the open. She is happy and content.", PROSE,
    "[happy, content]" },
  { "A bright light falls on the table. He feels lost.", PROSE, "[lost]" },
  { "She shows worry and concern.", PROSE, "[worry, concern]" },
  { "He is in a negative mood, angry.", PROSE, "[angry]" },
  { "The man's expression is neutral.", PROSE, "[neutral]" },
  { "He smiles and is proud.", PROSE, "[proud, happy]" },
  { "The woman is laughing.", SIGNS, "[happy]" },
  { "The audio is of a man speaking, saying, \"I'm sorry, forgive me.\".", SPEECH,
    "[sorry]" },
  { "The audio is of a woman speaking, saying, \"对不起\".", SPEECH, "[sorry]" },
  { "他很生气，也很难过。", PROSE, "[angry, sad]" },
};

static const Case without[] = {
  { "It is difficult to determine the emotion of the man.", EMPTY, "[]" },
  { "I cannot confidently determine her emotional state.", EMPTY, "[]" },
  { "The emotion is not anger.", EMPTY, "[]" },
  { "She doesn't seem to be happy.", EMPTY, "[]" },
  { "It is impossible to say without more whether she is sad or angry.", EMPTY, "[]" },
  { "I'm sorry, but I can't help with that.", MER_LABEL_FORM_REFUSAL, NULL },
  { "<think>She is sad", NONE, NULL },
  { "A man holds a cup.", NONE, NULL },
  { "As an expert in the field of emotions, please describe the emotions of the man.", NONE,
    NULL },
  { "", NONE, NULL },
  { "   \n ", NONE, NULL },
  { "\xff\xfe{[\"", NONE, NULL },
  { "[1, 2, 3]", NONE, NULL },
};

static void
check (const Case *cases, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      MerLabelForm form = NONE;
      g_autoptr (MerLabels) labels = mer_label_finder_read (cases[i].text, &form);
      g_autofree char *found = labels != NULL ? mer_labels_to_string (labels) : NULL;

      if (g_strcmp0 (found, cases[i].labels) != 0 || form != cases[i].form)
        fail_msg ("“%s”: %s as %s, not %s as %s", cases[i].text, found,
                  mer_label_form_get_name (form), cases[i].labels,
                  mer_label_form_get_name (cases[i].form));
    }
}

static void
test_structures (void **state)
{
  check (structures, G_N_ELEMENTS (structures));
}

static void
test_lists (void **state)
{
  check (lists, G_N_ELEMENTS (lists));
}

static void
test_prose (void **state)
{
  check (prose, G_N_ELEMENTS (prose));
}

static void
test_without_labels (void **state)
{
  check (without, G_N_ELEMENTS (without));
  assert_null (mer_label_finder_read (NULL, NULL));
}

static void
test_weights (void **state)
{
  static const struct
  {
    const char *text;
    double first, second;
  } cases[] = {
    { "[{\"label\": \"sad\", \"weight\": 0.8}, {\"emotion\": \"hurt\", \"confidence\": "
      "0.3}]",
      0.8, 0.3 },
    { "{\"emotions\": {\"sad\": 80, \"hurt\": 45, \"calm\": 2}}", 0.8, 0.45 },
    { "[{\"label\": \"sad\", \"score\": \"high\"}, {\"label\": \"hurt\", \"score\": "
      "\"30%\"}]",
      0.9, 0.3 },
    { "[[\"sad\", 1], \"hurt\"]", NAN, NAN },
    { "sad (0.7), slightly hurt", 0.7, 0.5 },
    { "He is sad. He may be sad and hurt.", 1., 0.44 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (MerLabels) labels = mer_label_finder_read (cases[i].text, NULL);

      assert_non_null (labels);
      if (mer_labels_get_length (labels) != 2)
        fail_msg ("%s: %u labels", cases[i].text, mer_labels_get_length (labels));
      for (guint j = 0; j < 2; j++)
        {
          double expected = j == 0 ? cases[i].first : cases[i].second;
          double weight = mer_labels_get_weight (labels, j);

          if (isnan (expected) != isnan (weight)
              || (!isnan (weight) && fabs (weight - expected) > 1e-9))
            fail_msg ("%s: weight %u is %f", cases[i].text, j, weight);
        }
    }
}

/* texts made to cost much stay cheap and do no harm */
static void
test_hostile (void **state)
{
  static const char *const parts[]
      = { "[", "{\"a\":", "\"",    "'",   "[{'", "not ", "happy, ",
          "“", "1. ",     "very ", "```", "-",   "\\",   ":" };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      GString *text = g_string_new (NULL);

      while (text->len < 300 * 1024)
        g_string_append (text, parts[i]);

      g_autoptr (MerLabels) labels = mer_label_finder_read (text->str, NULL);
      g_string_free (text, TRUE);
    }
}

/* a model that cannot stop */
static void
test_endless_list (void **state)
{
  g_autoptr (GString) text = g_string_new ("{\"labels\": [\"word\"");

  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (text, ", \"word%u\"", i);
  g_string_append (text, "]}");

  g_autoptr (MerLabels) labels = mer_label_finder_read (text->str, NULL);
  assert_int_equal (mer_labels_get_length (labels), 100);
}

static void
test_speech (void **state)
{
  static const Case cases[] = {
    { "Thank you so much!", SPEECH, "[grateful]" },
    { "I'm not happy at all.", SPEECH, "[]" },
    { "I am afraid of him", SPEECH, "[afraid]" },
    { "Why?", SPEECH, "[questioning]" },
    { "别生气", SPEECH, "[]" },
    { "我好担心你", SPEECH, "[worried]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (MerLabels) labels = mer_label_finder_read_speech (cases[i].text);
      g_autofree char *found = mer_labels_to_string (labels);

      if (strcmp (found, cases[i].labels) != 0)
        fail_msg ("“%s”: %s", cases[i].text, found);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_structures), cmocka_unit_test (test_lists),
    cmocka_unit_test (test_prose),      cmocka_unit_test (test_without_labels),
    cmocka_unit_test (test_weights),    cmocka_unit_test (test_hostile),
    cmocka_unit_test (test_speech),     cmocka_unit_test (test_endless_list),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
