/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>

#include "sample/mer-sample.h"

G_BEGIN_DECLS

#define MER_TYPE_SCORER (mer_scorer_get_type ())
G_DECLARE_DERIVABLE_TYPE (MerScorer, mer_scorer, MER, SCORER, GstBaseTransform)

/**
 * MerScorerClass:
 * @start: (nullable): before the first sample: check properties, open the mapping
 * @score: holds one result against the truth. @judged is %NULL where the stage left none. A
 *   failure is an empty prediction. Returns figures for this sample (transfer full) or
 * %NULL
 * @summarise: at EOS: figures of all samples (transfer full); posted on the bus as element
 *   message `mer-summary` with fields `scorer`, `stage` and `json`
 *
 * Holds one stage's labels against the truth.
 * Since: 0.1
 */
struct _MerScorerClass
{
  GstBaseTransformClass parent_class;

  gboolean (*start) (MerScorer *self, GError **error);
  JsonNode *(*score) (MerScorer *self, MerSample *sample, MerResult *judged,
                      GError **error);
  JsonNode *(*summarise) (MerScorer *self, GError **error);

  /*< private >*/
  gpointer padding[8];
};

/* properties: name, stage (whose result is judged; default the last stage upstream),
 * accept (outcomes whose labels count) */

const char *mer_scorer_get_judged_stage (MerScorer *self);
gboolean mer_scorer_accepts (MerScorer *self, MerResult *result);

G_END_DECLS
