/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* joins what people said, in a table of its own, to clips by their ids */
#include "config/mer-dataset-private.h"

#include "mer-error.h"
#include "tables/mer-table.h"

/* the column that holds the truth, and its kind, by the names the field uses */
static int
find_truth_column (MerTable *table, const char *wanted, int id_column, MerTruthKind *kind,
                   GError **error)
{
  static const struct
  {
    const char *name;
    MerTruthKind kind;
  } known[] = {
    { "openset", MER_TRUTH_LABELS },        { "labels", MER_TRUTH_LABELS },
    { "truth", MER_TRUTH_LABELS },          { "label", MER_TRUTH_LABELS },
    { "class", MER_TRUTH_CLASS },           { "discrete", MER_TRUTH_CLASS },
    { "value", MER_TRUTH_VALUE },           { "valence", MER_TRUTH_VALUE },
    { "preference", MER_TRUTH_PREFERENCE },
  };
  const int other = id_column == 0 ? 1 : 0;

  *kind = MER_TRUTH_LABELS;
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      int column = mer_table_peek_column (table, known[i].name);

      if (wanted != NULL ? !g_str_equal (wanted, known[i].name) : column < 0)
        continue;
      *kind = known[i].kind;
      if (wanted == NULL)
        return column;
    }
  if (wanted == NULL && mer_table_get_n_columns (table) == 2)
    return other;
  return mer_table_find_column (table, wanted != NULL ? wanted : "openset", error);
}

static int
find_id_column (MerTable *table)
{
  static const char *const known[] = { "name", "id", "sample", "sample_id", "clip" };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (mer_table_peek_column (table, known[i]) >= 0)
      return mer_table_peek_column (table, known[i]);
  return 0;
}

/* rows without a clip are fine, and clips without a row; both at once is a slip in a name
 */
static gboolean
check_join (MerDataset *self, MerTable *table, int id_column, GHashTable *used,
            GError **error)
{
  const MerDatasetEntry *bare = NULL;
  guint unused = 0, first = 0;

  for (guint i = 0; i < mer_dataset_get_n_samples (self) && bare == NULL; i++)
    if (!g_hash_table_contains (used, mer_dataset_get_entry (self, i)->id))
      bare = mer_dataset_get_entry (self, i);
  for (guint row = 0; row < mer_table_get_n_rows (table); row++)
    {
      const char *id = mer_table_get (table, row, (guint) id_column);

      if (id == NULL || g_hash_table_contains (used, id))
        continue;
      if (unused++ == 0)
        first = row;
    }
  if (unused == 0)
    return TRUE;
  if (bare != NULL)
    {
      g_set_error (
          error, MER_ERROR, MER_ERROR_NOT_FOUND,
          "%s:%u: no clip has the id “%s”, and the clip “%s” has no row here; ids are "
          "paths below the given folder without their extension",
          mer_table_get_name (table), mer_table_get_line (table, first),
          mer_table_get (table, first, (guint) id_column), bare->id);
      return FALSE;
    }
  mer_dataset_take_note (
      self, g_strdup_printf (
                "%s: %u of %u rows match none of the %u clips", mer_table_get_name (table),
                unused, mer_table_get_n_rows (table), mer_dataset_get_n_samples (self)));
  return TRUE;
}

/**
 * mer_dataset_join_truth:
 * @self: a dataset, usually of clips given directly
 * @path: a table with an id (column `name` or `id`, else the first) and the truth
 * @column: (nullable): the truth's column; %NULL: `openset`, or whichever of the field's
 *   usual names is there
 * @error: return location for an error that names the table's line
 *
 * Gives samples their truth by id. A clip may lack a row and a row may lack a clip, but not
 * both in one table: that is a slip in the names, and an error.
 *
 * Returns: whether it could be joined
 */
gboolean
mer_dataset_join_truth (MerDataset *self, const char *path, const char *column,
                        GError **error)
{
  g_autoptr (MerTable) table = mer_table_load (path, error);
  MerTruthKind kind = MER_TRUTH_LABELS;

  if (table == NULL)
    return FALSE;

  const int id_column = find_id_column (table);
  const int truth_column = find_truth_column (table, column, id_column, &kind, error);
  g_autoptr (GHashTable) rows
      = truth_column >= 0 ? mer_table_index (table, (guint) id_column, error) : NULL;
  g_autoptr (GHashTable) used = g_hash_table_new (g_str_hash, g_str_equal);

  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < mer_dataset_get_n_samples (self); i++)
    {
      MerDatasetEntry *entry = mer_dataset_get_entry (self, i);
      const guint row = GPOINTER_TO_UINT (g_hash_table_lookup (rows, entry->id));
      g_autoptr (GError) problem = NULL;

      if (row == 0)
        continue;
      g_hash_table_add (used, entry->id);
      g_clear_pointer (&entry->truth, mer_truth_unref);
      entry->truth = mer_dataset_parse_truth (
          kind, mer_table_get (table, row - 1, (guint) truth_column), &problem);
      if (problem != NULL)
        {
          g_set_error (error, MER_ERROR, problem->code, "%s:%u: %s",
                       mer_table_get_name (table), mer_table_get_line (table, row - 1),
                       problem->message);
          return FALSE;
        }
    }
  return check_join (self, table, id_column, used, error);
}
