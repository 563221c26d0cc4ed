/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <gio/gio.h>
#include <jpeglib.h>

/* columns of the bar code that a made clip may carry over its whole height */
#define N_BARS 16

/* a line break or a missing pad makes some servers read half a picture and say nothing */
GBytes *
media_decode_base64 (const char *text, GError **error)
{
  gsize length = strlen (text);
  gsize plain
      = strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  gsize pads = strspn (text + plain, "=");
  gsize n = 0;

  if (length == 0 || length % 4 != 0 || pads > 2 || plain + pads != length)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Invalid base64 value");
      return NULL;
    }
  guint8 *bytes = g_base64_decode (text, &n);
  return g_bytes_new_take (bytes, n);
}

const char *
media_sniff (GBytes *bytes)
{
  static const struct
  {
    gsize at;
    const char *magic;
    gsize length;
    const char *type;
  } kinds[] = {
    { 0, "\xff\xd8\xff", 3, "image/jpeg" },
    { 0, "\x89PNG\r\n\x1a\n", 8, "image/png" },
    { 0, "GIF8", 4, "image/gif" },
    { 8, "WEBP", 4, "image/webp" },
    { 8, "WAVE", 4, "audio/wav" },
    { 8, "AVI ", 4, "video/x-msvideo" },
    { 4, "ftypqt", 6, "video/quicktime" },
    { 4, "ftyp", 4, "video/mp4" },
    { 0, "\x1a\x45\xdf\xa3", 4, "video/x-matroska" },
    { 0, "FLV\x01", 4, "video/x-flv" },
    { 0, "\0\0\x01\xba", 4, "video/mpeg" },
    { 0, "ID3", 3, "audio/mpeg" },
    { 0, "fLaC", 4, "audio/flac" },
    { 0, "OggS", 4, "audio/ogg" },
  };
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (length >= kinds[i].at + kinds[i].length
        && memcmp (data + kinds[i].at, kinds[i].magic, kinds[i].length) == 0)
      return kinds[i].type;
  return NULL;
}

typedef struct
{
  struct jpeg_error_mgr base;
  jmp_buf jump;
} JpegErrors;

static void
on_jpeg_error (j_common_ptr info)
{
  longjmp (((JpegErrors *) info->err)->jump, 1);
}

static void
on_jpeg_message (j_common_ptr info, int level)
{
  if (level < 0)
    info->err->num_warnings++;
}

typedef struct
{
  double sum[3];
  double bars[N_BARS];
} Sums;

static void
add_row (Sums *sums, const JSAMPLE *row, guint width, guint components)
{
  for (guint x = 0; x < width; x++)
    {
      const JSAMPLE *pixel = row + (gsize) x * components;
      double gray = 0;

      for (guint c = 0; c < 3; c++)
        {
          double value = pixel[components >= 3 ? c : 0];

          sums->sum[c] += value;
          gray += value / 3;
        }
      sums->bars[(gsize) x * N_BARS / width] += gray;
    }
}

/* black and white bars are bits, the left one the highest; -1 where there are none */
static gint64
read_bars (const Sums *sums, guint width, guint height)
{
  gint64 code = 0;

  for (guint i = 0; i < N_BARS; i++)
    {
      double mean = sums->bars[i] / ((double) width / N_BARS * height);

      if (mean >= 80 && mean <= 175)
        return -1;
      code = code << 1 | (mean > 175);
    }
  return code;
}

static JsonObject *
describe (const Sums *sums, guint width, guint height, gsize bytes)
{
  static const char *const names[] = { "red", "green", "blue" };
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "width", width);
  json_object_set_int_member (object, "height", height);
  json_object_set_int_member (object, "bytes", (gint64) bytes);
  for (guint c = 0; c < 3; c++)
    json_object_set_double_member (
        object, names[c], round (sums->sum[c] / ((double) width * height) * 100) / 100);
  json_object_set_int_member (object, "bars", read_bars (sums, width, height));
  return object;
}

JsonObject *
media_describe_jpeg (GBytes *jpeg, GError **error)
{
  struct jpeg_decompress_struct info = { 0 };
  JpegErrors errors;
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (jpeg, &length);
  JSAMPLE *volatile row = NULL;
  Sums sums = { 0 };

  info.err = jpeg_std_error (&errors.base);
  errors.base.error_exit = on_jpeg_error;
  errors.base.emit_message = on_jpeg_message;
  if (setjmp (errors.jump) != 0)
    {
      jpeg_destroy_decompress (&info);
      g_free (row);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "Failed to load image or audio file");
      return NULL;
    }
  jpeg_create_decompress (&info);
  jpeg_mem_src (&info, data, length);
  jpeg_read_header (&info, TRUE);
  jpeg_start_decompress (&info);
  row = g_malloc ((gsize) info.output_width * (gsize) info.output_components);
  while (info.output_scanline < info.output_height)
    {
      JSAMPROW rows[1] = { row };

      jpeg_read_scanlines (&info, rows, 1);
      add_row (&sums, row, info.output_width, (guint) info.output_components);
    }
  JsonObject *object = describe (&sums, info.output_width, info.output_height, length);
  long warnings = info.err->num_warnings;
  jpeg_finish_decompress (&info);
  jpeg_destroy_decompress (&info);
  g_free (row);
  if (warnings == 0)
    return object;
  json_object_unref (object);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "Failed to load image or audio file: the JPEG is damaged");
  return NULL;
}

static guint32
get32 (const guint8 *at)
{
  return (guint32) at[0] | (guint32) at[1] << 8 | (guint32) at[2] << 16
         | (guint32) at[3] << 24;
}

/* the one form that every server reads: 44 bytes of head, sizes that are true */
static const char *
find_wav_fault (const guint8 *data, gsize length)
{
  if (length < 46 || memcmp (data, "RIFF", 4) != 0 || memcmp (data + 8, "WAVEfmt ", 8) != 0)
    return "no WAV file";
  if (get32 (data + 4) != length - 8)
    return "the RIFF size is wrong";
  if (get32 (data + 16) != 16 || data[20] != 1 || data[21] != 0)
    return "not plain PCM";
  if (memcmp (data + 36, "data", 4) != 0 || get32 (data + 40) != length - 44)
    return "the data chunk's size is wrong";
  return NULL;
}

JsonObject *
media_describe_wav (GBytes *wav, GError **error)
{
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (wav, &length);
  const char *fault = find_wav_fault (data, length);
  double sum = 0;

  if (fault != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "Failed to load image or audio file: %s", fault);
      return NULL;
    }

  guint channels = data[22];
  guint rate = get32 (data + 24);
  guint bits = data[34];
  gsize n = (length - 44) / 2;
  for (gsize i = 0; i < n; i++)
    {
      gint16 value = (gint16) (data[44 + 2 * i] | data[45 + 2 * i] << 8);

      sum += (double) value * value;
    }

  JsonObject *object = json_object_new ();
  json_object_set_int_member (object, "bytes", (gint64) length);
  json_object_set_int_member (object, "rate", rate);
  json_object_set_int_member (object, "channels", channels);
  json_object_set_int_member (object, "bits", bits);
  json_object_set_double_member (object, "seconds", (double) n / MAX (1, rate * channels));
  json_object_set_double_member (object, "rms", n > 0 ? sqrt (sum / (double) n) : 0);
  return object;
}
