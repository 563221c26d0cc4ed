/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libsoup writes bodies 8 kB at a time to a socket that sends at once: 37 packets that are
 * not full, and 37 times the other side is woken, for a body of 300 kB. The kernel can put
 * them together, and it sends at the latest after 200 ms whatever happens here. */
#include "net/mer-cork.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

/* connection id → GSocket, not owned: libsoup tells the socket only when it is new */
static GHashTable *sockets;

static void
forget (gpointer id, GObject *socket)
{
  g_hash_table_remove (sockets, id);
}

static gpointer
get_id (SoupMessage *message)
{
  return GSIZE_TO_POINTER ((gsize) soup_message_get_connection_id (message));
}

static void
cork (SoupMessage *message, gboolean on)
{
  GSocket *socket
      = sockets != NULL ? g_hash_table_lookup (sockets, get_id (message)) : NULL;

  if (socket != NULL)
    g_socket_set_option (socket, IPPROTO_TCP, TCP_CORK, on, NULL);
}

static void
on_network_event (SoupMessage *message, GSocketClientEvent event, GIOStream *connection,
                  gpointer data)
{
  if (event == G_SOCKET_CLIENT_CONNECTED && G_IS_SOCKET_CONNECTION (connection))
    g_object_set_data_full (
        G_OBJECT (message), "mer-socket",
        g_object_ref (g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection))),
        g_object_unref);
}

static void
on_wrote_headers (SoupMessage *message, gpointer data)
{
  g_autoptr (GSocket) socket = g_object_steal_data (G_OBJECT (message), "mer-socket");

  /* many messages share a connection of a later version, and must not wait for each other
   */
  if (soup_message_get_http_version (message) > SOUP_HTTP_1_1)
    return;
  if (socket != NULL && get_id (message) != NULL)
    {
      if (sockets == NULL)
        sockets = g_hash_table_new (NULL, NULL);
      g_hash_table_replace (sockets, get_id (message), socket);
      g_object_weak_ref (G_OBJECT (socket), forget, get_id (message));
    }
  cork (message, TRUE);
}

static void
on_wrote_body (SoupMessage *message, gpointer data)
{
  cork (message, FALSE);
}

void
mer_cork_watch (SoupMessage *message)
{
  g_signal_connect (message, "network-event", G_CALLBACK (on_network_event), NULL);
  g_signal_connect (message, "wrote-headers", G_CALLBACK (on_wrote_headers), NULL);
  g_signal_connect (message, "wrote-body", G_CALLBACK (on_wrote_body), NULL);
}
