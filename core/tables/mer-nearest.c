/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "did you mean" */
#include "tables/mer-json.h"

#include <string.h>

/* edit distance where a swap of neighbours is one step (optimal string alignment) */
static guint
edit_distance (const char *a, const char *b)
{
  enum
  {
    LIMIT = 64
  };
  const gsize n = strlen (a), m = strlen (b);
  guint row[3][LIMIT + 1];

  if (n > LIMIT || m > LIMIT)
    return G_MAXUINT;
  for (gsize j = 0; j <= m; j++)
    row[0][j] = (guint) j;
  for (gsize i = 1; i <= n; i++)
    {
      guint *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];

      now[0] = (guint) i;
      for (gsize j = 1; j <= m; j++)
        {
          const char x = g_ascii_tolower (a[i - 1]), y = g_ascii_tolower (b[j - 1]);

          now[j] = MIN (MIN (before[j], now[j - 1]) + 1, before[j - 1] + (x != y));
          if (i > 1 && j > 1 && x == g_ascii_tolower (b[j - 2])
              && y == g_ascii_tolower (a[i - 2]))
            now[j] = MIN (now[j], earlier[j - 2] + 1);
        }
    }
  return row[n % 3][m];
}

/**
 * mer_nearest_name:
 * @word: what somebody wrote
 * @candidates: (array zero-terminated=1) (nullable): what there is
 *
 * Returns: (transfer none) (nullable): the candidate at the smallest edit distance, the
 * first of several; %NULL where none is near enough to be meant
 */
const char *
mer_nearest_name (const char *word, const char *const *candidates)
{
  const char *nearest = NULL;
  guint smallest = (guint) MAX (strlen (word) / 3, 1u) + 1;

  for (guint i = 0; candidates != NULL && candidates[i] != NULL; i++)
    {
      guint distance = edit_distance (word, candidates[i]);

      if (distance < smallest && distance < strlen (candidates[i]))
        {
          smallest = distance;
          nearest = candidates[i];
        }
    }
  return nearest;
}
