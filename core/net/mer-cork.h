/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* inner: keeps a connection from sending until a packet is full, while a body is written.
 * I/O thread only. */
void mer_cork_watch (SoupMessage *message);

G_END_DECLS
