/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a graph is, where no description says it: its elements, what was set in them, and
 * how they are linked, as one JSON document. @except and what it is set to are left out. */
JsonNode *mer_graph_definition_new (GstElement *graph, GstElement *except);

G_END_DECLS
