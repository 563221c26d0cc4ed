/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "emotion/mer-label-finder.h"

G_BEGIN_DECLS

/**
 * MerLabelReading:
 * @MER_LABEL_READING_AUTO: strictly; what cannot be read so, leniently
 * @MER_LABEL_READING_STRICT: only an answer that is one JSON document of the shape that was
 *   asked for
 * @MER_LABEL_READING_LENIENT: any form: JSON in a fence, broken JSON, lists, running text
 *
 * How much an answer must keep to what it was asked for.
 */
typedef enum
{
  MER_LABEL_READING_AUTO,
  MER_LABEL_READING_STRICT,
  MER_LABEL_READING_LENIENT,
} MerLabelReading;

#define MER_TYPE_LABEL_READING (mer_label_reading_get_type ())
GType mer_label_reading_get_type (void);

/**
 * MerLabelMiss:
 * @MER_LABEL_MISS_NONE: labels were read, or the answer says that none shows
 * @MER_LABEL_MISS_EMPTY: there is no text
 * @MER_LABEL_MISS_REFUSAL: the model declines
 * @MER_LABEL_MISS_NOT_JSON: begun as JSON, or read strictly, and no JSON
 * @MER_LABEL_MISS_WRONG_SHAPE: JSON, but not of the shape that was asked for
 * @MER_LABEL_MISS_CUT_OFF: JSON that breaks off before its first label
 * @MER_LABEL_MISS_WRONG_LANGUAGE: a language in which nothing could be read
 * @MER_LABEL_MISS_NO_WORD: a text that says nothing of feelings
 *
 * Why no labels could be read from an answer.
 */
typedef enum
{
  MER_LABEL_MISS_NONE,
  MER_LABEL_MISS_EMPTY,
  MER_LABEL_MISS_REFUSAL,
  MER_LABEL_MISS_NOT_JSON,
  MER_LABEL_MISS_WRONG_SHAPE,
  MER_LABEL_MISS_CUT_OFF,
  MER_LABEL_MISS_WRONG_LANGUAGE,
  MER_LABEL_MISS_NO_WORD,
} MerLabelMiss;

/**
 * MerLabelOptions:
 * @reading: how strictly
 * @schema: (nullable): a JSON Schema, what strict reading holds answers to; %NULL is any
 *   JSON document from which labels can be read
 * @truncated: whether the token limit cut the answer: its last word is not whole then
 * @no_speech: whether an answer that only repeats what was said is left unread
 *
 * How answers are read.
 */
typedef struct
{
  MerLabelReading reading;
  JsonNode *schema;
  gboolean truncated;
  gboolean no_speech;
} MerLabelOptions;

/**
 * MerLabelFinding:
 * @form: in which form labels were read
 * @strict: whether they were read strictly
 * @miss: why none were
 *
 * How an answer was read.
 */
typedef struct
{
  MerLabelForm form;
  gboolean strict;
  MerLabelMiss miss;
} MerLabelFinding;

MerLabels *mer_label_reading_read (const char *text, const MerLabelOptions *options,
                                   MerLabelFinding *finding);

G_END_DECLS
