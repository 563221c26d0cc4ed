/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "mer-demo-clip.h"

G_BEGIN_DECLS

gboolean mer_demo_write_clip (const MerDemoClip *clip, const char *folder, GError **error);

G_END_DECLS
