/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/mer-reply.h"

G_BEGIN_DECLS

/**
 * MerLimits:
 * @calls: calls at once; 0 for no limit of the user's
 * @requests: requests a minute; 0 for no limit
 * @tokens: tokens a minute, read and written; 0 for no limit
 * @cost: USD a minute; 0 for no limit
 * @max_cost: USD in all; 0 for no limit
 *
 * What the user allows a server to be asked, all stages together.
 */
typedef struct
{
  guint calls;
  double requests;
  double tokens;
  double cost;
  double max_cost;
} MerLimits;

/**
 * MerSpend:
 * @tokens: what a call takes; 0 where it is not known
 * @cost: USD; 0 where it is not known
 *
 * What a call takes: estimated before it, known after it.
 */
typedef struct
{
  double tokens;
  double cost;
} MerSpend;

/**
 * MerRates:
 *
 * Holds calls back so that the user's limits a minute and in all are kept, and what the
 * server says of its own. Pure; for one thread.
 */
typedef struct _MerRates MerRates;

MerRates *mer_rates_new (void);
void mer_rates_free (MerRates *self);
void mer_rates_set_limits (MerRates *self, const MerLimits *limits, gint64 now);
double mer_rates_get_wait (MerRates *self, gint64 now);
gboolean mer_rates_may_spend (MerRates *self, const MerSpend *estimate, double *limit);
double mer_rates_get_spent (MerRates *self);
MerSpend mer_rates_start (MerRates *self, const MerSpend *estimate, gint64 now);
void mer_rates_finish (MerRates *self, const MerSpend *started, const MerSpend *spent,
                       gint64 now);
double mer_rates_hear (MerRates *self, MerReply *reply, GDateTime *date, gint64 now);

/* of the whole process, whichever servers are asked; from any thread */
void mer_rates_set_process_budget (double max_cost);
gboolean mer_rates_has_process_budget (void);
gboolean mer_rates_is_settled (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerRates, mer_rates_free)

G_END_DECLS
