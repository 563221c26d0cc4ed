/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What makes a graph's results what they are: its elements in order with all properties
 * that are not at their defaults, files by their content. How fast or carefully it is run
 * (`max-in-flight`, `jobs`, `timeout`, keys) is no part of it. */
JsonNode *mer_identity_of_graph (GstBin *bin, GError **error);

G_END_DECLS
