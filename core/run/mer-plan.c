/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/mer-plan.h"

#include "config/mer-property.h"
#include "mer-error.h"
#include "run/mer-identity.h"
#include "run/mer-runner.h"
#include "sample/mer-result.h"

typedef struct
{
  char *element;
  JsonNode *properties;
  char *relative_to;
} Scorer;

struct _MerPlan
{
  char *name;
  MerDataset *dataset;
  MerDescription *description;
  MerChoice *choice;
  GPtrArray *scorers;
  char *models;
  guint repeat;
};

static void
scorer_free (gpointer data)
{
  Scorer *scorer = data;

  g_free (scorer->element);
  g_clear_pointer (&scorer->properties, json_node_unref);
  g_free (scorer->relative_to);
  g_free (scorer);
}

/**
 * mer_plan_new:
 * @name: what the run is called
 * @dataset: what it is run on
 * @description: what is run
 * @choice: (transfer full): with which values
 *
 * Returns: (transfer full): the plan
 */
MerPlan *
mer_plan_new (const char *name, MerDataset *dataset, MerDescription *description,
              MerChoice *choice)
{
  MerPlan *self = g_new0 (MerPlan, 1);

  self->name = g_strdup (name);
  self->dataset = mer_dataset_ref (dataset);
  self->description = mer_description_ref (description);
  self->choice = choice;
  self->scorers = g_ptr_array_new_with_free_func (scorer_free);
  return self;
}

void
mer_plan_free (MerPlan *self)
{
  g_free (self->name);
  g_free (self->models);
  mer_dataset_unref (self->dataset);
  mer_description_unref (self->description);
  mer_choice_free (self->choice);
  g_ptr_array_unref (self->scorers);
  g_free (self);
}

/* the models file for every `mermodel` that names none itself */
void
mer_plan_set_models (MerPlan *self, const char *path)
{
  g_free (self->models);
  self->models = g_strdup (path);
}

/**
 * mer_plan_set_repeat:
 * @self: a plan
 * @repeat: which repetition this is, from 0; moves the `draw` of all backends, so that no
 *   answer of another repetition is taken
 */
void
mer_plan_set_repeat (MerPlan *self, guint repeat)
{
  self->repeat = repeat;
}

/**
 * mer_plan_add_scorer:
 * @self: a plan
 * @element: the scorer's element
 * @properties: (nullable): an object
 * @relative_to: (nullable): the file that says so
 *
 * Puts a scorer behind those of the description.
 */
void
mer_plan_add_scorer (MerPlan *self, const char *element, JsonNode *properties,
                     const char *relative_to)
{
  Scorer *scorer = g_new0 (Scorer, 1);

  scorer->element = g_strdup (element);
  scorer->properties = properties != NULL ? json_node_copy (properties) : NULL;
  scorer->relative_to = g_strdup (relative_to);
  g_ptr_array_add (self->scorers, scorer);
}

const char *
mer_plan_get_name (MerPlan *self)
{
  return self->name;
}

MerDataset *
mer_plan_get_dataset (MerPlan *self)
{
  return self->dataset;
}

MerChoice *
mer_plan_get_choice (MerPlan *self)
{
  return self->choice;
}

/* calls @func on all elements, those in bins among them */
static void
foreach_element (GstBin *bin, void (*func) (GstElement *element, gpointer data),
                 gpointer data)
{
  for (GList *l = GST_BIN_CHILDREN (bin); l != NULL; l = l->next)
    {
      func (l->data, data);
      if (GST_IS_BIN (l->data))
        foreach_element (l->data, func, data);
    }
}

static gboolean
has_property (GstElement *element, const char *name)
{
  return g_object_class_find_property (G_OBJECT_GET_CLASS (element), name) != NULL;
}

static void
find_largest_draw (GstElement *element, gpointer data)
{
  guint *largest = data, draw = 0;

  if (!has_property (element, "draw"))
    return;
  g_object_get (element, "draw", &draw, NULL);
  *largest = MAX (*largest, draw);
}

static void
move_draw (GstElement *element, gpointer data)
{
  guint draw = 0;

  if (!has_property (element, "draw"))
    return;
  g_object_get (element, "draw", &draw, NULL);
  g_object_set (element, "draw", draw + *(guint *) data, NULL);
}

static void
give_models (GstElement *element, gpointer data)
{
  g_autofree char *own = NULL;

  if (!has_property (element, "models"))
    return;
  g_object_get (element, "models", &own, NULL);
  if (own == NULL)
    g_object_set (element, "models", data, NULL);
}

static void
find_scorer (GstElement *element, gpointer data)
{
  GstElementFactory *factory = gst_element_get_factory (element);
  const char *kind
      = factory != NULL ? gst_element_factory_get_metadata (factory, "mer-kind") : NULL;

  if (g_strcmp0 (kind, MER_KIND_SCORER) == 0)
    *(gboolean *) data = TRUE;
}

static gboolean
set_scorer_properties (GstElement *element, const Scorer *scorer, GError **error)
{
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *value = NULL;

  if (scorer->properties == NULL)
    return TRUE;
  json_object_iter_init (&iter, json_node_get_object (scorer->properties));
  while (json_object_iter_next (&iter, &name, &value))
    {
      g_autofree char *text = mer_property_text_from_json (value);
      g_autofree char *resolved
          = mer_property_resolve_file (element, name, text, scorer->relative_to, error);

      if (resolved == NULL || !mer_property_set_text (element, name, resolved, error))
        return FALSE;
    }
  return TRUE;
}

/* puts @element behind what is linked so far; @last is moved to it */
static void
append_element (GstBin *graph, GstElement **last, GstElement *element)
{
  gst_bin_add (graph, element);
  if (*last != NULL)
    gst_element_link (*last, element);
  *last = element;
}

static gboolean
append_scorers (MerPlan *self, GstBin *graph, GstElement **last, GError **error)
{
  gboolean has_scorer = FALSE;

  for (guint i = 0; i < self->scorers->len; i++)
    {
      const Scorer *scorer = g_ptr_array_index (self->scorers, i);
      g_autoptr (GstElement) element = gst_element_factory_make (scorer->element, NULL);

      if (element == NULL)
        {
          g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                       "there is no scorer “%s”; mer inspect lists what there is",
                       scorer->element);
          return FALSE;
        }
      gst_object_ref_sink (element);
      if (!set_scorer_properties (element, scorer, error))
        return FALSE;
      append_element (graph, last, element);
    }
  foreach_element (graph, find_scorer, &has_scorer);
  if (has_scorer || !mer_dataset_has_truth_kind (self->dataset, MER_TRUTH_LABELS))
    return TRUE;

  /* who has labels wants figures; other kinds of truth name their scorer */
  GstElement *usual = gst_element_factory_make ("merwheelscore", "score");

  if (usual != NULL)
    append_element (graph, last, usual);
  return TRUE;
}

static gboolean
add_graph_pad (GstBin *graph, GstElement *element, const char *name)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, name);

  return gst_element_add_pad (GST_ELEMENT (graph), gst_ghost_pad_new (name, pad));
}

/* the description and the scorers behind it, as one bin */
static GstElement *
build_graph (MerPlan *self, GError **error)
{
  g_autoptr (GstElement) graph = gst_object_ref_sink (gst_bin_new ("graph"));
  GstElement *chosen = mer_choice_build (self->choice, error);
  GstElement *last = NULL;
  guint step = 0;

  if (chosen == NULL)
    return NULL;
  append_element (GST_BIN (graph), &last, chosen);
  gst_object_unref (chosen);
  if (!append_scorers (self, GST_BIN (graph), &last, error))
    return NULL;
  if (self->models != NULL)
    foreach_element (GST_BIN (graph), give_models, self->models);
  if (self->repeat > 0)
    {
      foreach_element (GST_BIN (graph), find_largest_draw, &step);
      step = (step + 1) * self->repeat;
      foreach_element (GST_BIN (graph), move_draw, &step);
    }
  add_graph_pad (GST_BIN (graph), chosen, "sink");
  add_graph_pad (GST_BIN (graph), last, "src");
  return g_steal_pointer (&graph);
}

static void
find_media (GstElement *element, gpointer data)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  if (factory != NULL && g_str_equal (GST_OBJECT_NAME (factory), "mermedia"))
    *(gboolean *) data = TRUE;
}

static gboolean
check_clips (MerPlan *self, GstBin *graph, GError **error)
{
  gboolean has_media = FALSE;
  const char *missing = NULL;

  foreach_element (graph, find_media, &has_media);
  if (!has_media || mer_dataset_count_clips (self->dataset, &missing) > 0
      || missing == NULL)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
               "dataset “%s”: none of its %u clips is there; the first would be “%s” (is "
               "root right?)",
               mer_dataset_get_name (self->dataset),
               mer_dataset_get_n_samples (self->dataset), missing);
  return FALSE;
}

/**
 * mer_plan_check:
 * @self: a plan
 * @error: return location for an error
 *
 * Makes the whole graph, opens all its elements and holds stage names against each other,
 * without a sample and without writing anything.
 *
 * Returns: whether it can be run
 */
gboolean
mer_plan_check (MerPlan *self, GError **error)
{
  g_autoptr (GstElement) graph = build_graph (self, error);

  return graph != NULL && check_clips (self, GST_BIN (graph), error)
         && mer_runner_preflight (graph, error);
}

/**
 * mer_plan_get_definition:
 * @self: a plan
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): what identifies the run: description with its
 *   choices, graph, dataset, prompts, mappings, models and draws
 */
JsonNode *
mer_plan_get_definition (MerPlan *self, GError **error)
{
  g_autoptr (GstElement) graph = build_graph (self, error);
  JsonNode *elements
      = graph != NULL ? mer_identity_of_graph (GST_BIN (graph), error) : NULL;
  g_auto (GStrv) launch = mer_description_dup_launch (self->description);
  JsonArray *lines = NULL;

  if (elements == NULL)
    return NULL;

  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);

  json_object_unref (object);
  json_object_set_string_member (object, "description",
                                 mer_description_get_name (self->description));
  lines = json_array_new ();
  for (guint i = 0; launch[i] != NULL; i++)
    json_array_add_string_element (lines, launch[i]);
  json_object_set_array_member (object, "launch", lines);
  json_object_set_member (object, "set", mer_choice_to_json (self->choice));
  json_object_set_member (object, "dataset", mer_dataset_to_json (self->dataset));
  json_object_set_member (object, "graph", elements);
  json_object_set_int_member (object, "repeat", self->repeat);
  return node;
}

/**
 * mer_plan_build:
 * @self: a plan
 * @run: (nullable): the run that keeps what comes; %NULL: nothing is kept
 * @spool: (nullable): keeps decoded clips for the next run
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the whole pipeline, from source to sink
 */
GstElement *
mer_plan_build (MerPlan *self, MerStoreRun *run, MerMediaSpool *spool, GError **error)
{
  g_autoptr (GstElement) pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  g_autoptr (GstElement) graph = build_graph (self, error);
  GstElement *source = gst_element_factory_make ("merdatasetsrc", "source");
  GstElement *sink
      = gst_element_factory_make (run != NULL ? "merstoresink" : "fakesink", "sink");
  GstElement *last = NULL;

  if (graph == NULL || source == NULL || sink == NULL)
    {
      g_clear_pointer (&source, gst_object_unref);
      g_clear_pointer (&sink, gst_object_unref);
      if (graph != NULL)
        g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                     "merdatasetsrc or merstoresink is missing; mer doctor tells why");
      return NULL;
    }
  if (run == NULL)
    g_object_set (sink, "async", FALSE, "sync", FALSE, NULL);
  g_object_set (source, "samples", self->dataset, NULL);
  append_element (GST_BIN (pipeline), &last, source);
  append_element (GST_BIN (pipeline), &last, graph);
  append_element (GST_BIN (pipeline), &last, sink);
  if (run != NULL)
    {
      g_autoptr (GstContext) store = mer_store_context_new (mer_store_run_get_store (run));
      g_autoptr (GstContext) context = mer_store_run_context_new (run);

      gst_element_set_context (pipeline, store);
      gst_element_set_context (pipeline, context);
    }
  if (spool != NULL)
    {
      g_autoptr (GstContext) context = mer_media_spool_context_new (spool);

      gst_element_set_context (pipeline, context);
    }
  return g_steal_pointer (&pipeline);
}
