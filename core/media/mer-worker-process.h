/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "media/mer-decode-wire.h"

G_BEGIN_DECLS

/**
 * MerWorkerProcess:
 *
 * One decode worker as its pool sees it: a child process and the socket to it. All calls
 * come from one thread, which must last as long as the worker does.
 */
#define MER_TYPE_WORKER_PROCESS (mer_worker_process_get_type ())
G_DECLARE_FINAL_TYPE (MerWorkerProcess, mer_worker_process, MER, WORKER_PROCESS, GObject)

char *mer_worker_process_find (GError **error);
MerWorkerProcess *mer_worker_process_start (GError **error);
void mer_worker_process_kill (MerWorkerProcess *self);
gboolean mer_worker_process_is_spent (MerWorkerProcess *self);
const char *mer_worker_process_get_pid (MerWorkerProcess *self);

void mer_worker_process_ask_async (MerWorkerProcess *self, GBytes *request,
                                   GAsyncReadyCallback callback, gpointer user_data);
MerDecoded *mer_worker_process_ask_finish (MerWorkerProcess *self, GAsyncResult *result,
                                           gboolean *died, GError **error);

G_END_DECLS
