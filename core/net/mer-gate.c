/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-gate.h"

#include <gst/gst.h>

#include "mer-error.h"
#include "net/mer-breaker.h"
#include "net/mer-limiter.h"

/* requests that are setting up a connection or sending their body. A listener's backlog may
 * be as short as ten, and a connection that it drops costs a second; bodies that share the
 * way arrive late, one alone leaves it idle between its steps */
#define MAX_SENDING 4
#define MAX_ACTIVE 256
/* of all bodies that are under way in the process */
#define MAX_BYTES ((gsize) 512 * 1024 * 1024)
/* calls to other servers that are under way are waited for before a budget ends a run */
#define BUDGET_TICK 0.25

GST_DEBUG_CATEGORY_STATIC (gate_debug);
#define GST_CAT_DEFAULT gate_debug

struct _MerGate
{
  char *name;
  GQueue waiting;
  GQueue active;
  guint sending;
  MerLimiter *limiter;
  MerRates *rates;
  MerBreaker *breaker;
  GError *spent; /* the budget is */
  gint64 not_before;
  gint64 loading_since;
  GSource *timer;
  gint64 timer_at;

  guint64 n_sent;
  guint64 n_served;
  guint64 n_turned_away;
  gint64 first_at;
  gint64 last_at;

  GMutex lock; /* of what elements set */
  MerLimits limits;
  gboolean tightened;
  gboolean opened;
};

static GMutex gates_lock;
static GPtrArray *gates;
static gsize bytes_under_way;
static gboolean bytes_awaited; /* a call waits for others' bytes, maybe of another server */

static void pump (MerGate *self);

/* @name: the server's address, for logs. Lives as long as the process. From any thread */
MerGate *
mer_gate_new (const char *name)
{
  MerGate *self = g_new0 (MerGate, 1);

  GST_DEBUG_CATEGORY_INIT (gate_debug, "mer-endpoint", 0, "calls to servers");
  self->name = g_strdup (name);
  self->limiter = mer_limiter_new (MAX_ACTIVE);
  self->rates = mer_rates_new ();
  self->breaker = mer_breaker_new ();
  g_queue_init (&self->waiting);
  g_queue_init (&self->active);
  g_mutex_init (&self->lock);
  g_mutex_lock (&gates_lock);
  if (gates == NULL)
    gates = g_ptr_array_new ();
  g_ptr_array_add (gates, self);
  g_mutex_unlock (&gates_lock);
  return self;
}

static double
smallest (double before, double now)
{
  if (before <= 0)
    return MAX (now, 0);
  return now > 0 ? MIN (before, now) : before;
}

/* from any thread; where stages disagree the smallest stands */
void
mer_gate_tighten (MerGate *self, const MerLimits *limits)
{
  g_mutex_lock (&self->lock);
  self->limits.calls = (guint) smallest (self->limits.calls, limits->calls);
  self->limits.requests = smallest (self->limits.requests, limits->requests);
  self->limits.tokens = smallest (self->limits.tokens, limits->tokens);
  self->limits.cost = smallest (self->limits.cost, limits->cost);
  self->limits.max_cost = smallest (self->limits.max_cost, limits->max_cost);
  self->tightened = TRUE;
  g_mutex_unlock (&self->lock);
}

/* from any thread: somebody begins anew, so a server that was gone may be back */
void
mer_gate_open (MerGate *self)
{
  g_mutex_lock (&self->lock);
  self->opened = TRUE;
  g_mutex_unlock (&self->lock);
}

static void
take_settings (MerGate *self, gint64 now)
{
  g_mutex_lock (&self->lock);
  if (self->tightened)
    {
      guint calls = self->limits.calls;

      mer_limiter_set_max (self->limiter, calls > 0 ? MIN (calls, MAX_ACTIVE) : MAX_ACTIVE);
      mer_rates_set_limits (self->rates, &self->limits, now);
    }
  if (self->opened && self->active.length == 0)
    {
      mer_breaker_reset (self->breaker);
      g_clear_error (&self->spent);
      self->not_before = 0;
      self->opened = FALSE;
    }
  self->tightened = FALSE;
  g_mutex_unlock (&self->lock);
}

guint
mer_gate_get_n_active (MerGate *self)
{
  return self->active.length;
}

/* calls that it answered as it should */
guint64
mer_gate_get_n_served (MerGate *self)
{
  return self->n_served;
}

/* whether so many at once as there were with this one were served before */
gboolean
mer_gate_is_good (MerGate *self, const MerTicket *ticket)
{
  return ticket->level <= mer_limiter_get_good (self->limiter);
}

/* why no call is made any more; NULL while they are */
const GError *
mer_gate_get_error (MerGate *self)
{
  return self->spent != NULL ? self->spent : mer_breaker_get_error (self->breaker);
}

static gboolean
on_timer (gpointer data)
{
  MerGate *self = data;

  g_clear_pointer (&self->timer, g_source_unref);
  pump (self);
  return G_SOURCE_REMOVE;
}

static void
wake_at (MerGate *self, gint64 when, gint64 now)
{
  if (self->timer != NULL && self->timer_at <= when)
    return;
  if (self->timer != NULL)
    {
      g_source_destroy (self->timer);
      g_source_unref (self->timer);
    }
  self->timer_at = when;
  self->timer = g_timeout_source_new ((guint) MAX (1, (when - now) / 1000 + 1));
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

static gint64
in_seconds (gint64 now, double seconds)
{
  return now + (gint64) (seconds * G_USEC_PER_SEC);
}

/* what is spent, under way and next goes over the budget: once nothing is under way any
 * more, the run ends */
static void
end_spent (MerGate *self, double limit, gint64 now)
{
  if (self->active.length > 0)
    return;
  if (!mer_rates_is_settled ())
    {
      wake_at (self, in_seconds (now, BUDGET_TICK), now);
      return;
    }
  self->spent
      = g_error_new (MER_ERROR, MER_ERROR_API,
                     "max-cost: the next call to %s would go beyond the %g USD that "
                     "the run may cost (%.4g are spent there); the run ends, what "
                     "is done is kept, and with a higher max-cost the same command "
                     "goes on from there",
                     self->name, limit, mer_rates_get_spent (self->rates));
}

/* whether the first in the queue may go; sees to it that it is asked again */
static gboolean
may_start (MerGate *self, MerTicket *ticket, gint64 now)
{
  double limit = 0, wait = 0;

  if (now < self->not_before)
    {
      wake_at (self, self->not_before, now);
      return FALSE;
    }
  if (self->active.length >= mer_limiter_get_limit (self->limiter)
      || self->sending >= MAX_SENDING
      || (mer_breaker_is_careful (self->breaker) && self->active.length > 0))
    return FALSE;
  wait = mer_rates_get_wait (self->rates, now);
  if (wait > 0)
    {
      wake_at (self, in_seconds (now, wait), now);
      return FALSE;
    }
  if (!mer_rates_may_spend (self->rates, &ticket->estimate, &limit))
    {
      end_spent (self, limit, now);
      return FALSE;
    }
  if (bytes_under_way == 0 || bytes_under_way + ticket->bytes <= MAX_BYTES)
    return TRUE;
  bytes_awaited = TRUE;
  return FALSE;
}

static void
grant (MerGate *self, MerTicket *ticket, gint64 now)
{
  ticket->link.data = ticket;
  g_queue_push_tail_link (&self->active, &ticket->link);
  self->sending++;
  self->n_sent++;
  self->first_at = self->first_at == 0 ? now : self->first_at;
  bytes_under_way += ticket->bytes;
  ticket->granted = TRUE;
  ticket->sending = TRUE;
  ticket->level = self->active.length;
  ticket->serial = self->n_sent;
  ticket->sent_at = now;
  ticket->taken = mer_rates_start (self->rates, &ticket->estimate, now);
  ticket->unsettled = TRUE;
  ticket->on_granted (ticket->data);
}

static void
pump (MerGate *self)
{
  take_settings (self, g_get_monotonic_time ());
  while (!g_queue_is_empty (&self->waiting))
    {
      MerTicket *ticket = g_queue_peek_head (&self->waiting);
      gint64 now = g_get_monotonic_time ();

      if (mer_gate_get_error (self) == NULL && !may_start (self, ticket, now)
          && mer_gate_get_error (self) == NULL)
        return;
      g_queue_pop_head (&self->waiting);
      if (mer_gate_get_error (self) != NULL)
        ticket->on_granted (ticket->data);
      else
        grant (self, ticket, now);
    }
}

static void
pump_all (void)
{
  g_autoptr (GPtrArray) all = NULL;

  bytes_awaited = FALSE;
  g_mutex_lock (&gates_lock);
  all = g_ptr_array_copy (gates, NULL, NULL);
  g_mutex_unlock (&gates_lock);
  for (guint i = 0; i < all->len; i++)
    pump (g_ptr_array_index (all, i));
}

/* @first: before those that have not been sent yet */
void
mer_gate_queue (MerGate *self, MerTicket *ticket, gboolean first)
{
  ticket->granted = FALSE;
  if (first)
    g_queue_push_head (&self->waiting, ticket);
  else
    g_queue_push_tail (&self->waiting, ticket);
  pump (self);
}

/* the body is out, or will not go; @reached: somebody listened */
void
mer_gate_sent (MerGate *self, MerTicket *ticket, gboolean reached)
{
  if (!ticket->sending)
    return;
  if (reached)
    mer_breaker_reached (self->breaker);
  ticket->sending = FALSE;
  self->sending--;
  pump (self);
}

/* gives the place up, granted or not */
void
mer_gate_release (MerGate *self, MerTicket *ticket)
{
  if (!ticket->granted)
    {
      g_queue_remove (&self->waiting, ticket);
      return;
    }
  if (ticket->sending)
    self->sending--;
  ticket->sending = FALSE;
  ticket->granted = FALSE;
  g_queue_unlink (&self->active, &ticket->link);
  self->last_at = g_get_monotonic_time ();
  bytes_under_way -= ticket->bytes;
}

/* others may go, now that all is known about one */
static void
go_on (MerGate *self)
{
  if (bytes_awaited)
    pump_all ();
  else
    pump (self);
}

/* @spent: NULL where the call was not answered */
void
mer_gate_settle (MerGate *self, MerTicket *ticket, const MerSpend *spent)
{
  if (ticket->unsettled)
    mer_rates_finish (self->rates, &ticket->taken, spent, g_get_monotonic_time ());
  ticket->unsettled = FALSE;
  go_on (self);
}

static void
log_limit (MerGate *self, guint before, const char *why)
{
  guint limit = mer_limiter_get_limit (self->limiter);

  if (limit != before)
    GST_DEBUG ("%s: %s: %u calls at once, before %u; served %u, too many %u", self->name,
               why, limit, before, mer_limiter_get_good (self->limiter),
               mer_limiter_get_bad (self->limiter));
}

void
mer_gate_served (MerGate *self, MerTicket *ticket, double seconds, const MerSpend *spent)
{
  guint before = mer_limiter_get_limit (self->limiter);

  self->n_served++;
  mer_breaker_answered (self->breaker);
  mer_limiter_served (self->limiter, ticket->level, seconds,
                      !g_queue_is_empty (&self->waiting), g_get_monotonic_time ());
  log_limit (self, before, "served");
  mer_gate_settle (self, ticket, spent);
}

/* those that were sent after it were fewer at the server than they seemed */
static void
discount (MerGate *self, const MerTicket *ticket)
{
  for (GList *at = self->active.tail; at != NULL; at = at->prev)
    {
      MerTicket *other = at->data;

      if (other->serial < ticket->serial)
        return;
      other->level -= other->level > 1;
    }
}

/* whether it serves others meanwhile */
gboolean
mer_gate_turned_away (MerGate *self, MerTicket *ticket)
{
  guint before = mer_limiter_get_limit (self->limiter);
  gboolean serves
      = mer_limiter_turned_away (self->limiter, ticket->level, self->active.length,
                                 ticket->sent_at, g_get_monotonic_time ());

  discount (self, ticket);
  self->n_turned_away++;
  log_limit (self, before, serves ? "turned away one" : "turned away all");
  return serves;
}

void
mer_gate_timed_out (MerGate *self, MerTicket *ticket)
{
  guint before = mer_limiter_get_limit (self->limiter);

  mer_limiter_timed_out (self->limiter, self->active.length, ticket->sent_at,
                         g_get_monotonic_time ());
  log_limit (self, before, "too slow");
}

/* @patience: as of mer_breaker_unreachable () */
void
mer_gate_unreachable (MerGate *self, MerTicket *ticket, double patience,
                      const GError *error)
{
  double pause = mer_breaker_unreachable (self->breaker, patience, g_random_double (),
                                          error, ticket->sent_at, g_get_monotonic_time ());

  GST_DEBUG ("%s: unreachable, next try in %.1f s: %s", self->name, pause, error->message);
  mer_gate_cool_down (self, pause);
}

/* any reply at all; @ready: not one that says that the model is being loaded */
void
mer_gate_heard (MerGate *self, MerReply *reply, gboolean ready)
{
  g_autoptr (GDateTime) date = g_date_time_new_now_utc ();
  double pause = mer_rates_hear (self->rates, reply, date, g_get_monotonic_time ());

  mer_breaker_heard (self->breaker);
  if (ready)
    self->loading_since = 0;
  if (pause > 0)
    mer_gate_cool_down (self, pause);
}

/* all attempts of a call were in vain, through the server's fault */
void
mer_gate_failed (MerGate *self, guint max_same, guint status, const GError *error)
{
  mer_breaker_failed (self->breaker, max_same, status, error);
}

/* nobody asks the server before that */
void
mer_gate_cool_down (MerGate *self, double seconds)
{
  gint64 until = in_seconds (g_get_monotonic_time (), seconds);

  self->not_before = MAX (self->not_before, until);
}

double
mer_gate_loading (MerGate *self)
{
  gint64 now = g_get_monotonic_time ();

  if (self->loading_since == 0)
    self->loading_since = now;
  return (double) (now - self->loading_since) / G_USEC_PER_SEC;
}

/* (transfer full) (nullable): what happened here so far; NULL where nothing did. From any
 * thread, when nothing is under way */
JsonNode *
mer_gate_summarise (MerGate *self)
{
  JsonObject *object = NULL;
  double seconds = (double) (self->last_at - self->first_at) / G_USEC_PER_SEC;

  if (self->n_sent == 0)
    return NULL;
  object = json_object_new ();
  json_object_set_string_member (object, "address", self->name);
  json_object_set_int_member (object, "sent", (gint64) self->n_sent);
  json_object_set_int_member (object, "served", (gint64) self->n_served);
  json_object_set_int_member (object, "turned-away", (gint64) self->n_turned_away);
  json_object_set_double_member (object, "seconds", MAX (seconds, 0));
  json_object_set_double_member (object, "cost", mer_rates_get_spent (self->rates));
  json_object_set_int_member (object, "served-at-once",
                              mer_limiter_get_good (self->limiter));
  json_object_set_int_member (object, "too-many-at-once",
                              mer_limiter_get_bad (self->limiter));
  return json_node_init_object (json_node_alloc (), object);
}
