/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include <glib.h>

G_BEGIN_DECLS

/* for a decode worker alone: what is given up here never comes back */

gboolean mer_sandbox_die_with_parent (pid_t parent);
void mer_sandbox_leave_network (void);
void mer_sandbox_limit (void);
void mer_sandbox_limit_cpu (double seconds);
gboolean mer_sandbox_filter_calls (void);

G_END_DECLS
