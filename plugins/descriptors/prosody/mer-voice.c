/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-voice.h"

#include <math.h>

#include "mer-statistic.h"

#define VELOCITY_FRAMES 5
#define VELOCITY_QUANTILE 0.7

static double
semitones (double from, double to)
{
  return from > 0 && to > 0 ? 12 * log2 (to / from) : 0;
}

static double
hertz (double from, double to)
{
  return to - from;
}

/* of the straight line through the voiced frames */
static void
measure_slope (const MerPitchTrack *pitch, MerIntonation *intonation)
{
  double n = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0, spread;

  for (guint f = 0; f < pitch->n_frames; f++)
    {
      double time = f * pitch->step, value;

      if (pitch->frames[f].frequency <= 0)
        continue;
      value = semitones (intonation->median, pitch->frames[f].frequency);
      n++;
      x += time;
      y += value;
      xx += time * time;
      xy += time * value;
      yy += value * value;
    }
  spread = n * xx - x * x;
  intonation->slope = n > 2 && spread > 0 ? (n * xy - x * y) / spread : 0;
  intonation->deviation = sqrt (MAX (0, yy / n - y / n * (y / n)));
}

/* A moving mean over VELOCITY_FRAMES frames changes by the difference of the frame that
 * enters and the one that leaves, so no mean need be taken. */
static double
measure_velocity (const MerPitchTrack *pitch, double (*distance) (double, double))
{
  g_autofree double *changes = g_new (double, MAX (pitch->n_frames, 1));
  guint n = 0, voiced = 0;

  for (guint f = 0; f < pitch->n_frames; f++)
    {
      voiced = pitch->frames[f].frequency > 0 ? voiced + 1 : 0;
      if (voiced <= VELOCITY_FRAMES)
        continue;
      changes[n++] = fabs (distance (pitch->frames[f - VELOCITY_FRAMES].frequency,
                                     pitch->frames[f].frequency))
                     / (VELOCITY_FRAMES * pitch->step);
    }
  mer_statistic_sort (changes, n);
  return mer_statistic_quantile (changes, n, VELOCITY_QUANTILE);
}

static void
measure_intonation (const MerPitchTrack *pitch, MerIntonation *intonation)
{
  g_autofree double *sorted = g_new (double, MAX (pitch->n_frames, 1));
  guint n = 0;

  *intonation = (MerIntonation){ 0 };
  for (guint f = 0; f < pitch->n_frames; f++)
    if (pitch->frames[f].frequency > 0)
      sorted[n++] = pitch->frames[f].frequency;
  intonation->n_voiced = n;
  if (n == 0)
    return;
  mer_statistic_sort (sorted, n);
  intonation->voiced_share = (double) n / pitch->n_frames;
  intonation->median = mer_statistic_quantile (sorted, n, 0.5);
  intonation->p20 = mer_statistic_quantile (sorted, n, 0.2);
  intonation->p80 = mer_statistic_quantile (sorted, n, 0.8);
  intonation->low = mer_statistic_quantile (sorted, n, 0.05);
  intonation->high = mer_statistic_quantile (sorted, n, 0.95);
  intonation->range = semitones (intonation->p20, intonation->p80);
  measure_slope (pitch, intonation);
  intonation->velocity = measure_velocity (pitch, semitones);
  intonation->velocity_hertz = measure_velocity (pitch, hertz);
}

/**
 * mer_voice_measure:
 * @wave: a sound
 * @voice: (out caller-allocates): what was measured
 * @cancellable: (nullable): stops the analysis
 * @error: return location
 *
 * Measures loudness, pitch, rhythm and timbre of a recording.
 *
 * Returns: whether it went well
 */
gboolean
mer_voice_measure (const MerWave *wave, MerVoice *voice, GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (MerPitchTrack) pitch = NULL;

  *voice
      = (MerVoice){ .seconds = mer_wave_get_seconds (wave), .truncated = wave->truncated };
  if (!mer_loudness_measure (wave, &voice->loudness, error))
    return FALSE;
  pitch = mer_pitch_track_new (wave, cancellable, error);
  if (pitch == NULL)
    return FALSE;
  measure_intonation (pitch, &voice->intonation);
  mer_rhythm_measure (wave, pitch, &voice->rhythm);
  mer_timbre_measure (wave, pitch, &voice->timbre);
  return TRUE;
}
