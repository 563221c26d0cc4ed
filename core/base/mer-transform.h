/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>

#include "sample/mer-sample.h"

G_BEGIN_DECLS

#define MER_TYPE_TRANSFORM (mer_transform_get_type ())
G_DECLARE_DERIVABLE_TYPE (MerTransform, mer_transform, MER, TRANSFORM, GstBaseTransform)

/**
 * MerTransformClass:
 * @is_stage: whether the element adds a result that others read by default
 * @start: (nullable): READY→PAUSED: check properties, open the mapping; an error ends the
 *   graph
 * @get_name: the name the element occupies; the default is that of
 *   [func@mer_stages_default_name]. Transfer none
 * @resolve: (nullable): the stages upstream are known: settle which ones are read. Returns
 *   them (transfer none, %NULL-terminated, may be %NULL), or sets an error
 * @apply: works on one sample, which is writable, in the streaming thread; an error ends
 * the graph, so what concerns one sample alone goes into its result
 * @finish: (nullable): EOS: post what is to be said about all samples
 *
 * Base of elements that change samples in place, at once and without I/O: fusions, scorers,
 * `merlabels`.
 * Since: 0.1
 */
struct _MerTransformClass
{
  GstBaseTransformClass parent_class;

  gboolean is_stage;

  gboolean (*start) (MerTransform *self, GError **error);
  const char *(*get_name) (MerTransform *self);
  const char *const *(*resolve) (MerTransform *self, const char *const *upstream,
                                 GError **error);
  gboolean (*apply) (MerTransform *self, MerSample *sample, GError **error);
  gboolean (*finish) (MerTransform *self, GError **error);

  /*< private >*/
  gpointer padding[8];
};

/* property: accept, the outcomes whose labels or text count */

const char *mer_transform_get_name (MerTransform *self);
gboolean mer_transform_accepts (MerTransform *self, MerResult *result);

/* a comma-separated list of stage names, as a `stages` property holds it; %NULL if empty */
char **mer_stage_list_parse (const char *list);

G_END_DECLS
