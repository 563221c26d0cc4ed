/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what a call used and cost, and why it gave no answer */
#include "sample/mer-result.h"

#include <math.h>

#include "support/mer-test.h"
#include "tables/mer-json.h"

static void
test_usage_json (void **state)
{
  MerUsage usage = { 10, 20, 30, 5, 6, 7, 2, 40, 8, 9, 1.5, TRUE, TRUE };
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, mer_usage_to_json (&usage));
  g_autofree char *text = mer_json_canonical (node);
  assert_string_equal (text,
                       "{\"cache-write\":30,\"estimated\":true,\"incomplete\":true,"
                       "\"input\":10,\"input-audio\":5,\"input-cached\":20,"
                       "\"input-cached-audio\":2,\"input-image\":6,\"input-video\":7,"
                       "\"output\":40,\"output-audio\":9,\"reasoning\":8,\"seconds\":1.5}");

  MerUsage again = mer_usage_from_json (node);
  assert_memory_equal (&again, &usage, sizeof usage);
}

static void
test_usage_unknown (void **state)
{
  static const char *const texts[] = {
    "{}",
    "[]",
    "null",
    "{\"input\":-3,\"output\":\"5\",\"seconds\":-1,\"estimated\":1,\"reasoning\":null}",
    "{\"input\":1e300}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (MerJson) json = mer_json_parse ("usage", texts[i], -1, NULL);
      MerUsage usage = mer_usage_from_json (mer_json_get_root (json));

      assert_false (mer_usage_is_known (&usage));
      assert_int_equal (mer_usage_get_read (&usage), -1);
      assert_false (usage.estimated);
    }
}

static void
test_usage_add (void **state)
{
  MerUsage sum = MER_USAGE_UNKNOWN;
  MerUsage one = MER_USAGE_UNKNOWN;

  mer_usage_add (&sum, &one);
  assert_false (mer_usage_is_known (&sum));
  one.input = 7;
  one.output = 0;
  mer_usage_add (&sum, &one);
  mer_usage_add (&sum, &one);
  assert_int_equal (sum.input, 14);
  assert_int_equal (sum.output, 0);
  assert_int_equal (sum.input_audio, -1);
  one = (MerUsage) MER_USAGE_UNKNOWN;
  one.input_cached = 6;
  one.seconds = 2.5;
  one.incomplete = TRUE;
  mer_usage_add (&sum, &one);
  assert_int_equal (mer_usage_get_read (&sum), 20);
  assert_float_equal (sum.seconds, 2.5, 1e-12);
  assert_true (sum.incomplete);
}

/* each name leads back to its reason, and each reason but two belongs to one outcome */
static void
test_reasons (void **state)
{
  for (guint i = 0; i < MER_N_REASONS; i++)
    {
      guint n_outcomes = 0;

      assert_int_equal (mer_reason_from_string (mer_reason_to_string (i)), i);
      for (guint outcome = 0; outcome < MER_N_OUTCOMES; outcome++)
        n_outcomes += mer_reason_fits (i, outcome);
      assert_int_equal (n_outcomes,
                        i == MER_REASON_NONE || i == MER_REASON_OTHER ? MER_N_OUTCOMES : 1);
      assert_false (mer_reason_fits (i, MER_OUTCOME_ANSWERED) && i != MER_REASON_NONE
                    && i != MER_REASON_OTHER);
    }
  assert_int_equal (mer_reason_from_string (NULL), MER_REASON_NONE);
  assert_int_equal (mer_reason_from_string ("of a later version"), MER_REASON_OTHER);
}

static const struct
{
  const char *json;
  MerReason reason;
  MerCostBasis basis;
} stored[] = {
  { "{\"stage\":\"a\",\"kind\":\"backend\",\"outcome\":\"refused\",\"reason\":\"refusal\","
    "\"cost\":0.25,\"cost-basis\":\"reported\"}",
    MER_REASON_REFUSAL, MER_COST_REPORTED },
  { "{\"stage\":\"a\",\"kind\":\"backend\",\"outcome\":\"api-failed\","
    "\"reason\":\"timeout\"}",
    MER_REASON_TIMEOUT, MER_COST_UNKNOWN },
  /* written before there were reasons */
  { "{\"stage\":\"a\",\"kind\":\"backend\",\"outcome\":\"truncated\",\"cost\":0.25}",
    MER_REASON_NONE, MER_COST_UNKNOWN },
};

static void
test_results (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (stored); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerJson) json = mer_json_parse ("result", stored[i].json, -1, &error);
      g_autoptr (MerResult) result
          = mer_result_new_from_json (mer_json_get_root (json), &error);

      mer_test_assert_no_error (error);
      assert_int_equal (mer_result_get_reason (result), stored[i].reason);
      assert_int_equal (mer_result_get_cost_basis (result), stored[i].basis);

      g_autoptr (MerResult) copy = mer_result_copy (result);
      g_autoptr (JsonNode) node = mer_result_to_json (copy);
      g_autofree char *text = json_to_string (node, FALSE);
      assert_string_equal (text, stored[i].json);
    }
}

static void
test_failure (void **state)
{
  g_autoptr (MerResult) result
      = mer_result_new ("a", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);

  mer_result_set_text (result, "I will not.");
  mer_result_set_failure (result, MER_OUTCOME_REFUSED, MER_REASON_REFUSAL, "it declined");
  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_REFUSED);
  assert_int_equal (mer_result_get_reason (result), MER_REASON_REFUSAL);
  assert_string_equal (mer_result_get_text (result), "I will not.");
  mer_result_set_cost (result, NAN, MER_COST_PRICED);
  assert_int_equal (mer_result_get_cost_basis (result), MER_COST_UNKNOWN);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_usage_json), cmocka_unit_test (test_usage_unknown),
    cmocka_unit_test (test_usage_add),  cmocka_unit_test (test_reasons),
    cmocka_unit_test (test_results),    cmocka_unit_test (test_failure),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
