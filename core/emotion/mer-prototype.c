/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-prototype.h"

#include <math.h>
#include <string.h>

#define LEAST_WEIGHT 0.12
#define MAX_PROTOTYPES 32

/* how much of the belief each prototype gets; they sum to 1 */
static void
share_belief (const MerPrototype *prototypes, guint n_prototypes, const double *cues,
              guint n_cues, double *belief)
{
  double sum = 0;

  for (guint p = 0; p < n_prototypes; p++)
    {
      double distance = 0;

      for (guint i = 0; i < n_cues; i++)
        distance += pow (cues[i] - prototypes[p].place[i], 2);
      belief[p] = exp (-distance / 2);
      sum += belief[p];
    }
  for (guint p = 0; p < n_prototypes; p++)
    belief[p] /= sum;
}

/**
 * mer_prototype_choose:
 * @prototypes: (array length=n_prototypes): emotions as points
 * @n_prototypes: at most 32
 * @cues: (array length=n_cues): what was measured, in standard deviations from the usual
 * @n_cues: at most %MER_PROTOTYPE_MAX_CUES
 * @trust: what all weights may sum to, 0…1: how far such cues can be believed
 * @choice: (out caller-allocates): the nearest
 *
 * Chooses the emotions near what was measured. The belief in each falls as
 * exp(-d²/2) with its distance, as for normal distributions of equal width; those below a
 * weight of 0.12 are left out, but for the nearest.
 */
void
mer_prototype_choose (const MerPrototype *prototypes, guint n_prototypes,
                      const double *cues, guint n_cues, double trust,
                      MerPrototypeChoice *choice)
{
  double left[MAX_PROTOTYPES];

  memset (choice, 0, sizeof *choice);
  g_return_if_fail (n_prototypes > 0 && n_prototypes <= MAX_PROTOTYPES);
  g_return_if_fail (n_cues <= MER_PROTOTYPE_MAX_CUES);
  share_belief (prototypes, n_prototypes, cues, n_cues, left);
  while (choice->n < MIN (MER_PROTOTYPE_MAX_CHOSEN, n_prototypes))
    {
      guint best = 0;

      for (guint p = 1; p < n_prototypes; p++)
        if (left[p] > left[best])
          best = p;
      if (choice->n > 0 && left[best] * trust < LEAST_WEIGHT)
        break;
      choice->index[choice->n] = best;
      choice->weight[choice->n++] = left[best] * trust;
      left[best] = -1;
    }
}

/**
 * mer_prototype_choice_get_labels:
 * @choice: a choice
 * @prototypes: what it was made from
 *
 * Returns: (transfer full): the words with their weights
 */
MerLabels *
mer_prototype_choice_get_labels (const MerPrototypeChoice *choice,
                                 const MerPrototype *prototypes)
{
  MerLabels *labels = mer_labels_new ();

  for (guint i = 0; i < choice->n; i++)
    mer_labels_add_weighted (labels, prototypes[choice->index[i]].word, choice->weight[i]);
  return labels;
}

/**
 * mer_prototype_choice_describe:
 * @choice: a choice
 * @prototypes: what it was made from
 *
 * Returns: (transfer full): for a sentence: `may be A, less likely B or C`
 */
char *
mer_prototype_choice_describe (const MerPrototypeChoice *choice,
                               const MerPrototype *prototypes)
{
  GString *text = g_string_new ("may be ");

  for (guint i = 0; i < choice->n; i++)
    {
      if (i > 0)
        g_string_append (text, i == 1 ? ", less likely " : " or ");
      g_string_append (text, prototypes[choice->index[i]].hedge);
    }
  return g_string_free (text, FALSE);
}
