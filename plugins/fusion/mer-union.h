/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mer.h>

G_BEGIN_DECLS

#define MER_TYPE_UNION (mer_union_get_type ())
G_DECLARE_FINAL_TYPE (MerUnion, mer_union, MER, UNION, MerFusion)

G_END_DECLS
