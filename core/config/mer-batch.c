/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/mer-batch.h"

#include <string.h>

struct _MerBatch
{
  gatomicrefcount refs;
  MerJson *json;
  const char *name;
  const char *models;
  char **descriptions;
  GPtrArray *datasets;
  GPtrArray *scorers;
  guint repeat;
  char **axes; /* names of the matrix, in the file's order; the last varies fastest */
  guint n_points;
};

G_DEFINE_BOXED_TYPE (MerBatch, mer_batch, mer_batch_ref, mer_batch_unref)

static void
dataset_free (gpointer data)
{
  MerBatchDataset *dataset = data;

  g_free (dataset->dataset);
  g_strfreev (dataset->clips);
  g_free (dataset->truth);
  g_free (dataset->root);
  g_free (dataset->split);
  g_free (dataset);
}

static void
scorer_free (gpointer data)
{
  MerBatchScorer *scorer = data;

  g_free (scorer->element);
  g_clear_pointer (&scorer->properties, json_node_unref);
  g_free (scorer);
}

MerBatch *
mer_batch_ref (MerBatch *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mer_batch_unref (MerBatch *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->json, mer_json_unref);
  g_strfreev (self->descriptions);
  g_clear_pointer (&self->datasets, g_ptr_array_unref);
  g_clear_pointer (&self->scorers, g_ptr_array_unref);
  g_strfreev (self->axes);
  g_free (self);
}

/* a text at @place / @member where there is one */
static gboolean
read_text (MerBatch *self, const char *place, const char *member, char **text,
           GError **error)
{
  g_autofree char *pointer = mer_json_pointer (place, member);
  const char *value = NULL;

  if (!mer_json_has (self->json, pointer))
    return TRUE;
  if (!mer_json_get_string (self->json, pointer, &value, error))
    return FALSE;
  *text = g_strdup (value);
  return TRUE;
}

static gboolean
read_dataset_object (MerBatch *self, const char *place, MerBatchDataset *dataset,
                     GError **error)
{
  static const char *const members[]
      = { "dataset", "clips", "truth", "root", "split", "limit", NULL };
  g_autofree char *clips = mer_json_pointer (place, "clips");
  g_autofree char *limit = mer_json_pointer (place, "limit");
  gint64 number = 0;

  if (!mer_json_check_members (self->json, place, members, error)
      || !read_text (self, place, "dataset", &dataset->dataset, error)
      || !read_text (self, place, "truth", &dataset->truth, error)
      || !read_text (self, place, "root", &dataset->root, error)
      || !read_text (self, place, "split", &dataset->split, error)
      || (mer_json_has (self->json, clips)
          && !mer_json_get_strings (self->json, clips, &dataset->clips, error))
      || (mer_json_has (self->json, limit)
          && !mer_json_get_integer (self->json, limit, 0, G_MAXUINT, &number, error)))
    return FALSE;
  dataset->limit = (guint64) number;
  if ((dataset->dataset != NULL) != (dataset->clips != NULL))
    return TRUE;
  mer_json_set_error (self->json, place, error, MER_ERROR_INVALID_FILE,
                      "either dataset or clips must stand here");
  return FALSE;
}

static gboolean
read_datasets (MerBatch *self, GError **error)
{
  JsonNode *node = mer_json_lookup (self->json, "/datasets");

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node)
      || json_array_get_length (json_node_get_array (node)) == 0)
    {
      mer_json_set_error (self->json, "/datasets", error, MER_ERROR_INVALID_FILE,
                          "an array of datasets must stand here");
      return FALSE;
    }
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    {
      JsonNode *item = json_array_get_element (json_node_get_array (node), i);
      g_autofree char *place = g_strdup_printf ("/datasets/%u", i);
      MerBatchDataset *dataset = g_new0 (MerBatchDataset, 1);
      const char *name = NULL;

      g_ptr_array_add (self->datasets, dataset);
      if (JSON_NODE_HOLDS_OBJECT (item))
        {
          if (!read_dataset_object (self, place, dataset, error))
            return FALSE;
          continue;
        }
      if (!mer_json_get_string (self->json, place, &name, error))
        return FALSE;
      dataset->dataset = g_strdup (name);
    }
  return TRUE;
}

static gboolean
read_scorers (MerBatch *self, GError **error)
{
  static const char *const members[] = { "element", "properties", NULL };
  JsonNode *node = mer_json_lookup (self->json, "/scorers");

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      mer_json_set_error (self->json, "/scorers", error, MER_ERROR_INVALID_FILE,
                          "an array of scorers must stand here");
      return FALSE;
    }
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    {
      g_autofree char *place = g_strdup_printf ("/scorers/%u", i);
      g_autofree char *properties = mer_json_pointer (place, "properties");
      MerBatchScorer *scorer = g_new0 (MerBatchScorer, 1);
      JsonNode *values = NULL;

      g_ptr_array_add (self->scorers, scorer);
      if (!mer_json_check_members (self->json, place, members, error)
          || !read_text (self, place, "element", &scorer->element, error))
        return FALSE;
      values = mer_json_lookup (self->json, properties);
      if (scorer->element == NULL || !g_str_has_prefix (scorer->element, "mer")
          || (values != NULL && !JSON_NODE_HOLDS_OBJECT (values)))
        {
          mer_json_set_error (self->json, place, error, MER_ERROR_INVALID_FILE,
                              "a scorer has an element such as merwheelscore, and its "
                              "properties as an object");
          return FALSE;
        }
      scorer->properties = values != NULL ? json_node_copy (values) : NULL;
    }
  return TRUE;
}

static JsonArray *
axis_values (MerBatch *self, const char *name)
{
  g_autofree char *place = mer_json_pointer ("/matrix", name);
  JsonNode *node = mer_json_lookup (self->json, place);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static gboolean
check_axis (MerBatch *self, const char *name, GError **error)
{
  g_autofree char *place = mer_json_pointer ("/matrix", name);
  g_autofree char *fixed = mer_json_pointer ("/set", name);
  JsonArray *values = axis_values (self, name);

  if (values == NULL || json_array_get_length (values) == 0)
    {
      mer_json_set_error (self->json, place, error, MER_ERROR_INVALID_FILE,
                          "an array of values must stand here");
      return FALSE;
    }
  if (mer_json_has (self->json, fixed))
    {
      mer_json_set_error (self->json, place, error, MER_ERROR_INVALID_FILE,
                          "is in set too; in which is it meant to be?");
      return FALSE;
    }
  if (json_array_get_length (values) > MER_BATCH_MAX_POINTS / self->n_points)
    {
      mer_json_set_error (self->json, "/matrix", error, MER_ERROR_TOO_LARGE,
                          "makes more than %u combinations", MER_BATCH_MAX_POINTS);
      return FALSE;
    }
  self->n_points *= json_array_get_length (values);
  return TRUE;
}

static gboolean
read_matrix (MerBatch *self, GError **error)
{
  JsonNode *node = mer_json_lookup (self->json, "/matrix");
  JsonNode *set = mer_json_lookup (self->json, "/set");
  const gboolean bad_set = set != NULL && !JSON_NODE_HOLDS_OBJECT (set);
  g_autoptr (GStrvBuilder) axes = g_strv_builder_new ();
  g_autoptr (GList) names = NULL;

  self->n_points = 1;
  if (bad_set || (node != NULL && !JSON_NODE_HOLDS_OBJECT (node)))
    {
      mer_json_set_error (self->json, bad_set ? "/set" : "/matrix", error,
                          MER_ERROR_INVALID_FILE, "an object must stand here");
      return FALSE;
    }
  if (node != NULL)
    names = json_object_get_members (json_node_get_object (node));
  for (GList *name = names; name != NULL; name = name->next)
    {
      if (!check_axis (self, name->data, error))
        return FALSE;
      g_strv_builder_add (axes, name->data);
    }
  self->axes = g_strv_builder_end (axes);
  return TRUE;
}

static gboolean
read_descriptions (MerBatch *self, GError **error)
{
  JsonNode *node = mer_json_lookup (self->json, "/description");
  const char *one = NULL;

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    {
      if (!mer_json_get_strings (self->json, "/description", &self->descriptions, error))
        return FALSE;
      if (self->descriptions[0] == NULL)
        mer_json_set_error (self->json, "/description", error, MER_ERROR_INVALID_FILE,
                            "empty; name a description");
      return self->descriptions[0] != NULL;
    }
  if (!mer_json_get_string (self->json, "/description", &one, error))
    return FALSE;
  self->descriptions = g_new0 (char *, 2);
  self->descriptions[0] = g_strdup (one);
  return TRUE;
}

/**
 * mer_batch_load:
 * @path: a `mer-batch/1` file
 * @error: return location for an error that names file, line and JSON pointer
 *
 * Reads the file; what it names is not opened.
 *
 * Returns: (transfer full) (nullable): the batch
 */
MerBatch *
mer_batch_load (const char *path, GError **error)
{
  static const char *const members[]
      = { "format", "name",   "summary", "datasets", "description", "set",
          "matrix", "repeat", "scorers", "models",   NULL };
  g_autoptr (MerBatch) self = g_new0 (MerBatch, 1);
  const char *ignored = NULL;
  gint64 repeat = 1;

  g_atomic_ref_count_init (&self->refs);
  self->datasets = g_ptr_array_new_with_free_func (dataset_free);
  self->scorers = g_ptr_array_new_with_free_func (scorer_free);
  self->json = mer_json_load (path, error);
  if (self->json == NULL || !mer_json_check_format (self->json, MER_BATCH_FORMAT, error)
      || !mer_json_check_members (self->json, "", members, error)
      || !mer_json_get_string (self->json, "/name", &self->name, error)
      || !read_descriptions (self, error) || !read_datasets (self, error)
      || !read_matrix (self, error) || !read_scorers (self, error)
      || !mer_json_get_optional_string (self->json, "/models", &self->models, error)
      || !mer_json_get_optional_string (self->json, "/summary", &ignored, error)
      || (mer_json_has (self->json, "/repeat")
          && !mer_json_get_integer (self->json, "/repeat", 1, 1000, &repeat, error)))
    return NULL;
  self->repeat = (guint) repeat;
  return g_steal_pointer (&self);
}

MerJson *
mer_batch_get_json (MerBatch *self)
{
  return self->json;
}

const char *
mer_batch_get_name (MerBatch *self)
{
  return self->name;
}

const char *
mer_batch_get_models (MerBatch *self)
{
  return self->models;
}

const char *const *
mer_batch_get_descriptions (MerBatch *self)
{
  return (const char *const *) self->descriptions;
}

guint
mer_batch_get_repeat (MerBatch *self)
{
  return self->repeat;
}

guint
mer_batch_get_n_datasets (MerBatch *self)
{
  return self->datasets->len;
}

const MerBatchDataset *
mer_batch_get_dataset (MerBatch *self, guint index)
{
  return g_ptr_array_index (self->datasets, index);
}

guint
mer_batch_get_n_scorers (MerBatch *self)
{
  return self->scorers->len;
}

const MerBatchScorer *
mer_batch_get_scorer (MerBatch *self, guint index)
{
  return g_ptr_array_index (self->scorers, index);
}

guint
mer_batch_get_n_points (MerBatch *self)
{
  return self->n_points;
}

static void
clear_value (gpointer data)
{
  g_free (((MerBatchValue *) data)->pointer);
}

static GArray *
new_values (void)
{
  GArray *values = g_array_new (FALSE, FALSE, sizeof (MerBatchValue));

  g_array_set_clear_func (values, clear_value);
  return values;
}

/**
 * mer_batch_get_fixed:
 * @self: a batch
 *
 * Returns: (transfer full) (element-type MerBatchValue): what `set` says for all runs
 */
GArray *
mer_batch_get_fixed (MerBatch *self)
{
  GArray *values = new_values ();
  JsonNode *node = mer_json_lookup (self->json, "/set");
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *value = NULL;

  if (node == NULL)
    return values;
  json_object_iter_init_ordered (&iter, json_node_get_object (node));
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      MerBatchValue fixed = { name, value, mer_json_pointer ("/set", name) };

      g_array_append_val (values, fixed);
    }
  return values;
}

/**
 * mer_batch_get_point:
 * @self: a batch
 * @index: which combination of the matrix, the last axis varying fastest
 *
 * Returns: (transfer full) (element-type MerBatchValue): the values of that combination
 */
GArray *
mer_batch_get_point (MerBatch *self, guint index)
{
  GArray *values = new_values ();
  const guint n_axes = g_strv_length (self->axes);

  g_array_set_size (values, n_axes);
  for (guint i = n_axes; i > 0; i--)
    {
      MerBatchValue *value = &g_array_index (values, MerBatchValue, i - 1);
      JsonArray *choices = axis_values (self, self->axes[i - 1]);
      const guint n_choices = json_array_get_length (choices);
      g_autofree char *axis = mer_json_pointer ("/matrix", self->axes[i - 1]);

      value->name = self->axes[i - 1];
      value->value = json_array_get_element (choices, index % n_choices);
      value->pointer = g_strdup_printf ("%s/%u", axis, index % n_choices);
      index /= n_choices;
    }
  return values;
}
