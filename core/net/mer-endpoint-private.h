/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/mer-endpoint.h"

G_BEGIN_DECLS

typedef struct _SoupSession SoupSession;

/* inner: a place in the queue before a server. Holds one of its calls at once from granted
 * to released. */
typedef struct
{
  gsize bytes;
  gboolean granted;
  gboolean sending;
  void (*on_granted) (gpointer data);
  gpointer data;
} MerTicket;

void mer_endpoint_caller_init (MerCallerInterface *iface);
void mer_endpoint_queue (MerEndpoint *self, MerTicket *ticket);
void mer_endpoint_sent (MerEndpoint *self, MerTicket *ticket);
void mer_endpoint_release (MerEndpoint *self, MerTicket *ticket);
void mer_endpoint_cool_down (MerEndpoint *self, double seconds);
void mer_endpoint_shrink (MerEndpoint *self, gint64 sent_at);
void mer_endpoint_grow (MerEndpoint *self);
SoupSession *mer_endpoint_get_session (MerEndpoint *self);
char *mer_endpoint_dup_uri (MerEndpoint *self, const char *path);
gboolean mer_endpoint_is_origin (MerEndpoint *self, const char *uri);
gint64 mer_endpoint_get_loading_since (MerEndpoint *self);
void mer_endpoint_set_loading (MerEndpoint *self, gboolean loading);

G_END_DECLS
