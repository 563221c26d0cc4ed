/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How agitated a voice sounds: a weighted sum of measures that F. Eyben et al., "The Geneva
 * Minimalistic Acoustic Parameter Set (GeMAPS) for voice research and affective computing",
 * IEEE Transactions on Affective Computing 7 (2016), 190-202, name for it. The weights were
 * learned from acted speech, by logistic regression, and rounded; docs/descriptors.md says
 * from which, how, and what the sum reaches on speech it was not learned from. */

#include "mer-vocal-arousal.h"

#include <math.h>

#define Z_MAX 2.5
#define BIAS 0.5
#define SCALE 2.

typedef enum
{
  CUE_LEVEL,
  CUE_PITCH_VELOCITY,
  CUE_HAMMARBERG,
  CUE_CEPSTRUM,
  CUE_LOUDNESS_VARIATION,
  CUE_CENTROID,
  CUE_CEPSTRUM_DEVIATION,
  CUE_RATE,
  CUE_SLOPE,
} Cue;

/* Usual and spread are the middle and the mean spread of what the corpora have. A cue that
 * is beside another takes from it what is not of the voice: the slope below 500 Hz and the
 * Hammarberg index count against the centroid. */
static const struct
{
  const char *name;
  double usual;
  double spread;
  double weight;
} cues[MER_N_AROUSAL_CUES] = {
  [CUE_LEVEL] = { "level", -28, 9, 1 },                          /* LUFS */
  [CUE_PITCH_VELOCITY] = { "pitch_velocity", 5.9, 0.65, 1.8 },   /* ln (30 + Hz/s) */
  [CUE_HAMMARBERG] = { "hammarberg_index", 26, 5.5, -0.5 },      /* dB */
  [CUE_CEPSTRUM] = { "mfcc4", -6, 6, 0.8 },                      /* no unit */
  [CUE_LOUDNESS_VARIATION] = { "variation", 0.31, 0.05, -0.75 }, /* parts of the mean */
  [CUE_CENTROID] = { "centroid", 6.4, 0.35, 1.3 },               /* ln Hz */
  [CUE_CEPSTRUM_DEVIATION] = { "mfcc4_deviation", 8, 1.7, 0.6 }, /* no unit */
  [CUE_RATE] = { "rate", 3.5, 0.8, 0.3 },                        /* syllables/s */
  [CUE_SLOPE] = { "slope_0_500", 33, 20, -0.5 },                 /* dB/kHz */
};

static double
measure_cue (const MerVoice *voice, Cue cue)
{
  switch (cue)
    {
    case CUE_LEVEL:
      return MIN (voice->loudness.integrated, MER_VOCAL_LEVEL_MAX);
    case CUE_PITCH_VELOCITY:
      return log (30 + voice->intonation.velocity_hertz);
    case CUE_HAMMARBERG:
      return voice->timbre.hammarberg_index;
    case CUE_CEPSTRUM:
      return voice->timbre.cepstrum;
    case CUE_LOUDNESS_VARIATION:
      return voice->timbre.loudness_variation;
    case CUE_CENTROID:
      return log (MAX (voice->timbre.centroid, 50));
    case CUE_CEPSTRUM_DEVIATION:
      return voice->timbre.cepstrum_deviation;
    case CUE_RATE:
      return voice->rhythm.speech_rate;
    case CUE_SLOPE:
      return voice->timbre.slope_low;
    default:
      g_return_val_if_reached (0);
    }
}

/**
 * mer_vocal_arousal_get_cue_name:
 * @cue: less than %MER_N_AROUSAL_CUES
 *
 * Returns: what the cue is called in a result's data
 */
const char *
mer_vocal_arousal_get_cue_name (guint cue)
{
  g_return_val_if_fail (cue < MER_N_AROUSAL_CUES, NULL);
  return cues[cue].name;
}

/**
 * mer_vocal_arousal_judge:
 * @voice: what was measured in a recording that has a voice
 * @parts: (out caller-allocates) (array fixed-size=9): what each cue adds to the sum:
 *   weight × distance from the usual, in spreads, at most 2.5
 *
 * A single recording is judged by itself: no history of the speaker is known.
 *
 * Returns: 0 (calm) … 1 (agitated)
 */
double
mer_vocal_arousal_judge (const MerVoice *voice, double parts[MER_N_AROUSAL_CUES])
{
  double sum = BIAS;

  for (guint i = 0; i < MER_N_AROUSAL_CUES; i++)
    {
      double z = (measure_cue (voice, i) - cues[i].usual) / cues[i].spread;

      parts[i] = cues[i].weight * CLAMP (z, -Z_MAX, Z_MAX);
      sum += parts[i];
    }
  return 1 / (1 + exp (-sum / SCALE));
}
