/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <math.h>

#include "net/mer-limiter.h"

#define MAX_CALLS 64

/* A server that serves so many at once, each for so long, and turns others away at once or
 * lets them wait; and a client that always has calls to make. Time is a number. */
typedef struct
{
  guint capacity;
  gboolean queues;
  double service;
  double way; /* how long it takes to be turned away */

  guint active; /* at the client */
  guint served;
  guint turned_away;
  guint sent;
  struct
  {
    gboolean used;
    gboolean good;
    guint level;
    guint serial;
    gint64 sent_at;
    gint64 ends_at;
  } calls[MAX_CALLS];
} Server;

static guint
count_good (const Server *server)
{
  guint n = 0;

  for (guint i = 0; i < MAX_CALLS; i++)
    n += server->calls[i].used && server->calls[i].good;
  return n;
}

/* when a server that queues gets round to it: a free place, or the end of the one that is
 * `capacity` before it */
static gint64
ends_at (const Server *server, gint64 now)
{
  gint64 ends[MAX_CALLS] = { 0 };
  guint n = 0;

  for (guint i = 0; i < MAX_CALLS; i++)
    if (server->calls[i].used)
      ends[n++] = server->calls[i].ends_at;
  for (guint i = 1; i < n; i++)
    for (guint k = i; k > 0 && ends[k - 1] < ends[k]; k--)
      {
        gint64 other = ends[k];

        ends[k] = ends[k - 1];
        ends[k - 1] = other;
      }
  gint64 start = n >= server->capacity ? ends[server->capacity - 1] : now;
  return start + (gint64) (server->service * G_USEC_PER_SEC);
}

static void
send_one (Server *server, gint64 now)
{
  guint i = 0;
  gboolean good = server->queues || count_good (server) < server->capacity;

  while (server->calls[i].used)
    i++;
  server->active++;
  server->calls[i].used = TRUE;
  server->calls[i].good = good;
  server->calls[i].level = server->active;
  server->calls[i].serial = ++server->sent;
  server->calls[i].sent_at = now;
  server->calls[i].ends_at
      = good ? ends_at (server, now) : now + (gint64) (server->way * G_USEC_PER_SEC);
}

static void
end_one (Server *server, MerLimiter *limiter, guint i, gint64 now)
{
  double seconds = (double) (now - server->calls[i].sent_at) / G_USEC_PER_SEC;

  server->calls[i].used = FALSE;
  server->active--;
  if (server->calls[i].good)
    {
      server->served++;
      mer_limiter_served (limiter, server->calls[i].level, seconds, TRUE, now);
      return;
    }
  server->turned_away++;
  for (guint k = 0; k < MAX_CALLS; k++)
    if (server->calls[k].used && server->calls[k].serial > server->calls[i].serial)
      server->calls[k].level--;
  mer_limiter_turned_away (limiter, server->calls[i].level, server->active,
                           server->calls[i].sent_at, now);
}

/* the time at which @n calls were served, from @now */
static gint64
drive (Server *server, MerLimiter *limiter, guint n, guint in_flight, gint64 now)
{
  guint until = server->served + n;

  while (server->served < until)
    {
      guint next = MAX_CALLS;

      while (server->active < MIN (mer_limiter_get_limit (limiter), in_flight))
        send_one (server, now);
      for (guint i = 0; i < MAX_CALLS; i++)
        if (server->calls[i].used
            && (next == MAX_CALLS
                || server->calls[i].ends_at < server->calls[next].ends_at))
          next = i;
      now = MAX (now, server->calls[next].ends_at) + 1;
      end_one (server, limiter, next, now);
    }
  return now;
}

static void
test_finds_capacity (void **state)
{
  static const guint capacities[] = { 1, 2, 3, 8, 20, 50 };

  for (guint i = 0; i < G_N_ELEMENTS (capacities); i++)
    {
      g_autoptr (MerLimiter) limiter = mer_limiter_new (256);
      Server server = { .capacity = capacities[i], .service = 0.25, .way = 0.002 };
      gint64 end = drive (&server, limiter, 1000, MAX_CALLS, 1);
      double ideal = 1000. / capacities[i] * 0.25;
      double used = ideal / ((double) end / G_USEC_PER_SEC);

      if (used < 0.97)
        fail_msg ("of %u at once %.1f %% were used", capacities[i], 100 * used);
      if (server.turned_away > 2 * MAX_CALLS)
        fail_msg ("of %u at once: %u calls were one too many", capacities[i],
                  server.turned_away);
      assert_in_range (mer_limiter_get_good (limiter), capacities[i], capacities[i] + 1);
    }
}

/* a server that gets larger is found out, one that gets smaller is heeded at once */
static void
test_follows (void **state)
{
  g_autoptr (MerLimiter) limiter = mer_limiter_new (256);
  Server server = { .capacity = 8, .service = 0.25, .way = 0.002 };
  gint64 now = drive (&server, limiter, 500, MAX_CALLS, 1);

  server.capacity = 24;
  now = drive (&server, limiter, 1000, MAX_CALLS, now);
  assert_in_range (mer_limiter_get_limit (limiter), 22, 26);
  server.capacity = 4;
  drive (&server, limiter, 300, MAX_CALLS, now);
  assert_in_range (mer_limiter_get_limit (limiter), 3, 5);
}

/* nobody is turned away, nothing is gained by less: nothing changes */
static void
test_leaves_alone (void **state)
{
  g_autoptr (MerLimiter) limiter = mer_limiter_new (256);
  Server server = { .capacity = MAX_CALLS, .service = 0.25, .way = 0.002 };
  gint64 end = drive (&server, limiter, 2000, MAX_CALLS, 1);

  assert_true ((double) end / G_USEC_PER_SEC < ceil (2000. / MAX_CALLS) * 0.25 * 1.01);
  assert_int_equal (mer_limiter_get_limit (limiter), 256);
}

/* a server that lets calls wait gets fewer at once, at the same rate */
static void
test_queueing (void **state)
{
  g_autoptr (MerLimiter) limiter = mer_limiter_new (256);
  Server server = { .capacity = 8, .service = 0.25, .queues = TRUE };
  gint64 end = drive (&server, limiter, 4000, MAX_CALLS, 1);
  double used = 4000. / 8 * 0.25 / ((double) end / G_USEC_PER_SEC);

  if (used < 0.97 || mer_limiter_get_limit (limiter) > 32)
    fail_msg ("%.1f %% used, %u at once", 100 * used, mer_limiter_get_limit (limiter));
}

/* one place less than before, so that no call but the last is ever turned away */
static void
test_one_less (void **state)
{
  g_autoptr (MerLimiter) limiter = mer_limiter_new (256);
  Server server = { .capacity = 9, .service = 0.25, .way = 0.002 };
  gint64 now = drive (&server, limiter, 300, MAX_CALLS, 1);
  guint before = server.turned_away;

  server.capacity = 8;
  drive (&server, limiter, 500, MAX_CALLS, now);
  assert_in_range (mer_limiter_get_limit (limiter), 8, 9);
  if (server.turned_away - before > 30)
    fail_msg ("%u calls were one too many", server.turned_away - before);
}

/* who turns all away has told nothing about calls at once */
static void
test_nobody_served (void **state)
{
  g_autoptr (MerLimiter) limiter = mer_limiter_new (10);

  assert_false (mer_limiter_turned_away (limiter, 1, 0, 100, 200));
  assert_int_equal (mer_limiter_get_limit (limiter), 1);
  mer_limiter_served (limiter, 1, 0.1, TRUE, 300);
  assert_int_equal (mer_limiter_get_limit (limiter), 2);
  assert_int_equal (mer_limiter_get_bad (limiter), 0);
}

static void
test_timeouts (void **state)
{
  g_autoptr (MerLimiter) limiter = mer_limiter_new (10);

  mer_limiter_timed_out (limiter, 9, 100, 1000);
  assert_int_equal (mer_limiter_get_limit (limiter), 7);
  /* one that was sent before says nothing new */
  mer_limiter_timed_out (limiter, 6, 500, 2000);
  assert_int_equal (mer_limiter_get_limit (limiter), 7);
  mer_limiter_set_max (limiter, 3);
  assert_int_equal (mer_limiter_get_limit (limiter), 3);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_finds_capacity), cmocka_unit_test (test_follows),
    cmocka_unit_test (test_leaves_alone),   cmocka_unit_test (test_queueing),
    cmocka_unit_test (test_one_less),       cmocka_unit_test (test_nobody_served),
    cmocka_unit_test (test_timeouts),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
