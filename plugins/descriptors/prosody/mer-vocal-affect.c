/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From acoustic measures to hedged words. Each measure is set against what is usual in
 * speech; the emotions are points in that space, at the places where the reviews put them:
 * K. R. Scherer, "Vocal affect expression: a review and a model for future research",
 *   Psychological Bulletin 99 (1986), 143-165;
 * R. Banse, K. R. Scherer, "Acoustic profiles in vocal emotion expression", Journal of
 *   Personality and Social Psychology 70 (1996), 614-636;
 * P. N. Juslin, P. Laukka, "Communication of emotions in vocal expression and music
 *   performance", Psychological Bulletin 129 (2003), 770-814 (summary of 104 studies).
 * Arousal is judged by a sum of its own (mer-vocal-arousal.c). docs/descriptors.md has the
 * formulas and what they reach on acted speech. */

#include "mer-vocal-affect.h"

#include <math.h>

#include "emotion/mer-prototype.h"

#define Z_MAX 2.5
#define LEAST_VOICED_FRAMES 10
/* semitones; what stays closer to its mean is a tone, no voice can hold it */
#define LEAST_DEVIATION 0.2
/* a voice with this many voiced frames is fully trusted */
#define ENOUGH_VOICED_FRAMES 50
/* people hear the intended emotion in acted speech in 55 to 65 of 100 cases (Banse and
 * Scherer 1996; Juslin and Laukka 2003): no word may weigh more than that at its best */
#define TRUST 0.65

/* what is usual, and how much it varies */
static const struct
{
  const char *name;
  double usual;
  double deviation;
} references[MER_N_VOCAL_CUES] = {
  [MER_VOCAL_CUE_LEVEL] = { "level", -28, 9 },             /* LUFS */
  [MER_VOCAL_CUE_PITCH] = { "pitch", 36, 6.5 },            /* semitones above 22.5 Hz */
  [MER_VOCAL_CUE_MOVEMENT] = { "movement", 3.4, 0.45 },    /* ln (3 + semitones/s) */
  [MER_VOCAL_CUE_BRIGHTNESS] = { "brightness", -11, 5.5 }, /* dB */
  [MER_VOCAL_CUE_RATE] = { "rate", 3.5, 0.8 },             /* syllables/s */
  [MER_VOCAL_CUE_CONTOUR] = { "contour", -2.5, 3.5 },      /* semitones/s */
};

#define PITCH_BASE 22.5

/* level, pitch, movement, brightness, rate, contour; 1 is "high", -1 "low" */
static const MerPrototype emotions[] = {
  { "neutral", "neutral", { 0, 0, 0, 0, 0, 0 } },
  { "angry", "angry or irritated", { 1, 0.5, 0.5, 1, 0.5, 0 } },
  { "happy", "happy or excited", { 0.5, 1, 1, 0.5, 0.5, 0.5 } },
  { "fearful", "fearful or tense", { 0, 1, 0, 0.5, 1, 0.5 } },
  { "surprised", "surprised", { 0, 1, 1.5, 0, 0, 1 } },
  { "sad", "sad or dejected", { -1, -0.5, -1, -1, -1, -0.5 } },
  { "calm", "calm or gentle", { -1, -1, -1, -0.5, -0.5, 0 } },
  { "bored", "bored or tired", { -0.5, -1, -1.5, -0.5, -1, -0.5 } },
};

/* for people: what a cue below and above the usual is called */
static const struct
{
  const char *low;
  const char *usual;
  const char *high;
} terms[MER_N_VOCAL_CUES] = {
  [MER_VOCAL_CUE_LEVEL] = { "quiet", "of medium loudness", "loud" },
  [MER_VOCAL_CUE_PITCH] = { "low-pitched", "of medium pitch", "high-pitched" },
  [MER_VOCAL_CUE_MOVEMENT] = { "monotonous", "moderately varied", "lively" },
  [MER_VOCAL_CUE_BRIGHTNESS] = { "soft", "of medium brightness", "sharp" },
  [MER_VOCAL_CUE_RATE] = { "slow", "of medium speed", "fast" },
  [MER_VOCAL_CUE_CONTOUR] = { "falling", "level", "rising" },
};

const char *
mer_vocal_cue_get_name (MerVocalCue cue)
{
  return references[cue].name;
}

static double
measure_cue (const MerVoice *voice, MerVocalCue cue)
{
  switch (cue)
    {
    case MER_VOCAL_CUE_LEVEL:
      return MIN (voice->loudness.integrated, MER_VOCAL_LEVEL_MAX);
    case MER_VOCAL_CUE_PITCH:
      return 12 * log2 (voice->intonation.median / PITCH_BASE);
    case MER_VOCAL_CUE_MOVEMENT:
      return log (3 + voice->intonation.velocity);
    case MER_VOCAL_CUE_BRIGHTNESS:
      return voice->timbre.alpha_ratio;
    case MER_VOCAL_CUE_RATE:
      return voice->rhythm.speech_rate;
    case MER_VOCAL_CUE_CONTOUR:
      return voice->intonation.slope;
    default:
      g_return_val_if_reached (0);
    }
}

/**
 * mer_vocal_affect_judge:
 * @voice: what was measured
 * @affect: (out caller-allocates): what it may mean
 *
 * A single recording is judged by itself: no history of the speaker is known.
 */
void
mer_vocal_affect_judge (const MerVoice *voice, MerVocalAffect *affect)
{
  *affect = (MerVocalAffect){ 0 };
  affect->has_voice = voice->intonation.n_voiced >= LEAST_VOICED_FRAMES
                      && voice->intonation.deviation >= LEAST_DEVIATION;
  if (!affect->has_voice)
    return;
  for (guint i = 0; i < MER_N_VOCAL_CUES; i++)
    {
      double z = (measure_cue (voice, i) - references[i].usual) / references[i].deviation;

      affect->cues[i] = CLAMP (z, -Z_MAX, Z_MAX);
    }
  affect->arousal = mer_vocal_arousal_judge (voice, affect->arousal_parts);
  affect->trust
      = TRUST * MIN (1, (double) voice->intonation.n_voiced / ENOUGH_VOICED_FRAMES);
}

static void
choose_emotions (const MerVocalAffect *affect, MerPrototypeChoice *choice)
{
  mer_prototype_choose (emotions, G_N_ELEMENTS (emotions), affect->cues, MER_N_VOCAL_CUES,
                        affect->trust, choice);
}

/**
 * mer_vocal_affect_get_labels:
 * @affect: what a voice may mean
 *
 * Returns: (transfer full): up to three words with weights, strongest first; none where
 *   there is no voice
 */
MerLabels *
mer_vocal_affect_get_labels (const MerVocalAffect *affect)
{
  MerPrototypeChoice choice;

  if (!affect->has_voice)
    return mer_labels_new ();
  choose_emotions (affect, &choice);
  return mer_prototype_choice_get_labels (&choice, emotions);
}

static void
append_term (GString *text, const MerVocalAffect *affect, MerVocalCue cue)
{
  double z = affect->cues[cue];

  if (fabs (z) < 0.5)
    {
      g_string_append (text, terms[cue].usual);
      return;
    }
  if (fabs (z) >= 1.5)
    g_string_append (text, cue == MER_VOCAL_CUE_CONTOUR ? "steeply " : "very ");
  g_string_append (text, z < 0 ? terms[cue].low : terms[cue].high);
}

static void
append_pauses (GString *text, const MerRhythm *rhythm)
{
  if (rhythm->n_pauses == 0)
    g_string_append (text, "without pauses");
  else
    g_string_append_printf (
        text, "with %u pause%s (%.0f %% of the time, %.1f s on average)", rhythm->n_pauses,
        rhythm->n_pauses > 1 ? "s" : "", 100 * rhythm->pause_share, rhythm->pause_mean);
}

static void
append_measures (GString *text, const MerVocalAffect *affect, const MerVoice *voice)
{
  g_string_append (text, "The voice is ");
  append_term (text, affect, MER_VOCAL_CUE_LEVEL);
  g_string_append_printf (text, " (%.0f LUFS) and ", voice->loudness.integrated);
  append_term (text, affect, MER_VOCAL_CUE_PITCH);
  g_string_append_printf (text, " (median F0 %.0f Hz), its intonation ",
                          voice->intonation.median);
  append_term (text, affect, MER_VOCAL_CUE_MOVEMENT);
  g_string_append_printf (text, " (range %.1f semitones) and ", voice->intonation.range);
  append_term (text, affect, MER_VOCAL_CUE_CONTOUR);
  g_string_append (text, ", its timbre ");
  append_term (text, affect, MER_VOCAL_CUE_BRIGHTNESS);
  g_string_append (text, ". The speech is ");
  append_term (text, affect, MER_VOCAL_CUE_RATE);
  g_string_append_printf (text, " (%.1f syllables per second), ",
                          voice->rhythm.speech_rate);
  append_pauses (text, &voice->rhythm);
  g_string_append (text, ".");
}

static void
append_why_no_voice (GString *text, const MerVoice *voice)
{
  if (voice->loudness.silent)
    g_string_append (text, "The audio is digital silence; it says nothing about a voice.");
  else if (voice->intonation.n_voiced >= LEAST_VOICED_FRAMES)
    g_string_append_printf (
        text,
        "There is a steady tone (%.0f Hz, %.0f LUFS) and no voice; nothing "
        "can be said about how somebody speaks.",
        voice->intonation.median, voice->loudness.integrated);
  else
    g_string_append_printf (
        text,
        "There is sound (%.0f LUFS) but hardly any voice in it; nothing "
        "can be said about how somebody speaks.",
        voice->loudness.integrated);
}

static const char *
arousal_term (double arousal)
{
  if (arousal < 0.2)
    return "low";
  if (arousal < 0.4)
    return "rather low";
  if (arousal < 0.6)
    return "medium";
  return arousal < 0.8 ? "rather high" : "high";
}

/**
 * mer_vocal_affect_describe:
 * @affect: what a voice may mean
 * @voice: what was measured
 *
 * Returns: (transfer full): a few plain sentences, hedged, for people and language models
 */
char *
mer_vocal_affect_describe (const MerVocalAffect *affect, const MerVoice *voice)
{
  GString *text = g_string_new (NULL);
  g_autofree char *guess = NULL;
  MerPrototypeChoice choice;

  if (!affect->has_voice)
    {
      append_why_no_voice (text, voice);
      return g_string_free (text, FALSE);
    }

  choose_emotions (affect, &choice);
  guess = mer_prototype_choice_describe (&choice, emotions);
  append_measures (text, affect, voice);
  g_string_append_printf (text,
                          " Arousal seems %s. Judged by the voice alone, the speaker %s.",
                          arousal_term (affect->arousal), guess);
  return g_string_free (text, FALSE);
}
