/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * MerOutcome:
 * @MER_OUTCOME_ANSWERED: the stage said something that can be read
 * @MER_OUTCOME_REFUSED: the model declined
 * @MER_OUTCOME_FILTERED: a content filter of the server or vendor stopped it
 * @MER_OUTCOME_TRUNCATED: the token limit cut the answer
 * @MER_OUTCOME_UNPARSEABLE: there is an answer, but no labels can be read from it
 * @MER_OUTCOME_API_FAILED: no answer came: transport, server or deadline
 * @MER_OUTCOME_DECODE_FAILED: the clip could not be decoded
 * @MER_OUTCOME_SKIPPED: the stage had nothing to work on; the detail names what was missing
 *
 * How a stage ended for one sample. A failure is never an answer.
 */
typedef enum
{
  MER_OUTCOME_ANSWERED,
  MER_OUTCOME_REFUSED,
  MER_OUTCOME_FILTERED,
  MER_OUTCOME_TRUNCATED,
  MER_OUTCOME_UNPARSEABLE,
  MER_OUTCOME_API_FAILED,
  MER_OUTCOME_DECODE_FAILED,
  MER_OUTCOME_SKIPPED,
} MerOutcome;

#define MER_N_OUTCOMES 8

#define MER_TYPE_OUTCOME (mer_outcome_get_type ())
GType mer_outcome_get_type (void);

const char *mer_outcome_to_string (MerOutcome outcome);
gboolean mer_outcome_from_string (const char *nick, MerOutcome *outcome);
gboolean mer_outcome_is_final (MerOutcome outcome);
gboolean mer_outcome_is_failure (MerOutcome outcome);

/**
 * MerOutcomes:
 *
 * A set of outcomes, one bit each: what an element's `accept` property lists.
 */
typedef guint MerOutcomes;

#define MER_OUTCOMES_DEFAULT (1u << MER_OUTCOME_ANSWERED)

#define MER_TYPE_OUTCOMES (mer_outcomes_get_type ())
GType mer_outcomes_get_type (void);

/**
 * MerModality:
 * @MER_MODALITY_NONE: nothing
 * @MER_MODALITY_AUDIO: the voice
 * @MER_MODALITY_VIDEO: the frames
 * @MER_MODALITY_TEXT: the subtitle
 * @MER_MODALITY_AUTO: what the sample has and the model can take; stands alone
 *
 * What a stage may be shown.
 */
typedef enum
{
  MER_MODALITY_NONE = 0,
  MER_MODALITY_AUDIO = 1 << 0,
  MER_MODALITY_VIDEO = 1 << 1,
  MER_MODALITY_TEXT = 1 << 2,
  MER_MODALITY_AUTO = 1 << 3,
} MerModality;

#define MER_MODALITY_ALL (MER_MODALITY_AUDIO | MER_MODALITY_VIDEO | MER_MODALITY_TEXT)

#define MER_TYPE_MODALITY (mer_modality_get_type ())
GType mer_modality_get_type (void);

char *mer_modality_to_string (MerModality modalities);

G_END_DECLS
