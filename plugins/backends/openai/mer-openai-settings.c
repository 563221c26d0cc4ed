/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* the element's own properties, a table: each line is a place in MerOpenaiSettings */
#include "mer-openai-dialect.h"

#define FIELD(field) G_STRUCT_OFFSET (MerOpenaiSettings, field)
#define SWITCH(which)                                                                      \
  G_STRUCT_OFFSET (MerOpenaiSettings, switches) + (goffset) sizeof (int) * which,          \
      MER_FIELD_ENUM

static const MerField fields[] = {
  { "dialect",
    "Whose habits the server has; the properties below change single ones (default: "
    "openai)",
    FIELD (dialect), MER_FIELD_ENUM, mer_openai_dialect_get_type },
  { "stream",
    "Have the answer streamed, which keeps proxies from closing a connection on which "
    "nothing comes for long (default: auto, true for dashscope)",
    SWITCH (MER_OPENAI_STREAM), mer_openai_yes_no_get_type },
  { "text-output",
    "Tell a model that can speak to answer with text alone: \"modalities\": [\"text\"] "
    "(default: auto, true for dashscope)",
    SWITCH (MER_OPENAI_TEXT_OUTPUT), mer_openai_yes_no_get_type },
  { "token-limit-key", "Member of the request that carries max-tokens (default: auto)",
    SWITCH (MER_OPENAI_TOKEN_KEY), mer_openai_token_key_get_type },
  { "frames-as", "How the frames are sent (default: auto)", SWITCH (MER_OPENAI_FRAMES_AS),
    mer_openai_frames_as_get_type },
  { "audio-as", "How the sound is sent (default: auto)", SWITCH (MER_OPENAI_AUDIO_AS),
    mer_openai_audio_as_get_type },
  { "video-as",
    "What is shown of a video: the frames that every model is shown, or the clip's own "
    "file, of which the server takes the pictures that it likes (default: frames)",
    FIELD (video_as), MER_FIELD_ENUM, mer_openai_video_as_get_type },
  { "whole-video-as", "How the clip's own file is sent (default: auto)",
    SWITCH (MER_OPENAI_WHOLE_AS), mer_openai_whole_as_get_type },
  { "video-rate",
    "Pictures a second that the server is to take of a whole video; -1 leaves it to the "
    "server (default: -1)",
    FIELD (video_rate), MER_FIELD_DOUBLE, NULL, -1, 120, -1 },
  { "video-rate-as", "Where video-rate is told (default: auto)",
    SWITCH (MER_OPENAI_RATE_AS), mer_openai_rate_as_get_type },
  { "use-audio-in-video",
    "Whether the server is to listen to the sound of a whole video, which is then not sent "
    "beside it (default: auto; dashscope and openrouter always listen)",
    SWITCH (MER_OPENAI_VIDEO_SOUND), mer_openai_video_sound_get_type },
  { "one-modality",
    "For models that take text and one modality more: what becomes of a sample that would "
    "show pictures and sound (default: off)",
    FIELD (one_modality), MER_FIELD_ENUM, mer_openai_one_modality_get_type },
  { "thinking", "Whether the model thinks before it answers, and how much (default: auto)",
    FIELD (thinking), MER_FIELD_ENUM, mer_openai_thinking_get_type },
  { "thinking-as", "How the server is told about thinking (default: auto)",
    SWITCH (MER_OPENAI_THINKING_AS), mer_openai_thinking_as_get_type },
  { "temperature-as", "How temperature is sent (default: auto)",
    SWITCH (MER_OPENAI_TEMPERATURE_AS), mer_openai_temperature_as_get_type },
  { "json-as", "How the server is held to answer-format (default: auto)",
    SWITCH (MER_OPENAI_JSON_AS), mer_openai_json_as_get_type },
  { "grammar",
    "File with the grammar that the answer is held to, in the server's own notation: GBNF "
    "for llama-server, EBNF for vLLM and SGLang; not together with answer-format (default: "
    "none)",
    FIELD (grammar), MER_FIELD_STRING },
  { "system-as", "How the system prompt is sent (default: auto)",
    SWITCH (MER_OPENAI_SYSTEM_AS), mer_openai_system_as_get_type },
  { "image-detail",
    "“detail” of an image: low, high, auto, or none to leave it out (default: as the "
    "dialect says)",
    FIELD (image_detail), MER_FIELD_STRING },
  { "logprobs",
    "Keep the probability of each token of the answer, with that many alternatives, 1 to "
    "20, in the result's data; 0 asks for none (default: 0)",
    FIELD (n_logprobs), MER_FIELD_UINT, NULL, 0, 20, 0 },
  { "provider",
    "OpenRouter: the providers that may answer, in this order, separated by commas, and no "
    "others (default: any)",
    FIELD (provider), MER_FIELD_STRING },
  { "headers",
    "JSON object of further headers for every request, such as {\"OpenAI-Organization\": "
    "\"org-…\"}; keys go into api-key-env (default: none)",
    FIELD (headers), MER_FIELD_STRING },
  { "extra",
    "JSON object that every request is patched with, as RFC 7386 says: members replace, "
    "objects merge, null removes (default: none)",
    FIELD (extra), MER_FIELD_STRING },
};

/**
 * mer_openai_settings_install:
 * @klass: the element's class
 *
 * Installs the properties of #MerOpenaiSettings, ids from 1.
 */
void
mer_openai_settings_install (GObjectClass *klass)
{
  mer_fields_install (klass, fields, G_N_ELEMENTS (fields));
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
  mer_fields_set (settings, fields, id, value);
}

/**
 * mer_openai_settings_get:
 * @settings: the element's settings
 * @id: of a property, from 1
 * @value: (out): its value
 */
void
mer_openai_settings_get (MerOpenaiSettings *settings, guint id, GValue *value)
{
  mer_fields_get (settings, fields, id, value);
}

/**
 * mer_openai_settings_init:
 * @settings: zeroed settings
 */
void
mer_openai_settings_init (MerOpenaiSettings *settings)
{
  mer_fields_init (settings, fields, G_N_ELEMENTS (fields));
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
  mer_fields_clear (settings, fields, G_N_ELEMENTS (fields));
}
