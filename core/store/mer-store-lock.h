/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The one writer of a store holds a lock on the file `STORE-lock` beside it. The kernel
 * drops it when the process dies, however it dies; what the file says (process, host,
 * since when) is only there to name the holder. An open file description lock, since those
 * of POSIX vanish when any other part of the process closes the file. */

typedef struct _MerStoreLock MerStoreLock;

MerStoreLock *mer_store_lock_take (const char *path, GError **error);
void mer_store_lock_release (MerStoreLock *self);
gboolean mer_store_lock_is_held (const char *path);

G_END_DECLS
