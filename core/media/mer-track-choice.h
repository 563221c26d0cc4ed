/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "media/mer-tracks.h"

G_BEGIN_DECLS

MerTrack *mer_tracks_choose (MerTracks *self, MerTrackKind kind, const char *language);
guint mer_tracks_count (MerTracks *self, MerTrackKind kind);
gint64 mer_tracks_end (MerTracks *self);
gboolean mer_language_matches (const char *wanted, const char *language);

G_END_DECLS
