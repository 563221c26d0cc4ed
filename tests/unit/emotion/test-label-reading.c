/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* strict and lenient reading, and why nothing could be read */
#include "emotion/mer-label-reading.h"

#include "base/mer-answer-format.h"
#include "support/mer-test.h"

#define AUTO MER_LABEL_READING_AUTO
#define STRICT MER_LABEL_READING_STRICT
#define LENIENT MER_LABEL_READING_LENIENT

static const struct
{
  const char *text;
  MerLabelReading reading;
  gboolean truncated;
  const char *labels;
  gboolean strict;
  MerLabelMiss miss;
} cases[] = {
  /* what was asked for */
  { "{\"labels\": [\"sad\", \"tired\"]}", AUTO, FALSE, "[sad, tired]", TRUE },
  { " {\"labels\":[\"sad\"]}\n", STRICT, FALSE, "[sad]", TRUE },
  { "{\"labels\": [\"sad\"]}", LENIENT, FALSE, "[sad]", FALSE },
  /* nearly */
  { "```json\n{\"labels\": [\"sad\"]}\n```", AUTO, FALSE, "[sad]", FALSE },
  { "```json\n{\"labels\": [\"sad\"]}\n```", STRICT, FALSE, NULL, FALSE,
    MER_LABEL_MISS_NOT_JSON },
  { "Here you are: {\"labels\": [\"sad\"]}", STRICT, FALSE, NULL, FALSE,
    MER_LABEL_MISS_NOT_JSON },
  { "{\"emotion\": \"sad\"}", AUTO, FALSE, "[sad]", FALSE },
  { "{\"emotion\": \"sad\"}", STRICT, FALSE, NULL, FALSE, MER_LABEL_MISS_WRONG_SHAPE },
  { "{\"labels\": [\"sad\"], \"note\": 1}", STRICT, FALSE, NULL, FALSE,
    MER_LABEL_MISS_WRONG_SHAPE },
  { "{\"labels\": []}", STRICT, FALSE, NULL, FALSE, MER_LABEL_MISS_WRONG_SHAPE },
  { "{\"labels\": []}", AUTO, FALSE, "[]", FALSE },
  { "{'labels': ['sad',]}", AUTO, FALSE, "[sad]", FALSE },
  { "{'labels': ['sad',]}", STRICT, FALSE, NULL, FALSE, MER_LABEL_MISS_NOT_JSON },
  { "She is sad.", STRICT, FALSE, NULL, FALSE, MER_LABEL_MISS_NOT_JSON },
  { "She is sad.", AUTO, FALSE, "[sad]", FALSE },
  /* nothing to be read */
  { "", AUTO, FALSE, NULL, FALSE, MER_LABEL_MISS_EMPTY },
  { " \n", STRICT, FALSE, NULL, FALSE, MER_LABEL_MISS_EMPTY },
  { NULL, LENIENT, FALSE, NULL, FALSE, MER_LABEL_MISS_EMPTY },
  { "I'm sorry, but I can't assist with that.", AUTO, FALSE, NULL, FALSE,
    MER_LABEL_MISS_REFUSAL },
  { "I'm sorry, but I can't assist with that.", STRICT, FALSE, NULL, FALSE,
    MER_LABEL_MISS_REFUSAL },
  { "A man holds a cup.", AUTO, FALSE, NULL, FALSE, MER_LABEL_MISS_NO_WORD },
  { "{\"objects\": [\"cup\"], \"happy\": \"chair\"}", AUTO, FALSE, NULL, FALSE,
    MER_LABEL_MISS_WRONG_SHAPE },
  { "{\"reasoning\": \"She looks sad.\", \"code\": \"x\"}", AUTO, FALSE, NULL, FALSE,
    MER_LABEL_MISS_WRONG_SHAPE },
  { "{\"description\": \"She looks sad.\"}", AUTO, FALSE, "[sad]", FALSE },
  { "{\"count\": 3}", AUTO, FALSE, NULL, FALSE, MER_LABEL_MISS_WRONG_SHAPE },
  { "{count: three}", AUTO, FALSE, NULL, FALSE, MER_LABEL_MISS_NOT_JSON },
  { "{\"labels\": [\"sa", AUTO, FALSE, NULL, FALSE, MER_LABEL_MISS_CUT_OFF },
  { "视频中的人坐在椅子上。", AUTO, FALSE, NULL, FALSE, MER_LABEL_MISS_WRONG_LANGUAGE },
  { "Der Mann sitzt auf dem Stuhl und spricht mit der Frau.", AUTO, FALSE, NULL, FALSE,
    MER_LABEL_MISS_WRONG_LANGUAGE },
  { "Человек сидит на стуле.", AUTO, FALSE, NULL, FALSE, MER_LABEL_MISS_WRONG_LANGUAGE },
  /* another language, but words for feelings that are known */
  { "这个人看起来非常伤心，也有些无奈。", AUTO, FALSE, "[sad, helpless]", FALSE },
  { "她并不生气，只是很失望。", AUTO, FALSE, "[disappointed]", FALSE },
  { "他说“我很高兴”，但声音听起来很愤怒。", AUTO, FALSE, "[angry]", FALSE },
  { "彼女はとても悲しい表情をしています。", AUTO, FALSE, "[sad]", FALSE },
  { "그는 매우 분노하고 있습니다.", AUTO, FALSE, "[angry]", FALSE },
  { "Die Frau ist traurig und enttäuscht, aber nicht wütend.", AUTO, FALSE,
    "[sad, disappointed]", FALSE },
  { "La mujer está triste y preocupada.", AUTO, FALSE, "[sad, worried]", FALSE },
  { "Elle est en colère et déçue.", AUTO, FALSE, "[angry, disappointed]", FALSE },
  { "Женщина грустная и испугана.", AUTO, FALSE, "[sad, afraid]", FALSE },
  /* English words stay English */
  { "The content of the subtitle is a solo.", AUTO, FALSE, NULL, FALSE,
    MER_LABEL_MISS_NO_WORD },
  /* of what the token limit cut, whole words alone */
  { "{\"labels\": [\"happy\", \"sa", AUTO, TRUE, "[happy]", FALSE },
  { "{\"labels\": [\"happy\", \"sad\"", AUTO, TRUE, "[happy, sad]", FALSE },
  { "{\"labels\": [\"happy\", \"sa", AUTO, FALSE, "[happy]", FALSE },
  { "```json\n{\"labels\": [\"happy\", \"sad\", \"", AUTO, TRUE, "[happy, sad]", FALSE },
  { "happy, sad, ang", AUTO, TRUE, "[happy, sad]", FALSE },
  { "She is happy. He seems sad and ang", AUTO, TRUE, "[happy, sad]", FALSE },
  { "{\"labels\": [\"happy\"]}", STRICT, TRUE, NULL, FALSE, MER_LABEL_MISS_NOT_JSON },
  { "{\"labels\": [\"sa", AUTO, TRUE, NULL, FALSE, MER_LABEL_MISS_CUT_OFF },
};

static void
test_cases (void **state)
{
  g_autoptr (JsonNode) schema = mer_answer_schema_open (NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      MerLabelOptions options = { .reading = cases[i].reading,
                                  .schema = schema,
                                  .truncated = cases[i].truncated };
      MerLabelFinding finding;
      g_autoptr (MerLabels) labels
          = mer_label_reading_read (cases[i].text, &options, &finding);
      g_autofree char *found = NULL;

      for (guint j = 0; labels != NULL && j < mer_labels_get_length (labels); j++)
        assert_true (*mer_labels_get (labels, j) != '\0');
      found = labels != NULL ? mer_labels_to_string (labels) : NULL;
      if (g_strcmp0 (found, cases[i].labels) != 0 || finding.strict != cases[i].strict
          || finding.miss != cases[i].miss)
        fail_msg ("%u: %s: %s, strict %d, miss %d", i, cases[i].text, found, finding.strict,
                  finding.miss);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_cases),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
