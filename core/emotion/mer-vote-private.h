/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-vote.h"

G_BEGIN_DECLS

/* sums of weights that differ by less are equal: they were only added in another order */
#define MER_VOTE_EPSILON 1e-9

const char *mer_vote_tally_get_key (const MerVoteTally *self, guint index);
double mer_vote_tally_get_sure_votes (const MerVoteTally *self, guint index);
double mer_vote_share (double votes, double total);
MerLabels *mer_vote_fuse_mbr (const MerVoteRule *rule, MerLabels *const *lists,
                              guint n_lists);

G_END_DECLS
