/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-wave.h"

#include <string.h>

#include "mer-error.h"

#define RIFF_HEADER_SIZE 12
#define CHUNK_HEADER_SIZE 8
#define FORMAT_CHUNK_SIZE 16
#define FORMAT_PCM 1
#define MIN_RATE 8000
#define MAX_RATE 192000

static guint
read_u16 (const guint8 *at)
{
  return at[0] | (guint) at[1] << 8;
}

static guint
read_u32 (const guint8 *at)
{
  return read_u16 (at) | read_u16 (at + 2) << 16;
}

/* the chunk's content; a size that passes the end of the file is cut there, as players do
 * with recordings that were stopped hard */
static const guint8 *
find_chunk (const guint8 *data, gsize size, const char *name, gsize *length)
{
  gsize at = RIFF_HEADER_SIZE;

  while (size >= CHUNK_HEADER_SIZE && at <= size - CHUNK_HEADER_SIZE)
    {
      gsize left = size - at - CHUNK_HEADER_SIZE;
      gsize told = read_u32 (data + at + 4);

      if (memcmp (data + at, name, 4) == 0)
        {
          *length = MIN (told, left);
          return data + at + CHUNK_HEADER_SIZE;
        }
      if (told >= left)
        return NULL;
      at += CHUNK_HEADER_SIZE + told + (told & 1);
    }
  return NULL;
}

/**
 * mer_wave_new_parsed:
 * @wav: a WAV file: RIFF, PCM, 16 bit, one channel
 * @max_seconds: what lies behind this is left out
 * @error: return location
 *
 * Reads a WAV file as `mermedia` makes them.
 *
 * Returns: (transfer full): the sound, or %NULL with %MER_ERROR_DECODE
 */
MerWave *
mer_wave_new_parsed (GBytes *wav, double max_seconds, GError **error)
{
  gsize size, format_size = 0, data_size = 0;
  const guint8 *bytes = g_bytes_get_data (wav, &size);
  const guint8 *format, *data;
  MerWave *self;
  guint rate;

  if (size < RIFF_HEADER_SIZE || memcmp (bytes, "RIFF", 4) != 0
      || memcmp (bytes + 8, "WAVE", 4) != 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "the audio is not a WAV file");
      return NULL;
    }
  format = find_chunk (bytes, size, "fmt ", &format_size);
  data = find_chunk (bytes, size, "data", &data_size);
  if (format == NULL || format_size < FORMAT_CHUNK_SIZE || data == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_DECODE,
                   "the WAV file has no fmt or no data chunk");
      return NULL;
    }
  rate = read_u32 (format + 4);
  if (read_u16 (format) != FORMAT_PCM || read_u16 (format + 2) != 1
      || read_u16 (format + 14) != 16 || rate < MIN_RATE || rate > MAX_RATE)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_DECODE,
                   "the WAV file is not PCM, 16 bit, one channel, %d to %d Hz", MIN_RATE,
                   MAX_RATE);
      return NULL;
    }

  self = g_new0 (MerWave, 1);
  self->rate = rate;
  self->n_samples = data_size / 2;
  if (self->n_samples > max_seconds * rate)
    {
      self->n_samples = (gsize) (max_seconds * rate);
      self->truncated = TRUE;
    }
  self->samples = g_new (float, self->n_samples);
  for (gsize i = 0; i < self->n_samples; i++)
    self->samples[i] = (gint16) read_u16 (data + 2 * i) / 32768.f;
  return self;
}

void
mer_wave_free (MerWave *self)
{
  g_free (self->samples);
  g_free (self);
}

/**
 * mer_wave_get_seconds:
 * @self: a sound
 *
 * Returns: how long it lasts, seconds
 */
double
mer_wave_get_seconds (const MerWave *self)
{
  return (double) self->n_samples / self->rate;
}
