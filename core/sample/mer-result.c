/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sample/mer-result.h"

#include <math.h>

#include "mer-error.h"
#include "tables/mer-json.h"

struct _MerResult
{
  gatomicrefcount refs;
  gboolean sealed;
  char *stage;
  char *kind;
  MerOutcome outcome;
  MerReason reason;
  char *detail;
  char *text;
  char *reasoning;
  MerLabels *labels;
  char *model;
  MerModality shown;
  MerUsage usage;
  double cost;
  MerCostBasis cost_basis;
  double seconds;
  guint attempts;
  char *call_key;
  gboolean from_journal;
  JsonNode *data;
};

G_DEFINE_BOXED_TYPE (MerResult, mer_result, mer_result_ref, mer_result_unref)

/**
 * mer_result_new:
 * @stage: the stage's name
 * @kind: one of the MER_KIND_ names
 * @outcome: how it ended
 *
 * Returns: (transfer full): an unsealed result without text and labels
 */
MerResult *
mer_result_new (const char *stage, const char *kind, MerOutcome outcome)
{
  MerResult *self = g_new0 (MerResult, 1);

  g_atomic_ref_count_init (&self->refs);
  self->stage = g_strdup (stage);
  self->kind = g_strdup (kind);
  self->outcome = outcome;
  self->usage = MER_USAGE_UNKNOWN;
  self->cost = NAN;
  self->seconds = NAN;
  return self;
}

/**
 * mer_result_new_failed:
 * @stage: the stage's name
 * @kind: one of the MER_KIND_ names
 * @outcome: how it ended
 * @format: why, for people
 *
 * Returns: (transfer full): an unsealed result that says why there is no answer
 */
MerResult *
mer_result_new_failed (const char *stage, const char *kind, MerOutcome outcome,
                       const char *format, ...)
{
  MerResult *self = mer_result_new (stage, kind, outcome);
  va_list args;

  va_start (args, format);
  self->detail = g_strdup_vprintf (format, args);
  va_end (args);
  return self;
}

/**
 * mer_result_new_reason:
 * @stage: the stage's name
 * @kind: one of the MER_KIND_ names
 * @reason: one that belongs to an outcome
 * @format: why, for people
 *
 * Returns: (transfer full): an unsealed result with the outcome that @reason belongs to
 */
MerResult *
mer_result_new_reason (const char *stage, const char *kind, MerReason reason,
                       const char *format, ...)
{
  MerResult *self = mer_result_new (stage, kind, mer_reason_get_outcome (reason));
  va_list args;

  va_start (args, format);
  self->reason = reason;
  self->detail = g_strdup_vprintf (format, args);
  va_end (args);
  return self;
}

/**
 * mer_result_copy:
 * @self: a result, sealed or not
 *
 * Returns: (transfer full): an unsealed result with the same content
 */
MerResult *
mer_result_copy (MerResult *self)
{
  MerResult *copy = mer_result_new (self->stage, self->kind, self->outcome);

  copy->reason = self->reason;
  copy->detail = g_strdup (self->detail);
  copy->text = g_strdup (self->text);
  copy->reasoning = g_strdup (self->reasoning);
  copy->labels = self->labels != NULL ? mer_labels_ref (self->labels) : NULL;
  copy->model = g_strdup (self->model);
  copy->shown = self->shown;
  copy->usage = self->usage;
  copy->cost = self->cost;
  copy->cost_basis = self->cost_basis;
  copy->seconds = self->seconds;
  copy->attempts = self->attempts;
  copy->call_key = g_strdup (self->call_key);
  copy->from_journal = self->from_journal;
  copy->data = self->data != NULL ? json_node_ref (self->data) : NULL;
  return copy;
}

MerResult *
mer_result_ref (MerResult *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mer_result_unref (MerResult *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->stage);
  g_free (self->kind);
  g_free (self->detail);
  g_free (self->text);
  g_free (self->reasoning);
  g_clear_pointer (&self->labels, mer_labels_unref);
  g_free (self->model);
  g_free (self->call_key);
  g_clear_pointer (&self->data, json_node_unref);
  g_free (self);
}

/**
 * mer_result_seal:
 * @self: a result
 *
 * From here on the result does not change. Called by [method@MerSample.take_result].
 */
void
mer_result_seal (MerResult *self)
{
  self->sealed = TRUE;
}

const char *
mer_result_get_stage (MerResult *self)
{
  return self->stage;
}

const char *
mer_result_get_kind (MerResult *self)
{
  return self->kind;
}

MerOutcome
mer_result_get_outcome (MerResult *self)
{
  return self->outcome;
}

/**
 * mer_result_get_reason:
 * @self: a result
 *
 * Returns: why the outcome is what it is, for counting
 */
MerReason
mer_result_get_reason (MerResult *self)
{
  return self->reason;
}

/**
 * mer_result_get_detail:
 * @self: a result
 *
 * Returns: (nullable): why the outcome is what it is, for people
 */
const char *
mer_result_get_detail (MerResult *self)
{
  return self->detail;
}

const char *
mer_result_get_text (MerResult *self)
{
  return self->text;
}

/**
 * mer_result_get_reasoning:
 * @self: a result
 *
 * Returns: (nullable): what the model thought before it answered; labels never come from it
 */
const char *
mer_result_get_reasoning (MerResult *self)
{
  return self->reasoning;
}

/**
 * mer_result_get_labels:
 * @self: a result
 *
 * Returns: (transfer none) (nullable): the labels; %NULL before `merlabels` read the text,
 *   an empty list where it says that no emotion shows
 */
MerLabels *
mer_result_get_labels (MerResult *self)
{
  return self->labels;
}

const char *
mer_result_get_model (MerResult *self)
{
  return self->model;
}

/**
 * mer_result_get_shown:
 * @self: a result
 *
 * Returns: the modalities that really went into the stage
 */
MerModality
mer_result_get_shown (MerResult *self)
{
  return self->shown;
}

MerUsage
mer_result_get_usage (MerResult *self)
{
  return self->usage;
}

/**
 * mer_result_get_cost:
 * @self: a result
 *
 * Returns: US dollars, NaN where it is not known
 */
double
mer_result_get_cost (MerResult *self)
{
  return self->cost;
}

/**
 * mer_result_get_cost_basis:
 * @self: a result
 *
 * Returns: where the cost comes from
 */
MerCostBasis
mer_result_get_cost_basis (MerResult *self)
{
  return self->cost_basis;
}

/**
 * mer_result_get_seconds:
 * @self: a result
 *
 * Returns: wall-clock seconds from the first attempt's start to the end, NaN if not timed
 */
double
mer_result_get_seconds (MerResult *self)
{
  return self->seconds;
}

guint
mer_result_get_attempts (MerResult *self)
{
  return self->attempts;
}

/**
 * mer_result_get_call_key:
 * @self: a result
 *
 * Returns: (nullable): the journal's key of the call that answered, 64 hex digits
 */
const char *
mer_result_get_call_key (MerResult *self)
{
  return self->call_key;
}

/**
 * mer_result_get_from_journal:
 * @self: a result
 *
 * Returns: whether the answer was taken from the journal and no call was made
 */
gboolean
mer_result_get_from_journal (MerResult *self)
{
  return self->from_journal;
}

/**
 * mer_result_get_data:
 * @self: a result
 *
 * Returns: (transfer none) (nullable): figures of the stage's own: a descriptor's
 *   measurements, a scorer's verdict, a vote's counts
 */
JsonNode *
mer_result_get_data (MerResult *self)
{
  return self->data;
}

static void
result_set (MerResult *self, char **field, const char *value)
{
  g_return_if_fail (!self->sealed);
  g_free (*field);
  *field = g_strdup (value);
}

/**
 * mer_result_set_stage:
 * @self: an unsealed result
 * @stage: the stage's name
 *
 * An answer from the journal bears the name of the stage that asked for it.
 */
void
mer_result_set_stage (MerResult *self, const char *stage)
{
  result_set (self, &self->stage, stage);
}

void
mer_result_set_outcome (MerResult *self, MerOutcome outcome)
{
  g_return_if_fail (!self->sealed);
  self->outcome = outcome;
}

void
mer_result_set_reason (MerResult *self, MerReason reason)
{
  g_return_if_fail (!self->sealed);
  self->reason = reason;
}

/**
 * mer_result_set_failure:
 * @self: an unsealed result
 * @outcome: how it ended
 * @reason: why, for counting; one of @outcome's, or none
 * @detail: (nullable): why, for people
 *
 * What a stage says that has no answer. The text that came is kept beside it.
 */
void
mer_result_set_failure (MerResult *self, MerOutcome outcome, MerReason reason,
                        const char *detail)
{
  g_return_if_fail (mer_reason_fits (reason, outcome));
  mer_result_set_outcome (self, outcome);
  mer_result_set_reason (self, reason);
  mer_result_set_detail (self, detail);
}

void
mer_result_set_detail (MerResult *self, const char *detail)
{
  result_set (self, &self->detail, detail);
}

void
mer_result_set_text (MerResult *self, const char *text)
{
  result_set (self, &self->text, text);
}

void
mer_result_set_reasoning (MerResult *self, const char *reasoning)
{
  result_set (self, &self->reasoning, reasoning);
}

void
mer_result_set_labels (MerResult *self, MerLabels *labels)
{
  g_return_if_fail (!self->sealed);
  g_clear_pointer (&self->labels, mer_labels_unref);
  self->labels = labels != NULL ? mer_labels_ref (labels) : NULL;
}

void
mer_result_set_model (MerResult *self, const char *model)
{
  result_set (self, &self->model, model);
}

void
mer_result_set_shown (MerResult *self, MerModality shown)
{
  g_return_if_fail (!self->sealed);
  self->shown = shown;
}

void
mer_result_set_usage (MerResult *self, const MerUsage *usage)
{
  g_return_if_fail (!self->sealed);
  self->usage = *usage;
}

/**
 * mer_result_set_cost:
 * @self: an unsealed result
 * @usd: US dollars, NaN where it is not known
 * @basis: where that comes from. A parser says `REPORTED` for what the server charged;
 *   what it does not report is worked out from the usage and the model's prices
 */
void
mer_result_set_cost (MerResult *self, double usd, MerCostBasis basis)
{
  g_return_if_fail (!self->sealed);
  self->cost = usd;
  self->cost_basis = isnan (usd) ? MER_COST_UNKNOWN : basis;
}

void
mer_result_set_seconds (MerResult *self, double seconds)
{
  g_return_if_fail (!self->sealed);
  self->seconds = seconds;
}

void
mer_result_set_attempts (MerResult *self, guint attempts)
{
  g_return_if_fail (!self->sealed);
  self->attempts = attempts;
}

void
mer_result_set_call_key (MerResult *self, const char *key)
{
  result_set (self, &self->call_key, key);
}

void
mer_result_set_from_journal (MerResult *self, gboolean from_journal)
{
  g_return_if_fail (!self->sealed);
  self->from_journal = from_journal;
}

/**
 * mer_result_take_data:
 * @self: an unsealed result
 * @data: (transfer full): a JSON value; it is sealed here
 */
void
mer_result_take_data (MerResult *self, JsonNode *data)
{
  g_return_if_fail (!self->sealed);
  g_clear_pointer (&self->data, json_node_unref);
  json_node_seal (data);
  self->data = data;
}

static JsonArray *
labels_to_json (MerLabels *labels)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < mer_labels_get_length (labels); i++)
    {
      double weight = mer_labels_get_weight (labels, i);

      if (isnan (weight))
        {
          json_array_add_string_element (array, mer_labels_get (labels, i));
          continue;
        }

      JsonObject *label = json_object_new ();
      json_object_set_string_member (label, "label", mer_labels_get (labels, i));
      json_object_set_double_member (label, "weight", weight);
      json_array_add_object_element (array, label);
    }
  return array;
}

static MerLabels *
labels_from_json (JsonNode *node)
{
  g_autoptr (MerLabels) labels = mer_labels_new ();
  JsonArray *array = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_OBJECT (element))
        {
          const char *word = mer_json_node_string (element, "label");

          if (word != NULL)
            mer_labels_add_weighted (labels, word,
                                     mer_json_node_number (element, "weight", NAN));
        }
      else if (json_node_get_value_type (element) == G_TYPE_STRING)
        mer_labels_add (labels, json_node_get_string (element));
    }
  return g_steal_pointer (&labels);
}

static void
set_text (JsonObject *object, const char *member, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, member, value);
}

static void
set_number (JsonObject *object, const char *member, double value)
{
  if (!isnan (value))
    json_object_set_double_member (object, member, value);
}

/**
 * mer_result_to_json:
 * @self: a result
 *
 * Returns: (transfer full): an object of a record's `results`; what is not known is left
 * out
 */
JsonNode *
mer_result_to_json (MerResult *self)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);

  json_object_unref (object);
  json_object_set_string_member (object, "stage", self->stage);
  json_object_set_string_member (object, "kind", self->kind);
  json_object_set_string_member (object, "outcome", mer_outcome_to_string (self->outcome));
  if (self->reason != MER_REASON_NONE)
    json_object_set_string_member (object, "reason", mer_reason_to_string (self->reason));
  set_text (object, "detail", self->detail);
  set_text (object, "text", self->text);
  set_text (object, "reasoning", self->reasoning);
  if (self->labels != NULL)
    json_object_set_array_member (object, "labels", labels_to_json (self->labels));
  set_text (object, "model", self->model);
  if (self->shown != MER_MODALITY_NONE)
    {
      g_autofree char *shown = mer_modality_to_string (self->shown);
      json_object_set_string_member (object, "shown", shown);
    }
  g_autoptr (JsonObject) usage = mer_usage_to_json (&self->usage);
  if (json_object_get_size (usage) > 0)
    json_object_set_object_member (object, "usage", json_object_ref (usage));
  set_number (object, "cost", self->cost);
  if (self->cost_basis != MER_COST_UNKNOWN)
    json_object_set_string_member (object, "cost-basis",
                                   mer_cost_basis_to_string (self->cost_basis));
  set_number (object, "seconds", self->seconds);
  if (self->attempts > 0)
    json_object_set_int_member (object, "attempts", self->attempts);
  set_text (object, "call", self->call_key);
  if (self->from_journal)
    json_object_set_boolean_member (object, "from-journal", TRUE);
  if (self->data != NULL)
    json_object_set_member (object, "data", json_node_copy (self->data));
  return node;
}

static MerModality
shown_from_json (JsonNode *node)
{
  const char *text = mer_json_node_string (node, "shown");
  g_autoptr (GFlagsClass) klass = g_type_class_ref (MER_TYPE_MODALITY);
  g_auto (GStrv) nicks = g_strsplit (text != NULL ? text : "", "+", -1);
  MerModality shown = MER_MODALITY_NONE;

  for (guint i = 0; nicks[i] != NULL; i++)
    {
      GFlagsValue *value = g_flags_get_value_by_nick (klass, nicks[i]);

      if (value != NULL)
        shown |= value->value;
    }
  return shown;
}

/**
 * mer_result_new_from_json:
 * @node: an object that [method@MerResult.to_json] made
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the result, unsealed; %NULL with `INVALID_FILE` if
 *   the stage or the outcome is missing or unknown
 */
MerResult *
mer_result_new_from_json (JsonNode *node, GError **error)
{
  const char *stage = mer_json_node_string (node, "stage");
  const char *kind = mer_json_node_string (node, "kind");
  const char *nick = mer_json_node_string (node, "outcome");
  MerOutcome outcome;

  if (stage == NULL || nick == NULL || !mer_outcome_from_string (nick, &outcome))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                   "a result needs a stage and a known outcome, this one has “%s” and “%s”",
                   stage != NULL ? stage : "", nick != NULL ? nick : "");
      return NULL;
    }

  g_autoptr (MerResult) self
      = mer_result_new (stage, kind != NULL ? kind : MER_KIND_BACKEND, outcome);
  JsonNode *member;

  self->reason = mer_reason_from_string (mer_json_node_string (node, "reason"));
  self->detail = g_strdup (mer_json_node_string (node, "detail"));
  self->text = g_strdup (mer_json_node_string (node, "text"));
  self->reasoning = g_strdup (mer_json_node_string (node, "reasoning"));
  self->model = g_strdup (mer_json_node_string (node, "model"));
  self->call_key = g_strdup (mer_json_node_string (node, "call"));
  self->shown = shown_from_json (node);
  self->cost = mer_json_node_number (node, "cost", NAN);
  self->cost_basis = mer_cost_basis_from_string (mer_json_node_string (node, "cost-basis"));
  self->seconds = mer_json_node_number (node, "seconds", NAN);
  self->attempts = (guint) mer_json_node_number (node, "attempts", 0);
  if ((member = mer_json_node_member (node, "labels")) != NULL
      && JSON_NODE_HOLDS_ARRAY (member))
    self->labels = labels_from_json (member);
  if ((member = mer_json_node_member (node, "usage")) != NULL
      && JSON_NODE_HOLDS_OBJECT (member))
    self->usage = mer_usage_from_json (member);
  if ((member = mer_json_node_member (node, "from-journal")) != NULL)
    self->from_journal = json_node_get_value_type (member) == G_TYPE_BOOLEAN
                         && json_node_get_boolean (member);
  if ((member = mer_json_node_member (node, "data")) != NULL)
    mer_result_take_data (self, json_node_copy (member));
  return g_steal_pointer (&self);
}
