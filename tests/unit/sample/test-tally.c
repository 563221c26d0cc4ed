/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what the stages of a run came to */
#include "sample/mer-tally.h"

#include <math.h>

#include "support/mer-test.h"
#include "tables/mer-json.h"

typedef struct
{
  const char *stage;
  const char *model;
  MerOutcome outcome;
  MerReason reason;
  const char *key;
  gboolean from_journal;
  gint64 input;
  double cost;
  MerCostBasis basis;
  gboolean lost;
  const char *read;
} Case;

static const Case cases[] = {
  { "one", "m", MER_OUTCOME_ANSWERED, 0, "k1", FALSE, 10, 0.5, MER_COST_PRICED, FALSE,
    "strict" },
  { "one", "m", MER_OUTCOME_ANSWERED, 0, "k2", FALSE, 20, 0.25, MER_COST_REPORTED, FALSE,
    "lenient" },
  /* the same call from the journal, now and of an earlier session */
  { "one", "m", MER_OUTCOME_ANSWERED, 0, "k2", TRUE, 20, 0.25, MER_COST_REPORTED, FALSE,
    "lenient" },
  { "one", "m", MER_OUTCOME_REFUSED, MER_REASON_REFUSAL, "k3", TRUE, 7, 1,
    MER_COST_PRICED },
  { "one", "m", MER_OUTCOME_REFUSED, MER_REASON_REFUSAL, "k3", TRUE, 7, 1,
    MER_COST_PRICED },
  /* answered without counts, failed, failed after it may have been charged */
  { "one", "m", MER_OUTCOME_ANSWERED, 0, "k4", FALSE, -1, NAN, 0 },
  { "one", "m", MER_OUTCOME_API_FAILED, MER_REASON_HTTP_STATUS, "k5", FALSE, -1, NAN, 0 },
  { "one", "m", MER_OUTCOME_API_FAILED, MER_REASON_TIMEOUT, "k6", FALSE, -1, NAN, 0, TRUE },
  /* never asked */
  { "one", NULL, MER_OUTCOME_SKIPPED, MER_REASON_NO_MODALITY, NULL, FALSE, -1, NAN, 0 },
  { "two", "n", MER_OUTCOME_ANSWERED, 0, "k7", FALSE, 5, 2, MER_COST_ESTIMATED },
};

static void
add_case (MerTally *tally, const Case *wanted)
{
  g_autoptr (MerResult) result
      = mer_result_new (wanted->stage, MER_KIND_BACKEND, wanted->outcome);
  MerUsage usage = MER_USAGE_UNKNOWN;

  usage.input = wanted->input;
  usage.incomplete = wanted->lost;
  mer_result_set_reason (result, wanted->reason);
  mer_result_set_model (result, wanted->model);
  mer_result_set_call_key (result, wanted->key);
  mer_result_set_from_journal (result, wanted->from_journal);
  mer_result_set_usage (result, &usage);
  mer_result_set_cost (result, wanted->cost, wanted->basis);
  mer_result_set_attempts (result, wanted->key != NULL ? 2 : 0);
  mer_result_set_seconds (result, wanted->key != NULL ? 1.5 : NAN);
  if (wanted->read != NULL)
    {
      JsonNode *data = json_node_new (JSON_NODE_OBJECT);

      json_node_take_object (data, json_object_new ());
      json_object_set_string_member (json_node_get_object (data), "read", wanted->read);
      mer_result_take_data (result, data);
    }
  mer_tally_add_result (tally, result);
}

static void
test_tally (void **state)
{
  g_autoptr (MerTally) tally = mer_tally_new ();
  const MerTallyRow *row = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case (tally, &cases[i]);
  assert_int_equal (mer_tally_get_n_rows (tally), 3);
  row = mer_tally_get_row (tally, 0);
  assert_string_equal (row->model, "m");
  assert_int_equal (row->samples, 8);
  assert_int_equal (row->calls, 5);
  assert_int_equal (row->from_journal, 3);
  assert_int_equal (row->attempts, 10);
  assert_float_equal (row->seconds, 7.5, 1e-9);
  assert_int_equal (row->outcomes[MER_OUTCOME_REFUSED], 2);
  assert_int_equal (row->reasons[MER_REASON_TIMEOUT], 1);
  assert_int_equal (row->strict, 1);
  assert_int_equal (row->lenient, 2);
  /* what several samples share is counted once */
  assert_int_equal (row->usage.input, 30);
  assert_int_equal (row->journal_usage.input, 7);
  assert_float_equal (row->cost.usd, 0.75, 1e-9);
  assert_int_equal (row->cost.n_known, 2);
  assert_int_equal (row->cost.n_reported, 1);
  assert_int_equal (row->cost.n_unknown, 1);
  assert_int_equal (row->cost.n_lost, 1);
  assert_float_equal (row->journal_cost.usd, 1, 1e-9);
  assert_string_equal (mer_tally_get_row (tally, 1)->model, "");
  assert_int_equal (mer_tally_get_row (tally, 1)->calls, 0);

  MerTallyRow total = mer_tally_get_total (tally);
  assert_int_equal (total.samples, 10);
  assert_float_equal (total.cost.usd, 2.75, 1e-9);
  assert_int_equal (total.cost.n_estimated, 1);
}

static void
test_json (void **state)
{
  g_autoptr (MerTally) tally = mer_tally_new ();

  add_case (tally, &cases[1]);
  add_case (tally, &cases[5]);

  g_autoptr (JsonNode) node = mer_tally_to_json (tally);
  JsonNode *row = mer_json_node_path (node, "stages", "0", NULL);
  g_autofree char *text = mer_json_canonical (row);
  assert_string_equal (
      text, "{\"attempts\":4,\"calls\":2,\"cost\":{\"known\":1,\"reported\":1,"
            "\"unknown\":1,\"usd\":0.25},\"from-journal\":0,\"journal\":{\"cost\":"
            "{},\"usage\":{}},\"model\":\"m\",\"outcomes\":{\"answered\":2},"
            "\"read\":{\"lenient\":1},\"reasons\":{},\"samples\":2,\"seconds\":3,"
            "\"stage\":\"one\",\"usage\":{\"input\":20}}");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_tally),
    cmocka_unit_test (test_json),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
