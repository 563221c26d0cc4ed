/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-label-words.h"

#include <gio/gio.h>
#include <string.h>

#define WORDS_PATH "/org/gst-mer/emotion/words.txt"
#define CUES_PATH "/org/gst-mer/emotion/cues.txt"

/* read once from resources that are part of the library, never freed */
typedef struct
{
  GStringChunk *text;
  GHashTable *words; /* form → MerEmotionWord */
  GHashTable *signs; /* word → label */
  GArray *cues;      /* MerSpeechCue */
} Lexicon;

static void
lexicon_add_word (Lexicon *self, const char *line)
{
  g_auto (GStrv) cells = g_strsplit (line, "\t", 3);
  MerEmotionWord *word = NULL;

  if (*line == '#' || g_strv_length (cells) != 3)
    return;
  word = g_new (MerEmotionWord, 1);
  word->form = g_string_chunk_insert_const (self->text, cells[0]);
  word->base = g_string_chunk_insert_const (self->text, cells[2]);
  word->use = g_str_equal (cells[1], "strong") ? MER_WORD_STRONG
              : g_str_equal (cells[1], "weak") ? MER_WORD_WEAK
                                               : MER_WORD_NEVER;
  g_hash_table_insert (self->words, (gpointer) word->form, word);
}

static void
lexicon_add_cue (Lexicon *self, const char *line)
{
  gboolean is_sign = g_str_has_prefix (line, "sign ");
  const char *colon = strstr (line, ": ");

  if (colon == NULL || (!is_sign && !g_str_has_prefix (line, "says ")))
    return;

  g_autofree char *name = g_strndup (line + 5, colon - line - 5);
  const char *label = g_string_chunk_insert_const (self->text, name);
  g_auto (GStrv) phrases = g_strsplit (colon + 2, ", ", -1);

  for (guint i = 0; phrases[i] != NULL; i++)
    {
      const char *phrase = g_string_chunk_insert_const (self->text, phrases[i]);
      MerSpeechCue cue = { phrase, label, (guchar) *phrase < 0x80 };

      if (is_sign)
        g_hash_table_insert (self->signs, (gpointer) phrase, (gpointer) label);
      else
        g_array_append_val (self->cues, cue);
    }
}

static void
lexicon_read (Lexicon *self, const char *path, void (*add) (Lexicon *, const char *))
{
  g_autoptr (GBytes) bytes
      = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  gsize size = 0;

  g_return_if_fail (bytes != NULL);

  const char *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = g_strndup (data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    add (self, lines[i]);
}

static const Lexicon *
lexicon_get (void)
{
  static gsize ready = 0;
  static Lexicon lexicon;

  if (g_once_init_enter (&ready))
    {
      lexicon.text = g_string_chunk_new (64 * 1024);
      lexicon.words = g_hash_table_new (g_str_hash, g_str_equal);
      lexicon.signs = g_hash_table_new (g_str_hash, g_str_equal);
      lexicon.cues = g_array_new (FALSE, FALSE, sizeof (MerSpeechCue));
      lexicon_read (&lexicon, WORDS_PATH, lexicon_add_word);
      lexicon_read (&lexicon, CUES_PATH, lexicon_add_cue);
      g_once_init_leave (&ready, 1);
    }
  return &lexicon;
}

/**
 * mer_label_words_lookup:
 * @form: in lower case, words separated by one space
 *
 * Any thread.
 *
 * Returns: (transfer none) (nullable): the word of the built-in vocabulary
 */
const MerEmotionWord *
mer_label_words_lookup (const char *form)
{
  return g_hash_table_lookup (lexicon_get ()->words, form);
}

/**
 * mer_label_words_get_sign:
 * @word: such as `smiling`, in lower case
 *
 * Returns: (transfer none) (nullable): the label that a behaviour shows, such as `happy`
 */
const char *
mer_label_words_get_sign (const char *word)
{
  return g_hash_table_lookup (lexicon_get ()->signs, word);
}

/**
 * mer_label_words_get_cues:
 * @n_cues: (out): their number
 *
 * Returns: (transfer none) (array length=n_cues): what people say, strongest first
 */
const MerSpeechCue *
mer_label_words_get_cues (guint *n_cues)
{
  GArray *cues = lexicon_get ()->cues;

  *n_cues = cues->len;
  return (const MerSpeechCue *) cues->data;
}
