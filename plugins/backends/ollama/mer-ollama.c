/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-merollama
 * @title: merollama
 *
 * Asks a model that Ollama serves, by Ollama's own chat: shows it the frames, the sound and
 * the subtitle of each sample, as far as `modalities` allows and the model can take, and
 * adds its answer as a result.
 *
 * ## Example launch line
 *
 * |[
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia frames=4 ! \
 *   merollama model=gemma3:4b num-ctx=16384 answer-format=json-schema ! \
 *   merlabels ! mersampleenc ! filesink location=answers.jsonl
 * ]|
 */
#include "mer-ollama.h"

#include <string.h>

#define DEFAULT_URI "http://127.0.0.1:11434"
#define DEFAULT_NUM_CTX 16384

struct _MerOllama
{
  MerBackend parent_instance;

  MerOllamaStyle style; /* stream, truncate and num_ctx are properties */
  char *think;
  char *keep_alive;
  char *extra;
  gboolean check_model;

  /* I/O thread */
  MerOllamaAbility ability;
  gboolean warned;
};

G_DEFINE_FINAL_TYPE (MerOllama, mer_ollama, MER_TYPE_BACKEND)
GST_ELEMENT_REGISTER_DEFINE (merollama, "merollama", GST_RANK_NONE, MER_TYPE_OLLAMA)

static JsonNode *
new_string (const char *text)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  json_node_set_string (node, text);
  return node;
}

static gboolean
read_think (MerOllama *self, GError **error)
{
  static const char *const efforts[] = { "low", "medium", "high", "max", NULL };
  const char *text = self->think != NULL ? self->think : "";
  gboolean on = g_str_equal (text, "true") || g_str_equal (text, "on");

  if (*text == '\0')
    return TRUE;
  if (g_strv_contains (efforts, text))
    self->style.think = new_string (text);
  else if (on || g_str_equal (text, "false") || g_str_equal (text, "off"))
    {
      self->style.think = json_node_new (JSON_NODE_VALUE);
      json_node_set_boolean (self->style.think, on);
    }
  if (self->style.think == NULL)
    g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                 "%s: think: “%s” is none of true, false, low, medium, high, max",
                 GST_OBJECT_NAME (self), text);
  return self->style.think != NULL;
}

/* the server takes a plain number for seconds, and only as a number */
static void
read_keep_alive (MerOllama *self)
{
  gint64 seconds = 0;

  if (self->keep_alive == NULL || *self->keep_alive == '\0')
    return;
  if (!g_ascii_string_to_signed (self->keep_alive, 10, G_MININT, G_MAXINT, &seconds, NULL))
    {
      self->style.keep_alive = new_string (self->keep_alive);
      return;
    }
  self->style.keep_alive = json_node_new (JSON_NODE_VALUE);
  json_node_set_int (self->style.keep_alive, seconds);
}

static void
clear (MerOllama *self)
{
  g_clear_pointer (&self->style.think, json_node_unref);
  g_clear_pointer (&self->style.keep_alive, json_node_unref);
  g_clear_pointer (&self->style.extra, json_node_unref);
  self->ability = (MerOllamaAbility){ .asked = !self->check_model };
  self->warned = FALSE;
}

static gboolean
mer_ollama_open (MerOrdered *ordered, GError **error)
{
  MerOllama *self = MER_OLLAMA (ordered);

  clear (self);
  if (!read_think (self, error))
    return FALSE;
  read_keep_alive (self);
  if (self->extra != NULL && *self->extra != '\0')
    {
      self->style.extra = mer_json_parse_object ("extra", self->extra, error);
      if (self->style.extra == NULL)
        return FALSE;
    }
  return MER_ORDERED_CLASS (mer_ollama_parent_class)->open (ordered, error);
}

static JsonNode *
mer_ollama_build (MerBackend *backend, MerRequest *request, GError **error)
{
  return mer_ollama_build_request (backend, &MER_OLLAMA (backend)->style, request);
}

static void
mer_ollama_prepare_async (MerBackend *backend, JsonNode *request, MerPayload *payload,
                          MerModality shown, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  mer_ollama_check_async (backend, &MER_OLLAMA (backend)->ability, shown, cancellable,
                          callback, user_data);
}

static gboolean
mer_ollama_prepare_finish (MerBackend *backend, GAsyncResult *result, GError **error)
{
  return mer_ollama_check_finish (result, error);
}

static gboolean
mer_ollama_parse (MerBackend *backend, JsonNode *reply, MerResult *result, GError **error)
{
  MerOllama *self = MER_OLLAMA (backend);

  if (!mer_ollama_parse_reply (reply, self->style.num_ctx, result, error))
    return FALSE;
  if (!self->warned && mer_ollama_was_cut (result, self->style.num_ctx))
    {
      self->warned = TRUE;
      GST_ELEMENT_WARNING (self, STREAM, FAILED,
                           ("a question filled the whole context of %u tokens, and the "
                            "server has probably cut it: the model did not see all of the "
                            "clip; raise num-ctx or show fewer frames",
                            self->style.num_ctx),
                           (NULL));
    }
  return TRUE;
}

static JsonNode *
mer_ollama_decode_reply (MerBackend *backend, MerReply *reply, GError **error)
{
  return mer_ollama_decode (reply, error);
}

static MerRetry
mer_ollama_classify (MerBackend *backend, guint status, const MerReplyError *error,
                     MerRetry fallback)
{
  const char *message = error != NULL && error->message != NULL ? error->message : "";

  /* errors are plain text, within a stream too. No wait makes memory; a smaller model or
   * context does */
  if (strstr (message, "requires more system memory") != NULL
      || strstr (message, "unauthorized") != NULL
      || strstr (message, "reached your hourly usage limit") != NULL
      || strstr (message, "reached your weekly usage limit") != NULL)
    return MER_RETRY_FATAL;
  if (strstr (message, "does not support thinking") != NULL
      || strstr (message, "required for image input") != NULL)
    return MER_RETRY_PERMANENT;
  return fallback;
}

static char *
mer_ollama_dup_advice (MerBackend *backend, guint status, const MerReplyError *error)
{
  const char *message = error != NULL && error->message != NULL ? error->message : "";

  if (status == 404 && strstr (message, "model") != NULL)
    return g_strdup_printf ("fetch it with: ollama pull %s",
                            mer_backend_get_model (backend));
  if (status == 404)
    return g_strdup ("check uri, which ends at the port, such as " DEFAULT_URI);
  if (strstr (message, "context") != NULL)
    return g_strdup ("raise num-ctx, or show fewer frames");
  if (strstr (message, "does not support thinking") != NULL)
    return g_strdup ("leave think unset");
  return NULL;
}

static gboolean
mer_ollama_probe (MerBackend *backend, JsonNode *reply, GError **error)
{
  return mer_backend_choose_model (backend, mer_json_node_member (reply, "models"), "name",
                                   error);
}

#define FIELD(field) G_STRUCT_OFFSET (MerOllama, field)

static const MerField fields[] = {
  { "stream",
    "Have the answer streamed, so that a model that thinks long is not taken for one that "
    "hangs (default: true)",
    FIELD (style.stream), MER_FIELD_BOOLEAN, .fallback = TRUE },
  { "num-ctx",
    "Context in tokens, which question and answer share; 0 leaves it to the server, whose "
    "own is small (default: 16384)",
    FIELD (style.num_ctx), MER_FIELD_UINT, .maximum = G_MAXINT,
    .fallback = DEFAULT_NUM_CTX },
  { "truncate",
    "Let the server cut what does not fit the context without a word, instead of refusing "
    "it (default: false)",
    FIELD (style.truncate), MER_FIELD_BOOLEAN },
  { "think",
    "Whether the model thinks: true, false, or low, medium, high, max where it knows them "
    "(default: as the model does by itself)",
    FIELD (think), MER_FIELD_STRING },
  { "keep-alive",
    "How long the model stays loaded: seconds, or a duration such as 10m; -1 for ever "
    "(default: as the server does by itself)",
    FIELD (keep_alive), MER_FIELD_STRING },
  { "check-model",
    "Ask the server once whether the model sees and hears, before it is shown media "
    "(default: true)",
    FIELD (check_model), MER_FIELD_BOOLEAN, .fallback = TRUE },
  { "extra",
    "JSON object that is patched into every request (RFC 7386: null removes a member), "
    "such as {\"options\": {\"top_k\": 1}} (default: none)",
    FIELD (extra), MER_FIELD_STRING },
};

static void
mer_ollama_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  mer_fields_set (object, fields, id, value);
}

static void
mer_ollama_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  mer_fields_get (object, fields, id, value);
}

static void
mer_ollama_finalize (GObject *object)
{
  MerOllama *self = MER_OLLAMA (object);

  clear (self);
  mer_fields_clear (self, fields, G_N_ELEMENTS (fields));
  G_OBJECT_CLASS (mer_ollama_parent_class)->finalize (object);
}

static void
mer_ollama_class_init (MerOllamaClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  MerBackendClass *backend_class = MER_BACKEND_CLASS (klass);

  object_class->set_property = mer_ollama_set_property;
  object_class->get_property = mer_ollama_get_property;
  object_class->finalize = mer_ollama_finalize;
  MER_ORDERED_CLASS (klass)->open = mer_ollama_open;
  backend_class->protocol = "ollama";
  backend_class->path = "api/chat";
  backend_class->probe_path = "api/tags";
  backend_class->modalities = MER_MODALITY_ALL;
  backend_class->build_request = mer_ollama_build;
  backend_class->prepare_async = mer_ollama_prepare_async;
  backend_class->prepare_finish = mer_ollama_prepare_finish;
  backend_class->parse_reply = mer_ollama_parse;
  backend_class->decode_reply = mer_ollama_decode_reply;
  backend_class->classify = mer_ollama_classify;
  backend_class->dup_advice = mer_ollama_dup_advice;
  backend_class->probe = mer_ollama_probe;
  mer_fields_install (object_class, fields, G_N_ELEMENTS (fields));

  mer_backend_class_set_metadata (backend_class, "Ollama",
                                  "Asks a model that Ollama serves about each sample",
                                  "gst-mer");
  gst_element_class_add_static_metadata (
      GST_ELEMENT_CLASS (klass), "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia frames=4 ! "
      "merollama model=gemma3:4b ! merlabels ! mersampleenc ! fdsink");
}

static void
mer_ollama_init (MerOllama *self)
{
  mer_fields_init (self, fields, G_N_ELEMENTS (fields));
  g_object_set (self, "uri", DEFAULT_URI, NULL);
}
