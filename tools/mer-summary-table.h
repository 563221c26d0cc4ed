/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "mer-output.h"

G_BEGIN_DECLS

/* what scorers said at the end of runs, as one table */
typedef struct _MerSummaryTable MerSummaryTable;

MerSummaryTable *mer_summary_table_new (void);
void mer_summary_table_free (MerSummaryTable *self);
void mer_summary_table_add (MerSummaryTable *self, const char *run, const char *scorer,
                            const char *stage, JsonNode *summary);
gboolean mer_summary_table_is_empty (MerSummaryTable *self);
void mer_summary_table_print (MerSummaryTable *self, MerOutputFormat format);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerSummaryTable, mer_summary_table_free)

G_END_DECLS
