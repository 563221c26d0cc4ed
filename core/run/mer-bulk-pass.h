/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-bulk.h"
#include "run/mer-bulk-collect.h"

G_BEGIN_DECLS

/* inner: one pass over one shard: as many steps as can be done without waiting */
typedef struct
{
  MerBulk *bulk;
  const MerBulkServer *server;
  MerBulkShard *shard;
  GPtrArray *shards; /* all that are open */
  MerBulkStep step;
  MerBulkNote note;
  gpointer note_data;
  gboolean local;     /* the error is of this machine: no waiting mends it */
  gboolean cancelled; /* the batch was cancelled at its server */
} MerBulkPass;

gboolean mer_bulk_pass_advance (MerBulkPass *self, GError **error);
gboolean mer_bulk_pass_cancel (MerBulkPass *self, GError **error);

G_END_DECLS
