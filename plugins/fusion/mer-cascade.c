/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-mercascade
 * @title: mercascade
 *
 * What the first stage said that answered: one that has labels, or, before `merlabels`, one
 * that has text. An accepted answer without any word is passed over, as in `mer fuse
 * --strategy cascade`.
 *
 * |[
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia ! mermodel stage=small ! mermodel \
 *   stage=large ! mercascade stages=small,large ! merlabels ! mersampleenc ! fdsink
 * ]|
 */
#include "mer-cascade.h"

struct _MerCascade
{
  MerFusion parent_instance;
};

G_DEFINE_FINAL_TYPE (MerCascade, mer_cascade, MER_TYPE_FUSION)

static gboolean
says_something (MerResult *result)
{
  MerLabels *labels = mer_result_get_labels (result);
  const char *text = mer_result_get_text (result);

  if (labels != NULL)
    return mer_labels_get_length (labels) > 0;
  return text != NULL && *text != '\0';
}

static JsonNode *
describe (const char *from)
{
  g_autoptr (JsonObject) data = json_object_new ();

  json_object_set_string_member (data, "strategy", "cascade");
  if (from != NULL)
    json_object_set_string_member (data, "from", from);
  return json_node_init_object (json_node_alloc (), data);
}

static MerResult *
take_over (MerFusion *fusion, MerResult *from)
{
  MerResult *result = mer_fusion_new_result (fusion, MER_OUTCOME_ANSWERED);

  mer_result_set_text (result, mer_result_get_text (from));
  mer_result_set_reasoning (result, mer_result_get_reasoning (from));
  mer_result_set_model (result, mer_result_get_model (from));
  if (mer_result_get_labels (from) != NULL)
    mer_result_set_labels (result, mer_result_get_labels (from));
  mer_result_take_data (result, describe (mer_result_get_stage (from)));
  return result;
}

/* nobody said a word: an empty answer if one was accepted, else the stage is skipped */
static MerResult *
nothing_said (MerFusion *fusion, gboolean accepted)
{
  MerResult *result = mer_fusion_new_result (fusion, accepted ? MER_OUTCOME_ANSWERED
                                                              : MER_OUTCOME_SKIPPED);

  if (accepted)
    {
      g_autoptr (MerLabels) none = mer_labels_new ();

      mer_result_set_labels (result, none);
      mer_result_take_data (result, describe (NULL));
    }
  else
    mer_result_set_failure (result, MER_OUTCOME_SKIPPED, MER_REASON_NO_EARLIER_ANSWER,
                            "no stage before this one answered");
  return result;
}

static MerResult *
mer_cascade_fuse (MerFusion *fusion, MerSample *sample, MerResult *const *results,
                  guint n_results)
{
  gboolean accepted = FALSE;

  for (guint i = 0; i < n_results; i++)
    {
      if (!mer_transform_accepts (MER_TRANSFORM (fusion), results[i]))
        continue;
      if (says_something (results[i]))
        return take_over (fusion, results[i]);
      accepted = TRUE;
    }
  return nothing_said (fusion, accepted);
}

static void
mer_cascade_class_init (MerCascadeClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  MER_FUSION_CLASS (klass)->fuse = mer_cascade_fuse;
  gst_element_class_set_static_metadata (element_class, "Cascade", "Filter/Sample/Fusion",
                                         "What the first stage said that answered",
                                         "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", MER_KIND_FUSION);
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! merlexicon "
      "! merprosody ! mercascade stages=lexicon,prosody ! mersampleenc ! "
      "fdsink");
}

static void
mer_cascade_init (MerCascade *self)
{
}
