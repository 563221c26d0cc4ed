/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-labels.h"

G_BEGIN_DECLS

#define MER_PROTOTYPE_MAX_CUES 8
#define MER_PROTOTYPE_MAX_CHOSEN 3

/**
 * MerPrototype:
 * @word: the label
 * @hedge: how a sentence names it after "may be"
 * @place: where it lies in the space of cues, in standard deviations from what is usual
 *
 * An emotion as a point: what the literature says of it, cue by cue.
 */
typedef struct
{
  const char *word;
  const char *hedge;
  double place[MER_PROTOTYPE_MAX_CUES];
} MerPrototype;

/**
 * MerPrototypeChoice:
 * @n: how many were chosen, at least one
 * @index: which, nearest first
 * @weight: in 0…1
 */
typedef struct
{
  guint n;
  guint index[MER_PROTOTYPE_MAX_CHOSEN];
  double weight[MER_PROTOTYPE_MAX_CHOSEN];
} MerPrototypeChoice;

void mer_prototype_choose (const MerPrototype *prototypes, guint n_prototypes,
                           const double *cues, guint n_cues, double trust,
                           MerPrototypeChoice *choice);
MerLabels *mer_prototype_choice_get_labels (const MerPrototypeChoice *choice,
                                            const MerPrototype *prototypes);
char *mer_prototype_choice_describe (const MerPrototypeChoice *choice,
                                     const MerPrototype *prototypes);

G_END_DECLS
