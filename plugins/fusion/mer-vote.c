/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-mervote
 * @title: mervote
 *
 * Makes one label list of those of several stages, sample by sample and without any truth.
 * The default strategy, `mbr`, lets words support each other that fall into one cluster of
 * the emotion wheels; `vote` counts words, forms of one base word taken together.
 *
 * |[
 * gst-launch-1.0 merdatasetsrc dataset=set.json \
 *   ! merreplay stage=a location=a.csv labels-column=openset \
 *   ! merreplay stage=b location=b.csv labels-column=openset \
 *   ! mervote stages=a,b weights=a=2,b=1 ! merwheelscore ! fakesink
 * ]|
 *
 * The result's data holds the rule and the votes of every word.
 */
#include "mer-vote.h"

#include "mer-fuse-results.h"

GST_DEBUG_CATEGORY_STATIC (mer_vote_debug);
#define GST_CAT_DEFAULT mer_vote_debug

#define DEFAULT_MAPPING "builtin"

enum
{
  PROP_STRATEGY = 1,
  PROP_MAPPING,
  PROP_THRESHOLD,
  PROP_PRECISION_WEIGHT,
  PROP_WEIGHTS,
};

struct _MerVote
{
  MerFusion parent_instance;

  MerVoteRule rule;
  char *mapping_name;
  char *weights_text;
  GHashTable *weights;
};

G_DEFINE_FINAL_TYPE (MerVote, mer_vote, MER_TYPE_FUSION)

static gboolean
mer_vote_start (MerTransform *transform, GError **error)
{
  MerVote *self = MER_VOTE (transform);

  g_clear_pointer (&self->rule.mapping, mer_mapping_unref);
  g_clear_pointer (&self->weights, g_hash_table_unref);
  self->weights = mer_vote_weights_parse (self->weights_text, error);
  if (self->weights == NULL)
    {
      g_prefix_error (error, "%s: ", mer_transform_get_name (transform));
      return FALSE;
    }
  if (!mer_vote_strategy_reads_mapping (self->rule.strategy))
    return TRUE;
  self->rule.mapping = mer_mapping_open (
      self->mapping_name != NULL ? self->mapping_name : DEFAULT_MAPPING, NULL, error);
  return self->rule.mapping != NULL;
}

static const char *const *
mer_vote_resolve (MerTransform *transform, const char *const *upstream, GError **error)
{
  MerVote *self = MER_VOTE (transform);
  const char *const *wanted
      = MER_TRANSFORM_CLASS (mer_vote_parent_class)->resolve (transform, upstream, error);
  const char *const *read = wanted != NULL ? wanted : upstream;
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->weights);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_strv_contains (read, name))
      {
        g_autofree char *names = g_strjoinv (", ", (char **) read);

        g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                     "%s: weights names the stage “%s”, which is not among those it reads: "
                     "%s",
                     mer_transform_get_name (transform), (const char *) name, names);
        return wanted;
      }
  return wanted;
}

static MerResult *
mer_vote_fuse_sample (MerFusion *fusion, MerSample *sample, MerResult *const *results,
                      guint n_results)
{
  MerVote *self = MER_VOTE (fusion);

  return mer_fuse_results (fusion, &self->rule, self->weights, results, n_results);
}

static void
mer_vote_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MerVote *self = MER_VOTE (object);

  switch (id)
    {
    case PROP_STRATEGY:
      self->rule.strategy = g_value_get_enum (value);
      break;
    case PROP_MAPPING:
      g_free (self->mapping_name);
      self->mapping_name = g_value_dup_string (value);
      break;
    case PROP_THRESHOLD:
      self->rule.threshold = g_value_get_double (value);
      break;
    case PROP_PRECISION_WEIGHT:
      self->rule.precision_weight = g_value_get_double (value);
      break;
    case PROP_WEIGHTS:
      g_free (self->weights_text);
      self->weights_text = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_vote_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerVote *self = MER_VOTE (object);

  switch (id)
    {
    case PROP_STRATEGY:
      g_value_set_enum (value, self->rule.strategy);
      break;
    case PROP_MAPPING:
      g_value_set_string (value, self->mapping_name);
      break;
    case PROP_THRESHOLD:
      g_value_set_double (value, self->rule.threshold);
      break;
    case PROP_PRECISION_WEIGHT:
      g_value_set_double (value, self->rule.precision_weight);
      break;
    case PROP_WEIGHTS:
      g_value_set_string (value, self->weights_text);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_vote_finalize (GObject *object)
{
  MerVote *self = MER_VOTE (object);

  g_clear_pointer (&self->rule.mapping, mer_mapping_unref);
  g_clear_pointer (&self->weights, g_hash_table_unref);
  g_free (self->mapping_name);
  g_free (self->weights_text);
  G_OBJECT_CLASS (mer_vote_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags
      = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (
      object_class, PROP_STRATEGY,
      g_param_spec_enum ("strategy", "Strategy",
                         "How several lists become one (default: mbr)",
                         MER_TYPE_VOTE_STRATEGY, MER_VOTE_MBR, flags));
  g_object_class_install_property (
      object_class, PROP_MAPPING,
      g_param_spec_string ("mapping", "Mapping",
                           "Emotion vocabulary by which words support each other: "
                           "“builtin”, a file or a name (strategies mbr and vote; default: "
                           "builtin)",
                           DEFAULT_MAPPING, flags));
  g_object_class_install_property (
      object_class, PROP_THRESHOLD,
      g_param_spec_double ("threshold", "Threshold",
                           "Votes that a word needs, in the unit of weights (strategy "
                           "vote; default: 2)",
                           0, MER_VOTE_MAX_WEIGHT, MER_VOTE_DEFAULT_THRESHOLD, flags));
  g_object_class_install_property (
      object_class, PROP_PRECISION_WEIGHT,
      g_param_spec_double (
          "precision-weight", "Precision weight",
          "What the mean support of the kept clusters counts against their "
          "total: more gives shorter lists, 0 keeps all (strategy mbr; "
          "default: 3)",
          0, MER_VOTE_MAX_WEIGHT, MER_VOTE_DEFAULT_PRECISION_WEIGHT, flags));
  g_object_class_install_property (
      object_class, PROP_WEIGHTS,
      g_param_spec_string ("weights", "Weights",
                           "Votes of each stage as STAGE=VOTES, separated by commas "
                           "(default: one each)",
                           NULL, flags));
}

static void
mer_vote_class_init (MerVoteClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  MerTransformClass *transform_class = MER_TRANSFORM_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (mer_vote_debug, "mervote", 0, "fusion by votes");
  object_class->set_property = mer_vote_set_property;
  object_class->get_property = mer_vote_get_property;
  object_class->finalize = mer_vote_finalize;
  transform_class->start = mer_vote_start;
  transform_class->resolve = mer_vote_resolve;
  MER_FUSION_CLASS (klass)->fuse = mer_vote_fuse_sample;
  install_properties (object_class);
  gst_type_mark_as_plugin_api (MER_TYPE_VOTE_STRATEGY, 0);
  gst_element_class_set_static_metadata (
      element_class, "Vote", "Filter/Sample/Fusion",
      "Fuses the label lists of several stages by their votes", "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", MER_KIND_FUSION);
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! merprosody "
      "! mermotion ! merlexicon ! mervote ! mersampleenc ! fdsink");
}

static void
mer_vote_init (MerVote *self)
{
  self->rule = MER_VOTE_RULE_INIT;
  self->mapping_name = g_strdup (DEFAULT_MAPPING);
}
