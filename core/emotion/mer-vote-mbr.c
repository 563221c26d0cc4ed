/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-vote-private.h"

#include <math.h>
#include <string.h>

/* the groupings in which words support each other: five wheels at two levels. Base words
 * (m1, m2) are left out: they are so fine that they only lengthen the list */
#define FIRST_GROUPING MER_METRIC_W1L1
#define N_GROUPINGS (MER_N_METRICS - FIRST_GROUPING)

#define NO_CLUSTER (-1)

typedef struct
{
  guint tally_index;
  gboolean grouped; /* in a cluster of at least one wheel */
  int clusters[N_GROUPINGS];
} Candidate;

typedef struct
{
  const MerVoteRule *rule;
  MerVoteTally *tally;
  GArray *candidates; /* of Candidate, most votes first */
  double *support[N_GROUPINGS];
  gboolean *taken[N_GROUPINGS];
  double sum[N_GROUPINGS]; /* support of the clusters taken */
  guint n_taken[N_GROUPINGS];
} Search;

static int
candidate_compare (gconstpointer a, gconstpointer b, gpointer tally)
{
  guint left = ((const Candidate *) a)->tally_index;
  guint right = ((const Candidate *) b)->tally_index;
  double difference
      = mer_vote_tally_get_votes (tally, right) - mer_vote_tally_get_votes (tally, left);

  if (fabs (difference) > MER_VOTE_EPSILON)
    return difference > 0 ? 1 : -1;
  return strcmp (mer_vote_tally_get_key (tally, left),
                 mer_vote_tally_get_key (tally, right));
}

static void
search_find_candidates (Search *self)
{
  guint length = mer_vote_tally_get_length (self->tally);

  self->candidates = g_array_sized_new (FALSE, FALSE, sizeof (Candidate), length);
  for (guint i = 0; i < length; i++)
    {
      Candidate candidate = { .tally_index = i };

      for (guint g = 0; g < N_GROUPINGS; g++)
        {
          candidate.clusters[g] = mer_mapping_group_index (
              self->rule->mapping, (MerMetric) (FIRST_GROUPING + g),
              mer_vote_tally_get_key (self->tally, i));
          candidate.grouped |= candidate.clusters[g] != NO_CLUSTER;
        }
      g_array_append_val (self->candidates, candidate);
    }
  g_array_sort_with_data (self->candidates, candidate_compare, self->tally);
}

/* A list gives a cluster its votes once, however many words of it it holds; of several
 * weighted words the surest counts. */
static void
search_add_list (Search *self, MerLabels *list, double weight, guint grouping)
{
  MerMapping *mapping = self->rule->mapping;
  MerMetric metric = (MerMetric) (FIRST_GROUPING + grouping);
  guint n = mer_mapping_get_n_groups (mapping, metric);
  g_autofree double *surest = g_new0 (double, n + 1);

  for (guint i = 0; i < mer_labels_get_length (list); i++)
    {
      int cluster = mer_mapping_group_index (mapping, metric, mer_labels_get (list, i));
      double sure = mer_labels_get_weight (list, i);

      if (cluster != NO_CLUSTER)
        surest[cluster] = MAX (surest[cluster], isnan (sure) ? 1. : sure);
    }
  for (guint c = 0; c < n; c++)
    self->support[grouping][c] += weight * surest[c];
}

static void
search_init (Search *self, const MerVoteRule *rule, MerLabels *const *lists, guint n_lists)
{
  self->rule = rule;
  self->tally = mer_vote_tally_new (lists, n_lists, rule->weights, NULL);
  search_find_candidates (self);
  for (guint g = 0; g < N_GROUPINGS; g++)
    {
      guint n = mer_mapping_get_n_groups (rule->mapping, (MerMetric) (FIRST_GROUPING + g));

      self->support[g] = g_new0 (double, n + 1);
      self->taken[g] = g_new0 (gboolean, n + 1);
      for (guint i = 0; i < n_lists; i++)
        if (lists[i] != NULL)
          search_add_list (self, lists[i], rule->weights != NULL ? rule->weights[i] : 1.,
                           g);
    }
}

static void
search_clear (Search *self)
{
  for (guint g = 0; g < N_GROUPINGS; g++)
    {
      g_free (self->support[g]);
      g_free (self->taken[g]);
    }
  g_array_unref (self->candidates);
  mer_vote_tally_free (self->tally);
}

static double
value_of (const Search *self, double sum, guint n)
{
  return n > 0 ? sum + self->rule->precision_weight * sum / n : 0.;
}

static double
search_gain (const Search *self, const Candidate *candidate)
{
  double gain = 0;

  for (guint g = 0; g < N_GROUPINGS; g++)
    {
      int cluster = candidate->clusters[g];

      if (cluster == NO_CLUSTER || self->taken[g][cluster])
        continue;
      gain
          += value_of (self, self->sum[g] + self->support[g][cluster], self->n_taken[g] + 1)
             - value_of (self, self->sum[g], self->n_taken[g]);
    }
  return gain;
}

static double
search_mean_support (const Search *self, const Candidate *candidate)
{
  double sum = 0;
  guint n = 0;

  for (guint g = 0; g < N_GROUPINGS; g++)
    if (candidate->clusters[g] != NO_CLUSTER)
      {
        sum += self->support[g][candidate->clusters[g]];
        n++;
      }
  return n > 0 ? sum / n : 0.;
}

static void
search_take (Search *self, const Candidate *candidate, MerLabels *labels)
{
  double share = mer_vote_share (search_mean_support (self, candidate),
                                 mer_vote_tally_get_total (self->tally));

  mer_labels_add_weighted (
      labels, mer_vote_tally_get_label (self->tally, candidate->tally_index), share);
  for (guint g = 0; g < N_GROUPINGS; g++)
    {
      int cluster = candidate->clusters[g];

      if (cluster == NO_CLUSTER || self->taken[g][cluster])
        continue;
      self->taken[g][cluster] = TRUE;
      self->sum[g] += self->support[g][cluster];
      self->n_taken[g]++;
    }
}

/* the index of the candidate that gains most, @n_candidates if none gains */
static guint
search_find_best (const Search *self, guint n_candidates)
{
  guint best = n_candidates;
  double best_gain = 0;

  for (guint i = 0; i < n_candidates; i++)
    {
      double gain = search_gain (self, &g_array_index (self->candidates, Candidate, i));

      if (gain > best_gain + MER_VOTE_EPSILON)
        {
          best = i;
          best_gain = gain;
        }
    }
  return best;
}

/* No wheel says what such a word has in common with others, so that only a majority that
 * says it letter by letter can speak for it. */
static void
search_take_ungrouped (Search *self, MerLabels *labels)
{
  double half = mer_vote_tally_get_total (self->tally) / 2;

  for (guint i = 0; i < self->candidates->len; i++)
    {
      const Candidate *candidate = &g_array_index (self->candidates, Candidate, i);
      double votes = mer_vote_tally_get_sure_votes (self->tally, candidate->tally_index);

      if (!candidate->grouped && votes > 0 && votes >= half - MER_VOTE_EPSILON)
        mer_labels_add_weighted (
            labels, mer_vote_tally_get_label (self->tally, candidate->tally_index),
            mer_vote_share (votes, mer_vote_tally_get_total (self->tally)));
    }
}

MerLabels *
mer_vote_fuse_mbr (const MerVoteRule *rule, MerLabels *const *lists, guint n_lists)
{
  Search search = { NULL };
  MerLabels *labels = mer_labels_new ();
  guint n, best;

  search_init (&search, rule, lists, n_lists);
  n = search.candidates->len;
  while ((best = search_find_best (&search, n)) < n)
    search_take (&search, &g_array_index (search.candidates, Candidate, best), labels);
  search_take_ungrouped (&search, labels);
  search_clear (&search);
  return labels;
}
