/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-export-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emotion/mer-labels.h"
#include "mer-error.h"
#include "mer-output.h"
#include "tables/mer-json.h"
#include "tables/mer-table.h"

struct _MerExportFile
{
  FILE *file;
  char *path;      /* NULL: standard output */
  char *temporary; /* NULL: written directly */
  MerExportFormat format;
  const char *const *columns;
  MerTableWriter *table;
  gboolean escape; /* a terminal reads along */
};

static void
set_errno_error (const char *path, GError **error)
{
  g_set_error (error, MER_ERROR, errno == ENOSPC ? MER_ERROR_NO_SPACE : MER_ERROR_FAILED,
               "%s: %s", path, g_strerror (errno));
}

/* a terminal or a pipe is written to, not replaced */
static gboolean
file_open (MerExportFile *self, GError **error)
{
  struct stat info;

  if (g_stat (self->path, &info) == 0 && !S_ISREG (info.st_mode))
    self->file = g_fopen (self->path, "we");
  else
    {
      int fd;

      self->temporary = g_strconcat (self->path, ".XXXXXX", NULL);
      fd = g_mkstemp_full (self->temporary, O_RDWR | O_CLOEXEC, 0666);
      self->file = fd >= 0 ? fdopen (fd, "w") : NULL;
      if (fd < 0)
        g_clear_pointer (&self->temporary, g_free);
    }
  if (self->file == NULL)
    set_errno_error (self->path, error);
  return self->file != NULL;
}

MerExportFile *
mer_export_file_open (const char *path, MerExportFormat format, const char *const *columns,
                      GError **error)
{
  MerExportFile *self = g_new0 (MerExportFile, 1);

  self->path = g_strdup (path);
  self->format = format;
  self->columns = columns;
  if (path == NULL)
    {
      self->file = stdout;
      self->escape = isatty (STDOUT_FILENO);
    }
  else if (!file_open (self, error))
    {
      mer_export_file_abandon (self);
      return NULL;
    }
  if (format == MER_EXPORT_CSV)
    self->table = mer_table_writer_new (columns);
  return self;
}

void
mer_export_file_abandon (MerExportFile *self)
{
  if (self->file != NULL && self->file != stdout)
    fclose (self->file);
  if (self->temporary != NULL)
    g_unlink (self->temporary);
  g_clear_pointer (&self->table, mer_table_writer_free);
  g_free (self->temporary);
  g_free (self->path);
  g_free (self);
}

/* `[a, b]` of a list of labels, as label files have it; NULL for any other value */
static char *
labels_to_cell (JsonNode *node)
{
  g_autoptr (MerLabels) labels = mer_labels_new ();
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *item = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_OBJECT (item))
        item = json_object_get_member (json_node_get_object (item), "label");
      if (item == NULL || json_node_get_value_type (item) != G_TYPE_STRING)
        return NULL;
      mer_labels_add (labels, json_node_get_string (item));
    }
  return array != NULL ? mer_labels_to_string (labels) : NULL;
}

static char *
node_to_text (JsonNode *node)
{
  char *labels;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("");
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  labels = labels_to_cell (node);
  return labels != NULL ? labels : mer_json_line (node);
}

/* what somebody else wrote must not steer the terminal it is shown on */
static char *
node_to_cell (MerExportFile *self, JsonNode *node)
{
  char *text = node_to_text (node);
  char *safe = self->escape ? mer_output_escape (text) : NULL;

  if (safe == NULL)
    return text;
  g_free (text);
  return safe;
}

static void
file_add_cells (MerExportFile *self, JsonObject *row)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; self->columns[i] != NULL; i++)
    g_ptr_array_add (cells,
                     node_to_cell (self, json_object_get_member (row, self->columns[i])));
  mer_table_writer_add (self->table, (const char *const *) cells->pdata);

  g_autoptr (GBytes) bytes = mer_table_writer_take_bytes (self->table);

  fwrite (g_bytes_get_data (bytes, NULL), 1, g_bytes_get_size (bytes), self->file);
}

void
mer_export_file_add_line (MerExportFile *self, const char *line)
{
  if (ferror (self->file))
    return;
  fputs (line, self->file);
  fputc ('\n', self->file);
}

void
mer_export_file_add (MerExportFile *self, JsonObject *row)
{
  if (self->format == MER_EXPORT_CSV)
    file_add_cells (self, row);
  else
    {
      g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), row);
      g_autofree char *line = mer_json_line (node);

      mer_export_file_add_line (self, line);
    }
  json_object_unref (row);
}

MerExportFormat
mer_export_file_get_format (MerExportFile *self)
{
  return self->format;
}

/* a table without rows has its head */
static void
file_write_rest (MerExportFile *self)
{
  if (self->table == NULL)
    return;

  g_autoptr (GBytes) bytes = mer_table_writer_take_bytes (self->table);

  fwrite (g_bytes_get_data (bytes, NULL), 1, g_bytes_get_size (bytes), self->file);
}

gboolean
mer_export_file_finish (MerExportFile *self, GError **error)
{
  g_autoptr (MerExportFile) owned = self;
  const char *place = self->path != NULL ? self->path : "standard output";
  gboolean good;

  file_write_rest (self);
  good = fflush (self->file) == 0 && !ferror (self->file);
  if (good && self->temporary != NULL)
    good = fsync (fileno (self->file)) == 0 && g_rename (self->temporary, self->path) == 0;
  if (!good && self->path == NULL && mer_output_reader_left ())
    return TRUE;
  if (!good)
    {
      set_errno_error (place, error);
      return FALSE;
    }
  g_clear_pointer (&self->temporary, g_free);
  return TRUE;
}
