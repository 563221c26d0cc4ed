/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/mer-matrix.h"

#include "config/mer-lookup.h"
#include "config/mer-property.h"

typedef struct
{
  MerBatch *batch;
  const MerMatrixOptions *options;
  GPtrArray *plans;
  const char *path; /* of the batch */
} Planner;

/* an error of what the batch names gets the place in the batch before it */
static gboolean
place_error (Planner *planner, const char *pointer, const GError *problem, GError **error)
{
  mer_json_set_error (mer_batch_get_json (planner->batch), pointer, error, problem->code,
                      "%s", problem->message);
  return FALSE;
}

static MerDataset *
open_clips (Planner *planner, const MerBatchDataset *given, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) paths = NULL;
  g_autoptr (MerDataset) dataset = NULL;

  for (guint i = 0; given->clips[i] != NULL; i++)
    {
      g_autofree char *path = mer_lookup_path (given->clips[i], planner->path);

      g_strv_builder_add (builder, path);
    }
  paths = g_strv_builder_end (builder);
  dataset = mer_dataset_open_clips ((const char *const *) paths, NULL, error);
  if (dataset != NULL && given->truth != NULL)
    {
      g_autofree char *truth = mer_lookup_path (given->truth, planner->path);

      if (!mer_dataset_join_truth (dataset, truth, NULL, error))
        return NULL;
    }
  return g_steal_pointer (&dataset);
}

static MerDataset *
open_dataset (Planner *planner, guint index, GError **error)
{
  const MerBatchDataset *given = mer_batch_get_dataset (planner->batch, index);
  const guint64 limit
      = planner->options->limit > 0 ? planner->options->limit : given->limit;
  g_autofree char *place = g_strdup_printf ("/datasets/%u", index);
  g_autofree char *root
      = given->root != NULL ? mer_lookup_path (given->root, planner->path) : NULL;
  g_autoptr (GError) problem = NULL;
  g_autoptr (MerDataset) dataset
      = given->clips != NULL
            ? open_clips (planner, given, &problem)
            : mer_dataset_open (given->dataset, planner->path, root, &problem);

  if (dataset != NULL && mer_dataset_narrow (dataset, given->split, limit, &problem))
    return g_steal_pointer (&dataset);
  place_error (planner, place, problem, error);
  return NULL;
}

static gboolean
apply_values (Planner *planner, MerChoice *choice, GArray *values, GError **error)
{
  for (guint i = 0; i < values->len; i++)
    {
      const MerBatchValue *value = &g_array_index (values, MerBatchValue, i);
      g_autoptr (GError) problem = NULL;

      if (!mer_choice_set (choice, value->name, value->value, planner->path, &problem))
        return place_error (planner, value->pointer, problem, error);
    }
  return TRUE;
}

/* what tells this run from the others of the batch */
static char *
name_point (Planner *planner, MerDataset *dataset, MerDescription *description,
            GArray *point, guint repeat)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  if (mer_batch_get_n_datasets (planner->batch) > 1)
    g_ptr_array_add (parts, g_strdup (mer_dataset_get_name (dataset)));
  if (mer_batch_get_descriptions (planner->batch)[1] != NULL)
    g_ptr_array_add (parts, g_strdup (mer_description_get_name (description)));
  for (guint i = 0; i < point->len; i++)
    {
      const MerBatchValue *value = &g_array_index (point, MerBatchValue, i);
      g_autofree char *text = mer_property_text_from_json (value->value);

      g_ptr_array_add (parts, g_strdup_printf ("%s=%s", value->name, text));
    }
  if (mer_batch_get_repeat (planner->batch) > 1)
    g_ptr_array_add (parts, g_strdup_printf ("#%u", repeat + 1));
  if (parts->len == 0)
    g_ptr_array_add (parts, g_strdup (mer_batch_get_name (planner->batch)));
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" ", (char **) parts->pdata);
}

static MerPlan *
plan_point (Planner *planner, MerDataset *dataset, MerDescription *description, guint index,
            guint repeat, GError **error)
{
  g_autoptr (MerChoice) choice = mer_choice_new (description);
  g_autoptr (GArray) fixed = mer_batch_get_fixed (planner->batch);
  g_autoptr (GArray) point = mer_batch_get_point (planner->batch, index);
  const char *models = mer_batch_get_models (planner->batch);
  g_autofree char *own_models = models != NULL && mer_lookup_is_path (models)
                                    ? mer_lookup_path (models, planner->path)
                                    : g_strdup (models);
  const char *const *set = planner->options->set;

  if (!apply_values (planner, choice, fixed, error)
      || !apply_values (planner, choice, point, error))
    return NULL;
  for (guint i = 0; set != NULL && set[i] != NULL; i++)
    if (!mer_choice_set_text (choice, set[i], error))
      return NULL;

  g_autofree char *name = name_point (planner, dataset, description, point, repeat);
  MerPlan *plan = mer_plan_new (name, dataset, description, g_steal_pointer (&choice));

  mer_plan_set_repeat (plan, repeat);
  if (planner->options->models != NULL || own_models != NULL)
    mer_plan_set_models (plan, planner->options->models != NULL ? planner->options->models
                                                                : own_models);
  for (guint i = 0; i < mer_batch_get_n_scorers (planner->batch); i++)
    {
      const MerBatchScorer *scorer = mer_batch_get_scorer (planner->batch, i);

      mer_plan_add_scorer (plan, scorer->element, scorer->properties, planner->path);
    }
  return plan;
}

static gboolean
plan_description (Planner *planner, MerDataset *dataset, const char *name, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (MerDescription) description
      = mer_description_open (name, planner->path, planner->options->allow, &problem);

  if (description == NULL)
    return place_error (planner, "/description", problem, error);
  for (guint point = 0; point < mer_batch_get_n_points (planner->batch); point++)
    for (guint repeat = 0; repeat < mer_batch_get_repeat (planner->batch); repeat++)
      {
        MerPlan *plan = plan_point (planner, dataset, description, point, repeat, error);

        if (plan == NULL)
          return FALSE;
        g_ptr_array_add (planner->plans, plan);
      }
  return TRUE;
}

/**
 * mer_matrix_plan:
 * @batch: a batch
 * @options: what a person says beyond it
 * @error: return location for an error that names the place in the batch
 *
 * Opens the datasets and descriptions and makes a plan of every run: datasets ×
 * descriptions × matrix × repetitions, the last varying fastest, so that runs which share
 * clips and answers stand beside each other.
 *
 * Returns: (transfer full) (nullable) (element-type MerPlan): the plans
 */
GPtrArray *
mer_matrix_plan (MerBatch *batch, const MerMatrixOptions *options, GError **error)
{
  g_autoptr (GPtrArray) plans
      = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_plan_free);
  const char *const *descriptions = mer_batch_get_descriptions (batch);
  Planner planner = { .batch = batch,
                      .options = options,
                      .plans = plans,
                      .path = mer_json_get_name (mer_batch_get_json (batch)) };

  for (guint i = 0; i < mer_batch_get_n_datasets (batch); i++)
    {
      g_autoptr (MerDataset) dataset = open_dataset (&planner, i, error);

      if (dataset == NULL)
        return NULL;
      for (guint k = 0; descriptions[k] != NULL; k++)
        if (!plan_description (&planner, dataset, descriptions[k], error))
          return NULL;
    }
  return g_steal_pointer (&plans);
}
