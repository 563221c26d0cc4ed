/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* `NAME=FILE`, or a file whose name without its ending is what it is called; *path points
 * into @argument */
char *mer_label_file_split (const char *argument, const char **path);

G_END_DECLS
