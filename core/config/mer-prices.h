/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sample/mer-outcome.h"
#include "sample/mer-usage.h"
#include "tables/mer-json.h"

G_BEGIN_DECLS

/**
 * MerPrices:
 *
 * What a model's server charges, in US dollars: the object `prices` of a models file
 * (docs/costs.md). Immutable but for the setter; reading is safe from any thread.
 *
 * Since: 0.1
 */
typedef struct _MerPrices MerPrices;

/* what a call costs in bulk where an entry says nothing: the half, at all who offer it */
#define MER_PRICES_BATCH_FACTOR 0.5

MerPrices *mer_prices_new (void);
MerPrices *mer_prices_new_from_json (MerJson *json, const char *pointer, GError **error);
MerPrices *mer_prices_parse (const char *text, GError **error);
void mer_prices_free (MerPrices *self);
void mer_prices_set (MerPrices *self, const char *name, double usd);
gboolean mer_prices_is_known (const MerPrices *self);
double mer_prices_get_cost (const MerPrices *self, const MerUsage *usage, MerModality shown,
                            gboolean in_bulk);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerPrices, mer_prices_free)

G_END_DECLS
