/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-metrics.h"

G_BEGIN_DECLS

/* precision, recall and count, of every metric */
#define MER_N_SUMS (3 * MER_N_METRICS)

/* one sample: different groups on either side, and those on both */
typedef struct
{
  guint16 n_truth[MER_N_METRICS];
  guint16 n_predicted[MER_N_METRICS];
  guint16 n_both[MER_N_METRICS];
  guint group;
  gboolean skipped;
} MerScoreRow;

/* sums are precisions, recalls and counts of samples, in this order */
static inline void
mer_score_row_add (const MerScoreRow *row, double sums[MER_N_SUMS])
{
  for (guint metric = 0; metric < MER_N_METRICS; metric++)
    {
      if (row->n_truth[metric] == 0)
        continue;
      sums[2 * MER_N_METRICS + metric] += 1;
      if (row->n_predicted[metric] == 0)
        continue;
      sums[metric] += (double) row->n_both[metric] / row->n_predicted[metric];
      sums[MER_N_METRICS + metric] += (double) row->n_both[metric] / row->n_truth[metric];
    }
}

/* the groups of a list of labels, so that a list that is scored often is looked up once */
typedef struct
{
  guint n;
  const gint16 *rows[]; /* as of mer_mapping_group_all (), %NULL: not known */
} MerGrouped;

MerGrouped *mer_grouped_new (MerMapping *mapping, MerLabels *labels);
/* scores of which only the totals are wanted: they cannot be resampled */
MerScores *mer_scores_new_totals (const char *name, MerMapping *mapping);
void mer_scores_note_unknown (MerScores *self, MerSide side, MerLabels *labels,
                              const MerGrouped *grouped);
void mer_scores_add_grouped (MerScores *self, const char *group, const MerGrouped *truth,
                             const MerGrouped *predicted, gboolean answered);

const MerScoreRow *mer_scores_get_rows (MerScores *self);
guint mer_scores_get_n_groups (MerScores *self);
void mer_figures_from_sums (const double sums[MER_N_SUMS],
                            MerFigures figures[MER_N_FIGURES]);

G_END_DECLS
