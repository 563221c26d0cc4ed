/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-export-rows.h"

#include "mer-error.h"
#include "sample/mer-record.h"
#include "tables/mer-json.h"

/* --- helpers --- */

JsonObject *
mer_export_row_new (const char *column, const char *value)
{
  JsonObject *row = json_object_new ();

  json_object_set_string_member (row, column, value);
  return row;
}

void
mer_export_row_copy (JsonObject *row, const char *column, JsonNode *from,
                     const char *member)
{
  JsonNode *node = mer_json_node_member (from, member);

  if (node != NULL)
    json_object_set_member (row, column, json_node_copy (node));
}

static void
row_set_time (JsonObject *row, const char *column, gint64 microseconds)
{
  if (microseconds == 0)
    return;

  g_autoptr (GDateTime) time
      = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);
  g_autofree char *text = time != NULL ? g_date_time_format_iso8601 (time) : NULL;

  if (text != NULL)
    json_object_set_string_member (row, column, text);
}

typedef struct
{
  MerExport *export;
  MerExportRecordFunc func;
} RecordCall;

static gboolean
call_with_record (const char *id, const char *record, gpointer user_data, GError **error)
{
  RecordCall *call = user_data;
  g_autofree char *place
      = g_strdup_printf ("%s: sample “%s”", mer_store_get_path (call->export->store), id);
  g_autoptr (MerJson) json = mer_json_parse (place, record, -1, error);

  return json != NULL && call->func (call->export, id, mer_json_get_root (json), error);
}

gboolean
mer_export_foreach_record (MerExport *self, MerExportRecordFunc func, GError **error)
{
  RecordCall call = { self, func };

  return mer_store_foreach_record (self->store, self->run->number, call_with_record, &call,
                                   error);
}

static JsonArray *
record_get_results (JsonNode *record)
{
  JsonNode *results = mer_json_node_member (record, "results");

  return results != NULL && JSON_NODE_HOLDS_ARRAY (results) ? json_node_get_array (results)
                                                            : NULL;
}

static guint
array_length (JsonArray *array)
{
  return array != NULL ? json_array_get_length (array) : 0;
}

static gboolean
is_wanted (MerExport *self, JsonNode *result)
{
  return self->stage == NULL
         || g_strcmp0 (self->stage, mer_json_node_string (result, "stage")) == 0;
}

static gboolean
is_scorer (JsonNode *result)
{
  return g_strcmp0 (mer_json_node_string (result, "kind"), MER_KIND_SCORER) == 0;
}

/* every number in a JSON value, as `a.b.0` and its value: one row each */
static void
add_figures (MerExport *self, JsonObject *like, const char *path, JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        {
          g_autofree char *below
              = *path != '\0' ? g_strconcat (path, ".", name, NULL) : g_strdup (name);

          add_figures (self, like, below, member);
        }
      return;
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_autofree char *below = g_strdup_printf ("%s.%u", path, i);

          add_figures (self, like, below, json_array_get_element (array, i));
        }
      return;
    }

  JsonObject *row = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init_ordered (&iter, like);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    json_object_set_member (row, name, json_node_copy (member));
  json_object_set_string_member (row, "figure", path);
  json_object_set_member (row, "value", json_node_copy (node));
  mer_export_file_add (self->file, row);
}

/* --- samples --- */

static const char *const sample_columns[]
    = { "id", "seq", "group", "split", "subtitle", "truth", "media", "results", NULL };

static gboolean
add_sample (MerExport *self, const char *id, JsonNode *record, GError **error)
{
  JsonObject *row = mer_export_row_new ("id", id);
  JsonNode *media = mer_json_node_member (record, "media");
  JsonNode *truth = mer_json_node_member (record, "truth");

  for (guint i = 1; i <= 4; i++)
    mer_export_row_copy (row, sample_columns[i], record, sample_columns[i]);
  if (truth != NULL && JSON_NODE_HOLDS_OBJECT (truth)
      && json_object_get_size (json_node_get_object (truth)) == 1)
    {
      g_autoptr (GList) values = json_object_get_values (json_node_get_object (truth));

      json_object_set_member (row, "truth", json_node_copy (values->data));
    }
  if (media != NULL)
    mer_export_row_copy (row, "media", media, "outcome");
  json_object_set_int_member (row, "results", array_length (record_get_results (record)));
  mer_export_file_add (self->file, row);
  return TRUE;
}

static gboolean
add_record_line (const char *id, const char *record, gpointer user_data, GError **error)
{
  mer_export_file_add_line (((MerExport *) user_data)->file, record);
  return TRUE;
}

static gboolean
write_samples (MerExport *self, GError **error)
{
  if (mer_export_file_get_format (self->file) == MER_EXPORT_CSV)
    return mer_export_foreach_record (self, add_sample, error);
  return mer_store_foreach_record (self->store, self->run->number, add_record_line, self,
                                   error);
}

/* --- results --- */

static const char *const result_columns[] = { "id",
                                              "seq",
                                              "stage",
                                              "kind",
                                              "outcome",
                                              "reason",
                                              "detail",
                                              "labels",
                                              "text",
                                              "reasoning",
                                              "model",
                                              "shown",
                                              "input-tokens",
                                              "cached-tokens",
                                              "output-tokens",
                                              "reasoning-tokens",
                                              "cost",
                                              "cost-basis",
                                              "seconds",
                                              "attempts",
                                              "from-journal",
                                              "call",
                                              NULL };

static gboolean
add_results (MerExport *self, const char *id, JsonNode *record, GError **error)
{
  JsonArray *results = record_get_results (record);

  for (guint i = 0; i < array_length (results); i++)
    {
      JsonNode *result = json_array_get_element (results, i);
      JsonObject *row;

      if (!is_wanted (self, result) || is_scorer (result))
        continue;
      row = mer_export_row_new ("id", id);
      for (guint c = 1; result_columns[c] != NULL; c++)
        mer_export_row_copy (row, result_columns[c], result, result_columns[c]);
      mer_export_row_copy (row, "seq", record, "seq");
      mer_export_row_copy (row, "data", result, "data");
      mer_export_row_copy (row, "usage", result, "usage");

      JsonNode *usage = mer_json_node_member (result, "usage");

      if (usage != NULL)
        {
          mer_export_row_copy (row, "input-tokens", usage, "input");
          mer_export_row_copy (row, "cached-tokens", usage, "input-cached");
          mer_export_row_copy (row, "output-tokens", usage, "output");
          mer_export_row_copy (row, "reasoning-tokens", usage, "reasoning");
        }
      mer_export_file_add (self->file, row);
    }
  return TRUE;
}

static gboolean
write_results (MerExport *self, GError **error)
{
  return mer_export_foreach_record (self, add_results, error);
}

/* --- labels --- */

static const char *const label_columns[] = { "name", "openset", NULL };

/* a failure is an empty prediction, as scorers see it */
static gboolean
add_labels (MerExport *self, const char *id, JsonNode *record, GError **error)
{
  JsonObject *row = mer_export_row_new ("name", id);
  JsonArray *results = record_get_results (record);
  JsonNode *labels = NULL;

  for (guint i = 0; i < array_length (results); i++)
    {
      JsonNode *result = json_array_get_element (results, i);

      if (is_wanted (self, result)
          && g_strcmp0 (mer_json_node_string (result, "outcome"), "answered") == 0)
        labels = mer_json_node_member (result, "labels");
    }
  if (labels != NULL && JSON_NODE_HOLDS_ARRAY (labels))
    json_object_set_member (row, "openset", json_node_copy (labels));
  else
    json_object_set_array_member (row, "openset", json_array_new ());
  mer_export_file_add (self->file, row);
  return TRUE;
}

static gboolean
write_labels (MerExport *self, GError **error)
{
  return mer_export_foreach_record (self, add_labels, error);
}

/* --- scores and summaries --- */

static const char *const score_columns[]
    = { "id", "scorer", "outcome", "figure", "value", NULL };

static gboolean
add_scores (MerExport *self, const char *id, JsonNode *record, GError **error)
{
  JsonArray *results = record_get_results (record);

  for (guint i = 0; i < array_length (results); i++)
    {
      JsonNode *result = json_array_get_element (results, i);
      JsonNode *data = mer_json_node_member (result, "data");
      JsonObject *row;

      if (!is_scorer (result) || !is_wanted (self, result))
        continue;
      row = mer_export_row_new ("id", id);
      mer_export_row_copy (row, "scorer", result, "stage");
      mer_export_row_copy (row, "outcome", result, "outcome");
      mer_export_row_copy (row, "detail", result, "detail");
      if (mer_export_file_get_format (self->file) == MER_EXPORT_CSV && data != NULL)
        {
          add_figures (self, row, "", data);
          json_object_unref (row);
          continue;
        }
      mer_export_row_copy (row, "data", result, "data");
      mer_export_file_add (self->file, row);
    }
  return TRUE;
}

static gboolean
write_scores (MerExport *self, GError **error)
{
  return mer_export_foreach_record (self, add_scores, error);
}

static const char *const summary_columns[] = { "scorer", "stage", "figure", "value", NULL };

static gboolean
add_summary (const char *scorer, const char *stage, JsonNode *summary, gpointer user_data,
             GError **error)
{
  MerExport *self = user_data;
  JsonObject *row;

  if (self->stage != NULL && !g_str_equal (self->stage, scorer)
      && !g_str_equal (self->stage, stage))
    return TRUE;
  row = mer_export_row_new ("scorer", scorer);
  json_object_set_string_member (row, "stage", stage);
  if (mer_export_file_get_format (self->file) == MER_EXPORT_CSV)
    {
      add_figures (self, row, "", summary);
      json_object_unref (row);
      return TRUE;
    }
  json_object_set_member (row, "summary", json_node_copy (summary));
  mer_export_file_add (self->file, row);
  return TRUE;
}

static gboolean
write_summaries (MerExport *self, GError **error)
{
  return mer_store_foreach_summary (self->store, self->run->number, add_summary, self,
                                    error);
}

/* --- calls --- */

static const char *const call_columns[]
    = { "key", "committed", "model", "outcome", "text", "fingerprint", "request", NULL };

static gboolean
add_call (const MerStoreCall *call, gpointer user_data, GError **error)
{
  MerExport *self = user_data;
  g_autofree char *place
      = g_strdup_printf ("%s: call %.16s", mer_store_get_path (self->store), call->key);
  g_autoptr (MerJson) json = mer_json_parse (place, call->result, -1, error);
  JsonObject *row;

  if (json == NULL)
    return FALSE;
  row = mer_export_row_new ("key", call->key);
  row_set_time (row, "committed", call->committed);
  for (guint c = 2; c <= 4; c++)
    mer_export_row_copy (row, call_columns[c], mer_json_get_root (json), call_columns[c]);
  if (call->fingerprint != NULL)
    json_object_set_string_member (row, "fingerprint", call->fingerprint);
  json_object_set_string_member (row, "request", call->request);
  mer_export_file_add (self->file, row);
  return TRUE;
}

static gboolean
write_calls (MerExport *self, GError **error)
{
  return mer_store_foreach_call (self->store, add_call, self, error);
}

/* --- runs --- */

static const char *const run_columns[]
    = { "run",   "name",     "state",   "why",      "started",
        "ended", "sessions", "samples", "identity", NULL };

static gboolean
write_runs (MerExport *self, GError **error)
{
  g_autoptr (GPtrArray) runs = mer_store_list_runs (self->store, error);

  for (guint i = 0; runs != NULL && i < runs->len; i++)
    {
      const MerStoreRunInfo *info = g_ptr_array_index (runs, i);
      JsonObject *row = json_object_new ();

      json_object_set_int_member (row, "run", info->number);
      json_object_set_string_member (row, "name", info->name);
      json_object_set_string_member (row, "state",
                                     mer_store_run_state_to_string (info->state));
      if (info->why != NULL)
        json_object_set_string_member (row, "why", info->why);
      row_set_time (row, "started", info->started);
      row_set_time (row, "ended", info->ended);
      json_object_set_int_member (row, "sessions", info->sessions);
      json_object_set_int_member (row, "samples", (gint64) info->samples);
      json_object_set_string_member (row, "identity", info->identity);
      mer_export_file_add (self->file, row);
    }
  return runs != NULL;
}

/* --- kinds --- */

static const MerExportKind kinds[] = {
  { "labels", label_columns, MER_EXPORT_CSV, TRUE, write_labels },
  { "results", result_columns, MER_EXPORT_JSONL, TRUE, write_results },
  { "samples", sample_columns, MER_EXPORT_JSONL, TRUE, write_samples },
  { "scores", score_columns, MER_EXPORT_CSV, TRUE, write_scores },
  { "summaries", summary_columns, MER_EXPORT_JSONL, TRUE, write_summaries },
  { "media", mer_export_media_columns, MER_EXPORT_CSV, TRUE, mer_export_write_media },
  { "usage", mer_export_usage_columns, MER_EXPORT_CSV, TRUE, mer_export_write_usage },
  { "runs", run_columns, MER_EXPORT_CSV, FALSE, write_runs },
  { "calls", call_columns, MER_EXPORT_JSONL, FALSE, write_calls },
};

const MerExportKind *
mer_export_kinds (guint *n)
{
  *n = G_N_ELEMENTS (kinds);
  return kinds;
}

/* --- which stage --- */

typedef struct
{
  GPtrArray *names;
  gboolean scorers;
} Stages;

static gboolean
is_stage (JsonNode *result)
{
  const char *kind = mer_json_node_string (result, "kind");

  return !is_scorer (result) && g_strcmp0 (kind, MER_KIND_LABELS) != 0
         && g_strcmp0 (kind, MER_KIND_MEDIA) != 0;
}

/* the first sample has them all: each stage leaves a result, a failed one too */
static gboolean
collect_stages (const char *id, const char *record, gpointer user_data, GError **error)
{
  Stages *stages = user_data;
  g_autoptr (MerJson) json = mer_json_parse (id, record, -1, error);
  JsonArray *results = json != NULL ? record_get_results (mer_json_get_root (json)) : NULL;

  for (guint i = 0; i < array_length (results); i++)
    {
      JsonNode *result = json_array_get_element (results, i);
      const char *name = mer_json_node_string (result, "stage");

      if (name != NULL && (stages->scorers ? is_scorer (result) : is_stage (result)))
        g_ptr_array_add (stages->names, g_strdup (name));
    }
  /* to stop here, without an error */
  return FALSE;
}

static gboolean
stage_is_there (MerExport *self, GPtrArray *names, GError **error)
{
  if (g_ptr_array_find_with_equal_func (names, self->stage, g_str_equal, NULL))
    return TRUE;
  g_ptr_array_add (names, NULL);

  const char *const *list = (const char *const *) names->pdata;
  const char *nearest = mer_nearest_name (self->stage, list);
  g_autofree char *there = g_strjoinv (", ", (char **) list);

  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
               "%s: run %" G_GINT64_FORMAT " has no stage “%s”%s%s%s; it has: %s",
               mer_store_get_path (self->store), self->run->number, self->stage,
               nearest != NULL ? ", did you mean “" : "", nearest != NULL ? nearest : "",
               nearest != NULL ? "”?" : "", *there != '\0' ? there : "none");
  return FALSE;
}

gboolean
mer_export_find_stage (MerExport *self, const MerExportKind *kind, GError **error)
{
  gboolean labels = kind->write == write_labels;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  Stages stages = { names, kind->write == write_scores };
  g_autoptr (GError) local = NULL;

  if (self->run == NULL || (!labels && self->stage == NULL)
      || kind->write == write_summaries)
    return TRUE;
  mer_store_foreach_record (self->store, self->run->number, collect_stages, &stages,
                            &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (self->stage == NULL && names->len > 0)
    self->stage = g_strdup (g_ptr_array_index (names, names->len - 1));
  return names->len == 0 || stage_is_there (self, names, error);
}
