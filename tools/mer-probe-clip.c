/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* a clip that is drawn, not decoded: a face that smiles more from frame to frame, and a
 * tone */
#include "mer-probe-clip.h"

#include <math.h>

#include "media/mer-picture.h"
#include "media/mer-wav.h"
#include "mer-error.h"

#define SIDE 64u
#define RATE 16000u
#define TONE 220.
#define LOUDNESS 6000.

static gboolean
is_face (double x, double y, double smile)
{
  const double mouth = 0.25 + smile * (0.25 - x * x) * 0.8;

  if (hypot (fabs (x) - 0.2, y + 0.2) < 0.07)
    return FALSE;
  return fabs (x) > 0.3 || fabs (y - mouth) > 0.05;
}

static GstBuffer *
draw (guint i, guint n)
{
  const double smile = n > 1 ? (double) i / (n - 1) : 1;
  const gsize size = (gsize) SIDE * SIDE * 3;
  guint8 *pixels = g_malloc (size);

  for (guint at = 0; at < SIDE * SIDE; at++)
    {
      const double x = (double) (at % SIDE) / SIDE - 0.5;
      const double y = (double) (at / SIDE) / SIDE - 0.5;
      const gboolean skin = hypot (x, y) < 0.45 && is_face (x, y, smile);

      pixels[3 * at] = skin ? 240 : 30;
      pixels[3 * at + 1] = skin ? 200 : 30;
      pixels[3 * at + 2] = skin ? 160 : (guint8) (30 + i);
    }
  return gst_buffer_new_wrapped (pixels, size);
}

static gboolean
add_frames (JsonArray *list, MerMediaBytes *bytes, guint n_frames, GError **error)
{
  g_autoptr (MerPictureMaker) maker = mer_picture_maker_new (SIDE, 85);
  GstVideoInfo info;

  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_RGB, SIDE, SIDE);
  for (guint i = 0; i < n_frames; i++)
    {
      g_autoptr (GstBuffer) picture = draw (i, n_frames);
      guint width = 0, height = 0;
      g_autoptr (GBytes) jpeg
          = mer_picture_maker_jpeg (maker, &info, picture, &width, &height, error);
      g_autofree char *sum = NULL;
      JsonObject *frame = json_object_new ();

      json_array_add_object_element (list, frame);
      if (jpeg == NULL)
        return FALSE;
      sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, jpeg);
      json_object_set_double_member (frame, "time", i + 0.5);
      json_object_set_double_member (frame, "pts", i + 0.5);
      json_object_set_int_member (frame, "width", width);
      json_object_set_int_member (frame, "height", height);
      json_object_set_string_member (frame, "sha256", sum);
      json_object_set_int_member (frame, "bytes", (gint64) g_bytes_get_size (jpeg));
      g_ptr_array_add (bytes->frames, g_steal_pointer (&jpeg));
    }
  return TRUE;
}

static void
add_tone (JsonObject *manifest, MerMediaBytes *bytes, double seconds)
{
  const guint n_samples = (guint) (seconds * RATE);
  GByteArray *wav = mer_wav_begin ();
  JsonObject *audio = json_object_new ();
  g_autofree char *sum = NULL;

  for (guint i = 0; i < n_samples; i++)
    {
      const gint16 value = (gint16) (LOUDNESS * sin (2 * G_PI * TONE * i / RATE));
      const guint8 pair[] = { (guint8) (value & 0xff), (guint8) (value >> 8 & 0xff) };

      g_byte_array_append (wav, pair, sizeof pair);
    }
  bytes->audio = mer_wav_finish (wav, RATE);
  sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes->audio);
  json_object_set_string_member (audio, "sha256", sum);
  json_object_set_double_member (audio, "seconds", seconds);
  json_object_set_object_member (manifest, "audio", audio);
}

/**
 * mer_probe_clip_new:
 * @n_frames: how many pictures
 * @seconds: how long the tone is; 0 for none
 * @subtitle: (nullable): what is said
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): a sample whose media is there
 */
MerSample *
mer_probe_clip_new (guint n_frames, double seconds, const char *subtitle, GError **error)
{
  g_autoptr (MerSample) sample = mer_sample_new ("probe", 0);
  JsonNode *manifest = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new ();
  JsonArray *frames = json_array_new ();
  g_autoptr (MerMediaBytes) bytes = mer_media_bytes_new ();
  g_autoptr (MerMedia) media = NULL;

  json_node_take_object (manifest, root);
  json_object_set_string_member (root, "outcome", "answered");
  json_object_set_array_member (root, "frames", frames);
  if (seconds > 0)
    add_tone (root, bytes, seconds);
  if (add_frames (frames, bytes, n_frames, error))
    media = mer_media_new (manifest, g_steal_pointer (&bytes), error);
  else
    json_node_unref (manifest);
  if (media == NULL)
    return NULL;
  if (n_frames > 0 || seconds > 0)
    mer_sample_set_media (sample, media);
  mer_sample_set_subtitle (sample, subtitle);
  return g_steal_pointer (&sample);
}
