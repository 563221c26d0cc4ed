/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mer-fusion.h"

#include "base/mer-bulk.h"

enum
{
  PROP_STAGE = 1,
  PROP_STAGES,
};

typedef struct
{
  char *stage;
  char *stages;
  char **wanted; /* %NULL: all upstream that have labels */
  char **upstream;
} MerFusionPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (MerFusion, mer_fusion, MER_TYPE_TRANSFORM)
#define GET_PRIVATE(o) ((MerFusionPrivate *) mer_fusion_get_instance_private (o))

static const char *
mer_fusion_get_name (MerTransform *transform)
{
  MerFusionPrivate *priv = GET_PRIVATE (MER_FUSION (transform));

  return priv->stage != NULL
             ? priv->stage
             : MER_TRANSFORM_CLASS (mer_fusion_parent_class)->get_name (transform);
}

static const char *const *
mer_fusion_resolve (MerTransform *transform, const char *const *upstream, GError **error)
{
  MerFusionPrivate *priv = GET_PRIVATE (MER_FUSION (transform));

  g_strfreev (priv->wanted);
  g_strfreev (priv->upstream);
  priv->wanted = mer_stage_list_parse (priv->stages);
  priv->upstream = g_strdupv ((char **) upstream);
  return (const char *const *) priv->wanted;
}

static gboolean
mer_fusion_apply (MerTransform *transform, MerSample *sample, GError **error)
{
  MerFusion *self = MER_FUSION (transform);
  MerFusionPrivate *priv = GET_PRIVATE (self);
  char **stages = priv->wanted != NULL ? priv->wanted : priv->upstream;
  g_autoptr (GPtrArray) results = g_ptr_array_new ();

  for (guint i = 0; stages[i] != NULL; i++)
    {
      MerResult *result = mer_sample_find_result (sample, stages[i]);

      /* what is made of some of the answers is no less wrong for being preliminary */
      if (result != NULL && mer_bulk_is_awaited (result))
        {
          g_autofree char *detail
              = g_strdup_printf ("the answer of stage “%s” is awaited", stages[i]);

          mer_sample_take_result (sample,
                                  mer_bulk_new_awaited (mer_transform_get_name (transform),
                                                        MER_KIND_FUSION, detail));
          return TRUE;
        }
      if (result != NULL
          && (priv->wanted != NULL || mer_result_get_labels (result) != NULL))
        g_ptr_array_add (results, result);
    }
  mer_sample_take_result (
      sample, MER_FUSION_GET_CLASS (self)->fuse (
                  self, sample, (MerResult *const *) results->pdata, results->len));
  return TRUE;
}

static void
mer_fusion_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MerFusionPrivate *priv = GET_PRIVATE (MER_FUSION (object));

  switch (id)
    {
    case PROP_STAGE:
      g_free (priv->stage);
      priv->stage = g_value_dup_string (value);
      break;
    case PROP_STAGES:
      g_free (priv->stages);
      priv->stages = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_fusion_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerFusionPrivate *priv = GET_PRIVATE (MER_FUSION (object));

  switch (id)
    {
    case PROP_STAGE:
      g_value_set_string (value, priv->stage);
      break;
    case PROP_STAGES:
      g_value_set_string (value, priv->stages);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_fusion_finalize (GObject *object)
{
  MerFusionPrivate *priv = GET_PRIVATE (MER_FUSION (object));

  g_free (priv->stage);
  g_free (priv->stages);
  g_strfreev (priv->wanted);
  g_strfreev (priv->upstream);
  G_OBJECT_CLASS (mer_fusion_parent_class)->finalize (object);
}

static void
mer_fusion_class_init (MerFusionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  MerTransformClass *transform_class = MER_TRANSFORM_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  object_class->set_property = mer_fusion_set_property;
  object_class->get_property = mer_fusion_get_property;
  object_class->finalize = mer_fusion_finalize;
  transform_class->is_stage = TRUE;
  transform_class->get_name = mer_fusion_get_name;
  transform_class->resolve = mer_fusion_resolve;
  transform_class->apply = mer_fusion_apply;
  g_object_class_install_property (
      object_class, PROP_STAGE,
      g_param_spec_string ("stage", "Stage",
                           "Name of the stage, under which its result stands (default: the "
                           "element's given name, else its factory's without “mer”)",
                           NULL, flags));
  g_object_class_install_property (
      object_class, PROP_STAGES,
      g_param_spec_string (
          "stages", "Stages",
          "Stages whose results are read, separated by commas (default: all "
          "before this one that have labels)",
          NULL, flags));
  gst_type_mark_as_plugin_api (MER_TYPE_FUSION, 0);
}

static void
mer_fusion_init (MerFusion *self)
{
}

/**
 * mer_fusion_new_result:
 * @self: a fusion
 * @outcome: `answered`, or `skipped` where no stage had anything to fuse
 *
 * Returns: (transfer full): an unsealed result under this stage's name
 */
MerResult *
mer_fusion_new_result (MerFusion *self, MerOutcome outcome)
{
  return mer_result_new (mer_transform_get_name (MER_TRANSFORM (self)), MER_KIND_FUSION,
                         outcome);
}
