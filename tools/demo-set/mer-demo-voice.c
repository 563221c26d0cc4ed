/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-demo-voice.h"

#include <math.h>
#include <string.h>

#define WAV_HEADER_SIZE 44
#define PADDING (MER_DEMO_AUDIO_RATE / 4) /* silence before and after, samples */
#define BRIGHTNESS_HZ 1000.
#define BRIGHTNESS_DB 18.
#define MAX_SAMPLE 0.98

static GBytes *
run_espeak (const MerDemoClip *clip, GError **error)
{
  g_autofree char *pitch = g_strdup_printf ("%u", clip->voice.pitch);
  g_autofree char *speed = g_strdup_printf ("%u", clip->voice.speed);
  g_autofree char *said = g_strdup_printf (
      "<speak><prosody range=\"%u%%\">%s</prosody></speak>", clip->voice.range, clip->text);
  g_autoptr (GSubprocess) process = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE, error, "espeak-ng", "-m", "-v", clip->voice.voice,
      "-p", pitch, "-s", speed, "--stdout", said, NULL);
  g_autoptr (GBytes) wav = NULL;

  if (process == NULL || !g_subprocess_communicate (process, NULL, NULL, &wav, NULL, error)
      || !g_subprocess_wait_check (process, NULL, error))
    {
      g_prefix_error (error, "%s: espeak-ng (apt-get install espeak-ng): ", clip->id);
      return NULL;
    }
  if (g_bytes_get_size (wav) <= WAV_HEADER_SIZE)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: espeak-ng said nothing",
                   clip->id);
      return NULL;
    }
  return g_bytes_new_from_bytes (wav, WAV_HEADER_SIZE,
                                 g_bytes_get_size (wav) - WAV_HEADER_SIZE);
}

/* tilts the spectrum around 1 kHz: the part above is made weaker or stronger */
static void
set_brightness (double *samples, gsize n, double brightness)
{
  double pass = 1 - exp (-2 * G_PI * BRIGHTNESS_HZ / MER_DEMO_AUDIO_RATE);
  double gain = pow (10, brightness * BRIGHTNESS_DB / 20), low = 0;

  for (gsize i = 0; i < n; i++)
    {
      low += pass * (samples[i] - low);
      samples[i] = low + gain * (samples[i] - low);
    }
}

static void
set_level (double *samples, gsize n, double level)
{
  double power = 0, gain;

  for (gsize i = 0; i < n; i++)
    power += samples[i] * samples[i];
  gain = power > 0 ? pow (10, level / 20) / sqrt (power / (double) n) : 0;
  for (gsize i = 0; i < n; i++)
    samples[i] = CLAMP (samples[i] * gain, -MAX_SAMPLE, MAX_SAMPLE);
}

/**
 * mer_demo_voice_speak:
 * @clip: a clip with a voice
 * @error: return location
 *
 * Returns: (transfer full): what espeak-ng says, at the clip's level and brightness, with a
 *   quarter of a second of silence on both sides
 */
GBytes *
mer_demo_voice_speak (const MerDemoClip *clip, GError **error)
{
  g_autoptr (GBytes) pcm = run_espeak (clip, error);
  g_autofree double *samples = NULL;
  const guint8 *bytes;
  gint16 *out;
  gsize n;

  if (pcm == NULL)
    return NULL;
  bytes = g_bytes_get_data (pcm, &n);
  n /= 2;
  samples = g_new (double, n);
  for (gsize i = 0; i < n; i++)
    samples[i] = (gint16) (bytes[2 * i] | bytes[2 * i + 1] << 8) / 32768.;
  set_brightness (samples, n, clip->voice.brightness);
  set_level (samples, n, clip->voice.level);
  out = g_new0 (gint16, n + 2 * PADDING);
  for (gsize i = 0; i < n; i++)
    out[PADDING + i] = (gint16) lrint (samples[i] * 32767);
  return g_bytes_new_take (out, (n + 2 * PADDING) * sizeof *out);
}
