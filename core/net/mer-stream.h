/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MerStreamKind:
 * @MER_STREAM_SSE: server-sent events (`text/event-stream`)
 * @MER_STREAM_NDJSON: one JSON document a line
 *
 * How a server cuts its streamed answer into pieces.
 */
typedef enum
{
  MER_STREAM_SSE,
  MER_STREAM_NDJSON,
} MerStreamKind;

/**
 * MerStreamFunc:
 * @event: (nullable): the event's name where the server gave one
 * @data: the piece's text, zero-terminated
 * @length: of @data, bytes
 * @user_data: what was given with the function
 *
 * Takes one piece of a stream.
 */
typedef void (*MerStreamFunc) (const char *event, const char *data, gsize length,
                               gpointer user_data);

/**
 * MerStream:
 *
 * Splits what a server streams into its pieces, however the bytes were cut on the way.
 * Not thread-safe.
 */
typedef struct _MerStream MerStream;

MerStream *mer_stream_new (MerStreamKind kind, gsize max_piece, MerStreamFunc function,
                           gpointer user_data);
void mer_stream_free (MerStream *self);
gboolean mer_stream_feed (MerStream *self, const char *bytes, gsize length, GError **error);
void mer_stream_end (MerStream *self);
gboolean mer_stream_split (MerStreamKind kind, GBytes *body, MerStreamFunc function,
                           gpointer user_data, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerStream, mer_stream_free)

G_END_DECLS
