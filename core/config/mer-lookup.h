/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-error.h"

G_BEGIN_DECLS

/* Where a name in a file or property leads. A value with `/` or an extension is a path,
 * relative to the file that holds it. Anything else is looked up beside that file, in
 * $MER_DATA_PATH, in the user's data folder `gst-mer` and in the installed one, in each of
 * them in the folder of its kind (`prompts`, `mappings`, …) first. */

char *mer_lookup_file (const char *kind_dir, const char *name,
                       const char *const *extensions, const char *relative_to,
                       GError **error);
char *mer_lookup_path (const char *path, const char *relative_to);
gboolean mer_lookup_is_path (const char *name);
const char *mer_lookup_get_own_folder (void);
char **mer_lookup_dup_folders (const char *kind_dir, const char *relative_to);
char **mer_lookup_list_names (const char *kind_dir, const char *const *extensions,
                              const char *relative_to);

G_END_DECLS
