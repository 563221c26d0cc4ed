/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "media/mer-tracks.h"

G_BEGIN_DECLS

GArray *mer_cue_track_read (MerTrack *track);
char *mer_cue_track_clean (GstCaps *caps, const char *text, gsize length);

G_END_DECLS
