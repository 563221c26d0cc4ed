/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void mer_statistic_sort (double *values, guint n);
/* of sorted values, linear between neighbours */
double mer_statistic_quantile (const double *sorted, guint n, double share);

G_END_DECLS
