/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "sample/mer-media.h"

G_BEGIN_DECLS

/**
 * MerPictureMaker:
 *
 * Turns raw video frames into the JPEGs and gray pictures of a media: pixel aspect and
 * rotation applied, longest side bounded, full-range colours. One for a track; not for
 * several threads at once.
 */
typedef struct _MerPictureMaker MerPictureMaker;

/* a picture of more pixels than this is refused: nothing that was filmed is larger */
#define MER_PICTURE_MAX_PIXELS (64u * 1024 * 1024)
#define MER_STRIP_SIDE 64u

MerPictureMaker *mer_picture_maker_new (guint max_side, guint quality);
void mer_picture_maker_free (MerPictureMaker *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerPictureMaker, mer_picture_maker_free)

void mer_picture_maker_set_orientation (MerPictureMaker *self,
                                        GstVideoOrientationMethod method);
GstVideoOrientationMethod mer_picture_orientation_from_tag (const char *tag);

GBytes *mer_picture_maker_jpeg (MerPictureMaker *self, const GstVideoInfo *info,
                                GstBuffer *buffer, guint *width, guint *height,
                                GError **error);
GBytes *mer_picture_maker_gray (MerPictureMaker *self, const GstVideoInfo *info,
                                GstBuffer *buffer, guint *width, guint *height,
                                GError **error);
gboolean mer_picture_check_size (const GstVideoInfo *info, GError **error);

G_END_DECLS
