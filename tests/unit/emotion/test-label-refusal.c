/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* refusals are told from answers: in ten languages, and against thousands of real answers
 */
#include "emotion/mer-label-finder.h"
#include "support/mer-test.h"
#include "tables/mer-table.h"

static const char *const refusals[] = {
  "I'm sorry, but I can't assist with that request.",
  "I’m sorry, but I can’t help with identifying people in images.",
  "I'm sorry, I can't analyze or infer the emotions of real people from this video.",
  "Sorry, but I am unable to determine emotions from facial expressions.",
  "I can't help with that.",
  "I cannot assist with this content.",
  "I can't identify people or make assumptions about their feelings based on images.",
  "I'm unable to provide an analysis of the person in this clip.",
  "I must decline to label this clip.",
  "I won't provide emotional labels for a real person.",
  "I'm not comfortable describing this person's emotional state.",
  "As an AI language model, I don't have the ability to watch videos.",
  "As an AI, I cannot perceive emotions. Emotions are complex and multifaceted.",
  "**I'm sorry**, but as an AI I do not have access to audio files. Please provide a "
  "transcript and I will do my best to help.",
  "I apologize, but I am not able to process the audio. If you describe the voice, I can "
  "help: for example, a trembling voice may indicate fear or anxiety.",
  "Unfortunately, I cannot view the video. I'd be happy to help with a text description.",
  "I am sorry. I cannot identify the emotion in this image.",
  "<think>The user wants labels. The person looks sad.</think>I'm sorry, but I can't help "
  "with that.",
  "In the video, I'm sorry, as an AI language model, I cannot perceive emotions solely "
  "through audio information.",
  "Sorry, I can't comply with this request because it shows a minor in distress.",
  /* Chinese */
  "抱歉，我无法协助处理此请求。",
  "很抱歉，我不能提供对视频中人物情绪的分析。",
  "作为一个AI语言模型，我无法观看视频，因此不能判断人物的情感。",
  "对不起，作为人工智能，我没有能力识别真实人物的情绪。",
  "我无法提供相关信息。",
  "抱歉，我無法分析這段視頻。",
  /* Japanese, Korean */
  "申し訳ありませんが、そのリクエストにはお答えできません。",
  "AIとして、動画の人物の感情を判断することはできません。",
  "죄송하지만 요청하신 내용을 분석할 수 없습니다.",
  "저는 AI 언어 모델이므로 영상을 볼 수 없습니다.",
  /* German, French, Spanish, Portuguese, Italian, Russian */
  "Es tut mir leid, aber ich kann dabei nicht helfen.",
  "Als KI-Sprachmodell kann ich keine Emotionen realer Personen bestimmen.",
  "Leider kann ich nicht beurteilen, was die Person in diesem Video fühlt.",
  "Je suis désolé, mais je ne peux pas vous aider avec cette demande.",
  "En tant qu’IA, je ne suis pas en mesure de visionner des vidéos.",
  "Lo siento, pero no puedo ayudarte con esa solicitud.",
  "Como modelo de lenguaje, no puedo identificar las emociones de personas reales.",
  "Desculpe, mas não posso ajudar com esse pedido.",
  "Mi dispiace, ma non posso analizzare questo video.",
  "Извините, но я не могу помочь с этим запросом.",
  "Как языковая модель, я не могу определить эмоции человека на видео.",
};

static const char *const answers[] = {
  "She can't help crying: sad, helpless",
  "sad, sorry",
  "{\"labels\": [\"sorry\", \"helpless\"]}",
  "He says \"I'm sorry, I can't provide for you any more\" and looks desperate.",
  "The man says: “I'm sorry, but I can't help you with that.” He seems annoyed.",
  "I'm sorry, I was wrong.",
  "I'm sorry, I can't stand him any more.",
  "Sorry, I have already quit.",
  "The speaker is apologizing and cannot hide her sadness.",
  "Unfortunately, the woman cannot find her keys and is frustrated.",
  "I cannot confidently determine the exact emotion being conveyed, but the woman appears "
  "to be happy.",
  "I cannot confidently determine the exact emotions without further context.",
  "I'm sorry, I cannot hear the audio. From the subtitle, the person is angry.",
  "I can't identify the person, but she looks sad and tired.",
  "As an AI language model, I cannot hear the voice. In conclusion, the character's "
  "emotional state is joyful.",
  "I'm sorry, but I can't see the clip well.\n{\"labels\": [\"worried\"]}",
  "The person feels unable to help and is in despair.",
  "He cannot assist her, which makes him feel guilty.",
  "As an AI researcher, the man on the stage is proud of his work.",
  "neutral",
  "",
  "The emotion cannot be determined.",
  "他说对不起，我不能原谅他。",
  "对不起，我错了",
  "她无法控制自己的情绪，非常伤心。",
  "Er kann nicht mehr und ist traurig.",
  "Es tut mir leid, ich habe dich verletzt.",
  "Lo siento mucho, mamá.",
};

static void
test_table (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (!mer_label_finder_declines (refusals[i]))
      fail_msg ("taken for an answer: %s", refusals[i]);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    if (mer_label_finder_declines (answers[i]))
      fail_msg ("taken for a refusal: %s", answers[i]);
}

/* a refusal gives no label, whatever words stand in it */
static void
test_no_labels (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      MerLabelForm form = MER_LABEL_FORM_NONE;
      g_autoptr (MerLabels) labels = mer_label_finder_read (refusals[i], &form);

      assert_null (labels);
      assert_int_equal (form, MER_LABEL_FORM_REFUSAL);
    }
}

static const struct
{
  const char *text;
  const char *labels;
} partly[] = {
  { "I'm sorry, I cannot hear the audio. From the subtitle, the person is angry.",
    "[angry]" },
  { "I can't identify the person, but she looks sad and tired.", "[sad, tired]" },
  { "{\"labels\": [\"sad\"]} As an AI language model, I cannot be sure.", "[sad]" },
  { "I'm sorry, but I can't see the clip well.\n{\"labels\": [\"worried\"]}", "[worried]" },
};

/* what is said beside a refusal counts, and the apology is no label */
static void
test_partly (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (partly); i++)
    {
      g_autoptr (MerLabels) labels = mer_label_finder_read (partly[i].text, NULL);
      g_autofree char *text = labels != NULL ? mer_labels_to_string (labels) : NULL;

      assert_string_equal (text, partly[i].labels);
    }
}

/* what the real answers of five models hold: SALMONN declines fourteen times, nobody else
 */
static const struct
{
  const char *file;
  guint n_refusals;
} published[] = {
  { "Chat-UniVi.S0", 0 },  { "Chat-UniVi.S1", 0 },  { "Chat-UniVi.S2", 0 },
  { "Otter.S0", 0 },       { "Otter.S1", 0 },       { "Otter.S2", 0 },
  { "Qwen-Audio.S0", 0 },  { "Qwen-Audio.S1", 0 },  { "Qwen-Audio.S2", 0 },
  { "SALMONN.S0", 10 },    { "SALMONN.S1", 1 },     { "SALMONN.S2", 3 },
  { "Video-LLaVA.S0", 0 }, { "Video-LLaVA.S1", 0 }, { "Video-LLaVA.S2", 0 },
};

static guint
count_refusals (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerTable) table = mer_table_load (path, &error);
  guint n_refusals = 0;
  int column = 0;

  mer_test_assert_no_error (error);
  column = mer_table_find_column (table, "reason", &error);
  mer_test_assert_no_error (error);
  for (guint row = 0; row < mer_table_get_n_rows (table); row++)
    {
      const char *text = mer_table_get (table, row, (guint) column);

      n_refusals += text != NULL && mer_label_finder_declines (text);
    }
  return n_refusals;
}

static void
test_published (void **state)
{
  const char *shared = g_getenv ("MER_SHARED_DATA");

  if (shared == NULL || *shared == '\0')
    skip ();
  for (guint i = 0; i < G_N_ELEMENTS (published); i++)
    {
      g_autofree char *name = g_strconcat (published[i].file, ".csv", NULL);
      g_autofree char *path = g_build_filename (shared, "ov-merd", name, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        skip ();
      assert_int_equal (count_refusals (path), published[i].n_refusals);
    }
}

/* texts made to cost much */
static void
test_hostile (void **state)
{
  static const char *const pieces[]
      = { "I can't assist. ", "\"", "“",      "a. ", "作为ai我无法",
          "sorry ",           "\n", ". . . ", "\xff" };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (GString) text = g_string_new ("I'm sorry, I can't assist. ");

      while (text->len < MER_LABEL_TEXT_MAX_BYTES)
        g_string_append (text, pieces[i]);
      mer_label_finder_declines (text->str);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_table),   cmocka_unit_test (test_no_labels),
    cmocka_unit_test (test_partly),  cmocka_unit_test (test_published),
    cmocka_unit_test (test_hostile),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
