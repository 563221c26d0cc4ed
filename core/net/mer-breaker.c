/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The circuit breaker of Nygard, “Release It!” (2007), for one server and all who ask it.
 * Closed, everybody asks. Where nobody listens it is half open: one call at a time tries,
 * ever more seldom, the others wait in the queue and spend nothing. Open, no call is made
 * any more, and all end with one reason: an open breaker ends the run, which keeps what is
 * done and goes on from there when the server is back.
 */
#include "net/mer-breaker.h"

#include <math.h>

#include "mer-error.h"

#define MAX_TRIALS 6
#define LONGEST_PAUSE 8.0
/* where the user has it waited for, it is found soon after it is there */
#define LONGEST_PAUSE_READY 2.0

struct _MerBreaker
{
  GError *error; /* open */
  gboolean has_answered;
  gboolean is_careful;
  guint trials;    /* in vain, one after the other */
  gint64 first_at; /* of them */
  gint64 last_at;
  guint same;
  guint same_status;
  GQuark same_domain;
  int same_code;
};

/**
 * mer_breaker_new:
 *
 * Returns: (transfer full): a closed breaker
 */
MerBreaker *
mer_breaker_new (void)
{
  return g_new0 (MerBreaker, 1);
}

/**
 * mer_breaker_free:
 * @self: (transfer full): a breaker
 */
void
mer_breaker_free (MerBreaker *self)
{
  g_clear_error (&self->error);
  g_free (self);
}

/**
 * mer_breaker_reset:
 * @self: a breaker
 *
 * Closes it: somebody begins anew.
 */
void
mer_breaker_reset (MerBreaker *self)
{
  g_clear_error (&self->error);
  *self = (MerBreaker){ .has_answered = FALSE };
}

/**
 * mer_breaker_is_careful:
 * @self: a breaker
 *
 * Returns: whether only one call at a time should be made, to see if the server is back
 */
gboolean
mer_breaker_is_careful (MerBreaker *self)
{
  return self->is_careful;
}

/**
 * mer_breaker_has_answered:
 * @self: a breaker
 *
 * Returns: whether the server has ever said anything
 */
gboolean
mer_breaker_has_answered (MerBreaker *self)
{
  return self->has_answered;
}

/**
 * mer_breaker_get_error:
 * @self: a breaker
 *
 * Returns: (transfer none) (nullable): why no call is to be made any more
 */
const GError *
mer_breaker_get_error (MerBreaker *self)
{
  return self->error;
}

/**
 * mer_breaker_reached:
 * @self: a breaker
 *
 * Somebody listens there again. Not yet an answer, for which a model may take its time.
 */
void
mer_breaker_reached (MerBreaker *self)
{
  self->is_careful = FALSE;
}

/**
 * mer_breaker_heard:
 * @self: a breaker
 *
 * The server is there, whatever it says.
 */
void
mer_breaker_heard (MerBreaker *self)
{
  self->has_answered = TRUE;
  self->is_careful = FALSE;
  self->trials = 0;
}

static void
break_off (MerBreaker *self, const GError *error, const char *what)
{
  if (self->error == NULL)
    self->error
        = g_error_new (MER_ERROR, MER_ERROR_API,
                       "%s; the run ends, what is done is kept and the same command "
                       "goes on from there. The last: %s",
                       what, error->message);
}

/**
 * mer_breaker_unreachable:
 * @self: a breaker
 * @patience: seconds that a server is waited for that was never there; 0 for as long as
 *   one that is gone
 * @random: in 0…1
 * @error: why it could not be reached
 * @sent_at: when that call was made, monotonic, microseconds
 * @now: monotonic time, microseconds
 *
 * Nobody listens there. Calls that were under way together count once.
 *
 * Returns: seconds until one call may try again
 */
double
mer_breaker_unreachable (MerBreaker *self, double patience, double random,
                         const GError *error, gint64 sent_at, gint64 now)
{
  gboolean waits = patience > 0 && !self->has_answered;
  double longest = waits ? LONGEST_PAUSE_READY : LONGEST_PAUSE;

  if (self->trials == 0)
    self->first_at = now;
  self->is_careful = TRUE;
  if (self->trials == 0 || sent_at > self->last_at)
    {
      self->trials++;
      self->last_at = now;
    }

  double seconds = (double) (now - self->first_at) / G_USEC_PER_SEC;
  if (waits ? seconds > patience : self->trials >= MAX_TRIALS)
    {
      g_autofree char *what
          = g_strdup_printf ("the server cannot be reached: %u attempts in %.0f s failed",
                             self->trials, seconds);

      break_off (self, error, what);
    }
  return mer_retry_get_time_scale () * (0.5 + random / 2)
         * MIN (longest, ldexp (0.5, (int) MIN (self->trials, 16u)));
}

/**
 * mer_breaker_answered:
 * @self: a breaker
 *
 * A call ended well.
 */
void
mer_breaker_answered (MerBreaker *self)
{
  self->same = 0;
}

/**
 * mer_breaker_failed:
 * @self: a breaker
 * @max_same: how many calls in a row may fail in the same way; 0 for any number
 * @status: the HTTP status of its last attempt, 0 where none came
 * @error: why it failed
 *
 * A call ended with all its attempts in vain, through the server's fault.
 */
void
mer_breaker_failed (MerBreaker *self, guint max_same, guint status, const GError *error)
{
  gboolean same
      = self->same > 0 && status == self->same_status
        && (status != 0
            || (error->domain == self->same_domain && error->code == self->same_code));

  self->same = same ? self->same + 1 : 1;
  self->same_status = status;
  self->same_domain = error->domain;
  self->same_code = error->code;
  if (max_same == 0 || self->same < max_same)
    return;

  g_autofree char *what = g_strdup_printf (
      "%u calls in a row failed in the same way, each in all its attempts", self->same);
  break_off (self, error, what);
}
