/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MerSideFiles:
 *
 * Finds the subtitle files that lie beside clips. A folder is listed once, and again when
 * it has changed: sets of a hundred thousand clips in one folder are common, and a listing
 * for each would take hours. From any thread.
 */
typedef struct _MerSideFiles MerSideFiles;

MerSideFiles *mer_side_files_new (void);
void mer_side_files_free (MerSideFiles *self);
char *mer_side_files_find (MerSideFiles *self, const char *media_path,
                           const char *language);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerSideFiles, mer_side_files_free)

G_END_DECLS
