/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* how a word of the emotion vocabulary is taken where it stands in running text */
typedef enum
{
  MER_WORD_NEVER,  /* it names no feeling: “emotional”, “strong” */
  MER_WORD_WEAK,   /* where the words around it make it a feeling: “a sense of loss” */
  MER_WORD_STRONG, /* wherever it stands */
} MerWordUse;

/* one form of the vocabulary; forms of one root share the pointer @base */
typedef struct
{
  const char *form;
  const char *base;
  MerWordUse use;
} MerEmotionWord;

/* something said, and the label it tells */
typedef struct
{
  const char *phrase;
  const char *label;
  gboolean whole; /* found as whole words; else (Chinese) anywhere */
} MerSpeechCue;

/* the longest word of the vocabulary, in single words */
#define MER_LABEL_WORDS_MAX_LENGTH 4

const MerEmotionWord *mer_label_words_lookup (const char *form);
const char *mer_label_words_get_sign (const char *word);
const MerSpeechCue *mer_label_words_get_cues (guint *n_cues);

G_END_DECLS
