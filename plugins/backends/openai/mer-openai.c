/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-meropenai
 * @title: meropenai
 *
 * Asks a server that speaks OpenAI's chat completions: OpenAI, vLLM, llama-server and many
 * more. Shows it the frames, the sound and the subtitle of each sample, as far as
 * `modalities` allows, and adds its answer as a result.
 *
 * |[
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia ! \
 *   meropenai uri=http://127.0.0.1:8080/v1 dialect=llamacpp answer-format=json-schema ! \
 *   merlabels ! mersampleenc ! filesink location=answers.jsonl
 * ]|
 */
#include "mer-openai.h"

#include <string.h>

enum
{
  PROP_DIALECT = 1,
  PROP_STREAM,
  PROP_TOKEN_LIMIT_KEY,
  PROP_AUDIO_AS,
  PROP_FRAMES_AS,
  PROP_IMAGE_DETAIL,
  PROP_EXTRA,
};

struct _MerOpenai
{
  MerBackend parent_instance;

  /* properties */
  MerOpenaiDialect dialect;
  gboolean stream;
  MerOpenaiTokenKey token_key;
  MerOpenaiAudioAs audio_as;
  MerOpenaiFramesAs frames_as;
  char *image_detail;
  char *extra;

  MerOpenaiStyle style;
};

G_DEFINE_FINAL_TYPE (MerOpenai, mer_openai, MER_TYPE_BACKEND)
GST_ELEMENT_REGISTER_DEFINE (meropenai, "meropenai", GST_RANK_NONE, MER_TYPE_OPENAI)

static void
clear_style (MerOpenai *self)
{
  g_clear_pointer (&self->style.extra, json_node_unref);
}

static JsonNode *
parse_object (const char *name, const char *text, GError **error)
{
  g_autoptr (MerJson) json = mer_json_parse (name, text, -1, error);
  JsonNode *root = json != NULL ? mer_json_get_root (json) : NULL;

  if (json == NULL)
    return NULL;
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "%s: this must be a JSON object, such as {\"top_p\": 0.9}", name);
      return NULL;
    }
  return json_node_ref (root);
}

static gboolean
mer_openai_open (MerOrdered *ordered, GError **error)
{
  MerOpenai *self = MER_OPENAI (ordered);
  MerOpenaiHabits habits = *mer_openai_dialect_get_habits (self->dialect);

  if (self->token_key != MER_OPENAI_TOKEN_KEY_AUTO)
    habits.token_key = self->token_key;
  if (self->audio_as != MER_OPENAI_AUDIO_AS_AUTO)
    habits.audio_as = self->audio_as;
  if (self->frames_as != MER_OPENAI_FRAMES_AS_AUTO)
    habits.frames_as = self->frames_as;
  if (self->image_detail != NULL && *self->image_detail != '\0')
    habits.image_detail
        = g_str_equal (self->image_detail, "none") ? NULL : self->image_detail;

  clear_style (self);
  self->style.habits = habits;
  self->style.stream = self->stream;
  if (self->extra != NULL && *self->extra != '\0'
      && (self->style.extra = parse_object ("extra", self->extra, error)) == NULL)
    return FALSE;
  return MER_ORDERED_CLASS (mer_openai_parent_class)->open (ordered, error);
}

static JsonNode *
mer_openai_build (MerBackend *backend, MerRequest *request, GError **error)
{
  return mer_openai_build_request (backend, &MER_OPENAI (backend)->style, request);
}

static gboolean
mer_openai_parse (MerBackend *backend, JsonNode *reply, MerResult *result, GError **error)
{
  return mer_openai_parse_reply (reply, result, error);
}

static JsonNode *
mer_openai_decode (MerBackend *backend, MerReply *reply, GError **error)
{
  return mer_reply_is_type (reply, "text/event-stream")
             ? mer_openai_decode_stream (reply, error)
             : mer_openai_decode_json (reply, error);
}

static gboolean
mer_openai_probe (MerBackend *backend, JsonNode *reply, GError **error)
{
  JsonNode *data = mer_json_node_member (reply, "data");
  JsonArray *models
      = data != NULL && JSON_NODE_HOLDS_ARRAY (data) ? json_node_get_array (data) : NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  const char *only = NULL;
  guint n_models = 0;

  for (guint i = 0; models != NULL && i < json_array_get_length (models); i++)
    {
      const char *id = mer_json_node_string (json_array_get_element (models, i), "id");

      if (id == NULL)
        continue;
      only = id;
      if (n_models++ < 8)
        g_string_append_printf (names, "%s%.100s", n_models > 1 ? ", " : "", id);
    }
  if (n_models == 1)
    {
      mer_backend_set_served_model (backend, only);
      return TRUE;
    }
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "%s: model: set it, the server lists %u models%s%s%s",
               GST_OBJECT_NAME (backend), n_models, n_models > 0 ? ": " : "", names->str,
               n_models > 8 ? ", …" : "");
  return FALSE;
}

static void
mer_openai_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MerOpenai *self = MER_OPENAI (object);

  switch (id)
    {
    case PROP_DIALECT:
      self->dialect = g_value_get_enum (value);
      break;
    case PROP_STREAM:
      self->stream = g_value_get_boolean (value);
      break;
    case PROP_TOKEN_LIMIT_KEY:
      self->token_key = g_value_get_enum (value);
      break;
    case PROP_AUDIO_AS:
      self->audio_as = g_value_get_enum (value);
      break;
    case PROP_FRAMES_AS:
      self->frames_as = g_value_get_enum (value);
      break;
    case PROP_IMAGE_DETAIL:
      g_free (self->image_detail);
      self->image_detail = g_value_dup_string (value);
      break;
    case PROP_EXTRA:
      g_free (self->extra);
      self->extra = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_openai_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerOpenai *self = MER_OPENAI (object);

  switch (id)
    {
    case PROP_DIALECT:
      g_value_set_enum (value, self->dialect);
      break;
    case PROP_STREAM:
      g_value_set_boolean (value, self->stream);
      break;
    case PROP_TOKEN_LIMIT_KEY:
      g_value_set_enum (value, self->token_key);
      break;
    case PROP_AUDIO_AS:
      g_value_set_enum (value, self->audio_as);
      break;
    case PROP_FRAMES_AS:
      g_value_set_enum (value, self->frames_as);
      break;
    case PROP_IMAGE_DETAIL:
      g_value_set_string (value, self->image_detail);
      break;
    case PROP_EXTRA:
      g_value_set_string (value, self->extra);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_openai_finalize (GObject *object)
{
  MerOpenai *self = MER_OPENAI (object);

  clear_style (self);
  g_free (self->image_detail);
  g_free (self->extra);
  G_OBJECT_CLASS (mer_openai_parent_class)->finalize (object);
}

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

static void
install_enum (GObjectClass *klass, guint id, const char *name, const char *blurb,
              GType type, int fallback)
{
  g_object_class_install_property (
      klass, id, g_param_spec_enum (name, NULL, blurb, type, fallback, FLAGS));
  gst_type_mark_as_plugin_api (type, 0);
}

static void
install_string (GObjectClass *klass, guint id, const char *name, const char *blurb)
{
  g_object_class_install_property (klass, id,
                                   g_param_spec_string (name, NULL, blurb, NULL, FLAGS));
}

static void
install_properties (GObjectClass *klass)
{
  install_enum (klass, PROP_DIALECT, "dialect",
                "Whose habits the server has; the properties below change single ones "
                "(default: openai)",
                mer_openai_dialect_get_type (), MER_OPENAI_DIALECT_OPENAI);
  g_object_class_install_property (
      klass, PROP_STREAM,
      g_param_spec_boolean ("stream", NULL,
                            "Have the answer streamed, which keeps proxies from closing a "
                            "connection on which nothing comes for long (default: false)",
                            FALSE, FLAGS));
  install_enum (klass, PROP_TOKEN_LIMIT_KEY, "token-limit-key",
                "Member of the request that carries max-tokens (default: auto)",
                mer_openai_token_key_get_type (), MER_OPENAI_TOKEN_KEY_AUTO);
  install_enum (klass, PROP_AUDIO_AS, "audio-as", "How the sound is sent (default: auto)",
                mer_openai_audio_as_get_type (), MER_OPENAI_AUDIO_AS_AUTO);
  install_enum (klass, PROP_FRAMES_AS, "frames-as",
                "How the frames are sent (default: auto)", mer_openai_frames_as_get_type (),
                MER_OPENAI_FRAMES_AS_AUTO);
  install_string (
      klass, PROP_IMAGE_DETAIL, "image-detail",
      "“detail” of an image: low, high, auto, or none to leave it out (default: "
      "as the dialect says)");
  install_string (klass, PROP_EXTRA, "extra",
                  "JSON object whose members are put into every request, over what stands "
                  "there (default: none)");
}

/* what the answer is about and held to stays; what steers chance and effort may go. Of two
 * that a model does not take together the first is kept */
static const char *const optional[] = { "temperature",
                                        "top_p",
                                        "top_k",
                                        "min_p",
                                        "seed",
                                        "presence_penalty",
                                        "frequency_penalty",
                                        "repetition_penalty",
                                        "reasoning_effort",
                                        "chat_template_kwargs",
                                        "enable_thinking",
                                        "thinking",
                                        "thinking_budget",
                                        "verbosity",
                                        "logprobs",
                                        "top_logprobs",
                                        "stream_options",
                                        "modalities",
                                        "store",
                                        "service_tier",
                                        "user",
                                        NULL };
static const char *const renames[] = { "max_tokens", "max_completion_tokens",
                                       "max_completion_tokens", "max_tokens", NULL };
static const MerAdaptable adaptable = { optional, renames, "stream" };

static void
mer_openai_class_init (MerOpenaiClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  MerBackendClass *backend_class = MER_BACKEND_CLASS (klass);

  object_class->set_property = mer_openai_set_property;
  object_class->get_property = mer_openai_get_property;
  object_class->finalize = mer_openai_finalize;
  MER_ORDERED_CLASS (klass)->open = mer_openai_open;
  backend_class->protocol = "openai";
  backend_class->path = "chat/completions";
  backend_class->probe_path = "models";
  backend_class->build_request = mer_openai_build;
  backend_class->parse_reply = mer_openai_parse;
  backend_class->decode_reply = mer_openai_decode;
  backend_class->adaptable = &adaptable;
  backend_class->probe = mer_openai_probe;
  install_properties (object_class);

  mer_backend_class_set_metadata (
      backend_class, "OpenAI-compatible model",
      "Asks a server that speaks OpenAI's chat completions about each sample", "gst-mer");
  gst_element_class_add_static_metadata (
      GST_ELEMENT_CLASS (klass), "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! "
      "meropenai uri=http://127.0.0.1:8080/v1 ! merlabels ! mersampleenc ! fdsink");
}

static void
mer_openai_init (MerOpenai *self)
{
}
