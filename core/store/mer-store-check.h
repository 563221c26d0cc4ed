/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/mer-store.h"

G_BEGIN_DECLS

/**
 * MerStoreReport:
 * @problems: (element-type utf8): what is wrong, a line each; empty where all is well
 * @notes: (element-type utf8): what is worth knowing and not wrong
 * @bytes: size of the file and its log
 * @calls: answers in the journal
 * @manifests: media that need no decoding again
 * @blobs: frames and voices that were kept
 * @runs: how many
 * @samples: of all runs
 *
 * What looking through a whole store found.
 */
typedef struct
{
  GPtrArray *problems;
  GPtrArray *notes;
  guint64 bytes;
  guint64 calls;
  guint64 manifests;
  guint64 blobs;
  guint64 runs;
  guint64 samples;
} MerStoreReport;

MerStoreReport *mer_store_check (const char *path, GError **error);
gboolean mer_store_upgrade (const char *path, GError **error);
void mer_store_report_free (MerStoreReport *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerStoreReport, mer_store_report_free)

G_END_DECLS
