/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "media/mer-tracks.h"

G_BEGIN_DECLS

/**
 * MerAudioPass:
 *
 * One audio track on its way to a mono WAV. Holes in the track become silence, so that the
 * n-th sample is heard n / rate after the first.
 */
typedef struct _MerAudioPass MerAudioPass;

/* longer audio is cut, and the manifest says so */
#define MER_AUDIO_MAX_SECONDS 7200u

MerAudioPass *mer_audio_pass_new (MerTrack *track, guint rate, GError **error);
void mer_audio_pass_free (MerAudioPass *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerAudioPass, mer_audio_pass_free)

void mer_audio_pass_feed (MerAudioPass *self, const MerPacket *packet);
GBytes *mer_audio_pass_end (MerAudioPass *self, gint64 *start, guint64 *n_samples,
                            GError **error);
gboolean mer_audio_pass_was_cut (MerAudioPass *self);

G_END_DECLS
