/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/mer-models-private.h"

#include "config/mer-property.h"

#include <string.h>

struct _MerModels
{
  gatomicrefcount refs;
  GPtrArray *files; /* of MerModelsFile, the one that counts most first */
  char *path;
  GMutex lock;
  GHashTable *entries; /* name → MerModelsEntry, made when they are asked for */
};

G_DEFINE_BOXED_TYPE (MerModels, mer_models, mer_models_ref, mer_models_unref)

/* limits that are properties of the element under another name; those that are not there
 * are told, not set */
static const struct
{
  const char *member;
  const char *property;
} limits[] = {
  { "frames", "max-frames" },
  { "audio-seconds", "max-audio" },
  { "payload", "max-request" },
  { "context", "num-ctx" }, /* of Ollama: others are started with theirs */
  { "max-in-flight", "max-in-flight" },
  { "endpoint-limit", "endpoint-limit" },
  { "deadline", "deadline" },
  { "timeout", "timeout" },
  { "patience", "patience" },
  { "requests-per-minute", "requests-per-minute" },
  { "tokens-per-minute", "tokens-per-minute" },
  { "cost-per-minute", "cost-per-minute" },
  { "max-cost", "max-cost" },
};

MerModels *
mer_models_ref (MerModels *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mer_models_unref (MerModels *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->entries, g_hash_table_unref);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_mutex_clear (&self->lock);
  g_free (self->path);
  g_free (self);
}

/**
 * mer_models_open:
 * @name: (nullable): the name or path of a models file that counts more than the others;
 *   %NULL: `models.json` of the working folder, where there is one
 * @relative_to: (nullable): the file that names it
 * @error: return location for an error that names file, line and JSON pointer
 *
 * Reads that file, the user's (`models.json` and the folder `models` below
 * `$MER_DATA_PATH` and the data folder `gst-mer`) and the catalogue. A file of the user is
 * checked as a whole, an entry of the catalogue when it is asked for.
 *
 * Returns: (transfer full) (nullable): the models
 */
MerModels *
mer_models_open (const char *name, const char *relative_to, GError **error)
{
  GPtrArray *files = mer_models_list_files (name, relative_to, error);
  MerModels *self = NULL;

  if (files == NULL)
    return NULL;
  self = g_new0 (MerModels, 1);
  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->files = files;
  self->path = files->len > 0
                   ? g_strdup (((MerModelsFile *) g_ptr_array_index (files, 0))->path)
                   : g_strdup ("models.json");
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) mer_models_entry_free);
  return self;
}

/**
 * mer_models_get_path:
 * @self: models
 *
 * Returns: (transfer none): the file that counts most
 */
const char *
mer_models_get_path (MerModels *self)
{
  return self->path;
}

/**
 * mer_models_dup_paths:
 * @self: models
 *
 * Returns: (transfer full): all files that were read, the one that counts most first
 */
char **
mer_models_dup_paths (MerModels *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->files->len; i++)
    g_strv_builder_add (builder,
                        ((MerModelsFile *) g_ptr_array_index (self->files, i))->path);
  return g_strv_builder_end (builder);
}

static void
list_names (const MerModelsFile *file, GPtrArray *names, GHashTable *seen)
{
  g_autoptr (GList) all = json_object_get_members (
      json_node_get_object (mer_json_lookup (file->json, "/models")));

  for (GList *name = all; name != NULL; name = name->next)
    if (g_hash_table_add (seen, name->data))
      g_ptr_array_add (names, g_strdup (name->data));
}

static char **
dup_names (MerModels *self, guint n_files)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < MIN (n_files, self->files->len); i++)
    list_names (g_ptr_array_index (self->files, i), names, seen);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

/**
 * mer_models_dup_names:
 * @self: models
 *
 * Returns: (transfer full): the names of all, those of the file that counts most first, in
 *   the files' order
 */
char **
mer_models_dup_names (MerModels *self)
{
  return dup_names (self, G_MAXUINT);
}

/**
 * mer_models_dup_own_names:
 * @self: models
 *
 * Returns: (transfer full): the names that stand in the file that counts most
 */
char **
mer_models_dup_own_names (MerModels *self)
{
  return dup_names (self, 1);
}

/* entries are made once and live as long as @self */
static const MerModelsEntry *
get_entry (MerModels *self, const char *model, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  MerModelsEntry *entry = g_hash_table_lookup (self->entries, model);

  if (entry != NULL)
    return entry;
  entry = mer_models_resolve (self->files, model, error);
  if (entry != NULL)
    g_hash_table_insert (self->entries, g_strdup (model), entry);
  return entry;
}

/* another than those that came with the program */
static gboolean
has_own_file (MerModels *self)
{
  return self->files->len > 0
         && ((MerModelsFile *) g_ptr_array_index (self->files, 0))->checked;
}

/**
 * mer_models_find:
 * @self: models
 * @model: what somebody asked for
 * @error: return location for an error that names the nearest one
 *
 * Returns: whether it is there
 */
gboolean
mer_models_find (MerModels *self, const char *model, GError **error)
{
  g_auto (GStrv) names = mer_models_dup_names (self);
  g_autofree char *where = NULL;
  const char *nearest = NULL;

  if (g_strv_contains ((const char *const *) names, model))
    return TRUE;
  nearest = mer_nearest_name (model, (const char *const *) names);
  where = has_own_file (self) ? g_strdup_printf (" in %s or the catalogue", self->path)
                              : g_strdup ("");
  if (nearest != NULL)
    g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                 "there is no model “%s”%s; did you mean “%s”?", model, where, nearest);
  else
    g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                 "there is no model “%s”%s; mer models list shows all", model, where);
  return FALSE;
}

/**
 * mer_models_get_entry:
 * @self: models
 * @model: one of them
 * @error: return location for an error that names the place
 *
 * Returns: (transfer none) (nullable): the entry as it counts, with what it extends and
 * what other files change: an object as in a file
 */
JsonNode *
mer_models_get_entry (MerModels *self, const char *model, GError **error)
{
  const MerModelsEntry *entry
      = mer_models_find (self, model, error) ? get_entry (self, model, error) : NULL;

  return entry != NULL ? entry->node : NULL;
}

/**
 * mer_models_get_origin:
 * @self: models
 * @model: one of them
 * @place: a place in the entry, such as `/licence` or `/properties/uri`
 *
 * Returns: (transfer none) (nullable): the file in which that was written
 */
const char *
mer_models_get_origin (MerModels *self, const char *model, const char *place)
{
  const MerModelsEntry *entry = get_entry (self, model, NULL);
  const MerModelsOrigin *origin
      = entry != NULL ? mer_models_entry_get_origin (entry, place) : NULL;

  return origin != NULL ? origin->file->path : NULL;
}

static const char *
get_text (MerModels *self, const char *model, const char *member)
{
  const MerModelsEntry *entry = get_entry (self, model, NULL);

  return entry != NULL ? mer_json_node_string (entry->node, member) : NULL;
}

const char *
mer_models_get_backend (MerModels *self, const char *model)
{
  return get_text (self, model, "backend");
}

const char *
mer_models_get_summary (MerModels *self, const char *model)
{
  return get_text (self, model, "summary");
}

/**
 * mer_models_dup_start:
 * @self: models
 * @model: one of them
 *
 * Returns: (transfer full) (nullable): the command that starts its server, as far as the
 *   entry says one
 */
char *
mer_models_dup_start (MerModels *self, const char *model)
{
  const MerModelsEntry *entry = get_entry (self, model, NULL);
  const char *start = entry != NULL ? mer_json_node_string (entry->node, "start") : NULL;
  const char *served = entry != NULL ? mer_json_node_string (
                           mer_json_node_member (entry->node, "properties"), "model")
                                     : NULL;
  GString *text = NULL;

  if (start == NULL)
    return NULL;
  text = g_string_new (start);
  if (served != NULL)
    g_string_replace (text, "{model}", served, 0);
  return g_string_free (text, FALSE);
}

/* sets one property of a backend; files that it names lie beside the file that says so */
static gboolean
apply_value (const MerModelsEntry *entry, GstElement *element, const char *pointer,
             const char *property, JsonNode *value, GError **error)
{
  const MerModelsOrigin *origin = mer_models_entry_get_origin (entry, pointer);
  g_autoptr (GError) problem = NULL;
  g_autofree char *text = mer_property_text_from_json (value);
  g_autofree char *resolved = mer_property_resolve_file (
      element, property, text, origin != NULL ? origin->file->path : NULL, &problem);

  if (resolved != NULL && mer_property_set_text (element, property, resolved, &problem))
    return TRUE;
  mer_models_entry_set_error (entry, pointer, error, problem->code, problem->message);
  return FALSE;
}

static gboolean
has_property (GstElement *element, const char *name)
{
  return g_object_class_find_property (G_OBJECT_GET_CLASS (element), name) != NULL;
}

static gboolean
apply_properties (const MerModelsEntry *entry, GstElement *element, GError **error)
{
  JsonNode *node = mer_json_node_member (entry->node, "properties");
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *value = NULL;

  if (node == NULL)
    return TRUE;
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &value))
    {
      g_autofree char *pointer = mer_json_pointer ("/properties", name);

      if (!apply_value (entry, element, pointer, name, value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
apply_number (const MerModelsEntry *entry, GstElement *element, const char *parent,
              const char *member, const char *property, GError **error)
{
  JsonNode *value
      = mer_json_node_member (mer_json_node_member (entry->node, parent), member);
  g_autofree char *pointer = g_strdup_printf ("/%s/%s", parent, member);

  return value == NULL || !has_property (element, property)
         || apply_value (entry, element, pointer, property, value, error);
}

static gboolean
apply_modalities (const MerModelsEntry *entry, GstElement *element, GError **error)
{
  JsonNode *node = mer_json_node_member (entry->node, "modalities");
  g_autoptr (GError) problem = NULL;
  g_autofree char *joined = NULL;

  if (node == NULL || !has_property (element, "model-modalities"))
    return TRUE;
  joined = mer_property_text_from_json (node);
  g_strdelimit (joined, ",", '+');
  if (mer_property_set_text (element, "model-modalities", joined, &problem))
    return TRUE;
  mer_models_entry_set_error (entry, "/modalities", error, problem->code, problem->message);
  return FALSE;
}

/* in one piece, as they stand: they were checked when the file was read */
static void
apply_prices (const MerModelsEntry *entry, GstElement *element)
{
  JsonNode *node = mer_json_node_member (entry->node, "prices");

  if (node == NULL || !has_property (element, "prices"))
    return;

  g_autofree char *text = mer_json_canonical (node);
  g_object_set (element, "prices", text, NULL);
}

static gboolean
apply_entry (const MerModelsEntry *entry, GstElement *element, GError **error)
{
  if (!apply_modalities (entry, element, error)
      || !apply_properties (entry, element, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    if (!apply_number (entry, element, "limits", limits[i].member, limits[i].property,
                       error))
      return FALSE;
  apply_prices (entry, element);
  return TRUE;
}

/**
 * mer_models_make_backend:
 * @self: models
 * @model: one of them
 * @name: (nullable): the element's name
 * @error: return location for an error that names the place in the file
 *
 * Makes the element that asks the model, with the entry's properties, limits and prices.
 *
 * Returns: (transfer full) (nullable): the element, floating
 */
GstElement *
mer_models_make_backend (MerModels *self, const char *model, const char *name,
                         GError **error)
{
  const MerModelsEntry *entry
      = mer_models_find (self, model, error) ? get_entry (self, model, error) : NULL;
  GstElement *element = NULL;

  if (entry == NULL)
    return NULL;
  element = gst_element_factory_make (mer_models_get_backend (self, model), name);
  if (element == NULL)
    {
      g_autofree char *what = g_strdup_printf (
          "there is no element “%s”; mer doctor tells which plug-ins do not load",
          mer_models_get_backend (self, model));

      mer_models_entry_set_error (entry, "/backend", error, MER_ERROR_NOT_FOUND, what);
      return NULL;
    }
  if (apply_entry (entry, element, error))
    return element;
  gst_object_unref (gst_object_ref_sink (element));
  return NULL;
}

/**
 * mer_models_get_identity:
 * @self: models
 * @model: one of them
 *
 * Returns: (transfer full): what of the entry makes answers what they are: the element, its
 *   properties and modalities, without keys, limits and prices
 */
JsonNode *
mer_models_get_identity (MerModels *self, const char *model)
{
  static const char *const kept[] = { "backend", "modalities", "properties" };
  const MerModelsEntry *entry = get_entry (self, model, NULL);
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_node_take_object (node, object);
  for (guint i = 0; entry != NULL && i < G_N_ELEMENTS (kept); i++)
    {
      JsonNode *member = mer_json_node_member (entry->node, kept[i]);

      if (member != NULL)
        json_object_set_member (object, kept[i], json_node_copy (member));
    }
  if (mer_json_node_member (node, "properties") != NULL)
    {
      g_autofree char *text
          = mer_json_canonical (mer_json_node_member (node, "properties"));
      g_autoptr (JsonNode) copy = json_from_string (text, NULL);

      json_object_remove_member (json_node_get_object (copy), "api-key-env");
      json_object_set_member (object, "properties", g_steal_pointer (&copy));
    }
  return node;
}
