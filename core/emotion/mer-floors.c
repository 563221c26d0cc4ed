/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-floors.h"

#include "emotion/mer-statistics.h"

/* every label of the truth, as often as it stands there */
static GPtrArray *
all_labels (MerLabels *const *truths, guint n)
{
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    for (guint k = 0; k < mer_labels_get_length (truths[i]); k++)
      g_ptr_array_add (all, (char *) mer_labels_get (truths[i], k));
  return all;
}

static MerScores *
make_constant (MerMapping *mapping, const char *name, const char *cell,
               MerLabels *const *truths, guint n)
{
  g_autoptr (MerScores) scores = mer_scores_new (name, mapping);
  g_autoptr (MerLabels) labels = mer_labels_new_parsed (cell);

  for (guint i = 0; i < n; i++)
    mer_scores_add (scores, NULL, truths[i], labels, TRUE);
  return g_steal_pointer (&scores);
}

/* @k different labels a sample; fewer where the truth has fewer */
static MerScores *
make_random (MerMapping *mapping, guint k, MerLabels *const *truths, guint n, guint64 seed)
{
  g_autofree char *name = g_strdup_printf ("random: %u by frequency in the truth", k);
  g_autoptr (MerScores) scores = mer_scores_new (name, mapping);
  g_autoptr (GPtrArray) all = all_labels (truths, n);
  MerRandom random;

  mer_random_init (&random, seed);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MerLabels) labels = mer_labels_new ();

      for (guint draws = 0; draws < 100 * k && all->len > 0; draws++)
        {
          if (mer_labels_get_length (labels) == k)
            break;
          mer_labels_add (labels, all->pdata[mer_random_below (&random, all->len)]);
        }
      mer_scores_add (scores, NULL, truths[i], labels, TRUE);
    }
  return g_steal_pointer (&scores);
}

static MerScores *
make_truth (MerMapping *mapping, MerLabels *const *truths, guint n)
{
  g_autoptr (MerScores) scores = mer_scores_new ("the truth itself", mapping);

  for (guint i = 0; i < n; i++)
    mer_scores_add (scores, NULL, truths[i], truths[i], TRUE);
  return g_steal_pointer (&scores);
}

/**
 * mer_floors_new:
 * @mapping: the vocabulary
 * @truths: (array length=n): the labels people gave, a sample each
 * @n: how many samples
 * @seed: for the random rows
 *
 * What answers reach that never looked at a clip, on the same truth: a score says little
 * without them, because the metrics reward long lists and drop unknown words at no cost.
 * Last the truth itself, which shows what the mapping lets through.
 *
 * Returns: (transfer container) (element-type MerScores): the rows; free the array
 */
GPtrArray *
mer_floors_new (MerMapping *mapping, MerLabels *const *truths, guint n, guint64 seed)
{
  GPtrArray *floors = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_scores_free);

  g_ptr_array_add (floors, make_constant (mapping, "constant: happy", "happy", truths, n));
  g_ptr_array_add (floors, make_constant (mapping, "constant: six labels",
                                          "angry, sad, worried, surprised, happy, neutral",
                                          truths, n));
  g_ptr_array_add (floors, make_random (mapping, 1, truths, n, seed));
  g_ptr_array_add (floors, make_random (mapping, 3, truths, n, seed));
  g_ptr_array_add (floors, make_truth (mapping, truths, n));
  return floors;
}
