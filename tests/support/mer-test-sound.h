/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <math.h>
#include <string.h>

#include <glib.h>

#define MER_TEST_RATE 16000

/* a voice-like sound: harmonics, each weaker than the one before; @phase in periods */
static inline double
mer_test_harmonics (double phase, guint n)
{
  double value = 0, all = 0;

  for (guint k = 1; k <= n; k++)
    {
      value += sin (2 * G_PI * k * phase) / k;
      all += 1. / k;
    }
  return value / all;
}

/* with harmonics up to 2 kHz */
static inline double
mer_test_voice (double frequency, double time)
{
  return mer_test_harmonics (frequency * time, (guint) (2000 / frequency));
}

static inline void
mer_test_put_u32 (GByteArray *bytes, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (bytes, (const guint8 *) &value, 4);
}

/* a WAV file as mermedia makes them */
static inline GBytes *
mer_test_wav_new (const double *samples, guint n)
{
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) "RIFF", 4);
  mer_test_put_u32 (bytes, 36 + 2 * n);
  g_byte_array_append (bytes, (const guint8 *) "WAVEfmt ", 8);
  mer_test_put_u32 (bytes, 16);
  mer_test_put_u32 (bytes, 1 | 1 << 16); /* PCM, one channel */
  mer_test_put_u32 (bytes, MER_TEST_RATE);
  mer_test_put_u32 (bytes, MER_TEST_RATE * 2);
  mer_test_put_u32 (bytes, 2 | 16 << 16);
  g_byte_array_append (bytes, (const guint8 *) "data", 4);
  mer_test_put_u32 (bytes, 2 * n);
  for (guint i = 0; i < n; i++)
    {
      guint16 value = GUINT16_TO_LE ((guint16) (gint16) lrint (samples[i] * 32767));

      g_byte_array_append (bytes, (const guint8 *) &value, 2);
    }
  return g_byte_array_free_to_bytes (bytes);
}
