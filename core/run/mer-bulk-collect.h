/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-bulk.h"

G_BEGIN_DECLS

/* inner: takes what came of a shard into the store; @shard's state is what it will be */
typedef void (*MerBulkNote) (gpointer data, const char *text);

gboolean mer_bulk_collect_results (MerBulk *bulk, const MerBulkServer *server,
                                   MerBulkStep *step, MerBulkNote note, gpointer data,
                                   GError **error);
gboolean mer_bulk_collect_refusals (MerBulk *bulk, MerBulkStep *step, GError **error);

G_END_DECLS
