/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-statistic.h"

#include <stdlib.h>

static int
compare (const void *a, const void *b)
{
  double left = *(const double *) a, right = *(const double *) b;

  return (left > right) - (left < right);
}

void
mer_statistic_sort (double *values, guint n)
{
  qsort (values, n, sizeof *values, compare);
}

double
mer_statistic_quantile (const double *sorted, guint n, double share)
{
  double at = share * (n - 1);
  guint below = (guint) at;

  if (n == 0)
    return 0;
  if (below + 1 >= n)
    return sorted[n - 1];
  return sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]);
}
