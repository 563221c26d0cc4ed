/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-output.h"

G_BEGIN_DECLS

/* what a `.mer` file holds, for the commands that look at one; each returns a #MerExit */
gboolean mer_store_print_wants (const char *path);
int mer_store_print_runs (const char *command, const char *path, MerOutputFormat format);
int mer_store_print_check (const char *command, const char *path);
int mer_store_print_upgrade (const char *command, const char *path);

G_END_DECLS
