/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* whether an answer is a model's refusal to answer, in its own words */
#include "emotion/mer-label-refusal.h"

#include <string.h>

#include "emotion/mer-label-refusal-words.h"

/* The model speaks at the start of its answer, of itself and of what it was asked to do.
 * Each of these makes a sentence a refusal; what a person in the clip says ("I'm sorry, I
 * can't stand him") fits none of them:
 *
 * - it names the model (“as an AI language model”) and something that it cannot do;
 * - it begins with an apology, and names both something that it cannot do and the task;
 *   the latter two may stand in the sentence after;
 * - it begins with “I can't assist with” and its like. */
#define FIRST_SENTENCES 2u
/* what stands behind so many sentences is left as it is: bounds the work on hostile text */
#define MAX_SENTENCES 64u

/* further than this into the sentence, “as an AI” is talk about something else */
#define SELF_REACH 160

/* such sentences tell what might be, with any emotion word at all, or what the model would
 * be happy to do instead */
static const char *const asides[] = { "for example",
                                      "for instance",
                                      "if the ",
                                      "if he ",
                                      "if she ",
                                      "such as ",
                                      "can indicate",
                                      "may indicate",
                                      "could indicate",
                                      "if you ",
                                      "be happy to",
                                      "be glad to",
                                      "i'm happy to",
                                      "i am happy to",
                                      "happy to help",
                                      "glad to help",
                                      "please provide",
                                      "please share",
                                      "please describe",
                                      "feel free",
                                      "let me know",
                                      "do my best",
                                      "例如",
                                      "比如",
                                      "如果",
                                      "乐意",
                                      "请提供",
                                      "喜んで",
                                      "도와드리겠습니다",
                                      "gerne",
                                      "n'hésitez pas",
                                      "serais heureux",
                                      "serais ravi",
                                      "encantado de",
                                      "con gusto",
                                      "ficarei feliz",
                                      "fico feliz",
                                      "sarò felice",
                                      "felice di aiutar",
                                      "буду рад",
                                      "с удовольствием",
                                      NULL };

static const char *
find_any (const char *text, const char *const *words)
{
  const char *first = NULL;

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *found = strstr (text, words[i]);

      if (found != NULL && (first == NULL || found < first))
        first = found;
    }
  return first;
}

static gboolean
begins_with_any (const char *text, const char *const *words)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (g_str_has_prefix (text, words[i]))
      return TRUE;
  return FALSE;
}

/* what stands between quotation marks was said by somebody else */
static void
blot_out_quotations (char *text)
{
  static const char *const pairs[][2]
      = { { "\"", "\"" }, { "“", "”" }, { "「", "」" }, { "«", "»" }, { "‘", "’" } };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    for (char *open = strstr (text, pairs[i][0]); open != NULL;)
      {
        char *inside = open + strlen (pairs[i][0]);
        char *close = strstr (inside, pairs[i][1]);

        if (close == NULL)
          break;
        memset (inside, ' ', (gsize) (close - inside));
        open = strstr (close + strlen (pairs[i][1]), pairs[i][0]);
      }
}

/* lower case, one apostrophe, and nothing of what others said */
static char *
simplify (const char *text, gsize length)
{
  g_autofree char *copy = g_strndup (text, length);
  g_autofree char *lower = NULL;
  GString *simple = NULL;

  blot_out_quotations (copy);
  lower = g_utf8_strdown (copy, -1);
  simple = g_string_new (lower);
  g_string_replace (simple, "’", "'", 0);
  g_string_replace (simple, "‘", "'", 0);
  return g_string_free (simple, FALSE);
}

/* white space, marks of Markdown and other ornament before the first word */
static const char *
skip_ornament (const char *text)
{
  while (*text != '\0' && strchr (" \t\r\n*#>-_:,;.!([\"'", *text) != NULL)
    text++;
  return text;
}

static gboolean
has_task (const RefusalWords *words, const char *sentence)
{
  const char *inability = find_any (sentence, words->inabilities);

  /* in German and Japanese the verb stands before what denies it */
  return inability != NULL && find_any (sentence, words->tasks) != NULL;
}

static gboolean
is_refusal_in (const RefusalWords *words, const char *sentence, const char *before)
{
  const char *start = skip_ornament (sentence);
  const char *self = find_any (start, words->selves);

  if (begins_with_any (start, words->plain))
    return TRUE;
  if (self != NULL && self - start < SELF_REACH && find_any (start, words->inabilities))
    return TRUE;
  if (begins_with_any (start, words->apologies) && has_task (words, start))
    return TRUE;
  if (before == NULL)
    return FALSE;
  start = skip_ornament (before);
  self = find_any (start, words->selves);
  return (begins_with_any (start, words->apologies)
          || (self != NULL && self - start < SELF_REACH))
         && has_task (words, sentence);
}

static gboolean
is_refusal (const char *sentence, const char *before)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refusal_words); i++)
    if (is_refusal_in (&refusal_words[i], sentence, before))
      return TRUE;
  return FALSE;
}

/* what follows “but”, unless it goes on declining: “I cannot tell for sure, but she is sad”
 */
static const char *
find_turn (const char *sentence)
{
  static const char *const turns[]
      = { " but ",  "however", "但",   "不过", "aber ",  " mais ",
          " pero ", " mas ",   " ma ", "но ",  "ただし", "하지만" };
  const char *last = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (turns); i++)
    {
      const char *found = g_strrstr (sentence, turns[i]);

      if (found != NULL && (last == NULL || found > last))
        last = found;
    }
  for (gsize i = 0; last != NULL && i < G_N_ELEMENTS (refusal_words); i++)
    if (find_any (last, refusal_words[i].inabilities) != NULL)
      return NULL;
  return last;
}

/* once the model has declined, it declines further in shorter words */
static gboolean
declines_further (const char *sentence)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refusal_words); i++)
    if (has_task (&refusal_words[i], sentence))
      return TRUE;
  return FALSE;
}

static gboolean
apologizes (const char *sentence)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refusal_words); i++)
    if (begins_with_any (skip_ornament (sentence), refusal_words[i].apologies))
      return TRUE;
  return FALSE;
}

/* bytes up to and with the mark that ends a sentence */
static gsize
sentence_length (const char *text)
{
  static const char *const wide[] = { "。", "！", "？" };
  const char *p = text;

  for (; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (*p == '\n' && p > text)
        return (gsize) (p + 1 - text);
      if (strchr (".!?", *p) != NULL && (p[1] == '\0' || g_ascii_isspace (p[1])))
        return (gsize) (p + 1 - text);
      for (guint i = 0; i < G_N_ELEMENTS (wide); i++)
        if (g_str_has_prefix (p, wide[i]))
          return (gsize) (p + strlen (wide[i]) - text);
    }
  return (gsize) (p - text);
}

static gboolean
has_letters (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (g_unichar_isalpha (g_utf8_get_char (text)))
      return TRUE;
  return FALSE;
}

typedef struct
{
  GString *rest;
  char *before; /* the sentence before, simplified */
  gsize length; /* of the rest without it */
  gboolean refuses;
  guint n_sentences;
} Cutter;

static void
cutter_add (Cutter *self, const char *text, gsize length)
{
  g_autofree char *sentence = simplify (text, length);
  const gsize before = self->rest->len;
  gboolean denies = FALSE;

  if (has_letters (sentence))
    {
      self->n_sentences++;
      denies = (self->n_sentences <= FIRST_SENTENCES && is_refusal (sentence, self->before))
               || (self->refuses && declines_further (sentence));
      /* “I am sorry.” belongs to the refusal that follows */
      if (denies && !self->refuses && self->before != NULL && apologizes (self->before))
        g_string_truncate (self->rest, self->length);
      self->refuses |= denies;
    }
  self->length = MIN (before, self->rest->len);
  if (denies && find_turn (sentence) != NULL)
    g_string_append (self->rest, find_turn (sentence));
  else if (!denies && find_any (sentence, asides) == NULL)
    g_string_append_len (self->rest, text, (gssize) length);
  g_free (self->before);
  self->before = g_steal_pointer (&sentence);
}

/*< private >
 * mer_label_refusal_cut:
 * @text: an answer, valid UTF-8
 *
 * Finds out whether an answer begins with a refusal. If it does, what is left of it
 * without the refusal, and without sentences that only tell what might be or offer other
 * help, may still hold an answer (“I'm sorry, I cannot hear the audio. From the subtitle,
 * she is sad.”).
 *
 * Returns: (transfer full) (nullable): what is left; %NULL where @text is no refusal
 */
char *
mer_label_refusal_cut (const char *text)
{
  g_autoptr (GString) rest = g_string_new (NULL);
  Cutter cutter = { rest };

  while (*text != '\0' && cutter.n_sentences < MAX_SENTENCES
         && (cutter.refuses || cutter.n_sentences < FIRST_SENTENCES))
    {
      gsize length = sentence_length (text);

      cutter_add (&cutter, text, length);
      text += length;
    }
  g_free (cutter.before);
  g_string_append (rest, text);
  return cutter.refuses ? g_string_free (g_steal_pointer (&rest), FALSE) : NULL;
}
