/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mer.h>

G_BEGIN_DECLS

#define MER_TYPE_VOTE (mer_vote_get_type ())
G_DECLARE_FINAL_TYPE (MerVote, mer_vote, MER, VOTE, MerFusion)

G_END_DECLS
