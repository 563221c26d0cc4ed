/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-statistics.h"

#include <math.h>
#include <string.h>

#include "emotion/mer-metrics-private.h"

/* What one group adds to the sums of a system. */
typedef struct
{
  double sums[2 * MER_N_METRICS]; /* precisions, recalls */
  guint32 n[MER_N_METRICS];       /* samples that count */
} Group;

struct _MerBootstrap
{
  guint n_systems;
  guint n_resamples;
  guint n_groups;
  double *values;   /* [system][figure][resample] */
  double *observed; /* [system][figure] */
};

/* SplitMix64 (Steele, Lea and Flood, 2014), as its authors advise for seeding */
static guint64
split_mix (guint64 *state)
{
  guint64 z = (*state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/**
 * mer_random_init:
 * @self: (out caller-allocates): the stream
 * @seed: any number
 */
void
mer_random_init (MerRandom *self, guint64 seed)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->state); i++)
    self->state[i] = split_mix (&seed);
}

static guint64
rotate_left (guint64 x, guint k)
{
  return (x << k) | (x >> (64 - k));
}

/**
 * mer_random_next:
 * @self: the stream
 *
 * Returns: 64 random bits
 */
guint64
mer_random_next (MerRandom *self)
{
  guint64 *s = self->state;
  guint64 result = rotate_left (s[1] * 5, 7) * 9;
  guint64 t = s[1] << 17;

  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate_left (s[3], 45);
  return result;
}

/* Takes 32 random bits to 0 … @bound - 1, all equally likely (Lemire, 2019); %FALSE for the
 * few that must be drawn again. */
static inline gboolean
scale_bits (guint32 bits, guint32 bound, guint32 *number)
{
  guint64 product = (guint64) bits * bound;

  *number = (guint32) (product >> 32);
  return (guint32) product >= bound || (guint32) product >= -bound % bound;
}

/**
 * mer_random_below:
 * @self: the stream
 * @bound: at least 1
 *
 * Returns: a number of 0 … @bound - 1, all equally likely
 */
guint32
mer_random_below (MerRandom *self, guint32 bound)
{
  guint32 number;

  while (!scale_bits ((guint32) (mer_random_next (self) >> 32), bound, &number))
    ;
  return number;
}

/* --- the bootstrap --- */

/* @left_out: (nullable): rows to pass over */
static Group *
make_groups (MerScores *system, const MerScoreRow *group_rows, guint n_groups,
             const gboolean *left_out)
{
  Group *groups = g_new0 (Group, MAX (1, n_groups));
  const MerScoreRow *rows = mer_scores_get_rows (system);

  for (guint i = 0; i < mer_scores_get_n_rows (system); i++)
    {
      Group *group = &groups[group_rows[i].group];
      double sums[MER_N_SUMS] = { 0 };

      if (left_out != NULL && left_out[i])
        continue;
      mer_score_row_add (&rows[i], sums);
      for (guint k = 0; k < 2 * MER_N_METRICS; k++)
        group->sums[k] += sums[k];
      for (guint k = 0; k < MER_N_METRICS; k++)
        group->n[k] += (guint32) sums[2 * MER_N_METRICS + k];
    }
  return groups;
}

/* rows that at least one system skipped; %NULL where there are none */
static gboolean *
find_skipped (MerScores *const *systems, guint n_systems)
{
  guint n_rows = mer_scores_get_n_rows (systems[0]);
  g_autofree gboolean *skipped = g_new0 (gboolean, n_rows + 1);
  gboolean any = FALSE;

  for (guint s = 0; s < n_systems; s++)
    for (guint i = 0; i < n_rows; i++)
      if (mer_scores_get_rows (systems[s])[i].skipped)
        any = skipped[i] = TRUE;
  return any ? g_steal_pointer (&skipped) : NULL;
}

/* Adds up the groups drawn. The sums stay in registers: this loop is most of a bootstrap's
 * time. Columns are added in the order of the draws, so that numbers do not depend on how
 * wide a machine's registers are. */
static void
add_groups (const Group *groups, const guint32 *draws, guint n, double out[MER_N_SUMS])
{
  double sums[2 * MER_N_METRICS] = { 0 };
  guint32 counts[MER_N_METRICS] = { 0 };

  for (guint i = 0; i < n; i++)
    {
      const Group *group = &groups[draws[i]];

#pragma GCC unroll 24
      for (guint k = 0; k < 2 * MER_N_METRICS; k++)
        sums[k] += group->sums[k];
#pragma GCC unroll 12
      for (guint k = 0; k < MER_N_METRICS; k++)
        counts[k] += group->n[k];
    }
  memcpy (out, sums, sizeof sums);
  for (guint k = 0; k < MER_N_METRICS; k++)
    out[2 * MER_N_METRICS + k] = counts[k];
}

/* Both halves of a number are used: drawing takes as long as adding up. */
static void
draw (MerRandom *random, guint32 *draws, guint n)
{
  guint i = 0;

  while (i < n)
    {
      guint64 bits = mer_random_next (random);

      i += scale_bits ((guint32) (bits >> 32), n, &draws[i]);
      i += i < n && scale_bits ((guint32) bits, n, &draws[i]);
    }
}

static double *
values_of (MerBootstrap *self, guint system, guint figure)
{
  return self->values
         + ((gsize) system * MER_N_FIGURES + figure) * MAX (1, self->n_resamples);
}

static void
observe (MerBootstrap *self, guint number, MerScores *system, const gboolean *left_out)
{
  const MerScoreRow *rows = mer_scores_get_rows (system);
  double total[MER_N_SUMS] = { 0 };
  MerFigures figures[MER_N_FIGURES];

  for (guint i = 0; i < mer_scores_get_n_rows (system); i++)
    if (left_out == NULL || !left_out[i])
      mer_score_row_add (&rows[i], total);
  mer_figures_from_sums (total, figures);
  for (guint k = 0; k < MER_N_FIGURES; k++)
    self->observed[number * MER_N_FIGURES + k] = figures[k].f;
}

static void
resample_all (MerBootstrap *self, Group *const *groups, guint64 seed)
{
  g_autofree guint32 *draws = g_new (guint32, self->n_groups);
  MerRandom random;

  mer_random_init (&random, seed);
  for (guint b = 0; b < self->n_resamples; b++)
    {
      draw (&random, draws, self->n_groups);
      for (guint s = 0; s < self->n_systems; s++)
        {
          double total[MER_N_SUMS];
          MerFigures figures[MER_N_FIGURES];

          add_groups (groups[s], draws, self->n_groups, total);
          mer_figures_from_sums (total, figures);
          for (guint k = 0; k < MER_N_FIGURES; k++)
            values_of (self, s, k)[b] = figures[k].f;
        }
    }
}

/**
 * mer_bootstrap_new:
 * @systems: (array length=n_systems): scores of the same samples in the same order
 * @n_systems: how many
 * @resamples: how often to resample; 0 for none, then intervals are NaN
 * @seed: chooses the resamples; equal seeds give equal numbers everywhere
 * @common: whether to leave a sample that one system skipped out of all of them, as a
 *   paired comparison needs
 *
 * Resamples whole groups with replacement, as many as there are, and takes every figure
 * (f) of every system anew: the percentile bootstrap of the ratio metric (Efron and
 * Tibshirani, 1993, §13.3).
 *
 * Returns: (transfer full): the outcome
 */
MerBootstrap *
mer_bootstrap_new (MerScores *const *systems, guint n_systems, guint resamples,
                   guint64 seed, gboolean common)
{
  g_return_val_if_fail (n_systems > 0, NULL);

  MerBootstrap *self = g_new0 (MerBootstrap, 1);
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (g_free);
  g_autofree gboolean *left_out = common ? find_skipped (systems, n_systems) : NULL;
  const MerScoreRow *group_rows = mer_scores_get_rows (systems[0]);
  guint n_groups = mer_scores_get_n_groups (systems[0]);

  self->n_systems = n_systems;
  self->n_resamples = resamples;
  self->n_groups = n_groups;
  self->values = g_new0 (double, (gsize) n_systems *MER_N_FIGURES *MAX (1, resamples));
  self->observed = g_new0 (double, (gsize) n_systems *MER_N_FIGURES);
  for (guint s = 0; s < n_systems; s++)
    observe (self, s, systems[s], left_out);
  if (n_groups == 0 || resamples == 0)
    return self;
  for (guint s = 0; s < n_systems; s++)
    g_ptr_array_add (groups, make_groups (systems[s], group_rows, n_groups, left_out));
  resample_all (self, (Group *const *) groups->pdata, seed);
  return self;
}

void
mer_bootstrap_free (MerBootstrap *self)
{
  g_free (self->values);
  g_free (self->observed);
  g_free (self);
}

guint
mer_bootstrap_get_n_groups (MerBootstrap *self)
{
  return self->n_groups;
}

static void
swap (double *values, guint i, guint j)
{
  double kept = values[i];

  values[i] = values[j];
  values[j] = kept;
}

/* parts values[*low…*high] by one of them: smaller ones go before *low, larger ones after
 * *high, those that equal it (many do where few samples are drawn) between the two */
static void
part (double *values, guint *low, guint *high)
{
  double pivot = values[*low + (*high - *low) / 2];
  guint i = *low;

  /* the pivot is among them, so that at least one stays between the two */
  while (i <= *high && *low <= *high)
    if (values[i] < pivot)
      swap (values, i++, (*low)++);
    else if (values[i] > pivot && *high > 0)
      swap (values, i, (*high)--);
    else
      i++;
}

/* puts the value of rank @k (from 0) at its place, smaller ones before it */
static double
select_rank (double *values, guint n, guint k)
{
  guint low = 0, high = n - 1;

  while (low < high)
    {
      guint first = low, last = high;

      part (values, &first, &last);
      if (k < first)
        high = first - 1;
      else if (k > last)
        low = last + 1;
      else
        break;
    }
  return values[k];
}

/**
 * mer_statistics_quantile:
 * @values: (array length=n): numbers; their order is changed
 * @n: how many
 * @q: 0…1
 *
 * Returns: the quantile, interpolated linearly between the two values beside it (type 7 of
 *   Hyndman and Fan, 1996, as in NumPy and R); NaN for no values
 */
double
mer_statistics_quantile (double *values, guint n, double q)
{
  if (n == 0)
    return NAN;

  double place = q * (n - 1);
  guint below = (guint) floor (place);
  double low = select_rank (values, n, below);

  if (below + 1 >= n || place == below)
    return low;
  return low + (place - below) * (select_rank (values, n, below + 1) - low);
}

/**
 * mer_bootstrap_get_interval:
 * @self: the outcome
 * @system: which of the systems
 * @figure: which figure
 * @low: (out): the 2.5 % quantile
 * @high: (out): the 97.5 % quantile
 */
void
mer_bootstrap_get_interval (MerBootstrap *self, guint system, guint figure, double *low,
                            double *high)
{
  g_autofree double *values
      = g_memdup2 (values_of (self, system, figure), self->n_resamples * sizeof (double));

  *low = mer_statistics_quantile (values, self->n_resamples, 0.025);
  *high = mer_statistics_quantile (values, self->n_resamples, 0.975);
}

/**
 * mer_bootstrap_get_difference:
 * @self: the outcome
 * @a: one of the systems
 * @b: another
 * @figure: which figure
 * @difference: (out caller-allocates): how much better @a is
 */
void
mer_bootstrap_get_difference (MerBootstrap *self, guint a, guint b, guint figure,
                              MerDifference *difference)
{
  guint n = self->n_resamples;
  g_autofree double *values = g_new (double, MAX (1, n));
  const double *of_a = values_of (self, a, figure), *of_b = values_of (self, b, figure);
  guint n_below = 0, n_above = 0;

  for (guint i = 0; i < n; i++)
    {
      values[i] = of_a[i] - of_b[i];
      n_below += values[i] <= 0;
      n_above += values[i] >= 0;
    }
  difference->difference = self->observed[a * MER_N_FIGURES + figure]
                           - self->observed[b * MER_N_FIGURES + figure];
  difference->low = mer_statistics_quantile (values, n, 0.025);
  difference->high = mer_statistics_quantile (values, n, 0.975);
  difference->p = n > 0 ? MIN (1., 2. * (1 + MIN (n_below, n_above)) / (n + 1.)) : NAN;
}
