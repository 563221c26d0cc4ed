/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-metrics.h"

#include <math.h>
#include <string.h>

#include "emotion/mer-label-text.h"
#include "emotion/mer-mapping-private.h"
#include "emotion/mer-metrics-private.h"

/* labels of one side, over all samples */
typedef struct
{
  guint n_labels;
  guint n_unknown;
  guint n_empty;
  GHashTable *unknown; /* word → in how many samples */
} Side;

typedef struct
{
  guint seen[2]; /* by MerSide */
} Mark;

struct _MerScores
{
  char *name;
  MerMapping *mapping;
  GArray *rows;       /* MerScoreRow */
  GHashTable *groups; /* name → number + 1 */
  guint n_groups;
  double sums[MER_N_SUMS]; /* of all rows */
  guint n_samples;
  guint n_answered;
  Side sides[2];
  gboolean totals_only;
  /* For every group of every metric the sample in which it was last seen on either side,
   * so that sets need no clearing; a metric's groups begin at its first. */
  Mark *marks;
  guint first[MER_N_METRICS];
  guint serial;
};

static const char *const mean_names[] = { "ewl1", "ewl2", "m_avg" };

/**
 * mer_figure_get_name:
 * @figure: a #MerMetric, or a mean over metrics
 *
 * Returns: (transfer none): its name in files and tables
 */
const char *
mer_figure_get_name (guint figure)
{
  g_return_val_if_fail (figure < MER_N_FIGURES, NULL);
  return figure < MER_N_METRICS ? mer_metric_get_name (figure)
                                : mean_names[figure - MER_N_METRICS];
}

/**
 * mer_figure_find:
 * @name: a figure's name
 *
 * Returns: the figure, or -1
 */
int
mer_figure_find (const char *name)
{
  for (guint figure = 0; figure < MER_N_FIGURES; figure++)
    if (g_str_equal (mer_figure_get_name (figure), name))
      return (int) figure;
  return -1;
}

MerScores *
mer_scores_new (const char *name, MerMapping *mapping)
{
  MerScores *self = g_new0 (MerScores, 1);
  guint n_groups = 0;

  self->name = g_strdup (name);
  self->mapping = mer_mapping_ref (mapping);
  self->rows = g_array_new (FALSE, TRUE, sizeof (MerScoreRow));
  self->groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint side = 0; side < 2; side++)
    self->sides[side].unknown
        = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint metric = 0; metric < MER_N_METRICS; metric++)
    {
      self->first[metric] = n_groups;
      n_groups += mer_mapping_get_n_groups (mapping, metric);
    }
  self->marks = g_new0 (Mark, n_groups + 1);
  return self;
}

MerScores *
mer_scores_new_totals (const char *name, MerMapping *mapping)
{
  MerScores *self = mer_scores_new (name, mapping);

  self->totals_only = TRUE;
  return self;
}

void
mer_scores_free (MerScores *self)
{
  for (guint side = 0; side < 2; side++)
    g_hash_table_unref (self->sides[side].unknown);
  g_free (self->marks);
  g_hash_table_unref (self->groups);
  g_array_unref (self->rows);
  mer_mapping_unref (self->mapping);
  g_free (self->name);
  g_free (self);
}

static guint
group_number (MerScores *self, const char *group)
{
  if (group == NULL || *group == '\0')
    return self->n_groups++;

  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (self->groups, group));
  if (number == 0)
    {
      number = ++self->n_groups;
      g_hash_table_insert (self->groups, g_strdup (group), GUINT_TO_POINTER (number));
    }
  return number - 1;
}

/* @labels: (nullable): %NULL is an empty list */
MerGrouped *
mer_grouped_new (MerMapping *mapping, MerLabels *labels)
{
  guint n = labels != NULL ? mer_labels_get_length (labels) : 0;
  MerGrouped *self = g_malloc (sizeof *self + n * sizeof self->rows[0]);

  self->n = n;
  for (guint i = 0; i < n; i++)
    self->rows[i] = mer_mapping_group_key (mapping, mer_labels_get_key (labels, i));
  return self;
}

/* Marks the groups of all labels. @sizes: how many groups there are, @shared: how many of
 * them were marked on the other side before (the truth, which comes first, finds none). */
static void
mark_groups (MerScores *self, MerSide side, const MerGrouped *labels,
             guint16 sizes[MER_N_METRICS], guint16 shared[MER_N_METRICS])
{
  Side *counts = &self->sides[side];
  guint serial = self->serial;

  counts->n_labels += labels->n;
  counts->n_empty += labels->n == 0;
  for (guint i = 0; i < labels->n; i++)
    {
      const gint16 *row = labels->rows[i];

      counts->n_unknown += row == NULL;
      for (guint metric = 0; row != NULL && metric < MER_N_METRICS; metric++)
        {
          if (row[metric] < 0)
            continue;

          Mark *mark = self->marks + self->first[metric] + row[metric];
          if (mark->seen[side] == serial)
            continue;
          mark->seen[side] = serial;
          sizes[metric]++;
          shared[metric] += mark->seen[!side] == serial;
        }
    }
}

/* As mer_scores_add (), but the words that are not known are only counted. */
void
mer_scores_add_grouped (MerScores *self, const char *group, const MerGrouped *truth,
                        const MerGrouped *predicted, gboolean answered)
{
  MerScoreRow row = { .group = group_number (self, group) };

  self->serial++;
  mark_groups (self, MER_SIDE_TRUTH, truth, row.n_truth, row.n_both);
  mark_groups (self, MER_SIDE_PREDICTED, predicted, row.n_predicted, row.n_both);
  mer_score_row_add (&row, self->sums);
  if (!self->totals_only)
    g_array_append_val (self->rows, row);
  self->n_samples++;
  self->n_answered += answered;
}

void
mer_scores_note_unknown (MerScores *self, MerSide side, MerLabels *labels,
                         const MerGrouped *grouped)
{
  GHashTable *unknown = self->sides[side].unknown;

  for (guint i = 0; i < grouped->n; i++)
    {
      const char *key = mer_labels_get_key (labels, i);
      gpointer word, count;

      if (grouped->rows[i] != NULL)
        continue;
      if (g_hash_table_lookup_extended (unknown, key, &word, &count))
        {
          g_hash_table_steal (unknown, word);
          g_hash_table_insert (unknown, word,
                               GUINT_TO_POINTER (GPOINTER_TO_UINT (count) + 1));
        }
      else
        g_hash_table_insert (unknown, g_strdup (key), GUINT_TO_POINTER (1));
    }
}

/**
 * mer_scores_add:
 * @self: the scores
 * @group: (nullable): what the sample belongs to (a speaker, a film), for the bootstrap
 * @truth: the labels people gave
 * @predicted: (nullable): the labels of the system; %NULL is an empty list
 * @answered: whether the system answered at all
 *
 * Adds a sample. Systems that are to be compared must get the same samples in the same
 * order.
 */
void
mer_scores_add (MerScores *self, const char *group, MerLabels *truth, MerLabels *predicted,
                gboolean answered)
{
  g_autofree MerGrouped *of_truth = mer_grouped_new (self->mapping, truth);
  g_autofree MerGrouped *of_predicted = mer_grouped_new (self->mapping, predicted);

  mer_scores_add_grouped (self, group, of_truth, of_predicted, answered);
  mer_scores_note_unknown (self, MER_SIDE_TRUTH, truth, of_truth);
  mer_scores_note_unknown (self, MER_SIDE_PREDICTED, predicted, of_predicted);
}

/**
 * mer_scores_add_skipped:
 * @self: the scores
 * @group: (nullable): as in [method@MerScores.add]
 *
 * Holds the place of a sample that is left out for this system.
 */
void
mer_scores_add_skipped (MerScores *self, const char *group)
{
  MerScoreRow row = { .group = group_number (self, group), .skipped = TRUE };

  g_array_append_val (self->rows, row);
}

const char *
mer_scores_get_name (MerScores *self)
{
  return self->name;
}

MerMapping *
mer_scores_get_mapping (MerScores *self)
{
  return self->mapping;
}

const MerScoreRow *
mer_scores_get_rows (MerScores *self)
{
  return (const MerScoreRow *) (gpointer) self->rows->data;
}

guint
mer_scores_get_n_groups (MerScores *self)
{
  return self->n_groups;
}

/* samples, with those that were skipped */
guint
mer_scores_get_n_rows (MerScores *self)
{
  return self->rows->len;
}

guint
mer_scores_get_n_samples (MerScores *self)
{
  return self->n_samples;
}

static double
harmonic (double precision, double recall)
{
  double sum = precision + recall;

  return sum > 0 ? 2 * precision * recall / sum : 0;
}

static void
mean_figures (const MerFigures *of, guint n, MerFigures *mean)
{
  *mean = (MerFigures){ 0 };
  for (guint i = 0; i < n; i++)
    {
      mean->precision += of[i].precision / n;
      mean->recall += of[i].recall / n;
      mean->f += of[i].f / n;
    }
}

/* the mean of five f values, not the f of the means */
void
mer_figures_from_sums (const double sums[MER_N_SUMS], MerFigures figures[MER_N_FIGURES])
{
  for (guint metric = 0; metric < MER_N_METRICS; metric++)
    {
      double n = sums[2 * MER_N_METRICS + metric];
      double precision = n > 0 ? sums[metric] / n : 0;
      double recall = n > 0 ? sums[MER_N_METRICS + metric] / n : 0;

      figures[metric]
          = (MerFigures){ (guint) n, precision, recall, harmonic (precision, recall) };
    }
  mean_figures (figures + MER_METRIC_W1L1, MER_N_WHEELS, &figures[MER_FIGURE_EWL1]);
  mean_figures (figures + MER_METRIC_W1L2, MER_N_WHEELS, &figures[MER_FIGURE_EWL2]);
  mean_figures (figures, MER_N_METRICS, &figures[MER_FIGURE_M_AVG]);
  figures[MER_FIGURE_M_AVG].precision = NAN;
  figures[MER_FIGURE_M_AVG].recall = NAN;
}

/**
 * mer_scores_get_figures:
 * @self: the scores
 * @figure: a #MerMetric, `MER_FIGURE_EWL1`, `MER_FIGURE_EWL2` or `MER_FIGURE_M_AVG`
 * @figures: (out caller-allocates): what it amounts to over the samples so far
 */
void
mer_scores_get_figures (MerScores *self, guint figure, MerFigures *figures)
{
  MerFigures all[MER_N_FIGURES];

  g_return_if_fail (figure < MER_N_FIGURES);
  mer_figures_from_sums (self->sums, all);
  *figures = all[figure];
}

/**
 * mer_scores_get_sample:
 * @self: the scores
 * @row: the sample, from 0
 * @metric: a metric
 * @precision: (out): 0…1
 * @recall: (out): 0…1
 *
 * Returns: whether the sample counts in this metric
 */
gboolean
mer_scores_get_sample (MerScores *self, guint row, MerMetric metric, double *precision,
                       double *recall)
{
  double sums[MER_N_SUMS] = { 0 };

  g_return_val_if_fail (row < self->rows->len, FALSE);
  mer_score_row_add (&g_array_index (self->rows, MerScoreRow, row), sums);
  *precision = sums[metric];
  *recall = sums[MER_N_METRICS + metric];
  return sums[2 * MER_N_METRICS + metric] > 0;
}

static double
share (guint part, guint whole)
{
  return whole > 0 ? (double) part / whole : 0;
}

/**
 * mer_scores_get_coverage:
 * @self: the scores
 *
 * Returns: the share of samples that the system answered, 0…1
 */
double
mer_scores_get_coverage (MerScores *self)
{
  return share (self->n_answered, self->n_samples);
}

/**
 * mer_scores_get_empty:
 * @self: the scores
 *
 * Returns: the share of samples with no predicted label, 0…1
 */
double
mer_scores_get_empty (MerScores *self)
{
  return share (self->sides[MER_SIDE_PREDICTED].n_empty, self->n_samples);
}

/**
 * mer_scores_get_mean_labels:
 * @self: the scores
 * @side: whose labels
 *
 * Returns: different labels a sample, on average
 */
double
mer_scores_get_mean_labels (MerScores *self, MerSide side)
{
  return share (self->sides[side].n_labels, self->n_samples);
}

/**
 * mer_scores_get_unknown:
 * @self: the scores
 * @side: whose labels
 *
 * Returns: the share of labels that the mapping does not know, 0…1; metrics drop them at
 *   no cost
 */
double
mer_scores_get_unknown (MerScores *self, MerSide side)
{
  return share (self->sides[side].n_unknown, self->sides[side].n_labels);
}

static int
compare_counts (gconstpointer a, gconstpointer b)
{
  const MerWordCount *x = a, *y = b;

  if (x->count != y->count)
    return x->count > y->count ? -1 : 1;
  return strcmp (x->word, y->word);
}

/**
 * mer_scores_get_unknown_words:
 * @self: the scores
 * @side: whose labels
 *
 * Returns: (transfer full) (element-type MerWordCount): the words that the mapping does
 *   not know, most frequent first, owned by @self
 */
GArray *
mer_scores_get_unknown_words (MerScores *self, MerSide side)
{
  GArray *words = g_array_new (FALSE, FALSE, sizeof (MerWordCount));
  GHashTableIter iter;
  gpointer word, count;

  g_hash_table_iter_init (&iter, self->sides[side].unknown);
  while (g_hash_table_iter_next (&iter, &word, &count))
    {
      MerWordCount entry = { word, GPOINTER_TO_UINT (count) };

      g_array_append_val (words, entry);
    }
  g_array_sort (words, compare_counts);
  return words;
}
