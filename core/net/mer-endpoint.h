/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/mer-caller.h"

G_BEGIN_DECLS

/**
 * MerEndpoint:
 *
 * A model's server, a [iface@Caller]: one object a base address in the whole process, so
 * that all stages that ask it share its connections, its limit of calls at once and its
 * cool-down. Lives as long as the process. All but the constructor and the setters are for
 * the I/O thread.
 */
#define MER_TYPE_ENDPOINT (mer_endpoint_get_type ())
G_DECLARE_FINAL_TYPE (MerEndpoint, mer_endpoint, MER, ENDPOINT, GObject)

MerEndpoint *mer_endpoint_get (const char *uri, GError **error);
const char *mer_endpoint_get_uri (MerEndpoint *self);
void mer_endpoint_tighten (MerEndpoint *self, const MerLimits *limits);
void mer_endpoint_open (MerEndpoint *self);
guint mer_endpoint_get_n_active (MerEndpoint *self);
JsonNode *mer_endpoint_summarise_all (void);

G_END_DECLS
