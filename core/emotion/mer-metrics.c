/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-metrics.h"

#include <math.h>
#include <string.h>

#include "emotion/mer-label-text.h"
#include "emotion/mer-metrics-private.h"

/* labels of one side, over all samples */
typedef struct
{
  guint n_labels;
  guint n_unknown;
  guint n_empty;
  GHashTable *unknown; /* word → in how many samples */
} Side;

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
  /* marks[side][metric][group] is the sample in which the group was last seen, so that
   * sets need no clearing */
  guint *marks[2][MER_N_METRICS];
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

  self->name = g_strdup (name);
  self->mapping = mer_mapping_ref (mapping);
  self->rows = g_array_new (FALSE, TRUE, sizeof (MerScoreRow));
  self->groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint side = 0; side < 2; side++)
    {
      self->sides[side].unknown
          = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      for (guint metric = 0; metric < MER_N_METRICS; metric++)
        self->marks[side][metric]
            = g_new0 (guint, MAX (1, mer_mapping_get_n_groups (mapping, metric)));
    }
  return self;
}

void
mer_scores_free (MerScores *self)
{
  for (guint side = 0; side < 2; side++)
    {
      g_hash_table_unref (self->sides[side].unknown);
      for (guint metric = 0; metric < MER_N_METRICS; metric++)
        g_free (self->marks[side][metric]);
    }
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

static void
count_unknown (Side *side, const char *label)
{
  char *key = mer_label_text_key (label, -1);
  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (side->unknown, key));

  side->n_unknown++;
  g_hash_table_insert (side->unknown, key, GUINT_TO_POINTER (before + 1));
}

/* Marks the groups of all labels. @sizes: how many groups there are, @shared: how many of
 * them were marked on the other side before (the truth, which comes first, finds none). */
static void
mark_groups (MerScores *self, MerSide side, MerLabels *labels, guint16 sizes[MER_N_METRICS],
             guint16 shared[MER_N_METRICS])
{
  guint **marks = self->marks[side], **others = self->marks[!side];
  guint n_labels = labels != NULL ? mer_labels_get_length (labels) : 0;

  self->sides[side].n_labels += n_labels;
  self->sides[side].n_empty += n_labels == 0;
  for (guint i = 0; i < n_labels; i++)
    {
      const char *label = mer_labels_get (labels, i);
      const gint16 *row = mer_mapping_group_all (self->mapping, label);

      if (row == NULL)
        count_unknown (&self->sides[side], label);
      for (guint metric = 0; row != NULL && metric < MER_N_METRICS; metric++)
        {
          gint16 group = row[metric];

          if (group < 0 || marks[metric][group] == self->serial)
            continue;
          marks[metric][group] = self->serial;
          sizes[metric]++;
          shared[metric] += others[metric][group] == self->serial;
        }
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
  MerScoreRow row = { .group = group_number (self, group) };

  self->serial++;
  mark_groups (self, MER_SIDE_TRUTH, truth, row.n_truth, row.n_both);
  mark_groups (self, MER_SIDE_PREDICTED, predicted, row.n_predicted, row.n_both);
  mer_score_row_add (&row, self->sums);
  g_array_append_val (self->rows, row);
  self->n_samples++;
  self->n_answered += answered;
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
