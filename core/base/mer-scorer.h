/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-transform.h"

G_BEGIN_DECLS

#define MER_TYPE_SCORER (mer_scorer_get_type ())
G_DECLARE_DERIVABLE_TYPE (MerScorer, mer_scorer, MER, SCORER, MerTransform)

/**
 * MerScorerClass:
 * @score: holds one result against the sample's truth, which may be missing. @judged is
 * %NULL where the stage left no result. A result that is not accepted is an empty
 * prediction. Returns figures for this sample (transfer full), %NULL where there is nothing
 * to hold against
 * @summarise: at EOS: figures of all samples (transfer full), or %NULL with an error;
 * posted on the bus as element message `mer-summary` with the fields `scorer`, `stage`,
 * `json`
 *
 * Holds one stage's labels against the truth. What must be checked before the first sample
 * goes into the parent's `start`.
 * Since: 0.1
 */
struct _MerScorerClass
{
  MerTransformClass parent_class;

  JsonNode *(*score) (MerScorer *self, MerSample *sample, MerResult *judged);
  JsonNode *(*summarise) (MerScorer *self, GError **error);

  /*< private >*/
  gpointer padding[8];
};

#define MER_SUMMARY_MESSAGE "mer-summary"

/* properties: stage (whose result is judged; default: the last stage upstream, whatever its
 * outcome) */

const char *mer_scorer_get_judged_stage (MerScorer *self);
gboolean mer_scorer_accepts (MerScorer *self, MerResult *result);

G_END_DECLS
