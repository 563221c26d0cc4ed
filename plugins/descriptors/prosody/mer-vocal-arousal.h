/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-voice.h"

G_BEGIN_DECLS

/* Loudness above broadcast level, LUFS, tells how a recording was normalised and not how
 * somebody spoke, so it counts as that level. */
#define MER_VOCAL_LEVEL_MAX (-23.)
#define MER_N_AROUSAL_CUES 9

const char *mer_vocal_arousal_get_cue_name (guint cue);
double mer_vocal_arousal_judge (const MerVoice *voice, double parts[MER_N_AROUSAL_CUES]);

G_END_DECLS
