/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean mer_mp4_find_movie_duration (const char *path, guint64 *offset, guint *size);

G_END_DECLS
