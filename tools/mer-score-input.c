/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-score-input.h"

void
mer_score_truth_free (MerScoreTruth *self)
{
  g_free (self->path);
  g_clear_pointer (&self->table, mer_table_unref);
  g_clear_pointer (&self->text, g_string_chunk_free);
  g_clear_pointer (&self->ids, g_ptr_array_unref);
  g_clear_pointer (&self->labels, g_ptr_array_unref);
  g_clear_pointer (&self->groups, g_ptr_array_unref);
  g_clear_pointer (&self->rows, g_hash_table_unref);
  g_free (self);
}

MerScoreTruth *
mer_score_truth_new (const char *path)
{
  MerScoreTruth *self = g_new0 (MerScoreTruth, 1);

  self->path = g_strdup (path);
  self->ids = g_ptr_array_new ();
  self->labels = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_labels_unref);
  self->groups = g_ptr_array_new ();
  self->rows = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
mer_score_truth_add (MerScoreTruth *self, const char *id, MerLabels *labels,
                     const char *group)
{
  if (self->text == NULL)
    self->text = g_string_chunk_new (4096);

  char *copy = g_string_chunk_insert (self->text, id);
  g_ptr_array_add (self->ids, copy);
  g_ptr_array_add (self->labels, mer_labels_ref (labels));
  g_ptr_array_add (self->groups,
                   group != NULL ? g_string_chunk_insert (self->text, group) : NULL);
  g_hash_table_insert (self->rows, copy, GUINT_TO_POINTER (self->ids->len));
}

/* Reads the rows of labels: from each id to its number + 1, and the columns. */
static MerTable *
load_labels (const char *path, const char *id_column, const char *column, int *labels,
             int *ids, GHashTable **index, GError **error)
{
  g_autoptr (MerTable) table = mer_table_load (path, error);

  if (table == NULL)
    return NULL;
  *ids = mer_table_find_column (table, id_column, error);
  if (*ids < 0)
    return NULL;
  *labels = mer_table_find_column (table, column, error);
  if (*labels < 0)
    return NULL;
  *index = mer_table_index (table, (guint) *ids, error);
  return *index != NULL ? g_steal_pointer (&table) : NULL;
}

/* @group_column: (nullable): where the samples' groups stand */
MerScoreTruth *
mer_score_truth_load (const char *path, const char *id_column, const char *column,
                      const char *group_column, GError **error)
{
  g_autoptr (GHashTable) index = NULL;
  int ids, labels, groups = -1;
  g_autoptr (MerTable) table
      = load_labels (path, id_column, column, &labels, &ids, &index, error);

  if (table == NULL)
    return NULL;
  if (group_column != NULL)
    {
      groups = mer_table_find_column (table, group_column, error);
      if (groups < 0)
        return NULL;
    }

  MerScoreTruth *self = mer_score_truth_new (path);
  for (guint row = 0; row < mer_table_get_n_rows (table); row++)
    {
      const char *cell = mer_table_get (table, row, (guint) labels);
      const char *group = groups >= 0 ? mer_table_get (table, row, (guint) groups) : NULL;

      g_ptr_array_add (self->ids, (char *) mer_table_get (table, row, (guint) ids));
      g_ptr_array_add (self->labels, mer_labels_new_parsed (cell));
      g_ptr_array_add (self->groups, (char *) group);
    }
  g_hash_table_unref (self->rows);
  self->rows = g_steal_pointer (&index);
  self->table = g_steal_pointer (&table);
  return self;
}

static gboolean
fail_unknown (MerTable *table, guint id_column, MerScoreTruth *truth, GError **error)
{
  for (guint row = 0; row < mer_table_get_n_rows (table); row++)
    {
      const char *id = mer_table_get (table, row, id_column);

      if (g_hash_table_contains (truth->rows, id))
        continue;
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                   "%s:%u: the truth %s has no sample '%s'", mer_table_get_name (table),
                   mer_table_get_line (table, row), truth->path, id);
      break;
    }
  return FALSE;
}

void
mer_score_set_missing_error (const char *path, guint n_missing, MerScoreTruth *truth,
                             const char *first, GError **error)
{
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
               "%s: %u of %u samples are missing, the first is '%s'; --missing empty "
               "scores them as empty predictions, --missing skip leaves them out",
               path, n_missing, truth->ids->len, first);
}

static gboolean
fail_missing (MerTable *table, const guint *rows, guint n_found, MerScoreTruth *truth,
              GError **error)
{
  guint first = 0;

  while (rows[first] != 0)
    first++;
  mer_score_set_missing_error (mer_table_get_name (table), truth->ids->len - n_found, truth,
                               truth->ids->pdata[first], error);
  return FALSE;
}

/* @rows: (out): of every sample of the truth its row + 1, or 0 */
static gboolean
match_rows (MerTable *table, guint id_column, GHashTable *index, MerScoreTruth *truth,
            MerMissing missing, guint *rows, GError **error)
{
  guint n_found = 0;

  for (guint i = 0; i < truth->ids->len; i++)
    {
      rows[i] = GPOINTER_TO_UINT (g_hash_table_lookup (index, truth->ids->pdata[i]));
      n_found += rows[i] != 0;
    }
  if (n_found < mer_table_get_n_rows (table))
    return fail_unknown (table, id_column, truth, error);
  if (n_found < truth->ids->len && missing == MER_MISSING_ERROR)
    return fail_missing (table, rows, n_found, truth, error);
  return TRUE;
}

/* One system's label file held against the truth. */
MerScores *
mer_score_system_load (const char *name, const char *path, const char *id_column,
                       const char *column, MerScoreTruth *truth, MerMissing missing,
                       MerMapping *mapping, GError **error)
{
  g_autoptr (GHashTable) index = NULL;
  int ids, labels;
  g_autoptr (MerTable) table
      = load_labels (path, id_column, column, &labels, &ids, &index, error);

  g_autofree guint *rows = g_new0 (guint, truth->ids->len + 1);

  if (table == NULL || !match_rows (table, (guint) ids, index, truth, missing, rows, error))
    return NULL;

  MerScores *scores = mer_scores_new (name, mapping);
  for (guint i = 0; i < truth->ids->len; i++)
    {
      const char *group = truth->groups->pdata[i];
      const char *cell = rows[i] > 0 ? mer_table_get (table, rows[i] - 1, labels) : NULL;

      if (rows[i] == 0 && missing == MER_MISSING_SKIP)
        {
          mer_scores_add_skipped (scores, group);
          continue;
        }

      g_autoptr (MerLabels) predicted = mer_labels_new_parsed (cell);
      mer_scores_add (scores, group, truth->labels->pdata[i], predicted, rows[i] > 0);
    }
  return scores;
}
