/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/mer-endpoint.h"
#include "net/mer-gate.h"

G_BEGIN_DECLS

typedef struct _SoupSession SoupSession;

void mer_endpoint_caller_init (MerCallerInterface *iface);
MerGate *mer_endpoint_get_gate (MerEndpoint *self);
SoupSession *mer_endpoint_get_session (MerEndpoint *self);
char *mer_endpoint_dup_uri (MerEndpoint *self, const char *path);
gboolean mer_endpoint_is_downgrade (MerEndpoint *self, const char *path);
gboolean mer_endpoint_is_origin (MerEndpoint *self, const char *uri);

G_END_DECLS
