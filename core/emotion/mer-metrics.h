/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-mapping.h"

G_BEGIN_DECLS

/* after the twelve metrics come the means over them, as figures of the same kind */
enum
{
  MER_FIGURE_EWL1 = MER_N_METRICS, /* of w1l1 … w5l1: f, precision, recall */
  MER_FIGURE_EWL2,                 /* of w1l2 … w5l2 */
  MER_FIGURE_M_AVG,                /* f alone, of all twelve */
};

#define MER_N_FIGURES (MER_N_METRICS + 3)

/**
 * MerFigures:
 * @n: samples that count: those whose truth is not empty in the metric's groups; 0 for
 *   means
 * @precision: mean over these samples, 0…1; NaN for m_avg
 * @recall: mean over these samples, 0…1; NaN for m_avg
 * @f: 2PR/(P+R) of the two means (not the mean of each sample's); 0 where P+R is 0
 */
typedef struct
{
  guint n;
  double precision;
  double recall;
  double f;
} MerFigures;

const char *mer_figure_get_name (guint figure);
int mer_figure_find (const char *name);

/**
 * MerScores:
 *
 * One system held against the truth, sample by sample: the emotion-wheel metrics of OV-MER
 * (arXiv 2410.01495) and of the MER2025 and MER2026 challenges, to the figure. Beside them
 * stands what they leave out: coverage, how long and how often empty the predictions are,
 * and which words the mapping does not know.
 *
 * Not thread-safe.
 */
typedef struct _MerScores MerScores;

MerScores *mer_scores_new (const char *name, MerMapping *mapping);
void mer_scores_add (MerScores *self, const char *group, MerLabels *truth,
                     MerLabels *predicted, gboolean answered);
void mer_scores_add_skipped (MerScores *self, const char *group);
void mer_scores_free (MerScores *self);

const char *mer_scores_get_name (MerScores *self);
MerMapping *mer_scores_get_mapping (MerScores *self);
guint mer_scores_get_n_rows (MerScores *self);
guint mer_scores_get_n_samples (MerScores *self);
void mer_scores_get_figures (MerScores *self, guint figure, MerFigures *figures);
gboolean mer_scores_get_sample (MerScores *self, guint row, MerMetric metric,
                                double *precision, double *recall);

double mer_scores_get_coverage (MerScores *self);
double mer_scores_get_empty (MerScores *self);

/* which side of the scores */
typedef enum
{
  MER_SIDE_PREDICTED,
  MER_SIDE_TRUTH,
} MerSide;

double mer_scores_get_mean_labels (MerScores *self, MerSide side);
double mer_scores_get_unknown (MerScores *self, MerSide side);

/* a word the mapping does not know, and in how many samples it stood */
typedef struct
{
  const char *word;
  guint count;
} MerWordCount;

GArray *mer_scores_get_unknown_words (MerScores *self, MerSide side);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerScores, mer_scores_free)

G_END_DECLS
