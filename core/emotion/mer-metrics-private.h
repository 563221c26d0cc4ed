/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-metrics.h"

G_BEGIN_DECLS

/* precision, recall and count, of every metric */
#define MER_N_SUMS (3 * MER_N_METRICS)

/* what one sample adds to the sums: precisions, recalls, and 1 where it counts */
typedef struct
{
  double sums[MER_N_SUMS];
  guint group;
  gboolean skipped;
} MerScoreRow;

const MerScoreRow *mer_scores_get_rows (MerScores *self);
guint mer_scores_get_n_groups (MerScores *self);
void mer_figures_from_sums (const double sums[MER_N_SUMS],
                            MerFigures figures[MER_N_FIGURES]);

G_END_DECLS
