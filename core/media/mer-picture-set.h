/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "media/mer-decode-settings.h"
#include "sample/mer-media.h"

G_BEGIN_DECLS

/**
 * MerPictureSet:
 *
 * What is made of the wanted pictures of a clip: the JPEGs and the gray strip. A picture
 * that is wanted more than once is made once.
 */
typedef struct _MerPictureSet MerPictureSet;

MerPictureSet *mer_picture_set_new (const MerDecodeSettings *settings,
                                    const char *orientation);
void mer_picture_set_free (MerPictureSet *self);

void mer_picture_set_begin (MerPictureSet *self, guint n_strip);
void mer_picture_set_show (MerPictureSet *self, const GstVideoInfo *info,
                           GstBuffer *buffer);
gboolean mer_picture_set_add_frame (MerPictureSet *self, guint slot, guint64 time,
                                    guint64 pts, GError **error);
gboolean mer_picture_set_add_to_strip (MerPictureSet *self, guint slot, GError **error);

GArray *mer_picture_set_get_frames (MerPictureSet *self);
GPtrArray *mer_picture_set_get_jpegs (MerPictureSet *self);
GBytes *mer_picture_set_dup_strip (MerPictureSet *self, guint *width, guint *height,
                                   guint *n_frames);

G_END_DECLS
