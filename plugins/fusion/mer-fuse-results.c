/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-fuse-results.h"

/* the votes letter by letter, and what the rule was: enough to follow a fused list by hand
 */
static JsonNode *
describe (const MerVoteRule *rule, MerLabels *const *lists, guint n_lists, guint n_voters)
{
  g_autoptr (MerVoteTally) tally
      = mer_vote_tally_new (lists, n_lists, rule->weights,
                            rule->strategy == MER_VOTE_COUNT ? rule->mapping : NULL);
  g_autoptr (JsonObject) data = json_object_new ();
  JsonObject *votes = json_object_new ();
  JsonNode *node = json_node_alloc ();

  json_object_set_string_member (data, "strategy",
                                 mer_vote_strategy_to_string (rule->strategy));
  if (rule->mapping != NULL)
    {
      json_object_set_string_member (data, "mapping", mer_mapping_get_name (rule->mapping));
      json_object_set_string_member (data, "mapping-sha256",
                                     mer_mapping_get_sha256 (rule->mapping));
    }
  if (rule->strategy == MER_VOTE_MBR)
    json_object_set_double_member (data, "precision-weight", rule->precision_weight);
  if (rule->strategy == MER_VOTE_COUNT)
    json_object_set_double_member (data, "threshold", rule->threshold);
  json_object_set_int_member (data, "lists", n_lists);
  json_object_set_int_member (data, "voters", n_voters);
  for (guint i = 0; i < mer_vote_tally_get_length (tally); i++)
    json_object_set_double_member (votes, mer_vote_tally_get_label (tally, i),
                                   mer_vote_tally_get_votes (tally, i));
  json_object_set_object_member (data, "votes", votes);
  return json_node_init_object (node, data);
}

static char *
join_stages (MerResult *const *results, guint n_results)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < n_results; i++)
    g_string_append_printf (names, "%s%s (%s)", i > 0 ? ", " : "",
                            mer_result_get_stage (results[i]),
                            mer_outcome_to_string (mer_result_get_outcome (results[i])));
  return g_string_free (g_steal_pointer (&names), FALSE);
}

static MerResult *
nothing_to_fuse (MerFusion *fusion, MerResult *const *results, guint n_results)
{
  MerResult *result = mer_fusion_new_result (fusion, MER_OUTCOME_SKIPPED);
  g_autofree char *names = join_stages (results, n_results);
  g_autofree char *detail = n_results > 0
                                ? g_strdup_printf ("no labels to fuse from %s", names)
                                : g_strdup ("no stage before this one gave labels");

  mer_result_set_failure (result, MER_OUTCOME_SKIPPED, MER_REASON_NO_EARLIER_ANSWER,
                          detail);
  return result;
}

/**
 * mer_fuse_results:
 * @fusion: the element
 * @rule: how lists become one; its weights are set here
 * @weights: (nullable) (element-type utf8 double): votes by stage name
 * @results: (array length=n_results): what the stages said
 * @n_results: how many
 *
 * A result that is not accepted, or has no labels, abstains.
 *
 * Returns: (transfer full): `answered` with the fused list, `skipped` where all abstain
 */
MerResult *
mer_fuse_results (MerFusion *fusion, const MerVoteRule *rule, GHashTable *weights,
                  MerResult *const *results, guint n_results)
{
  g_autofree MerLabels **lists = g_new0 (MerLabels *, n_results + 1);
  g_autofree double *list_weights = g_new0 (double, n_results + 1);
  MerVoteRule weighted = *rule;
  guint n_voters = 0;

  for (guint i = 0; i < n_results; i++)
    {
      list_weights[i]
          = weights != NULL
                ? mer_vote_weights_get (weights, mer_result_get_stage (results[i]))
                : 1.;
      if (mer_transform_accepts (MER_TRANSFORM (fusion), results[i]))
        lists[i] = mer_result_get_labels (results[i]);
      n_voters += lists[i] != NULL;
    }
  if (n_voters == 0)
    return nothing_to_fuse (fusion, results, n_results);

  weighted.weights = list_weights;
  MerResult *result = mer_fusion_new_result (fusion, MER_OUTCOME_ANSWERED);
  g_autoptr (MerLabels) labels = mer_vote_fuse (&weighted, lists, n_results);
  mer_result_set_labels (result, labels);
  mer_result_take_data (result, describe (&weighted, lists, n_results, n_voters));
  return result;
}
