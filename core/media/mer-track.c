/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-track.h"

#include <string.h>

static void
packet_clear (MerPacket *packet)
{
  g_clear_pointer (&packet->buffer, gst_buffer_unref);
}

/**
 * mer_track_new:
 * @kind: of what
 *
 * Returns: (transfer full): a track without packets
 */
MerTrack *
mer_track_new (MerTrackKind kind)
{
  MerTrack *track = g_new0 (MerTrack, 1);

  track->kind = kind;
  track->complete = TRUE;
  track->caps = g_ptr_array_new_with_free_func ((GDestroyNotify) gst_caps_unref);
  track->packets = g_array_new (FALSE, FALSE, sizeof (MerPacket));
  g_array_set_clear_func (track->packets, (GDestroyNotify) packet_clear);
  track->range_start = G_MAXINT64;
  track->range_end = G_MININT64;
  return track;
}

void
mer_track_free (MerTrack *track)
{
  g_ptr_array_unref (track->caps);
  g_array_unref (track->packets);
  g_free (track->language);
  g_free (track->orientation);
  g_free (track);
}

/**
 * mer_track_count_presented:
 * @self: a track
 *
 * Returns: how many of its packets are presented
 */
guint
mer_track_count_presented (MerTrack *self)
{
  guint n = 0;

  for (guint i = 0; i < self->packets->len; i++)
    if (g_array_index (self->packets, MerPacket, i).flags & MER_PACKET_PRESENTED)
      n++;
  return n;
}

static gint64
signed_stream_time (const GstSegment *segment, guint64 position)
{
  guint64 time = 0;

  if (!GST_CLOCK_TIME_IS_VALID (position) || segment->format != GST_FORMAT_TIME)
    return G_MININT64;

  int sign = gst_segment_to_stream_time_full (segment, GST_FORMAT_TIME, position, &time);
  if (sign == 0 || time > G_MAXINT64 / 4)
    return G_MININT64;
  return sign > 0 ? (gint64) time : -(gint64) time;
}

/**
 * mer_packet_init:
 * @packet: (out caller-allocates): to fill, without its buffer
 * @segment: the segment that @buffer is in
 * @buffer: what came
 *
 * Reads times and flags.
 */
void
mer_packet_init (MerPacket *packet, const GstSegment *segment, GstBuffer *buffer)
{
  guint64 pts = GST_BUFFER_PTS (buffer);
  guint64 duration
      = GST_BUFFER_DURATION_IS_VALID (buffer) ? GST_BUFFER_DURATION (buffer) : 0;
  guint64 start = 0, end = 0;

  memset (packet, 0, sizeof *packet);
  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    packet->flags |= MER_PACKET_KEY;
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER))
    packet->flags |= MER_PACKET_HEADER;
  packet->dts = signed_stream_time (segment, GST_BUFFER_DTS (buffer));
  packet->time = signed_stream_time (segment, pts);
  if (packet->time == G_MININT64)
    return;
  packet->flags |= MER_PACKET_TIMED;
  if (!gst_segment_clip (segment, GST_FORMAT_TIME, pts, pts + duration, &start, &end))
    return;
  packet->start = signed_stream_time (segment, start);
  packet->end = signed_stream_time (segment, end);
  if (packet->start == G_MININT64 || packet->end == G_MININT64)
    return;
  packet->flags |= MER_PACKET_PRESENTED;
}

/**
 * mer_track_add_segment:
 * @self: a track
 * @segment: what is presented from here on
 */
void
mer_track_add_segment (MerTrack *self, const GstSegment *segment)
{
  gint64 start, end;

  if (segment->format != GST_FORMAT_TIME)
    return;
  start = signed_stream_time (segment, segment->start);
  end = signed_stream_time (segment, segment->stop);
  if (start != G_MININT64)
    self->range_start = MIN (self->range_start, start);
  self->range_end = end != G_MININT64 ? MAX (self->range_end, end) : G_MAXINT64;
}
