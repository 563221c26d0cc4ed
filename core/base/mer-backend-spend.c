/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what a call is expected to take, and what it took */
#include "base/mer-backend-work.h"

#include <math.h>

static double
get_price (MerBackend *self, const MerUsage *usage, MerModality shown, gboolean in_bulk)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);

  return priv->prices != NULL ? mer_prices_get_cost (priv->prices, usage, shown, in_bulk)
                              : NAN;
}

/* until a model has answered once, after which the mean of what calls took stands for the
 * next */
MerSpend
mer_backend_expect (MerBackend *self, MerBackendWork *work)
{
  MerUsage usage = mer_backend_guess_usage (self, work->asked);
  double cost
      = get_price (self, &usage, work->shown, mer_backend_get_private (self)->in_bulk);

  return (MerSpend){ (double) (usage.input + usage.output), cost > 0 ? cost : 0 };
}

/* what the server says that it charged is the truth */
static void
set_cost (MerBackend *self, MerResult *result, gboolean in_bulk)
{
  MerUsage usage = mer_result_get_usage (result);

  if (mer_result_get_cost_basis (result) != MER_COST_REPORTED && mer_usage_is_known (&usage)
      && mer_backend_get_private (self)->prices != NULL)
    mer_result_set_cost (result,
                         get_price (self, &usage, mer_result_get_shown (result), in_bulk),
                         usage.estimated ? MER_COST_ESTIMATED : MER_COST_PRICED);
}

/* of an attempt that was answered */
MerSpend
mer_backend_account (MerBackend *self, MerBackendWork *work)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);
  MerResult *result = work->result;
  MerUsage usage;

  if (priv->prices != NULL && mer_prices_is_known (priv->prices))
    mer_backend_guess_missing (self, work);
  usage = mer_result_get_usage (result);
  double tokens = (double) (mer_usage_get_read (&usage) + usage.output);

  mer_result_set_shown (result, work->shown);
  set_cost (self, result, work->call.in_bulk);

  double cost = mer_result_get_cost (result);
  return (MerSpend){ mer_usage_is_known (&usage) && tokens > 0 ? tokens : 0,
                     cost > 0 ? cost : 0 };
}

/* a budget that cannot be held must not look as if it were */
void
mer_backend_check_budget (MerBackend *self)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);
  gboolean limited = priv->limits.max_cost > 0 || priv->limits.cost > 0
                     || mer_rates_has_process_budget ();

  if (limited && (priv->prices == NULL || !mer_prices_is_known (priv->prices)))
    GST_ELEMENT_WARNING (
        self, RESOURCE, SETTINGS,
        ("%s: what calls cost is limited, but what %s charges is not known: unless it says "
         "so itself its calls count as free; set prices",
         mer_ordered_get_stage (MER_ORDERED (self)),
         priv->model != NULL ? priv->model : "the model"),
        (NULL));
}
