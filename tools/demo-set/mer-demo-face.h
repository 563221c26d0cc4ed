/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-demo-clip.h"

G_BEGIN_DECLS

#define MER_DEMO_WIDTH 320
#define MER_DEMO_HEIGHT 240
#define MER_DEMO_FRAME_RATE 25

/* @pixels: MER_DEMO_WIDTH × MER_DEMO_HEIGHT, BGRx. @mouth: how far open, 0…1 */
void mer_demo_face_draw (const MerDemoFace *face, double time, double mouth,
                         guint8 *pixels);

G_END_DECLS
