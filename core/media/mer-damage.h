/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void mer_damage_watch (void);
guint mer_damage_count (void);

G_END_DECLS
