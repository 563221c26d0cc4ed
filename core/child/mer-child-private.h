/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "child/mer-child-pool.h"
#include "child/mer-child-spool.h"
#include "child/mer-child.h"

G_BEGIN_DECLS

/* inner: everything here belongs to the I/O thread */

/* one program */
typedef struct
{
  MerChildPool *pool;
  MerChildSettings *settings;
  char *address;
  MerChild *child;
  gboolean ready;
  gboolean doomed; /* was told to end: gets nothing more, and is blamed for nothing */
  gboolean as_files;
  guint concurrency;
  gboolean alone;   /* has a call that may have killed another, and must be the only one */
  GHashTable *runs; /* id → MerChildRun */
  gsize noise;      /* bytes that answered nothing since the last good answer */
  GSource *start_timer;
} MerChildSlot;

/* one call with all its attempts */
typedef struct
{
  guint refs;
  MerChildPool *pool;
  GTask *task; /* NULL: it has ended; whoever still works on it works in vain */
  MerCall *call;
  GCancellable *cancellable;
  gulong stop_handler;
  MerChildSlot *slot;
  char *id;             /* of the attempt */
  MerChildSpool *spool; /* where its media are */
  GSource *timer;
  guint deaths;
  guint changes;
  gint64 started;
} MerChildRun;

/* a call that was there both times when a program died is at fault */
#define MER_CHILD_MAX_DEATHS 2

MerChildRun *mer_child_run_new (MerChildPool *pool, MerCall *call,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);
MerChildRun *mer_child_run_ref (MerChildRun *self);
void mer_child_run_unref (MerChildRun *self);
void mer_child_run_end (MerChildRun *self, MerReply *reply, MerRetry retry, GError *error);
void mer_child_run_set_timer (MerChildRun *self, double seconds, GSourceFunc function);
void mer_child_run_take_reply (MerChildRun *self, MerReply *reply);
void mer_child_run_take_failure (MerChildRun *self, GError *error);
GInputStream *mer_child_run_open_line (MerChildRun *self, const char *request);
void mer_child_run_remove_files (MerChildRun *self);
void mer_child_run_watch (MerChildRun *self);

MerChildSlot *mer_child_slot_new (MerChildPool *pool, MerChildSettings *settings,
                                  const char *address, GError **error);
void mer_child_slot_free (MerChildSlot *slot);
MerChildRun *mer_child_slot_take_run (MerChildSlot *slot, const char *id);
void mer_child_slot_doom (MerChildSlot *slot, const char *reason);

void mer_child_pool_queue (MerChildPool *self, MerChildRun *run, gboolean first);
void mer_child_pool_unqueue (MerChildPool *self, MerChildRun *run);
void mer_child_pool_pump (MerChildPool *self);
void mer_child_pool_fail_all (MerChildPool *self, const GError *error);
void mer_child_pool_count_death (MerChildPool *self, gboolean was_ready, GError *error);
void mer_child_pool_forget_deaths (MerChildPool *self);
void mer_child_pool_remove_slot (MerChildPool *self, MerChildSlot *slot);
void mer_child_pool_take_hello (MerChildPool *self, const char *text, gsize length);
MerReply *mer_child_pool_make_reply (MerChildPool *self, const char *text, gsize length);

G_END_DECLS
