/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-mergemini
 * @title: mergemini
 *
 * Asks Gemini by its own API: shows it the frames, the sound and the subtitle of each
 * sample, or the clip's file as a whole, as far as `modalities` allows, and adds its answer
 * as a result.
 *
 * ## Example launch lines
 *
 * |[
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia frames=8 ! \
 *   mergemini model=gemini-2.5-flash api-key-env=GEMINI_API_KEY thinking=off \
 *   answer-format=json-schema journal=answers.mer ! \
 *   merlabels ! mersampleenc ! filesink location=answers.jsonl
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia ! \
 *   mergemini model=gemini-2.5-flash api-key-env=GEMINI_API_KEY video-as=whole \
 *   video-rate=5 ! merlabels ! mersampleenc ! filesink location=answers.jsonl
 * ]|
 */
#include "mer-gemini.h"

#include "mer-gemini-bulk.h"

#include <string.h>

#include "mer-gemini-files.h"

#define DEFAULT_URI "https://generativelanguage.googleapis.com/v1beta"
#define DEFAULT_SAFETY "block-none"
#define DEFAULT_INLINE_LIMIT (20u * 1000 * 1000)
#define DEFAULT_FILE_INTERVAL 2.
#define DEFAULT_FILE_PATIENCE 300.

struct _MerGemini
{
  MerBackend parent_instance;

  MerGeminiStyle style; /* some of it are properties */
  MerGeminiFiles files;
  gboolean stream;
  MerGeminiSchemaAs schema_as;
  MerGeminiAuth auth;
  char *safety;
  char *thinking;
  char *extra;
};

G_DEFINE_FINAL_TYPE (MerGemini, mer_gemini, MER_TYPE_BACKEND)
GST_ELEMENT_REGISTER_DEFINE (mergemini, "mergemini", GST_RANK_NONE, MER_TYPE_GEMINI)

static void
clear (MerGemini *self)
{
  g_clear_pointer (&self->style.schema, json_node_unref);
  g_clear_pointer (&self->style.safety, json_node_unref);
  g_clear_pointer (&self->style.extra, json_node_unref);
}

static gboolean
wants_bearer (MerGemini *self)
{
  g_autofree char *uri = NULL;
  g_autoptr (GUri) parsed = NULL;
  const char *host;

  if (self->auth != MER_GEMINI_AUTH_AUTO)
    return self->auth == MER_GEMINI_AUTH_BEARER;
  g_object_get (self, "uri", &uri, NULL);
  parsed = uri != NULL ? g_uri_parse (uri, G_URI_FLAGS_NONE, NULL) : NULL;
  host = parsed != NULL ? g_uri_get_host (parsed) : NULL;
  return host != NULL && g_str_has_suffix (host, "aiplatform.googleapis.com");
}

static gboolean
read_properties (MerGemini *self, GError **error)
{
  g_autofree char *model = NULL;

  g_object_get (self, "model", &model, NULL);
  if (!mer_gemini_read_thinking (&self->style, self->thinking, model, error)
      || !mer_gemini_read_safety (&self->style, self->safety, error))
    {
      g_prefix_error (error, "%s: ", GST_OBJECT_NAME (self));
      return FALSE;
    }
  if (self->style.video_end >= 0 && self->style.video_end <= self->style.video_start)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "%s: video-end: it must be behind video-start", GST_OBJECT_NAME (self));
      return FALSE;
    }
  if (self->extra == NULL || *self->extra == '\0')
    return TRUE;
  self->style.extra = mer_json_parse_object ("extra", self->extra, error);
  return self->style.extra != NULL;
}

static gboolean
mer_gemini_open (MerOrdered *ordered, GError **error)
{
  MerGemini *self = MER_GEMINI (ordered);
  MerBackend *backend = MER_BACKEND (self);
  gboolean bearer = wants_bearer (self);

  clear (self);
  self->files.missing = bearer;
  mer_backend_set_usual_uri (backend, DEFAULT_URI);
  mer_backend_set_key_header (backend, bearer ? "Authorization" : NULL, "Bearer ");
  return read_properties (self, error)
         && MER_ORDERED_CLASS (mer_gemini_parent_class)->open (ordered, error)
         && mer_gemini_read_schema (&self->style, backend, self->schema_as, error);
}

/* models/NAME, or tunedModels/NAME and the like where a folder is given */
static char *
mer_gemini_dup_path (MerBackend *backend)
{
  const char *model = mer_backend_get_model (backend);
  g_autofree char *name = g_uri_escape_string (model != NULL ? model : "", "/@", FALSE);

  return g_strconcat (strchr (name, '/') != NULL ? "" : "models/", name,
                      MER_GEMINI (backend)->stream ? ":streamGenerateContent?alt=sse"
                                                   : ":generateContent",
                      NULL);
}

static JsonNode *
mer_gemini_build (MerBackend *backend, MerRequest *request, GError **error)
{
  return mer_gemini_build_request (backend, &MER_GEMINI (backend)->style, request, error);
}

static void
mer_gemini_prepare_async (MerBackend *backend, JsonNode *request, MerPayload *payload,
                          MerModality shown, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  mer_gemini_files_prepare_async (backend, &MER_GEMINI (backend)->files, request, payload,
                                  cancellable, callback, user_data);
}

static gboolean
mer_gemini_prepare_finish (MerBackend *backend, GAsyncResult *result, GError **error)
{
  return mer_gemini_files_prepare_finish (result, error);
}

static gboolean
mer_gemini_parse (MerBackend *backend, JsonNode *reply, MerResult *result, GError **error)
{
  return mer_gemini_parse_reply (reply, result, error);
}

static JsonNode *
mer_gemini_decode_reply (MerBackend *backend, MerReply *reply, GError **error)
{
  return mer_gemini_decode (reply, error);
}

static MerRetry
mer_gemini_classify (MerBackend *backend, guint status, const MerReplyError *error,
                     MerRetry fallback)
{
  const char *message = error != NULL && error->message != NULL ? error->message : "";

  /* one file that is gone is no reason to end a run */
  if (strstr (message, "access the File") != NULL
      || strstr (message, "not in an ACTIVE state") != NULL)
    {
      mer_gemini_files_doubt (backend);
      return MER_RETRY_PERMANENT;
    }
  if (strstr (message, "location is not supported") != NULL
      || strstr (message, "free tier is not available") != NULL)
    return MER_RETRY_FATAL;
  /* "The model is overloaded" may last for minutes */
  if (fallback == MER_RETRY_TRANSIENT
      && (status == 503 || strstr (message, "overloaded") != NULL))
    return MER_RETRY_RATE_LIMITED;
  return fallback;
}

static char *
mer_gemini_dup_advice (MerBackend *backend, guint status, const MerReplyError *error)
{
  const char *message = error != NULL && error->message != NULL ? error->message : "";

  if (status == 404)
    return g_strdup ("check model, and uri, which ends in the version, such as /v1beta");
  if (strstr (message, "payload size exceeds") != NULL)
    return g_strdup ("set inline-limit lower, so that videos are uploaded, or show fewer "
                     "frames");
  return NULL;
}

static gboolean
mer_gemini_probe (MerBackend *backend, JsonNode *reply, GError **error)
{
  return mer_backend_choose_model (backend, mer_json_node_member (reply, "models"), "name",
                                   error);
}

#define FIELD(field) G_STRUCT_OFFSET (MerGemini, field)

static const MerField fields[] = {
  /* what is shown */
  { "timed-frames", "Tell each frame's instant in seconds before it (default: false)",
    FIELD (style.timed_frames), MER_FIELD_BOOLEAN },
  { "video-as",
    "What is shown of a video: the frames that every model is shown, or the clip's own "
    "file, whose sound the model hears too (default: frames)",
    FIELD (style.video_as), MER_FIELD_ENUM, mer_gemini_video_as_get_type },
  { "video-rate",
    "Pictures a second that the server takes of a whole video, up to 24; -1 leaves it to "
    "the server, which takes one (default: -1)",
    FIELD (style.video_rate), MER_FIELD_DOUBLE, NULL, -1, 24, -1 },
  { "video-start",
    "Where in a whole video the server begins, seconds; -1 for its beginning (default: -1)",
    FIELD (style.video_start), MER_FIELD_DOUBLE, NULL, -1, 86400, -1 },
  { "video-end",
    "Where in a whole video the server stops, seconds; -1 for its end (default: -1)",
    FIELD (style.video_end), MER_FIELD_DOUBLE, NULL, -1, 86400, -1 },
  { "media-resolution",
    "How closely pictures are looked at, which is what they cost (default: unset)",
    FIELD (style.resolution), MER_FIELD_ENUM, mer_gemini_resolution_get_type },
  /* how it answers */
  { "stream",
    "Have the answer streamed, which keeps proxies from closing a connection on which "
    "nothing comes for long (default: false)",
    FIELD (stream), MER_FIELD_BOOLEAN },
  { "schema-as", "How the schema of the answer is sent (default: openapi)",
    FIELD (schema_as), MER_FIELD_ENUM, mer_gemini_schema_as_get_type },
  { "safety",
    "What the server's filters let through: off, block-none, block-only-high, "
    "block-medium-and-above or block-low-and-above for all categories, then "
    "CATEGORY=THRESHOLD for single ones, joined by commas; unset leaves it to the server "
    "(default: block-none)",
    FIELD (safety), MER_FIELD_STRING, .text = DEFAULT_SAFETY },
  { "thinking",
    "How long the model thinks: off, dynamic, a number of tokens, or for newer models "
    "minimal, low, medium, high (default: as the model does by itself)",
    FIELD (thinking), MER_FIELD_STRING },
  { "include-thoughts",
    "Have the thinking told, which goes into the result's reasoning (default: false)",
    FIELD (style.include_thoughts), MER_FIELD_BOOLEAN },
  { "extra",
    "JSON object that is patched into every request (RFC 7386: null removes a member), "
    "such as {\"generationConfig\": {\"topK\": 1}} (default: none)",
    FIELD (extra), MER_FIELD_STRING },
  /* how it is reached */
  { "auth", "How the server wants the key (default: auto)", FIELD (auth), MER_FIELD_ENUM,
    mer_gemini_auth_get_type },
  { "inline-limit",
    "Largest request in bytes that holds its video itself; in a larger one it is uploaded "
    "first (default: 20000000)",
    FIELD (files.inline_limit), MER_FIELD_UINT64, .maximum = 1e15,
    .fallback = DEFAULT_INLINE_LIMIT },
  { "upload-hosts",
    "Hosts besides the server's own that it may have videos uploaded to, without the key, "
    "joined by commas (default: none)",
    FIELD (files.upload_hosts), MER_FIELD_STRING },
  { "file-interval",
    "Seconds between looks at a video that the server processes (default: 2)",
    FIELD (files.interval), MER_FIELD_DOUBLE, NULL, 0.01, 60, DEFAULT_FILE_INTERVAL },
  { "file-patience",
    "Seconds that the server may take to process a video; deadline bounds it too "
    "(default: 300)",
    FIELD (files.patience), MER_FIELD_DOUBLE, NULL, 0, 86400, DEFAULT_FILE_PATIENCE },
};

static void
mer_gemini_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  mer_fields_set (object, fields, id, value);
}

static void
mer_gemini_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  mer_fields_get (object, fields, id, value);
}

static void
mer_gemini_finalize (GObject *object)
{
  MerGemini *self = MER_GEMINI (object);

  clear (self);
  mer_fields_clear (self, fields, G_N_ELEMENTS (fields));
  G_OBJECT_CLASS (mer_gemini_parent_class)->finalize (object);
}

static const char *const optional[]
    = { "generationConfig.seed", "generationConfig.temperature", NULL };
static const MerAdaptable adaptable = { optional, NULL, NULL };

static void
mer_gemini_class_init (MerGeminiClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  MerBackendClass *backend_class = MER_BACKEND_CLASS (klass);

  object_class->set_property = mer_gemini_set_property;
  object_class->get_property = mer_gemini_get_property;
  object_class->finalize = mer_gemini_finalize;
  MER_ORDERED_CLASS (klass)->open = mer_gemini_open;
  backend_class->protocol = "gemini";
  backend_class->bulk_api = mer_gemini_get_bulk_api ();
  backend_class->probe_path = "models";
  backend_class->key_header = "x-goog-api-key";
  backend_class->key_prefix = "";
  backend_class->modalities = MER_MODALITY_ALL;
  backend_class->adaptable = &adaptable;
  backend_class->dup_path = mer_gemini_dup_path;
  backend_class->build_request = mer_gemini_build;
  backend_class->prepare_async = mer_gemini_prepare_async;
  backend_class->prepare_finish = mer_gemini_prepare_finish;
  backend_class->parse_reply = mer_gemini_parse;
  backend_class->decode_reply = mer_gemini_decode_reply;
  backend_class->classify = mer_gemini_classify;
  backend_class->dup_advice = mer_gemini_dup_advice;
  backend_class->probe = mer_gemini_probe;
  mer_fields_install (object_class, fields, G_N_ELEMENTS (fields));

  mer_backend_class_set_metadata (backend_class, "Gemini",
                                  "Asks Gemini about each sample, by generateContent",
                                  "gst-mer");
  gst_element_class_add_static_metadata (
      GST_ELEMENT_CLASS (klass), "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! mergemini "
      "model=gemini-2.5-flash api-key-env=GEMINI_API_KEY ! merlabels ! mersampleenc ! "
      "fdsink");
}

static void
mer_gemini_init (MerGemini *self)
{
  mer_fields_init (self, fields, G_N_ELEMENTS (fields));
  self->style.budget = MER_GEMINI_NO_BUDGET;
}
