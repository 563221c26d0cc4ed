/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-metrics.h"

G_BEGIN_DECLS

GPtrArray *mer_floors_new (MerMapping *mapping, MerLabels *const *truths, guint n,
                           guint64 seed);

G_END_DECLS
