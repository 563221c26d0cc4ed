/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-ordered.h"

G_BEGIN_DECLS

#define MER_TYPE_MOTION (mer_motion_get_type ())
G_DECLARE_FINAL_TYPE (MerMotion, mer_motion, MER, MOTION, MerOrdered)

G_END_DECLS
