/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `mer-dataset/1`: a table of samples, with the tables and clips that belong to it */
#include "config/mer-dataset-private.h"

#include "config/mer-lookup.h"
#include "mer-error.h"
#include "tables/mer-json.h"
#include "tables/mer-table.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* one column of a table, of the main one or of another that is joined by id */
typedef struct
{
  MerTable *table;  /* %NULL: there is no such column */
  GHashTable *rows; /* of another table, by id */
  guint column;
} Column;

typedef struct
{
  MerJson *json;
  char *root; /* real path; everything stays below it */
  MerTable *table;
  guint id_column;
  MerTruthKind truth_kind;
  Column truth;
  Column subtitle;
  Column group;
  Column split;
  char **video;
  char **audio;
  char **side_file;
} Reader;

static void
clear_column (Column *column)
{
  g_clear_pointer (&column->table, mer_table_unref);
  g_clear_pointer (&column->rows, g_hash_table_unref);
}

static void
reader_clear (Reader *reader)
{
  g_clear_pointer (&reader->json, mer_json_unref);
  g_clear_pointer (&reader->table, mer_table_unref);
  clear_column (&reader->truth);
  clear_column (&reader->subtitle);
  clear_column (&reader->group);
  clear_column (&reader->split);
  g_free (reader->root);
  g_strfreev (reader->video);
  g_strfreev (reader->audio);
  g_strfreev (reader->side_file);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

/* an error from below gets the place in our file before it */
static void
set_error_from (Reader *reader, const char *pointer, const GError *problem, GError **error)
{
  mer_json_set_error (reader->json, pointer, error, problem->code, "%s", problem->message);
}

static gboolean
is_below (const char *path, const char *root)
{
  const gsize length = strlen (root);

  return strncmp (path, root, length) == 0
         && (path[length] == '/' || path[length] == '\0' || g_str_equal (root, "/"));
}

/* below the root, by its name and after symbolic links; %NULL if it is not */
static char *
path_below_root (Reader *reader, const char *relative)
{
  g_autofree char *path = g_canonicalize_filename (relative, reader->root);
  char real[PATH_MAX];

  if (!is_below (path, reader->root))
    return NULL;
  if (realpath (path, real) != NULL && !is_below (real, reader->root))
    return NULL;
  return g_steal_pointer (&path);
}

static gboolean
read_root (Reader *reader, const char *path, const char *root, GError **error)
{
  const char *given = ".";
  char real[PATH_MAX];

  if (root == NULL && mer_json_has (reader->json, "/root")
      && !mer_json_get_string (reader->json, "/root", &given, error))
    return FALSE;

  g_autofree char *folder = root != NULL ? g_strdup (root) : mer_lookup_path (given, path);

  if (realpath (folder, real) == NULL || !g_file_test (real, G_FILE_TEST_IS_DIR))
    {
      mer_json_set_error (reader->json, "/root", error, MER_ERROR_NOT_FOUND,
                          "there is no folder “%s”", folder);
      return FALSE;
    }
  reader->root = g_strdup (real);
  return TRUE;
}

static MerTable *
open_table (Reader *reader, const char *pointer, GError **error)
{
  g_autoptr (GError) problem = NULL;
  const char *given = NULL;

  if (!mer_json_get_string (reader->json, pointer, &given, error))
    return NULL;

  g_autofree char *path = path_below_root (reader, given);

  if (path == NULL)
    {
      mer_json_set_error (reader->json, pointer, error, MER_ERROR_INVALID_FILE,
                          "“%s” is not below root “%s”", given, reader->root);
      return NULL;
    }

  MerTable *table = mer_table_load (path, &problem);

  if (table == NULL)
    set_error_from (reader, pointer, problem, error);
  return table;
}

static gboolean
find_column (Reader *reader, MerTable *table, const char *pointer, guint *column,
             GError **error)
{
  g_autoptr (GError) problem = NULL;
  const char *name = NULL;

  if (!mer_json_get_string (reader->json, pointer, &name, error))
    return FALSE;

  const int found = mer_table_find_column (table, name, &problem);

  if (found < 0)
    {
      set_error_from (reader, pointer, problem, error);
      return FALSE;
    }
  *column = (guint) found;
  return TRUE;
}

/* `{"table": …, "id": …, "column": …}`: of another table if there is one */
static gboolean
read_joined_column (Reader *reader, const char *pointer, Column *column, GError **error)
{
  g_autofree char *table_place = mer_json_pointer (pointer, "table");
  g_autofree char *id_place = mer_json_pointer (pointer, "id");
  g_autofree char *column_place = mer_json_pointer (pointer, "column");
  guint id_column = reader->id_column;
  g_autoptr (GError) problem = NULL;

  if (!mer_json_has (reader->json, table_place))
    {
      if (mer_json_has (reader->json, id_place))
        {
          mer_json_set_error (reader->json, id_place, error, MER_ERROR_INVALID_FILE,
                              "an id column without a table; add “table” or take it out");
          return FALSE;
        }
      column->table = mer_table_ref (reader->table);
      return find_column (reader, column->table, column_place, &column->column, error);
    }
  column->table = open_table (reader, table_place, error);
  if (column->table == NULL
      || !find_column (reader, column->table, id_place, &id_column, error)
      || !find_column (reader, column->table, column_place, &column->column, error))
    return FALSE;
  column->rows = mer_table_index (column->table, id_column, &problem);
  if (column->rows == NULL)
    set_error_from (reader, table_place, problem, error);
  return column->rows != NULL;
}

/* a column's name, or null */
static gboolean
read_plain_column (Reader *reader, const char *pointer, Column *column, GError **error)
{
  if (!mer_json_has (reader->json, pointer))
    return TRUE;
  column->table = mer_table_ref (reader->table);
  return find_column (reader, column->table, pointer, &column->column, error);
}

static gboolean
read_truth (Reader *reader, GError **error)
{
  static const char *const members[] = { "kind", "table", "id", "column", NULL };
  static const char *const kinds[] = { "labels", "class", "value", "preference", NULL };
  const char *kind = NULL;

  if (!mer_json_has (reader->json, "/truth"))
    return TRUE;
  if (!mer_json_check_members (reader->json, "/truth", members, error)
      || !mer_json_get_string (reader->json, "/truth/kind", &kind, error))
    return FALSE;
  for (guint i = 0; kinds[i] != NULL; i++)
    if (g_str_equal (kind, kinds[i]))
      {
        reader->truth_kind = (MerTruthKind) i;
        return read_joined_column (reader, "/truth", &reader->truth, error);
      }
  mer_json_set_error (
      reader->json, "/truth/kind", error, MER_ERROR_INVALID_FILE,
      "“%s” is no kind of truth; there are labels, class, value, preference", kind);
  return FALSE;
}

static gboolean
read_subtitle (Reader *reader, GError **error)
{
  static const char *const members[] = { "table", "id", "column", NULL };
  JsonNode *node = mer_json_lookup (reader->json, "/subtitle");

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
    return read_plain_column (reader, "/subtitle", &reader->subtitle, error);
  if (!mer_json_has (reader->json, "/subtitle"))
    return TRUE;
  return mer_json_check_members (reader->json, "/subtitle", members, error)
         && read_joined_column (reader, "/subtitle", &reader->subtitle, error);
}

/* `{id}` or `{COLUMN}` from @text on; %NULL where there is none any more */
static char *
next_placeholder (const char *text, const char **open, const char **close)
{
  *open = strchr (text, '{');
  *close = *open != NULL ? strchr (*open, '}') : NULL;
  return *close != NULL ? g_strndup (*open + 1, (gsize) (*close - *open - 1)) : NULL;
}

static gboolean
check_pattern (Reader *reader, const char *pointer, const char *pattern, GError **error)
{
  for (const char *at = pattern, *open = NULL, *close = NULL;; at = close + 1)
    {
      g_autofree char *name = next_placeholder (at, &open, &close);
      g_autoptr (GError) problem = NULL;

      if (name == NULL && open == NULL)
        return TRUE;
      if (name != NULL && g_str_equal (name, "id"))
        continue;
      if (name != NULL && mer_table_find_column (reader->table, name, &problem) >= 0)
        continue;
      if (name != NULL)
        set_error_from (reader, pointer, problem, error);
      else
        mer_json_set_error (reader->json, pointer, error, MER_ERROR_INVALID_FILE,
                            "a { is never closed");
      return FALSE;
    }
}

/* a pattern, or several of which the first that leads to a file counts */
static gboolean
read_patterns (Reader *reader, const char *pointer, char ***patterns, GError **error)
{
  JsonNode *node = mer_json_lookup (reader->json, pointer);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      if (!mer_json_get_strings (reader->json, pointer, patterns, error))
        return FALSE;
    }
  else
    {
      const char *one = NULL;

      if (!mer_json_get_string (reader->json, pointer, &one, error))
        return FALSE;
      *patterns = g_new0 (char *, 2);
      (*patterns)[0] = g_strdup (one);
    }
  for (guint i = 0; (*patterns)[i] != NULL; i++)
    if (!check_pattern (reader, pointer, (*patterns)[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
read_media (Reader *reader, GError **error)
{
  static const char *const members[] = { "video", "audio", "subtitle", NULL };

  if (!mer_json_has (reader->json, "/media"))
    return TRUE;
  return mer_json_check_members (reader->json, "/media", members, error)
         && read_patterns (reader, "/media/video", &reader->video, error)
         && read_patterns (reader, "/media/audio", &reader->audio, error)
         && read_patterns (reader, "/media/subtitle", &reader->side_file, error);
}

static char *
expand_pattern (Reader *reader, const char *pattern, guint row)
{
  GString *out = g_string_new (NULL);
  const char *at = pattern;

  for (const char *open = NULL, *close = NULL;; at = close + 1)
    {
      g_autofree char *name = next_placeholder (at, &open, &close);

      if (name == NULL)
        break;

      const guint column = g_str_equal (name, "id")
                               ? reader->id_column
                               : (guint) mer_table_peek_column (reader->table, name);
      const char *cell = mer_table_get (reader->table, row, column);

      g_string_append_len (out, at, open - at);
      g_string_append (out, cell != NULL ? cell : "");
    }
  g_string_append (out, at);
  return g_string_free (out, FALSE);
}

static gboolean
row_error (Reader *reader, MerTable *table, guint row, GError **error, const char *what)
{
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE, "%s:%u: %s",
               mer_table_get_name (table), mer_table_get_line (table, row), what);
  return FALSE;
}

/* the first pattern that leads to a file; else the first, unless it is @optional */
static gboolean
resolve_patterns (Reader *reader, char **patterns, guint row, gboolean optional,
                  char **found, GError **error)
{
  g_autofree char *first = NULL;

  for (guint i = 0; patterns != NULL && patterns[i] != NULL; i++)
    {
      g_autofree char *relative = expand_pattern (reader, patterns[i], row);
      g_autofree char *path = path_below_root (reader, relative);

      if (path == NULL)
        {
          g_autofree char *what = g_strdup_printf ("the clip “%s” is not below root “%s”",
                                                   relative, reader->root);

          return row_error (reader, reader->table, row, error, what);
        }
      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        {
          *found = g_steal_pointer (&path);
          return TRUE;
        }
      if (first == NULL)
        first = g_steal_pointer (&path);
    }
  *found = optional ? NULL : g_steal_pointer (&first);
  return TRUE;
}

/* the cell of a column for a sample; the row it stands in, for errors */
static const char *
column_cell (const Column *column, guint row, const char *id, guint *found_row)
{
  if (column->table == NULL)
    return NULL;
  if (column->rows != NULL)
    {
      row = GPOINTER_TO_UINT (g_hash_table_lookup (column->rows, id));
      if (row == 0)
        return NULL;
      row--;
    }
  *found_row = row;
  return mer_table_get (column->table, row, column->column);
}

static char *
dup_filled (const char *cell)
{
  return cell != NULL && *cell != '\0' ? g_strdup (cell) : NULL;
}

static gboolean
read_row (Reader *reader, MerDataset *self, guint row, GError **error)
{
  const char *id = mer_table_get (reader->table, row, reader->id_column);
  g_autoptr (MerDatasetEntry) entry = mer_dataset_entry_new (id);
  g_autofree char *video = NULL, *audio = NULL, *side_file = NULL;
  g_autoptr (GError) problem = NULL;
  guint found = row;

  entry->group = dup_filled (column_cell (&reader->group, row, id, &found));
  entry->split = dup_filled (column_cell (&reader->split, row, id, &found));
  entry->subtitle = dup_filled (column_cell (&reader->subtitle, row, id, &found));
  entry->truth = mer_dataset_parse_truth (
      reader->truth_kind, column_cell (&reader->truth, row, id, &found), &problem);
  if (problem != NULL)
    return row_error (reader, reader->truth.table, found, error, problem->message);
  if (!resolve_patterns (reader, reader->video, row, FALSE, &video, error)
      || !resolve_patterns (reader, reader->audio, row, FALSE, &audio, error)
      || !resolve_patterns (reader, reader->side_file, row, TRUE, &side_file, error))
    return FALSE;
  if (video != NULL || audio != NULL || side_file != NULL)
    entry->clip = mer_clip_new (video, audio, side_file);
  mer_dataset_take_entry (self, g_steal_pointer (&entry));
  return TRUE;
}

static gboolean
read_tables (Reader *reader, GError **error)
{
  g_autoptr (GError) problem = NULL;

  reader->table = open_table (reader, "/table", error);
  if (reader->table == NULL
      || !find_column (reader, reader->table, "/id", &reader->id_column, error))
    return FALSE;

  g_autoptr (GHashTable) rows
      = mer_table_index (reader->table, reader->id_column, &problem);

  if (rows == NULL)
    {
      set_error_from (reader, "/table", problem, error);
      return FALSE;
    }
  if (mer_table_get_n_rows (reader->table) == 0)
    {
      mer_json_set_error (reader->json, "/table", error, MER_ERROR_INVALID_FILE,
                          "“%s” has no rows", mer_table_get_name (reader->table));
      return FALSE;
    }
  return read_truth (reader, error) && read_subtitle (reader, error)
         && read_plain_column (reader, "/group", &reader->group, error)
         && read_plain_column (reader, "/split", &reader->split, error)
         && read_media (reader, error);
}

MerDataset *
mer_dataset_load (const char *path, const char *root, GError **error)
{
  static const char *const members[]
      = { "format", "name",  "summary", "source",   "licence", "root",  "table",
          "id",     "truth", "media",   "subtitle", "group",   "split", NULL };
  g_auto (Reader) reader = { .json = mer_json_load (path, error) };
  const char *name = NULL, *ignored = NULL;

  if (reader.json == NULL || !mer_json_check_format (reader.json, MER_DATASET_FORMAT, error)
      || !mer_json_check_members (reader.json, "", members, error)
      || !mer_json_get_string (reader.json, "/name", &name, error)
      || !mer_json_get_optional_string (reader.json, "/summary", &ignored, error)
      || !mer_json_get_optional_string (reader.json, "/source", &ignored, error)
      || !mer_json_get_optional_string (reader.json, "/licence", &ignored, error)
      || !read_root (&reader, path, root, error) || !read_tables (&reader, error))
    return NULL;

  g_autoptr (MerDataset) self = mer_dataset_new (name);

  for (guint row = 0; row < mer_table_get_n_rows (reader.table); row++)
    if (!read_row (&reader, self, row, error))
      return NULL;
  return g_steal_pointer (&self);
}
