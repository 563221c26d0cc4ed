/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "support/mer-test-sound.h"

#include "mer-error.h"
#include "mer-vocal-affect.h"

#define SECONDS 3
#define N_SAMPLES (SECONDS * MER_TEST_RATE)

typedef double (*Sound) (double time, gconstpointer data);

static MerWave *
make_wave (Sound sound, gconstpointer data)
{
  g_autofree double *samples = g_new (double, N_SAMPLES);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) wav = NULL;
  MerWave *wave;

  for (guint i = 0; i < N_SAMPLES; i++)
    samples[i] = sound ((double) i / MER_TEST_RATE, data);
  wav = mer_test_wav_new (samples, N_SAMPLES);
  wave = mer_wave_new_parsed (wav, 600, &error);
  mer_test_assert_no_error (error);
  return wave;
}

static void
measure (Sound sound, gconstpointer data, MerVoice *voice)
{
  g_autoptr (MerWave) wave = make_wave (sound, data);
  g_autoptr (GError) error = NULL;

  mer_voice_measure (wave, voice, NULL, &error);
  mer_test_assert_no_error (error);
}

static double
steady_voice (double time, gconstpointer data)
{
  return 0.5 * mer_test_voice (*(const double *) data, time);
}

static double
sine (double time, gconstpointer data)
{
  return *(const double *) data * sin (2 * G_PI * 997 * time);
}

static double
silence (double time, gconstpointer data)
{
  return 0;
}

/* the same noise in every run */
static double
noise (double time, gconstpointer data)
{
  static guint32 state = 1;

  state = state * 1664525u + 1013904223u;
  return (state / 4294967296. - 0.5) / 2;
}

/* one syllable each quarter of a second; no sound from 1 s to 1.75 s */
static double
syllables (double time, gconstpointer data)
{
  double envelope = pow (sin (G_PI * time / 0.25), 2);

  if (time > 1 && time < 1.75)
    return 0;
  return (0.02 + 0.5 * envelope) * mer_test_voice (150, time);
}

static double
rising_voice (double time, gconstpointer data)
{
  /* 6 semitones a second from 120 Hz */
  double rate = 6. / 12 * G_LN2;

  return 0.5 * mer_test_harmonics (120 * (exp (rate * time) - 1) / rate, 12);
}

static void
test_pitch (void **state)
{
  static const double frequencies[] = { 80, 113, 220, 349, 440, 587 };

  for (guint i = 0; i < G_N_ELEMENTS (frequencies); i++)
    {
      MerVoice voice;

      measure (steady_voice, &frequencies[i], &voice);
      assert_true (fabs (voice.intonation.median / frequencies[i] - 1) < 0.003);
      assert_true (voice.intonation.voiced_share > 0.98);
      assert_true (voice.intonation.range < 0.1);
      assert_true (voice.timbre.harmonics_to_noise > 20);
    }
}

static void
test_contour (void **state)
{
  MerVoice voice;

  measure (rising_voice, NULL, &voice);
  assert_true (fabs (voice.intonation.slope - 6) < 0.3);
  assert_true (fabs (voice.intonation.velocity - 6) < 0.6);
}

static void
test_no_voice (void **state)
{
  MerVocalAffect affect;
  MerVoice voice;
  g_autofree char *said = NULL;
  g_autoptr (MerLabels) labels = NULL;

  measure (noise, NULL, &voice);
  assert_true (voice.intonation.voiced_share < 0.05);

  measure (silence, NULL, &voice);
  assert_true (voice.loudness.silent);
  assert_true (voice.loudness.integrated == MER_LOUDNESS_FLOOR);
  assert_int_equal (voice.intonation.n_voiced, 0);
  mer_vocal_affect_judge (&voice, &affect);
  labels = mer_vocal_affect_get_labels (&affect);
  said = mer_vocal_affect_describe (&affect, &voice);
  assert_int_equal (mer_labels_get_length (labels), 0);
  assert_non_null (strstr (said, "silence"));
}

/* ITU-R BS.1770: a sine of 997 Hz at full scale in one channel reads -3.01 LUFS */
static void
test_loudness (void **state)
{
  for (double level = -50; level < 0; level += 10)
    {
      double amplitude = pow (10, level / 20);
      MerVoice voice;

      measure (sine, &amplitude, &voice);
      assert_true (fabs (voice.loudness.integrated - (level - 3.01)) < 0.15);
      assert_true (fabs (voice.loudness.level - (level - 3.01)) < 0.1);
      assert_true (fabs (voice.loudness.peak - level) < 0.1);
    }
}

static void
test_rhythm (void **state)
{
  MerVoice voice;

  measure (syllables, NULL, &voice);
  assert_int_equal (voice.rhythm.n_pauses, 1);
  assert_true (fabs (voice.rhythm.pause_mean - 0.75) < 0.15);
  assert_int_equal (voice.rhythm.n_syllables, 9);
  assert_true (fabs (voice.rhythm.articulation_rate - 4) < 0.4);
}

/* a voice whose syllables glide by *data semitones around 200 Hz */
static double
gliding_voice (double time, gconstpointer data)
{
  double depth = *(const double *) data;
  double level = depth > 4 ? 0.8 : 0.02;
  double phase = 200 * (time - depth / 12 * G_LN2 * cos (2 * G_PI * 2 * time) / (4 * G_PI));

  return level * (0.05 + pow (sin (G_PI * time * (depth > 4 ? 5 : 2)), 2))
         * mer_test_harmonics (phase, 10);
}

static void
test_arousal (void **state)
{
  static const double little = 0.5, much = 8;
  MerVocalAffect calm, agitated;
  MerVoice voice;

  measure (gliding_voice, &little, &voice);
  mer_vocal_affect_judge (&voice, &calm);
  measure (gliding_voice, &much, &voice);
  mer_vocal_affect_judge (&voice, &agitated);
  assert_true (calm.has_voice && agitated.has_voice);
  assert_true (calm.arousal < 0.4);
  assert_true (agitated.arousal > 0.6);
}

/* the same voice is calmer when it is quieter; above broadcast level it is normalised */
static void
test_arousal_level (void **state)
{
  static const struct
  {
    double integrated;
    double part;
  } levels[] = { { -60, -2.5 }, { -28, 0 }, { -19, 5. / 9 }, { -10, 5. / 9 } };
  static const double depth = 3;
  double parts[MER_N_AROUSAL_CUES], last = 0;
  MerVoice voice;

  measure (gliding_voice, &depth, &voice);
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      double arousal;

      voice.loudness.integrated = levels[i].integrated;
      arousal = mer_vocal_arousal_judge (&voice, parts);
      assert_true (arousal >= last && arousal < 1);
      assert_true (fabs (parts[0] - levels[i].part) < 1e-9);
      last = arousal;
    }
  assert_string_equal (mer_vocal_arousal_get_cue_name (0), "level");
}

/* what does not change does not vary; a sine's centroid is its frequency */
static void
test_timbre (void **state)
{
  static const double amplitude = 0.1, frequency = 200, depth = 8;
  MerVoice voice, glide;

  measure (sine, &amplitude, &voice);
  assert_true (fabs (voice.timbre.centroid - 997) < 2);
  measure (steady_voice, &frequency, &voice);
  assert_true (voice.intonation.velocity_hertz < 1);
  assert_true (voice.timbre.loudness_variation < 0.05);
  measure (gliding_voice, &depth, &glide);
  assert_true (glide.intonation.velocity_hertz > 100);
  assert_true (glide.timbre.cepstrum_deviation > voice.timbre.cepstrum_deviation);
  assert_true (glide.timbre.loudness_variation > 0.1);
}

static void
test_words (void **state)
{
  /* a point at the very place of an emotion gives its word first */
  static const struct
  {
    const char *word;
    double cues[MER_N_VOCAL_CUES];
  } places[] = {
    { "angry", { 1.5, 0.5, 0.5, 1.5, 0.5, 0 } },
    { "sad", { -1.5, -0.5, -1, -1.5, -1.5, -0.5 } },
    { "surprised", { 0, 1, 2, 0, 0, 1.5 } },
    { "neutral", { 0 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      MerVocalAffect affect = { .has_voice = TRUE, .trust = 0.65 };
      g_autoptr (MerLabels) labels = NULL;

      memcpy (affect.cues, places[i].cues, sizeof affect.cues);
      labels = mer_vocal_affect_get_labels (&affect);
      assert_string_equal (mer_labels_get (labels, 0), places[i].word);
      assert_true (mer_labels_get_weight (labels, 0) <= 0.65);
      assert_true (mer_labels_get_weight (labels, 0) > 0.2);
    }
}

static void
test_hostile_wav (void **state)
{
  static const struct
  {
    const char *bytes;
    gsize size;
  } files[] = {
    { "", 0 },
    { "RIFF", 4 },
    { "RIFF\xff\xff\xff\xffWAVE", 12 },
    { "RIFF\0\0\0\0WAVEfmt \xff\xff\xff\xff", 20 },
    { "RIFF\0\0\0\0WAVEdata\x10\0\0\0", 20 },
    /* eight bits a sample */
    { "RIFF\0\0\0\0WAVEfmt "
      "\x10\0\0\0\1\0\1\0\x80\x3e\0\0\x80\x3e\0\0\1\0\x08\0data\0\0\0\0",
      44 },
    /* rate 0 */
    { "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\0\0\0\0\0\0\0\0\2\0\x10\0data\0\0\0\0", 44 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (files[i].bytes, files[i].size);
      g_autoptr (GError) error = NULL;

      assert_null (mer_wave_new_parsed (bytes, 600, &error));
      assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_DECODE));
    }
}

/* from no sample to a few milliseconds: too short for any window */
static void
test_short (void **state)
{
  for (guint n = 0; n < 900; n += 7)
    {
      g_autofree double *samples = g_new (double, MAX (n, 1));
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) wav = NULL;
      g_autoptr (MerWave) wave = NULL;
      MerVoice voice;

      for (guint i = 0; i < n; i++)
        samples[i] = 0.3 * mer_test_voice (200, (double) i / MER_TEST_RATE);
      wav = mer_test_wav_new (samples, n);
      wave = mer_wave_new_parsed (wav, 600, &error);
      mer_test_assert_no_error (error);
      mer_voice_measure (wave, &voice, NULL, &error);
      mer_test_assert_no_error (error);
    }
}

static void
test_cut_and_cancelled (void **state)
{
  const double frequency = 200;
  g_autoptr (MerWave) wave = make_wave (steady_voice, &frequency);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree double *samples = g_new0 (double, MER_TEST_RATE * 2);
  g_autoptr (GBytes) wav = mer_test_wav_new (samples, MER_TEST_RATE * 2);
  g_autoptr (MerWave) cut = mer_wave_new_parsed (wav, 1, NULL);
  g_autoptr (GError) error = NULL;
  MerVoice voice;

  assert_true (cut->truncated);
  assert_int_equal (cut->n_samples, MER_TEST_RATE);
  g_cancellable_cancel (cancellable);
  assert_false (mer_voice_measure (wave, &voice, cancellable, &error));
  assert_true (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_pitch),         cmocka_unit_test (test_contour),
    cmocka_unit_test (test_no_voice),      cmocka_unit_test (test_loudness),
    cmocka_unit_test (test_rhythm),        cmocka_unit_test (test_arousal),
    cmocka_unit_test (test_arousal_level), cmocka_unit_test (test_timbre),
    cmocka_unit_test (test_words),         cmocka_unit_test (test_hostile_wav),
    cmocka_unit_test (test_short),         cmocka_unit_test (test_cut_and_cancelled),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
