/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-score-report.h"

#include <math.h>

static JsonNode *
node_of_object (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

static void
add_interval (JsonObject *object, double low, double high)
{
  JsonArray *interval = json_array_new ();

  if (isnan (low) || isnan (high))
    return json_array_unref (interval);
  json_array_add_double_element (interval, low);
  json_array_add_double_element (interval, high);
  json_object_set_array_member (object, "ci95", interval);
}

static JsonObject *
figures_to_json (MerScores *scores, guint figure, MerBootstrap *bootstrap, guint system)
{
  JsonObject *object = json_object_new ();
  MerFigures figures;

  mer_scores_get_figures (scores, figure, &figures);
  if (figure < MER_N_METRICS)
    json_object_set_int_member (object, "n", figures.n);
  if (!isnan (figures.precision))
    {
      json_object_set_double_member (object, "precision", figures.precision);
      json_object_set_double_member (object, "recall", figures.recall);
    }
  json_object_set_double_member (object, "f", figures.f);
  if (bootstrap != NULL)
    {
      double low, high;

      mer_bootstrap_get_interval (bootstrap, system, figure, &low, &high);
      add_interval (object, low, high);
    }
  return object;
}

static void
add_unknown_words (JsonObject *object, MerScores *scores, MerSide side)
{
  g_autoptr (GArray) words = mer_scores_get_unknown_words (scores, side);
  JsonObject *counts = json_object_new ();

  for (guint i = 0; i < words->len; i++)
    {
      const MerWordCount *entry = &g_array_index (words, MerWordCount, i);

      json_object_set_int_member (counts, entry->word, entry->count);
    }
  json_object_set_object_member (object, "unknown_words", counts);
}

/**
 * mer_scores_to_json:
 * @scores: a system's scores
 * @bootstrap: (nullable): where its intervals are
 * @system: which of the systems in @bootstrap it is
 * @show_unknown: whether to list the predicted words outside the mapping
 *
 * Returns: (transfer full): an object as described above
 */
JsonNode *
mer_scores_to_json (MerScores *scores, MerBootstrap *bootstrap, guint system,
                    gboolean show_unknown)
{
  JsonObject *object = json_object_new ();
  JsonObject *metrics = json_object_new ();

  json_object_set_string_member (object, "name", mer_scores_get_name (scores));
  json_object_set_int_member (object, "samples", mer_scores_get_n_samples (scores));
  json_object_set_double_member (object, "coverage", mer_scores_get_coverage (scores));
  json_object_set_double_member (object, "mean_labels",
                                 mer_scores_get_mean_labels (scores, MER_SIDE_PREDICTED));
  json_object_set_double_member (object, "empty", mer_scores_get_empty (scores));
  json_object_set_double_member (object, "unknown",
                                 mer_scores_get_unknown (scores, MER_SIDE_PREDICTED));
  if (show_unknown)
    add_unknown_words (object, scores, MER_SIDE_PREDICTED);
  for (guint figure = 0; figure < MER_N_FIGURES; figure++)
    json_object_set_object_member (metrics, mer_figure_get_name (figure),
                                   figures_to_json (scores, figure, bootstrap, system));
  json_object_set_object_member (object, "metrics", metrics);
  return node_of_object (object);
}

/**
 * mer_scores_add_truth_to_json:
 * @scores: scores of any system that skipped no sample
 * @object: gets `samples`, `mean_labels` and `unknown` of the truth
 * @show_unknown: whether to list the truth's words outside the mapping
 */
void
mer_scores_add_truth_to_json (MerScores *scores, JsonObject *object, gboolean show_unknown)
{
  json_object_set_int_member (object, "samples", mer_scores_get_n_samples (scores));
  json_object_set_double_member (object, "mean_labels",
                                 mer_scores_get_mean_labels (scores, MER_SIDE_TRUTH));
  json_object_set_double_member (object, "unknown",
                                 mer_scores_get_unknown (scores, MER_SIDE_TRUTH));
  if (show_unknown)
    add_unknown_words (object, scores, MER_SIDE_TRUTH);
}

/**
 * mer_mapping_identity_to_json:
 * @mapping: a mapping
 *
 * Returns: (transfer full): `{"name","sha256"}`, which no score goes without
 */
JsonNode *
mer_mapping_identity_to_json (MerMapping *mapping)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", mer_mapping_get_name (mapping));
  json_object_set_string_member (object, "sha256", mer_mapping_get_sha256 (mapping));
  return node_of_object (object);
}

/**
 * mer_difference_to_json:
 * @a: a system's name
 * @b: another's
 * @bootstrap: where both are
 * @system_a: which of its systems is @a
 * @system_b: which is @b
 *
 * Returns: (transfer full): `{"a","b","metrics":{"ewl1":{"difference","ci95","p"},…}}` for
 *   the three means, @a less @b
 */
JsonNode *
mer_difference_to_json (const char *a, const char *b, MerBootstrap *bootstrap,
                        guint system_a, guint system_b)
{
  JsonObject *object = json_object_new ();
  JsonObject *metrics = json_object_new ();

  json_object_set_string_member (object, "a", a);
  json_object_set_string_member (object, "b", b);
  for (guint figure = MER_FIGURE_EWL1; figure < MER_N_FIGURES; figure++)
    {
      JsonObject *entry = json_object_new ();
      MerDifference difference;

      mer_bootstrap_get_difference (bootstrap, system_a, system_b, figure, &difference);
      json_object_set_double_member (entry, "difference", difference.difference);
      add_interval (entry, difference.low, difference.high);
      if (!isnan (difference.p))
        json_object_set_double_member (entry, "p", difference.p);
      json_object_set_object_member (metrics, mer_figure_get_name (figure), entry);
    }
  json_object_set_object_member (object, "metrics", metrics);
  return node_of_object (object);
}
