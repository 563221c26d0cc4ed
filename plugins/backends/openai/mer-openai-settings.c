/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* the element's own properties, a table: each line is a place in MerOpenaiSettings */
#include "mer-openai-dialect.h"

typedef enum
{
  KIND_ENUM,
  KIND_STRING,
  KIND_RATE,
  KIND_COUNT,
} Kind;

typedef struct
{
  const char *name;
  Kind kind;
  goffset offset;
  GType (*get_type) (void);
  const char *blurb;
} Property;

#define FIELD(field) G_STRUCT_OFFSET (MerOpenaiSettings, field)
#define SWITCH(which)                                                                      \
  KIND_ENUM, G_STRUCT_OFFSET (MerOpenaiSettings, switches) + (goffset) sizeof (int) * which

static const Property properties[] = {
  { "dialect", KIND_ENUM, FIELD (dialect), mer_openai_dialect_get_type,
    "Whose habits the server has; the properties below change single ones (default: "
    "openai)" },
  { "stream", SWITCH (MER_OPENAI_STREAM), mer_openai_yes_no_get_type,
    "Have the answer streamed, which keeps proxies from closing a connection on which "
    "nothing comes for long (default: auto, true for dashscope)" },
  { "text-output", SWITCH (MER_OPENAI_TEXT_OUTPUT), mer_openai_yes_no_get_type,
    "Tell a model that can speak to answer with text alone: \"modalities\": [\"text\"] "
    "(default: auto, true for dashscope)" },
  { "token-limit-key", SWITCH (MER_OPENAI_TOKEN_KEY), mer_openai_token_key_get_type,
    "Member of the request that carries max-tokens (default: auto)" },
  { "frames-as", SWITCH (MER_OPENAI_FRAMES_AS), mer_openai_frames_as_get_type,
    "How the frames are sent (default: auto)" },
  { "audio-as", SWITCH (MER_OPENAI_AUDIO_AS), mer_openai_audio_as_get_type,
    "How the sound is sent (default: auto)" },
  { "video-as", KIND_ENUM, FIELD (video_as), mer_openai_video_as_get_type,
    "What is shown of a video: the frames that every model is shown, or the clip's own "
    "file, of which the server takes the pictures that it likes (default: frames)" },
  { "whole-video-as", SWITCH (MER_OPENAI_WHOLE_AS), mer_openai_whole_as_get_type,
    "How the clip's own file is sent (default: auto)" },
  { "video-rate", KIND_RATE, FIELD (video_rate), NULL,
    "Pictures a second that the server is to take of a whole video; -1 leaves it to the "
    "server (default: -1)" },
  { "video-rate-as", SWITCH (MER_OPENAI_RATE_AS), mer_openai_rate_as_get_type,
    "Where video-rate is told (default: auto)" },
  { "use-audio-in-video", SWITCH (MER_OPENAI_VIDEO_SOUND), mer_openai_video_sound_get_type,
    "Whether the server is to listen to the sound of a whole video, which is then not sent "
    "beside it (default: auto; dashscope and openrouter always listen)" },
  { "one-modality", KIND_ENUM, FIELD (one_modality), mer_openai_one_modality_get_type,
    "For models that take text and one modality more: what becomes of a sample that would "
    "show pictures and sound (default: off)" },
  { "thinking", KIND_ENUM, FIELD (thinking), mer_openai_thinking_get_type,
    "Whether the model thinks before it answers, and how much (default: auto)" },
  { "thinking-as", SWITCH (MER_OPENAI_THINKING_AS), mer_openai_thinking_as_get_type,
    "How the server is told about thinking (default: auto)" },
  { "temperature-as", SWITCH (MER_OPENAI_TEMPERATURE_AS),
    mer_openai_temperature_as_get_type, "How temperature is sent (default: auto)" },
  { "json-as", SWITCH (MER_OPENAI_JSON_AS), mer_openai_json_as_get_type,
    "How the server is held to answer-format (default: auto)" },
  { "grammar", KIND_STRING, FIELD (grammar), NULL,
    "File with the grammar that the answer is held to, in the server's own notation: GBNF "
    "for llama-server, EBNF for vLLM and SGLang; not together with answer-format (default: "
    "none)" },
  { "system-as", SWITCH (MER_OPENAI_SYSTEM_AS), mer_openai_system_as_get_type,
    "How the system prompt is sent (default: auto)" },
  { "image-detail", KIND_STRING, FIELD (image_detail), NULL,
    "“detail” of an image: low, high, auto, or none to leave it out (default: as the "
    "dialect says)" },
  { "logprobs", KIND_COUNT, FIELD (n_logprobs), NULL,
    "Keep the probability of each token of the answer, with that many alternatives, 1 to "
    "20, in the result's data; 0 asks for none (default: 0)" },
  { "provider", KIND_STRING, FIELD (provider), NULL,
    "OpenRouter: the providers that may answer, in this order, separated by commas, and no "
    "others (default: any)" },
  { "headers", KIND_STRING, FIELD (headers), NULL,
    "JSON object of further headers for every request, such as {\"OpenAI-Organization\": "
    "\"org-…\"}; keys go into api-key-env (default: none)" },
  { "extra", KIND_STRING, FIELD (extra), NULL,
    "JSON object that every request is patched with, as RFC 7386 says: members replace, "
    "objects merge, null removes (default: none)" },
};

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

static GParamSpec *
make_spec (const Property *property)
{
  switch (property->kind)
    {
    case KIND_ENUM:
      gst_type_mark_as_plugin_api (property->get_type (), 0);
      return g_param_spec_enum (property->name, NULL, property->blurb,
                                property->get_type (), 0, FLAGS);
    case KIND_RATE:
      return g_param_spec_double (property->name, NULL, property->blurb, -1, 120, -1,
                                  FLAGS);
    case KIND_COUNT:
      return g_param_spec_uint (property->name, NULL, property->blurb, 0, 20, 0, FLAGS);
    case KIND_STRING:
    default:
      return g_param_spec_string (property->name, NULL, property->blurb, NULL, FLAGS);
    }
}

/**
 * mer_openai_settings_install:
 * @klass: the element's class
 *
 * Installs the properties of #MerOpenaiSettings, ids from 1.
 */
void
mer_openai_settings_install (GObjectClass *klass)
{
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    g_object_class_install_property (klass, i + 1, make_spec (&properties[i]));
}

/**
 * mer_openai_settings_set:
 * @settings: the element's settings
 * @id: of a property, from 1
 * @value: its value
 */
void
mer_openai_settings_set (MerOpenaiSettings *settings, guint id, const GValue *value)
{
  const Property *property = &properties[id - 1];
  gpointer field = G_STRUCT_MEMBER_P (settings, property->offset);

  switch (property->kind)
    {
    case KIND_ENUM:
      *(int *) field = g_value_get_enum (value);
      break;
    case KIND_RATE:
      *(double *) field = g_value_get_double (value);
      break;
    case KIND_COUNT:
      *(guint *) field = g_value_get_uint (value);
      break;
    case KIND_STRING:
      g_free (*(char **) field);
      *(char **) field = g_value_dup_string (value);
      break;
    }
}

/**
 * mer_openai_settings_get:
 * @settings: the element's settings
 * @id: of a property, from 1
 * @value: (out): its value
 */
void
mer_openai_settings_get (const MerOpenaiSettings *settings, guint id, GValue *value)
{
  const Property *property = &properties[id - 1];
  gconstpointer field = G_STRUCT_MEMBER_P (settings, property->offset);

  switch (property->kind)
    {
    case KIND_ENUM:
      g_value_set_enum (value, *(const int *) field);
      break;
    case KIND_RATE:
      g_value_set_double (value, *(const double *) field);
      break;
    case KIND_COUNT:
      g_value_set_uint (value, *(const guint *) field);
      break;
    case KIND_STRING:
      g_value_set_string (value, *(char *const *) field);
      break;
    }
}

/**
 * mer_openai_settings_init:
 * @settings: zeroed settings
 */
void
mer_openai_settings_init (MerOpenaiSettings *settings)
{
  settings->video_rate = -1;
}

/**
 * mer_openai_settings_clear:
 * @settings: settings
 *
 * Frees what they hold.
 */
void
mer_openai_settings_clear (MerOpenaiSettings *settings)
{
  g_clear_pointer (&settings->image_detail, g_free);
  g_clear_pointer (&settings->provider, g_free);
  g_clear_pointer (&settings->grammar, g_free);
  g_clear_pointer (&settings->headers, g_free);
  g_clear_pointer (&settings->extra, g_free);
}
