/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-loudness.h"
#include "mer-rhythm.h"
#include "mer-timbre.h"

G_BEGIN_DECLS

/**
 * MerIntonation:
 * @voiced_share: of all frames, 0…1
 * @n_voiced: voiced frames
 * @median: F0, Hz
 * @p20: 20th percentile, Hz
 * @p80: 80th percentile, Hz
 * @low: 5th percentile, Hz
 * @high: 95th percentile, Hz
 * @range: between @p20 and @p80, semitones
 * @deviation: standard deviation, semitones
 * @slope: of the straight line through all voiced frames, semitones a second
 * @velocity: how fast F0 changes: 70th percentile of the absolute change of the F0 that
 *   was smoothed over 50 ms, semitones a second
 * @velocity_hertz: the same of F0 in Hz, Hz a second
 *
 * What the fundamental frequency of a voice does.
 */
typedef struct
{
  double voiced_share;
  guint n_voiced;
  double median;
  double p20;
  double p80;
  double low;
  double high;
  double range;
  double deviation;
  double slope;
  double velocity;
  double velocity_hertz;
} MerIntonation;

/**
 * MerVoice:
 *
 * Everything that is measured in one recording.
 */
typedef struct
{
  double seconds;
  gboolean truncated;
  MerLoudness loudness;
  MerIntonation intonation;
  MerRhythm rhythm;
  MerTimbre timbre;
} MerVoice;

gboolean mer_voice_measure (const MerWave *wave, MerVoice *voice, GCancellable *cancellable,
                            GError **error);

G_END_DECLS
