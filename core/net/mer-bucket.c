/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-bucket.h"

/* what may be taken at once after a rest: so little that no minute sees a notable excess */
#define BURST_SECONDS 1.0

static void
refill (MerBucket *self, gint64 now)
{
  if (now > self->at)
    self->level
        = MIN (self->capacity,
               self->level + self->rate * (double) (now - self->at) / G_USEC_PER_SEC);
  self->at = MAX (self->at, now);
}

/**
 * mer_bucket_set_per_minute:
 * @self: a bucket
 * @amount: how much may be taken in a minute; 0 for no limit
 * @now: monotonic time, microseconds
 *
 * Keeps what is in it.
 */
void
mer_bucket_set_per_minute (MerBucket *self, double amount, gint64 now)
{
  double before = self->rate;

  if (before == amount / 60)
    return;
  refill (self, now);
  self->rate = amount / 60;
  self->capacity = self->rate * BURST_SECONDS;
  if (before == 0 || self->level > self->capacity)
    self->level = self->capacity;
}

/**
 * mer_bucket_set_state:
 * @self: a bucket
 * @level: how much is left
 * @capacity: how much there is when nothing was taken
 * @rate: how much flows in, a second
 * @now: monotonic time, microseconds
 *
 * What a server says of its own bucket.
 */
void
mer_bucket_set_state (MerBucket *self, double level, double capacity, double rate,
                      gint64 now)
{
  *self = (MerBucket){ .rate = rate, .capacity = capacity, .level = level, .at = now };
}

/**
 * mer_bucket_get_wait:
 * @self: a bucket
 * @now: monotonic time, microseconds
 *
 * Returns: seconds until something may be taken, 0 where it may
 */
double
mer_bucket_get_wait (MerBucket *self, gint64 now)
{
  if (self->rate <= 0)
    return 0;
  refill (self, now);
  return self->level > 0 ? 0 : (self->capacity * 1e-6 - self->level) / self->rate;
}

/**
 * mer_bucket_take:
 * @self: a bucket
 * @amount: how much; negative gives back
 * @now: monotonic time, microseconds
 */
void
mer_bucket_take (MerBucket *self, double amount, gint64 now)
{
  if (self->rate <= 0)
    return;
  refill (self, now);
  self->level = MIN (self->capacity, self->level - amount);
}
