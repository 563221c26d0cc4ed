/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-bulk.h"

G_BEGIN_DECLS

/**
 * MerBulkRun:
 *
 * Sends what a round has written, waits for the servers, and takes what came into the
 * store. All state is in the store: a process that is killed at any point leaves the next
 * one to go on where it was.
 */
#define MER_TYPE_BULK_RUN (mer_bulk_run_get_type ())
G_DECLARE_FINAL_TYPE (MerBulkRun, mer_bulk_run, MER, BULK_RUN, GObject)

/**
 * MerBulkProgress:
 * @batches: how many are open
 * @waiting: of those, how many are at their servers
 * @calls: in all of them
 * @answered: of those, how many the servers say they have answered
 * @failed: of those, how many the servers say have failed
 * @expires: until when the first of them has to end, microseconds since 1970 UTC; 0: not
 *   known
 *
 * How far batches are.
 */
typedef struct
{
  guint batches;
  guint waiting;
  guint64 calls;
  guint64 answered;
  guint64 failed;
  gint64 expires;
} MerBulkProgress;

/* seconds between two looks at a batch */
#define MER_BULK_POLL 30.0

MerBulkRun *mer_bulk_run_new (MerBulk *bulk, double poll, double patience);
void mer_bulk_run_async (MerBulkRun *self, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data);
gboolean mer_bulk_run_finish (MerBulkRun *self, GAsyncResult *result, gboolean *all,
                              GError **error);
void mer_bulk_run_get_progress (MerBulkRun *self, MerBulkProgress *progress);
char *mer_bulk_run_take_note (MerBulkRun *self);
gboolean mer_bulk_run_cancel (MerBulkRun *self, guint *n_cancelled,
                              GCancellable *cancellable, GError **error);

G_END_DECLS
