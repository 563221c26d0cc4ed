/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-transform.h"

G_BEGIN_DECLS

#define MER_TYPE_FUSION (mer_fusion_get_type ())
G_DECLARE_DERIVABLE_TYPE (MerFusion, mer_fusion, MER, FUSION, MerTransform)

/**
 * MerFusionClass:
 * @fuse: reads the results of the chosen stages, in stage order, and returns one of its own
 *   (transfer full), made with [method@MerFusion.new_result]; pure, no I/O. Results whose
 *   outcome is not accepted are among them where they were named in `stages`; see
 *   [method@Transform.accepts]
 *
 * Reads several stages' results, adds one. What must be checked before the first sample
 * goes into the parent's `start`. Since: 0.1
 */
struct _MerFusionClass
{
  MerTransformClass parent_class;

  MerResult *(*fuse) (MerFusion *self, MerSample *sample, MerResult *const *results,
                      guint n_results);

  /*< private >*/
  gpointer padding[8];
};

/* properties: stage, stages (default: all upstream that have labels) */

MerResult *mer_fusion_new_result (MerFusion *self, MerOutcome outcome);

G_END_DECLS
