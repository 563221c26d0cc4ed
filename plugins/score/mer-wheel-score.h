/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mer.h>

G_BEGIN_DECLS

#define MER_TYPE_WHEEL_SCORE (mer_wheel_score_get_type ())
G_DECLARE_FINAL_TYPE (MerWheelScore, mer_wheel_score, MER, WHEEL_SCORE, MerScorer)

G_END_DECLS
