/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MerChildSpool:
 *
 * A private folder (0700) in which a program finds the media of its requests, each request
 * in a folder of its own. Goes with the last reference. Folders of processes that died
 * are cleaned away when a new one is made beside them.
 */
typedef struct _MerChildSpool MerChildSpool;

MerChildSpool *mer_child_spool_new (const char *folder, GError **error);
MerChildSpool *mer_child_spool_ref (MerChildSpool *self);
void mer_child_spool_unref (MerChildSpool *self);
const char *mer_child_spool_get_path (MerChildSpool *self);

char *mer_child_spool_write (MerChildSpool *self, const char *id, GArray *segments,
                             GError **error);
void mer_child_spool_remove (MerChildSpool *self, const char *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerChildSpool, mer_child_spool_unref)

G_END_DECLS
