/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-meranthropic
 * @title: meranthropic
 *
 * Asks Claude, or a server that speaks Anthropic's messages: shows it the frames and the
 * subtitle of each sample, as far as `modalities` allows, and adds its answer as a result.
 * The protocol carries no sound and no video files.
 *
 * ## Example launch line
 *
 * |[
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia frames=8 max-side=768 ! \
 *   meranthropic model=claude-haiku-4-5 api-key-env=ANTHROPIC_API_KEY \
 *   answer-format=json-schema journal=answers.mer ! \
 *   merlabels ! mersampleenc ! filesink location=answers.jsonl
 * ]|
 */
#include "mer-anthropic.h"

#include "mer-anthropic-bulk.h"

#include <string.h>

#define DEFAULT_URI "https://api.anthropic.com/v1"
#define DEFAULT_VERSION "2023-06-01"
/* pictures in a request; models with a long context take more */
#define MAX_FRAMES 100u
#define MIN_THINKING_BUDGET 1024

struct _MerAnthropic
{
  MerBackend parent_instance;

  MerAnthropicStyle style; /* the properties, but for its schema and extra */
  char *version;
  char *beta;
  char *extra;
};

G_DEFINE_FINAL_TYPE (MerAnthropic, mer_anthropic, MER_TYPE_BACKEND)
GST_ELEMENT_REGISTER_DEFINE (meranthropic, "meranthropic", GST_RANK_NONE,
                             MER_TYPE_ANTHROPIC)

GType
mer_anthropic_thinking_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { MER_ANTHROPIC_THINKING_UNSET, "As the model does by itself", "unset" },
    { MER_ANTHROPIC_THINKING_DISABLED, "None", "disabled" },
    { MER_ANTHROPIC_THINKING_ENABLED, "Up to thinking-budget tokens", "enabled" },
    { MER_ANTHROPIC_THINKING_ADAPTIVE, "As much as the model finds right", "adaptive" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MerAnthropicThinking", values));
  return type;
}

static gboolean
fail (MerAnthropic *self, GError **error, const char *text)
{
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT, "%s: %s",
               GST_OBJECT_NAME (self), text);
  return FALSE;
}

static gboolean
check (MerAnthropic *self, GError **error)
{
  MerBackend *backend = MER_BACKEND (self);
  guint max_tokens = mer_backend_get_max_tokens (backend);

  if (max_tokens == 0)
    return fail (self, error, "max-tokens: Anthropic's API requires one");
  if (mer_backend_get_temperature (backend) > 1)
    return fail (self, error, "temperature: Anthropic's models take 0 to 1");
  if (self->style.thinking == MER_ANTHROPIC_THINKING_ENABLED
      && self->style.thinking_budget >= max_tokens)
    return fail (self, error,
                 "thinking-budget: it is part of max-tokens and must be less; raise "
                 "max-tokens");
  if (mer_backend_get_answer_format (backend) == MER_ANSWER_FORMAT_JSON_OBJECT)
    return fail (self, error,
                 "answer-format: Anthropic's API has text and json-schema alone");
  return TRUE;
}

static void
clear (MerAnthropic *self)
{
  g_clear_pointer (&self->style.schema, json_node_unref);
  g_clear_pointer (&self->style.extra, json_node_unref);
}

static gboolean
mer_anthropic_open (MerOrdered *ordered, GError **error)
{
  MerAnthropic *self = MER_ANTHROPIC (ordered);
  JsonNode *schema;

  clear (self);
  mer_backend_set_usual_uri (MER_BACKEND (self), DEFAULT_URI);
  if (!check (self, error))
    return FALSE;
  if (self->extra != NULL && *self->extra != '\0')
    {
      self->style.extra = mer_json_parse_object ("extra", self->extra, error);
      if (self->style.extra == NULL)
        return FALSE;
    }
  if (!MER_ORDERED_CLASS (mer_anthropic_parent_class)->open (ordered, error))
    return FALSE;
  schema = mer_backend_get_schema (MER_BACKEND (self));
  if (schema == NULL)
    return TRUE;
  self->style.schema = mer_schema_respell (schema, MER_SCHEMA_SPELLING_CLOSED, error);
  return self->style.schema != NULL;
}

static char **
mer_anthropic_dup_headers (MerBackend *backend)
{
  MerAnthropic *self = MER_ANTHROPIC (backend);
  g_autoptr (GStrvBuilder) headers = g_strv_builder_new ();

  if (self->version != NULL && *self->version != '\0')
    g_strv_builder_add_many (headers, "anthropic-version", self->version, NULL);
  if (self->beta != NULL && *self->beta != '\0')
    g_strv_builder_add_many (headers, "anthropic-beta", self->beta, NULL);
  return g_strv_builder_end (headers);
}

static JsonNode *
mer_anthropic_build (MerBackend *backend, MerRequest *request, GError **error)
{
  return mer_anthropic_build_request (backend, &MER_ANTHROPIC (backend)->style, request,
                                      error);
}

static gboolean
mer_anthropic_parse (MerBackend *backend, JsonNode *reply, MerResult *result,
                     GError **error)
{
  return mer_anthropic_parse_reply (reply, result, error);
}

static JsonNode *
mer_anthropic_decode (MerBackend *backend, MerReply *reply, GError **error)
{
  return mer_reply_is_type (reply, "text/event-stream")
             ? mer_anthropic_decode_stream (reply, error)
             : mer_reply_parse_json (reply, error);
}

/* an error within a stream comes under status 200, so that its type alone tells */
static MerRetry
mer_anthropic_classify (MerBackend *backend, guint status, const MerReplyError *error,
                        MerRetry fallback)
{
  static const struct
  {
    const char *type;
    MerRetry retry;
  } types[] = {
    { "billing_error", MER_RETRY_FATAL },
    { "permission_error", MER_RETRY_FATAL },
    { "not_found_error", MER_RETRY_FATAL },
    { "request_too_large", MER_RETRY_PERMANENT },
    { "invalid_request_error", MER_RETRY_PERMANENT },
    { "timeout_error", MER_RETRY_TRANSIENT },
    { "api_error", MER_RETRY_TRANSIENT },
  };

  if (error != NULL && error->message != NULL
      && strstr (error->message, "credit balance is too low") != NULL)
    return MER_RETRY_FATAL;
  if (status >= 300 || fallback != MER_RETRY_TRANSIENT)
    return fallback;
  for (gsize i = 0; error != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_strcmp0 (error->type, types[i].type) == 0)
      return types[i].retry;
  return fallback;
}

static char *
mer_anthropic_dup_advice (MerBackend *backend, guint status, const MerReplyError *error)
{
  if (status == 404)
    return g_strdup ("check model, and uri, which ends in /v1");
  if (status == 413)
    return g_strdup ("set frames, max-side or jpeg-quality of mermedia lower");
  return NULL;
}

static gboolean
mer_anthropic_probe (MerBackend *backend, JsonNode *reply, GError **error)
{
  return mer_backend_choose_model (backend, mer_json_node_member (reply, "data"), "id",
                                   error);
}

#define FIELD(field) G_STRUCT_OFFSET (MerAnthropic, field)

static const MerField fields[] = {
  { "stream",
    "Have the answer streamed, which keeps proxies from closing a connection on which "
    "nothing comes for long (default: false)",
    FIELD (style.stream), MER_FIELD_BOOLEAN },
  { "timed-frames", "Tell each frame's instant in seconds before it (default: false)",
    FIELD (style.timed_frames), MER_FIELD_BOOLEAN },
  { "thinking",
    "Whether the model thinks first; a model that does is sent no temperature (default: "
    "unset)",
    FIELD (style.thinking), MER_FIELD_ENUM, mer_anthropic_thinking_get_type },
  { "thinking-budget",
    "Longest thinking in tokens where thinking=enabled; part of max-tokens (default: 1024)",
    FIELD (style.thinking_budget), MER_FIELD_UINT, .minimum = MIN_THINKING_BUDGET,
    .maximum = G_MAXINT, .fallback = MIN_THINKING_BUDGET },
  { "effort",
    "How hard newer models try: low, medium, high, xhigh or max (default: as the model "
    "does by itself)",
    FIELD (style.effort), MER_FIELD_STRING },
  { "anthropic-version", "Version of the API that is spoken (default: " DEFAULT_VERSION ")",
    FIELD (version), MER_FIELD_STRING, .text = DEFAULT_VERSION },
  { "anthropic-beta", "Previews to be switched on, joined by commas (default: none)",
    FIELD (beta), MER_FIELD_STRING },
  { "extra",
    "JSON object that is patched into every request (RFC 7386: null removes a member), "
    "such as {\"top_k\": 1} (default: none)",
    FIELD (extra), MER_FIELD_STRING },
};

static void
mer_anthropic_set_property (GObject *object, guint id, const GValue *value,
                            GParamSpec *pspec)
{
  mer_fields_set (object, fields, id, value);
}

static void
mer_anthropic_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  mer_fields_get (object, fields, id, value);
}

static void
mer_anthropic_finalize (GObject *object)
{
  MerAnthropic *self = MER_ANTHROPIC (object);

  clear (self);
  mer_fields_clear (self, fields, G_N_ELEMENTS (fields));
  G_OBJECT_CLASS (mer_anthropic_parent_class)->finalize (object);
}

/* newer models refuse sampling parameters; effort is only known to some */
static const char *const optional[]
    = { "temperature", "top_p", "top_k", "output_config.effort", NULL };
static const MerAdaptable adaptable = { optional, NULL, "stream" };

static void
mer_anthropic_class_init (MerAnthropicClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  MerBackendClass *backend_class = MER_BACKEND_CLASS (klass);

  object_class->set_property = mer_anthropic_set_property;
  object_class->get_property = mer_anthropic_get_property;
  object_class->finalize = mer_anthropic_finalize;
  MER_ORDERED_CLASS (klass)->open = mer_anthropic_open;
  backend_class->protocol = "anthropic";
  backend_class->bulk_api = mer_anthropic_get_bulk_api ();
  backend_class->path = "messages";
  backend_class->probe_path = "models";
  backend_class->key_header = "x-api-key";
  backend_class->key_prefix = "";
  backend_class->modalities = MER_MODALITY_VIDEO | MER_MODALITY_TEXT;
  backend_class->adaptable = &adaptable;
  backend_class->dup_headers = mer_anthropic_dup_headers;
  backend_class->build_request = mer_anthropic_build;
  backend_class->parse_reply = mer_anthropic_parse;
  backend_class->decode_reply = mer_anthropic_decode;
  backend_class->classify = mer_anthropic_classify;
  backend_class->dup_advice = mer_anthropic_dup_advice;
  backend_class->probe = mer_anthropic_probe;
  mer_fields_install (object_class, fields, G_N_ELEMENTS (fields));

  mer_backend_class_set_metadata (backend_class, "Claude",
                                  "Asks Claude about each sample, by Anthropic's messages",
                                  "gst-mer");
  gst_element_class_add_static_metadata (
      GST_ELEMENT_CLASS (klass), "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! meranthropic "
      "model=claude-haiku-4-5 api-key-env=ANTHROPIC_API_KEY ! merlabels ! mersampleenc ! "
      "fdsink");
}

static void
mer_anthropic_init (MerAnthropic *self)
{
  mer_fields_init (self, fields, G_N_ELEMENTS (fields));
  g_object_set (self, "max-frames", MAX_FRAMES, NULL);
}
