/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tables/mer-table-private.h"

#include <string.h>

#define NO_CELL G_MAXSIZE

struct _MerTable
{
  gatomicrefcount refs;
  char *name;
  GPtrArray *columns;
  GByteArray *text; /* all cells, each with its NUL */
  GArray *cells;    /* gsize offsets into text, or NO_CELL; columns->len a row */
  GArray *lines;    /* guint, one a row */
};

struct _MerTableBuilder
{
  MerTable *table;
  GArray *pending; /* the cells of the row that has not ended yet */
  gboolean has_nul;
  GError *error;
};

G_DEFINE_BOXED_TYPE (MerTable, mer_table, mer_table_ref, mer_table_unref)

/* @size: about how much text there will be, 0 if that is not known */
MerTableBuilder *
mer_table_builder_new (const char *name, gsize size)
{
  MerTableBuilder *self = g_new0 (MerTableBuilder, 1);
  MerTable *table = g_new0 (MerTable, 1);

  g_atomic_ref_count_init (&table->refs);
  table->name = g_strdup (name);
  table->text = g_byte_array_sized_new ((guint) MIN (size, MER_TABLE_MAX_BYTES));
  table->cells = g_array_new (FALSE, FALSE, sizeof (gsize));
  table->lines = g_array_new (FALSE, FALSE, sizeof (guint));
  self->table = table;
  self->pending = g_array_new (FALSE, FALSE, sizeof (gsize));
  return self;
}

void
mer_table_builder_free (MerTableBuilder *self)
{
  g_clear_pointer (&self->table, mer_table_unref);
  g_array_unref (self->pending);
  g_clear_error (&self->error);
  g_free (self);
}

/* @line: 0 where the whole file is meant */
void
mer_table_builder_fail (MerTableBuilder *self, guint line, int code, const char *format,
                        ...)
{
  va_list args;

  if (self->error != NULL)
    return;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  if (line > 0)
    g_set_error (&self->error, MER_ERROR, code, "%s:%u: %s", self->table->name, line, what);
  else
    g_set_error (&self->error, MER_ERROR, code, "%s: %s", self->table->name, what);
}

gboolean
mer_table_builder_failed (MerTableBuilder *self)
{
  return self->error != NULL;
}

guint
mer_table_builder_get_n_pending (MerTableBuilder *self)
{
  return self->pending->len;
}

/* what is wrong with a cell is told when its row ends, where the line is known */
void
mer_table_builder_add_cell (MerTableBuilder *self, const char *text, gsize length)
{
  gsize offset = self->table->text->len;

  if (self->error != NULL)
    return;
  if (length > MER_TABLE_MAX_CELL_BYTES)
    return mer_table_builder_fail (self, 0, MER_ERROR_TOO_LARGE,
                                   "a cell has %" G_GSIZE_FORMAT " bytes, at most %u",
                                   length, MER_TABLE_MAX_CELL_BYTES);
  if (self->pending->len >= MER_TABLE_MAX_COLUMNS)
    return mer_table_builder_fail (self, 0, MER_ERROR_TOO_LARGE, "more than %u columns",
                                   MER_TABLE_MAX_COLUMNS);
  if (offset + length >= MER_TABLE_MAX_BYTES)
    return mer_table_builder_fail (self, 0, MER_ERROR_TOO_LARGE,
                                   "more than %u bytes of text", MER_TABLE_MAX_BYTES);
  self->has_nul |= memchr (text, '\0', length) != NULL;
  g_byte_array_append (self->table->text, (const guint8 *) text, length);
  g_byte_array_append (self->table->text, (const guint8 *) "", 1);
  g_array_append_val (self->pending, offset);
}

void
mer_table_builder_add_null (MerTableBuilder *self)
{
  gsize offset = NO_CELL;

  if (self->error == NULL && self->pending->len < MER_TABLE_MAX_COLUMNS)
    g_array_append_val (self->pending, offset);
}

static const char *
text_at (MerTable *table, gsize offset)
{
  return offset == NO_CELL ? NULL : (const char *) table->text->data + offset;
}

static void
set_columns (MerTableBuilder *self, guint line)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  self->table->columns = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < self->pending->len; i++)
    {
      const char *text = text_at (self->table, g_array_index (self->pending, gsize, i));
      char *name = g_strstrip (g_strdup (text != NULL ? text : ""));

      g_ptr_array_add (self->table->columns, name);
      if (*name != '\0' && !g_hash_table_add (seen, name))
        mer_table_builder_fail (self, line, MER_ERROR_INVALID_FILE,
                                "two columns are named '%s'", name);
    }
}

static void
drop_empty_tail (MerTableBuilder *self, guint n_columns)
{
  while (self->pending->len > n_columns)
    {
      gsize last = g_array_index (self->pending, gsize, self->pending->len - 1);
      const char *text = text_at (self->table, last);

      if (text != NULL && *text != '\0')
        return;
      g_array_set_size (self->pending, self->pending->len - 1);
    }
}

static void
add_row (MerTableBuilder *self, guint line)
{
  MerTable *table = self->table;
  guint n_columns = table->columns->len;

  drop_empty_tail (self, n_columns);
  if (self->pending->len > n_columns)
    return mer_table_builder_fail (self, line, MER_ERROR_INVALID_FILE,
                                   "%u cells, but there are %u columns (a text that holds "
                                   "a comma needs quotes)",
                                   self->pending->len, n_columns);
  if (table->lines->len >= MER_TABLE_MAX_ROWS
      || table->cells->len + n_columns > MER_TABLE_MAX_CELLS)
    return mer_table_builder_fail (self, line, MER_ERROR_TOO_LARGE,
                                   "too many rows: at most %u, and %u cells",
                                   MER_TABLE_MAX_ROWS, MER_TABLE_MAX_CELLS);
  while (self->pending->len < n_columns)
    mer_table_builder_add_null (self);
  g_array_append_vals (table->cells, self->pending->data, n_columns);
  g_array_append_val (table->lines, line);
}

static void
check_text (MerTableBuilder *self, guint line)
{
  for (guint i = 0; i < self->pending->len; i++)
    {
      const char *text = text_at (self->table, g_array_index (self->pending, gsize, i));

      if (text != NULL && !g_utf8_validate (text, -1, NULL))
        return mer_table_builder_fail (self, line, MER_ERROR_INVALID_FILE,
                                       "cell %u is not UTF-8; save the table as UTF-8",
                                       i + 1);
    }
}

/* @line: where the row began, from 1 */
void
mer_table_builder_end_row (MerTableBuilder *self, guint line)
{
  if (self->has_nul)
    mer_table_builder_fail (self, line, MER_ERROR_INVALID_FILE,
                            "a NUL byte; this is no text table, or one in UTF-16 (save it "
                            "as UTF-8)");
  check_text (self, line);
  if (self->error == NULL && self->pending->len > 0)
    {
      if (self->table->columns == NULL)
        set_columns (self, line);
      else
        add_row (self, line);
    }
  g_array_set_size (self->pending, 0);
}

void
mer_table_builder_drop_row (MerTableBuilder *self)
{
  g_array_set_size (self->pending, 0);
}

gboolean
mer_table_builder_row_is_empty (MerTableBuilder *self)
{
  for (guint i = 0; i < self->pending->len; i++)
    {
      const char *text = text_at (self->table, g_array_index (self->pending, gsize, i));

      if (text != NULL && *text != '\0')
        return FALSE;
    }
  return TRUE;
}

/* consumes nothing; @self can only be freed afterwards */
MerTable *
mer_table_builder_finish (MerTableBuilder *self, GError **error)
{
  if (self->error == NULL && self->table->columns == NULL)
    mer_table_builder_fail (self, 0, MER_ERROR_INVALID_FILE,
                            "the table is empty; its first row must name the columns");
  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return NULL;
    }
  return g_steal_pointer (&self->table);
}

MerTable *
mer_table_ref (MerTable *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mer_table_unref (MerTable *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->name);
  g_clear_pointer (&self->columns, g_ptr_array_unref);
  g_byte_array_unref (self->text);
  g_array_unref (self->cells);
  g_array_unref (self->lines);
  g_free (self);
}

/**
 * mer_table_get_name:
 * @self: a table
 *
 * Returns: (transfer none): the name it was loaded under, for messages
 */
const char *
mer_table_get_name (MerTable *self)
{
  return self->name;
}

guint
mer_table_get_n_rows (MerTable *self)
{
  return self->lines->len;
}

guint
mer_table_get_n_columns (MerTable *self)
{
  return self->columns->len;
}

/**
 * mer_table_get_column_name:
 * @self: a table
 * @column: from 0
 *
 * Returns: (transfer none): the column's name without white space around it
 */
const char *
mer_table_get_column_name (MerTable *self, guint column)
{
  g_return_val_if_fail (column < self->columns->len, NULL);
  return g_ptr_array_index (self->columns, column);
}

/**
 * mer_table_get:
 * @self: a table
 * @row: from 0, without the row of names
 * @column: from 0
 *
 * Returns: (transfer none) (nullable): the cell's text, UTF-8; %NULL where the row is short
 *   or (JSON) the value is null
 */
const char *
mer_table_get (MerTable *self, guint row, guint column)
{
  g_return_val_if_fail (row < self->lines->len, NULL);
  g_return_val_if_fail (column < self->columns->len, NULL);

  gsize index = (gsize) row * self->columns->len + column;
  return text_at (self, g_array_index (self->cells, gsize, index));
}

/**
 * mer_table_get_line:
 * @self: a table
 * @row: from 0
 *
 * Returns: the line of the file (the row of a sheet) where the row begins, from 1
 */
guint
mer_table_get_line (MerTable *self, guint row)
{
  g_return_val_if_fail (row < self->lines->len, 0);
  return g_array_index (self->lines, guint, row);
}
