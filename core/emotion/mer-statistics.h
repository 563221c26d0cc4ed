/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "mer-metrics.h"

G_BEGIN_DECLS

/**
 * MerRandom:
 *
 * A stream of pseudo-random numbers that is the same for a seed on every machine and in
 * every version: xoshiro256** 1.0 (Blackman and Vigna, 2018), its state filled by
 * SplitMix64 from the seed.
 */
typedef struct
{
  guint64 state[4];
} MerRandom;

void mer_random_init (MerRandom *self, guint64 seed);
guint64 mer_random_next (MerRandom *self);
guint32 mer_random_below (MerRandom *self, guint32 bound);

#define MER_BOOTSTRAP_RESAMPLES 1000
#define MER_BOOTSTRAP_MAX_RESAMPLES 100000
#define MER_BOOTSTRAP_SEED 20240601

/**
 * MerDifference:
 * @difference: the first system's figure less the second's
 * @low: lower end of the 95 % interval of the difference
 * @high: upper end of it
 * @p: two-sided bootstrap probability of a difference this far from 0 by chance
 */
typedef struct
{
  double difference;
  double low;
  double high;
  double p;
} MerDifference;

/**
 * MerBootstrap:
 *
 * Figures of several systems on resampled groups of samples (speakers, films; each sample
 * its own group where none is known). All systems are resampled alike, so that their
 * differences are paired.
 */
typedef struct _MerBootstrap MerBootstrap;

MerBootstrap *mer_bootstrap_new (MerScores *const *systems, guint n_systems,
                                 guint resamples, guint64 seed, gboolean common);
void mer_bootstrap_get_interval (MerBootstrap *self, guint system, guint figure,
                                 double *low, double *high);
void mer_bootstrap_get_difference (MerBootstrap *self, guint a, guint b, guint figure,
                                   MerDifference *difference);
guint mer_bootstrap_get_n_groups (MerBootstrap *self);
void mer_bootstrap_free (MerBootstrap *self);

double mer_statistics_quantile (double *values, guint n, double q);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerBootstrap, mer_bootstrap_free)

G_END_DECLS
