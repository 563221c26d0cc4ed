/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mer-scorer.h"

#include "mer-error.h"
#include "tables/mer-json.h"

enum
{
  PROP_STAGE = 1,
};

typedef struct
{
  char *stage;
  char *judged[2]; /* %NULL-terminated list of one */
} MerScorerPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (MerScorer, mer_scorer, MER_TYPE_TRANSFORM)
#define GET_PRIVATE(o) ((MerScorerPrivate *) mer_scorer_get_instance_private (o))

static const char *const *
mer_scorer_resolve (MerTransform *transform, const char *const *upstream, GError **error)
{
  MerScorerPrivate *priv = GET_PRIVATE (MER_SCORER (transform));
  guint n = g_strv_length ((char **) upstream);

  g_clear_pointer (&priv->judged[0], g_free);
  if (priv->stage == NULL && n == 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                   "%s has nothing to judge: there is no stage before it",
                   GST_OBJECT_NAME (transform));
      return NULL;
    }
  priv->judged[0] = g_strdup (priv->stage != NULL ? priv->stage : upstream[n - 1]);
  return (const char *const *) priv->judged;
}

static gboolean
mer_scorer_apply (MerTransform *transform, MerSample *sample, GError **error)
{
  MerScorer *self = MER_SCORER (transform);
  const char *name = mer_transform_get_name (transform);
  MerResult *judged = mer_sample_find_result (sample, GET_PRIVATE (self)->judged[0]);
  JsonNode *data = MER_SCORER_GET_CLASS (self)->score (self, sample, judged);
  MerResult *result;

  if (data != NULL)
    {
      result = mer_result_new (name, MER_KIND_SCORER, MER_OUTCOME_ANSWERED);
      mer_result_take_data (result, data);
    }
  else
    result = mer_result_new_failed (name, MER_KIND_SCORER, MER_OUTCOME_SKIPPED,
                                    "the sample has no truth to hold the labels against");
  mer_sample_take_result (sample, result);
  return TRUE;
}

static gboolean
mer_scorer_finish (MerTransform *transform, GError **error)
{
  MerScorer *self = MER_SCORER (transform);
  g_autoptr (JsonNode) summary = MER_SCORER_GET_CLASS (self)->summarise (self, error);

  if (summary == NULL)
    return FALSE;

  g_autofree char *json = mer_json_line (summary);
  gst_element_post_message (
      GST_ELEMENT (self),
      gst_message_new_element (
          GST_OBJECT (self),
          gst_structure_new (MER_SUMMARY_MESSAGE, "scorer", G_TYPE_STRING,
                             mer_transform_get_name (transform), "stage", G_TYPE_STRING,
                             GET_PRIVATE (self)->judged[0], "json", G_TYPE_STRING, json,
                             NULL)));
  return TRUE;
}

static void
mer_scorer_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MerScorerPrivate *priv = GET_PRIVATE (MER_SCORER (object));

  if (id == PROP_STAGE)
    {
      g_free (priv->stage);
      priv->stage = g_value_dup_string (value);
    }
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_scorer_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerScorerPrivate *priv = GET_PRIVATE (MER_SCORER (object));

  if (id == PROP_STAGE)
    g_value_set_string (value, priv->stage);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_scorer_finalize (GObject *object)
{
  MerScorerPrivate *priv = GET_PRIVATE (MER_SCORER (object));

  g_free (priv->stage);
  g_free (priv->judged[0]);
  G_OBJECT_CLASS (mer_scorer_parent_class)->finalize (object);
}

static void
mer_scorer_class_init (MerScorerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  MerTransformClass *transform_class = MER_TRANSFORM_CLASS (klass);

  object_class->set_property = mer_scorer_set_property;
  object_class->get_property = mer_scorer_get_property;
  object_class->finalize = mer_scorer_finalize;
  transform_class->resolve = mer_scorer_resolve;
  transform_class->apply = mer_scorer_apply;
  transform_class->finish = mer_scorer_finish;
  g_object_class_install_property (
      object_class, PROP_STAGE,
      g_param_spec_string (
          "stage", "Stage",
          "Stage whose labels are held against the truth (default: the last "
          "one before this element, whatever its outcome)",
          NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY));
  gst_type_mark_as_plugin_api (MER_TYPE_SCORER, 0);
}

static void
mer_scorer_init (MerScorer *self)
{
}

/**
 * mer_scorer_get_judged_stage:
 * @self: a scorer that has seen what stages there are
 *
 * Returns: (transfer none) (nullable): the stage it judges
 */
const char *
mer_scorer_get_judged_stage (MerScorer *self)
{
  return GET_PRIVATE (self)->judged[0];
}

/**
 * mer_scorer_accepts:
 * @self: a scorer
 * @result: (nullable): what a stage said
 *
 * Returns: whether the result's labels count; else they are an empty prediction
 */
gboolean
mer_scorer_accepts (MerScorer *self, MerResult *result)
{
  return mer_transform_accepts (MER_TRANSFORM (self), result)
         && mer_result_get_labels (result) != NULL;
}
