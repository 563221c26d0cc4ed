/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mer.h>

G_BEGIN_DECLS

MerResult *mer_fuse_results (MerFusion *fusion, const MerVoteRule *rule,
                             GHashTable *weights, MerResult *const *results,
                             guint n_results);

G_END_DECLS
