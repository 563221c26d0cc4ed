/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test-sample.h"

#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

/**
 * mer_test_jpeg:
 *
 * Returns: (transfer full): a JPEG of one colour
 */
GBytes *
mer_test_jpeg (guint width, guint height, guint8 red, guint8 green, guint8 blue)
{
  struct jpeg_compress_struct info = { 0 };
  struct jpeg_error_mgr errors;
  unsigned char *data = NULL;
  unsigned long length = 0;
  g_autofree JSAMPLE *row = g_malloc ((gsize) width * 3);

  for (guint x = 0; x < width; x++)
    {
      row[3 * x] = red;
      row[3 * x + 1] = green;
      row[3 * x + 2] = blue;
    }
  info.err = jpeg_std_error (&errors);
  jpeg_create_compress (&info);
  jpeg_mem_dest (&info, &data, &length);
  info.image_width = width;
  info.image_height = height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults (&info);
  jpeg_set_quality (&info, 90, TRUE);
  jpeg_start_compress (&info, TRUE);
  while (info.next_scanline < height)
    {
      JSAMPROW rows[1] = { row };

      jpeg_write_scanlines (&info, rows, 1);
    }
  jpeg_finish_compress (&info);
  jpeg_destroy_compress (&info);

  GBytes *bytes = g_bytes_new (data, length);
  free (data);
  return bytes;
}

static void
put32 (guint8 *at, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    at[i] = (guint8) (value >> (8 * i));
}

/**
 * mer_test_wav:
 *
 * Returns: (transfer full): a sawtooth at 16 kHz
 */
GBytes *
mer_test_wav (double seconds)
{
  guint32 length = (guint32) (seconds * 16000) * 2;
  guint8 *data = g_malloc0 (44 + length);

  memcpy (data, "RIFF....WAVEfmt ", 16);
  put32 (data + 4, 36 + length);
  put32 (data + 16, 16);
  put32 (data + 20, 1 | 1 << 16);
  put32 (data + 24, 16000);
  put32 (data + 28, 32000);
  put32 (data + 32, 2 | 16 << 16);
  memcpy (data + 36, "data", 4);
  put32 (data + 40, length);
  for (guint32 i = 0; i < length / 2; i++)
    data[44 + 2 * i + 1] = (guint8) (i % 64);
  return g_bytes_new_take (data, 44 + length);
}

static void
add_frame (JsonArray *frames, GBytes *jpeg, guint i, guint width, guint height)
{
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, jpeg);
  JsonObject *frame = json_object_new ();

  json_object_set_double_member (frame, "time", i + 0.5);
  json_object_set_double_member (frame, "pts", i + 0.48);
  json_object_set_int_member (frame, "width", width);
  json_object_set_int_member (frame, "height", height);
  json_object_set_string_member (frame, "sha256", hash);
  json_object_set_int_member (frame, "bytes", (gint64) g_bytes_get_size (jpeg));
  json_array_add_object_element (frames, frame);
}

/**
 * mer_test_media_of:
 * @jpegs: (element-type GBytes): the frames
 * @wav: (nullable): the sound
 *
 * Returns: (transfer full): media whose bytes are there
 */
MerMedia *
mer_test_media_of (GPtrArray *jpegs, guint width, guint height, GBytes *wav, double seconds)
{
  JsonNode *manifest = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new ();
  JsonArray *frames = json_array_new ();
  MerMediaBytes *bytes = mer_media_bytes_new ();
  g_autoptr (GError) error = NULL;

  json_object_set_string_member (root, "outcome", "answered");
  for (guint i = 0; i < jpegs->len; i++)
    {
      GBytes *jpeg = g_ptr_array_index (jpegs, i);

      add_frame (frames, jpeg, i, width, height);
      g_ptr_array_add (bytes->frames, g_bytes_ref (jpeg));
    }
  json_object_set_array_member (root, "frames", frames);
  if (wav != NULL)
    {
      g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, wav);
      JsonObject *audio = json_object_new ();

      json_object_set_string_member (audio, "sha256", hash);
      json_object_set_double_member (audio, "seconds", seconds);
      json_object_set_object_member (root, "audio", audio);
      bytes->audio = g_bytes_ref (wav);
    }
  json_node_take_object (manifest, root);

  MerMedia *media = mer_media_new (manifest, bytes, &error);
  if (media == NULL)
    g_error ("%s", error->message);
  return media;
}

/**
 * mer_test_media:
 *
 * Frame i is of the gray level 10 · i.
 *
 * Returns: (transfer full): media whose bytes are there
 */
MerMedia *
mer_test_media (guint n_frames, double audio_seconds)
{
  g_autoptr (GPtrArray) jpegs
      = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) wav = audio_seconds > 0 ? mer_test_wav (audio_seconds) : NULL;

  for (guint i = 0; i < n_frames; i++)
    {
      guint8 gray = (guint8) (10 * i);

      g_ptr_array_add (jpegs, mer_test_jpeg (64, 48, gray, gray, gray));
    }
  return mer_test_media_of (jpegs, 64, 48, wav, audio_seconds);
}

/**
 * mer_test_sample:
 *
 * Returns: (transfer full): a sample `s0`, `s1`, … after its number
 */
MerSample *
mer_test_sample (guint64 seq, guint n_frames, double audio_seconds, const char *subtitle)
{
  g_autofree char *id = g_strdup_printf ("s%" G_GUINT64_FORMAT, seq);
  MerSample *sample = mer_sample_new (id, seq);

  if (n_frames > 0 || audio_seconds > 0)
    {
      g_autoptr (MerMedia) media = mer_test_media (n_frames, audio_seconds);

      mer_sample_set_media (sample, media);
    }
  mer_sample_set_subtitle (sample, subtitle);
  return sample;
}

/**
 * mer_test_sample_with_clip:
 *
 * Returns: (transfer full): a sample of two frames, half a second of sound, a subtitle
 *   `hello`, and the file that they are said to be of
 */
MerSample *
mer_test_sample_with_clip (const char *path, const char *sha256)
{
  MerSample *sample = mer_sample_new ("s", 0);
  g_autoptr (MerMedia) shown = mer_test_media (2, 0.5);
  JsonNode *manifest = json_node_copy (mer_media_get_manifest (shown));
  JsonObject *object = json_object_new ();
  MerMediaBytes *bytes = mer_media_bytes_new ();
  g_autoptr (MerClip) clip = mer_clip_new (path, NULL, NULL);
  g_autoptr (GError) error = NULL;

  json_object_set_string_member (object, "sha256", sha256);
  json_object_set_object_member (json_node_get_object (manifest), "clip", object);
  for (guint i = 0; i < 2; i++)
    g_ptr_array_add (bytes->frames, g_bytes_ref (mer_media_get_jpeg (shown, i)));
  bytes->audio = g_bytes_ref (mer_media_get_audio (shown));
  g_autoptr (MerMedia) media = mer_media_new (manifest, bytes, &error);
  if (media == NULL)
    g_error ("%s", error->message);
  mer_sample_set_media (sample, media);
  mer_sample_set_clip (sample, clip);
  mer_sample_set_subtitle (sample, "hello");
  return sample;
}
