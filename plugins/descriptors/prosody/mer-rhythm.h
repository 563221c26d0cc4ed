/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-pitch.h"

G_BEGIN_DECLS

/**
 * MerRhythm:
 * @speech_seconds: from the first to the last sounding stretch
 * @sounding_seconds: of that, without the pauses
 * @n_syllables: syllable nuclei
 * @speech_rate: nuclei a second of @speech_seconds
 * @articulation_rate: nuclei a second of @sounding_seconds
 * @n_pauses: pauses of at least 0.3 s inside the speech
 * @pause_share: of @speech_seconds, 0…1
 * @pause_mean: seconds
 * @intensity_range: between the 20th and 80th percentile of sounding frames, dB
 * @intensity_slope: mean absolute change of the intensity in sounding stretches, dB/s
 *
 * How a voice moves through time.
 */
typedef struct
{
  double speech_seconds;
  double sounding_seconds;
  guint n_syllables;
  double speech_rate;
  double articulation_rate;
  guint n_pauses;
  double pause_share;
  double pause_mean;
  double intensity_range;
  double intensity_slope;
} MerRhythm;

void mer_rhythm_measure (const MerWave *wave, const MerPitchTrack *pitch,
                         MerRhythm *rhythm);

G_END_DECLS
