/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tables/mer-table.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

struct _MerTableWriter
{
  GString *text;
  guint n_columns;
};

static void
append_cell (GString *text, const char *cell)
{
  gsize length = strlen (cell);
  /* at the head of a file a bare U+FEFF would be taken for a byte order mark */
  gboolean quote
      = strpbrk (cell, ",\"\r\n") != NULL || g_str_has_prefix (cell, "\xef\xbb\xbf")
        || (length > 0
            && (g_ascii_isspace (cell[0]) || g_ascii_isspace (cell[length - 1])));

  if (!quote)
    {
      g_string_append_len (text, cell, (gssize) length);
      return;
    }
  g_string_append_c (text, '"');
  for (const char *p = cell; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (text, '"');
      g_string_append_c (text, *p);
    }
  g_string_append_c (text, '"');
}

/**
 * mer_table_writer_new:
 * @columns: (array zero-terminated=1): the columns' names
 *
 * Returns: (transfer full): a table of no rows; free it with mer_table_writer_free ()
 */
MerTableWriter *
mer_table_writer_new (const char *const *columns)
{
  MerTableWriter *self = g_new0 (MerTableWriter, 1);

  self->text = g_string_new (NULL);
  self->n_columns = g_strv_length ((char **) columns);
  mer_table_writer_add (self, columns);
  return self;
}

void
mer_table_writer_free (MerTableWriter *self)
{
  g_string_free (self->text, TRUE);
  g_free (self);
}

/**
 * mer_table_writer_add:
 * @self: a writer
 * @cells: as many cells as there are columns; a %NULL cell is written as an empty one
 *
 * Appends a row.
 */
void
mer_table_writer_add (MerTableWriter *self, const char *const *cells)
{
  gsize start = self->text->len;

  for (guint i = 0; i < self->n_columns; i++)
    {
      if (i > 0)
        g_string_append_c (self->text, ',');
      append_cell (self->text, cells[i] != NULL ? cells[i] : "");
    }
  /* a row of one empty cell would be a blank line, which readers pass over */
  if (self->text->len == start)
    g_string_append (self->text, "\"\"");
  g_string_append_c (self->text, '\n');
}

/**
 * mer_table_writer_to_bytes:
 * @self: a writer
 *
 * Returns: (transfer full): the table as CSV
 */
GBytes *
mer_table_writer_to_bytes (MerTableWriter *self)
{
  return g_bytes_new (self->text->str, self->text->len);
}

/**
 * mer_table_writer_take_bytes:
 * @self: a writer
 *
 * For tables that are written as they grow.
 *
 * Returns: (transfer full): what was added since this was called last, as CSV
 */
GBytes *
mer_table_writer_take_bytes (MerTableWriter *self)
{
  GBytes *bytes = mer_table_writer_to_bytes (self);

  g_string_truncate (self->text, 0);
  return bytes;
}

/* a terminal or a pipe is written to, not replaced */
static gboolean
write_stream (MerTableWriter *self, const char *path, GError **error)
{
  FILE *file = g_fopen (path, "we");
  gboolean ok = file != NULL
                && fwrite (self->text->str, 1, self->text->len, file) == self->text->len;

  if (file != NULL && fclose (file) != 0)
    ok = FALSE;
  if (!ok)
    g_set_error (error, MER_ERROR, errno == ENOSPC ? MER_ERROR_NO_SPACE : MER_ERROR_FAILED,
                 "%s: %s", path, g_strerror (errno));
  return ok;
}

/**
 * mer_table_writer_save:
 * @self: a writer
 * @path: where to
 *
 * Writes the table as CSV: a file appears whole, on the disk, or not at all.
 *
 * Returns: %FALSE with an error that names @path
 */
gboolean
mer_table_writer_save (MerTableWriter *self, const char *path, GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR)
      && !g_file_test (path, G_FILE_TEST_IS_DIR))
    return write_stream (self, path, error);
  if (g_file_set_contents_full (
          path, self->text->str, (gssize) self->text->len,
          G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0666, &cause))
    return TRUE;

  int code = g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOSPC) ? MER_ERROR_NO_SPACE
                                                                       : MER_ERROR_FAILED;
  g_set_error (error, MER_ERROR, code, "%s: cannot be written: %s", path, cause->message);
  return FALSE;
}
