/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-merunion
 * @title: merunion
 *
 * Every word of every stage, in the order in which they are first met; a word's weight is
 * its share of the stages.
 *
 * |[
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia strip=true ! merprosody \
 *   ! mermotion ! merunion stages=prosody,motion ! mersampleenc ! fdsink
 * ]|
 */
#include "mer-union.h"

#include "mer-fuse-results.h"

struct _MerUnion
{
  MerFusion parent_instance;
};

G_DEFINE_FINAL_TYPE (MerUnion, mer_union, MER_TYPE_FUSION)

static MerResult *
mer_union_fuse (MerFusion *fusion, MerSample *sample, MerResult *const *results,
                guint n_results)
{
  MerVoteRule rule = MER_VOTE_RULE_INIT;

  rule.strategy = MER_VOTE_UNION;
  return mer_fuse_results (fusion, &rule, NULL, results, n_results);
}

static void
mer_union_class_init (MerUnionClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  MER_FUSION_CLASS (klass)->fuse = mer_union_fuse;
  gst_element_class_set_static_metadata (element_class, "Union", "Filter/Sample/Fusion",
                                         "Every word of several stages", "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", MER_KIND_FUSION);
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! merprosody "
      "! mermotion ! merunion stages=prosody,motion ! mersampleenc ! "
      "fdsink");
}

static void
mer_union_init (MerUnion *self)
{
}
