/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum
{
  MER_EXPORT_JSONL,
  MER_EXPORT_CSV,
} MerExportFormat;

/* Rows on their way out, one at a time: to standard output, or to a file that appears whole
 * or not at all. */
typedef struct _MerExportFile MerExportFile;

MerExportFile *mer_export_file_open (const char *path, MerExportFormat format,
                                     const char *const *columns, GError **error);
/* an object whose members are, for CSV, looked up by column; takes @row */
void mer_export_file_add (MerExportFile *self, JsonObject *row);
/* a line of JSON as it is; not for CSV */
void mer_export_file_add_line (MerExportFile *self, const char *line);
MerExportFormat mer_export_file_get_format (MerExportFile *self);
/* frees @self */
gboolean mer_export_file_finish (MerExportFile *self, GError **error);
void mer_export_file_abandon (MerExportFile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerExportFile, mer_export_file_abandon)

G_END_DECLS
