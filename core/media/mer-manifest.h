/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* the parts of a media's manifest; times go out in seconds */

void mer_manifest_add_frames (JsonObject *manifest, GArray *frames, GPtrArray *jpegs);
JsonObject *mer_manifest_add_audio (JsonObject *manifest, GBytes *wav, guint64 n_samples,
                                    guint rate, gint64 start);
void mer_manifest_add_cues (JsonObject *manifest, GArray *cues);

G_END_DECLS
