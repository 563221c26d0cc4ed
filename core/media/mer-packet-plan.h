/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MerPlanFlags:
 * @MER_PLAN_FEED: the decoder gets the packet
 * @MER_PLAN_DRAIN: the decoder is emptied before it: packets were left out
 * @MER_PLAN_WANTED: a wanted picture, so never left out
 *
 * What happens with a packet.
 */
typedef enum
{
  MER_PLAN_FEED = 1 << 0,
  MER_PLAN_DRAIN = 1 << 1,
  MER_PLAN_WANTED = 1 << 2,
} MerPlanFlags;

void mer_packet_plan_complete (guint8 *plan, GArray *packets);

G_END_DECLS
