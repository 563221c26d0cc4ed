/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MerBucket:
 * @rate: what flows in, a second; 0 for no limit
 * @capacity: what it holds at most
 * @level: what is in it; negative where more was taken than there was
 * @at: when that was so, monotonic time, microseconds
 *
 * A token bucket (ITU-T I.371). Something may be taken while it is not empty, however
 * much: what is more than there was is a debt that the next one waits for, so that no call
 * is too large ever to be made. Pure; for one thread.
 */
typedef struct
{
  double rate;
  double capacity;
  double level;
  gint64 at;
} MerBucket;

void mer_bucket_set_per_minute (MerBucket *self, double amount, gint64 now);
void mer_bucket_set_state (MerBucket *self, double level, double capacity, double rate,
                           gint64 now);
double mer_bucket_get_wait (MerBucket *self, gint64 now);
void mer_bucket_take (MerBucket *self, double amount, gint64 now);

G_END_DECLS
