/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* inner: streams one after the other, read as one */
#define MER_TYPE_CHAIN_STREAM (mer_chain_stream_get_type ())
G_DECLARE_FINAL_TYPE (MerChainStream, mer_chain_stream, MER, CHAIN_STREAM, GInputStream)

MerChainStream *mer_chain_stream_new (void);
/* takes @stream */
void mer_chain_stream_add (MerChainStream *self, GInputStream *stream);
void mer_chain_stream_add_text (MerChainStream *self, const char *text);

G_END_DECLS
