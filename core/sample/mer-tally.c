/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sample/mer-tally.h"

#include <math.h>

#include "tables/mer-json.h"

struct _MerTally
{
  GPtrArray *rows;  /* in the order in which stages came up */
  GHashTable *keys; /* of calls that were counted */
};

static void
row_free (gpointer data)
{
  MerTallyRow *row = data;

  g_free (row->stage);
  g_free (row->model);
  g_free (row);
}

/**
 * mer_tally_new:
 *
 * Returns: (transfer full): a tally of nothing
 */
MerTally *
mer_tally_new (void)
{
  MerTally *self = g_new0 (MerTally, 1);

  self->rows = g_ptr_array_new_with_free_func (row_free);
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
mer_tally_free (MerTally *self)
{
  g_ptr_array_unref (self->rows);
  g_hash_table_unref (self->keys);
  g_free (self);
}

static MerTallyRow *
find_row (MerTally *self, const char *stage, const char *model)
{
  MerTallyRow *row = NULL;

  for (guint i = 0; i < self->rows->len; i++)
    {
      row = g_ptr_array_index (self->rows, i);
      if (g_str_equal (row->stage, stage) && g_str_equal (row->model, model))
        return row;
    }
  row = g_new0 (MerTallyRow, 1);
  row->stage = g_strdup (stage);
  row->model = g_strdup (model);
  row->usage = MER_USAGE_UNKNOWN;
  row->journal_usage = MER_USAGE_UNKNOWN;
  g_ptr_array_add (self->rows, row);
  return row;
}

/* whether somebody was there who may have charged for it: what fails is mostly free */
static gboolean
is_chargeable (MerOutcome outcome)
{
  return outcome == MER_OUTCOME_ANSWERED || outcome == MER_OUTCOME_REFUSED
         || outcome == MER_OUTCOME_TRUNCATED || outcome == MER_OUTCOME_UNPARSEABLE;
}

static void
cost_add_result (MerTallyCost *self, MerResult *result)
{
  double usd = mer_result_get_cost (result);
  MerCostBasis basis = mer_result_get_cost_basis (result);

  self->n_lost += mer_result_get_usage (result).incomplete;
  if (isnan (usd))
    {
      self->n_unknown += is_chargeable (mer_result_get_outcome (result));
      return;
    }
  self->usd += usd;
  self->n_known++;
  self->n_reported += basis == MER_COST_REPORTED;
  self->n_estimated += basis == MER_COST_ESTIMATED;
}

/**
 * mer_tally_cost_add:
 * @self: a sum
 * @more: what is added
 */
void
mer_tally_cost_add (MerTallyCost *self, const MerTallyCost *more)
{
  self->usd += more->usd;
  self->n_known += more->n_known;
  self->n_reported += more->n_reported;
  self->n_estimated += more->n_estimated;
  self->n_unknown += more->n_unknown;
  self->n_lost += more->n_lost;
}

static void
count_call (MerTally *self, MerTallyRow *row, MerResult *result)
{
  const char *key = mer_result_get_call_key (result);
  MerUsage usage = mer_result_get_usage (result);
  gboolean from_journal = mer_result_get_from_journal (result);

  if (key == NULL && mer_result_get_attempts (result) == 0)
    return;
  row->from_journal += from_journal;
  row->calls += !from_journal;
  if (from_journal && key != NULL && g_hash_table_contains (self->keys, key))
    return;
  if (key != NULL)
    g_hash_table_add (self->keys, g_strdup (key));
  mer_usage_add (from_journal ? &row->journal_usage : &row->usage, &usage);
  cost_add_result (from_journal ? &row->journal_cost : &row->cost, result);
  if (from_journal)
    return;
  row->attempts += mer_result_get_attempts (result);
  if (!isnan (mer_result_get_seconds (result)))
    row->seconds += mer_result_get_seconds (result);
}

/**
 * mer_tally_add_result:
 * @self: a tally
 * @result: what a stage said; those of scorers are left out
 */
void
mer_tally_add_result (MerTally *self, MerResult *result)
{
  const char *kind = mer_result_get_kind (result);
  const char *model = mer_result_get_model (result);
  const char *read = NULL;
  MerTallyRow *row = NULL;

  if (g_str_equal (kind, MER_KIND_SCORER) || g_str_equal (kind, MER_KIND_LABELS))
    return;
  row = find_row (self, mer_result_get_stage (result), model != NULL ? model : "");
  read = mer_json_node_string (mer_result_get_data (result), "read");
  row->samples++;
  row->outcomes[mer_result_get_outcome (result)]++;
  row->reasons[mer_result_get_reason (result)]++;
  row->strict += g_strcmp0 (read, "strict") == 0;
  row->lenient += g_strcmp0 (read, "lenient") == 0;
  count_call (self, row, result);
}

/**
 * mer_tally_add_sample:
 * @self: a tally
 * @sample: a sample that has reached the end of the graph
 */
void
mer_tally_add_sample (MerTally *self, MerSample *sample)
{
  for (guint i = 0; i < mer_sample_get_n_results (sample); i++)
    mer_tally_add_result (self, mer_sample_get_result (sample, i));
}

guint
mer_tally_get_n_rows (const MerTally *self)
{
  return self->rows->len;
}

/**
 * mer_tally_get_row:
 * @self: a tally
 * @i: below mer_tally_get_n_rows()
 *
 * A sample that was skipped names no model and stands in a row of its own.
 *
 * Returns: (transfer none): stages in the order in which they came up
 */
const MerTallyRow *
mer_tally_get_row (const MerTally *self, guint i)
{
  return g_ptr_array_index (self->rows, i);
}

/**
 * mer_tally_get_total:
 * @self: a tally
 *
 * Returns: all rows together; its names are %NULL
 */
MerTallyRow
mer_tally_get_total (const MerTally *self)
{
  MerTallyRow total = { .usage = MER_USAGE_UNKNOWN, .journal_usage = MER_USAGE_UNKNOWN };

  for (guint i = 0; i < self->rows->len; i++)
    {
      const MerTallyRow *row = g_ptr_array_index (self->rows, i);

      total.samples += row->samples;
      total.calls += row->calls;
      total.from_journal += row->from_journal;
      total.attempts += row->attempts;
      total.strict += row->strict;
      total.lenient += row->lenient;
      total.seconds += row->seconds;
      for (guint j = 0; j < MER_N_OUTCOMES; j++)
        total.outcomes[j] += row->outcomes[j];
      for (guint j = 0; j < MER_N_REASONS; j++)
        total.reasons[j] += row->reasons[j];
      mer_usage_add (&total.usage, &row->usage);
      mer_usage_add (&total.journal_usage, &row->journal_usage);
      mer_tally_cost_add (&total.cost, &row->cost);
      mer_tally_cost_add (&total.journal_cost, &row->journal_cost);
    }
  return total;
}

static void
set_count (JsonObject *object, const char *name, guint count)
{
  if (count > 0)
    json_object_set_int_member (object, name, count);
}

/* %NULL where nothing was to be paid and nothing is known */
static JsonObject *
cost_to_json (const MerTallyCost *cost)
{
  JsonObject *object = json_object_new ();

  if (cost->n_known > 0)
    json_object_set_double_member (object, "usd", cost->usd);
  set_count (object, "known", cost->n_known);
  set_count (object, "reported", cost->n_reported);
  set_count (object, "estimated", cost->n_estimated);
  set_count (object, "unknown", cost->n_unknown);
  set_count (object, "lost", cost->n_lost);
  return object;
}

static void
set_counts (JsonObject *object, const MerTallyRow *row)
{
  JsonObject *outcomes = json_object_new ();
  JsonObject *reasons = json_object_new ();
  JsonObject *read = json_object_new ();

  for (guint i = 0; i < MER_N_OUTCOMES; i++)
    set_count (outcomes, mer_outcome_to_string (i), row->outcomes[i]);
  for (guint i = 1; i < MER_N_REASONS; i++)
    set_count (reasons, mer_reason_to_string (i), row->reasons[i]);
  set_count (read, "strict", row->strict);
  set_count (read, "lenient", row->lenient);
  json_object_set_object_member (object, "outcomes", outcomes);
  json_object_set_object_member (object, "reasons", reasons);
  json_object_set_object_member (object, "read", read);
}

/**
 * mer_tally_row_to_json:
 * @row: a row, or a total
 *
 * Returns: (transfer full): the row as an object; counts of nothing are left out
 */
JsonObject *
mer_tally_row_to_json (const MerTallyRow *row)
{
  JsonObject *object = json_object_new ();
  JsonObject *journal = json_object_new ();

  if (row->stage != NULL)
    json_object_set_string_member (object, "stage", row->stage);
  if (row->model != NULL && *row->model != '\0')
    json_object_set_string_member (object, "model", row->model);
  json_object_set_int_member (object, "samples", row->samples);
  json_object_set_int_member (object, "calls", row->calls);
  json_object_set_int_member (object, "from-journal", row->from_journal);
  json_object_set_int_member (object, "attempts", row->attempts);
  set_counts (object, row);
  json_object_set_object_member (object, "usage", mer_usage_to_json (&row->usage));
  json_object_set_object_member (object, "cost", cost_to_json (&row->cost));
  json_object_set_double_member (object, "seconds", row->seconds);
  json_object_set_object_member (journal, "usage", mer_usage_to_json (&row->journal_usage));
  json_object_set_object_member (journal, "cost", cost_to_json (&row->journal_cost));
  json_object_set_object_member (object, "journal", journal);
  return object;
}

/**
 * mer_tally_to_json:
 * @self: a tally
 *
 * Returns: (transfer full): an object with `stages`, a list of rows, and `total`
 */
JsonNode *
mer_tally_to_json (const MerTally *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *stages = json_array_new ();
  MerTallyRow total = mer_tally_get_total (self);

  for (guint i = 0; i < self->rows->len; i++)
    json_array_add_object_element (
        stages, mer_tally_row_to_json (g_ptr_array_index (self->rows, i)));
  json_object_set_array_member (object, "stages", stages);
  json_object_set_object_member (object, "total", mer_tally_row_to_json (&total));
  json_node_take_object (node, object);
  return node;
}
