/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-loudness.h"

#include <ebur128.h>
#include <math.h>

#include "mer-error.h"

#define BLOCKS_PER_SECOND 10
#define SILENCE_DB (-120.)

static void
ebur128_state_free (ebur128_state *state)
{
  ebur128_destroy (&state);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ebur128_state, ebur128_state_free)

static double
decibels (double amplitude)
{
  return amplitude > 0 ? MAX (SILENCE_DB, 20 * log10 (amplitude)) : SILENCE_DB;
}

/* minus infinity becomes the gate, so that the figure can stand in JSON */
static double
above_floor (double loudness)
{
  return loudness > MER_LOUDNESS_FLOOR ? loudness : MER_LOUDNESS_FLOOR;
}

static gboolean
measure_gated (const MerWave *wave, MerLoudness *loudness)
{
  g_autoptr (ebur128_state) state = ebur128_init (
      1, wave->rate, EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_HISTOGRAM);
  gsize block = wave->rate / BLOCKS_PER_SECOND;
  double value;

  if (state == NULL)
    return FALSE;
  loudness->momentary_max = MER_LOUDNESS_FLOOR;
  for (gsize at = 0; at < wave->n_samples; at += block)
    {
      gsize n = MIN (block, wave->n_samples - at);

      if (ebur128_add_frames_float (state, wave->samples + at, n) != EBUR128_SUCCESS)
        return FALSE;
      if (ebur128_loudness_momentary (state, &value) == EBUR128_SUCCESS)
        loudness->momentary_max = MAX (loudness->momentary_max, value);
    }
  if (ebur128_loudness_global (state, &value) != EBUR128_SUCCESS)
    return FALSE;
  loudness->integrated = above_floor (value);
  if (ebur128_loudness_range (state, &value) != EBUR128_SUCCESS)
    return FALSE;
  loudness->range = value;
  return TRUE;
}

/**
 * mer_loudness_measure:
 * @wave: a sound
 * @loudness: (out caller-allocates): what was measured
 * @error: return location
 *
 * Returns: %FALSE with @error where memory or the rate does not allow it
 */
gboolean
mer_loudness_measure (const MerWave *wave, MerLoudness *loudness, GError **error)
{
  double power = 0, peak = 0;

  for (gsize i = 0; i < wave->n_samples; i++)
    {
      double value = wave->samples[i];

      power += value * value;
      peak = MAX (peak, fabs (value));
    }
  *loudness = (MerLoudness){
    .level = decibels (wave->n_samples > 0 ? sqrt (power / (double) wave->n_samples) : 0),
    .peak = decibels (peak),
    .silent = peak <= 0,
  };
  if (measure_gated (wave, loudness))
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_FAILED,
               "the loudness at %u Hz cannot be measured", wave->rate);
  return FALSE;
}
