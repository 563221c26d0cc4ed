/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "sample/mer-media.h"

G_BEGIN_DECLS

/**
 * MerFrameReservoir:
 *
 * Frames of a stream whose end nobody knows yet, as JPEGs within a bound of memory, from
 * which the frame rule chooses at the end.
 */
typedef struct _MerFrameReservoir MerFrameReservoir;

MerFrameReservoir *mer_frame_reservoir_new (guint max_side, guint quality, gsize max_bytes);
void mer_frame_reservoir_free (MerFrameReservoir *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerFrameReservoir, mer_frame_reservoir_free)

void mer_frame_reservoir_set_orientation (MerFrameReservoir *self,
                                          GstVideoOrientationMethod method);
gboolean mer_frame_reservoir_add (MerFrameReservoir *self, const GstVideoInfo *info,
                                  GstBuffer *buffer, gint64 start, gint64 end,
                                  GError **error);
gboolean mer_frame_reservoir_choose (MerFrameReservoir *self, guint n, GArray *frames,
                                     GPtrArray *jpegs, gint64 *start, guint64 *duration);
guint mer_frame_reservoir_get_n_seen (MerFrameReservoir *self);
gint64 mer_frame_reservoir_get_grid (MerFrameReservoir *self);

G_END_DECLS
