/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-label-list.h"

#include <math.h>
#include <string.h>

#include "emotion/mer-label-words.h"

#define MAX_ITEM_WORDS 4u
#define MAX_PLAIN_WORDS 2u
/* a model that lists more has lost its thread */
#define MAX_LABELS 100u
#define MAX_ITEM_BYTES 60u
/* a list without brackets or marks is no longer than this */
#define MAX_PLAIN_BYTES 600u
#define MAX_HEAD_WORDS 6u

/* what may stand before a label, and what it leaves of its weight */
static const struct
{
  const char *word;
  double weight;
} modifiers[] = {
  { "slightly", 0.5 },   { "mildly", 0.5 },   { "slight", 0.5 },   { "mild", 0.5 },
  { "somewhat", 0.6 },   { "possibly", 0.5 }, { "possible", 0.5 }, { "perhaps", 0.5 },
  { "maybe", 0.5 },      { "probably", 0.7 }, { "likely", 0.7 },   { "rather", 0.8 },
  { "quite", 1. },       { "very", 1. },      { "extremely", 1. }, { "highly", 1. },
  { "deeply", 1. },      { "intensely", 1. }, { "really", 1. },    { "feeling", 1. },
  { "emotionally", 1. },
};

static const char *const none_items[]
    = { "none",    "no emotion",     "no emotions",  "n/a",
        "na",      "null",           "nil",          "unknown",
        "nothing", "not applicable", "undetermined", "no clear emotion",
        "unclear", "no label",       "no labels",    "empty",
        NULL };

static const char *const head_words[]
    = { "emotion",  "emotions", "emotional", "label", "labels", "answer", "openset",
        "open-set", "feeling",  "feelings",  "mood",  "moods",  "output", NULL };

static char *
item_trim (const char *item)
{
  static const char *const edges = " \t\r\n\"'`*_#[](){}<>.,;:!?-–—•“”‘’";
  const char *end = item + strlen (item);

  while (item < end && g_utf8_strchr (edges, -1, g_utf8_get_char (item)) != NULL)
    item = g_utf8_next_char (item);
  while (end > item)
    {
      const char *last = g_utf8_find_prev_char (item, end);

      if (g_utf8_strchr (edges, -1, g_utf8_get_char (last)) == NULL)
        break;
      end = last;
    }
  return g_strndup (item, end - item);
}

static guint
count_words (const char *text)
{
  guint n = 0;

  for (const char *p = text; *p != '\0'; p++)
    n += *p != ' ' && (p == text || p[-1] == ' ');
  return n;
}

/* “anxiety (0.8)”, “anxiety: 80%” → the weight, and @item without it */
static double
item_take_weight (char *item)
{
  char *open = strpbrk (item, "(:=");
  char *end = NULL;
  double weight;

  if (open == NULL)
    return NAN;
  weight = g_ascii_strtod (open + 1, &end);
  if (end == open + 1)
    weight = NAN;
  else if (*end == '%')
    weight /= 100.;
  /* what stands behind a label in parentheses or after a colon explains it */
  *open = '\0';
  return weight >= 0. && weight <= 1. ? weight : NAN;
}

static gboolean
is_known (const char *text)
{
  g_autofree char *lower = g_utf8_strdown (text, -1);

  return mer_label_words_lookup (lower) != NULL || strcmp (lower, "neutral") == 0;
}

/* the word without what qualifies it, where that leaves a word of the vocabulary */
static const char *
item_strip_modifiers (const char *item, double *weight)
{
  const char *rest = item;
  double left = 1.;

  while (!is_known (rest))
    {
      gsize length = strcspn (rest, " ");
      guint i = 0;

      while (i < G_N_ELEMENTS (modifiers)
             && (strlen (modifiers[i].word) != length
                 || g_ascii_strncasecmp (modifiers[i].word, rest, length) != 0))
        i++;
      if (i == G_N_ELEMENTS (modifiers) || rest[length] == '\0')
        return item;
      left *= modifiers[i].weight;
      rest += length + 1;
    }
  if (left < 1.)
    *weight = isnan (*weight) ? left : *weight * left;
  return rest;
}

/*< private >
 * mer_label_item_is_none:
 *
 * Returns: whether an item of a list says that there is no label
 */
gboolean
mer_label_item_is_none (const char *item)
{
  g_autofree char *trimmed = item_trim (item);
  g_autofree char *lower = g_utf8_strdown (trimmed, -1);

  return *lower == '\0' || g_strv_contains (none_items, lower);
}

/*< private >
 * mer_label_item_is_known:
 *
 * Returns: whether an item of a list is a word of the built-in vocabulary, perhaps
 *   qualified
 */
gboolean
mer_label_item_is_known (const char *item)
{
  g_autofree char *trimmed = item_trim (item);
  double weight = NAN;

  item_take_weight (trimmed);
  g_strchomp (trimmed);
  return is_known (item_strip_modifiers (trimmed, &weight));
}

static gboolean
is_short (const char *item)
{
  return strlen (item) <= MAX_ITEM_BYTES && count_words (item) <= MAX_ITEM_WORDS;
}

/*< private >
 * mer_label_item_add:
 * @weight: 0…1, or NaN
 *
 * Adds an item of a list: without marks around it, its weight in parentheses read,
 * `slightly` and the like taken off a known word.
 *
 * Returns: whether the item is a label (also one that was there already)
 */
gboolean
mer_label_item_add (MerLabels *labels, const char *item, double weight)
{
  g_autofree char *copy = g_strdup (item);
  double own = item_take_weight (copy);
  g_autofree char *trimmed = item_trim (copy);

  if (isnan (weight))
    weight = own;
  if (*trimmed == '\0' || mer_label_item_is_none (trimmed) || !is_short (trimmed)
      || mer_labels_get_length (labels) >= MAX_LABELS)
    return FALSE;
  const char *label = item_strip_modifiers (trimmed, &weight);
  g_autofree char *lower = g_utf8_strdown (label, -1);
  mer_labels_add_weighted (labels, is_known (label) ? lower : label, weight);
  return TRUE;
}

/* cuts where lists are cut; @joints also at “and” and “or” */
static char **
split_items (const char *text, gboolean joints)
{
  g_autoptr (GString) marked = g_string_new (text);
  static const char *const marks[] = { ",", "，", "、", "/", "|", "\n", "；" };

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    g_string_replace (marked, marks[i], ";", 0);
  if (joints)
    {
      g_string_replace (marked, " and ", ";", 0);
      g_string_replace (marked, " or ", ";", 0);
    }
  if (joints)
    {
      g_string_replace (marked, ";and ", ";", 0);
      g_string_replace (marked, "; and ", ";", 0);
    }
  return g_strsplit (marked->str, ";", -1);
}

/* what is read of an item: without marks around it, and without what explains it */
static char *
item_label (const char *item)
{
  g_autofree char *copy = g_strdup (item);

  item_take_weight (copy);
  return item_trim (copy);
}

/* takes a list of items if it is one: all are labels by their length, and some are known;
 * without brackets (@max_words) they must be short, and half of them known */
static MerLabelForm
read_items (char **items, gboolean bracketed, guint max_words, MerLabels *labels)
{
  guint n = 0, n_known = 0, n_none = 0;

  for (guint i = 0; items[i] != NULL; i++)
    {
      g_autofree char *label = item_label (items[i]);
      gboolean known = mer_label_item_is_known (label);

      if (*label == '\0')
        continue;
      n++;
      n_known += known;
      n_none += mer_label_item_is_none (label);
      if (!known && (strlen (label) > MAX_ITEM_BYTES || count_words (label) > max_words))
        return MER_LABEL_FORM_NONE;
    }
  if (n > 0 && n_none == n)
    return MER_LABEL_FORM_EMPTY;
  if (n_known == 0 || (!bracketed && 2 * n_known < n))
    return MER_LABEL_FORM_NONE;
  for (guint i = 0; items[i] != NULL; i++)
    mer_label_item_add (labels, items[i], NAN);
  return MER_LABEL_FORM_LIST;
}

static MerLabelForm
read_plain (const char *text, MerLabels *labels)
{
  g_auto (GStrv) items = NULL;

  if (strlen (text) > MAX_PLAIN_BYTES || text[strspn (text, " \t\r\n")] == '\0')
    return MER_LABEL_FORM_NONE;
  if (mer_label_item_is_none (text))
    return MER_LABEL_FORM_EMPTY;
  items = split_items (text, TRUE);
  return read_items (items, FALSE, MAX_PLAIN_WORDS, labels);
}

/* “Emotions: a, b”; the last such line counts */
static const char *
after_head (const char *line)
{
  const char *colon = strchr (line, ':');
  const char *wide = strstr (line, "：");
  gboolean found = FALSE;

  if (colon == NULL || (wide != NULL && wide < colon))
    colon = wide;
  if (colon == NULL)
    return NULL;

  g_autofree char *head = g_ascii_strdown (line, colon - line);
  g_auto (GStrv) words = g_strsplit_set (g_strdelimit (head, "*_#`\"'-()", ' '), " ", -1);

  if (count_words (head) > MAX_HEAD_WORDS)
    return NULL;
  for (guint i = 0; words[i] != NULL; i++)
    found |= g_strv_contains (head_words, words[i]);
  return found ? g_utf8_next_char (colon) : NULL;
}

static MerLabelForm
read_head (const char *line, MerLabels *labels)
{
  const char *rest = after_head (line);

  if (rest == NULL)
    return MER_LABEL_FORM_NONE;
  if (!mer_label_item_is_none (rest))
    return read_plain (rest, labels);
  /* nothing after the colon: a list may follow in the next lines */
  return g_str_is_ascii (rest) && strpbrk (rest, "aeiou[") == NULL ? MER_LABEL_FORM_NONE
                                                                   : MER_LABEL_FORM_EMPTY;
}

/* the last such line, with those right before it: `Primary emotion: …` */
static MerLabelForm
read_headed_lines (char **lines, MerLabels *labels)
{
  g_autoptr (MerLabels) tried = mer_labels_new ();
  guint last = g_strv_length (lines);
  MerLabelForm form = MER_LABEL_FORM_NONE;
  guint first;

  while (last > 0 && form == MER_LABEL_FORM_NONE)
    form = read_head (lines[--last], tried);
  if (form != MER_LABEL_FORM_LIST)
    return form;
  for (first = last; first > 0; first--)
    if (read_head (lines[first - 1], tried) != MER_LABEL_FORM_LIST)
      break;
  for (guint i = first; i <= last; i++)
    read_head (lines[i], labels);
  return form;
}

/* what follows `1.`, `2)`, `-`, `*` or `•` at the start of a line */
static const char *
after_bullet (const char *line)
{
  const char *p = line + strspn (line, " \t");
  gsize digits = strspn (p, "0123456789");

  if (digits > 0 && digits <= 3 && (p[digits] == '.' || p[digits] == ')'))
    return p + digits + 1;
  if ((*p == '-' || *p == '*') && p[1] == ' ')
    return p + 1;
  return g_str_has_prefix (p, "•") ? p + strlen ("•") : NULL;
}

/* the label of “1. **Sadness**: she looks down” */
static char *
bullet_head (const char *item)
{
  const char *dash = strstr (item, " - ");
  const char *wide = strstr (item, " – ");
  const char *wider = strstr (item, " — ");
  gsize length = strlen (item);

  for (guint i = 0; i < 3; i++)
    {
      const char *mark = i == 0 ? dash : i == 1 ? wide : wider;

      if (mark != NULL)
        length = MIN (length, (gsize) (mark - item));
    }
  return g_strndup (item, length);
}

static MerLabelForm
read_bullets (char **lines, MerLabels *labels)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *item = after_bullet (lines[i]);

      if (item != NULL)
        g_ptr_array_add (items, bullet_head (item));
    }
  g_ptr_array_add (items, NULL);
  return read_items ((char **) items->pdata, FALSE, MAX_ITEM_WORDS, labels);
}

/* “[laughs]” in the midst of prose is a stage direction */
static gboolean
is_strong (const char *item)
{
  g_autofree char *label = item_label (item);
  g_autofree char *lower = g_utf8_strdown (label, -1);
  const MerEmotionWord *word = mer_label_words_lookup (lower);

  return word != NULL && word->use == MER_WORD_STRONG;
}

/* the last pair of brackets without another inside */
static MerLabelForm
read_brackets (const char *text, MerLabels *labels)
{
  const char *close = strrchr (text, ']');
  const char *open = close != NULL ? g_strrstr_len (text, close - text, "[") : NULL;

  if (open == NULL)
    return MER_LABEL_FORM_NONE;

  g_autofree char *inside = g_strndup (open + 1, close - open - 1);
  g_autofree char *around = g_strndup (text, open - text);
  gboolean alone = strlen (g_strstrip (around)) == 0
                   && close[1 + strspn (close + 1, ". \r\n`")] == '\0';
  g_auto (GStrv) items = split_items (inside, FALSE);

  if (alone && *g_strstrip (inside) == '\0')
    return MER_LABEL_FORM_EMPTY;
  if (!alone && items[1] == NULL && !is_strong (items[0]))
    return MER_LABEL_FORM_NONE;
  return read_items (items, alone, MAX_ITEM_WORDS, labels);
}

/*< private >
 * mer_label_list_read:
 * @text: an answer that is no JSON
 * @labels: takes the labels
 *
 * Reads lists: in brackets, after `Emotions:`, plain, numbered or with bullets.
 *
 * Returns: `list`, `empty`, or `none` where the text is no list
 */
MerLabelForm
mer_label_list_read (const char *text, MerLabels *labels)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  MerLabelForm form = read_brackets (text, labels);

  if (form == MER_LABEL_FORM_NONE)
    form = read_headed_lines (lines, labels);
  if (form == MER_LABEL_FORM_NONE)
    form = read_bullets (lines, labels);
  if (form == MER_LABEL_FORM_NONE)
    form = read_plain (text, labels);
  return form;
}
