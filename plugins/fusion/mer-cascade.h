/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mer.h>

G_BEGIN_DECLS

#define MER_TYPE_CASCADE (mer_cascade_get_type ())
G_DECLARE_FINAL_TYPE (MerCascade, mer_cascade, MER, CASCADE, MerFusion)

G_END_DECLS
