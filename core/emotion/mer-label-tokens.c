/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-label-tokens.h"

#include <string.h>

#define OPEN_QUOTE "“"
#define CLOSE_QUOTE "”"
#define TYPOGRAPHIC_APOSTROPHE "’"

/* a quotation of up to so many words is a term that is set apart, not speech: "happy" */
#define MAX_TERM_WORDS 3u

static gboolean
token_is (const MerToken *token, const char *text)
{
  return strcmp (token->text, text) == 0;
}

/* the length of what joins two parts of a word: `self-blame`, `don’t`; 0 if nothing does */
static gsize
joint_length (const char *p)
{
  gsize length = *p == '-' || *p == '\''                        ? 1
                 : g_str_has_prefix (p, TYPOGRAPHIC_APOSTROPHE) ? 3
                                                                : 0;

  return length > 0 && g_ascii_isalpha (p[length]) ? length : 0;
}

static gsize
word_length (const char *p)
{
  const char *end = p;

  while (g_ascii_isalpha (*end))
    end++;
  for (gsize joint = joint_length (end); joint > 0; joint = joint_length (end))
    {
      end += joint;
      while (g_ascii_isalpha (*end))
        end++;
    }
  return end - p;
}

static void
tokens_add (MerTokens *self, const char *p, gsize length, MerTokenKind kind)
{
  g_autofree char *text = g_strndup (p, length);
  MerToken token = { g_string_chunk_insert_const (self->chunk, text), kind, FALSE };

  g_array_append_val (self->tokens, token);
}

static void
tokens_split (MerTokens *self, const char *text)
{
  for (const char *p = text; *p != '\0';)
    {
      gsize length = g_utf8_next_char (p) - p;

      if (g_ascii_isalpha (*p))
        {
          length = word_length (p);
          tokens_add (self, p, length, MER_TOKEN_WORD);
        }
      else if (g_ascii_isdigit (*p))
        {
          length = strspn (p, "0123456789");
          tokens_add (self, p, length, MER_TOKEN_NUMBER);
        }
      else if (*p == '\n' || !g_unichar_isspace (g_utf8_get_char (p)))
        {
          tokens_add (self, p, length, MER_TOKEN_MARK);
        }
      p += length;
    }
}

static void
tokens_set_quoted (MerTokens *self, guint start, guint end, gboolean quoted)
{
  for (guint i = start; i < end; i++)
    g_array_index (self->tokens, MerToken, i).quoted = quoted;
}

/* whether a quotation sets a term apart (“happy”) instead of repeating speech (“What?”) */
static gboolean
is_term (const MerTokens *self, guint start, guint end)
{
  for (guint i = start; i < end; i++)
    if (mer_tokens_get (self, i)->kind != MER_TOKEN_WORD)
      return FALSE;
  return end - start <= MAX_TERM_WORDS;
}

/* marks what stands between quotation marks; one without a partner quotes nothing */
static void
tokens_mark_quotes (MerTokens *self)
{
  gboolean paired = TRUE, quoted = FALSE;
  guint opened = 0;

  for (guint i = 0; i < self->tokens->len; i++)
    paired ^= token_is (mer_tokens_get (self, i), "\"");
  for (guint i = 0; i < self->tokens->len; i++)
    {
      const MerToken *token = mer_tokens_get (self, i);
      gboolean straight = paired && token_is (token, "\"");

      if (quoted && (straight || token_is (token, CLOSE_QUOTE)))
        {
          quoted = FALSE;
          tokens_set_quoted (self, opened, i, !is_term (self, opened + 1, i));
        }
      else if (!quoted && (straight || token_is (token, OPEN_QUOTE)))
        {
          quoted = TRUE;
          opened = i;
        }
    }
}

/* `1.` at the start of a sentence numbers it and does not end it */
static gboolean
ends_sentence (const MerTokens *self, guint start, guint i)
{
  const MerToken *token = mer_tokens_get (self, i);

  if (token->quoted || strlen (token->text) != 1 || strchr (".!?\n", *token->text) == NULL)
    return FALSE;
  return *token->text != '.' || i != start + 1
         || mer_tokens_get (self, start)->kind != MER_TOKEN_NUMBER;
}

static void
tokens_add_sentence (MerTokens *self, guint start, guint end)
{
  MerSentence sentence = { start, end };

  for (guint i = start; i < end; i++)
    if (mer_tokens_get (self, i)->kind == MER_TOKEN_WORD)
      {
        g_array_append_val (self->sentences, sentence);
        return;
      }
}

/*< private >
 * mer_tokens_new:
 * @text: valid UTF-8
 * @length: of it, in bytes
 *
 * Returns: (transfer full): its words, marks and sentences
 */
MerTokens *
mer_tokens_new (const char *text, gsize length)
{
  MerTokens *self = g_new0 (MerTokens, 1);
  g_autofree char *lower = g_ascii_strdown (text, length);
  guint start = 0;

  self->chunk = g_string_chunk_new (4096);
  self->tokens = g_array_new (FALSE, FALSE, sizeof (MerToken));
  self->sentences = g_array_new (FALSE, FALSE, sizeof (MerSentence));
  tokens_split (self, lower);
  tokens_mark_quotes (self);
  for (guint i = 0; i < self->tokens->len; i++)
    if (ends_sentence (self, start, i))
      {
        tokens_add_sentence (self, start, i + 1);
        start = i + 1;
      }
  tokens_add_sentence (self, start, self->tokens->len);
  return self;
}

void
mer_tokens_free (MerTokens *self)
{
  g_string_chunk_free (self->chunk);
  g_array_unref (self->tokens);
  g_array_unref (self->sentences);
  g_free (self);
}
