/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mer.h>

G_BEGIN_DECLS

#define MER_TYPE_REPLAY (mer_replay_get_type ())
G_DECLARE_FINAL_TYPE (MerReplay, mer_replay, MER, REPLAY, MerTransform)

G_END_DECLS
