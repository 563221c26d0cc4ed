/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what each server wants, one line each; README.md says why */
#include "mer-openai-dialect.h"

#define SWITCHES(stream, text, token, frames, audio, whole, rate, sound, thinking, temp,   \
                 json)                                                                     \
  {                                                                                        \
    [MER_OPENAI_STREAM] = MER_OPENAI_##stream,                                             \
    [MER_OPENAI_TEXT_OUTPUT] = MER_OPENAI_##text,                                          \
    [MER_OPENAI_TOKEN_KEY] = MER_OPENAI_TOKEN_KEY_MAX_##token##TOKENS,                     \
    [MER_OPENAI_FRAMES_AS] = MER_OPENAI_FRAMES_AS_##frames,                                \
    [MER_OPENAI_AUDIO_AS] = MER_OPENAI_AUDIO_AS_##audio,                                   \
    [MER_OPENAI_WHOLE_AS] = MER_OPENAI_WHOLE_AS_##whole,                                   \
    [MER_OPENAI_RATE_AS] = MER_OPENAI_RATE_AS_##rate,                                      \
    [MER_OPENAI_VIDEO_SOUND] = MER_OPENAI_VIDEO_SOUND_##sound,                             \
    [MER_OPENAI_THINKING_AS] = MER_OPENAI_THINKING_AS_##thinking,                          \
    [MER_OPENAI_TEMPERATURE_AS] = MER_OPENAI_TEMPERATURE_AS_##temp,                        \
    [MER_OPENAI_JSON_AS] = MER_OPENAI_JSON_AS_##json,                                      \
    [MER_OPENAI_SYSTEM_AS] = MER_OPENAI_SYSTEM_AS_SYSTEM,                                  \
  }

/* clang-format off: a table reads across */
/*                 stream text  token        frames      audio                whole rate
 * sound   thinking   temperature      JSON */
static const MerOpenaiHabits habits[MER_OPENAI_N_DIALECTS] = {
  /* newer models refuse max_tokens, and "auto" detail means full size on some */
  [MER_OPENAI_DIALECT_OPENAI]
  = { SWITCHES (NO, NO, COMPLETION_, IMAGES, INPUT_AUDIO, NONE, NONE, NO, EFFORT, SENT,
                SCHEMA),
      .uri = "https://api.openai.com/v1", .image_detail = "high" },
  [MER_OPENAI_DIALECT_RESPONSES]
  = { SWITCHES (NO, NO, OUTPUT_, IMAGES, NONE, NONE, NONE, NO, EFFORT, SENT, SCHEMA),
      .uri = "https://api.openai.com/v1", .is_responses = TRUE, .image_detail = "high" },
  /* the models' own files set sampling that makes greedy decoding something else */
  [MER_OPENAI_DIALECT_VLLM]
  = { SWITCHES (NO, NO, , IMAGES, INPUT_AUDIO, VIDEO_URL, MEDIA_IO, NO, TEMPLATE, SENT,
                SCHEMA),
      .sound_flag = MER_OPENAI_VIDEO_SOUND_PROCESSOR,
      .extra = "{\"top_p\": 1, \"top_k\": -1, \"repetition_penalty\": 1}" },
  [MER_OPENAI_DIALECT_SGLANG]
  = { SWITCHES (NO, NO, , IMAGES, AUDIO_URL, VIDEO_URL, BESIDE, NO, TEMPLATE, SENT, SCHEMA),
      .sound_flag = MER_OPENAI_VIDEO_SOUND_TOP,
      .extra = "{\"top_p\": 1, \"top_k\": -1, \"repetition_penalty\": 1}" },
  [MER_OPENAI_DIALECT_LMDEPLOY]
  = { SWITCHES (NO, NO, COMPLETION_, IMAGES, AUDIO_URL, VIDEO_URL, MEDIA_IO, NO, TEMPLATE,
                SENT, SCHEMA),
      .extra = "{\"top_p\": 1, \"repetition_penalty\": 1}" },
  /* answers depend on what the slot held before unless the cache is off; json_object alone
   * binds it to nothing */
  [MER_OPENAI_DIALECT_LLAMACPP]
  = { SWITCHES (NO, NO, , IMAGES, INPUT_AUDIO, INPUT_VIDEO, NONE, NO, TEMPLATE, SENT,
                SCHEMA_ONLY),
      .grammar_member = "grammar", .extra = "{\"cache_prompt\": false}" },
  /* refuses json_object */
  [MER_OPENAI_DIALECT_LMSTUDIO]
  = { SWITCHES (NO, NO, , IMAGES, NONE, NONE, NONE, NO, NONE, SENT, SCHEMA_ONLY) },
  /* Qwen-Omni answers in streams alone, and with speech, billed, unless told otherwise */
  [MER_OPENAI_DIALECT_DASHSCOPE]
  = { SWITCHES (YES, YES, , VIDEO_LIST, INPUT_AUDIO_UNTYPED, VIDEO_URL_UNTYPED, BESIDE,
                ALWAYS, ENABLE, SENT, SCHEMA),
      .uri = "https://dashscope.aliyuncs.com/compatible-mode/v1" },
  [MER_OPENAI_DIALECT_ZHIPU]
  = { SWITCHES (NO, NO, , IMAGES, NONE, VIDEO_URL, NONE, NO, OBJECT, DO_SAMPLE, OBJECT),
      .uri = "https://open.bigmodel.cn/api/paas/v4" },
  /* while a model thinks its temperature is fixed, and any other refused */
  [MER_OPENAI_DIALECT_MOONSHOT] = { SWITCHES (NO, NO, , IMAGES, NONE, VIDEO_URL, NONE, NO,
                                              OBJECT, UNLESS_THINKING, SCHEMA),
                                    .uri = "https://api.moonshot.ai/v1" },
  /* the usual detail is low; a whole video must stand on the web */
  [MER_OPENAI_DIALECT_STEPFUN]
  = { SWITCHES (NO, NO, , IMAGES, INPUT_AUDIO_URL, NONE, NONE, NO, NONE, SENT, SCHEMA),
      .uri = "https://api.stepfun.com/v1", .image_detail = "high" },
  [MER_OPENAI_DIALECT_DEEPSEEK]
  = { SWITCHES (NO, NO, , NONE, NONE, NONE, NONE, NO, OBJECT, SENT, OBJECT),
      .uri = "https://api.deepseek.com" },
  /* without require_parameters a provider drops silently what it does not know */
  [MER_OPENAI_DIALECT_OPENROUTER]
  = { SWITCHES (NO, NO, , IMAGES, INPUT_AUDIO, VIDEO_URL, NONE, ALWAYS, REASONING, SENT,
                SCHEMA),
      .uri = "https://openrouter.ai/api/v1",
      .extra = "{\"provider\": {\"require_parameters\": true}}" },
  [MER_OPENAI_DIALECT_AZURE] = { SWITCHES (NO, NO, COMPLETION_, IMAGES, INPUT_AUDIO, NONE,
                                           NONE, NO, EFFORT, SENT, SCHEMA),
                                 .bare_key = TRUE, .image_detail = "high" },
  [MER_OPENAI_DIALECT_DOUBAO]
  = { SWITCHES (NO, NO, , IMAGES, NONE, VIDEO_URL, WITHIN, NO, OBJECT, SENT, SCHEMA),
      .uri = "https://ark.cn-beijing.volces.com/api/v3" },
};
/* clang-format on */

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
