/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spelt out, not generated: gst-inspect shows the names */
#include "mer-openai-enums.h"

#define DEFINE_ENUM(TypeName, type_name, ...)                                              \
  GType type_name##_get_type (void)                                                        \
  {                                                                                        \
    static gsize type = 0;                                                                 \
    static const GEnumValue values[] = { __VA_ARGS__, { 0, NULL, NULL } };                 \
                                                                                           \
    if (g_once_init_enter (&type))                                                         \
      g_once_init_leave (&type, g_enum_register_static (TypeName, values));                \
    return type;                                                                           \
  }

#define AS_DIALECT "As the dialect says", "auto"

DEFINE_ENUM ("MerOpenaiDialect", mer_openai_dialect,
             { MER_OPENAI_DIALECT_OPENAI, "OpenAI, and what copies it closely", "openai" },
             { MER_OPENAI_DIALECT_RESPONSES, "OpenAI's responses API", "responses" },
             { MER_OPENAI_DIALECT_VLLM, "vLLM and vllm-omni", "vllm" },
             { MER_OPENAI_DIALECT_SGLANG, "SGLang", "sglang" },
             { MER_OPENAI_DIALECT_LMDEPLOY, "LMDeploy", "lmdeploy" },
             { MER_OPENAI_DIALECT_LLAMACPP, "llama-server of llama.cpp", "llamacpp" },
             { MER_OPENAI_DIALECT_LMSTUDIO, "LM Studio", "lmstudio" },
             { MER_OPENAI_DIALECT_DASHSCOPE, "Alibaba Model Studio (Qwen)", "dashscope" },
             { MER_OPENAI_DIALECT_ZHIPU, "Zhipu, Z.ai (GLM)", "zhipu" },
             { MER_OPENAI_DIALECT_MOONSHOT, "Moonshot (Kimi)", "moonshot" },
             { MER_OPENAI_DIALECT_STEPFUN, "StepFun", "stepfun" },
             { MER_OPENAI_DIALECT_DEEPSEEK, "DeepSeek", "deepseek" },
             { MER_OPENAI_DIALECT_OPENROUTER, "OpenRouter", "openrouter" },
             { MER_OPENAI_DIALECT_AZURE, "OpenAI's models at Azure", "azure" },
             { MER_OPENAI_DIALECT_DOUBAO, "Volcano Engine Ark (Doubao)", "doubao" })

DEFINE_ENUM ("MerOpenaiYesNo", mer_openai_yes_no, { MER_OPENAI_AUTO, AS_DIALECT },
             { MER_OPENAI_YES, "Yes", "true" }, { MER_OPENAI_NO, "No", "false" })

DEFINE_ENUM ("MerOpenaiTokenKey", mer_openai_token_key,
             { MER_OPENAI_TOKEN_KEY_AUTO, AS_DIALECT },
             { MER_OPENAI_TOKEN_KEY_MAX_TOKENS, "max_tokens", "max-tokens" },
             { MER_OPENAI_TOKEN_KEY_MAX_COMPLETION_TOKENS, "max_completion_tokens",
               "max-completion-tokens" },
             { MER_OPENAI_TOKEN_KEY_MAX_OUTPUT_TOKENS, "max_output_tokens",
               "max-output-tokens" })

DEFINE_ENUM (
    "MerOpenaiAudioAs", mer_openai_audio_as, { MER_OPENAI_AUDIO_AS_AUTO, AS_DIALECT },
    { MER_OPENAI_AUDIO_AS_NONE, "The server takes no sound", "none" },
    { MER_OPENAI_AUDIO_AS_INPUT_AUDIO, "input_audio: bare base64, format", "input-audio" },
    { MER_OPENAI_AUDIO_AS_INPUT_AUDIO_URL,
      "input_audio: data:audio/wav;base64, without a format", "input-audio-url" },
    { MER_OPENAI_AUDIO_AS_INPUT_AUDIO_UNTYPED, "input_audio: data:;base64, and a format",
      "input-audio-untyped" },
    { MER_OPENAI_AUDIO_AS_AUDIO_URL, "audio_url: data:audio/wav;base64,", "audio-url" })

DEFINE_ENUM ("MerOpenaiFramesAs", mer_openai_frames_as,
             { MER_OPENAI_FRAMES_AS_AUTO, AS_DIALECT },
             { MER_OPENAI_FRAMES_AS_NONE, "The server takes no pictures", "none" },
             { MER_OPENAI_FRAMES_AS_IMAGES, "image_url for each frame", "images" },
             { MER_OPENAI_FRAMES_AS_TIMED_IMAGES,
               "image_url for each frame, after its time", "timed-images" },
             { MER_OPENAI_FRAMES_AS_VIDEO, "One video_url of JPEGs (vLLM, LMDeploy)",
               "video" },
             { MER_OPENAI_FRAMES_AS_VIDEO_LIST,
               "One video with a list of JPEGs "
               "(DashScope)",
               "video-list" })

DEFINE_ENUM ("MerOpenaiVideoAs", mer_openai_video_as,
             { MER_OPENAI_VIDEO_AS_FRAMES, "The frames that every model is shown",
               "frames" },
             { MER_OPENAI_VIDEO_AS_WHOLE, "The clip's own file", "whole" })

DEFINE_ENUM ("MerOpenaiWholeAs", mer_openai_whole_as,
             { MER_OPENAI_WHOLE_AS_AUTO, AS_DIALECT },
             { MER_OPENAI_WHOLE_AS_NONE, "The server takes no files", "none" },
             { MER_OPENAI_WHOLE_AS_VIDEO_URL, "video_url: data:video/mp4;base64,",
               "video-url" },
             { MER_OPENAI_WHOLE_AS_VIDEO_URL_UNTYPED, "video_url: data:;base64,",
               "video-url-untyped" },
             { MER_OPENAI_WHOLE_AS_INPUT_VIDEO, "input_video: bare base64 (llama-server)",
               "input-video" })

DEFINE_ENUM ("MerOpenaiRateAs", mer_openai_rate_as, { MER_OPENAI_RATE_AS_AUTO, AS_DIALECT },
             { MER_OPENAI_RATE_AS_NONE, "The server cannot be told", "none" },
             { MER_OPENAI_RATE_AS_MEDIA_IO, "media_io_kwargs.video", "media-io" },
             { MER_OPENAI_RATE_AS_BESIDE, "fps beside the video", "beside" },
             { MER_OPENAI_RATE_AS_WITHIN, "fps beside the video's url", "within" })

DEFINE_ENUM ("MerOpenaiVideoSound", mer_openai_video_sound,
             { MER_OPENAI_VIDEO_SOUND_AUTO, AS_DIALECT },
             { MER_OPENAI_VIDEO_SOUND_YES, "Told in the dialect's way", "true" },
             { MER_OPENAI_VIDEO_SOUND_NO, "The server does not listen", "false" },
             { MER_OPENAI_VIDEO_SOUND_PROCESSOR, "Told in mm_processor_kwargs",
               "mm-processor" },
             { MER_OPENAI_VIDEO_SOUND_TOP, "Told at the request's top", "top-level" },
             { MER_OPENAI_VIDEO_SOUND_ALWAYS, "The server listens untold", "always" })

DEFINE_ENUM ("MerOpenaiThinking", mer_openai_thinking,
             { MER_OPENAI_THINKING_AUTO, "As the server likes", "auto" },
             { MER_OPENAI_THINKING_OFF, "Answer at once", "off" },
             { MER_OPENAI_THINKING_ON, "Think first", "on" },
             { MER_OPENAI_THINKING_LOW, "Think a little", "low" },
             { MER_OPENAI_THINKING_MEDIUM, "Think some", "medium" },
             { MER_OPENAI_THINKING_HIGH, "Think much", "high" })

DEFINE_ENUM ("MerOpenaiThinkingAs", mer_openai_thinking_as,
             { MER_OPENAI_THINKING_AS_AUTO, AS_DIALECT },
             { MER_OPENAI_THINKING_AS_NONE, "The server cannot be told", "none" },
             { MER_OPENAI_THINKING_AS_EFFORT, "reasoning_effort", "reasoning-effort" },
             { MER_OPENAI_THINKING_AS_TEMPLATE, "chat_template_kwargs.enable_thinking",
               "template-enable-thinking" },
             { MER_OPENAI_THINKING_AS_TEMPLATE_SHORT, "chat_template_kwargs.thinking",
               "template-thinking" },
             { MER_OPENAI_THINKING_AS_OBJECT, "thinking.type", "thinking-object" },
             { MER_OPENAI_THINKING_AS_ENABLE, "enable_thinking", "enable-thinking" },
             { MER_OPENAI_THINKING_AS_REASONING, "reasoning.enabled, reasoning.effort",
               "reasoning-object" })

DEFINE_ENUM ("MerOpenaiTemperatureAs", mer_openai_temperature_as,
             { MER_OPENAI_TEMPERATURE_AS_AUTO, AS_DIALECT },
             { MER_OPENAI_TEMPERATURE_AS_SENT, "temperature", "sent" },
             { MER_OPENAI_TEMPERATURE_AS_OMITTED, "Never sent", "omitted" },
             { MER_OPENAI_TEMPERATURE_AS_DO_SAMPLE,
               "do_sample for 0, temperature to 1 else", "do-sample" },
             { MER_OPENAI_TEMPERATURE_AS_UNLESS_THINKING, "Sent only with thinking=off",
               "unless-thinking" })

DEFINE_ENUM ("MerOpenaiJsonAs", mer_openai_json_as, { MER_OPENAI_JSON_AS_AUTO, AS_DIALECT },
             { MER_OPENAI_JSON_AS_NONE, "The prompt alone asks for it", "none" },
             { MER_OPENAI_JSON_AS_OBJECT, "json_object, for schemas too", "json-object" },
             { MER_OPENAI_JSON_AS_SCHEMA, "json_object or json_schema", "json-schema" },
             { MER_OPENAI_JSON_AS_SCHEMA_ONLY, "json_schema, for any object too",
               "json-schema-only" },
             { MER_OPENAI_JSON_AS_STRUCTURED_OUTPUTS, "structured_outputs (vLLM)",
               "structured-outputs" },
             { MER_OPENAI_JSON_AS_TOP, "json_schema at the top (llama-server)",
               "top-level" })

DEFINE_ENUM ("MerOpenaiSystemAs", mer_openai_system_as,
             { MER_OPENAI_SYSTEM_AS_AUTO, AS_DIALECT },
             { MER_OPENAI_SYSTEM_AS_SYSTEM, "A message of the role system", "system" },
             { MER_OPENAI_SYSTEM_AS_DEVELOPER, "A message of the role developer",
               "developer" },
             { MER_OPENAI_SYSTEM_AS_USER, "Before the prompt", "user" })

DEFINE_ENUM ("MerOpenaiOneModality", mer_openai_one_modality,
             { MER_OPENAI_ONE_MODALITY_OFF, "Pictures and sound go together", "off" },
             { MER_OPENAI_ONE_MODALITY_REFUSE, "A sample that would show both fails",
               "refuse" },
             { MER_OPENAI_ONE_MODALITY_WHOLE,
               "A sample that would show both shows its "
               "video file",
               "whole" })
