/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-labels.h"
#include "mer-vocal-arousal.h"

G_BEGIN_DECLS

/**
 * MerVocalCue:
 * @MER_VOCAL_CUE_LEVEL: integrated loudness
 * @MER_VOCAL_CUE_PITCH: median F0
 * @MER_VOCAL_CUE_MOVEMENT: how fast F0 changes
 * @MER_VOCAL_CUE_BRIGHTNESS: alpha ratio
 * @MER_VOCAL_CUE_RATE: syllables a second
 * @MER_VOCAL_CUE_CONTOUR: whether F0 rises or falls over the recording
 *
 * What the literature on vocal emotion describes with "high" and "low".
 */
typedef enum
{
  MER_VOCAL_CUE_LEVEL,
  MER_VOCAL_CUE_PITCH,
  MER_VOCAL_CUE_MOVEMENT,
  MER_VOCAL_CUE_BRIGHTNESS,
  MER_VOCAL_CUE_RATE,
  MER_VOCAL_CUE_CONTOUR,
} MerVocalCue;

#define MER_N_VOCAL_CUES 6

/**
 * MerVocalAffect:
 * @has_voice: whether there is enough voice to say anything; all else is 0 if not
 * @cues: how far each cue is from what is usual in speech, in standard deviations,
 *   -2.5…2.5
 * @arousal: 0 (calm) … 1 (agitated)
 * @arousal_parts: what each of its cues adds to it, see mer_vocal_arousal_judge()
 * @trust: the most that a word may weigh, less where there is little voice
 *
 * What a voice may tell about feeling.
 */
typedef struct
{
  gboolean has_voice;
  double cues[MER_N_VOCAL_CUES];
  double arousal;
  double arousal_parts[MER_N_AROUSAL_CUES];
  double trust;
} MerVocalAffect;

void mer_vocal_affect_judge (const MerVoice *voice, MerVocalAffect *affect);
MerLabels *mer_vocal_affect_get_labels (const MerVocalAffect *affect);
char *mer_vocal_affect_describe (const MerVocalAffect *affect, const MerVoice *voice);
const char *mer_vocal_cue_get_name (MerVocalCue cue);

G_END_DECLS
