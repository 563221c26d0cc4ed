/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/mer-store-db.h"

G_BEGIN_DECLS

/* The one thread that writes a store. Jobs that come while a transaction is on its way to
 * the disk are put into the next one together, so that one fsync serves many. */
typedef struct _MerStoreWriter MerStoreWriter;

/* inside a transaction; what a job wrote before it failed is undone */
typedef gboolean (*MerStoreWork) (MerDb *db, gpointer data, GError **error);
/* after the transaction ended, in the writer's thread, in the order of the jobs; @error is
 * %NULL where the work is on disk. Takes @data */
typedef void (*MerStoreDone) (gpointer data, const GError *error);

MerStoreWriter *mer_store_writer_new (MerDb *db, GDestroyNotify closed, gpointer data);
void mer_store_writer_push (MerStoreWriter *self, MerStoreWork work, MerStoreDone done,
                            gpointer data);
/* waits while many jobs are queued: for those who could go on for ever without asking */
void mer_store_writer_push_bounded (MerStoreWriter *self, MerStoreWork work,
                                    MerStoreDone done, gpointer data);
/* waits for the end; @work may be %NULL to wait for all that came before */
gboolean mer_store_writer_run (MerStoreWriter *self, MerStoreWork work, gpointer data,
                               GError **error);
void mer_store_writer_stop (MerStoreWriter *self);

G_END_DECLS
