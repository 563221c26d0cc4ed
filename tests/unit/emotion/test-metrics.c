/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/support/mer-test-mapping.h"

#include <math.h>

#include "emotion/mer-floors.h"
#include "emotion/mer-metrics.h"

static void
add (MerScores *scores, const char *truth, const char *predicted)
{
  g_autoptr (MerLabels) t = mer_labels_new_parsed (truth);
  g_autoptr (MerLabels) p = mer_labels_new_parsed (predicted);

  mer_scores_add (scores, NULL, t, p, TRUE);
}

/* Two samples, worked by hand. First: truth happy, angry; predicted joy, zorble, happily.
 *   m1   {happy, angry} · {joyful, happy}  P 1/2  R 1/2
 *   m2   {happy, angry} · {happy}          P 1    R 1/2
 *   w1l1 {happy, mad}   · {happy}          P 1    R 1/2   (w1l2 alike)
 *   w2l1 {happy}        · {happy}          P 1    R 1
 *   w3l1 {mad}          · {}               P 0    R 0
 *   w4, w5: the truth has no group: skipped
 * Second: truth calm; predicted nothing: 0 where calm is known (m1, m2, w2, w4). */
static const struct
{
  const char *name;
  guint n;
  double precision;
  double recall;
  double f;
} worked[] = {
  { "m1", 2, .25, .25, .25 },     { "m2", 2, .5, .25, 1 / 3. },
  { "w1l1", 1, 1, .5, 2 / 3. },   { "w2l1", 2, .5, .5, .5 },
  { "w3l1", 1, 0, 0, 0 },         { "w4l1", 1, 0, 0, 0 },
  { "w5l1", 0, 0, 0, 0 },         { "w1l2", 1, 1, .5, 2 / 3. },
  { "w2l2", 2, .5, .5, .5 },      { "w3l2", 1, 0, 0, 0 },
  { "w4l2", 1, 0, 0, 0 },         { "w5l2", 0, 0, 0, 0 },
  { "ewl1", 0, .3, .2, 7 / 30. }, { "ewl2", 0, .3, .2, 7 / 30. },
};

static void
agrees_with_hand_worked_figures (void **state)
{
  g_autoptr (MerMapping) mapping = mer_test_mapping ();
  g_autoptr (MerScores) scores = mer_scores_new ("x", mapping);
  MerFigures figures;
  double sum = 0;

  add (scores, "['happy', 'angry']", "joy, zorble, Happily, joy");
  add (scores, "calm", "[]");
  for (guint i = 0; i < G_N_ELEMENTS (worked); i++)
    {
      assert_int_equal (mer_figure_find (worked[i].name), i);
      mer_scores_get_figures (scores, i, &figures);
      assert_int_equal (figures.n, worked[i].n);
      assert_true (fabs (figures.precision - worked[i].precision) < 1e-12);
      assert_true (fabs (figures.recall - worked[i].recall) < 1e-12);
      assert_true (fabs (figures.f - worked[i].f) < 1e-12);
      sum += i < MER_N_METRICS ? worked[i].f : 0;
    }
  mer_scores_get_figures (scores, MER_FIGURE_M_AVG, &figures);
  assert_true (fabs (figures.f - sum / 12) < 1e-12);
  assert_true (isnan (figures.precision));
}

static void
tells_what_scores_leave_out (void **state)
{
  g_autoptr (MerMapping) mapping = mer_test_mapping ();
  g_autoptr (MerScores) scores = mer_scores_new ("x", mapping);
  g_autoptr (MerLabels) truth = mer_labels_new_parsed ("happy, odd one");

  add (scores, "happy, angry", "joy, Zorble, happily");
  add (scores, "calm", "zorble");
  mer_scores_add (scores, NULL, truth, NULL, FALSE);
  mer_scores_add_skipped (scores, NULL);
  assert_int_equal (mer_scores_get_n_samples (scores), 3);
  assert_int_equal (mer_scores_get_n_rows (scores), 4);
  assert_true (fabs (mer_scores_get_coverage (scores) - 2 / 3.) < 1e-12);
  assert_true (fabs (mer_scores_get_empty (scores) - 1 / 3.) < 1e-12);
  assert_true (fabs (mer_scores_get_mean_labels (scores, MER_SIDE_PREDICTED) - 4 / 3.)
               < 1e-12);
  assert_true (fabs (mer_scores_get_unknown (scores, MER_SIDE_PREDICTED) - .5) < 1e-12);
  assert_true (fabs (mer_scores_get_unknown (scores, MER_SIDE_TRUTH) - .2) < 1e-12);

  g_autoptr (GArray) words = mer_scores_get_unknown_words (scores, MER_SIDE_PREDICTED);
  assert_int_equal (words->len, 1);
  assert_string_equal (g_array_index (words, MerWordCount, 0).word, "zorble");
  assert_int_equal (g_array_index (words, MerWordCount, 0).count, 2);
}

/* sets, whatever the order, the number and the spelling of labels */
static void
depends_on_sets_only (void **state)
{
  static const char *const spellings[]
      = { "happy,angry", "ANGRY, happy", "['happy','happy','angry']", "angry,\"happy\"," };
  g_autoptr (MerMapping) mapping = mer_test_mapping ();

  for (guint i = 0; i < G_N_ELEMENTS (spellings); i++)
    {
      g_autoptr (MerScores) scores = mer_scores_new ("x", mapping);
      MerFigures figures;

      add (scores, "happy, calm", spellings[i]);
      mer_scores_get_figures (scores, MER_METRIC_M1, &figures);
      assert_true (figures.precision == .5 && figures.recall == .5);
    }
}

static void
nothing_scores_nothing (void **state)
{
  g_autoptr (MerMapping) mapping = mer_test_mapping ();
  g_autoptr (MerScores) scores = mer_scores_new ("x", mapping);
  MerFigures figures;

  mer_scores_get_figures (scores, MER_FIGURE_EWL1, &figures);
  assert_true (figures.f == 0);
  assert_true (mer_scores_get_coverage (scores) == 0);
  assert_true (mer_scores_get_unknown (scores, MER_SIDE_TRUTH) == 0);
}

static void
floors_stand_on_the_same_truth (void **state)
{
  g_autoptr (MerMapping) mapping = mer_test_mapping ();
  MerLabels *truths[]
      = { mer_labels_new_parsed ("happy"), mer_labels_new_parsed ("happy, mad, calm, odd"),
          mer_labels_new_parsed ("") };
  g_autoptr (GPtrArray) floors = mer_floors_new (mapping, truths, 3, 1);
  g_autoptr (GPtrArray) again = mer_floors_new (mapping, truths, 3, 1);
  MerScores *happy = floors->pdata[0], *truth = floors->pdata[floors->len - 1];
  MerFigures figures;

  mer_scores_get_figures (happy, MER_METRIC_M1, &figures);
  assert_int_equal (figures.n, 2);
  assert_true (fabs (figures.recall - (1 + 1 / 3.) / 2) < 1e-12);
  mer_scores_get_figures (truth, MER_METRIC_M1, &figures);
  assert_true (figures.f == 1);
  for (guint i = 0; i < floors->len; i++)
    {
      MerFigures a, b;

      mer_scores_get_figures (floors->pdata[i], MER_FIGURE_M_AVG, &a);
      mer_scores_get_figures (again->pdata[i], MER_FIGURE_M_AVG, &b);
      assert_true (a.f == b.f);
    }
  assert_true (mer_scores_get_mean_labels (floors->pdata[2], MER_SIDE_PREDICTED) == 1);
  assert_true (mer_scores_get_mean_labels (floors->pdata[3], MER_SIDE_PREDICTED) == 3);
  for (guint i = 0; i < 3; i++)
    mer_labels_unref (truths[i]);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (agrees_with_hand_worked_figures),
    cmocka_unit_test (tells_what_scores_leave_out),
    cmocka_unit_test (depends_on_sets_only),
    cmocka_unit_test (nothing_scores_nothing),
    cmocka_unit_test (floors_stand_on_the_same_truth),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
