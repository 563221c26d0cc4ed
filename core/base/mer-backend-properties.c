/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what every backend can be told */
#include "base/mer-backend-private.h"

#define DEFAULT_MAX_TOKENS 1024
#define DEFAULT_TIMEOUT 600.
#define DEFAULT_PATIENCE 900.
/* what most servers take; base64 makes a third more of media */
#define DEFAULT_MAX_REQUEST 100000000

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
  PROP_WAIT_READY,
  PROP_ENDPOINT_LIMIT,
  PROP_REQUESTS_PER_MINUTE,
  PROP_TOKENS_PER_MINUTE,
  PROP_COST_PER_MINUTE,
  PROP_MAX_COST,
  PROP_MAX_REQUEST,
  PROP_MAX_FRAMES,
  PROP_MAX_AUDIO,
  PROP_BULK,
  PROP_PRICES,
  PROP_PRICE_INPUT,
  PROP_PRICE_INPUT_CACHED,
  PROP_PRICE_OUTPUT,
};

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
    case PROP_PRICES:
      return &priv->prices_text;
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
    case PROP_MAX_AUDIO:
      return &priv->max_audio;
    case PROP_REQUESTS_PER_MINUTE:
      return &priv->limits.requests;
    case PROP_TOKENS_PER_MINUTE:
      return &priv->limits.tokens;
    case PROP_COST_PER_MINUTE:
      return &priv->limits.cost;
    case PROP_MAX_COST:
      return &priv->limits.max_cost;
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
  MerBackendPrivate *priv = mer_backend_get_private (MER_BACKEND (object));

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
    priv->limits.calls = g_value_get_uint (value);
  else if (id == PROP_WAIT_READY)
    priv->wait_ready = g_value_get_boolean (value);
  else if (id == PROP_MAX_FRAMES)
    priv->max_frames = g_value_get_uint (value);
  else if (id == PROP_BULK)
    priv->bulk_wish = g_value_get_enum (value);
  else if (id == PROP_MAX_REQUEST)
    priv->max_request = g_value_get_uint64 (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_backend_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerBackendPrivate *priv = mer_backend_get_private (MER_BACKEND (object));

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
    g_value_set_uint (value, priv->limits.calls);
  else if (id == PROP_WAIT_READY)
    g_value_set_boolean (value, priv->wait_ready);
  else if (id == PROP_MAX_FRAMES)
    g_value_set_uint (value, priv->max_frames);
  else if (id == PROP_BULK)
    g_value_set_enum (value, priv->bulk_wish);
  else if (id == PROP_MAX_REQUEST)
    g_value_set_uint64 (value, priv->max_request);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
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
install_bounds (GObjectClass *klass)
{
  g_object_class_install_property (
      klass, PROP_MAX_REQUEST,
      g_param_spec_uint64 ("max-request", NULL,
                           "Bytes of a request's body, above which it is not sent and the "
                           "sample fails; 0 for no bound (default: 100000000)",
                           0, G_MAXINT64, DEFAULT_MAX_REQUEST, FLAGS));
  g_object_class_install_property (
      klass, PROP_MAX_FRAMES,
      g_param_spec_uint ("max-frames", NULL,
                         "Pictures that the model takes in a request; a sample that would "
                         "show more fails, since leaving some out would be another "
                         "question; 0 for any number (default: 0)",
                         0, G_MAXINT, 0, FLAGS));
  install_double (klass, PROP_MAX_AUDIO, "max-audio",
                  "Seconds of sound that the model takes; a sample whose sound is longer "
                  "is skipped; 0 for any length (default: 0)",
                  0, 1e6, 0);
}

static void
install_limits (GObjectClass *klass)
{
  g_object_class_install_property (
      klass, PROP_WAIT_READY,
      g_param_spec_boolean ("wait-ready", NULL,
                            "Give a server that does not listen yet patience too, as vLLM "
                            "while it loads its model (default: false)",
                            FALSE, FLAGS));
  install_double (klass, PROP_REQUESTS_PER_MINUTE, "requests-per-minute",
                  "Requests a minute to this address, of all stages together; 0 for no "
                  "limit (default: 0)",
                  0, 1e9, 0);
  install_double (klass, PROP_TOKENS_PER_MINUTE, "tokens-per-minute",
                  "Tokens a minute, read and written, at this address, of all stages "
                  "together; 0 for no limit (default: 0)",
                  0, 1e12, 0);
  install_double (klass, PROP_COST_PER_MINUTE, "cost-per-minute",
                  "USD a minute at this address, of all stages together; 0 for no limit "
                  "(default: 0)",
                  0, 1e9, 0);
  install_double (klass, PROP_MAX_COST, "max-cost",
                  "USD that new calls to this address may cost in all, of all stages "
                  "together, before the run ends with everything kept; 0 for no limit "
                  "(default: 0)",
                  0, 1e9, 0);
}

static void
install_who_is_asked (GObjectClass *klass)
{
  install_string (klass, PROP_URI, "uri",
                  "The server's base address, such as http://127.0.0.1:8000/v1 (default: a "
                  "hosted service's own, where the protocol or dialect is one's and "
                  "api-key-env is set)");
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
      klass, PROP_BULK,
      g_param_spec_enum ("bulk", NULL,
                         "Whether mer run --bulk may ask this server in batches, at half "
                         "the price and within a day (default: auto, where it is known to "
                         "take them)",
                         MER_TYPE_BACKEND_BULK, MER_BACKEND_BULK_AUTO, FLAGS));
  g_object_class_install_property (
      klass, PROP_ENDPOINT_LIMIT,
      g_param_spec_uint ("endpoint-limit", NULL,
                         "Calls at once to this address, of all stages together; 0 for as "
                         "many as it is found to serve, at most 256 (default: 0)",
                         0, 256, 0, FLAGS));
  install_limits (klass);
  install_string (klass, PROP_PRICES, "prices",
                  "What the server charges: a JSON object as “prices” in a models file, "
                  "such as {\"input\": 0.15, \"input-audio\": 1, \"output\": 0.6}, USD for "
                  "a million tokens (default: not known)");
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

void
mer_backend_install_properties (GObjectClass *klass)
{
  klass->set_property = mer_backend_set_property;
  klass->get_property = mer_backend_get_property;
  install_what_is_asked (klass);
  install_who_is_asked (klass);
  install_bounds (klass);
}

void
mer_backend_init_properties (MerBackendPrivate *priv)
{
  priv->modalities = MER_MODALITY_AUTO;
  priv->model_modalities = MER_MODALITY_ALL;
  priv->max_tokens = DEFAULT_MAX_TOKENS;
  priv->seed = -1;
  priv->timeout = DEFAULT_TIMEOUT;
  priv->patience = DEFAULT_PATIENCE;
  priv->max_request = DEFAULT_MAX_REQUEST;
  priv->price_input = -1;
  priv->price_input_cached = -1;
  priv->price_output = -1;
}

void
mer_backend_clear_properties (MerBackendPrivate *priv)
{
  g_free (priv->prompt_name);
  g_free (priv->system_name);
  g_free (priv->uri);
  g_free (priv->model);
  g_free (priv->revision);
  g_free (priv->key_variable);
  g_free (priv->journal);
  g_free (priv->schema_path);
  g_free (priv->prices_text);
}
