/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CSV, and JSON Lines where the text begins with a brace: what is read has the promised
 * shape, and what is written again reads back the same */
#include <stdint.h>

#include <mer.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_shape (MerTable *table)
{
  guint n_columns = mer_table_get_n_columns (table);

  for (guint row = 0; row < mer_table_get_n_rows (table); row++)
    {
      g_assert_cmpuint (mer_table_get_line (table, row), >, 0);
      for (guint column = 0; column < n_columns; column++)
        {
          const char *cell = mer_table_get (table, row, column);

          g_assert_true (cell == NULL || g_utf8_validate (cell, -1, NULL));
        }
    }
}

static void
check_round_trip (MerTable *table)
{
  guint n_columns = mer_table_get_n_columns (table);
  g_autofree const char **cells = g_new0 (const char *, n_columns + 1);
  g_autoptr (MerTableWriter) writer = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (MerTable) again = NULL;

  for (guint column = 0; column < n_columns; column++)
    cells[column] = mer_table_get_column_name (table, column);
  writer = mer_table_writer_new (cells);
  for (guint row = 0; row < mer_table_get_n_rows (table); row++)
    {
      for (guint column = 0; column < n_columns; column++)
        cells[column] = mer_table_get (table, row, column);
      mer_table_writer_add (writer, cells);
    }
  bytes = mer_table_writer_to_bytes (writer);
  again = mer_table_parse_csv ("again", bytes, NULL);
  /* a row of names that holds no comma may be taken for another kind of table */
  if (n_columns < 2)
    return;
  g_assert_nonnull (again);
  g_assert_cmpuint (mer_table_get_n_rows (again), ==, mer_table_get_n_rows (table));
  for (guint row = 0; row < mer_table_get_n_rows (table); row++)
    for (guint column = 0; column < n_columns; column++)
      {
        const char *before = mer_table_get (table, row, column);

        g_assert_cmpstr (mer_table_get (again, row, column), ==,
                         before != NULL ? before : "");
      }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (MerTable) table = size > 0 && data[0] == '{'
                                   ? mer_table_parse_jsonl ("fuzz", bytes, &error)
                                   : mer_table_parse_csv ("fuzz", bytes, &error);

  g_assert_true ((table == NULL) == (error != NULL));
  if (table == NULL)
    return 0;
  check_shape (table);
  check_round_trip (table);
  for (guint column = 0; column < mer_table_get_n_columns (table); column++)
    {
      g_autoptr (GHashTable) index = mer_table_index (table, column, NULL);

      if (index != NULL)
        g_assert_cmpuint (g_hash_table_size (index), ==, mer_table_get_n_rows (table));
    }
  return 0;
}
