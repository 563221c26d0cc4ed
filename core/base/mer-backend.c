/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * MerBackend:
 *
 * Base class of elements that ask a model's server. `docs/writing-a-backend.md` shows how
 * one is made.
 */
#include "base/mer-backend.h"

#include <math.h>

#include "base/mer-backend-work.h"
#include "mer-error.h"
#include "net/mer-key.h"

/* what is asked where nobody says what to ask */
#define DEFAULT_PROMPT                                                                     \
  "This is a short clip of a person: its pictures in the order of time, its sound, and "   \
  "what is said, as far as they are given.\n"                                              \
  "{{#subtitle}}\nThe person says: {{subtitle}}\n{{/subtitle}}\n"                          \
  "Which emotions does the person show? Answer with a JSON object of the form "            \
  "{\"labels\": [\"word\", \"word\"]}: one to eight emotion words in English, the "        \
  "clearest first.\n"

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (MerBackend, mer_backend, MER_TYPE_ORDERED)
#define GET_PRIVATE(o) ((MerBackendPrivate *) mer_backend_get_instance_private (o))

MerBackendPrivate *
mer_backend_get_private (MerBackend *self)
{
  return GET_PRIVATE (self);
}

static MerPrompt *
open_prompt (const char *name, GError **error)
{
  return name != NULL && *name != '\0'
             ? mer_prompt_open (name, NULL, error)
             : mer_prompt_parse ("the default prompt", DEFAULT_PROMPT, -1, error);
}

static gboolean
open_prompts (MerBackendPrivate *priv, GError **error)
{
  g_autoptr (GStrvBuilder) references = g_strv_builder_new ();

  priv->prompt = open_prompt (priv->prompt_name, error);
  if (priv->prompt == NULL)
    return FALSE;
  if (priv->system_name != NULL && *priv->system_name != '\0')
    {
      priv->system = mer_prompt_open (priv->system_name, NULL, error);
      if (priv->system == NULL)
        return FALSE;
      g_strv_builder_addv (references,
                           (const char **) mer_prompt_get_references (priv->system));
    }
  g_strv_builder_addv (references,
                       (const char **) mer_prompt_get_references (priv->prompt));
  priv->references = g_strv_builder_end (references);
  return TRUE;
}

static gboolean
check_modalities (MerBackend *self, GError **error)
{
  MerBackendPrivate *priv = GET_PRIVATE (self);
  MerModality can = mer_backend_get_abilities (self);
  MerModality asked = priv->modalities & MER_MODALITY_ALL;
  g_autofree char *lacking = mer_modality_to_string (asked & ~can);
  g_autofree char *able = mer_modality_to_string (can);

  if (priv->modalities & MER_MODALITY_AUTO || (asked & ~can) == 0)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "%s: modalities: %s takes no %s, only %s; ask for less, or set "
               "modalities=auto",
               GST_OBJECT_NAME (self), priv->model != NULL ? priv->model : "the model",
               lacking, able);
  return FALSE;
}

static gboolean
open_schema (MerBackendPrivate *priv, GError **error)
{
  if (priv->answer_format != MER_ANSWER_FORMAT_JSON_SCHEMA)
    return TRUE;
  priv->schema = mer_answer_schema_open (priv->schema_path, error);
  return priv->schema != NULL;
}

/* the three properties that most people need, over what a models file says */
static gboolean
open_prices (MerBackend *self, GError **error)
{
  MerBackendPrivate *priv = GET_PRIVATE (self);

  priv->prices = mer_prices_parse (priv->prices_text, error);
  if (priv->prices == NULL)
    {
      g_prefix_error (error, "%s: ", GST_OBJECT_NAME (self));
      return FALSE;
    }
  if (priv->price_input >= 0)
    mer_prices_set (priv->prices, "input", priv->price_input);
  if (priv->price_input_cached >= 0)
    mer_prices_set (priv->prices, "input-cached", priv->price_input_cached);
  if (priv->price_output >= 0)
    mer_prices_set (priv->prices, "output", priv->price_output);
  return TRUE;
}

static gboolean
open_store (MerBackendPrivate *priv, GError **error)
{
  if (priv->journal != NULL && *priv->journal != '\0')
    priv->store = mer_store_open (priv->journal, MER_STORE_WRITE, error);
  else if (priv->context_store != NULL)
    priv->store = g_object_ref (priv->context_store);
  else
    return TRUE;
  return priv->store != NULL;
}

/* a service's usual address goes with a key alone: forgetting `uri` must not carry clips to
 * strangers */
static const char *
get_uri (MerBackendPrivate *priv)
{
  if (priv->uri != NULL && *priv->uri != '\0')
    return priv->uri;
  return priv->key_variable != NULL && *priv->key_variable != '\0' ? priv->usual_uri : NULL;
}

static MerCaller *
mer_backend_open_caller (MerBackend *self, GError **error)
{
  MerBackendPrivate *priv = GET_PRIVATE (self);
  MerEndpoint *endpoint = NULL;

  if (get_uri (priv) == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "uri: set the server's address, such as http://127.0.0.1:8000/v1%s%s",
                   priv->usual_uri != NULL ? "; or api-key-env, for " : "",
                   priv->usual_uri != NULL ? priv->usual_uri : "");
      return NULL;
    }
  endpoint = mer_endpoint_get (get_uri (priv), error);
  if (endpoint == NULL)
    return NULL;
  mer_endpoint_tighten (endpoint, &priv->limits);
  mer_endpoint_open (endpoint);
  return MER_CALLER (g_object_ref (endpoint));
}

static gboolean
read_key (MerBackendPrivate *priv, GError **error)
{
  if (priv->key_variable == NULL || *priv->key_variable == '\0')
    return TRUE;
  priv->key
      = mer_key_read (priv->key_variable, get_uri (priv), priv->allow_plain_http, error);
  return priv->key != NULL;
}

static gboolean
open_caller (MerBackend *self, GError **error)
{
  MerBackendPrivate *priv = GET_PRIVATE (self);

  priv->caller = MER_BACKEND_GET_CLASS (self)->open_caller (self, error);
  if (priv->caller != NULL && read_key (priv, error))
    return TRUE;
  g_prefix_error (error, "%s: ", GST_OBJECT_NAME (self));
  return FALSE;
}

static char *
mer_backend_dup_path (MerBackend *self)
{
  return g_strdup (MER_BACKEND_GET_CLASS (self)->path);
}

static void
mer_backend_close (MerOrdered *ordered)
{
  MerBackendPrivate *priv = GET_PRIVATE (MER_BACKEND (ordered));

  g_clear_pointer (&priv->prompt, mer_prompt_unref);
  g_clear_pointer (&priv->system, mer_prompt_unref);
  g_clear_pointer (&priv->references, g_strfreev);
  g_clear_pointer (&priv->schema, json_node_unref);
  g_clear_pointer (&priv->key, g_free);
  g_clear_pointer (&priv->headers, g_strfreev);
  g_clear_pointer (&priv->prices, mer_prices_free);
  g_clear_pointer (&priv->served_model, g_free);
  g_clear_pointer (&priv->fingerprint, g_free);
  priv->fingerprint_changed = FALSE;
  priv->lacking = MER_MODALITY_NONE;
  g_clear_object (&priv->store);
  g_clear_object (&priv->caller);
  priv->in_bulk = FALSE;
}

static guint
count_at_once (MerBackend *self)
{
  guint limit = GET_PRIVATE (self)->limits.calls;
  guint in_flight = mer_ordered_get_max_in_flight (MER_ORDERED (self));

  return limit > 0 ? MIN (limit, in_flight) : in_flight;
}

static gboolean
mer_backend_open (MerOrdered *ordered, GError **error)
{
  MerBackend *self = MER_BACKEND (ordered);
  MerBackendPrivate *priv = GET_PRIVATE (self);

  mer_backend_close (ordered);
  if (priv->model != NULL && *priv->model != '\0')
    priv->served_model = g_strdup (priv->model);
  if (MER_BACKEND_GET_CLASS (self)->dup_headers != NULL)
    priv->headers = MER_BACKEND_GET_CLASS (self)->dup_headers (self);
  if (priv->estimate != NULL)
    mer_estimate_add_stage (priv->estimate, mer_ordered_get_stage (ordered), priv->model,
                            count_at_once (self));
  if (!check_modalities (self, error) || !open_prompts (priv, error)
      || !open_schema (priv, error) || !open_prices (self, error)
      || !open_caller (self, error) || !open_store (priv, error))
    return FALSE;
  if (priv->estimate == NULL)
    mer_backend_check_budget (self);
  mer_backend_open_bulk (self);
  return TRUE;
}

static const char *const *
mer_backend_get_references (MerOrdered *ordered)
{
  return (const char *const *) GET_PRIVATE (MER_BACKEND (ordered))->references;
}

static void
mer_backend_set_context (GstElement *element, GstContext *context)
{
  MerBackendPrivate *priv = GET_PRIVATE (MER_BACKEND (element));
  g_autoptr (MerStore) store = mer_store_from_context (context);
  g_autoptr (MerEstimate) estimate = mer_estimate_from_context (context);
  g_autoptr (MerBulk) bulk = mer_bulk_from_context (context);

  if (store != NULL)
    g_set_object (&priv->context_store, store);
  if (bulk != NULL)
    g_set_object (&priv->bulk, bulk);
  if (estimate != NULL)
    g_set_object (&priv->estimate, estimate);
  GST_ELEMENT_CLASS (mer_backend_parent_class)->set_context (element, context);
}

static JsonNode *
mer_backend_decode_reply (MerBackend *self, MerReply *reply, GError **error)
{
  return mer_reply_parse_json (reply, error);
}

static void
mer_backend_finalize (GObject *object)
{
  MerBackendPrivate *priv = GET_PRIVATE (MER_BACKEND (object));

  mer_backend_close (MER_ORDERED (object));
  mer_backend_clear_properties (priv);
  g_clear_object (&priv->context_store);
  g_clear_object (&priv->estimate);
  g_strfreev (priv->listed);
  g_clear_object (&priv->bulk);
  G_OBJECT_CLASS (mer_backend_parent_class)->finalize (object);
}

static void
mer_backend_class_init (MerBackendClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  MerOrderedClass *ordered_class = MER_ORDERED_CLASS (klass);

  object_class->finalize = mer_backend_finalize;
  GST_ELEMENT_CLASS (klass)->set_context = mer_backend_set_context;
  ordered_class->kind = MER_KIND_BACKEND;
  ordered_class->open = mer_backend_open;
  ordered_class->close = mer_backend_close;
  ordered_class->get_references = mer_backend_get_references;
  ordered_class->process_async = mer_backend_process_async;
  ordered_class->process_finish = mer_backend_process_finish;
  klass->key_header = "Authorization";
  klass->key_prefix = "Bearer ";
  klass->modalities = MER_MODALITY_ALL;
  klass->open_caller = mer_backend_open_caller;
  klass->dup_path = mer_backend_dup_path;
  klass->decode_reply = mer_backend_decode_reply;
  mer_backend_install_properties (object_class);
  gst_type_mark_as_plugin_api (MER_TYPE_BACKEND, 0);
  gst_type_mark_as_plugin_api (MER_TYPE_MODALITY, 0);
}

static void
mer_backend_init (MerBackend *self)
{
  mer_backend_init_properties (GET_PRIVATE (self));
  g_queue_init (&GET_PRIVATE (self)->waiting);
}

/**
 * mer_backend_class_set_metadata:
 * @klass: a backend's class whose protocol and modalities are set; static texts
 * @long_name: what people call it
 * @description: one sentence
 * @author: who made it
 *
 * What `gst-inspect-1.0` and `mer inspect` show, found without loading the plug-in.
 */
void
mer_backend_class_set_metadata (MerBackendClass *klass, const char *long_name,
                                const char *description, const char *author)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  g_autofree char *modalities = mer_modality_to_string (klass->modalities);

  g_strdelimit (modalities, "+", ',');
  gst_element_class_set_static_metadata (element_class, long_name, "Filter/Sample/Backend",
                                         description, author);
  gst_element_class_add_static_metadata (element_class, "mer-kind", MER_KIND_BACKEND);
  gst_element_class_add_static_metadata (element_class, "mer-protocol", klass->protocol);
  gst_element_class_add_metadata (element_class, "mer-modalities", modalities);
}

/**
 * mer_backend_get_model:
 * @self: a backend
 *
 * Returns: (transfer none) (nullable): the model's name at the server
 */
const char *
mer_backend_get_model (MerBackend *self)
{
  return GET_PRIVATE (self)->served_model;
}

/**
 * mer_backend_get_temperature:
 * @self: a backend
 *
 * Returns: the temperature to send; NaN where none is to be sent
 */
double
mer_backend_get_temperature (MerBackend *self)
{
  double temperature = GET_PRIVATE (self)->temperature;

  return temperature < 0 ? NAN : temperature;
}

/**
 * mer_backend_get_answer_format:
 * @self: a backend
 *
 * Returns: what the server is to hold the answer to, in the protocol's own spelling
 */
MerAnswerFormat
mer_backend_get_answer_format (MerBackend *self)
{
  return GET_PRIVATE (self)->answer_format;
}

/**
 * mer_backend_get_schema:
 * @self: a backend that is open
 *
 * Returns: (transfer none) (nullable): the JSON Schema of the answer, %NULL unless the
 *   format wants one
 */
JsonNode *
mer_backend_get_schema (MerBackend *self)
{
  return GET_PRIVATE (self)->schema;
}

/**
 * mer_backend_get_max_tokens:
 * @self: a backend
 *
 * Returns: the longest answer in tokens; 0 where no limit is to be sent
 */
guint
mer_backend_get_max_tokens (MerBackend *self)
{
  return GET_PRIVATE (self)->max_tokens;
}

/**
 * mer_backend_get_seed:
 * @self: a backend
 * @seed: (out): the seed to send, the draw added
 *
 * Returns: whether one is to be sent
 */
gboolean
mer_backend_get_seed (MerBackend *self, gint64 *seed)
{
  MerBackendPrivate *priv = GET_PRIVATE (self);

  *seed = priv->seed + priv->draw;
  return priv->seed >= 0;
}

/**
 * mer_backend_set_served_model:
 * @self: a backend
 * @model: the name under which the server knows what it serves
 *
 * For `probe`, in the I/O thread.
 */
void
mer_backend_set_served_model (MerBackend *self, const char *model)
{
  MerBackendPrivate *priv = GET_PRIVATE (self);

  g_free (priv->served_model);
  priv->served_model = g_strdup (model);
}

/**
 * mer_backend_get_abilities:
 * @self: a backend
 *
 * Returns: the modalities that the protocol carries and the model takes
 */
MerModality
mer_backend_get_abilities (MerBackend *self)
{
  MerBackendPrivate *priv = GET_PRIVATE (self);
  MerModality carried = priv->carried != MER_MODALITY_NONE
                            ? priv->carried
                            : MER_BACKEND_GET_CLASS (self)->modalities;

  return carried & priv->model_modalities & ~priv->lacking;
}

/**
 * mer_backend_set_carried:
 * @self: a backend
 * @carried: what requests can carry as the properties are, of the class's `modalities`
 *
 * For `open`, before it chains up.
 */
void
mer_backend_set_carried (MerBackend *self, MerModality carried)
{
  GET_PRIVATE (self)->carried = carried;
}

/**
 * mer_backend_set_form:
 * @self: a backend
 * @form: whether requests are sent as forms (`multipart/form-data`) and not as JSON, see
 *   [func@Payload.new_form]
 *
 * For `open`, before it chains up.
 */
void
mer_backend_set_form (MerBackend *self, gboolean form)
{
  GET_PRIVATE (self)->form = form;
}

/**
 * mer_backend_set_usual_uri:
 * @self: a backend
 * @uri: (nullable): a static text: a service's address
 *
 * Whom to ask where `uri` is not set but a key is. For `open`, before it chains up.
 */
void
mer_backend_set_usual_uri (MerBackend *self, const char *uri)
{
  GET_PRIVATE (self)->usual_uri = uri;
}

/**
 * mer_backend_set_key_header:
 * @self: a backend
 * @header: (nullable): a static text: the header that carries the key; %NULL for the
 *   class's
 * @prefix: (nullable): a static text: what stands before the key
 *
 * For `open`, where a property decides about it.
 */
void
mer_backend_set_key_header (MerBackend *self, const char *header, const char *prefix)
{
  GET_PRIVATE (self)->key_header = header;
  GET_PRIVATE (self)->key_prefix = prefix;
}

/**
 * mer_backend_limit_abilities:
 * @self: a backend
 * @able: what the model says that it takes
 * @error: return location for an error where the stage is to show more than that
 *
 * For `probe`, in the I/O thread. Lasts until the element is closed.
 *
 * Returns: whether the stage can do with it
 */
gboolean
mer_backend_limit_abilities (MerBackend *self, MerModality able, GError **error)
{
  GET_PRIVATE (self)->lacking = MER_MODALITY_ALL & ~able;
  return check_modalities (self, error);
}

/**
 * mer_backend_get_caller:
 * @self: a backend that is open
 *
 * Returns: (transfer none): who carries its calls
 */
MerCaller *
mer_backend_get_caller (MerBackend *self)
{
  return GET_PRIVATE (self)->caller;
}

/**
 * mer_backend_init_call:
 * @self: a backend that is open
 * @call: (out caller-allocates): the call; its strings belong to @self
 *
 * Fills in what all calls of the backend have in common: key, deadline, patience. Path,
 * payload and judge are left to the caller.
 */
void
mer_backend_init_call (MerBackend *self, MerCall *call)
{
  MerBackendPrivate *priv = GET_PRIVATE (self);
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  guint max_failures = 0;

  g_object_get (self, "max-failures", &max_failures, NULL);
  *call = (MerCall){
    .headers = (const char *const *) priv->headers,
    .key_header = priv->key_header != NULL ? priv->key_header : klass->key_header,
    .key_prefix = priv->key_header != NULL ? priv->key_prefix : klass->key_prefix,
    .key = priv->key,
    .timeout = priv->timeout,
    .patience = priv->patience,
    .wait_ready = priv->wait_ready,
    .max_same = max_failures,
    .max_reply = MER_CALL_MAX_REPLY,
  };
}
