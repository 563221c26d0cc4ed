/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-cue-track.h"

#include <string.h>

#include "media/mer-cue-file.h"
#include "media/mer-cue-text.h"
#include "sample/mer-media.h"

/* how long a line stands whose file says nothing, unless another comes */
#define DEFAULT_DURATION (4 * (gint64) GST_SECOND)

/* in Matroska an event is `ReadOrder,Layer,Style,Name,MarginL,MarginR,MarginV,Effect,Text`
 */
static const char *
skip_ass_fields (const char *text, gsize *length)
{
  const char *at = text;
  const char *end = text + *length;

  for (int field = 0; field < 8; field++)
    {
      const char *comma = memchr (at, ',', end - at);

      if (comma == NULL)
        return text;
      at = comma + 1;
    }
  *length = end - at;
  return at;
}

/* WebM keeps a cue as identifier, settings and text, a line each (D_WEBVTT); GStreamer 1.22
 * knows no name for that and hands it out as it is. Settings are `name:value` words. */
static const char *
skip_webm_lines (const char *text, gsize *length)
{
  const char *end = text + *length;
  const char *first = memchr (text, '\n', *length);
  const char *second = first != NULL ? memchr (first + 1, '\n', end - first - 1) : NULL;

  if (second == NULL
      || (second > first + 1 && memchr (first + 1, ':', second - first - 1) == NULL))
    return text;
  *length = end - second - 1;
  return second + 1;
}

/**
 * mer_cue_track_clean:
 * @caps: of a text track
 * @text: one packet of it
 * @length: bytes
 *
 * Trusts the caps no further than it must: what GStreamer calls pango markup is raw SubRip.
 *
 * Returns: (transfer full): clean text
 */
char *
mer_cue_track_clean (GstCaps *caps, const char *text, gsize length)
{
  const char *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));

  if (g_str_equal (name, "application/x-ssa") || g_str_equal (name, "application/x-ass"))
    {
      text = skip_ass_fields (text, &length);
      return mer_cue_text_clean (text, (gssize) length, MER_CUE_ASS);
    }
  if (g_str_equal (name, "application/x-subtitle-unknown"))
    {
      text = skip_webm_lines (text, &length);
      return mer_cue_text_clean (text, (gssize) length, MER_CUE_VTT);
    }
  if (g_str_equal (name, "application/x-subtitle-vtt"))
    return mer_cue_text_clean (text, (gssize) length, MER_CUE_VTT);
  return mer_cue_text_clean (text, (gssize) length, MER_CUE_SRT);
}

static gint64
packet_end (MerTrack *track, guint i)
{
  const MerPacket *packet = &g_array_index (track->packets, MerPacket, i);
  gint64 end = packet->start + DEFAULT_DURATION;

  if (packet->end > packet->start)
    return packet->end;
  if (i + 1 < track->packets->len)
    {
      const MerPacket *next = &g_array_index (track->packets, MerPacket, i + 1);

      if ((next->flags & MER_PACKET_PRESENTED) && next->start > packet->start)
        end = MIN (end, next->start);
    }
  return end;
}

/**
 * mer_cue_track_read:
 * @track: a text track
 *
 * Returns: (transfer full) (element-type MerCue): its cues, sorted
 */
GArray *
mer_cue_track_read (MerTrack *track)
{
  GArray *cues = mer_cues_new ();

  for (guint i = 0; i < track->packets->len; i++)
    {
      const MerPacket *packet = &g_array_index (track->packets, MerPacket, i);
      GstMapInfo map;

      if (!(packet->flags & MER_PACKET_PRESENTED) || packet->buffer == NULL
          || !gst_buffer_map (packet->buffer, &map, GST_MAP_READ))
        continue;
      mer_cues_add (cues, (guint64) MAX (packet->start, 0),
                    (guint64) MAX (packet_end (track, i), 0),
                    mer_cue_track_clean (track->caps->pdata[packet->caps],
                                         (const char *) map.data, map.size));
      gst_buffer_unmap (packet->buffer, &map);
    }
  mer_cues_finish (cues);
  return cues;
}
