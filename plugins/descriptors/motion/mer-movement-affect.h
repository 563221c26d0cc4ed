/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-labels.h"
#include "mer-movement.h"

G_BEGIN_DECLS

/**
 * MerMovementCue:
 * @MER_MOVEMENT_CUE_AMOUNT: quantity of motion
 * @MER_MOVEMENT_CUE_SUDDENNESS: how jerky it is
 * @MER_MOVEMENT_CUE_EXTENT: how much of the picture it takes
 */
typedef enum
{
  MER_MOVEMENT_CUE_AMOUNT,
  MER_MOVEMENT_CUE_SUDDENNESS,
  MER_MOVEMENT_CUE_EXTENT,
} MerMovementCue;

#define MER_N_MOVEMENT_CUES 3

/**
 * MerMovementAffect:
 * @has_motion: whether anything moves; all else is 0 if not
 * @cues: how far each cue is from what is usual, in standard deviations, -2.5…2.5
 *
 * What motion may tell about feeling.
 */
typedef struct
{
  gboolean has_motion;
  double cues[MER_N_MOVEMENT_CUES];
} MerMovementAffect;

void mer_movement_affect_judge (const MerMovement *movement, MerMovementAffect *affect);
MerLabels *mer_movement_affect_get_labels (const MerMovementAffect *affect);
char *mer_movement_affect_describe (const MerMovementAffect *affect,
                                    const MerMovement *movement);
const char *mer_movement_cue_get_name (MerMovementCue cue);

G_END_DECLS
