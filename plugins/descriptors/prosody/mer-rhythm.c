/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Syllable nuclei and pauses from the intensity, after N. H. de Jong and T. Wempe, "Praat
 * script to detect syllable nuclei and measure speech rate automatically", Behavior
 * Research Methods 41 (2009), 385-390: a nucleus is a peak of the intensity that stands
 * 2 dB above the dips beside it, is not more than 25 dB below the loud parts, and has a
 * voice. Pauses are the stretches of at least 0.3 s below that line. */

#include "mer-rhythm.h"

#include <math.h>
#include <stdlib.h>

#include "mer-statistic.h"

#define STEP 0.01              /* s */
#define WINDOW 0.128           /* s; what Praat uses for voices down to 50 Hz */
#define SILENCE_BELOW_LOUD 25. /* dB */
#define LOUD_QUANTILE 0.99
#define MIN_DIP 2.       /* dB */
#define MIN_PAUSE 0.3    /* s */
#define MIN_SOUNDING 0.1 /* s */
#define INAUDIBLE (-120.)

/* dB, one value every STEP */
static float *
measure_intensity (const MerWave *wave, guint *n_frames)
{
  guint half = (guint) (wave->rate * WINDOW / 2);
  guint n = (guint) (mer_wave_get_seconds (wave) / STEP);
  g_autofree float *window = g_new0 (float, 2 * half);
  g_autofree float *intensity = g_new (float, MAX (n, 1));
  double sum_of_window = 0;

  for (guint i = 0; i < 2 * half; i++)
    {
      window[i] = (float) (0.5 - 0.5 * cos (G_PI * (i + 0.5) / half));
      sum_of_window += window[i];
    }
  for (guint f = 0; f < n; f++)
    {
      gssize from = (gssize) ((f + 0.5) * STEP * wave->rate) - half;
      gssize start = MAX (0, -from);
      gssize end = MIN (2 * (gssize) half, (gssize) wave->n_samples - from);
      double power = 0;

      for (gssize i = start; i < end; i++)
        power += window[i] * wave->samples[from + i] * wave->samples[from + i];
      intensity[f]
          = (float) (power > 0 ? MAX (INAUDIBLE, 10 * log10 (power / sum_of_window))
                               : INAUDIBLE);
    }
  *n_frames = n;
  return g_steal_pointer (&intensity);
}

/* stretches of one kind shorter than @least take the kind of what is around them */
static void
absorb_short (gboolean *sounding, guint n, gboolean kind, double least)
{
  guint start = 0;

  for (guint i = 1; i <= n; i++)
    {
      gboolean inside = start > 0 && i < n;

      if (i < n && sounding[i] == sounding[start])
        continue;
      /* leading and trailing silence is no pause, but a click at the edge is no speech */
      if (sounding[start] == kind && (i - start) * STEP < least && (inside || kind))
        for (guint k = start; k < i; k++)
          sounding[k] = !kind;
      start = i;
    }
}

static void
measure_pauses (const gboolean *sounding, guint n, MerRhythm *rhythm)
{
  guint first = 0, last = n, paused = 0;

  while (first < n && !sounding[first])
    first++;
  while (last > first && !sounding[last - 1])
    last--;
  for (guint i = first; i < last; i++)
    {
      if (sounding[i])
        continue;
      paused++;
      rhythm->n_pauses += sounding[i - 1];
    }
  rhythm->speech_seconds = (last - first) * STEP;
  rhythm->sounding_seconds = (last - first - paused) * STEP;
  if (rhythm->n_pauses == 0)
    return;
  rhythm->pause_share = (double) paused / (last - first);
  rhythm->pause_mean = paused * STEP / rhythm->n_pauses;
}

static guint
count_nuclei (const float *intensity, guint n, double silence, const MerPitchTrack *pitch)
{
  double dip = INAUDIBLE, top = INAUDIBLE;
  guint top_at = 0, nuclei = 0;
  gboolean rising = TRUE;

  for (guint i = 0; i < n; i++)
    {
      double value = intensity[i];

      if (rising && value > top)
        {
          top = value;
          top_at = i;
        }
      else if (rising && value < top - MIN_DIP)
        {
          gboolean high = top > silence && top - dip > MIN_DIP;

          nuclei += high && mer_pitch_track_is_voiced (pitch, (top_at + 0.5) * STEP);
          rising = FALSE;
          dip = value;
        }
      else if (!rising && value < dip)
        dip = value;
      else if (!rising && value > dip + MIN_DIP)
        {
          rising = TRUE;
          top = value;
          top_at = i;
        }
    }
  return nuclei;
}

static void
measure_dynamics (const float *intensity, const gboolean *sounding, guint n,
                  MerRhythm *rhythm)
{
  g_autofree double *values = g_new (double, MAX (n, 1));
  guint n_values = 0, n_steps = 0;
  double change = 0;

  for (guint i = 0; i < n; i++)
    {
      if (!sounding[i])
        continue;
      values[n_values++] = intensity[i];
      if (i == 0 || !sounding[i - 1])
        continue;
      change += fabs (intensity[i] - intensity[i - 1]);
      n_steps++;
    }
  if (n_values == 0)
    return;
  mer_statistic_sort (values, n_values);
  rhythm->intensity_range = mer_statistic_quantile (values, n_values, 0.8)
                            - mer_statistic_quantile (values, n_values, 0.2);
  rhythm->intensity_slope = n_steps > 0 ? change / n_steps / STEP : 0;
}

/**
 * mer_rhythm_measure:
 * @wave: a sound
 * @pitch: its pitch
 * @rhythm: (out caller-allocates): what was measured; zeros where nothing sounds
 */
void
mer_rhythm_measure (const MerWave *wave, const MerPitchTrack *pitch, MerRhythm *rhythm)
{
  guint n;
  g_autofree float *intensity = measure_intensity (wave, &n);
  g_autofree double *sorted = g_new (double, MAX (n, 1));
  g_autofree gboolean *sounding = g_new0 (gboolean, MAX (n, 1));
  double silence;

  *rhythm = (MerRhythm){ 0 };
  for (guint i = 0; i < n; i++)
    sorted[i] = intensity[i];
  mer_statistic_sort (sorted, n);
  if (n == 0 || sorted[n - 1] <= INAUDIBLE)
    return;
  silence = mer_statistic_quantile (sorted, n, LOUD_QUANTILE) - SILENCE_BELOW_LOUD;
  for (guint i = 0; i < n; i++)
    sounding[i] = intensity[i] > silence;
  absorb_short (sounding, n, FALSE, MIN_PAUSE);
  absorb_short (sounding, n, TRUE, MIN_SOUNDING);
  measure_pauses (sounding, n, rhythm);
  measure_dynamics (intensity, sounding, n, rhythm);
  rhythm->n_syllables = count_nuclei (intensity, n, silence, pitch);
  if (rhythm->sounding_seconds <= 0)
    return;
  rhythm->speech_rate = rhythm->n_syllables / rhythm->speech_seconds;
  rhythm->articulation_rate = rhythm->n_syllables / rhythm->sounding_seconds;
}
