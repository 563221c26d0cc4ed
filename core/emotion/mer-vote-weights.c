/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-vote.h"

#include <math.h>
#include <string.h>

static gboolean
parse_weight (const char *text, double *weight)
{
  char *end = NULL;

  *weight = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && isfinite (*weight) && *weight >= 0
         && *weight <= MER_VOTE_MAX_WEIGHT;
}

/* `NAME=WEIGHT`; the name may hold `=` */
static gboolean
add_entry (GHashTable *weights, char *entry, GError **error)
{
  char *equals = strrchr (entry, '=');
  g_autofree double *weight = g_new (double, 1);

  if (equals == NULL || !parse_weight (g_strstrip (equals + 1), weight))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "weights: “%s” is not NAME=WEIGHT with a weight from 0 to %g", entry,
                   MER_VOTE_MAX_WEIGHT);
      return FALSE;
    }
  *equals = '\0';
  g_strstrip (entry);
  if (*entry == '\0' || g_hash_table_contains (weights, entry))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "weights: the name “%s” is empty or stands twice", entry);
      return FALSE;
    }
  g_hash_table_insert (weights, g_strdup (entry), g_steal_pointer (&weight));
  return TRUE;
}

/**
 * mer_vote_weights_parse:
 * @text: (nullable): such as `audio=1,video=2.5`: names of stages or files, and their votes
 * @error: return location for an error that names the entry
 *
 * Returns: (transfer full) (nullable) (element-type utf8 double): weights by name
 */
GHashTable *
mer_vote_weights_parse (const char *text, GError **error)
{
  g_autoptr (GHashTable) weights
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) entries = g_strsplit (text != NULL ? text : "", ",", -1);

  for (guint i = 0; entries[i] != NULL; i++)
    if (*g_strstrip (entries[i]) != '\0' && !add_entry (weights, entries[i], error))
      return NULL;
  return g_steal_pointer (&weights);
}

/**
 * mer_vote_weights_get:
 * @weights: what [func@vote_weights_parse] gave
 * @name: a stage or file
 *
 * Returns: its weight, 1 where none is given
 */
double
mer_vote_weights_get (GHashTable *weights, const char *name)
{
  const double *weight = g_hash_table_lookup (weights, name);

  return weight != NULL ? *weight : 1.;
}
