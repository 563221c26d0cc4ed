/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

static GMutex lock;
static guint active, most_active;
static guint64 n_served, n_refused;
static gint64 next_call; /* µs: when --rpm lets the next one in */

/* calls flow evenly, with one second's worth at once, as a refilled bucket gives them */
static gboolean
pass_rate (double *wait)
{
  gint64 now = g_get_monotonic_time ();
  gint64 step = 60 * G_USEC_PER_SEC / MAX (1, settings.rpm);
  gint64 burst = MAX (step, G_USEC_PER_SEC) - step;

  if (settings.rpm == 0)
    return TRUE;
  *wait = (double) (next_call - burst - now) / G_USEC_PER_SEC;
  if (*wait > 0)
    return FALSE;
  next_call = MAX (next_call, now) + step;
  return TRUE;
}

Limit
limits_enter (double *wait)
{
  Limit limit = LIMIT_NONE;

  *wait = 0;
  g_mutex_lock (&lock);
  if (settings.capacity > 0 && active >= settings.capacity)
    limit = LIMIT_CAPACITY;
  else if (!pass_rate (wait))
    limit = LIMIT_RATE;
  if (limit == LIMIT_NONE)
    {
      n_served++;
      active++;
      most_active = MAX (most_active, active);
    }
  else
    n_refused++;
  g_mutex_unlock (&lock);
  return limit;
}

void
limits_leave (Limit limit)
{
  if (limit != LIMIT_NONE)
    return;
  g_mutex_lock (&lock);
  active--;
  g_mutex_unlock (&lock);
}

guint
limits_get_active (void)
{
  g_mutex_lock (&lock);
  guint n = active;
  g_mutex_unlock (&lock);
  return n;
}

/* GET /stats: what a test of a client's limits wants to know */
void
limits_serve_stats (Exchange *x, Reply *reply)
{
  g_mutex_lock (&lock);
  reply_json (reply, 200,
              g_strdup_printf ("{\"served\":%" G_GUINT64_FORMAT
                               ",\"refused\":%" G_GUINT64_FORMAT
                               ",\"active\":%u,\"most_active\":%u}",
                               n_served, n_refused, active, most_active));
  g_mutex_unlock (&lock);
}
