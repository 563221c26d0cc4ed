/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-replay-file.h"

#include <string.h>

#include "net/mer-answer.h"

#define RECORD_FORMAT "mer-record/1"
#define NO_COLUMN (-1)

static const char *const id_names[] = { "name", "id", NULL };
static const char *const text_names[] = { "reason", "text", "answer", NULL };
static const char *const outcome_names[] = { "outcome", NULL };
static const char *const no_names[] = { NULL };

typedef struct
{
  int id;
  int text;
  int labels;
  int outcome;
  int detail;
  int model;
  int stage;   /* where rows of several stages stand in one table */
  int results; /* of mer-record/1; then only this one and the id count */
} Columns;

/* the column that was asked for, else the first usual one there is */
static gboolean
find_column (MerTable *table, const char *wanted, const char *const *usual, int *column,
             GError **error)
{
  *column = NO_COLUMN;
  if (wanted != NULL)
    {
      *column = mer_table_find_column (table, wanted, error);
      return *column >= 0;
    }
  for (guint i = 0; usual[i] != NULL && *column < 0; i++)
    *column = mer_table_peek_column (table, usual[i]);
  return TRUE;
}

static gboolean
find_stage_column (const MerReplayFile *file, MerTable *table, Columns *columns,
                   GError **error)
{
  columns->stage = file->from_stage != NULL ? mer_table_find_column (table, "stage", error)
                                            : NO_COLUMN;
  return file->from_stage == NULL || columns->stage >= 0;
}

static gboolean
find_columns (const MerReplayFile *file, MerTable *table, Columns *columns, GError **error)
{
  columns->results = NO_COLUMN;
  if (!find_column (table, file->id_column, id_names, &columns->id, error)
      || !find_column (table, file->text_column, text_names, &columns->text, error)
      || !find_column (table, file->outcome_column, outcome_names, &columns->outcome, error)
      || !find_column (table, file->labels_column, no_names, &columns->labels, error)
      || !find_stage_column (file, table, columns, error))
    return FALSE;
  columns->detail = mer_table_peek_column (table, "detail");
  columns->model = mer_table_peek_column (table, "model");
  if (columns->id < 0)
    return mer_table_find_column (table, id_names[0], error) >= 0;
  if (columns->text >= 0 || columns->labels >= 0)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
               "%s: no column “reason”, “text” or “answer”; name the one that holds the "
               "answers with text-column=… or the one that holds labels with "
               "labels-column=…",
               file->location);
  return FALSE;
}

static gboolean
find_record_columns (MerTable *table, Columns *columns, GError **error)
{
  columns->id = mer_table_find_column (table, "id", error);
  if (columns->id < 0)
    return FALSE;
  columns->results = mer_table_find_column (table, "results", error);
  return columns->results >= 0;
}

static const char *
get_cell (MerTable *table, guint row, int column)
{
  return column >= 0 ? mer_table_get (table, row, column) : NULL;
}

/* %NULL without an error where the row is of another stage */
static MerResult *
read_row (const MerReplayFile *file, MerTable *table, guint row, const Columns *columns,
          GError **error)
{
  const char *nick = get_cell (table, row, columns->outcome);
  MerOutcome outcome = MER_OUTCOME_ANSWERED;

  if (columns->stage >= 0
      && g_strcmp0 (get_cell (table, row, columns->stage), file->from_stage) != 0)
    return NULL;
  if (nick != NULL && *nick != '\0' && !mer_outcome_from_string (nick, &outcome))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                   "%s:%u: “%s” is no outcome; answered, refused, filtered, truncated, "
                   "unparseable, api-failed, decode-failed and skipped are",
                   file->location, mer_table_get_line (table, row), nick);
      return NULL;
    }

  MerResult *result = mer_result_new (file->stage, MER_KIND_BACKEND, outcome);

  mer_result_set_text (result, get_cell (table, row, columns->text));
  mer_result_set_detail (result, get_cell (table, row, columns->detail));
  mer_result_set_model (result, get_cell (table, row, columns->model));
  if (columns->labels >= 0)
    {
      g_autoptr (MerLabels) labels
          = mer_labels_new_parsed (get_cell (table, row, columns->labels));

      mer_result_set_labels (result, labels);
    }
  else
    mer_answer_settle (result);
  return result;
}

static gboolean
is_replayable (JsonNode *result, const char *from_stage)
{
  if (from_stage != NULL)
    return g_strcmp0 (mer_json_node_string (result, "stage"), from_stage) == 0;
  return g_strcmp0 (mer_json_node_string (result, "kind"), MER_KIND_SCORER) != 0;
}

/* The result of the stage that was asked for, under the name of ours; %NULL without an
 * error where the record has none. */
static MerResult *
read_record (const MerReplayFile *file, MerTable *table, guint row, int column,
             GError **error)
{
  const char *cell = get_cell (table, row, column);
  g_autofree char *place
      = g_strdup_printf ("%s:%u", file->location, mer_table_get_line (table, row));
  g_autoptr (MerJson) json = NULL;
  JsonNode *found = NULL;
  MerResult *result;

  if (cell == NULL)
    return NULL;
  json = mer_json_parse (place, cell, -1, error);
  if (json == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_ARRAY (mer_json_get_root (json)))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                   "%s: /results is no list of results", place);
      return NULL;
    }

  JsonArray *results = json_node_get_array (mer_json_get_root (json));
  for (guint i = json_array_get_length (results); i > 0 && found == NULL; i--)
    {
      JsonNode *node = json_array_get_element (results, i - 1);

      if (JSON_NODE_HOLDS_OBJECT (node) && is_replayable (node, file->from_stage))
        found = node;
    }
  if (found == NULL)
    return NULL;

  g_autoptr (JsonNode) renamed = json_node_copy (found);
  json_object_set_string_member (json_node_get_object (renamed), "stage", file->stage);
  result = mer_result_new_from_json (renamed, error);
  if (result == NULL)
    g_prefix_error (error, "%s: ", place);
  return result;
}

static gboolean
is_record_table (MerTable *table)
{
  int format = mer_table_peek_column (table, "format");

  return format >= 0 && mer_table_get_n_rows (table) > 0
         && g_strcmp0 (mer_table_get (table, 0, format), RECORD_FORMAT) == 0;
}

typedef struct
{
  const MerReplayFile *file;
  MerTable *table;
  Columns columns;
  GHashTable *rows;    /* id → row + 1, of what was taken */
  GHashTable *answers; /* id → MerResult */
} Loader;

static void
loader_clear (Loader *self)
{
  g_clear_pointer (&self->rows, g_hash_table_unref);
  g_clear_pointer (&self->answers, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Loader, loader_clear)

static gboolean
loader_add (Loader *self, guint row, MerResult *result, GError **error)
{
  const char *id = mer_table_get (self->table, row, self->columns.id);
  guint before = id != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (self->rows, id)) : 0;

  if (id == NULL || *id == '\0')
    g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE, "%s:%u: a row without an id",
                 self->file->location, mer_table_get_line (self->table, row));
  else if (before > 0)
    g_set_error (error, MER_ERROR, MER_ERROR_EXISTS,
                 "%s:%u: the sample “%s” stands in line %u already%s", self->file->location,
                 mer_table_get_line (self->table, row), id,
                 mer_table_get_line (self->table, before - 1),
                 self->file->from_stage == NULL
                         && mer_table_peek_column (self->table, "stage") >= 0
                     ? "; choose one of the stages with from-stage=…"
                     : "");
  else
    {
      mer_result_seal (result);
      g_hash_table_insert (self->rows, (char *) id, GUINT_TO_POINTER (row + 1));
      g_hash_table_insert (self->answers, g_strdup (id), mer_result_ref (result));
      return TRUE;
    }
  return FALSE;
}

static gboolean
loader_read (Loader *self, guint row, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (MerResult) result
      = self->columns.results >= 0
            ? read_record (self->file, self->table, row, self->columns.results, &failure)
            : read_row (self->file, self->table, row, &self->columns, &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return result == NULL || loader_add (self, row, result, error);
}

static GHashTable *
load_rows (const MerReplayFile *file, MerTable *table, GError **error)
{
  g_auto (Loader) self = { .file = file, .table = table };
  gboolean found = is_record_table (table)
                       ? find_record_columns (table, &self.columns, error)
                       : find_columns (file, table, &self.columns, error);

  if (!found)
    return NULL;
  self.rows = g_hash_table_new (g_str_hash, g_str_equal);
  self.answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) mer_result_unref);
  for (guint row = 0; row < mer_table_get_n_rows (table); row++)
    if (!loader_read (&self, row, error))
      return NULL;
  if (file->from_stage != NULL && g_hash_table_size (self.answers) == 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                   "%s: there is no result of stage “%s” (from-stage)", file->location,
                   file->from_stage);
      return NULL;
    }
  return g_steal_pointer (&self.answers);
}

/**
 * mer_replay_file_load:
 * @file: what to read
 * @error: return location for an error, which names the file and line
 *
 * Reads all answers of a past run: a table (CSV, TSV, XLSX, JSON Lines) with a row a
 * sample, or `mer-record/1` lines.
 *
 * Returns: (transfer full) (element-type utf8 MerResult): sealed results by sample id,
 *   %NULL on error
 */
GHashTable *
mer_replay_file_load (const MerReplayFile *file, GError **error)
{
  g_autoptr (MerTable) table = mer_table_load (file->location, error);

  return table != NULL ? load_rows (file, table, error) : NULL;
}
