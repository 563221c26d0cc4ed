/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-vote.h"

#include "emotion/mer-vote-private.h"

#include <math.h>

static const GEnumValue strategies[] = {
  { MER_VOTE_MBR, "Minimum Bayes risk over the clusters of the emotion wheels", "mbr" },
  { MER_VOTE_COUNT, "Words that enough stages said", "vote" },
  { MER_VOTE_UNION, "Every word of every stage", "union" },
  { MER_VOTE_CASCADE, "The first stage that said a word", "cascade" },
  { 0, NULL, NULL },
};

typedef struct
{
  char *key; /* what makes two words one */
  const char *label;
  double votes;
  double sure;     /* the votes, weighed by how sure each list was of the word */
  guint last_list; /* that voted for it, from 1: a list votes once */
} Entry;

struct _MerVoteTally
{
  GArray *entries;
  GHashTable *indices; /* key → index + 1 */
  double total;
};

GType
mer_vote_strategy_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MerVoteStrategy", strategies));
  return type;
}

/**
 * mer_vote_strategy_to_string:
 * @strategy: a strategy
 *
 * Returns: its name in files and properties
 */
const char *
mer_vote_strategy_to_string (MerVoteStrategy strategy)
{
  g_return_val_if_fail (strategy <= MER_VOTE_CASCADE, NULL);
  return strategies[strategy].value_nick;
}

/**
 * mer_vote_strategy_from_string:
 * @nick: a name such as `mbr`
 * @strategy: (out): the strategy
 *
 * Returns: whether there is one of that name
 */
gboolean
mer_vote_strategy_from_string (const char *nick, MerVoteStrategy *strategy)
{
  for (const GEnumValue *value = strategies; value->value_nick != NULL; value++)
    if (g_str_equal (value->value_nick, nick))
      {
        *strategy = (MerVoteStrategy) value->value;
        return TRUE;
      }
  return FALSE;
}

/**
 * mer_vote_strategy_reads_mapping:
 * @strategy: a strategy
 *
 * Returns: whether a rule should have a mapping for it
 */
gboolean
mer_vote_strategy_reads_mapping (MerVoteStrategy strategy)
{
  return strategy == MER_VOTE_MBR || strategy == MER_VOTE_COUNT;
}

static void
entry_clear (Entry *entry)
{
  g_free (entry->key);
}

/* the base word that scoring would take, else the word as it is */
static const char *
find_base_word (MerMapping *mapping, const char *key)
{
  const char *const *bases
      = mapping != NULL ? mer_mapping_get_base_words (mapping, key) : NULL;

  return bases != NULL ? bases[0] : NULL;
}

static void
tally_add (MerVoteTally *self, MerMapping *mapping, const char *label, guint list,
           double votes, double sure)
{
  g_autofree char *lower = g_utf8_strdown (label, -1);
  const char *base = find_base_word (mapping, lower);
  const char *key = base != NULL ? base : lower;
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (self->indices, key));

  if (index == 0)
    {
      Entry entry = { g_strdup (key), base != NULL ? base : label, 0, 0, 0 };

      g_array_append_val (self->entries, entry);
      index = self->entries->len;
      g_hash_table_insert (self->indices, entry.key, GUINT_TO_POINTER (index));
    }

  Entry *entry = &g_array_index (self->entries, Entry, index - 1);
  if (entry->last_list == list)
    return;
  entry->last_list = list;
  entry->votes += votes;
  entry->sure += votes * sure;
}

/**
 * mer_vote_tally_new:
 * @lists: (array length=n_lists): the lists, which must outlive the tally; %NULL stands for
 *   a stage that did not answer
 * @n_lists: how many
 * @weights: (nullable) (array length=n_lists): the votes of each list; %NULL: one each
 * @mapping: (nullable): counts words by their base word (the bytewise first, as the metric
 *   m1 does), and must outlive the tally; %NULL: letter by letter
 *
 * Counts votes. Words stand in the order in which they are first met; a list votes once for
 * a word.
 *
 * Returns: (transfer full): the tally
 */
MerVoteTally *
mer_vote_tally_new (MerLabels *const *lists, guint n_lists, const double *weights,
                    MerMapping *mapping)
{
  MerVoteTally *self = g_new0 (MerVoteTally, 1);

  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, (GDestroyNotify) entry_clear);
  self->indices = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < n_lists; i++)
    {
      double weight = weights != NULL ? weights[i] : 1.;
      guint length = lists[i] != NULL ? mer_labels_get_length (lists[i]) : 0;

      if (length > 0)
        self->total += weight;
      for (guint j = 0; j < length; j++)
        {
          double sure = mer_labels_get_weight (lists[i], j);

          tally_add (self, mapping, mer_labels_get (lists[i], j), i + 1, weight,
                     isnan (sure) ? 1. : sure);
        }
    }
  return self;
}

guint
mer_vote_tally_get_length (const MerVoteTally *self)
{
  return self->entries->len;
}

const char *
mer_vote_tally_get_label (const MerVoteTally *self, guint index)
{
  g_return_val_if_fail (index < self->entries->len, NULL);
  return g_array_index (self->entries, Entry, index).label;
}

/**
 * mer_vote_tally_get_votes:
 * @self: a tally
 * @index: from 0
 *
 * Returns: the weights of the lists that hold this word, added
 */
double
mer_vote_tally_get_votes (const MerVoteTally *self, guint index)
{
  g_return_val_if_fail (index < self->entries->len, 0);
  return g_array_index (self->entries, Entry, index).votes;
}

/**
 * mer_vote_tally_get_total:
 * @self: a tally
 *
 * Returns: the weights of the lists that hold any word, added
 */
double
mer_vote_tally_get_total (const MerVoteTally *self)
{
  return self->total;
}

void
mer_vote_tally_free (MerVoteTally *self)
{
  g_hash_table_unref (self->indices);
  g_array_unref (self->entries);
  g_free (self);
}

const char *
mer_vote_tally_get_key (const MerVoteTally *self, guint index)
{
  return g_array_index (self->entries, Entry, index).key;
}

/* as the votes, times the word's own weight where it has one */
double
mer_vote_tally_get_sure_votes (const MerVoteTally *self, guint index)
{
  return g_array_index (self->entries, Entry, index).sure;
}

double
mer_vote_share (double votes, double total)
{
  return total > 0 ? MIN (votes / total, 1.) : 0.;
}

static MerLabels *
fuse_count (const MerVoteRule *rule, MerLabels *const *lists, guint n_lists,
            MerMapping *mapping, double threshold)
{
  g_autoptr (MerVoteTally) tally
      = mer_vote_tally_new (lists, n_lists, rule->weights, mapping);
  MerLabels *labels = mer_labels_new ();

  for (guint i = 0; i < mer_vote_tally_get_length (tally); i++)
    {
      double votes = mer_vote_tally_get_votes (tally, i);

      if (votes >= threshold - MER_VOTE_EPSILON)
        mer_labels_add_weighted (labels, mer_vote_tally_get_label (tally, i),
                                 mer_vote_share (votes, tally->total));
    }
  return labels;
}

static MerLabels *
fuse_cascade (MerLabels *const *lists, guint n_lists)
{
  for (guint i = 0; i < n_lists; i++)
    if (lists[i] != NULL && mer_labels_get_length (lists[i]) > 0)
      return mer_labels_ref (lists[i]);
  return mer_labels_new ();
}

/**
 * mer_vote_fuse:
 * @rule: the rule
 * @lists: (array length=n_lists): what each stage said of one sample; %NULL or an empty
 *   list is an abstention
 * @n_lists: how many
 *
 * Makes one list of several, looking at this sample alone and at no truth.
 *
 * %MER_VOTE_MBR is minimum-Bayes-risk combination (Goel and Byrne 2000; Xu et al. 2011 for
 * the combination of systems) with the emotion wheels as the space of answers. The support
 * s(c) of a cluster c is the sum of the weights of the lists that hold a word of it (times
 * that word's own weight where it has one). Over the ten groupings (five wheels, two
 * levels) the rule seeks the words whose sets of clusters A maximise
 *
 *     Σ_groupings ( Σ_{c∈A} s(c)  +  precision_weight · Σ_{c∈A} s(c) / |A| )
 *
 * which is, up to a factor, the expected number of hits plus `precision_weight` times the
 * expected precision against the list of a stage drawn at random. In a single grouping and
 * with the default of 3 it keeps a second cluster that has more than 0.6 of the support of
 * the first, and a third with more than half of the mean of those two. Words are added one
 * by one, the one that gains most first; at equal gain the one with more votes, then the
 * bytewise first, so that the order of the lists does not matter. A word outside all wheels
 * is kept where at least half of the votes are for it, its own weight counted too. The
 * labels' weights are their mean support over the groupings that know them, as a share of
 * all votes.
 *
 * The labels of %MER_VOTE_COUNT and %MER_VOTE_UNION stand in the order in which they are
 * first met, weighted by their share of the votes; those of the first are base words, so
 * that “happily” and “happy” are one. %MER_VOTE_CASCADE gives a list as it is.
 *
 * Returns: (transfer full): the list, maybe empty
 */
MerLabels *
mer_vote_fuse (const MerVoteRule *rule, MerLabels *const *lists, guint n_lists)
{
  switch (rule->strategy)
    {
    case MER_VOTE_MBR:
      g_return_val_if_fail (rule->mapping != NULL, mer_labels_new ());
      return mer_vote_fuse_mbr (rule, lists, n_lists);
    case MER_VOTE_COUNT:
      return fuse_count (rule, lists, n_lists, rule->mapping, rule->threshold);
    case MER_VOTE_UNION:
      return fuse_count (rule, lists, n_lists, NULL, 0.);
    case MER_VOTE_CASCADE:
      return fuse_cascade (lists, n_lists);
    }
  g_return_val_if_reached (mer_labels_new ());
}
