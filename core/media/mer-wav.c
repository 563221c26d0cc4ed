/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-wav.h"

#include <string.h>

static void
put_u16 (guint8 *to, guint16 value)
{
  to[0] = value & 0xff;
  to[1] = value >> 8;
}

static void
put_u32 (guint8 *to, guint32 value)
{
  put_u16 (to, value & 0xffff);
  put_u16 (to + 2, value >> 16);
}

static guint32
get_u32 (const guint8 *from)
{
  return from[0] | from[1] << 8 | from[2] << 16 | (guint32) from[3] << 24;
}

/**
 * mer_wav_write_header:
 * @header: (out caller-allocates): `MER_WAV_HEADER_SIZE` bytes
 * @rate: samples a second
 * @data_size: bytes of mono s16 samples that follow
 *
 * Writes the plain 44-byte header, whose sizes are right from the start: an encoder element
 * would patch them by seeking back, which a stream cannot.
 */
void
mer_wav_write_header (guint8 *header, guint rate, guint32 data_size)
{
  memcpy (header, "RIFF....WAVEfmt ", 16);
  put_u32 (header + 4, data_size + MER_WAV_HEADER_SIZE - 8);
  put_u32 (header + 16, 16);
  put_u16 (header + 20, 1); /* PCM */
  put_u16 (header + 22, 1); /* mono */
  put_u32 (header + 24, rate);
  put_u32 (header + 28, rate * 2);
  put_u16 (header + 32, 2);
  put_u16 (header + 34, 16);
  memcpy (header + 36, "data", 4);
  put_u32 (header + 40, data_size);
}

/**
 * mer_wav_begin:
 *
 * Returns: (transfer full): an array with room for the header; append s16 samples in little
 *   endian and end with [func@wav_finish]
 */
GByteArray *
mer_wav_begin (void)
{
  GByteArray *wav = g_byte_array_new ();

  g_byte_array_set_size (wav, MER_WAV_HEADER_SIZE);
  return wav;
}

/**
 * mer_wav_finish:
 * @wav: (transfer full): what [func@wav_begin] gave
 * @rate: samples a second
 *
 * Returns: (transfer full): a whole WAV file
 */
GBytes *
mer_wav_finish (GByteArray *wav, guint rate)
{
  mer_wav_write_header (wav->data, rate, wav->len - MER_WAV_HEADER_SIZE);
  return g_byte_array_free_to_bytes (wav);
}

/**
 * mer_wav_get_samples:
 * @wav: a WAV file as [func@wav_finish] makes it
 * @n_samples: (out): how many
 * @rate: (out) (optional): samples a second
 *
 * Returns: (transfer full) (nullable) (array length=n_samples): the samples in the
 *   machine's own order, %NULL if this is no such file
 */
gint16 *
mer_wav_get_samples (GBytes *wav, gsize *n_samples, guint *rate)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (wav, &size);

  *n_samples = 0;
  if (size < MER_WAV_HEADER_SIZE || memcmp (data, "RIFF", 4) != 0
      || memcmp (data + 8, "WAVEfmt ", 8) != 0 || memcmp (data + 36, "data", 4) != 0
      || data[22] != 1 || data[34] != 16)
    return NULL;

  gsize n = MIN (get_u32 (data + 40), size - MER_WAV_HEADER_SIZE) / 2;
  gint16 *samples = g_new (gint16, MAX (n, 1));
  const guint8 *from = data + MER_WAV_HEADER_SIZE;
  for (gsize i = 0; i < n; i++)
    samples[i] = (gint16) (from[2 * i] | from[2 * i + 1] << 8);
  *n_samples = n;
  if (rate != NULL)
    *rate = get_u32 (data + 24);
  return samples;
}
