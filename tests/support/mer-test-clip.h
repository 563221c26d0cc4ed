/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib/gstdio.h>
#include <string.h>

#include "support/mer-test-sample.h"

/* a file that begins as an MP4 does and holds nothing that plays; @path is to be freed and
 * the file removed by the caller */
static inline char *
mer_test_clip_write (guint8 fill, gsize size)
{
  g_autofree guint8 *bytes = g_malloc (size);
  g_autoptr (GError) error = NULL;
  char *path = NULL;
  int fd = g_file_open_tmp ("mer-clip-XXXXXX.mp4", &path, &error);

  mer_test_assert_no_error (error);
  g_close (fd, NULL);
  memset (bytes, fill, size);
  memcpy (bytes,
          "\0\0\0\x18"
          "ftypmp42",
          12);
  assert_true (g_file_set_contents (path, (const char *) bytes, (gssize) size, NULL));
  return path;
}

/* a sample of one frame, with sound where @seconds > 0, that comes from the file */
static inline MerSample *
mer_test_clip_sample (guint64 seq, const char *path, double seconds)
{
  g_autofree char *content = NULL;
  gsize length = 0;
  MerSample *sample = mer_test_sample (seq, 0, 0, "hello");
  g_autoptr (MerMedia) plain = mer_test_media (1, seconds);
  g_autoptr (MerClip) clip = mer_clip_new (path, NULL, NULL);
  JsonNode *manifest = mer_media_get_manifest (plain);
  MerMediaBytes *bytes = mer_media_bytes_new ();
  JsonObject *described = json_object_new ();
  g_autoptr (GError) error = NULL;

  assert_true (g_file_get_contents (path, &content, &length, NULL));
  g_autofree char *hash
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) content, length);
  json_object_set_string_member (described, "sha256", hash);
  json_object_set_object_member (json_node_get_object (manifest), "clip", described);
  g_ptr_array_add (bytes->frames, g_bytes_ref (mer_media_get_jpeg (plain, 0)));
  bytes->audio = seconds > 0 ? g_bytes_ref (mer_media_get_audio (plain)) : NULL;

  g_autoptr (MerMedia) media = mer_media_new (json_node_copy (manifest), bytes, &error);
  mer_test_assert_no_error (error);
  mer_sample_set_media (sample, media);
  mer_sample_set_clip (sample, clip);
  return sample;
}
