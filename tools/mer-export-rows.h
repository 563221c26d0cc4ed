/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-export-file.h"
#include "store/mer-store-run.h"

G_BEGIN_DECLS

/**
 * MerExport:
 * @store: what is read
 * @run: (nullable): of which run; %NULL for what is not of a run
 * @stage: (nullable): only this stage or scorer; %NULL for the default
 * @extract: (nullable): a folder for the bytes of media
 * @file: where the rows go
 *
 * One export on its way.
 */
typedef struct
{
  MerStore *store;
  MerStoreRunInfo *run;
  char *stage;
  const char *extract;
  MerExportFile *file;
} MerExport;

/* what is called with each sample of the run */
typedef gboolean (*MerExportRecordFunc) (MerExport *self, const char *id, JsonNode *record,
                                         GError **error);

gboolean mer_export_foreach_record (MerExport *self, MerExportRecordFunc func,
                                    GError **error);
JsonObject *mer_export_row_new (const char *column, const char *value);
void mer_export_row_copy (JsonObject *row, const char *column, JsonNode *from,
                          const char *member);

extern const char *const mer_export_media_columns[];
gboolean mer_export_write_media (MerExport *self, GError **error);
extern const char *const mer_export_usage_columns[];
gboolean mer_export_write_usage (MerExport *self, GError **error);

/**
 * MerExportKind:
 * @name: after `--what`
 * @columns: of its CSV
 * @default_format: without `--format`
 * @of_a_run: whether a run must be picked
 * @write: writes all rows
 *
 * Something that can be exported.
 */
typedef struct
{
  const char *name;
  const char *const *columns;
  MerExportFormat default_format;
  gboolean of_a_run;
  gboolean (*write) (MerExport *self, GError **error);
} MerExportKind;

const MerExportKind *mer_export_kinds (guint *n);
/* the stage is there; where none was asked for and the kind wants one, it is found */
gboolean mer_export_find_stage (MerExport *self, const MerExportKind *kind, GError **error);

G_END_DECLS
