/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What costs time to decode is made when it is asked for: by mermedia's property, or by an
 * element further down that cannot work without it. mermedia asks down the graph with this
 * query; whoever wants something says so. */

/* the gray strip that motion descriptors read */
#define MER_WANT_STRIP "strip"

GstQuery *mer_wants_query_new (void);
gboolean mer_wants_query_is (GstQuery *query);
void mer_wants_query_add (GstQuery *query, const char *want);
gboolean mer_wants_query_has (GstQuery *query, const char *want);

G_END_DECLS
