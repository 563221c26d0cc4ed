/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>

#include "sample/mer-sample.h"

G_BEGIN_DECLS

#define MER_TYPE_FUSION (mer_fusion_get_type ())
G_DECLARE_DERIVABLE_TYPE (MerFusion, mer_fusion, MER, FUSION, GstBaseTransform)

/**
 * MerFusionClass:
 * @start: (nullable): NULL→READY→PAUSED: check properties, open the mapping
 * @fuse: reads the results of the chosen stages, in stage order, and returns one of its own
 *   (transfer full), made with [method@MerFusion.new_result]; pure, no I/O. Results whose
 *   outcome is not accepted are among them: only `accepted` ones may give labels
 *
 * Reads several stages' results, adds one.
 * Since: 0.1
 */
struct _MerFusionClass
{
  GstBaseTransformClass parent_class;

  gboolean (*start) (MerFusion *self, GError **error);
  MerResult *(*fuse) (MerFusion *self, MerSample *sample, MerResult *const *results,
                      guint n_results, GError **error);

  /*< private >*/
  gpointer padding[8];
};

/* properties: stage, stages (default: all upstream that have labels), accept (outcomes) */

const char *mer_fusion_get_stage (MerFusion *self);
gboolean mer_fusion_accepts (MerFusion *self, MerResult *result);
MerResult *mer_fusion_new_result (MerFusion *self, MerOutcome outcome);

G_END_DECLS
