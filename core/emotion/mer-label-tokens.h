/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  MER_TOKEN_WORD,
  MER_TOKEN_NUMBER,
  MER_TOKEN_MARK, /* one character: punctuation, a letter of another script, a line's end */
} MerTokenKind;

typedef struct
{
  const char *text; /* lower case */
  MerTokenKind kind;
  gboolean quoted; /* between quotation marks, as what somebody else said */
} MerToken;

typedef struct
{
  guint start;
  guint end; /* the first token after it */
} MerSentence;

/**
 * MerTokens:
 *
 * A text as words and marks, cut into sentences. A quotation never ends a sentence.
 */
typedef struct
{
  GStringChunk *chunk;
  GArray *tokens;    /* MerToken */
  GArray *sentences; /* MerSentence */
} MerTokens;

MerTokens *mer_tokens_new (const char *text, gsize length);
void mer_tokens_free (MerTokens *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerTokens, mer_tokens_free)

static inline const MerToken *
mer_tokens_get (const MerTokens *self, guint index)
{
  return &g_array_index (self->tokens, MerToken, index);
}

static inline const MerSentence *
mer_tokens_get_sentence (const MerTokens *self, guint index)
{
  return &g_array_index (self->sentences, MerSentence, index);
}

G_END_DECLS
