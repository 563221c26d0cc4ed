/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/mer-models.h"

#include "config/mer-lookup.h"
#include "config/mer-property.h"

#include <string.h>

struct _MerModels
{
  gatomicrefcount refs;
  MerJson *json;
  char *path;
};

G_DEFINE_BOXED_TYPE (MerModels, mer_models, mer_models_ref, mer_models_unref)

/* what an entry may limit: properties of the element */
static const char *const limit_names[]
    = { "max-in-flight", "endpoint-limit", "deadline", "timeout", "patience", NULL };

static const struct
{
  const char *member;
  const char *property;
} prices[] = {
  { "input", "price-input" },
  { "input-cached", "price-input-cached" },
  { "output", "price-output" },
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
  g_clear_pointer (&self->json, mer_json_unref);
  g_free (self->path);
  g_free (self);
}

static char *
entry_place (const char *model, const char *member)
{
  g_autofree char *entry = mer_json_pointer ("/models", model);

  return member != NULL ? mer_json_pointer (entry, member) : g_steal_pointer (&entry);
}

/* a person's own models file may name `merexec`, which starts programs; others may not */
static gboolean
is_own_file (const char *path)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "gst-mer", "", NULL);
  g_autofree char *full = g_canonicalize_filename (path, NULL);

  return g_str_has_prefix (full, folder);
}

static gboolean
check_backend (MerModels *self, const char *model, GError **error)
{
  g_autofree char *place = entry_place (model, "backend");
  const char *backend = NULL;

  if (!mer_json_get_string (self->json, place, &backend, error))
    return FALSE;
  if (g_str_has_prefix (backend, "mer") && !g_str_equal (backend, "mermodel")
      && (!g_str_equal (backend, "merexec") || is_own_file (self->path)))
    return TRUE;
  mer_json_set_error (
      self->json, place, error, MER_ERROR_INVALID_FILE, "“%s” cannot ask a model%s",
      backend,
      g_str_equal (backend, "merexec")
          ? " here; merexec starts programs and belongs into your own models "
            "file, in the data folder gst-mer"
          : "; it must be an element such as meropenai");
  return FALSE;
}

static gboolean
check_modalities (MerModels *self, const char *model, GError **error)
{
  static const char *const known[] = { "audio", "video", "text", NULL };
  g_autofree char *place = entry_place (model, "modalities");
  g_auto (GStrv) names = NULL;

  if (!mer_json_has (self->json, place))
    return TRUE;
  if (!mer_json_get_strings (self->json, place, &names, error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!g_strv_contains (known, names[i]))
      {
        mer_json_set_error (self->json, place, error, MER_ERROR_INVALID_FILE,
                            "“%s” is no modality; there are audio, video, text", names[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_numbers (MerModels *self, const char *model, const char *member,
               const char *const *names, GError **error)
{
  g_autofree char *place = entry_place (model, member);

  if (!mer_json_has (self->json, place))
    return TRUE;
  if (!mer_json_check_members (self->json, place, names, error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *one = mer_json_pointer (place, names[i]);
      double number = 0;

      if (mer_json_has (self->json, one)
          && !mer_json_get_number (self->json, one, 0, 1e6, &number, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_entry (MerModels *self, const char *model, GError **error)
{
  static const char *const members[]
      = { "summary", "backend", "properties", "modalities", "limits", "prices", NULL };
  static const char *const price_names[] = { "input", "input-cached", "output", NULL };
  g_autofree char *place = entry_place (model, NULL);
  g_autofree char *properties = entry_place (model, "properties");
  g_autofree char *summary = entry_place (model, "summary");
  JsonNode *node = mer_json_lookup (self->json, properties);
  const char *text = NULL;

  if (!mer_json_check_members (self->json, place, members, error)
      || !mer_json_get_optional_string (self->json, summary, &text, error)
      || !check_backend (self, model, error) || !check_modalities (self, model, error)
      || !check_numbers (self, model, "limits", limit_names, error)
      || !check_numbers (self, model, "prices", price_names, error))
    return FALSE;
  if (node == NULL || JSON_NODE_HOLDS_OBJECT (node))
    return TRUE;
  mer_json_set_error (self->json, properties, error, MER_ERROR_INVALID_FILE,
                      "an object must stand here");
  return FALSE;
}

static gboolean
check_entries (MerModels *self, GError **error)
{
  JsonNode *node = mer_json_lookup (self->json, "/models");
  g_auto (GStrv) names = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      mer_json_set_error (self->json, "/models", error, MER_ERROR_INVALID_FILE,
                          "an object of models by name must stand here");
      return FALSE;
    }
  names = mer_models_dup_names (self);
  /* for what stands twice; any name is a good one */
  if (!mer_json_check_members (self->json, "/models", (const char *const *) names, error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!check_entry (self, names[i], error))
      return FALSE;
  return TRUE;
}

/**
 * mer_models_open:
 * @name: (nullable): a models file's name or path; %NULL: the one called `models`
 * @relative_to: (nullable): the file that names it
 * @error: return location for an error that names file, line and JSON pointer
 *
 * Returns: (transfer full) (nullable): the models
 */
MerModels *
mer_models_open (const char *name, const char *relative_to, GError **error)
{
  static const char *const extensions[] = { ".json", NULL };
  static const char *const members[] = { "format", "summary", "models", NULL };
  g_autofree char *path = mer_lookup_file ("models", name != NULL ? name : "models",
                                           extensions, relative_to, error);
  g_autoptr (MerModels) self = NULL;
  const char *ignored = NULL;

  if (path == NULL)
    return NULL;
  self = g_new0 (MerModels, 1);
  g_atomic_ref_count_init (&self->refs);
  self->path = g_steal_pointer (&path);
  self->json = mer_json_load (self->path, error);
  if (self->json == NULL || !mer_json_check_format (self->json, MER_MODELS_FORMAT, error)
      || !mer_json_check_members (self->json, "", members, error)
      || !mer_json_get_optional_string (self->json, "/summary", &ignored, error)
      || !check_entries (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

const char *
mer_models_get_path (MerModels *self)
{
  return self->path;
}

/**
 * mer_models_dup_names:
 * @self: models
 *
 * Returns: (transfer full): their names, in the file's order
 */
char **
mer_models_dup_names (MerModels *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GList) names = json_object_get_members (
      json_node_get_object (mer_json_lookup (self->json, "/models")));

  for (GList *name = names; name != NULL; name = name->next)
    g_strv_builder_add (builder, name->data);
  return g_strv_builder_end (builder);
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
  g_autofree char *place = entry_place (model, NULL);
  g_auto (GStrv) names = NULL;

  if (mer_json_has (self->json, place))
    return TRUE;
  names = mer_models_dup_names (self);

  const char *nearest = mer_nearest_name (model, (const char *const *) names);
  g_autofree char *all = g_strjoinv (", ", names);

  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND, "%s has no model “%s”; %s%s%s",
               self->path, model, nearest != NULL ? "did you mean “" : "there are: ",
               nearest != NULL ? nearest : all, nearest != NULL ? "”?" : "");
  return FALSE;
}

const char *
mer_models_get_backend (MerModels *self, const char *model)
{
  g_autofree char *place = entry_place (model, NULL);

  return mer_json_node_string (mer_json_lookup (self->json, place), "backend");
}

const char *
mer_models_get_summary (MerModels *self, const char *model)
{
  g_autofree char *place = entry_place (model, NULL);

  return mer_json_node_string (mer_json_lookup (self->json, place), "summary");
}

/* sets one property of a backend from the file */
static gboolean
apply_value (MerModels *self, GstElement *element, const char *place, const char *property,
             JsonNode *value, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autofree char *text = mer_property_text_from_json (value);
  g_autofree char *resolved
      = mer_property_resolve_file (element, property, text, self->path, &problem);

  if (resolved != NULL && mer_property_set_text (element, property, resolved, &problem))
    return TRUE;
  mer_json_set_error (self->json, place, error, problem->code, "%s", problem->message);
  return FALSE;
}

static gboolean
apply_members (MerModels *self, GstElement *element, const char *model, const char *member,
               GError **error)
{
  g_autofree char *place = entry_place (model, member);
  JsonNode *node = mer_json_lookup (self->json, place);
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *value = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return TRUE;
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &value))
    {
      g_autofree char *one = mer_json_pointer (place, name);

      if (!g_str_equal (name, "comment")
          && !apply_value (self, element, one, name, value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
has_property (GstElement *element, const char *name)
{
  return g_object_class_find_property (G_OBJECT_GET_CLASS (element), name) != NULL;
}

static gboolean
apply_modalities (MerModels *self, GstElement *element, const char *model, GError **error)
{
  g_autofree char *place = entry_place (model, "modalities");
  g_autoptr (GError) problem = NULL;
  g_auto (GStrv) names = NULL;
  g_autofree char *joined = NULL;

  if (!mer_json_has (self->json, place) || !has_property (element, "model-modalities"))
    return TRUE;
  mer_json_get_strings (self->json, place, &names, NULL);
  joined = g_strjoinv ("+", names);
  if (mer_property_set_text (element, "model-modalities", joined, &problem))
    return TRUE;
  mer_json_set_error (self->json, place, error, problem->code, "%s", problem->message);
  return FALSE;
}

static gboolean
apply_prices (MerModels *self, GstElement *element, const char *model, GError **error)
{
  g_autofree char *place = entry_place (model, "prices");

  for (guint i = 0; i < G_N_ELEMENTS (prices); i++)
    {
      g_autofree char *one = mer_json_pointer (place, prices[i].member);

      if (mer_json_has (self->json, one) && has_property (element, prices[i].property)
          && !apply_value (self, element, one, prices[i].property,
                           mer_json_lookup (self->json, one), error))
        return FALSE;
    }
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
  g_autofree char *place = entry_place (model, "backend");
  GstElement *element = NULL;

  if (!mer_models_find (self, model, error))
    return NULL;
  element = gst_element_factory_make (mer_models_get_backend (self, model), name);
  if (element == NULL)
    {
      mer_json_set_error (
          self->json, place, error, MER_ERROR_NOT_FOUND,
          "there is no element “%s”; mer doctor tells which plug-ins do not "
          "load",
          mer_models_get_backend (self, model));
      return NULL;
    }
  if (apply_modalities (self, element, model, error)
      && apply_members (self, element, model, "properties", error)
      && apply_members (self, element, model, "limits", error)
      && apply_prices (self, element, model, error))
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
  g_autofree char *place = entry_place (model, NULL);
  JsonObject *entry = json_node_get_object (mer_json_lookup (self->json, place));
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);
  static const char *const kept[] = { "backend", "modalities", "properties" };

  json_object_unref (object);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    if (json_object_has_member (entry, kept[i]))
      json_object_set_member (object, kept[i],
                              json_node_copy (json_object_get_member (entry, kept[i])));
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
