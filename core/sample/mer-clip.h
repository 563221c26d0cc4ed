/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * MerClip:
 *
 * Where a sample's evidence lies on disk: a video file, an audio file where it is not a
 * track of the video, and a subtitle side file. Paths are absolute or relative to the
 * working directory, in the file system's own encoding. Immutable.
 */
typedef struct _MerClip MerClip;

#define MER_TYPE_CLIP (mer_clip_get_type ())
GType mer_clip_get_type (void);

MerClip *mer_clip_new (const char *video, const char *audio, const char *subtitle);
MerClip *mer_clip_ref (MerClip *self);
void mer_clip_unref (MerClip *self);

const char *mer_clip_get_video (MerClip *self);
const char *mer_clip_get_audio (MerClip *self);
const char *mer_clip_get_subtitle (MerClip *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerClip, mer_clip_unref)

G_END_DECLS
