/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "tables/mer-json.h"

G_BEGIN_DECLS

/**
 * MerLaunch:
 *
 * The `launch` array of a description: elements, their properties and links in GStreamer's
 * launch syntax (`!`, `key=value`, `name.pad`, quotes), read strictly. What may stand there
 * is settled here, before any element exists: files are not trusted code.
 */
typedef struct _MerLaunch MerLaunch;

MerLaunch *mer_launch_parse (MerJson *json, const char *pointer, const char *const *allow,
                             GError **error);
void mer_launch_free (MerLaunch *self);

gboolean mer_launch_has_element (MerLaunch *self, const char *name);
char **mer_launch_dup_names (MerLaunch *self);
GstElement *mer_launch_build (MerLaunch *self, const char *name, GError **error);
gboolean mer_launch_is_allowed (const char *factory, const char *const *allow);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerLaunch, mer_launch_free)

G_END_DECLS
