/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-openai-dialect.h"

/* a server with other habits gets a line here and a value above */
static const MerOpenaiHabits habits[] = {
  /* newer OpenAI models refuse max_tokens, and "auto" detail means full size on some */
  [MER_OPENAI_DIALECT_OPENAI]
  = { MER_OPENAI_TOKEN_KEY_MAX_COMPLETION_TOKENS, MER_OPENAI_AUDIO_AS_INPUT_AUDIO,
      MER_OPENAI_FRAMES_AS_IMAGES, "high", NULL },
  /* the models' own files set sampling that makes greedy decoding something else */
  [MER_OPENAI_DIALECT_VLLM]
  = { MER_OPENAI_TOKEN_KEY_MAX_TOKENS, MER_OPENAI_AUDIO_AS_INPUT_AUDIO,
      MER_OPENAI_FRAMES_AS_IMAGES, NULL,
      "{\"top_p\": 1, \"top_k\": -1, \"repetition_penalty\": 1}" },
  /* answers depend on what the slot held before unless the cache is off */
  [MER_OPENAI_DIALECT_LLAMACPP]
  = { MER_OPENAI_TOKEN_KEY_MAX_TOKENS, MER_OPENAI_AUDIO_AS_INPUT_AUDIO,
      MER_OPENAI_FRAMES_AS_IMAGES, NULL, "{\"cache_prompt\": false}" },
};

/**
 * mer_openai_dialect_get_habits:
 * @dialect: a dialect
 *
 * Returns: (transfer none): what servers of that dialect want
 */
const MerOpenaiHabits *
mer_openai_dialect_get_habits (MerOpenaiDialect dialect)
{
  return &habits[dialect];
}

#define DEFINE_ENUM(TypeName, type_name)                                                   \
  GType type_name##_get_type (void)                                                        \
  {                                                                                        \
    static GType type = 0;                                                                 \
    if (g_once_init_enter (&type))                                                         \
      g_once_init_leave (&type, g_enum_register_static (TypeName, type_name##_values));    \
    return type;                                                                           \
  }

static const GEnumValue mer_openai_dialect_values[] = {
  { MER_OPENAI_DIALECT_OPENAI, "OpenAI, and what copies it closely", "openai" },
  { MER_OPENAI_DIALECT_VLLM, "vLLM", "vllm" },
  { MER_OPENAI_DIALECT_LLAMACPP, "llama-server of llama.cpp", "llamacpp" },
  { 0, NULL, NULL },
};
static const GEnumValue mer_openai_token_key_values[] = {
  { MER_OPENAI_TOKEN_KEY_AUTO, "As the dialect says", "auto" },
  { MER_OPENAI_TOKEN_KEY_MAX_TOKENS, "max_tokens", "max-tokens" },
  { MER_OPENAI_TOKEN_KEY_MAX_COMPLETION_TOKENS, "max_completion_tokens",
    "max-completion-tokens" },
  { 0, NULL, NULL },
};
static const GEnumValue mer_openai_audio_as_values[] = {
  { MER_OPENAI_AUDIO_AS_AUTO, "As the dialect says", "auto" },
  { MER_OPENAI_AUDIO_AS_INPUT_AUDIO, "input_audio with bare base64", "input-audio" },
  { MER_OPENAI_AUDIO_AS_INPUT_AUDIO_URL, "input_audio with a data URL", "input-audio-url" },
  { MER_OPENAI_AUDIO_AS_AUDIO_URL, "audio_url with a data URL", "audio-url" },
  { 0, NULL, NULL },
};
static const GEnumValue mer_openai_frames_as_values[] = {
  { MER_OPENAI_FRAMES_AS_AUTO, "As the dialect says", "auto" },
  { MER_OPENAI_FRAMES_AS_IMAGES, "image_url for each frame", "images" },
  { MER_OPENAI_FRAMES_AS_TIMED_IMAGES, "image_url for each frame, after its time",
    "timed-images" },
  { MER_OPENAI_FRAMES_AS_VIDEO, "one video_url of JPEGs (vLLM, LMDeploy)", "video" },
  { 0, NULL, NULL },
};

DEFINE_ENUM ("MerOpenaiDialect", mer_openai_dialect)
DEFINE_ENUM ("MerOpenaiTokenKey", mer_openai_token_key)
DEFINE_ENUM ("MerOpenaiAudioAs", mer_openai_audio_as)
DEFINE_ENUM ("MerOpenaiFramesAs", mer_openai_frames_as)
