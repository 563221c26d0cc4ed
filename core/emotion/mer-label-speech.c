/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-label-prose.h"

#include <string.h>

#include "emotion/mer-label-words.h"

/* What a person says tells less than what is said of them; a question alone least. */
#define CUE_WEIGHT 0.6
#define WORD_WEIGHT 0.6
#define QUESTION_WEIGHT 0.3
#define INTENSE_FACTOR 1.4
#define MODERATE_FACTOR 0.6
/* so many words after a negation are denied: “not at all happy” */
#define NEGATION_REACH 3u
#define QUESTION_LABEL "questioning"

static const char *const negations[]
    = { "not",     "no",     "never", "don’t",  "doesn’t", "didn’t",
        "isn’t",   "aren’t", "won’t", "can’t",  "cannot",  "wasn’t",
        "without", "nor",    "ain’t", "hardly", NULL };
static const char *const negations_chinese[] = { "不", "别", "没", NULL };
static const char *const intensifiers[]
    = { "very", "so", "really", "extremely", "too", "terribly", "truly", "such", NULL };
static const char *const moderators[]
    = { "bit", "little", "slightly", "somewhat", "kind", "sort", "quite", "rather", NULL };

/* what is said, in two forms: words with one space around each, and without any space */
typedef struct
{
  GString *spaced;
  GString *dense;
} Speech;

static void
speech_add (Speech *self, const MerToken *token)
{
  g_autoptr (GString) text = g_string_new (token->text);

  g_string_replace (text, "'", "’", 0);
  g_string_append_printf (self->spaced, "%s ", text->str);
  g_string_append (self->dense, text->str);
}

static gboolean
is_denied_chinese (const char *start, const char *found)
{
  for (guint i = 0; negations_chinese[i] != NULL; i++)
    {
      gsize length = strlen (negations_chinese[i]);

      if ((gsize) (found - start) >= length
          && strncmp (found - length, negations_chinese[i], length) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_denied (const char *start, const char *found)
{
  g_autofree char *before = g_strndup (start, found - start);
  const char *word = strrchr (g_strchomp (before), ' ');

  return word != NULL && g_strv_contains (negations, word + 1);
}

static gboolean
speech_says (const Speech *self, const MerSpeechCue *cue)
{
  g_autoptr (GString) phrase = g_string_new (cue->phrase);
  const char *text = self->dense->str;
  const char *found;

  if (!cue->whole)
    {
      found = strstr (text, cue->phrase);
      return found != NULL && !is_denied_chinese (text, found);
    }
  g_string_replace (phrase, "'", "’", 0);
  g_string_prepend_c (phrase, ' ');
  g_string_append_c (phrase, ' ');
  text = self->spaced->str;
  found = strstr (text, phrase->str);
  return found != NULL && !is_denied (text, found);
}

static void
speech_find_cues (const Speech *self, gboolean questions, MerLabels *labels)
{
  guint n_cues;
  const MerSpeechCue *cues = mer_label_words_get_cues (&n_cues);

  for (guint i = 0; i < n_cues; i++)
    if ((strcmp (cues[i].label, QUESTION_LABEL) == 0) == questions
        && speech_says (self, &cues[i]))
      mer_labels_add_weighted (labels, cues[i].label,
                               questions ? QUESTION_WEIGHT : CUE_WEIGHT);
}

/* whether a cue has told this feeling already */
static gboolean
has_root (MerLabels *labels, const MerEmotionWord *word)
{
  for (guint i = 0; i < mer_labels_get_length (labels); i++)
    {
      const MerEmotionWord *other = mer_label_words_lookup (mer_labels_get (labels, i));

      if (other != NULL && strcmp (other->base, word->base) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_negated (char **words, guint i)
{
  for (guint back = 1; back <= NEGATION_REACH && back <= i; back++)
    if (g_strv_contains (negations, words[i - back]))
      return TRUE;
  return FALSE;
}

static double
word_weight (char **words, guint i)
{
  if (i > 0 && g_strv_contains (intensifiers, words[i - 1]))
    return WORD_WEIGHT * INTENSE_FACTOR;
  if (i > 0 && g_strv_contains (moderators, words[i - 1]))
    return WORD_WEIGHT * MODERATE_FACTOR;
  return WORD_WEIGHT;
}

/* the words of @text, which is cut at its spaces: a copy of each would cost a hostile
 * answer's reader more than all else */
static GPtrArray *
cut_words (char *text)
{
  GPtrArray *words = g_ptr_array_new ();

  g_ptr_array_add (words, text);
  for (; *text != '\0'; text++)
    if (*text == ' ')
      {
        *text = '\0';
        g_ptr_array_add (words, text + 1);
      }
  g_ptr_array_add (words, NULL);
  return words;
}

static void
speech_find_words (const Speech *self, MerLabels *labels)
{
  g_autofree char *text = g_strdup (self->spaced->str);
  g_autoptr (GPtrArray) cut = cut_words (text);
  char **words = (char **) cut->pdata;

  for (guint i = 0; words[i] != NULL; i++)
    {
      const MerEmotionWord *word = mer_label_words_lookup (words[i]);

      if (word != NULL && word->use == MER_WORD_STRONG
          && strcmp (word->form, "content") != 0 && !is_negated (words, i)
          && !has_root (labels, word))
        mer_labels_add_weighted (labels, word->form, word_weight (words, i));
    }
}

/*< private >
 * mer_label_speech_read:
 * @tokens: a text
 * @quoted_only: read only what stands between quotation marks
 * @labels: takes the labels
 *
 * Finds what a person's own words tell of their feelings: by phrases (“thank you”, 对不起)
 * and by emotion words that are not denied.
 *
 * Returns: whether anything was found
 */
gboolean
mer_label_speech_read (const MerTokens *tokens, gboolean quoted_only, MerLabels *labels)
{
  g_autoptr (GString) spaced = g_string_new (" ");
  g_autoptr (GString) dense = g_string_new (NULL);
  Speech speech = { spaced, dense };
  guint n_tokens = tokens->tokens->len;

  for (guint i = 0, end; i < n_tokens; i = end)
    {
      gboolean quoted = mer_tokens_get (tokens, i)->quoted;
      MerSentence run = { i, i };

      while (run.end < n_tokens && mer_tokens_get (tokens, run.end)->quoted == quoted)
        run.end++;
      end = run.end;
      if (quoted_only && (!quoted || mer_label_prose_has_instruction (tokens, &run)))
        continue;
      for (guint j = run.start; j < run.end; j++)
        speech_add (&speech, mer_tokens_get (tokens, j));
    }
  speech_find_cues (&speech, FALSE, labels);
  speech_find_words (&speech, labels);
  /* a question is worth a label only where nothing else is told */
  if (mer_labels_get_length (labels) == 0)
    speech_find_cues (&speech, TRUE, labels);
  return mer_labels_get_length (labels) > 0;
}
