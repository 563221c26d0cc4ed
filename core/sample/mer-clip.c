/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sample/mer-clip.h"

struct _MerClip
{
  gatomicrefcount refs;
  char *video;
  char *audio;
  char *subtitle;
};

G_DEFINE_BOXED_TYPE (MerClip, mer_clip, mer_clip_ref, mer_clip_unref)

/**
 * mer_clip_new:
 * @video: (nullable) (type filename): the file with the picture, and with the voice unless
 *   @audio is given; an audio-only file may stand here too
 * @audio: (nullable) (type filename): a file whose audio is taken instead
 * @subtitle: (nullable) (type filename): a side file, which wins over embedded tracks
 *
 * Returns: (transfer full): the clip
 */
MerClip *
mer_clip_new (const char *video, const char *audio, const char *subtitle)
{
  MerClip *self = g_new0 (MerClip, 1);

  g_atomic_ref_count_init (&self->refs);
  self->video = g_strdup (video);
  self->audio = g_strdup (audio);
  self->subtitle = g_strdup (subtitle);
  return self;
}

MerClip *
mer_clip_ref (MerClip *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mer_clip_unref (MerClip *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->video);
  g_free (self->audio);
  g_free (self->subtitle);
  g_free (self);
}

const char *
mer_clip_get_video (MerClip *self)
{
  return self->video;
}

const char *
mer_clip_get_audio (MerClip *self)
{
  return self->audio;
}

const char *
mer_clip_get_subtitle (MerClip *self)
{
  return self->subtitle;
}
