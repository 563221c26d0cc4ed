/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MerLines:
 *
 * Reads a file that a server sent line by line, with a bound on each of them.
 */
typedef struct _MerLines MerLines;

MerLines *mer_lines_open (const char *path, gsize max_line, GError **error);
void mer_lines_free (MerLines *self);
gboolean mer_lines_next (MerLines *self, const char **line, gsize *length,
                         gboolean *too_long, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerLines, mer_lines_free)

G_END_DECLS
