/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "mer-demo-clip.h"

G_BEGIN_DECLS

/* what espeak-ng makes */
#define MER_DEMO_AUDIO_RATE 22050

/* s16, one channel, MER_DEMO_AUDIO_RATE, native endian */
GBytes *mer_demo_voice_speak (const MerDemoClip *clip, GError **error);

G_END_DECLS
