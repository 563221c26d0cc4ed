/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>
#include <json-glib/json-glib.h>

#include "mer-error.h"

G_BEGIN_DECLS

/* How values from files reach elements: through the property's GParamSpec, never through a
 * launch string. Errors name element and property, and the nearest one there is. */

GParamSpec *mer_property_find (GstElement *element, const char *name, GError **error);
gboolean mer_property_set_text (GstElement *element, const char *name, const char *text,
                                GError **error);
gboolean mer_property_set_json (GstElement *element, const char *name, JsonNode *value,
                                GError **error);
char *mer_property_text_from_json (JsonNode *value);
char *mer_property_text_from_value (const GValue *value);

/* what the value of a property such as `prompt` or `mapping` leads to, as an absolute path;
 * a copy of the value where the property is not about a file */
char *mer_property_resolve_file (GstElement *element, const char *name, const char *value,
                                 const char *relative_to, GError **error);

G_END_DECLS
