/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mer-transform.h"

#include "base/mer-element-error.h"
#include "base/mer-stages.h"

typedef struct
{
  char *name;
  MerOutcomes accept;
  gboolean announced;
} MerTransformPrivate;

enum
{
  PROP_ACCEPT = 1,
};

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (MerTransform, mer_transform, GST_TYPE_BASE_TRANSFORM)
#define GET_PRIVATE(o) ((MerTransformPrivate *) mer_transform_get_instance_private (o))

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_SAMPLE_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_SAMPLE_CAPS));

/* checks the names upstream and sends them on with this one; @incoming is taken */
static gboolean
transform_announce (MerTransform *self, GstEvent *incoming)
{
  MerTransformClass *klass = MER_TRANSFORM_GET_CLASS (self);
  g_autoptr (GstEvent) event = incoming;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) upstream
      = event != NULL ? mer_stages_event_get_stages (event) : g_new0 (char *, 1);
  const char *const *references = NULL;
  GstEvent *out = NULL;

  if (klass->resolve != NULL)
    references = klass->resolve (self, (const char *const *) upstream, &error);
  if (error == NULL)
    out = mer_stages_event_pass (GST_ELEMENT (self), event, mer_transform_get_name (self),
                                 klass->is_stage, references, &error);
  if (out == NULL)
    {
      mer_element_post_error (GST_ELEMENT (self), error);
      return FALSE;
    }
  GET_PRIVATE (self)->announced = TRUE;
  return gst_pad_push_event (GST_BASE_TRANSFORM_SRC_PAD (self), out);
}

static gboolean
transform_finish (MerTransform *self)
{
  MerTransformClass *klass = MER_TRANSFORM_GET_CLASS (self);
  g_autoptr (GError) error = NULL;

  if (!GET_PRIVATE (self)->announced && !transform_announce (self, NULL))
    return FALSE;
  if (klass->finish == NULL || klass->finish (self, &error))
    return TRUE;
  mer_element_post_error (GST_ELEMENT (self), error);
  return FALSE;
}

static gboolean
mer_transform_sink_event (GstBaseTransform *base, GstEvent *event)
{
  MerTransform *self = MER_TRANSFORM (base);

  if (mer_stages_event_is (event))
    return transform_announce (self, event);
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS && !transform_finish (self))
    {
      gst_event_unref (event);
      return FALSE;
    }
  return GST_BASE_TRANSFORM_CLASS (mer_transform_parent_class)->sink_event (base, event);
}

static GstFlowReturn
mer_transform_transform_ip (GstBaseTransform *base, GstBuffer *buffer)
{
  MerTransform *self = MER_TRANSFORM (base);
  g_autoptr (GError) error = NULL;

  if (mer_buffer_get_sample (buffer) == NULL)
    {
      GST_ELEMENT_ERROR (self, STREAM, WRONG_TYPE, ("a buffer came that carries no sample"),
                         (NULL));
      return GST_FLOW_ERROR;
    }
  if (!GET_PRIVATE (self)->announced && !transform_announce (self, NULL))
    return GST_FLOW_ERROR;

  /* the buffer is writable here, so this copies the sample's head at most */
  MerSample *sample = mer_buffer_make_sample_writable (&buffer);
  if (!MER_TRANSFORM_GET_CLASS (self)->apply (self, sample, &error))
    {
      mer_element_post_error (GST_ELEMENT (self), error);
      return GST_FLOW_ERROR;
    }
  return GST_FLOW_OK;
}

/* the default would allocate from a pool; our buffers are empty and carry a meta */
static GstFlowReturn
mer_transform_prepare_output_buffer (GstBaseTransform *base, GstBuffer *input,
                                     GstBuffer **output)
{
  *output = gst_buffer_is_writable (input) ? input : gst_buffer_copy (input);
  return GST_FLOW_OK;
}

static gboolean
mer_transform_start (GstBaseTransform *base)
{
  MerTransform *self = MER_TRANSFORM (base);
  MerTransformClass *klass = MER_TRANSFORM_GET_CLASS (self);
  g_autoptr (GError) error = NULL;

  GET_PRIVATE (self)->announced = FALSE;
  if (klass->start == NULL || klass->start (self, &error))
    return TRUE;
  mer_element_post_error (GST_ELEMENT (self), error);
  return FALSE;
}

static const char *
mer_transform_default_get_name (MerTransform *self)
{
  MerTransformPrivate *priv = GET_PRIVATE (self);

  if (priv->name == NULL)
    priv->name = mer_stages_default_name (GST_ELEMENT (self));
  return priv->name;
}

static void
mer_transform_finalize (GObject *object)
{
  g_free (GET_PRIVATE (MER_TRANSFORM (object))->name);
  G_OBJECT_CLASS (mer_transform_parent_class)->finalize (object);
}

static void
mer_transform_set_property (GObject *object, guint id, const GValue *value,
                            GParamSpec *pspec)
{
  if (id == PROP_ACCEPT)
    GET_PRIVATE (MER_TRANSFORM (object))->accept = g_value_get_flags (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_transform_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ACCEPT)
    g_value_set_flags (value, GET_PRIVATE (MER_TRANSFORM (object))->accept);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_transform_class_init (MerTransformClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS (klass);

  object_class->set_property = mer_transform_set_property;
  object_class->get_property = mer_transform_get_property;
  object_class->finalize = mer_transform_finalize;
  g_object_class_install_property (
      object_class, PROP_ACCEPT,
      g_param_spec_flags (
          "accept", "Accept",
          "Outcomes whose text or labels count (default: answered alone; others are an "
          "empty prediction)",
          MER_TYPE_OUTCOMES, MER_OUTCOMES_DEFAULT,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY));
  base_class->start = mer_transform_start;
  base_class->sink_event = mer_transform_sink_event;
  base_class->transform_ip = mer_transform_transform_ip;
  base_class->prepare_output_buffer = mer_transform_prepare_output_buffer;
  klass->get_name = mer_transform_default_get_name;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_type_mark_as_plugin_api (MER_TYPE_TRANSFORM, 0);
}

static void
mer_transform_init (MerTransform *self)
{
  GET_PRIVATE (self)->accept = MER_OUTCOMES_DEFAULT;
  gst_base_transform_set_in_place (GST_BASE_TRANSFORM (self), TRUE);
  gst_base_transform_set_gap_aware (GST_BASE_TRANSFORM (self), TRUE);
}

/**
 * mer_transform_get_name:
 * @self: an element
 *
 * Returns: (transfer none): the name under which it puts what it adds
 */
const char *
mer_transform_get_name (MerTransform *self)
{
  return MER_TRANSFORM_GET_CLASS (self)->get_name (self);
}

/**
 * mer_transform_accepts:
 * @self: an element
 * @result: (nullable): what a stage said
 *
 * Returns: whether the result is there and its outcome is one of `accept`
 */
gboolean
mer_transform_accepts (MerTransform *self, MerResult *result)
{
  return result != NULL
         && (GET_PRIVATE (self)->accept & (1u << mer_result_get_outcome (result))) != 0;
}

/**
 * mer_stage_list_parse:
 * @list: (nullable): such as `audio,video`
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the names, %NULL for none
 */
char **
mer_stage_list_parse (const char *list)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = g_strsplit (list != NULL ? list : "", ",", -1);
  g_auto (GStrv) kept = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    if (*g_strstrip (names[i]) != '\0')
      g_strv_builder_add (builder, names[i]);
  kept = g_strv_builder_end (builder);
  return kept[0] != NULL ? g_steal_pointer (&kept) : NULL;
}
