/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-mermodel
 * @title: mermodel
 *
 * Asks a model by its name in a models file (`mer-models/1`), which says what element asks
 * it, and how. What is set on mermodel beats the file, which beats the element's defaults.
 *
 * ## Example launch line
 *
 * ```
 * gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! mermodel model=local ! merlabels !
 * fakesink
 * ```
 */
#include "mer-model.h"

#include "base/mer-backend.h"
#include "base/mer-stages.h"
#include "config/mer-models.h"
#include "config/mer-property.h"
#include "sample/mer-sample.h"

GST_DEBUG_CATEGORY_STATIC (mer_model_debug);
#define GST_CAT_DEFAULT mer_model_debug

struct _MerModel
{
  GstBin parent_instance;

  char *model;
  char *models;
  GstStructure *options;
  GHashTable *explicit; /* name → GValue: what was set here, for the backend */

  GstPad *sink;
  GstPad *src;
  GstElement *backend; /* from READY on; the bin owns it */
};

enum
{
  PROP_0,
  PROP_MODEL,
  PROP_MODELS,
  PROP_OPTIONS,
  PROP_IDENTITY,
  PROP_FORWARDED, /* from here on: those of MerBackend */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_SAMPLE_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_SAMPLE_CAPS));

G_DEFINE_TYPE (MerModel, mer_model, GST_TYPE_BIN)
GST_ELEMENT_REGISTER_DEFINE (mermodel, "mermodel", GST_RANK_NONE, MER_TYPE_MODEL)

static void
value_free (gpointer data)
{
  GValue *value = data;

  g_value_unset (value);
  g_free (value);
}

/* the entry of the models file, as what makes answers what they are */
static char *
describe_entry (MerModel *self)
{
  g_autoptr (MerModels) models = mer_models_open (self->models, NULL, NULL);
  g_autoptr (JsonNode) node = NULL;

  if (models == NULL || self->model == NULL || !mer_models_find (models, self->model, NULL))
    return NULL;
  node = mer_models_get_identity (models, self->model);
  return mer_json_canonical (node);
}

static void
forward_value (MerModel *self, const GValue *value, GParamSpec *pspec)
{
  GValue *kept = g_new0 (GValue, 1);

  g_value_init (kept, G_VALUE_TYPE (value));
  g_value_copy (value, kept);
  g_hash_table_replace (self->explicit, (gpointer) pspec->name, kept);
  if (self->backend != NULL
      && g_object_class_find_property (G_OBJECT_GET_CLASS (self->backend), pspec->name))
    g_object_set_property (G_OBJECT (self->backend), pspec->name, value);
}

static void
mer_model_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MerModel *self = MER_MODEL (object);

  switch (id)
    {
    case PROP_MODEL:
      g_free (self->model);
      self->model = g_value_dup_string (value);
      break;
    case PROP_MODELS:
      g_free (self->models);
      self->models = g_value_dup_string (value);
      break;
    case PROP_OPTIONS:
      g_clear_pointer (&self->options, gst_structure_free);
      self->options = g_value_dup_boxed (value);
      break;
    default:
      if (id >= PROP_FORWARDED)
        forward_value (self, value, pspec);
      else
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
get_forwarded (MerModel *self, GValue *value, GParamSpec *pspec)
{
  const GValue *kept = g_hash_table_lookup (self->explicit, pspec->name);

  if (self->backend != NULL
      && g_object_class_find_property (G_OBJECT_GET_CLASS (self->backend), pspec->name))
    g_object_get_property (G_OBJECT (self->backend), pspec->name, value);
  else if (kept != NULL)
    g_value_copy (kept, value);
  else
    g_param_value_set_default (pspec, value);
}

static void
mer_model_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerModel *self = MER_MODEL (object);

  switch (id)
    {
    case PROP_MODEL:
      g_value_set_string (value, self->model);
      break;
    case PROP_MODELS:
      g_value_set_string (value, self->models);
      break;
    case PROP_OPTIONS:
      g_value_set_boxed (value, self->options);
      break;
    case PROP_IDENTITY:
      g_value_take_string (value, describe_entry (self));
      break;
    default:
      if (id >= PROP_FORWARDED)
        get_forwarded (self, value, pspec);
      else
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static gboolean
apply_explicit (MerModel *self, GstElement *backend, GError **error)
{
  GHashTableIter iter;
  gpointer name = NULL, value = NULL;
  gboolean has_stage = g_hash_table_contains (self->explicit, "stage");

  g_hash_table_iter_init (&iter, self->explicit);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      if (mer_property_find (backend, name, error) == NULL)
        return FALSE;
      g_object_set_property (G_OBJECT (backend), name, value);
    }
  if (!has_stage)
    {
      g_autofree char *stage = mer_stages_default_name (GST_ELEMENT (self));

      g_object_set (backend, "stage", stage, NULL);
    }
  return TRUE;
}

/* which program an entry starts is for the models file to say, which must be trusted, and
 * not for a description, which need not be */
static gboolean
may_have_options (GstElement *backend, GError **error)
{
  if (!g_str_equal (GST_OBJECT_NAME (gst_element_get_factory (backend)), "merexec"))
    return TRUE;
  g_set_error_literal (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                       "options: merexec starts programs and is set up in your own models "
                       "file alone");
  return FALSE;
}

/* what only this backend has; checked as anything from outside is */
static gboolean
apply_options (MerModel *self, GstElement *backend, GError **error)
{
  for (int i = 0; self->options != NULL && i < gst_structure_n_fields (self->options); i++)
    {
      const char *name = gst_structure_nth_field_name (self->options, (guint) i);
      const GValue *value = gst_structure_get_value (self->options, name);
      g_autofree char *text = G_VALUE_HOLDS_STRING (value)
                                  ? g_value_dup_string (value)
                                  : mer_property_text_from_value (value);

      if (!mer_property_set_text (backend, name, text, error))
        {
          g_prefix_error (error, "options: ");
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
is_backend (GstElement *element)
{
  const char *kind
      = gst_element_factory_get_metadata (gst_element_get_factory (element), "mer-kind");

  return g_strcmp0 (kind, MER_KIND_BACKEND) == 0
         && g_object_class_find_property (G_OBJECT_GET_CLASS (element), "stage") != NULL;
}

static char *
dup_address (GstElement *backend)
{
  char *address = NULL;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (backend), "uri") != NULL)
    g_object_get (backend, "uri", &address, NULL);
  return address;
}

/* an entry's key is for the entry's address: a description, which need not be trusted, does
 * not send it elsewhere by setting another */
static void
keep_key_at (MerModel *self, GstElement *backend, const char *address)
{
  g_autofree char *now = dup_address (backend);

  if (g_strcmp0 (now, address) != 0
      && g_object_class_find_property (G_OBJECT_GET_CLASS (backend), "api-key-env") != NULL
      && !g_hash_table_contains (self->explicit, "api-key-env"))
    g_object_set (backend, "api-key-env", NULL, NULL);
}

static GstElement *
make_backend (MerModel *self, GError **error)
{
  g_autofree char *address = NULL;
  g_autoptr (MerModels) models = NULL;
  g_autoptr (GstElement) backend = NULL;

  if (self->model == NULL || *self->model == '\0')
    {
      g_set_error_literal (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                           "which model? set model=NAME, one of the models file");
      return NULL;
    }
  models = mer_models_open (self->models, NULL, error);
  if (models == NULL)
    return NULL;
  backend = mer_models_make_backend (models, self->model, GST_OBJECT_NAME (self), error);
  if (backend == NULL)
    return NULL;
  gst_object_ref_sink (backend);
  if (!is_backend (backend))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                   "%s: model “%s”: %s asks no model", mer_models_get_path (models),
                   self->model, mer_models_get_backend (models, self->model));
      return NULL;
    }
  address = dup_address (backend);
  if (!apply_explicit (self, backend, error)
      || (self->options != NULL && !may_have_options (backend, error))
      || !apply_options (self, backend, error))
    return NULL;
  keep_key_at (self, backend, address);
  return g_steal_pointer (&backend);
}

static gboolean
plug_backend (MerModel *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) backend = make_backend (self, &error);
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GstPad) src = NULL;

  if (backend == NULL)
    {
      GST_ELEMENT_ERROR (self, LIBRARY, SETTINGS,
                         ("%s: %s", GST_OBJECT_NAME (self), error->message), (NULL));
      return FALSE;
    }
  gst_bin_add (GST_BIN (self), backend);
  sink = gst_element_get_static_pad (backend, "sink");
  src = gst_element_get_static_pad (backend, "src");
  self->backend = backend;
  return gst_ghost_pad_set_target (GST_GHOST_PAD (self->sink), sink)
         && gst_ghost_pad_set_target (GST_GHOST_PAD (self->src), src);
}

static void
unplug_backend (MerModel *self)
{
  if (self->backend == NULL)
    return;
  gst_ghost_pad_set_target (GST_GHOST_PAD (self->sink), NULL);
  gst_ghost_pad_set_target (GST_GHOST_PAD (self->src), NULL);
  gst_element_set_state (self->backend, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self), self->backend);
  self->backend = NULL;
}

static GstStateChangeReturn
mer_model_change_state (GstElement *element, GstStateChange transition)
{
  MerModel *self = MER_MODEL (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY && self->backend == NULL
      && !plug_backend (self))
    {
      unplug_backend (self);
      return GST_STATE_CHANGE_FAILURE;
    }
  result = GST_ELEMENT_CLASS (mer_model_parent_class)->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    unplug_backend (self);
  return result;
}

static void
mer_model_finalize (GObject *object)
{
  MerModel *self = MER_MODEL (object);

  g_free (self->model);
  g_free (self->models);
  g_clear_pointer (&self->options, gst_structure_free);
  g_hash_table_unref (self->explicit);
  G_OBJECT_CLASS (mer_model_parent_class)->finalize (object);
}

/* a property of our own that looks like one of the backends' */
static GParamSpec *
copy_spec (GParamSpec *spec)
{
  const char *name = spec->name, *nick = g_param_spec_get_nick (spec),
             *blurb = g_param_spec_get_blurb (spec);
  const GParamFlags flags = spec->flags;

#define COPY_RANGE(TYPE, Type, type)                                                       \
  if (G_IS_PARAM_SPEC_##TYPE (spec))                                                       \
    {                                                                                      \
      const Type *own = G_PARAM_SPEC_##TYPE (spec);                                        \
      return g_param_spec_##type (name, nick, blurb, own->minimum, own->maximum,           \
                                  own->default_value, flags);                              \
    }
  COPY_RANGE (INT, GParamSpecInt, int)
  COPY_RANGE (UINT, GParamSpecUInt, uint)
  COPY_RANGE (INT64, GParamSpecInt64, int64)
  COPY_RANGE (UINT64, GParamSpecUInt64, uint64)
  COPY_RANGE (DOUBLE, GParamSpecDouble, double)
#undef COPY_RANGE
  if (G_IS_PARAM_SPEC_STRING (spec))
    return g_param_spec_string (name, nick, blurb,
                                G_PARAM_SPEC_STRING (spec)->default_value, flags);
  if (G_IS_PARAM_SPEC_BOOLEAN (spec))
    return g_param_spec_boolean (name, nick, blurb,
                                 G_PARAM_SPEC_BOOLEAN (spec)->default_value, flags);
  if (G_IS_PARAM_SPEC_ENUM (spec))
    return g_param_spec_enum (name, nick, blurb, spec->value_type,
                              G_PARAM_SPEC_ENUM (spec)->default_value, flags);
  if (G_IS_PARAM_SPEC_FLAGS (spec))
    return g_param_spec_flags (name, nick, blurb, spec->value_type,
                               G_PARAM_SPEC_FLAGS (spec)->default_value, flags);
  return NULL;
}

/* all that MerBackend has, but its `model`, which here is the entry's name */
static void
install_forwarded (GObjectClass *object_class)
{
  GObjectClass *backend_class = g_type_class_ref (MER_TYPE_BACKEND);
  guint n_specs = 0, id = PROP_FORWARDED;
  g_autofree GParamSpec **specs = g_object_class_list_properties (backend_class, &n_specs);

  for (guint i = 0; i < n_specs; i++)
    {
      GParamSpec *copy = NULL;

      if (!g_type_is_a (specs[i]->owner_type, MER_TYPE_ORDERED)
          || (specs[i]->flags & G_PARAM_READWRITE) != G_PARAM_READWRITE
          || g_str_equal (specs[i]->name, "model"))
        continue;
      copy = copy_spec (specs[i]);
      if (copy != NULL)
        g_object_class_install_property (object_class, id++, copy);
    }
  g_type_class_unref (backend_class);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags
      = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (
      object_class, PROP_MODEL,
      g_param_spec_string ("model", "Model",
                           "The model's name in the models file (default: none)", NULL,
                           flags));
  g_object_class_install_property (
      object_class, PROP_MODELS,
      g_param_spec_string ("models", "Models",
                           "A mer-models/1 file, or the name of one (default: models)",
                           NULL, flags));
  g_object_class_install_property (
      object_class, PROP_OPTIONS,
      g_param_spec_boxed ("options", "Options",
                          "Properties that only this model's element has, as in "
                          "options=\"options,image-detail=low\" (default: none)",
                          GST_TYPE_STRUCTURE, flags));
  g_object_class_install_property (
      object_class, PROP_IDENTITY,
      g_param_spec_string (
          "identity", "Identity",
          "The model's entry, as far as it makes answers what they are: JSON", NULL,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  install_forwarded (object_class);
}

static void
mer_model_class_init (MerModelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = mer_model_set_property;
  object_class->get_property = mer_model_get_property;
  object_class->finalize = mer_model_finalize;
  element_class->change_state = mer_model_change_state;
  install_properties (object_class);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Model", "Filter/Sample/Backend",
                                         "Asks a model by its name in a models file",
                                         "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", MER_KIND_BACKEND);
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! mermodel "
      "model=local ! merlabels ! mersampleenc ! fdsink");
  gst_element_class_add_static_metadata (element_class, "mer-modalities",
                                         "audio,video,text");
  gst_element_class_add_static_metadata (element_class, "mer-protocol", "any");
  GST_DEBUG_CATEGORY_INIT (mer_model_debug, "mermodel", 0, "a model by its name");
}

static void
mer_model_init (MerModel *self)
{
  g_autoptr (GstPadTemplate) sink = gst_static_pad_template_get (&sink_template);
  g_autoptr (GstPadTemplate) src = gst_static_pad_template_get (&src_template);

  self->explicit = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, value_free);
  self->sink = gst_ghost_pad_new_no_target_from_template ("sink", sink);
  self->src = gst_ghost_pad_new_no_target_from_template ("src", src);
  gst_element_add_pad (GST_ELEMENT (self), self->sink);
  gst_element_add_pad (GST_ELEMENT (self), self->src);
}
