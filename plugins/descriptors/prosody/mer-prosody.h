/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-ordered.h"

G_BEGIN_DECLS

#define MER_TYPE_PROSODY (mer_prosody_get_type ())
G_DECLARE_FINAL_TYPE (MerProsody, mer_prosody, MER, PROSODY, MerOrdered)

G_END_DECLS
