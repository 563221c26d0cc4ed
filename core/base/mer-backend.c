/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * MerBackend:
 *
 * Base class of elements that ask a model's server. `docs/writing-a-backend.md` shows how
 * one is made.
 */
#include "base/mer-backend.h"

#include <math.h>

#include "base/mer-backend-private.h"
#include "mer-error.h"
#include "net/mer-key.h"

#define DEFAULT_MAX_TOKENS 1024
#define DEFAULT_TIMEOUT 600.
#define DEFAULT_PATIENCE 900.

/* what is asked where nobody says what to ask */
#define DEFAULT_PROMPT                                                                     \
  "This is a short clip of a person: its pictures in the order of time, its sound, and "   \
  "what is said, as far as they are given.\n"                                              \
  "{{#subtitle}}\nThe person says: {{subtitle}}\n{{/subtitle}}\n"                          \
  "Which emotions does the person show? Answer with a JSON object of the form "            \
  "{\"labels\": [\"word\", \"word\"]}: one to eight emotion words in English, the "        \
  "clearest first.\n"

enum
{
  PROP_PROMPT = 1,
  PROP_SYSTEM,
  PROP_URI,
  PROP_MODEL,
  PROP_REVISION,
  PROP_API_KEY_ENV,
  PROP_ALLOW_PLAIN_HTTP,
  PROP_MODALITIES,
  PROP_REQUIRE,
  PROP_MODEL_MODALITIES,
  PROP_TEMPERATURE,
  PROP_MAX_TOKENS,
  PROP_ANSWER_FORMAT,
  PROP_SCHEMA,
  PROP_SEED,
  PROP_DRAW,
  PROP_JOURNAL,
  PROP_TIMEOUT,
  PROP_PATIENCE,
  PROP_ENDPOINT_LIMIT,
  PROP_PRICE_INPUT,
  PROP_PRICE_INPUT_CACHED,
  PROP_PRICE_OUTPUT,
};

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
  MerModality can = MER_BACKEND_GET_CLASS (self)->modalities & priv->model_modalities;
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

static gboolean
open_endpoint (MerBackend *self, GError **error)
{
  MerBackendPrivate *priv = GET_PRIVATE (self);

  if (priv->uri == NULL || *priv->uri == '\0')
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "%s: uri: set the server's address, such as http://127.0.0.1:8000/v1",
                   GST_OBJECT_NAME (self));
      return FALSE;
    }
  priv->endpoint = mer_endpoint_get (priv->uri, error);
  if (priv->endpoint == NULL)
    {
      g_prefix_error (error, "%s: ", GST_OBJECT_NAME (self));
      return FALSE;
    }
  mer_endpoint_set_limit (priv->endpoint, priv->endpoint_limit);
  if (priv->key_variable == NULL || *priv->key_variable == '\0')
    return TRUE;
  priv->key = mer_key_read (priv->key_variable, priv->uri, priv->allow_plain_http, error);
  if (priv->key == NULL)
    g_prefix_error (error, "%s: ", GST_OBJECT_NAME (self));
  return priv->key != NULL;
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
  g_clear_pointer (&priv->served_model, g_free);
  g_clear_pointer (&priv->fingerprint, g_free);
  priv->fingerprint_changed = FALSE;
  g_clear_object (&priv->store);
  priv->endpoint = NULL;
}

static gboolean
mer_backend_open (MerOrdered *ordered, GError **error)
{
  MerBackend *self = MER_BACKEND (ordered);
  MerBackendPrivate *priv = GET_PRIVATE (self);

  mer_backend_close (ordered);
  if (priv->model != NULL && *priv->model != '\0')
    priv->served_model = g_strdup (priv->model);
  return check_modalities (self, error) && open_prompts (priv, error)
         && open_schema (priv, error) && open_endpoint (self, error)
         && open_store (priv, error);
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

  if (store != NULL)
    g_set_object (&priv->context_store, store);
  GST_ELEMENT_CLASS (mer_backend_parent_class)->set_context (element, context);
}

static JsonNode *
mer_backend_decode_reply (MerBackend *self, MerReply *reply, GError **error)
{
  return mer_reply_parse_json (reply, error);
}

static void
take_string (char **place, const GValue *value)
{
  g_free (*place);
  *place = g_value_dup_string (value);
}

static char **
string_property (MerBackendPrivate *priv, guint id)
{
  switch (id)
    {
    case PROP_PROMPT:
      return &priv->prompt_name;
    case PROP_SYSTEM:
      return &priv->system_name;
    case PROP_URI:
      return &priv->uri;
    case PROP_MODEL:
      return &priv->model;
    case PROP_REVISION:
      return &priv->revision;
    case PROP_API_KEY_ENV:
      return &priv->key_variable;
    case PROP_SCHEMA:
      return &priv->schema_path;
    case PROP_JOURNAL:
      return &priv->journal;
    default:
      return NULL;
    }
}

static double *
double_property (MerBackendPrivate *priv, guint id)
{
  switch (id)
    {
    case PROP_TEMPERATURE:
      return &priv->temperature;
    case PROP_TIMEOUT:
      return &priv->timeout;
    case PROP_PATIENCE:
      return &priv->patience;
    case PROP_PRICE_INPUT:
      return &priv->price_input;
    case PROP_PRICE_INPUT_CACHED:
      return &priv->price_input_cached;
    case PROP_PRICE_OUTPUT:
      return &priv->price_output;
    default:
      return NULL;
    }
}

static MerModality *
modality_property (MerBackendPrivate *priv, guint id)
{
  switch (id)
    {
    case PROP_MODALITIES:
      return &priv->modalities;
    case PROP_REQUIRE:
      return &priv->require;
    case PROP_MODEL_MODALITIES:
      return &priv->model_modalities;
    default:
      return NULL;
    }
}

static void
mer_backend_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MerBackendPrivate *priv = GET_PRIVATE (MER_BACKEND (object));

  if (string_property (priv, id) != NULL)
    take_string (string_property (priv, id), value);
  else if (double_property (priv, id) != NULL)
    *double_property (priv, id) = g_value_get_double (value);
  else if (modality_property (priv, id) != NULL)
    *modality_property (priv, id) = g_value_get_flags (value);
  else if (id == PROP_ALLOW_PLAIN_HTTP)
    priv->allow_plain_http = g_value_get_boolean (value);
  else if (id == PROP_ANSWER_FORMAT)
    priv->answer_format = g_value_get_enum (value);
  else if (id == PROP_MAX_TOKENS)
    priv->max_tokens = g_value_get_uint (value);
  else if (id == PROP_SEED)
    priv->seed = g_value_get_int64 (value);
  else if (id == PROP_DRAW)
    priv->draw = g_value_get_uint (value);
  else if (id == PROP_ENDPOINT_LIMIT)
    priv->endpoint_limit = g_value_get_uint (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_backend_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerBackendPrivate *priv = GET_PRIVATE (MER_BACKEND (object));

  if (string_property (priv, id) != NULL)
    g_value_set_string (value, *string_property (priv, id));
  else if (double_property (priv, id) != NULL)
    g_value_set_double (value, *double_property (priv, id));
  else if (modality_property (priv, id) != NULL)
    g_value_set_flags (value, *modality_property (priv, id));
  else if (id == PROP_ALLOW_PLAIN_HTTP)
    g_value_set_boolean (value, priv->allow_plain_http);
  else if (id == PROP_ANSWER_FORMAT)
    g_value_set_enum (value, priv->answer_format);
  else if (id == PROP_MAX_TOKENS)
    g_value_set_uint (value, priv->max_tokens);
  else if (id == PROP_SEED)
    g_value_set_int64 (value, priv->seed);
  else if (id == PROP_DRAW)
    g_value_set_uint (value, priv->draw);
  else if (id == PROP_ENDPOINT_LIMIT)
    g_value_set_uint (value, priv->endpoint_limit);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_backend_finalize (GObject *object)
{
  MerBackendPrivate *priv = GET_PRIVATE (MER_BACKEND (object));

  mer_backend_close (MER_ORDERED (object));
  g_free (priv->prompt_name);
  g_free (priv->system_name);
  g_free (priv->uri);
  g_free (priv->model);
  g_free (priv->revision);
  g_free (priv->key_variable);
  g_free (priv->journal);
  g_free (priv->schema_path);
  g_clear_object (&priv->context_store);
  G_OBJECT_CLASS (mer_backend_parent_class)->finalize (object);
}

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

static void
install_string (GObjectClass *klass, guint id, const char *name, const char *blurb)
{
  g_object_class_install_property (klass, id,
                                   g_param_spec_string (name, NULL, blurb, NULL, FLAGS));
}

static void
install_modality (GObjectClass *klass, guint id, const char *name, const char *blurb,
                  MerModality fallback)
{
  g_object_class_install_property (
      klass, id,
      g_param_spec_flags (name, NULL, blurb, MER_TYPE_MODALITY, fallback, FLAGS));
}

static void
install_double (GObjectClass *klass, guint id, const char *name, const char *blurb,
                double minimum, double maximum, double fallback)
{
  g_object_class_install_property (
      klass, id,
      g_param_spec_double (name, NULL, blurb, minimum, maximum, fallback, FLAGS));
}

static void
install_what_is_asked (GObjectClass *klass)
{
  install_string (klass, PROP_PROMPT, "prompt",
                  "Prompt: a file, or the name of one in a prompts folder (default: a "
                  "built-in question for emotion words)");
  install_string (klass, PROP_SYSTEM, "system",
                  "System prompt: a file, or the name of one in a prompts folder (default: "
                  "none)");
  install_modality (klass, PROP_MODALITIES, "modalities",
                    "What the model is shown: audio, video, text, joined by +, or auto for "
                    "what the sample has and the model takes (default: auto)",
                    MER_MODALITY_AUTO);
  install_modality (klass, PROP_REQUIRE, "require",
                    "A sample that lacks one of these is skipped (default: none)",
                    MER_MODALITY_NONE);
  install_modality (klass, PROP_MODEL_MODALITIES, "model-modalities",
                    "What the model takes (default: audio+video+text)", MER_MODALITY_ALL);
  install_double (klass, PROP_TEMPERATURE, "temperature",
                  "Sampling temperature; -1 leaves it to the server (default: 0)", -1, 5,
                  0);
  g_object_class_install_property (
      klass, PROP_MAX_TOKENS,
      g_param_spec_uint ("max-tokens", NULL,
                         "Longest answer in tokens, reasoning among them; 0 leaves it to "
                         "the server (default: 1024)",
                         0, G_MAXINT, DEFAULT_MAX_TOKENS, FLAGS));
  g_object_class_install_property (
      klass, PROP_ANSWER_FORMAT,
      g_param_spec_enum ("answer-format", NULL,
                         "What the server holds the answer to (default: text)",
                         MER_TYPE_ANSWER_FORMAT, MER_ANSWER_FORMAT_TEXT, FLAGS));
  install_string (klass, PROP_SCHEMA, "schema",
                  "JSON Schema file for answer-format=json-schema (default: an object with "
                  "a list “labels” of one to eight emotion words)");
  g_object_class_install_property (
      klass, PROP_SEED,
      g_param_spec_int64 ("seed", NULL,
                          "Seed of the server's random numbers, to which draw is added; -1 "
                          "sends none (default: -1)",
                          -1, G_MAXINT, -1, FLAGS));
  g_object_class_install_property (
      klass, PROP_DRAW,
      g_param_spec_uint ("draw", NULL,
                         "Which draw of the same question this is: equal questions of "
                         "different draws are different calls (default: 0)",
                         0, G_MAXINT, 0, FLAGS));
}

static void
install_who_is_asked (GObjectClass *klass)
{
  install_string (klass, PROP_URI, "uri",
                  "The server's base address, such as http://127.0.0.1:8000/v1");
  install_string (klass, PROP_MODEL, "model",
                  "The model's name at the server (default: the one that the server lists, "
                  "where it lists one)");
  install_string (klass, PROP_REVISION, "revision",
                  "Anything that tells this model from another of the same name at the "
                  "same address; part of what identifies a call (default: none)");
  install_string (klass, PROP_API_KEY_ENV, "api-key-env",
                  "Name of the environment variable that holds the key, *_API_KEY or "
                  "*_TOKEN (default: no key is sent)");
  g_object_class_install_property (
      klass, PROP_ALLOW_PLAIN_HTTP,
      g_param_spec_boolean ("allow-plain-http", NULL,
                            "Send the key without TLS to a host that is not this machine "
                            "(default: false)",
                            FALSE, FLAGS));
  install_string (klass, PROP_JOURNAL, "journal",
                  "A .mer file that keeps every answer, so that no call is made twice "
                  "(default: the one of the run)");
  install_double (klass, PROP_TIMEOUT, "timeout",
                  "Seconds until a call's whole answer must be there (default: 600)", 0.01,
                  86400, DEFAULT_TIMEOUT);
  install_double (klass, PROP_PATIENCE, "patience",
                  "Seconds that a server may go on loading its model; deadline bounds "
                  "it too (default: 900)",
                  0, 86400, DEFAULT_PATIENCE);
  g_object_class_install_property (
      klass, PROP_ENDPOINT_LIMIT,
      g_param_spec_uint ("endpoint-limit", NULL,
                         "Calls at once to this address, of all stages together; 0 for 256 "
                         "(default: 0)",
                         0, 256, 0, FLAGS));
  install_double (klass, PROP_PRICE_INPUT, "price-input",
                  "USD for a million tokens read; -1 where it is not known (default: -1)",
                  -1, 1e6, -1);
  install_double (klass, PROP_PRICE_INPUT_CACHED, "price-input-cached",
                  "USD for a million tokens read from the server's cache; -1 for the price "
                  "of other tokens (default: -1)",
                  -1, 1e6, -1);
  install_double (
      klass, PROP_PRICE_OUTPUT, "price-output",
      "USD for a million tokens written; -1 where it is not known (default: -1)", -1, 1e6,
      -1);
}

static void
mer_backend_class_init (MerBackendClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  MerOrderedClass *ordered_class = MER_ORDERED_CLASS (klass);

  object_class->set_property = mer_backend_set_property;
  object_class->get_property = mer_backend_get_property;
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
  klass->decode_reply = mer_backend_decode_reply;
  install_what_is_asked (object_class);
  install_who_is_asked (object_class);
  gst_type_mark_as_plugin_api (MER_TYPE_BACKEND, 0);
  gst_type_mark_as_plugin_api (MER_TYPE_MODALITY, 0);
}

static void
mer_backend_init (MerBackend *self)
{
  MerBackendPrivate *priv = GET_PRIVATE (self);

  priv->modalities = MER_MODALITY_AUTO;
  priv->model_modalities = MER_MODALITY_ALL;
  priv->max_tokens = DEFAULT_MAX_TOKENS;
  priv->seed = -1;
  priv->timeout = DEFAULT_TIMEOUT;
  priv->patience = DEFAULT_PATIENCE;
  priv->price_input = -1;
  priv->price_input_cached = -1;
  priv->price_output = -1;
  g_queue_init (&priv->waiting);
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
