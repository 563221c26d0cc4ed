/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-fuse-input.h"

#include <string.h>

#include "mer-label-file.h"
#include "tables/mer-table.h"

typedef struct
{
  char *name;
  MerTable *table;
  GHashTable *rows; /* id → row + 1 */
  guint id_column;
  guint column;
} File;

struct _MerFuseInput
{
  GPtrArray *files; /* of File */
  GPtrArray *ids;   /* owned by the tables */
};

static void
file_free (File *file)
{
  g_free (file->name);
  g_clear_pointer (&file->table, mer_table_unref);
  g_clear_pointer (&file->rows, g_hash_table_unref);
  g_free (file);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (File, file_free)

static gboolean
file_holds (const File *file, const char *id)
{
  return g_hash_table_contains (file->rows, id);
}

static gboolean
load_file (MerFuseInput *self, const char *argument, const char *id_column,
           const char *column, GError **error)
{
  const char *path;
  g_autoptr (File) file = g_new0 (File, 1);
  int id, labels;

  file->name = mer_label_file_split (argument, &path);
  for (guint i = 0; i < self->files->len; i++)
    if (g_str_equal (((File *) self->files->pdata[i])->name, file->name))
      {
        g_set_error (error, MER_ERROR, MER_ERROR_EXISTS,
                     "%s: another file is named '%s' already; name it otherwise with "
                     "NAME=FILE",
                     path, file->name);
        return FALSE;
      }
  file->table = mer_table_load (path, error);
  if (file->table == NULL)
    return FALSE;
  id = mer_table_find_column (file->table, id_column, error);
  if (id < 0)
    return FALSE;
  labels = mer_table_find_column (file->table, column, error);
  if (labels < 0)
    return FALSE;
  file->id_column = (guint) id;
  file->column = (guint) labels;
  file->rows = mer_table_index (file->table, file->id_column, error);
  if (file->rows == NULL)
    return FALSE;
  g_ptr_array_add (self->files, g_steal_pointer (&file));
  return TRUE;
}

/* the first file that lacks @id, %NULL if all hold it */
static const File *
find_lacking (MerFuseInput *self, const char *id)
{
  for (guint i = 0; i < self->files->len; i++)
    if (!file_holds (self->files->pdata[i], id))
      return self->files->pdata[i];
  return NULL;
}

static void
set_missing_error (const File *holds, guint row, const File *lacks, const char *id,
                   GError **error)
{
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
               "%s: no sample '%s', which stands in %s:%u; --missing empty counts it as an "
               "empty list, --missing skip leaves the sample out",
               mer_table_get_name (lacks->table), id, mer_table_get_name (holds->table),
               mer_table_get_line (holds->table, row));
}

/* the samples in the order in which they are first met */
static gboolean
collect_ids (MerFuseInput *self, MerFuseMissing missing, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->files->len; i++)
    {
      const File *file = self->files->pdata[i];

      for (guint row = 0; row < mer_table_get_n_rows (file->table); row++)
        {
          const char *id = mer_table_get (file->table, row, file->id_column);

          if (!g_hash_table_add (seen, (char *) id))
            continue;

          const File *lacking = find_lacking (self, id);
          if (lacking != NULL && missing == MER_FUSE_MISSING_ERROR)
            {
              set_missing_error (file, row, lacking, id, error);
              return FALSE;
            }
          if (lacking == NULL || missing == MER_FUSE_MISSING_EMPTY)
            g_ptr_array_add (self->ids, (char *) id);
        }
    }
  return TRUE;
}

/* @arguments: `[NAME=]FILE` each */
MerFuseInput *
mer_fuse_input_load (char **arguments, guint n_arguments, const char *id_column,
                     const char *column, MerFuseMissing missing, GError **error)
{
  g_autoptr (MerFuseInput) self = g_new0 (MerFuseInput, 1);

  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) file_free);
  self->ids = g_ptr_array_new ();
  for (guint i = 0; i < n_arguments; i++)
    if (!load_file (self, arguments[i], id_column, column, error))
      return NULL;
  if (!collect_ids (self, missing, error))
    return NULL;
  return g_steal_pointer (&self);
}

guint
mer_fuse_input_get_n_files (MerFuseInput *self)
{
  return self->files->len;
}

const char *
mer_fuse_input_get_name (MerFuseInput *self, guint file)
{
  return ((File *) self->files->pdata[file])->name;
}

guint
mer_fuse_input_get_n_samples (MerFuseInput *self)
{
  return self->ids->len;
}

const char *
mer_fuse_input_get_id (MerFuseInput *self, guint sample)
{
  return self->ids->pdata[sample];
}

/* %NULL where the file does not hold the sample */
MerLabels *
mer_fuse_input_dup_labels (MerFuseInput *self, guint sample, guint number)
{
  const File *file = self->files->pdata[number];
  guint row = GPOINTER_TO_UINT (g_hash_table_lookup (file->rows, self->ids->pdata[sample]));

  return row > 0
             ? mer_labels_new_parsed (mer_table_get (file->table, row - 1, file->column))
             : NULL;
}

void
mer_fuse_input_free (MerFuseInput *self)
{
  g_clear_pointer (&self->ids, g_ptr_array_unref);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_free (self);
}
