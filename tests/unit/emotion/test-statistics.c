/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/support/mer-test-mapping.h"

#include <math.h>

#include "emotion/mer-statistics.h"

/* numbers must be the same on every machine and in every version */
static void
random_stream_is_fixed (void **state)
{
  MerRandom random;
  guint counts[6] = { 0 };

  mer_random_init (&random, 42);
  assert_true (mer_random_next (&random) == G_GUINT64_CONSTANT (0x15780b2e0c2ec716));
  assert_true (mer_random_next (&random) == G_GUINT64_CONSTANT (0x6104d9866d113a7e));
  assert_true (mer_random_next (&random) == G_GUINT64_CONSTANT (0xae17533239e499a1));
  for (guint i = 0; i < 60000; i++)
    counts[mer_random_below (&random, 6)]++;
  for (guint i = 0; i < 6; i++)
    assert_in_range (counts[i], 9600, 10400);
  assert_int_equal (mer_random_below (&random, 1), 0);
}

static void
quantiles_interpolate (void **state)
{
  double values[] = { 5, 1, 4, 2, 3 };
  double one[] = { 7 };

  assert_true (mer_statistics_quantile (values, 5, 0) == 1);
  assert_true (mer_statistics_quantile (values, 5, .5) == 3);
  assert_true (fabs (mer_statistics_quantile (values, 5, .1) - 1.4) < 1e-12);
  assert_true (mer_statistics_quantile (values, 5, 1) == 5);
  assert_true (mer_statistics_quantile (one, 1, .975) == 7);
  assert_true (isnan (mer_statistics_quantile (one, 0, .5)));
}

static MerScores *
make_scores (MerMapping *mapping, guint n, guint n_right, guint samples_a_group)
{
  MerScores *scores = mer_scores_new ("x", mapping);
  g_autoptr (MerLabels) happy = mer_labels_new_parsed ("happy");
  g_autoptr (MerLabels) calm = mer_labels_new_parsed ("calm");

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *group
          = samples_a_group > 1 ? g_strdup_printf ("g%u", i / samples_a_group) : NULL;

      mer_scores_add (scores, group, happy, i < n_right ? happy : calm, TRUE);
    }
  return scores;
}

/* m1 is then the share of right samples, whose interval is known: ±1.96·√(p(1-p)/n) */
static void
intervals_are_as_wide_as_theory_says (void **state)
{
  g_autoptr (MerMapping) mapping = mer_test_mapping ();
  g_autoptr (MerScores) scores = make_scores (mapping, 400, 200, 1);
  g_autoptr (MerBootstrap) bootstrap = mer_bootstrap_new (&scores, 1, 4000, 7, FALSE);
  double low, high;

  mer_bootstrap_get_interval (bootstrap, 0, MER_METRIC_M1, &low, &high);
  assert_true (fabs (low - (.5 - .049)) < .005);
  assert_true (fabs (high - (.5 + .049)) < .005);
}

static void
groups_widen_intervals (void **state)
{
  g_autoptr (MerMapping) mapping = mer_test_mapping ();
  g_autoptr (MerScores) single = make_scores (mapping, 400, 200, 1);
  g_autoptr (MerScores) grouped = make_scores (mapping, 400, 200, 20);
  g_autoptr (MerBootstrap) a = mer_bootstrap_new (&single, 1, 1000, 7, FALSE);
  g_autoptr (MerBootstrap) b = mer_bootstrap_new (&grouped, 1, 1000, 7, FALSE);
  double low[2], high[2];

  assert_int_equal (mer_bootstrap_get_n_groups (b), 20);
  mer_bootstrap_get_interval (a, 0, MER_METRIC_M1, &low[0], &high[0]);
  mer_bootstrap_get_interval (b, 0, MER_METRIC_M1, &low[1], &high[1]);
  assert_true (high[1] - low[1] > 3 * (high[0] - low[0]));
}

static void
differences_are_paired (void **state)
{
  g_autoptr (MerMapping) mapping = mer_test_mapping ();
  MerScores *systems[]
      = { make_scores (mapping, 400, 220, 1), make_scores (mapping, 400, 200, 1),
          make_scores (mapping, 400, 200, 1) };
  g_autoptr (MerBootstrap) bootstrap = mer_bootstrap_new (systems, 3, 1000, 7, FALSE);
  MerDifference difference;

  mer_bootstrap_get_difference (bootstrap, 0, 1, MER_METRIC_M1, &difference);
  assert_true (fabs (difference.difference - .05) < 1e-12);
  assert_true (difference.low > 0 && difference.p < .01);
  mer_bootstrap_get_difference (bootstrap, 1, 2, MER_METRIC_M1, &difference);
  assert_true (difference.low == 0 && difference.high == 0 && difference.p == 1);
  for (guint i = 0; i < 3; i++)
    mer_scores_free (systems[i]);
}

/* two systems that skipped different samples are compared on those both have */
static void
skipped_samples_leave_pairs (void **state)
{
  g_autoptr (MerMapping) mapping = mer_test_mapping ();
  g_autoptr (MerLabels) happy = mer_labels_new_parsed ("happy");
  g_autoptr (MerLabels) calm = mer_labels_new_parsed ("calm");
  MerScores *systems[] = { mer_scores_new ("a", mapping), mer_scores_new ("b", mapping) };
  MerDifference difference;

  for (guint i = 0; i < 10; i++)
    {
      mer_scores_add (systems[0], NULL, happy, i < 9 ? calm : happy, TRUE);
      if (i == 9)
        mer_scores_add_skipped (systems[1], NULL);
      else
        mer_scores_add (systems[1], NULL, happy, calm, TRUE);
    }

  g_autoptr (MerBootstrap) common = mer_bootstrap_new (systems, 2, 200, 7, TRUE);
  g_autoptr (MerBootstrap) own = mer_bootstrap_new (systems, 2, 200, 7, FALSE);
  mer_bootstrap_get_difference (common, 0, 1, MER_METRIC_M1, &difference);
  assert_true (difference.difference == 0);
  mer_bootstrap_get_difference (own, 0, 1, MER_METRIC_M1, &difference);
  assert_true (difference.difference > 0);
  for (guint i = 0; i < 2; i++)
    mer_scores_free (systems[i]);
}

static void
no_resamples_no_intervals (void **state)
{
  g_autoptr (MerMapping) mapping = mer_test_mapping ();
  g_autoptr (MerScores) scores = make_scores (mapping, 4, 2, 1);
  g_autoptr (MerBootstrap) bootstrap = mer_bootstrap_new (&scores, 1, 0, 7, FALSE);
  double low, high;

  mer_bootstrap_get_interval (bootstrap, 0, MER_METRIC_M1, &low, &high);
  assert_true (isnan (low) && isnan (high));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (random_stream_is_fixed),
    cmocka_unit_test (quantiles_interpolate),
    cmocka_unit_test (intervals_are_as_wide_as_theory_says),
    cmocka_unit_test (groups_widen_intervals),
    cmocka_unit_test (differences_are_paired),
    cmocka_unit_test (skipped_samples_leave_pairs),
    cmocka_unit_test (no_resamples_no_intervals),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
