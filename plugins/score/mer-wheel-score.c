/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-merwheelscore
 * @title: merwheelscore
 *
 * Holds a stage's labels against the labels people gave, with the emotion-wheel metrics of
 * OV-MER and of the MER2025 and MER2026 challenges: the same code as `mer score`. A failure
 * of the stage is an empty prediction; how many samples it answered is the coverage beside
 * the score. Each sample gets its precision and recall; at EOS an element message
 * `mer-summary` on the bus has the figures of all, as JSON of the shape of a system of
 * `mer score --format json`.
 *
 * |[
 * gst-launch-1.0 -m merdatasetsrc dataset=ov-merd.json ! \
 *   merreplay location=Chat-UniVi.csv labels-column=openset ! \
 *   merwheelscore mapping=builtin ! fakesink
 * ]|
 */
#include "mer-wheel-score.h"

#include "emotion/mer-floors.h"
#include "emotion/mer-score-report.h"

GST_DEBUG_CATEGORY_STATIC (mer_wheel_score_debug);
#define GST_CAT_DEFAULT mer_wheel_score_debug

struct _MerWheelScore
{
  MerScorer parent_instance;

  char *mapping_name;
  guint resamples;
  guint64 seed;

  MerMapping *mapping;
  MerScores *scores;
  GPtrArray *truths;      /* MerLabels, for the floors */
  guint n_without_truth;  /* samples */
  guint n_without_labels; /* samples that were answered, but nobody read labels from them */
};

G_DEFINE_FINAL_TYPE (MerWheelScore, mer_wheel_score, MER_TYPE_SCORER)

enum
{
  PROP_MAPPING = 1,
  PROP_RESAMPLES,
  PROP_SEED,
};

static void
reset (MerWheelScore *self)
{
  g_clear_pointer (&self->scores, mer_scores_free);
  g_clear_pointer (&self->mapping, mer_mapping_unref);
  g_ptr_array_set_size (self->truths, 0);
  self->n_without_truth = 0;
  self->n_without_labels = 0;
}

static gboolean
mer_wheel_score_start (MerTransform *transform, GError **error)
{
  MerWheelScore *self = MER_WHEEL_SCORE (transform);

  reset (self);
  self->mapping = mer_mapping_open (self->mapping_name, NULL, error);
  return self->mapping != NULL;
}

static JsonNode *
sample_to_json (MerScores *scores)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *metrics = json_object_new (), *object = json_object_new ();
  guint last = mer_scores_get_n_rows (scores) - 1;

  for (guint metric = 0; metric < MER_N_METRICS; metric++)
    {
      double precision, recall;
      JsonObject *entry;

      if (!mer_scores_get_sample (scores, last, metric, &precision, &recall))
        continue;
      entry = json_object_new ();
      json_object_set_double_member (entry, "precision", precision);
      json_object_set_double_member (entry, "recall", recall);
      json_object_set_object_member (metrics, mer_metric_get_name (metric), entry);
    }
  json_object_set_object_member (object, "metrics", metrics);
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
mer_wheel_score_score (MerScorer *scorer, MerSample *sample, MerResult *judged)
{
  MerWheelScore *self = MER_WHEEL_SCORE (scorer);
  MerTruth *truth = mer_sample_get_truth (sample);
  gboolean accepted = mer_scorer_accepts (scorer, judged);

  if (truth == NULL || mer_truth_get_kind (truth) != MER_TRUTH_LABELS)
    {
      self->n_without_truth++;
      return NULL;
    }
  if (self->scores == NULL)
    self->scores = mer_scores_new (mer_scorer_get_judged_stage (scorer), self->mapping);
  if (judged != NULL && mer_result_get_outcome (judged) == MER_OUTCOME_ANSWERED
      && mer_result_get_labels (judged) == NULL)
    self->n_without_labels++;
  g_ptr_array_add (self->truths, mer_labels_ref (mer_truth_get_labels (truth)));
  mer_scores_add (self->scores, mer_sample_get_group (sample), mer_truth_get_labels (truth),
                  accepted ? mer_result_get_labels (judged) : NULL, accepted);
  return sample_to_json (self->scores);
}

/* what stands beside the figures of the system */
static void
add_context (MerWheelScore *self, JsonObject *summary)
{
  g_autoptr (GPtrArray) floors = mer_floors_new (
      self->mapping, (MerLabels **) self->truths->pdata, self->truths->len, self->seed);
  JsonObject *truth = json_object_new ();
  JsonArray *rows = json_array_new ();

  mer_scores_add_truth_to_json (self->scores, truth, FALSE);
  json_object_set_object_member (summary, "truth", truth);
  for (guint i = 0; i < floors->len; i++)
    json_array_add_element (rows, mer_scores_to_json (floors->pdata[i], NULL, 0, FALSE));
  json_object_set_array_member (summary, "floors", rows);
}

static JsonNode *
summarise_nothing (MerWheelScore *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name",
                                 mer_scorer_get_judged_stage (MER_SCORER (self)));
  json_object_set_int_member (object, "samples", 0);
  json_object_set_string_member (object, "detail",
                                 "no sample has labels to hold the answers against");
  json_node_take_object (node, object);
  GST_ELEMENT_WARNING (self, STREAM, FAILED,
                       ("There is no truth: none of %u samples has labels to hold the "
                        "answers against.",
                        self->n_without_truth),
                       (NULL));
  return node;
}

static JsonNode *
mer_wheel_score_summarise (MerScorer *scorer, GError **error)
{
  MerWheelScore *self = MER_WHEEL_SCORE (scorer);
  g_autoptr (MerBootstrap) bootstrap = NULL;
  JsonNode *summary;

  if (self->scores == NULL)
    summary = summarise_nothing (self);
  else
    {
      bootstrap = mer_bootstrap_new (&self->scores, 1, self->resamples, self->seed, FALSE);
      summary = mer_scores_to_json (self->scores, bootstrap, 0, FALSE);
      add_context (self, json_node_get_object (summary));
    }
  if (self->n_without_labels > 0)
    GST_ELEMENT_WARNING (self, STREAM, FAILED,
                         ("The stage “%s” answered %u samples in which nobody looked for "
                          "labels; put merlabels before this element.",
                          mer_scorer_get_judged_stage (scorer), self->n_without_labels),
                         (NULL));

  JsonObject *object = json_node_get_object (summary);
  json_object_set_member (object, "mapping", mer_mapping_identity_to_json (self->mapping));
  json_object_set_int_member (object, "without_truth", self->n_without_truth);
  return summary;
}

static void
mer_wheel_score_set_property (GObject *object, guint id, const GValue *value,
                              GParamSpec *pspec)
{
  MerWheelScore *self = MER_WHEEL_SCORE (object);

  switch (id)
    {
    case PROP_MAPPING:
      g_free (self->mapping_name);
      self->mapping_name = g_value_dup_string (value);
      if (self->mapping_name == NULL)
        self->mapping_name = g_strdup ("builtin");
      break;
    case PROP_RESAMPLES:
      self->resamples = g_value_get_uint (value);
      break;
    case PROP_SEED:
      self->seed = g_value_get_uint64 (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_wheel_score_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerWheelScore *self = MER_WHEEL_SCORE (object);

  switch (id)
    {
    case PROP_MAPPING:
      g_value_set_string (value, self->mapping_name);
      break;
    case PROP_RESAMPLES:
      g_value_set_uint (value, self->resamples);
      break;
    case PROP_SEED:
      g_value_set_uint64 (value, self->seed);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_wheel_score_finalize (GObject *object)
{
  MerWheelScore *self = MER_WHEEL_SCORE (object);

  reset (self);
  g_ptr_array_unref (self->truths);
  g_free (self->mapping_name);
  G_OBJECT_CLASS (mer_wheel_score_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags
      = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (
      object_class, PROP_MAPPING,
      g_param_spec_string ("mapping", "Mapping",
                           "Emotion vocabulary: “builtin” (default), a name that “mer "
                           "mapping list” shows, or a file",
                           "builtin", flags));
  g_object_class_install_property (
      object_class, PROP_RESAMPLES,
      g_param_spec_uint ("resamples", "Resamples",
                         "Bootstrap resamples for the 95 % intervals, over groups where "
                         "samples have them (0: no intervals)",
                         0, MER_BOOTSTRAP_MAX_RESAMPLES, MER_BOOTSTRAP_RESAMPLES, flags));
  g_object_class_install_property (
      object_class, PROP_SEED,
      g_param_spec_uint64 ("seed", "Seed",
                           "Of the resamples and the random floor rows; equal seeds give "
                           "equal numbers on every machine",
                           0, G_MAXUINT64, MER_BOOTSTRAP_SEED, flags));
}

static void
mer_wheel_score_class_init (MerWheelScoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (mer_wheel_score_debug, "merwheelscore", 0,
                           "emotion-wheel metrics");
  object_class->set_property = mer_wheel_score_set_property;
  object_class->get_property = mer_wheel_score_get_property;
  object_class->finalize = mer_wheel_score_finalize;
  MER_TRANSFORM_CLASS (klass)->start = mer_wheel_score_start;
  MER_SCORER_CLASS (klass)->score = mer_wheel_score_score;
  MER_SCORER_CLASS (klass)->summarise = mer_wheel_score_summarise;
  install_properties (object_class);
  gst_element_class_set_static_metadata (
      element_class, "Emotion wheel score", "Filter/Sample/Score",
      "Holds labels against the truth with the emotion-wheel metrics", "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", MER_KIND_SCORER);
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos truth=truth.csv ! "
      "mermedia ! merprosody ! merwheelscore ! fakesink");
}

static void
mer_wheel_score_init (MerWheelScore *self)
{
  self->mapping_name = g_strdup ("builtin");
  self->resamples = MER_BOOTSTRAP_RESAMPLES;
  self->seed = MER_BOOTSTRAP_SEED;
  self->truths = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_labels_unref);
}
