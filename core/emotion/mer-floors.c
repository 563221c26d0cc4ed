/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-floors.h"

#include "emotion/mer-label-text.h"
#include "emotion/mer-metrics-private.h"
#include "emotion/mer-statistics.h"

#define MAX_RANDOM 3

typedef struct
{
  MerMapping *mapping;
  guint n;
  GPtrArray *truths; /* MerGrouped, a sample each */
  guint64 seed;
  /* every label of the truth, as often as it stands there */
  GPtrArray *words;   /* equal pointers for equal words */
  GPtrArray *rows;    /* their groups */
  GHashTable *others; /* words that are not known */
} Floors;

/* A pointer that equal words share: the row of a known word, a text of its own else. */
static gconstpointer
identify (GHashTable *others, const gint16 *row, const char *key)
{
  gpointer word;

  if (row != NULL)
    return row;
  word = g_hash_table_lookup (others, key);
  if (word == NULL)
    {
      word = g_strdup (key);
      g_hash_table_insert (others, word, word);
    }
  return word;
}

static void
collect_truth (Floors *self, MerLabels *const *truths)
{
  for (guint i = 0; i < self->n; i++)
    {
      MerGrouped *grouped = mer_grouped_new (self->mapping, truths[i]);

      g_ptr_array_add (self->truths, grouped);
      for (guint k = 0; k < grouped->n; k++)
        {
          const char *key = mer_labels_get_key (truths[i], k);

          g_ptr_array_add (self->words,
                           (gpointer) identify (self->others, grouped->rows[k], key));
          g_ptr_array_add (self->rows, (gpointer) grouped->rows[k]);
        }
    }
}

static MerScores *
make_constant (const Floors *self, const char *name, const char *cell)
{
  MerScores *scores = mer_scores_new_totals (name, self->mapping);
  g_autoptr (MerLabels) labels = mer_labels_new_parsed (cell);
  g_autofree MerGrouped *grouped = mer_grouped_new (self->mapping, labels);

  for (guint i = 0; i < self->n; i++)
    mer_scores_add_grouped (scores, NULL, self->truths->pdata[i], grouped, TRUE);
  return scores;
}

/* Draws up to @k different words; fewer where the truth has fewer. */
static void
draw_words (const Floors *self, MerRandom *random, guint k, MerGrouped *drawn)
{
  gconstpointer words[MAX_RANDOM];

  drawn->n = 0;
  for (guint draws = 0; draws < 100 * k && drawn->n < k && self->words->len > 0; draws++)
    {
      guint place = mer_random_below (random, self->words->len);
      gconstpointer word = self->words->pdata[place];
      gboolean again = FALSE;

      for (guint i = 0; i < drawn->n; i++)
        again = again || words[i] == word;
      if (again)
        continue;
      words[drawn->n] = word;
      drawn->rows[drawn->n++] = self->rows->pdata[place];
    }
}

static MerScores *
make_random (const Floors *self, guint k)
{
  g_autofree char *name = g_strdup_printf ("random: %u by frequency in the truth", k);
  MerScores *scores = mer_scores_new_totals (name, self->mapping);
  g_autofree MerGrouped *drawn
      = g_malloc (sizeof *drawn + MAX_RANDOM * sizeof drawn->rows[0]);
  MerRandom random;

  mer_random_init (&random, self->seed);
  for (guint i = 0; i < self->n; i++)
    {
      draw_words (self, &random, k, drawn);
      mer_scores_add_grouped (scores, NULL, self->truths->pdata[i], drawn, TRUE);
    }
  return scores;
}

/* the one row that also notes which words of the truth are not known */
static MerScores *
make_truth (const Floors *self, MerLabels *const *truths)
{
  MerScores *scores = mer_scores_new_totals ("the truth itself", self->mapping);

  for (guint i = 0; i < self->n; i++)
    {
      const MerGrouped *grouped = self->truths->pdata[i];

      mer_scores_add_grouped (scores, NULL, grouped, grouped, TRUE);
      mer_scores_note_unknown (scores, MER_SIDE_TRUTH, truths[i], grouped);
    }
  return scores;
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
  g_autoptr (GPtrArray) grouped = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();
  g_autoptr (GHashTable) others
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Floors self = { mapping, n, grouped, seed, words, rows, others };

  collect_truth (&self, truths);
  g_ptr_array_add (floors, make_constant (&self, "constant: happy", "happy"));
  g_ptr_array_add (floors,
                   make_constant (&self, "constant: six labels",
                                  "angry, sad, worried, surprised, happy, neutral"));
  g_ptr_array_add (floors, make_random (&self, 1));
  g_ptr_array_add (floors, make_random (&self, MAX_RANDOM));
  g_ptr_array_add (floors, make_truth (&self, truths));
  return floors;
}
