/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-manifest.h"

#include "sample/mer-media.h"

static char *
hash_bytes (GBytes *bytes)
{
  return g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
}

/**
 * mer_manifest_add_frames:
 * @manifest: to write to
 * @frames: (element-type MerFrame): the frames, without hashes
 * @jpegs: (element-type GBytes): their bytes
 */
void
mer_manifest_add_frames (JsonObject *manifest, GArray *frames, GPtrArray *jpegs)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < frames->len; i++)
    {
      const MerFrame *frame = &g_array_index (frames, MerFrame, i);
      g_autofree char *sha256 = hash_bytes (jpegs->pdata[i]);
      JsonObject *object = json_object_new ();

      json_object_set_double_member (object, "time", frame->time / 1e9);
      json_object_set_double_member (object, "pts", frame->pts / 1e9);
      json_object_set_int_member (object, "width", frame->width);
      json_object_set_int_member (object, "height", frame->height);
      json_object_set_string_member (object, "sha256", sha256);
      json_object_set_int_member (object, "bytes", (gint64) frame->size);
      json_array_add_object_element (array, object);
    }
  json_object_set_array_member (manifest, "frames", array);
}

/**
 * mer_manifest_add_audio:
 * @manifest: to write to
 * @wav: the WAV file
 * @n_samples: in it
 * @rate: samples a second
 * @start: of the first sample, nanoseconds from the start of the clip
 *
 * Returns: (transfer none): the manifest's `audio`, for more members
 */
JsonObject *
mer_manifest_add_audio (JsonObject *manifest, GBytes *wav, guint64 n_samples, guint rate,
                        gint64 start)
{
  JsonObject *object = json_object_new ();
  g_autofree char *sha256 = hash_bytes (wav);

  json_object_set_double_member (object, "seconds", (double) n_samples / rate);
  json_object_set_string_member (object, "sha256", sha256);
  json_object_set_int_member (object, "bytes", (gint64) g_bytes_get_size (wav));
  json_object_set_int_member (object, "rate", rate);
  json_object_set_double_member (object, "offset", start / 1e9);
  json_object_set_object_member (manifest, "audio", object);
  return object;
}

/**
 * mer_manifest_add_cues:
 * @manifest: to write to
 * @cues: (element-type MerCue): sorted
 */
void
mer_manifest_add_cues (JsonObject *manifest, GArray *cues)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < cues->len; i++)
    {
      const MerCue *cue = &g_array_index (cues, MerCue, i);
      JsonObject *line = json_object_new ();

      json_object_set_double_member (line, "start", cue->start / 1e9);
      json_object_set_double_member (line, "end", cue->end / 1e9);
      json_object_set_string_member (line, "text", cue->text);
      json_array_add_object_element (array, line);
    }
  json_object_set_array_member (manifest, "cues", array);
}
