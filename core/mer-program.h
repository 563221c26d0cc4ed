/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "mer-error.h"

G_BEGIN_DECLS

gboolean mer_program_is_uninstalled (void);
char *mer_program_find (const char *name, const char *variable, const char *build_folder,
                        GError **error);

G_END_DECLS
