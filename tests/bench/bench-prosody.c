/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How much faster than real time a voice is measured, beside Praat doing a part of it
 * (pitch and intensity) on the same WAV. Prints ratios; asserts nothing. */

#include <gio/gio.h>
#include <math.h>

#include "mer-vocal-affect.h"
#include "support/mer-test-sound.h"

#define SECONDS 60
#define ROUNDS 3

static const char praat_script[]
    = "form x\n  sentence path\nendform\nsound = Read from file: path$\nTo Pitch: 0, 75, "
      "600\n"
      "selectObject: sound\nTo Intensity: 50, 0, \"yes\"\nwriteInfoLine: 0\n";

/* syllables of 200 ms whose pitch moves between 150 and 250 Hz, a breath every 3 s */
static GBytes *
make_wav (void)
{
  guint n = SECONDS * MER_TEST_RATE;
  g_autofree double *samples = g_new (double, n);

  for (guint i = 0; i < n; i++)
    {
      double time = (double) i / MER_TEST_RATE;
      double phase = 200 * time - 50 / (2 * G_PI * 0.7) * cos (2 * G_PI * 0.7 * time);
      double envelope = pow (sin (G_PI * time * 5), 2);

      samples[i]
          = fmod (time, 3) < 0.4 ? 0 : 0.5 * envelope * mer_test_harmonics (phase, 10);
    }
  return mer_test_wav_new (samples, n);
}

/* s */
static double
time_here (GBytes *wav)
{
  double best = G_MAXDOUBLE;

  for (guint round = 0; round < ROUNDS; round++)
    {
      gint64 start = g_get_monotonic_time ();
      g_autoptr (MerWave) wave = mer_wave_new_parsed (wav, 2 * SECONDS, NULL);
      g_autoptr (MerLabels) labels = NULL;
      MerVocalAffect affect;
      MerVoice voice;

      mer_voice_measure (wave, &voice, NULL, NULL);
      mer_vocal_affect_judge (&voice, &affect);
      labels = mer_vocal_affect_get_labels (&affect);
      g_assert (labels != NULL);
      best = MIN (best, (double) (g_get_monotonic_time () - start) / G_TIME_SPAN_SECOND);
    }
  return best;
}

static double
time_praat (const char *script, const char *wav)
{
  double best = G_MAXDOUBLE;

  for (guint round = 0; round < ROUNDS; round++)
    {
      gint64 start = g_get_monotonic_time ();
      g_autoptr (GSubprocess) process = g_subprocess_new (
          G_SUBPROCESS_FLAGS_STDOUT_SILENCE, NULL, "praat", "--run", script, wav, NULL);

      if (process == NULL || !g_subprocess_wait_check (process, NULL, NULL))
        return NAN;
      best = MIN (best, (double) (g_get_monotonic_time () - start) / G_TIME_SPAN_SECOND);
    }
  return best;
}

int
main (void)
{
  g_autoptr (GBytes) wav = make_wav ();
  g_autofree char *folder = g_dir_make_tmp ("mer-bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "voice.wav", NULL);
  g_autofree char *script = g_build_filename (folder, "voice.praat", NULL);
  double here = time_here (wav), praat;

  g_file_set_contents (path, g_bytes_get_data (wav, NULL), (gssize) g_bytes_get_size (wav),
                       NULL);
  g_file_set_contents (script, praat_script, -1, NULL);
  g_print ("merprosody: %d s of voice in %.0f ms: %.0f x real time\n", SECONDS, 1000 * here,
           SECONDS / here);
  praat = time_praat (script, path);
  if (isnan (praat))
    g_print ("praat is not installed\n");
  else
    g_print ("praat, pitch and intensity alone: %.0f ms: merprosody is %.1f x as fast\n",
             1000 * praat, praat / here);
  return 0;
}
