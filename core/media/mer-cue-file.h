/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* a side file that is larger is no subtitle file */
#define MER_CUE_FILE_MAX_BYTES (16u * 1024 * 1024)
#define MER_CUE_MAX_CUES 20000u

GArray *mer_cues_new (void);
void mer_cues_add (GArray *cues, guint64 start, guint64 end, char *text);
void mer_cues_finish (GArray *cues);

GArray *mer_cue_file_parse (const char *bytes, gsize length);
GArray *mer_cue_file_load (const char *path, GError **error);

G_END_DECLS
