/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tables/mer-json.h"
#include "tables/mer-table-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads what may also be a pipe, so that `<(command)` works; never more than the cap. */
static GBytes *
read_all (const char *path, int fd, GError **error)
{
  struct stat info = { 0 };
  gboolean known = fstat (fd, &info) == 0 && S_ISREG (info.st_mode);
  gsize expected = known ? MIN ((gsize) info.st_size, MER_TABLE_MAX_BYTES) : 0;
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new ((guint) expected + 1);
  guint8 block[64 * 1024];

  while (TRUE)
    {
      gssize got = read (fd, block, sizeof block);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE, "%s: %s", path,
                       g_strerror (errno));
          return NULL;
        }
      if (got == 0)
        return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
      if (bytes->len + got > MER_TABLE_MAX_BYTES)
        {
          g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE, "%s: more than %u bytes",
                       path, MER_TABLE_MAX_BYTES);
          return NULL;
        }
      g_byte_array_append (bytes, block, (guint) got);
    }
}

static MerTable *
parse (const char *path, GBytes *bytes, GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  g_autofree char *lower = g_ascii_strdown (path, -1);

  if (size >= 4 && memcmp (text, "PK\003\004", 4) == 0)
    return mer_table_parse_xlsx (path, bytes, error);
  if (size >= 4 && memcmp (text, "\xd0\xcf\x11\xe0", 4) == 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_UNSUPPORTED,
                   "%s: an old .xls workbook; save it as .xlsx or CSV", path);
      return NULL;
    }
  if (g_str_has_suffix (lower, ".xlsx"))
    return mer_table_parse_xlsx (path, bytes, error);
  if (g_str_has_suffix (lower, ".jsonl") || g_str_has_suffix (lower, ".ndjson")
      || (size > 0 && text[0] == '{'))
    return mer_table_parse_jsonl (path, bytes, error);
  return mer_table_parse_csv (path, bytes, error);
}

/**
 * mer_table_load:
 * @path: a file
 *
 * Reads a table of any kind this library knows, told apart by content and ending.
 *
 * Returns: (transfer full): the table, %NULL with an error that names the file, and the
 *   line where there is one
 */
MerTable *
mer_table_load (const char *path, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);

  if (fd < 0)
    {
      int code = errno == ENOENT ? MER_ERROR_NOT_FOUND : MER_ERROR_INVALID_FILE;

      g_set_error (error, MER_ERROR, code, "%s: %s", path, g_strerror (errno));
      return NULL;
    }

  g_autoptr (GBytes) bytes = read_all (path, fd, error);
  close (fd);
  return bytes != NULL ? parse (path, bytes, error) : NULL;
}

/**
 * mer_table_peek_column:
 * @self: a table
 * @name: a column's name
 *
 * Returns: the column's number from 0, or -1 if there is none of that name
 */
int
mer_table_peek_column (MerTable *self, const char *name)
{
  for (guint i = 0; i < mer_table_get_n_columns (self); i++)
    if (g_str_equal (mer_table_get_column_name (self, i), name))
      return (int) i;
  return -1;
}

/**
 * mer_table_find_column:
 * @self: a table
 * @name: a column's name
 *
 * Returns: the column's number from 0, or -1 with an error that lists the columns there are
 */
int
mer_table_find_column (MerTable *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  int found = mer_table_peek_column (self, name);

  if (found >= 0)
    return found;
  for (guint i = 0; i < mer_table_get_n_columns (self); i++)
    g_ptr_array_add (names, (char *) mer_table_get_column_name (self, i));
  g_ptr_array_add (names, NULL);

  const char *const *candidates = (const char *const *) names->pdata;
  const char *nearest = mer_nearest_name (name, candidates);
  g_autofree char *all = g_strjoinv (", ", (char **) names->pdata);
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
               "%s: there is no column '%s'%s%s%s; the columns are %s",
               mer_table_get_name (self), name, nearest != NULL ? " (did you mean '" : "",
               nearest != NULL ? nearest : "", nearest != NULL ? "'?)" : "", all);
  return -1;
}

/**
 * mer_table_index:
 * @self: a table
 * @column: the column that identifies rows
 *
 * Returns: (transfer container): from each cell's text (owned by the table) to its row
 *   number **plus one** as `GUINT_TO_POINTER`, so that a missing id is %NULL; %NULL with an
 *   error naming the lines if a cell is empty or stands twice
 */
GHashTable *
mer_table_index (MerTable *self, guint column, GError **error)
{
  g_autoptr (GHashTable) rows = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint row = 0; row < mer_table_get_n_rows (self); row++)
    {
      const char *id = mer_table_get (self, row, column);
      const char *name = mer_table_get_name (self);

      if (id == NULL || *id == '\0')
        {
          g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                       "%s:%u: the column '%s' is empty", name,
                       mer_table_get_line (self, row),
                       mer_table_get_column_name (self, column));
          return NULL;
        }

      guint before = GPOINTER_TO_UINT (g_hash_table_lookup (rows, id));
      if (before != 0)
        {
          g_set_error (error, MER_ERROR, MER_ERROR_EXISTS,
                       "%s:%u: the %s '%s' stands in line %u already", name,
                       mer_table_get_line (self, row),
                       mer_table_get_column_name (self, column), id,
                       mer_table_get_line (self, before - 1));
          return NULL;
        }
      g_hash_table_insert (rows, (char *) id, GUINT_TO_POINTER (row + 1));
    }
  return g_steal_pointer (&rows);
}
