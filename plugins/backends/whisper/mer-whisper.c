/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-merwhisper
 * @title: merwhisper
 *
 * Has what is said in a clip written down by a transcription server, where the clip has no
 * subtitle: OpenAI's `/audio/transcriptions`, vLLM, faster-whisper servers, whisper.cpp's
 * server (`path=inference`). The transcript is the stage's text and becomes the sample's
 * subtitle, with its times as cues, so that later stages are shown it as any other.
 *
 * ## Example launch line
 *
 * ```
 * gst-launch-1.0 merdatasetsrc clips=videos ! mermedia !
 * merwhisper uri=http://127.0.0.1:8000/v1 model=openai/whisper-large-v3 !
 * meropenai uri=http://127.0.0.1:8080/v1 ! merlabels ! mersampleenc ! fdsink
 * ```
 */
#include "mer-whisper.h"

#include <math.h>
#include <string.h>

#define USUAL_URI "https://api.openai.com/v1"
#define USUAL_PATH "audio/transcriptions"
/* those of Whisper's own decoder */
#define NO_SPEECH 0.6
#define LOGPROB -1.
#define COMPRESSION 2.4

typedef enum
{
  FORMAT_AUTO,
  FORMAT_JSON,
  FORMAT_VERBOSE_JSON,
} Format;

typedef enum
{
  BODY_FORM,
  BODY_JSON,
} Body;

struct _MerWhisper
{
  MerBackend parent_instance;

  char *path;
  char *language;
  char *hint;
  Format format;
  Body body;
  MerWhisperDoubts doubts;
  gboolean overwrite;
};

enum
{
  PROP_PATH = 1,
  PROP_LANGUAGE,
  PROP_HINT,
  PROP_RESPONSE_FORMAT,
  PROP_BODY,
  PROP_NO_SPEECH,
  PROP_LOGPROB,
  PROP_COMPRESSION,
  PROP_OVERWRITE,
};

G_DEFINE_FINAL_TYPE (MerWhisper, mer_whisper, MER_TYPE_BACKEND)
GST_ELEMENT_REGISTER_DEFINE (merwhisper, "merwhisper", GST_RANK_NONE, MER_TYPE_WHISPER)

static GType
format_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { FORMAT_AUTO, "verbose-json, but json for models that write only that", "auto" },
    { FORMAT_JSON, "The text alone", "json" },
    { FORMAT_VERBOSE_JSON, "The text with times", "verbose-json" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MerWhisperFormat", values));
  return type;
}

static GType
body_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { BODY_FORM, "A form with a file, as OpenAI wants it", "form" },
    { BODY_JSON, "JSON with base64, as OpenRouter wants it", "json" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MerWhisperBody", values));
  return type;
}

static gboolean
is_set (const char *text)
{
  return text != NULL && *text != '\0';
}

/* OpenAI's newer models write text alone, whatever they are asked for */
static gboolean
writes_times (const char *model)
{
  return model == NULL
         || (strstr (model, "gpt-4o") == NULL && strstr (model, "gpt-transcribe") == NULL);
}

static const char *
get_format (MerWhisper *self)
{
  if (self->format == FORMAT_AUTO)
    return writes_times (mer_backend_get_model (MER_BACKEND (self))) ? "verbose_json"
                                                                     : "json";
  return self->format == FORMAT_JSON ? "json" : "verbose_json";
}

static gboolean
mer_whisper_open (MerOrdered *ordered, GError **error)
{
  MerWhisper *self = MER_WHISPER (ordered);

  mer_backend_set_form (MER_BACKEND (self), self->body == BODY_FORM);
  mer_backend_set_usual_uri (MER_BACKEND (self), USUAL_URI);
  return MER_ORDERED_CLASS (mer_whisper_parent_class)->open (ordered, error);
}

static char *
mer_whisper_dup_path (MerBackend *backend)
{
  MerWhisper *self = MER_WHISPER (backend);
  const char *path = is_set (self->path) ? self->path : USUAL_PATH;

  return g_strdup (path + strspn (path, "/"));
}

static char *
mer_whisper_decline (MerBackend *backend, MerSample *sample)
{
  g_autofree char *text = mer_sample_dup_text (sample);

  return is_set (text) && !MER_WHISPER (backend)->overwrite
             ? g_strdup ("the clip has a subtitle")
             : NULL;
}

static void
add_file (JsonObject *root, Body body, MerRequest *request)
{
  g_autofree char *file
      = mer_request_place_audio (request, body == BODY_FORM ? "clip.wav;audio/wav," : "");
  JsonObject *audio = NULL;

  if (body == BODY_FORM)
    {
      json_object_set_string_member (root, "file", file);
      return;
    }
  audio = json_object_new ();
  json_object_set_string_member (audio, "data", file);
  json_object_set_string_member (audio, "format", "wav");
  json_object_set_object_member (root, "input_audio", audio);
}

/* a question is no words to expect: the prompt is sent only where somebody chose one */
static void
add_hint (JsonObject *root, MerWhisper *self, MerRequest *request)
{
  g_autofree char *prompt = NULL;

  g_object_get (self, "prompt", &prompt, NULL);
  if (is_set (self->hint))
    json_object_set_string_member (root, "prompt", self->hint);
  else if (is_set (prompt))
    json_object_set_string_member (root, "prompt", mer_request_get_prompt (request));
}

static JsonNode *
mer_whisper_build (MerBackend *backend, MerRequest *request, GError **error)
{
  MerWhisper *self = MER_WHISPER (backend);
  double temperature = mer_backend_get_temperature (backend);
  JsonNode *node = NULL;
  JsonObject *root = NULL;

  if (!mer_request_has_audio (request))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_UNSUPPORTED, "the clip has no sound");
      return NULL;
    }
  node = json_node_new (JSON_NODE_OBJECT);
  root = json_object_new ();
  if (mer_backend_get_model (backend) != NULL)
    json_object_set_string_member (root, "model", mer_backend_get_model (backend));
  if (is_set (self->language))
    json_object_set_string_member (root, "language", self->language);
  add_hint (root, self, request);
  if (!isnan (temperature))
    json_object_set_double_member (root, "temperature", temperature);
  if (self->body == BODY_FORM)
    json_object_set_string_member (root, "response_format", get_format (self));
  add_file (root, self->body, request);
  json_node_take_object (node, root);
  return node;
}

static gboolean
mer_whisper_parse (MerBackend *backend, JsonNode *reply, MerResult *result, GError **error)
{
  return mer_whisper_parse_reply (reply, &MER_WHISPER (backend)->doubts, result, error);
}

static void
fill_cues (MerWhisper *self, MerSample *sample, JsonArray *cues)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerMedia) media
      = mer_media_new_with_cues (mer_sample_get_media (sample), cues, &error);

  if (media != NULL)
    mer_sample_set_media (sample, media);
  else
    GST_WARNING_OBJECT (self, "%s: the cues are left out: %s", mer_sample_get_id (sample),
                        error->message);
}

static void
mer_whisper_fill_sample (MerBackend *backend, MerSample *sample, MerResult *result)
{
  const char *text = mer_result_get_text (result);
  JsonNode *cues = mer_json_node_member (mer_result_get_data (result), "cues");

  if (!is_set (text))
    return;
  mer_sample_set_subtitle (sample, text);
  if (cues != NULL && JSON_NODE_HOLDS_ARRAY (cues) && mer_sample_get_media (sample) != NULL)
    fill_cues (MER_WHISPER (backend), sample, json_node_get_array (cues));
}

static char **
string_property (MerWhisper *self, guint id)
{
  switch (id)
    {
    case PROP_PATH:
      return &self->path;
    case PROP_LANGUAGE:
      return &self->language;
    case PROP_HINT:
      return &self->hint;
    default:
      return NULL;
    }
}

static double *
double_property (MerWhisper *self, guint id)
{
  switch (id)
    {
    case PROP_NO_SPEECH:
      return &self->doubts.no_speech;
    case PROP_LOGPROB:
      return &self->doubts.logprob;
    case PROP_COMPRESSION:
      return &self->doubts.compression;
    default:
      return NULL;
    }
}

static void
mer_whisper_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MerWhisper *self = MER_WHISPER (object);
  char **text = string_property (self, id);

  if (text != NULL)
    {
      g_free (*text);
      *text = g_value_dup_string (value);
    }
  else if (double_property (self, id) != NULL)
    *double_property (self, id) = g_value_get_double (value);
  else if (id == PROP_RESPONSE_FORMAT)
    self->format = g_value_get_enum (value);
  else if (id == PROP_BODY)
    self->body = g_value_get_enum (value);
  else if (id == PROP_OVERWRITE)
    self->overwrite = g_value_get_boolean (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_whisper_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerWhisper *self = MER_WHISPER (object);

  if (string_property (self, id) != NULL)
    g_value_set_string (value, *string_property (self, id));
  else if (double_property (self, id) != NULL)
    g_value_set_double (value, *double_property (self, id));
  else if (id == PROP_RESPONSE_FORMAT)
    g_value_set_enum (value, self->format);
  else if (id == PROP_BODY)
    g_value_set_enum (value, self->body);
  else if (id == PROP_OVERWRITE)
    g_value_set_boolean (value, self->overwrite);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_whisper_finalize (GObject *object)
{
  MerWhisper *self = MER_WHISPER (object);

  g_free (self->path);
  g_free (self->language);
  g_free (self->hint);
  G_OBJECT_CLASS (mer_whisper_parent_class)->finalize (object);
}

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

static void
install_string (GObjectClass *klass, guint id, const char *name, const char *blurb,
                const char *fallback)
{
  g_object_class_install_property (
      klass, id, g_param_spec_string (name, NULL, blurb, fallback, FLAGS));
}

static void
install_enum (GObjectClass *klass, guint id, const char *name, const char *blurb,
              GType type, int fallback)
{
  g_object_class_install_property (
      klass, id, g_param_spec_enum (name, NULL, blurb, type, fallback, FLAGS));
  gst_type_mark_as_plugin_api (type, 0);
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
install_properties (GObjectClass *klass)
{
  install_string (klass, PROP_PATH, "path",
                  "What follows uri: inference for whisper.cpp's server (default: "
                  "audio/transcriptions)",
                  USUAL_PATH);
  install_string (klass, PROP_LANGUAGE, "language",
                  "What is spoken, as two letters such as en or zh (default: the model "
                  "finds out)",
                  NULL);
  install_string (klass, PROP_HINT, "hint",
                  "Words that are likely to come, such as names; stands in for prompt, "
                  "which is sent only where one is chosen (default: none)",
                  NULL);
  install_enum (klass, PROP_RESPONSE_FORMAT, "response-format",
                "What the server writes; one that refuses to give times is asked for text "
                "(default: auto)",
                format_get_type (), FORMAT_AUTO);
  install_enum (klass, PROP_BODY, "body", "How the request is sent (default: form)",
                body_get_type (), BODY_FORM);
  install_double (klass, PROP_NO_SPEECH, "no-speech-threshold",
                  "A segment is dropped where the server is surer than this that nobody "
                  "speaks, and less sure of the words than logprob-threshold; 1 drops none "
                  "(default: 0.6)",
                  0, 1, NO_SPEECH);
  install_double (klass, PROP_LOGPROB, "logprob-threshold",
                  "Mean log probability of a segment's words, see no-speech-threshold "
                  "(default: -1)",
                  -100, 0, LOGPROB);
  install_double (klass, PROP_COMPRESSION, "compression-threshold",
                  "A segment that repeats itself so much that it packs better than this "
                  "ratio is dropped (default: 2.4)",
                  1, 1000, COMPRESSION);
  g_object_class_install_property (
      klass, PROP_OVERWRITE,
      g_param_spec_boolean ("overwrite", NULL,
                            "Transcribe clips that have a subtitle too, and put the "
                            "transcript in its place (default: false)",
                            FALSE, FLAGS));
}

/* a server that cannot tell times is asked for less */
static const char *const optional[] = { "response_format", "temperature", NULL };
static const MerAdaptable adaptable = { optional, NULL, NULL };

static void
mer_whisper_class_init (MerWhisperClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  MerBackendClass *backend_class = MER_BACKEND_CLASS (klass);

  object_class->set_property = mer_whisper_set_property;
  object_class->get_property = mer_whisper_get_property;
  object_class->finalize = mer_whisper_finalize;
  MER_ORDERED_CLASS (klass)->open = mer_whisper_open;
  backend_class->protocol = "whisper";
  backend_class->path = USUAL_PATH;
  backend_class->modalities = MER_MODALITY_AUDIO;
  backend_class->verbatim = TRUE;
  backend_class->adaptable = &adaptable;
  backend_class->dup_path = mer_whisper_dup_path;
  backend_class->decline = mer_whisper_decline;
  backend_class->build_request = mer_whisper_build;
  backend_class->parse_reply = mer_whisper_parse;
  backend_class->fill_sample = mer_whisper_fill_sample;
  install_properties (object_class);

  mer_backend_class_set_metadata (
      backend_class, "Transcription",
      "Has what is said written down where a clip has no subtitle", "gst-mer");
  gst_element_class_add_static_metadata (
      GST_ELEMENT_CLASS (klass), "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! "
      "merwhisper uri=http://127.0.0.1:8000/v1 model=openai/whisper-large-v3 ! "
      "mersampleenc ! fdsink");
}

static void
mer_whisper_init (MerWhisper *self)
{
  self->path = g_strdup (USUAL_PATH);
  self->doubts = (MerWhisperDoubts){ NO_SPEECH, LOGPROB, COMPRESSION };
}
