/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-label-prose.h"

#include <math.h>
#include <string.h>

#include "emotion/mer-label-rules.h"
#include "emotion/mer-label-words.h"

/* Running text is read as a person would skim it: every emotion word counts once for each
 * time it is said of the person, words in the conclusion count more, negated ones not at
 * all (docs/labels.md explains each rule and what it brings). The factors were chosen by
 * leaving systems out; the result hardly depends on them. */
#define CONCLUSION_FACTOR 4.0
#define HEDGE_FACTOR 0.8
/* what stood before a “but” or a sentence with “however” gives way */
#define CONTRAST_FACTOR 0.6
/* a smile says less than the word “happy” */
#define SIGN_FACTOR 0.5
/* of the strongest label; what is weaker was mentioned by the way */
#define MIN_SHARE 0.1
#define MAX_LABELS 8u

#define MAX_GAP 4u        /* words between two of a list: “sad, and perhaps even” */
#define SCENE_WORDS 4u    /* how far before a word its scene may stand */
#define ECHO_WORDS 14u    /* within these a repeated instruction says “please” */
#define CONTRAST_WORDS 3u /* within these a sentence says “however” */

/* one place where a word of the vocabulary stands */
typedef struct
{
  const MerEmotionWord *word;
  guint start;
  guint end;
  double weight;
  gboolean accepted;
  gboolean negated;
} Mention;

/* what has been said about one base word so far */
typedef struct
{
  const char *label; /* the form in which it came first */
  const char *base;
  double weight;
} Candidate;

/* what the words before one say about it, within a sentence */
typedef struct
{
  gboolean negated;
  gboolean other; /* it is about somebody else than the person judged */
  gboolean hedged;
} Scope;

typedef struct
{
  const MerTokens *tokens;
  GArray *mentions;  /* Mention, all sentences */
  GPtrArray *signs;  /* labels of behaviours, each once */
  gboolean on_topic; /* feelings are spoken of */
  gboolean neutral;
} Reading;

static gboolean
is_one_of (const char *text, const char *const *list)
{
  return text != NULL && g_strv_contains (list, text);
}

/* the word at a place of the sentence, %NULL outside of it */
static const char *
text_at (const Reading *self, const MerSentence *sentence, gint64 index)
{
  if (index < sentence->start || index >= sentence->end)
    return NULL;
  return mer_tokens_get (self->tokens, index)->text;
}

static char *
sentence_to_string (const MerTokens *tokens, const MerSentence *sentence)
{
  GString *text = g_string_new (NULL);

  for (guint i = sentence->start; i < sentence->end; i++)
    {
      if (i > sentence->start)
        g_string_append_c (text, ' ');
      g_string_append (text, mer_tokens_get (tokens, i)->text);
    }
  return g_string_free (text, FALSE);
}

static gboolean
says_one_of (const char *text, const char *const *phrases)
{
  for (guint i = 0; phrases[i] != NULL; i++)
    if (strstr (text, phrases[i]) != NULL)
      return TRUE;
  return FALSE;
}

/*< private >
 * mer_label_prose_has_instruction:
 *
 * Returns: whether the words repeat what the model was asked to do
 */
gboolean
mer_label_prose_has_instruction (const MerTokens *tokens, const MerSentence *sentence)
{
  gboolean please = FALSE;

  for (guint i = sentence->start; i < sentence->end; i++)
    {
      const char *text = mer_tokens_get (tokens, i)->text;

      if (i - sentence->start < ECHO_WORDS && strcmp (text, "please") == 0)
        please = TRUE;
      if (please && is_one_of (text, instructions))
        return TRUE;
    }
  return FALSE;
}

/* “I’m sorry, but I cannot tell who this is”: no feeling of the person in the clip */
static gboolean
is_refusal (const char *text)
{
  return g_str_has_prefix (text, "sorry") || says_one_of (text, apologies)
             ? says_one_of (text, inabilities)
             : FALSE;
}

/* an instruction that is repeated, or a question */
static gboolean
is_echo (const MerTokens *tokens, const MerSentence *sentence)
{
  return mer_label_prose_has_instruction (tokens, sentence)
         || strcmp (mer_tokens_get (tokens, sentence->end - 1)->text, "?") == 0;
}

static void
scope_update (Scope *self, const Reading *reading, const MerSentence *sentence, guint i)
{
  const char *text = text_at (reading, sentence, i);
  const char *before = text_at (reading, sentence, (gint64) i - 1);
  const char *next = text_at (reading, sentence, (gint64) i + 1);

  if (is_one_of (text, negations))
    self->negated
        |= !is_one_of (next, negation_lifts)
           && !is_one_of (text_at (reading, sentence, (gint64) i + 2), negation_lifts);
  else if ((strcmp (text, "rather") == 0 && g_strcmp0 (next, "than") == 0)
           || (strcmp (text, "far") == 0 && g_strcmp0 (next, "from") == 0)
           || (strcmp (text, "anything") == 0 && g_strcmp0 (next, "but") == 0)
           || (strcmp (text, "instead") == 0 && g_strcmp0 (next, "of") == 0))
    self->negated = TRUE;
  else if ((is_one_of (text, breaks) && g_strcmp0 (before, "anything") != 0)
           || (is_one_of (text, clause_starts) && !is_one_of (before, negations)))
    self->negated = FALSE;

  if (is_one_of (text, breaks) && strcmp (text, ",") != 0)
    self->other = FALSE;
  if (is_one_of (text, others)
      || (strcmp (text, "person") == 0 && g_strcmp0 (before, "other") == 0))
    self->other = TRUE;
  self->hedged |= is_one_of (text, hedges);
}

/* the longest word of the vocabulary that begins here */
static const MerEmotionWord *
match_word (const Reading *self, const MerSentence *sentence, guint i, guint *end)
{
  guint last = i;

  while (last < sentence->end && last - i < MER_LABEL_WORDS_MAX_LENGTH
         && mer_tokens_get (self->tokens, last)->kind == MER_TOKEN_WORD)
    last++;
  for (; last > i; last--)
    {
      g_autoptr (GString) phrase = g_string_new (NULL);

      for (guint j = i; j < last; j++)
        g_string_append_printf (phrase, "%s%s", j > i ? " " : "",
                                mer_tokens_get (self->tokens, j)->text);

      const MerEmotionWord *word = mer_label_words_lookup (phrase->str);
      if (word != NULL)
        {
          *end = last;
          return word;
        }
    }
  return NULL;
}

/* “feels lost”, “a sense of loss”, “a low mood” */
static gboolean
is_framed (const Reading *self, const MerSentence *sentence, const Mention *mention)
{
  const char *before = text_at (self, sentence, (gint64) mention->start - 1);
  const char *head = text_at (self, sentence, (gint64) mention->start - 2);

  return is_one_of (before, feels)
         || (is_one_of (before, frame_joints) && is_one_of (head, frame_heads))
         || is_one_of (text_at (self, sentence, mention->end), frame_tails);
}

/* “a comfortable environment”, “the room is peaceful”: not said of the person */
static gboolean
is_about_scene (const Reading *self, const MerSentence *sentence, const Mention *mention)
{
  gboolean scene = FALSE;

  if (is_one_of (text_at (self, sentence, mention->end), scenes))
    return TRUE;
  for (gint64 i = (gint64) mention->start - SCENE_WORDS; i < mention->start; i++)
    {
      const char *text = text_at (self, sentence, i);

      if (is_one_of (text, persons))
        return FALSE;
      scene |= is_one_of (text, scenes);
    }
  return scene;
}

static gboolean
is_accepted (const Reading *self, const MerSentence *sentence, const Mention *mention)
{
  /* “the content of the subtitle” and “happy and content” */
  if (strcmp (mention->word->form, "content") == 0)
    return is_one_of (text_at (self, sentence, (gint64) mention->start - 1), content_before)
           && is_one_of (text_at (self, sentence, mention->end), content_after);
  if (mention->word->use == MER_WORD_NEVER)
    return FALSE;
  return mention->word->use == MER_WORD_STRONG || is_framed (self, sentence, mention);
}

static gboolean
is_list_gap (const Reading *self, const Mention *a, const Mention *b, gboolean *has_and)
{
  gboolean joined = FALSE;

  *has_and = FALSE;
  if (b->start - a->end > MAX_GAP || b->start == a->end)
    return FALSE;
  for (guint i = a->end; i < b->start; i++)
    {
      const char *text = mer_tokens_get (self->tokens, i)->text;

      if (!is_one_of (text, list_words))
        return FALSE;
      joined |= is_one_of (text, list_joints);
      *has_and |= strcmp (text, "and") == 0;
    }
  return joined;
}

/* words of one list share their lot: a weak one beside a feeling is a feeling too, and a
 * negation reaches to the end of “anger, sadness or fear” */
static void
extend_over_lists (Reading *self, guint first)
{
  for (guint i = first; i + 1 < self->mentions->len; i++)
    {
      Mention *a = &g_array_index (self->mentions, Mention, i), *b = a + 1;
      gboolean has_and;

      if (!is_list_gap (self, a, b, &has_and))
        continue;
      if (a->negated && !has_and)
        b->negated = TRUE;
      if (a->accepted && b->word->use != MER_WORD_NEVER)
        b->accepted = TRUE;
    }
  for (guint i = self->mentions->len; i > first + 1; i--)
    {
      Mention *b = &g_array_index (self->mentions, Mention, i - 1), *a = b - 1;
      gboolean has_and;

      if (b->accepted && a->word->use != MER_WORD_NEVER
          && is_list_gap (self, a, b, &has_and))
        a->accepted = TRUE;
    }
}

static void
weaken (GArray *mentions, guint first)
{
  for (guint i = first; i < mentions->len; i++)
    g_array_index (mentions, Mention, i).weight *= CONTRAST_FACTOR;
}

static void
note_token (Reading *self, const char *text, const Scope *scope)
{
  const char *sign = mer_label_words_get_sign (text);

  for (guint i = 0; topics[i] != NULL; i++)
    self->on_topic |= g_str_has_prefix (text, topics[i]);
  self->neutral |= !scope->negated && strcmp (text, "neutral") == 0;
  if (sign != NULL && !scope->negated && !scope->other
      && !g_ptr_array_find (self->signs, sign, NULL))
    g_ptr_array_add (self->signs, (gpointer) sign);
}

static double
sentence_weight (const char *text)
{
  return says_one_of (text, conclusions) && says_one_of (text, state_phrases)
             ? CONCLUSION_FACTOR
             : 1.;
}

static void
read_sentence (Reading *self, const MerSentence *sentence)
{
  g_autofree char *string = sentence_to_string (self->tokens, sentence);
  double weight = sentence_weight (string);
  guint first = self->mentions->len;
  Scope scope = { FALSE };

  if (is_refusal (string))
    return;
  for (guint i = sentence->start; i < sentence->end && i < sentence->start + CONTRAST_WORDS;
       i++)
    if (strcmp (mer_tokens_get (self->tokens, i)->text, "however") == 0)
      weaken (self->mentions, 0);

  for (guint i = sentence->start; i < sentence->end;)
    {
      const MerToken *token = mer_tokens_get (self->tokens, i);
      guint end = i + 1;

      if (!token->quoted)
        {
          scope_update (&scope, self, sentence, i);
          note_token (self, token->text, &scope);
          if (strcmp (token->text, "but") == 0)
            weaken (self->mentions, first);

          const MerEmotionWord *word = match_word (self, sentence, i, &end);
          Mention mention = { word, i, end, weight, FALSE, scope.negated };
          if (word != NULL)
            {
              mention.accepted = is_accepted (self, sentence, &mention);
              self->on_topic |= mention.accepted;
              mention.weight *= scope.hedged ? HEDGE_FACTOR : 1.;
              if (scope.other || is_about_scene (self, sentence, &mention))
                mention.weight = 0.;
              g_array_append_val (self->mentions, mention);
            }
          else
            {
              end = i + 1;
            }
        }
      i = end;
    }
  extend_over_lists (self, first);
}

static Candidate *
candidates_find (GArray *candidates, const char *base, const char *label)
{
  Candidate fresh = { label, base, 0. };

  for (guint i = 0; i < candidates->len; i++)
    if (strcmp (g_array_index (candidates, Candidate, i).base, base) == 0)
      return &g_array_index (candidates, Candidate, i);
  g_array_append_val (candidates, fresh);
  return &g_array_index (candidates, Candidate, candidates->len - 1);
}

static double
candidates_max (GArray *candidates)
{
  double max = 0.;

  for (guint i = 0; i < candidates->len; i++)
    max = MAX (max, g_array_index (candidates, Candidate, i).weight);
  return max;
}

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  double x = ((const Candidate *) a)->weight, y = ((const Candidate *) b)->weight;

  return x > y ? -1 : x < y;
}

static void
candidates_add_signs (GArray *candidates, GPtrArray *signs)
{
  double strongest = candidates_max (candidates);

  for (guint i = 0; i < signs->len; i++)
    {
      const char *label = g_ptr_array_index (signs, i);
      const MerEmotionWord *word = mer_label_words_lookup (label);
      Candidate *candidate
          = candidates_find (candidates, word != NULL ? word->base : label, label);

      candidate->weight += SIGN_FACTOR * (strongest > 0. ? strongest : 1.);
    }
}

/* “negative” says nothing beside a word that says which */
static void
candidates_drop_generic (GArray *candidates)
{
  for (guint i = candidates->len; i > 0 && candidates->len > 1; i--)
    if (g_str_has_prefix (g_array_index (candidates, Candidate, i - 1).label, "negative"))
      g_array_remove_index (candidates, i - 1);
}

static void
candidates_to_labels (GArray *candidates, MerLabels *labels)
{
  double strongest = candidates_max (candidates);

  /* the sort of GLib is stable: equal ones stay in the order of the text */
  g_array_sort (candidates, compare_candidates);
  for (guint i = 0; i < candidates->len && i < MAX_LABELS; i++)
    {
      const Candidate *candidate = &g_array_index (candidates, Candidate, i);
      double share = candidate->weight / strongest;

      if (share >= MIN_SHARE)
        mer_labels_add_weighted (labels, candidate->label, round (share * 100.) / 100.);
    }
}

static GArray *
collect_candidates (const Reading *self)
{
  GArray *candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));

  for (guint i = 0; i < self->mentions->len; i++)
    {
      const Mention *mention = &g_array_index (self->mentions, Mention, i);

      if (mention->accepted && !mention->negated && mention->weight > 0.)
        candidates_find (candidates, mention->word->base, mention->word->form)->weight
            += mention->weight;
    }
  return candidates;
}

/*< private >
 * mer_label_prose_read:
 * @tokens: running text
 * @labels: takes the labels, strongest first, with weights relative to the strongest
 *
 * Finds what running text says of the feelings of the person it is about.
 *
 * Returns: what kind of thing it says
 */
MerProse
mer_label_prose_read (const MerTokens *tokens, MerLabels *labels)
{
  g_autoptr (GArray) mentions = g_array_new (FALSE, FALSE, sizeof (Mention));
  g_autoptr (GPtrArray) signs = g_ptr_array_new ();
  Reading reading = { tokens, mentions, signs, FALSE, FALSE };

  for (guint i = 0; i < tokens->sentences->len; i++)
    if (!is_echo (tokens, mer_tokens_get_sentence (tokens, i)))
      read_sentence (&reading, mer_tokens_get_sentence (tokens, i));

  g_autoptr (GArray) candidates = collect_candidates (&reading);
  gboolean named = candidates->len > 0;

  candidates_add_signs (candidates, signs);
  candidates_drop_generic (candidates);
  candidates_to_labels (candidates, labels);
  if (named)
    return MER_PROSE_NAMED;
  if (candidates->len > 0)
    return MER_PROSE_SIGNS;
  if (reading.neutral)
    {
      mer_labels_add_weighted (labels, "neutral", 1.);
      return MER_PROSE_NAMED;
    }
  return reading.on_topic ? MER_PROSE_UNDECIDED : MER_PROSE_NOTHING;
}
