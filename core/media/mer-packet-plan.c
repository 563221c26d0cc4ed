/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packets the wanted pictures need, so that no others are decoded. */
#include "media/mer-packet-plan.h"

#include "media/mer-track.h"

static gboolean
is_key (GArray *packets, guint i)
{
  const MerPacket *packet = &g_array_index (packets, MerPacket, i);

  return (packet->flags & MER_PACKET_KEY) && !(packet->flags & MER_PACKET_HEADER);
}

static guint
key_before (GArray *packets, guint i)
{
  while (i > 0 && !is_key (packets, i))
    i--;
  return i;
}

/* A picture needs its group from the key frame on. One that stands after a key frame in the
 * file and is shown before it (an open group) needs the group before as well. */
static guint
first_needed (GArray *packets, guint wanted)
{
  guint key = key_before (packets, wanted);

  if (key > 0
      && g_array_index (packets, MerPacket, wanted).time
             < g_array_index (packets, MerPacket, key).time)
    return key_before (packets, key - 1);
  return key;
}

/**
 * mer_packet_plan_complete:
 * @plan: #MerPlanFlags, a byte a packet; those of the wanted pictures have `WANTED`
 * @packets: (element-type MerPacket): of the track
 *
 * Adds what else must be decoded for the wanted pictures.
 */
void
mer_packet_plan_complete (guint8 *plan, GArray *packets)
{
  guint planned = G_MAXUINT; /* the packet up to which the walk back may stop */

  for (guint i = packets->len; i-- > 0;)
    {
      MerPacket *packet = &g_array_index (packets, MerPacket, i);

      if (packet->flags & MER_PACKET_HEADER)
        plan[i] |= MER_PLAN_FEED;
      if (!(plan[i] & MER_PLAN_WANTED))
        continue;
      for (guint j = first_needed (packets, i); j <= i && j < planned; j++)
        plan[j] |= MER_PLAN_FEED;
      planned = MIN (planned, first_needed (packets, i));
    }
  for (guint i = 1; i < packets->len; i++)
    if ((plan[i] & MER_PLAN_FEED) && !(plan[i - 1] & MER_PLAN_FEED))
      plan[i] |= MER_PLAN_DRAIN;
}
