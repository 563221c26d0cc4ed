/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "media/mer-track.h"

G_BEGIN_DECLS

/**
 * MerPacketFunc:
 * @track: the track
 * @index: of the packet among the track's
 * @packet: the packet, with its bytes
 * @user_data: what was given
 *
 * Called in the demuxer's thread for every packet.
 */
typedef void (*MerPacketFunc) (MerTrack *track, guint index, const MerPacket *packet,
                               gpointer user_data);

/**
 * MerTracks:
 *
 * What a file holds.
 */
typedef struct
{
  GPtrArray *tracks; /* MerTrack */
  gint64 duration;   /* what the container says, nanoseconds; -1 unknown */
  char *container;   /* caps name */
  char *problem;     /* why reading ended early; %NULL if it reached the end */
} MerTracks;

MerTracks *mer_tracks_read (const char *path, gsize hold, MerPacketFunc function,
                            gpointer user_data, gint64 deadline, GCancellable *cancellable,
                            GError **error);
void mer_tracks_free (MerTracks *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerTracks, mer_tracks_free)

G_END_DECLS
