/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tables/mer-table.h"

G_BEGIN_DECLS

/* caps: far above any label file, far below what would hurt */
#define MER_TABLE_MAX_BYTES (512u * 1024 * 1024)
#define MER_TABLE_MAX_INFLATED (256u * 1024 * 1024)
#define MER_TABLE_MAX_ROWS 10000000u
#define MER_TABLE_MAX_COLUMNS 4096u
#define MER_TABLE_MAX_CELLS 50000000u
#define MER_TABLE_MAX_CELL_BYTES (16u * 1024 * 1024)
#define MER_TABLE_MAX_DEPTH 64

/* A table that is being read: cells one after the other, row by row, the column names
 * first. Once one call has failed all later ones do nothing, and finish tells why. */
typedef struct _MerTableBuilder MerTableBuilder;

MerTableBuilder *mer_table_builder_new (const char *name, gsize size);
void mer_table_builder_add_cell (MerTableBuilder *self, const char *text, gsize length);
void mer_table_builder_add_null (MerTableBuilder *self);
void mer_table_builder_end_row (MerTableBuilder *self, guint line);
void mer_table_builder_drop_row (MerTableBuilder *self);
gboolean mer_table_builder_row_is_empty (MerTableBuilder *self);
void mer_table_builder_fail (MerTableBuilder *self, guint line, int code,
                             const char *format, ...) G_GNUC_PRINTF (4, 5);
gboolean mer_table_builder_failed (MerTableBuilder *self);
guint mer_table_builder_get_n_pending (MerTableBuilder *self);
MerTable *mer_table_builder_finish (MerTableBuilder *self, GError **error);
void mer_table_builder_free (MerTableBuilder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerTableBuilder, mer_table_builder_free)

G_END_DECLS
