/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "mer-error.h"

G_BEGIN_DECLS

/**
 * MerTable:
 *
 * A table as it stood in a file: named columns, rows of text cells, and for every row the
 * place it came from. Read from CSV, TSV, JSON Lines and XLSX (by the file's ending, then
 * by its content), with caps on rows, columns, cell and inflated size.
 *
 * Immutable once loaded; may be read from any thread.
 */
typedef struct _MerTable MerTable;

#define MER_TYPE_TABLE (mer_table_get_type ())
GType mer_table_get_type (void);

MerTable *mer_table_load (const char *path, GError **error);
MerTable *mer_table_parse_csv (const char *name, GBytes *bytes, GError **error);
MerTable *mer_table_parse_xlsx (const char *name, GBytes *bytes, GError **error);
MerTable *mer_table_parse_jsonl (const char *name, GBytes *bytes, GError **error);
MerTable *mer_table_ref (MerTable *self);
void mer_table_unref (MerTable *self);

const char *mer_table_get_name (MerTable *self);
guint mer_table_get_n_rows (MerTable *self);
guint mer_table_get_n_columns (MerTable *self);
const char *mer_table_get_column_name (MerTable *self, guint column);

/* -1 and an error that lists the columns there are and names the nearest */
int mer_table_find_column (MerTable *self, const char *name, GError **error);
int mer_table_peek_column (MerTable *self, const char *name);

/* %NULL where the row is short or (JSON) the value is null; never freed by the caller */
const char *mer_table_get (MerTable *self, guint row, guint column);
guint mer_table_get_line (MerTable *self, guint row);

/* from the cells of one column to row number + 1 (so that a missing id is %NULL); an id met
 * twice or empty is an error naming both lines */
GHashTable *mer_table_index (MerTable *self, guint column, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerTable, mer_table_unref)

/**
 * MerTableWriter:
 *
 * Writes rows as CSV (RFC 4180: quotes only where needed, CRLF never, UTF-8), to memory,
 * and to a file all at once or not at all.
 */
typedef struct _MerTableWriter MerTableWriter;

MerTableWriter *mer_table_writer_new (const char *const *columns);
void mer_table_writer_add (MerTableWriter *self, const char *const *cells);
GBytes *mer_table_writer_to_bytes (MerTableWriter *self);
GBytes *mer_table_writer_take_bytes (MerTableWriter *self);
gboolean mer_table_writer_save (MerTableWriter *self, const char *path, GError **error);
void mer_table_writer_free (MerTableWriter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerTableWriter, mer_table_writer_free)

G_END_DECLS
