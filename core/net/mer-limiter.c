/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Additive increase, multiplicative decrease (Chiu and Jain, 1989), with two things that a
 * model's server tells and a network does not:
 *
 * - Who turns a call away while it serves others has told its limit: those that are left
 *   are what it serves. So the limit falls to that in one round, and the sawtooth of plain
 *   decrease, which leaves an eighth of the server idle, does not begin.
 * - It turns away at once. To ask for one call too many costs nothing but that call's way,
 *   so the limit that was found is tried again, ever more seldom while it holds.
 *
 * A server that queues what it cannot serve turns nobody away; there latency grows with the
 * calls at once and the rate does not. Then less is tried, and kept where the rate stays.
 */
#include "net/mer-limiter.h"

#include <math.h>

#define DECREASE 0.7
/* answers between two tries of what was too much: this many rounds, then twice as many, …
 */
#define FIRST_WAIT_ROUNDS 4
#define MAX_WAIT 4096
/* a server may give a place free a moment after it has answered */
#define MAX_DOUBTS 3
/* latency: of how many answers the lowest mean is taken at first; how many rounds a window
 * has (answers come in waves, and a window may begin and end within one, so that few rounds
 * give no rate); how much latency must have grown; what part of the rate must stay; and how
 * many windows an attempt in vain is not repeated */
#define FIRST_ANSWERS 8
#define WINDOW_ROUNDS 8
#define GROWN 2.5
#define KEPT 0.85
#define FIRST_HOLD 8
#define MAX_HOLD 256

typedef struct
{
  guint n;
  guint skip; /* answers to calls that were sent under the limit before */
  double sum;
  gint64 since;
  double best; /* the lowest mean of all windows, seconds; 0 before the first */
  guint knee; /* more at once makes calls slower, not more of them; 0 where it is unknown */
  guint tried_from; /* the limit before less was tried; 0 where nothing is tried */
  double tried_rate;
  guint hold;
  guint next_hold;
} Latency;

struct _MerLimiter
{
  guint max;
  double limit;
  guint good;   /* so many were served at once */
  guint bad;    /* of so many one was turned away; 0 where none was */
  guint proofs; /* calls in a row that were served although there were too many at once */
  guint wait;
  guint answers;    /* since the limit was reached, or was last too much */
  gint64 turned_at; /* when the round of calls began to be turned away */
  guint turned_from;
  gint64 served_at;
  guint doubts;   /* calls that were turned away where as many were served before … */
  guint doubtful; /* … and none since: the fewest at once of them */
  gint64 shrunk_at;
  Latency latency;
};

/**
 * mer_limiter_new:
 * @max: the most calls at once, whatever the server takes; at least 1
 *
 * Returns: (transfer full): a limiter that lets @max through until it learns better
 */
MerLimiter *
mer_limiter_new (guint max)
{
  MerLimiter *self = g_new0 (MerLimiter, 1);

  self->max = MAX (max, 1);
  self->limit = self->max;
  self->latency.next_hold = FIRST_HOLD;
  return self;
}

/**
 * mer_limiter_free:
 * @self: (transfer full): a limiter
 */
void
mer_limiter_free (MerLimiter *self)
{
  g_free (self);
}

/**
 * mer_limiter_set_max:
 * @self: a limiter
 * @max: the most calls at once, whatever the server takes; at least 1
 */
void
mer_limiter_set_max (MerLimiter *self, guint max)
{
  self->max = MAX (max, 1);
  self->limit = MIN (self->limit, self->max);
}

/**
 * mer_limiter_get_limit:
 * @self: a limiter
 *
 * Returns: how many calls may be under way now, at least 1
 */
guint
mer_limiter_get_limit (MerLimiter *self)
{
  return MAX (1, (guint) self->limit);
}

/**
 * mer_limiter_get_good:
 * @self: a limiter
 *
 * Returns: how many calls at once are known to be served
 */
guint
mer_limiter_get_good (MerLimiter *self)
{
  return self->good;
}

/**
 * mer_limiter_get_bad:
 * @self: a limiter
 *
 * Returns: how many calls at once are known to be too many; 0 where that is not known
 */
guint
mer_limiter_get_bad (MerLimiter *self)
{
  return self->bad;
}

static void
restart_window (MerLimiter *self, guint skip, gint64 now)
{
  self->latency.n = 0;
  self->latency.sum = 0;
  self->latency.skip = skip;
  self->latency.since = now;
}

static void
set_limit (MerLimiter *self, double limit, gint64 now)
{
  self->limit = CLAMP (limit, 1, (double) self->max);
  self->answers = 0;
  restart_window (self, (guint) self->limit, now);
}

/* what a window of answers says: TRUE where the limit was changed */
static gboolean
judge_window (MerLimiter *self, double mean, double rate, guint level, gint64 now)
{
  Latency *latency = &self->latency;

  if (latency->tried_from > 0 && rate < KEPT * latency->tried_rate)
    {
      /* the server works on more at once than it was given: back, and not soon again */
      double before = latency->tried_from;

      latency->tried_from = 0;
      latency->hold = latency->next_hold;
      latency->next_hold = MIN (2 * latency->next_hold, MAX_HOLD);
      latency->knee = 0;
      set_limit (self, before, now);
      return TRUE;
    }
  if (latency->tried_from > 0)
    {
      latency->tried_from = 0;
      latency->knee = MAX (1, (guint) self->limit);
    }
  if (latency->best == 0 || mean < latency->best)
    latency->best = mean;
  if (latency->hold > 0)
    {
      latency->hold--;
      return FALSE;
    }
  if (mean < GROWN * latency->best || level < 3)
    return FALSE;
  latency->tried_from = (guint) self->limit;
  latency->tried_rate = rate;
  set_limit (self, MIN (self->limit, level) * DECREASE, now);
  restart_window (self, level, now);
  return TRUE;
}

static gboolean
watch_latency (MerLimiter *self, guint level, double seconds, gint64 now)
{
  Latency *latency = &self->latency;
  guint window = WINDOW_ROUNDS * MAX (FIRST_ANSWERS, level);

  if (latency->since == 0)
    restart_window (self, 0, now);
  if (latency->skip > 0)
    {
      if (--latency->skip == 0)
        latency->since = now;
      return FALSE;
    }
  latency->n++;
  latency->sum += seconds;
  /* the first answers of all come before there is a queue */
  if (latency->best == 0 && latency->n == FIRST_ANSWERS)
    latency->best = latency->sum / latency->n;
  if (latency->n < window || now <= latency->since)
    return FALSE;

  double mean = latency->sum / latency->n;
  double rate = latency->n / ((double) (now - latency->since) / G_USEC_PER_SEC);
  restart_window (self, 0, now);
  return judge_window (self, mean, rate, level, now);
}

static void
grow (MerLimiter *self)
{
  Latency *latency = &self->latency;
  guint limit = (guint) self->limit;

  self->answers++;
  if (latency->knee > 0 && limit >= latency->knee)
    {
      if (self->answers < WINDOW_ROUNDS * limit)
        return;
      self->answers = 0;
      latency->knee++;
    }
  /* unknown ground, and ground that was good before, is taken by doubling */
  if (self->bad == 0 || limit < MIN (self->good, self->bad - 1))
    self->limit += 1;
  else if (limit + 1 < self->bad)
    self->limit += 1 / self->limit;
  else if (limit < self->bad && self->answers >= self->wait)
    {
      self->answers = 0;
      self->proofs = 0;
      self->wait = MIN (2 * self->wait, MAX_WAIT);
      self->limit = self->bad;
    }
  self->limit = MIN (self->limit, self->max);
}

/**
 * mer_limiter_served:
 * @self: a limiter
 * @level: how many calls were under way when this one was sent, itself among them, those
 *   not that were turned away while it was
 * @seconds: how long the server took
 * @busy: whether others wait for this one's place
 * @now: monotonic time, microseconds
 *
 * A call was answered.
 */
void
mer_limiter_served (MerLimiter *self, guint level, double seconds, gboolean busy,
                    gint64 now)
{
  self->served_at = now;
  if (level >= self->doubtful)
    self->doubts = 0;
  if (self->bad == 0 || level < self->bad)
    self->good = MAX (self->good, level);
  else if (++self->proofs >= self->bad)
    {
      /* one alone may have got through by luck, as another ended at that moment */
      self->good = level;
      self->bad = 0;
      self->wait = 0;
    }
  if (watch_latency (self, level, seconds, now) || !busy || self->latency.tried_from > 0)
    return;
  grow (self);
}

/* so many at once are what the server serves */
static void
lower_to (MerLimiter *self, guint served, guint level, gint64 now)
{
  guint bad = served + 1;

  if (self->bad == 0 || bad < self->bad || bad < level)
    {
      self->bad = self->bad != 0 ? MIN (self->bad, bad) : bad;
      self->wait = FIRST_WAIT_ROUNDS * self->bad;
    }
  self->good = MIN (self->good, self->bad - 1);
  self->doubts = 0;
  if (self->limit > served)
    set_limit (self, served, now);
}

/**
 * mer_limiter_turned_away:
 * @self: a limiter
 * @level: how many calls were under way when this one was sent, itself among them
 * @left: how many are under way without it
 * @sent_at: when it was sent, monotonic, microseconds
 * @now: monotonic time, microseconds
 *
 * The server said that it is asked too much.
 *
 * Returns: whether it serves others meanwhile, so that this was a call too many, and no
 *   sign that it serves nobody
 */
gboolean
mer_limiter_turned_away (MerLimiter *self, guint level, guint left, gint64 sent_at,
                         gint64 now)
{
  gboolean serves = left > 0 || self->served_at > sent_at;

  if (sent_at > self->turned_at || self->turned_at == 0)
    {
      self->turned_at = now;
      self->turned_from = MIN (mer_limiter_get_limit (self), level);
    }
  self->proofs = 0;
  self->latency.tried_from = 0;
  if (!serves)
    {
      /* a rate, or others' calls, and no word about calls at once */
      self->bad = 0;
      self->good = 0;
      set_limit (self, MAX (1, self->turned_from * DECREASE), now);
      return FALSE;
    }
  if (level <= self->good)
    {
      self->doubtful = self->doubts > 0 ? MIN (self->doubtful, level) : level;
      if (++self->doubts < MAX_DOUBTS)
        return TRUE;
    }
  /* those that were answered meanwhile were served beside it */
  if (self->served_at > sent_at)
    left = MAX (left, (guint) (self->turned_from * DECREASE));
  lower_to (self, MAX (left, 1), level, now);
  return TRUE;
}

/**
 * mer_limiter_timed_out:
 * @self: a limiter
 * @active: how many calls are under way
 * @sent_at: when the call was sent, monotonic, microseconds
 * @now: monotonic time, microseconds
 *
 * A call had no answer in time: less at once, one time for all that were sent before.
 */
void
mer_limiter_timed_out (MerLimiter *self, guint active, gint64 sent_at, gint64 now)
{
  if (sent_at <= self->shrunk_at && self->shrunk_at != 0)
    return;
  self->shrunk_at = now;
  self->latency.tried_from = 0;
  set_limit (self, MAX (1, MIN (self->limit, active + 1) * DECREASE), now);
}
