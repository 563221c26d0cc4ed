/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  MER_TRACK_VIDEO,
  MER_TRACK_AUDIO,
  MER_TRACK_TEXT,
} MerTrackKind;

typedef enum
{
  MER_PACKET_KEY = 1 << 0,       /* decoding can start here */
  MER_PACKET_HEADER = 1 << 1,    /* not a picture: codec headers in the stream */
  MER_PACKET_PRESENTED = 1 << 2, /* inside the presented range (edit lists) */
  MER_PACKET_TIMED = 1 << 3,     /* has a time of presentation */
} MerPacketFlags;

/**
 * MerPacket:
 * @time: when it would be presented, stream time in nanoseconds; negative before the clip
 * @dts: the same for decoding, or `G_MININT64`
 * @start: when it is presented, clipped to the presented range
 * @end: when its own duration ends, clipped
 * @flags: see #MerPacketFlags
 * @caps: index into the track's caps
 * @buffer: (nullable): its bytes; %NULL where there are too many to hold
 *
 * One packet of a track, in the order of the file.
 */
typedef struct
{
  gint64 time;
  gint64 dts;
  gint64 start;
  gint64 end;
  guint16 flags;
  guint16 caps;
  GstBuffer *buffer;
} MerPacket;

/**
 * MerTrack:
 *
 * One track of a file, with its packets.
 */
typedef struct
{
  MerTrackKind kind;
  guint number; /* among those of its kind, in the order in which the demuxer shows them */
  gboolean is_default;
  gboolean encrypted;
  gboolean complete; /* all packets have their bytes */
  char *language;    /* as the file spells it */
  char *orientation; /* an image-orientation tag */
  GPtrArray *caps;   /* GstCaps, in the order of appearance */
  GArray *packets;   /* MerPacket */
  gint64 range_start;
  gint64 range_end; /* what the segments present, stream time */
} MerTrack;

MerTrack *mer_track_new (MerTrackKind kind);
void mer_track_free (MerTrack *self);
void mer_track_add_segment (MerTrack *self, const GstSegment *segment);
void mer_packet_init (MerPacket *packet, const GstSegment *segment, GstBuffer *buffer);
guint mer_track_count_presented (MerTrack *self);

G_END_DECLS
