/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* runs scored again: labels come from the store, no model is called */
#include "mer-score-run.h"

#include "sample/mer-result.h"
#include "sample/mer-truth.h"
#include "store/mer-store-run.h"
#include "tables/mer-json.h"

typedef struct
{
  char *id;
  char *group;
  MerLabels *truth;  /* %NULL: people said nothing */
  MerLabels *labels; /* %NULL: the stage gave none that count */
} Entry;

struct _MerScoreRun
{
  char *path;
  char *name;
  char *stage; /* %NULL until the first record says what there is */
  MerOutcomes accept;
  GPtrArray *entries; /* Entry */
  GHashTable *index;  /* id → number + 1 */
};

static void
entry_free (Entry *entry)
{
  g_free (entry->id);
  g_free (entry->group);
  g_clear_pointer (&entry->truth, mer_labels_unref);
  g_clear_pointer (&entry->labels, mer_labels_unref);
  g_free (entry);
}

void
mer_score_run_free (MerScoreRun *self)
{
  g_free (self->path);
  g_free (self->name);
  g_free (self->stage);
  g_ptr_array_unref (self->entries);
  g_hash_table_unref (self->index);
  g_free (self);
}

gboolean
mer_score_run_is_store (const char *path)
{
  return g_str_has_suffix (path, ".mer");
}

const char *
mer_score_run_get_name (MerScoreRun *self)
{
  return self->name;
}

static gboolean
is_stage (JsonNode *result)
{
  const char *kind = mer_json_node_string (result, "kind");

  return g_strcmp0 (kind, MER_KIND_DESCRIPTOR) == 0
         || g_strcmp0 (kind, MER_KIND_BACKEND) == 0
         || g_strcmp0 (kind, MER_KIND_FUSION) == 0;
}

static JsonNode *
find_result (JsonNode *results, const char *stage)
{
  JsonArray *list = results != NULL && JSON_NODE_HOLDS_ARRAY (results)
                        ? json_node_get_array (results)
                        : NULL;

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *result = json_array_get_element (list, i);

      if (is_stage (result)
          && g_strcmp0 (mer_json_node_string (result, "stage"), stage) == 0)
        return result;
    }
  return NULL;
}

/* The stage to judge: as scorers do, the last one by position where none was named. */
static gboolean
settle_stage (MerScoreRun *self, JsonNode *results, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  JsonArray *list = results != NULL && JSON_NODE_HOLDS_ARRAY (results)
                        ? json_node_get_array (results)
                        : NULL;

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *result = json_array_get_element (list, i);

      if (is_stage (result))
        g_ptr_array_add (names, (char *) mer_json_node_string (result, "stage"));
    }
  if (self->stage == NULL && names->len > 0)
    self->stage = g_strdup (names->pdata[names->len - 1]);
  if (self->stage != NULL && find_result (results, self->stage) != NULL)
    return TRUE;
  g_ptr_array_add (names, NULL);

  g_autofree char *all = g_strjoinv (", ", (char **) names->pdata);
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
               "%s: the run '%s' has no stage '%s'; there are: %s", self->path, self->name,
               self->stage != NULL ? self->stage : "", all);
  return FALSE;
}

static MerLabels *
labels_of_truth (JsonNode *node)
{
  g_autoptr (MerTruth) truth = node != NULL ? mer_truth_new_from_json (node, NULL) : NULL;

  if (truth == NULL || mer_truth_get_kind (truth) != MER_TRUTH_LABELS)
    return NULL;
  return mer_labels_ref (mer_truth_get_labels (truth));
}

static MerLabels *
labels_of_result (MerScoreRun *self, JsonNode *node)
{
  g_autoptr (MerResult) result
      = node != NULL ? mer_result_new_from_json (node, NULL) : NULL;

  if (result == NULL || mer_result_get_labels (result) == NULL
      || (self->accept & (1u << mer_result_get_outcome (result))) == 0)
    return NULL;
  return mer_labels_ref (mer_result_get_labels (result));
}

static gboolean
read_record (const char *id, const char *line, gpointer user_data, GError **error)
{
  MerScoreRun *self = user_data;
  g_autofree char *place = g_strdup_printf ("%s: sample '%s'", self->path, id);
  g_autoptr (MerJson) json = mer_json_parse (place, line, -1, error);
  JsonNode *root = json != NULL ? mer_json_get_root (json) : NULL;
  JsonNode *results = mer_json_node_member (root, "results");
  Entry *entry;

  if (root == NULL)
    return FALSE;
  if (self->entries->len == 0 && !settle_stage (self, results, error))
    return FALSE;
  entry = g_new0 (Entry, 1);
  entry->id = g_strdup (id);
  entry->group = g_strdup (mer_json_node_string (root, "group"));
  entry->truth = labels_of_truth (mer_json_node_member (root, "truth"));
  entry->labels = labels_of_result (self, find_result (results, self->stage));
  g_ptr_array_add (self->entries, entry);
  g_hash_table_insert (self->index, entry->id, GUINT_TO_POINTER (self->entries->len));
  return TRUE;
}

/* @pick: (nullable): which run, the latest by default; @stage: (nullable): which stage */
MerScoreRun *
mer_score_run_load (const char *path, const char *pick, const char *stage,
                    MerOutcomes accept, GError **error)
{
  g_autoptr (MerStore) store = mer_store_open (path, MER_STORE_READ, error);
  g_autoptr (MerStoreRunInfo) info
      = store != NULL ? mer_store_find_run (store, pick, error) : NULL;

  if (info == NULL)
    return NULL;

  g_autoptr (MerScoreRun) self = g_new0 (MerScoreRun, 1);
  self->path = g_strdup (path);
  self->name = g_strdup (info->name);
  self->stage = g_strdup (stage);
  self->accept = accept;
  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  self->index = g_hash_table_new (g_str_hash, g_str_equal);
  if (!mer_store_foreach_record (store, info->number, read_record, self, error))
    return NULL;
  if (self->entries->len > 0)
    return g_steal_pointer (&self);
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND, "%s: the run '%s' has no sample yet",
               path, info->name);
  return NULL;
}

/* The truth that stands in the run itself; samples without are left out. */
MerScoreTruth *
mer_score_run_get_truth (MerScoreRun *self, GError **error)
{
  g_autoptr (MerScoreTruth) truth = mer_score_truth_new (self->path);

  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = self->entries->pdata[i];

      if (entry->truth != NULL)
        mer_score_truth_add (truth, entry->id, entry->truth, entry->group);
    }
  if (truth->ids->len > 0)
    return g_steal_pointer (&truth);
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
               "%s: the samples of the run '%s' have no truth; give it with --truth",
               self->path, self->name);
  return NULL;
}

MerScores *
mer_score_run_score (MerScoreRun *self, const char *name, MerScoreTruth *truth,
                     MerMissing missing, MerMapping *mapping, GError **error)
{
  g_autoptr (MerScores) scores = mer_scores_new (name, mapping);
  guint n_missing = 0;
  const char *first = NULL;

  for (guint i = 0; i < truth->ids->len; i++)
    {
      const char *id = truth->ids->pdata[i], *group = truth->groups->pdata[i];
      guint number = GPOINTER_TO_UINT (g_hash_table_lookup (self->index, id));
      const Entry *entry = number > 0 ? self->entries->pdata[number - 1] : NULL;
      MerLabels *labels = entry != NULL ? entry->labels : NULL;

      if (entry == NULL && n_missing++ == 0)
        first = id;
      if (entry == NULL && missing == MER_MISSING_SKIP)
        mer_scores_add_skipped (scores, group);
      else
        mer_scores_add (scores, group, truth->labels->pdata[i], labels, labels != NULL);
    }
  if (n_missing == 0 || missing != MER_MISSING_ERROR)
    return g_steal_pointer (&scores);
  mer_score_set_missing_error (self->path, n_missing, truth, first, error);
  return NULL;
}
