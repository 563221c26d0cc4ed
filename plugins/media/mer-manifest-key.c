/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* under which key a manifest is kept: what the bytes depend on and nothing else, so not the
 * clip's name */
#include "mer-manifest-key.h"

static gboolean
hash_one (JsonObject *hashes, const char *member, const char *path,
          GCancellable *cancellable, GError **error)
{
  guint64 size = 0;
  g_autofree char *sha256 = NULL;

  if (path == NULL)
    return TRUE;
  sha256 = mer_clip_hash_file (path, &size, cancellable, error);
  if (sha256 == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  if (member == NULL)
    {
      json_object_set_string_member (hashes, "sha256", sha256);
      json_object_set_int_member (hashes, "bytes", (gint64) size);
      return TRUE;
    }

  JsonObject *side = json_object_new ();
  json_object_set_string_member (side, "sha256", sha256);
  json_object_set_int_member (side, "bytes", (gint64) size);
  json_object_set_object_member (hashes, member, side);
  return TRUE;
}

/**
 * mer_manifest_hash_clip:
 * @clip: which files
 * @cancellable: (nullable): stops
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the manifest's `clip`: sha256 and size of the main
 *   file, and of the audio and subtitle files where there are any
 */
JsonNode *
mer_manifest_hash_clip (MerClip *clip, GCancellable *cancellable, GError **error)
{
  g_autoptr (JsonObject) hashes = json_object_new ();
  const char *video = mer_clip_get_video (clip);

  if (!hash_one (hashes, NULL, video, cancellable, error)
      || !hash_one (hashes, "audio", mer_clip_get_audio (clip), cancellable, error)
      || !hash_one (hashes, "subtitle", mer_clip_get_subtitle (clip), cancellable, error))
    return NULL;
  return json_node_init_object (json_node_alloc (), hashes);
}

/**
 * mer_manifest_key:
 * @hashes: what [func@manifest_hash_clip] gave
 * @settings: what is wanted of the clip
 *
 * Returns: (transfer full): sha256 over clip, settings and decoder versions
 */
char *
mer_manifest_key (JsonNode *hashes, const MerDecodeSettings *settings)
{
  g_autoptr (JsonNode) wanted = mer_decode_settings_to_json (settings);
  g_autoptr (JsonNode) versions = mer_decode_versions ();
  g_autofree char *clip_text = json_to_string (hashes, FALSE);
  g_autofree char *settings_text = json_to_string (wanted, FALSE);
  g_autofree char *versions_text = json_to_string (versions, FALSE);
  g_autofree char *all
      = g_strdup_printf ("%s\n%s\n%s", clip_text, settings_text, versions_text);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, all, -1);
}
