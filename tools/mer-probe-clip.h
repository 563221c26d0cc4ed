/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sample/mer-sample.h"

G_BEGIN_DECLS

MerSample *mer_probe_clip_new (guint n_frames, double seconds, const char *subtitle,
                               GError **error);

G_END_DECLS
