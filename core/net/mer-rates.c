/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-rates.h"

#include "net/mer-bucket.h"
#include "net/mer-retry.h"

/* of the mean of what calls took, the last one's part */
#define NEWEST 0.1

typedef struct
{
  double max; /* 0: no end */
  double spent;
  double reserved; /* by calls that are under way */
} Budget;

struct _MerRates
{
  MerBucket requests;
  MerBucket tokens;
  MerBucket cost;
  MerBucket server_requests;
  MerBucket server_tokens;
  Budget budget;
  MerSpend mean; /* of calls that were answered; 0 before the first */
};

static GMutex process_lock;
static Budget process_budget;
static guint n_unsettled; /* calls of the process that are under way */

/**
 * mer_rates_new:
 *
 * Returns: (transfer full): rates without limits
 */
MerRates *
mer_rates_new (void)
{
  return g_new0 (MerRates, 1);
}

/**
 * mer_rates_free:
 * @self: (transfer full): rates
 */
void
mer_rates_free (MerRates *self)
{
  g_free (self);
}

/**
 * mer_rates_set_limits:
 * @self: rates
 * @limits: what the user allows
 * @now: monotonic time, microseconds
 */
void
mer_rates_set_limits (MerRates *self, const MerLimits *limits, gint64 now)
{
  mer_bucket_set_per_minute (&self->requests, limits->requests, now);
  mer_bucket_set_per_minute (&self->tokens, limits->tokens, now);
  mer_bucket_set_per_minute (&self->cost, limits->cost, now);
  self->budget.max = limits->max_cost;
}

/**
 * mer_rates_get_wait:
 * @self: rates
 * @now: monotonic time, microseconds
 *
 * Returns: seconds until another call may be made, 0 where it may
 */
double
mer_rates_get_wait (MerRates *self, gint64 now)
{
  MerBucket *const all[] = { &self->requests, &self->tokens, &self->cost,
                             &self->server_requests, &self->server_tokens };
  double longest = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    longest = MAX (longest, mer_bucket_get_wait (all[i], now));
  return longest;
}

static double
estimate_of (double estimate, double mean)
{
  return mean > 0 ? mean : estimate;
}

static gboolean
has_room (const Budget *budget, double cost)
{
  double after = budget->spent + budget->reserved + cost;

  return budget->max <= 0 || (after <= budget->max && budget->spent < budget->max);
}

/**
 * mer_rates_may_spend:
 * @self: rates
 * @estimate: what the call is expected to take
 * @limit: (out): the budget it does not fit into, USD
 *
 * Returns: whether what was spent, what the calls under way will take and this one fit into
 *   the budgets
 */
gboolean
mer_rates_may_spend (MerRates *self, const MerSpend *estimate, double *limit)
{
  double cost = estimate_of (estimate->cost, self->mean.cost);
  gboolean fits = has_room (&self->budget, cost);

  *limit = self->budget.max;
  if (!fits)
    return FALSE;
  g_mutex_lock (&process_lock);
  fits = has_room (&process_budget, cost);
  *limit = process_budget.max;
  g_mutex_unlock (&process_lock);
  return fits;
}

/**
 * mer_rates_is_settled:
 *
 * From any thread.
 *
 * Returns: whether the process has no call under way
 */
gboolean
mer_rates_is_settled (void)
{
  g_mutex_lock (&process_lock);
  gboolean settled = n_unsettled == 0;
  g_mutex_unlock (&process_lock);
  return settled;
}

/**
 * mer_rates_get_spent:
 * @self: rates
 *
 * Returns: what calls cost so far, USD
 */
double
mer_rates_get_spent (MerRates *self)
{
  return self->budget.spent;
}

static void
reserve (MerRates *self, double cost, int calls)
{
  self->budget.reserved += cost;
  g_mutex_lock (&process_lock);
  process_budget.reserved += cost;
  n_unsettled += (guint) calls;
  if (n_unsettled == 0)
    process_budget.reserved = 0;
  g_mutex_unlock (&process_lock);
}

static void
spend (MerRates *self, double cost)
{
  self->budget.spent += cost;
  g_mutex_lock (&process_lock);
  process_budget.spent += cost;
  g_mutex_unlock (&process_lock);
}

/**
 * mer_rates_start:
 * @self: rates
 * @estimate: what the call is expected to take
 * @now: monotonic time, microseconds
 *
 * A call is made.
 *
 * Returns: what was taken for it, for mer_rates_finish()
 */
MerSpend
mer_rates_start (MerRates *self, const MerSpend *estimate, gint64 now)
{
  MerSpend taken = { estimate_of (estimate->tokens, self->mean.tokens),
                     estimate_of (estimate->cost, self->mean.cost) };

  mer_bucket_take (&self->requests, 1, now);
  mer_bucket_take (&self->server_requests, 1, now);
  mer_bucket_take (&self->tokens, taken.tokens, now);
  mer_bucket_take (&self->server_tokens, taken.tokens, now);
  mer_bucket_take (&self->cost, taken.cost, now);
  reserve (self, taken.cost, 1);
  return taken;
}

static double
average (double mean, double value)
{
  return mean > 0 ? mean * (1 - NEWEST) + value * NEWEST : value;
}

/**
 * mer_rates_finish:
 * @self: rates
 * @started: what mer_rates_start() gave
 * @spent: (nullable): what the call took, %NULL where it was not answered
 * @now: monotonic time, microseconds
 *
 * A call has ended. Who was not answered is taken to have cost nothing.
 */
void
mer_rates_finish (MerRates *self, const MerSpend *started, const MerSpend *spent,
                  gint64 now)
{
  double tokens = 0, cost = 0;

  if (spent != NULL)
    {
      tokens = spent->tokens > 0 ? spent->tokens : started->tokens;
      cost = spent->cost;
      if (spent->tokens > 0)
        self->mean.tokens = average (self->mean.tokens, spent->tokens);
      if (spent->cost > 0)
        self->mean.cost = average (self->mean.cost, spent->cost);
    }
  mer_bucket_take (&self->tokens, tokens - started->tokens, now);
  mer_bucket_take (&self->cost, cost - started->cost, now);
  reserve (self, -started->cost, -1);
  spend (self, cost);
}

typedef struct
{
  const char *limit;
  const char *remaining;
  const char *reset;
  gboolean is_tokens;
} Names;

static const Names names[] = {
  { "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests", FALSE },
  { "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens",
    TRUE },
  { "anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining",
    "anthropic-ratelimit-requests-reset", FALSE },
  { "anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining",
    "anthropic-ratelimit-tokens-reset", TRUE },
  { "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", FALSE },
};

static gboolean
read_number (MerReply *reply, const char *name, double *number)
{
  const char *text = mer_reply_get_header (reply, name);
  char *end = NULL;

  if (text == NULL)
    return FALSE;
  *number = g_ascii_strtod (text, &end);
  return end != text && *number >= 0 && *number < 1e15;
}

/* The reset is when all is there again, so what is missing over it is what flows in. Where
 * the whole is not told, the reset itself is the wait: returned. */
static double
hear_one (MerRates *self, MerReply *reply, const Names *which, GDateTime *date, gint64 now)
{
  MerBucket *bucket = which->is_tokens ? &self->server_tokens : &self->server_requests;
  double need = which->is_tokens ? MAX (1, self->mean.tokens) : 1;
  double limit = 0, remaining = 0;
  double reset = mer_retry_parse_reset (reply, which->reset, date);

  if (!read_number (reply, which->remaining, &remaining))
    return 0;
  if (!read_number (reply, which->limit, &limit) || limit <= 0)
    return remaining < need && reset > 0 && reset <= MER_RETRY_MAX_HINT ? reset : 0;
  if (remaining >= limit || reset <= 0)
    {
      mer_bucket_set_state (bucket, 0, 0, 0, now);
      return 0;
    }
  /* more than nothing is left as soon as a whole call fits. Where that takes too long, as
   * with a limit a day, the server's own refusal says more than a run that stands still */
  need = MIN (need, limit) * 0.999;
  double rate = (limit - remaining) / reset;
  if (need - remaining > rate * MER_RETRY_MAX_HINT)
    mer_bucket_set_state (bucket, 0, 0, 0, now);
  else
    mer_bucket_set_state (bucket, remaining - need, limit - need, rate, now);
  return 0;
}

/**
 * mer_rates_hear:
 * @self: rates
 * @reply: any reply of the server
 * @date: the time, for dates in headers
 * @now: monotonic time, microseconds
 *
 * Takes what the reply's headers say about what may still be asked: `x-ratelimit-…` as
 * OpenAI, Azure and OpenRouter send it, `anthropic-ratelimit-…`.
 *
 * Returns: seconds that nobody should ask, 0 where the server says no such thing
 */
double
mer_rates_hear (MerRates *self, MerReply *reply, GDateTime *date, gint64 now)
{
  double longest = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    longest = MAX (longest, hear_one (self, reply, &names[i], date, now));
  return longest;
}

/**
 * mer_rates_set_process_budget:
 * @max_cost: USD that all calls of the process may cost together from now on; 0 for no
 *   limit
 */
void
mer_rates_set_process_budget (double max_cost)
{
  g_mutex_lock (&process_lock);
  process_budget.max = max_cost;
  process_budget.spent = 0;
  g_mutex_unlock (&process_lock);
}

/**
 * mer_rates_has_process_budget:
 *
 * From any thread.
 *
 * Returns: whether what all calls of the process may cost is limited
 */
gboolean
mer_rates_has_process_budget (void)
{
  g_mutex_lock (&process_lock);
  gboolean has = process_budget.max > 0;
  g_mutex_unlock (&process_lock);
  return has;
}
