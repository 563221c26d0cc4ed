/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-mapping.h"

G_BEGIN_DECLS

/**
 * MerVoteStrategy:
 * @MER_VOTE_MBR: minimum Bayes risk in grouping space, the default: words that fall into
 *   one cluster of the emotion wheels support each other; see [func@vote_fuse]
 * @MER_VOTE_COUNT: the words that at least `threshold` lists hold, word forms of one base
 *   word taken together
 * @MER_VOTE_UNION: every word of every list
 * @MER_VOTE_CASCADE: the first list that holds a word
 *
 * How several label lists of one sample become one. In files and properties: `mbr`, `vote`,
 * `union`, `cascade`.
 */
typedef enum
{
  MER_VOTE_MBR,
  MER_VOTE_COUNT,
  MER_VOTE_UNION,
  MER_VOTE_CASCADE,
} MerVoteStrategy;

#define MER_TYPE_VOTE_STRATEGY (mer_vote_strategy_get_type ())
GType mer_vote_strategy_get_type (void);

const char *mer_vote_strategy_to_string (MerVoteStrategy strategy);
gboolean mer_vote_strategy_reads_mapping (MerVoteStrategy strategy);
gboolean mer_vote_strategy_from_string (const char *nick, MerVoteStrategy *strategy);

#define MER_VOTE_DEFAULT_THRESHOLD 2.
#define MER_VOTE_DEFAULT_PRECISION_WEIGHT 3.
#define MER_VOTE_MAX_WEIGHT 1e6

/**
 * MerVoteRule:
 * @strategy: how lists become one
 * @mapping: (nullable): its clusters are those in which words support each other;
 *   %MER_VOTE_MBR needs it, %MER_VOTE_COUNT without it counts letter by letter, the others
 *   do not read it
 * @threshold: votes a word needs, in the unit of @weights; only %MER_VOTE_COUNT reads it
 * @precision_weight: what the mean support of the kept clusters counts against their total,
 *   0 or more; only %MER_VOTE_MBR reads it
 * @weights: (nullable): the votes of each list, 0 or more; %NULL: one each
 *
 * A fusion rule and its constants. Pure data; may be read from any thread.
 */
typedef struct
{
  MerVoteStrategy strategy;
  MerMapping *mapping;
  double threshold;
  double precision_weight;
  const double *weights;
} MerVoteRule;

#define MER_VOTE_RULE_INIT                                                                 \
  ((MerVoteRule){ MER_VOTE_MBR, NULL, MER_VOTE_DEFAULT_THRESHOLD,                          \
                  MER_VOTE_DEFAULT_PRECISION_WEIGHT, NULL })

MerLabels *mer_vote_fuse (const MerVoteRule *rule, MerLabels *const *lists, guint n_lists);

GHashTable *mer_vote_weights_parse (const char *text, GError **error);
double mer_vote_weights_get (GHashTable *weights, const char *name);

/**
 * MerVoteTally:
 *
 * The words of several lists, each once, with the votes it got: the sum of the weights of
 * the lists that hold it. Words are told apart by their base words or by letters, upper and
 * lower case alike.
 */
typedef struct _MerVoteTally MerVoteTally;

MerVoteTally *mer_vote_tally_new (MerLabels *const *lists, guint n_lists,
                                  const double *weights, MerMapping *mapping);
guint mer_vote_tally_get_length (const MerVoteTally *self);
const char *mer_vote_tally_get_label (const MerVoteTally *self, guint index);
double mer_vote_tally_get_votes (const MerVoteTally *self, guint index);
double mer_vote_tally_get_total (const MerVoteTally *self);
void mer_vote_tally_free (MerVoteTally *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerVoteTally, mer_vote_tally_free)

G_END_DECLS
