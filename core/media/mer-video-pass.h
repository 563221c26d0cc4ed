/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "media/mer-decode-settings.h"
#include "media/mer-picture-set.h"
#include "media/mer-tracks.h"

G_BEGIN_DECLS

/**
 * MerVideoPass:
 *
 * The wanted pictures of one video track: which packets must be decoded for them, and what
 * came of it. Times are stream time unless they say otherwise.
 */
typedef struct _MerVideoPass MerVideoPass;

MerVideoPass *mer_video_pass_new (MerTrack *track, const MerDecodeSettings *settings);
void mer_video_pass_free (MerVideoPass *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerVideoPass, mer_video_pass_free)

gboolean mer_video_pass_needs_times (MerVideoPass *self);
gboolean mer_video_pass_try_other (MerVideoPass *self);
gboolean mer_video_pass_begin (MerVideoPass *self, gboolean everything, GError **error);
void mer_video_pass_feed (MerVideoPass *self, guint index, const MerPacket *packet);
gboolean mer_video_pass_end (MerVideoPass *self, GError **error);

gboolean mer_video_pass_is_exact (MerVideoPass *self);
guint mer_video_pass_count_lost (MerVideoPass *self);
gboolean mer_video_pass_is_sound (MerVideoPass *self);
MerTrack *mer_video_pass_get_track (MerVideoPass *self);
gint64 mer_video_pass_get_start (MerVideoPass *self);
guint64 mer_video_pass_get_duration (MerVideoPass *self);
guint mer_video_pass_get_n_shown (MerVideoPass *self);

MerPictureSet *mer_video_pass_get_pictures (MerVideoPass *self);
double mer_video_pass_get_strip_rate (MerVideoPass *self);

G_END_DECLS
