/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* answers in another language than English */
#include "emotion/mer-label-foreign.h"

#include <gio/gio.h>
#include <string.h>

#define WORDS_PATH "/org/gst-mer/emotion/foreign.txt"
#define MAX_LABELS 8u
/* the longest form in characters */
#define MAX_DENSE 8u
/* with fewer letters nobody can tell a language */
#define MIN_LETTERS 4u

/* of a text in a language that is written with Latin letters, so many of its words are
 * among these; no English word is */
static const char *const function_words[]
    = { "der",   "die",    "das", "und",  "ist",  "nicht", "ein", "eine", "sie",   "er",
        "wirkt", "mit",    "dem", "den",  "sich", "auf",   "le",  "la",   "les",   "et",
        "est",   "une",    "des", "elle", "il",   "dans",  "qui", "sur",  "pas",   "el",
        "los",   "las",    "y",   "es",   "una",  "que",   "con", "su",   "está",  "por",
        "como",  "o",      "os",  "e",    "é",    "uma",   "com", "não",  "ela",   "ele",
        "da",    "lo",     "gli", "di",   "che",  "è",     "per", "si",   "della", "sembra",
        "ha",    "parece", "du",  "de",   "en",   "un",    "del", "al",   "se",    "zu",
        "im",    "von",    NULL };
#define FUNCTION_SHARE 0.2

/* the word before is denied: Chinese; and in other languages whole words */
static const char *const dense_negations[]
    = { "不", "没", "没有", "没有任何", "并不", "并非", "不是",
        "无", "非", "不太", "不是很",   "毫无", NULL };
static const char *const negations[]
    = { "nicht", "kein", "keine", "keinen", "pas", "sans", "no",  "ni", "sin",
        "não",   "sem",  "non",   "senza",  "не",  "нет",  "без", NULL };

typedef struct
{
  GStringChunk *text;
  GHashTable *dense;  /* form → label, written without spaces between words */
  GHashTable *spaced; /* form → label */
} Lexicon;

static gboolean
is_dense_script (gunichar c)
{
  GUnicodeScript script = g_unichar_get_script (c);

  return script == G_UNICODE_SCRIPT_HAN || script == G_UNICODE_SCRIPT_HIRAGANA
         || script == G_UNICODE_SCRIPT_KATAKANA || script == G_UNICODE_SCRIPT_HANGUL;
}

static void
lexicon_add (Lexicon *self, const char *line)
{
  const char *colon = strstr (line, ": ");

  if (*line == '#' || colon == NULL)
    return;

  g_autofree char *name = g_strndup (line, (gsize) (colon - line));
  const char *label = g_string_chunk_insert_const (self->text, name);
  g_auto (GStrv) forms = g_strsplit (colon + 2, ", ", -1);

  for (guint i = 0; forms[i] != NULL; i++)
    {
      const char *form = g_string_chunk_insert_const (self->text, forms[i]);
      gboolean dense = is_dense_script (g_utf8_get_char (form));

      g_hash_table_insert (dense ? self->dense : self->spaced, (gpointer) form,
                           (gpointer) label);
    }
}

static const Lexicon *
lexicon_get (void)
{
  static gsize ready = 0;
  static Lexicon lexicon;

  if (g_once_init_enter (&ready))
    {
      g_autoptr (GBytes) bytes
          = g_resources_lookup_data (WORDS_PATH, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
      gsize size = 0;
      const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : "";
      g_autofree char *text = g_strndup (data, size);
      g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

      lexicon.text = g_string_chunk_new (16 * 1024);
      lexicon.dense = g_hash_table_new (g_str_hash, g_str_equal);
      lexicon.spaced = g_hash_table_new (g_str_hash, g_str_equal);
      for (guint i = 0; lines[i] != NULL; i++)
        lexicon_add (&lexicon, lines[i]);
      g_once_init_leave (&ready, 1);
    }
  return &lexicon;
}

/* without what stands between quotation marks: that is what was said, not what is felt */
static char *
drop_quotations (const char *text)
{
  static const char *const pairs[][2]
      = { { "\"", "\"" }, { "“", "”" }, { "「", "」" }, { "«", "»" }, { "『", "』" } };
  char *copy = g_strdup (text);

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    for (char *open = strstr (copy, pairs[i][0]); open != NULL;)
      {
        char *inside = open + strlen (pairs[i][0]);
        char *close = strstr (inside, pairs[i][1]);

        if (close == NULL)
          break;
        memset (inside, ' ', (gsize) (close - inside));
        open = strstr (close + strlen (pairs[i][1]), pairs[i][0]);
      }
  return copy;
}

static gboolean
ends_with_any (const char *start, const char *end, const char *const *words)
{
  for (guint i = 0; words[i] != NULL; i++)
    {
      gsize length = strlen (words[i]);

      if ((gsize) (end - start) >= length && memcmp (end - length, words[i], length) == 0)
        return TRUE;
    }
  return FALSE;
}

/* the longest form that stands at @at; returns its length in bytes */
static gsize
match_dense (const Lexicon *lexicon, const char *at, const char **label)
{
  char form[MAX_DENSE * 4 + 1];
  const char *ends[MAX_DENSE];
  guint n = 0;

  for (const char *p = at;
       n < MAX_DENSE && *p != '\0' && (g_unichar_isalpha (g_utf8_get_char (p)));)
    {
      p = g_utf8_next_char (p);
      ends[n++] = p;
    }
  for (; n > 0; n--)
    {
      gsize length = (gsize) (ends[n - 1] - at);

      memcpy (form, at, length);
      form[length] = '\0';
      *label = g_hash_table_lookup (lexicon->dense, form);
      if (*label != NULL)
        return length;
    }
  return 0;
}

static gsize
letters_length (const char *text)
{
  const char *p = text;

  while (*p != '\0' && g_unichar_isalpha (g_utf8_get_char (p))
         && !is_dense_script (g_utf8_get_char (p)))
    p = g_utf8_next_char (p);
  return (gsize) (p - text);
}

static void
add_label (MerLabels *labels, const char *label)
{
  if (mer_labels_get_length (labels) < MAX_LABELS)
    mer_labels_add (labels, label);
}

/*< private >
 * mer_label_foreign_read:
 * @text: an answer, valid UTF-8, in which no English word for a feeling was found
 * @labels: takes the labels, in English
 *
 * Finds words for feelings in Chinese, Japanese, Korean, German, French, Spanish,
 * Portuguese, Italian and Russian. What is denied or quoted is left out.
 *
 * Returns: whether there were any
 */
gboolean
mer_label_foreign_read (const char *text, MerLabels *labels)
{
  const Lexicon *lexicon = lexicon_get ();
  g_autofree char *said = drop_quotations (text);
  g_autofree char *lower = g_utf8_strdown (said, -1);
  /* “content” and “solo” are English words too */
  const gboolean foreign = mer_label_foreign_is (said);
  gboolean denied = FALSE;

  for (const char *p = lower; *p != '\0';)
    {
      const char *label = NULL;
      gsize length = letters_length (p);
      g_autofree char *word = length > 0 ? g_strndup (p, length) : NULL;

      if (word != NULL)
        {
          label = foreign ? g_hash_table_lookup (lexicon->spaced, word) : NULL;
          if (label != NULL && !denied)
            add_label (labels, label);
          denied = g_strv_contains (negations, word);
          p += length;
          continue;
        }
      length = match_dense (lexicon, p, &label);
      if (label != NULL && !ends_with_any (lower, p, dense_negations))
        add_label (labels, label);
      denied &= *p == ' ';
      p = length > 0 ? p + length : g_utf8_next_char (p);
    }
  return mer_labels_get_length (labels) > 0;
}

/*< private >
 * mer_label_foreign_is:
 * @text: an answer, valid UTF-8
 *
 * Returns: whether most of it is in another language than English
 */
gboolean
mer_label_foreign_is (const char *text)
{
  guint n_letters = 0, n_other = 0, n_words = 0, n_function = 0;
  g_autofree char *lower = g_utf8_strdown (text, -1);

  for (const char *p = lower; *p != '\0';)
    {
      gsize length = letters_length (p);
      g_autofree char *word = length > 0 ? g_strndup (p, length) : NULL;

      if (word == NULL)
        {
          gboolean dense = is_dense_script (g_utf8_get_char (p));

          n_letters += dense;
          n_other += dense;
          p = g_utf8_next_char (p);
          continue;
        }
      n_words++;
      n_function += g_strv_contains (function_words, word);
      for (const char *c = word; *c != '\0'; c = g_utf8_next_char (c))
        {
          n_letters++;
          n_other += g_unichar_get_script (g_utf8_get_char (c)) != G_UNICODE_SCRIPT_LATIN;
        }
      p += length;
    }
  return n_letters >= MIN_LETTERS
         && (n_other * 2 > n_letters
             || (n_words >= 3 && n_function >= FUNCTION_SHARE * n_words));
}
