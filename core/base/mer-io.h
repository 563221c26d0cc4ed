/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The process has one I/O thread: every asynchronous call of every element runs in its main
 * context. Never block it, never push from it. Heavy work goes to the worker pool, which
 * has one thread a processor. */

GMainContext *mer_io_get_context (void);
void mer_io_invoke (GSourceFunc function, gpointer data, GDestroyNotify destroy);
guint mer_io_get_n_workers (void);
/* runs @function in the pool; the task completes in its own context as usual */
void mer_io_run_task (GTask *task, GTaskThreadFunc function);

G_END_DECLS
