/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * MerOpenaiDialect:
 * @MER_OPENAI_DIALECT_OPENAI: OpenAI's chat completions, and what copies them closely
 * @MER_OPENAI_DIALECT_RESPONSES: OpenAI's responses
 * @MER_OPENAI_DIALECT_VLLM: vLLM, with vllm-omni
 * @MER_OPENAI_DIALECT_SGLANG: SGLang
 * @MER_OPENAI_DIALECT_LMDEPLOY: LMDeploy
 * @MER_OPENAI_DIALECT_LLAMACPP: llama-server of llama.cpp
 * @MER_OPENAI_DIALECT_LMSTUDIO: LM Studio
 * @MER_OPENAI_DIALECT_DASHSCOPE: Alibaba's Model Studio: Qwen-Omni, Qwen-VL
 * @MER_OPENAI_DIALECT_ZHIPU: Zhipu, also as Z.ai: GLM
 * @MER_OPENAI_DIALECT_MOONSHOT: Moonshot: Kimi
 * @MER_OPENAI_DIALECT_STEPFUN: StepFun
 * @MER_OPENAI_DIALECT_DEEPSEEK: DeepSeek
 * @MER_OPENAI_DIALECT_OPENROUTER: OpenRouter
 * @MER_OPENAI_DIALECT_AZURE: OpenAI's models at Azure
 * @MER_OPENAI_DIALECT_DOUBAO: Volcano Engine's Ark: Doubao
 *
 * Whose habits a server has.
 */
typedef enum
{
  MER_OPENAI_DIALECT_OPENAI,
  MER_OPENAI_DIALECT_RESPONSES,
  MER_OPENAI_DIALECT_VLLM,
  MER_OPENAI_DIALECT_SGLANG,
  MER_OPENAI_DIALECT_LMDEPLOY,
  MER_OPENAI_DIALECT_LLAMACPP,
  MER_OPENAI_DIALECT_LMSTUDIO,
  MER_OPENAI_DIALECT_DASHSCOPE,
  MER_OPENAI_DIALECT_ZHIPU,
  MER_OPENAI_DIALECT_MOONSHOT,
  MER_OPENAI_DIALECT_STEPFUN,
  MER_OPENAI_DIALECT_DEEPSEEK,
  MER_OPENAI_DIALECT_OPENROUTER,
  MER_OPENAI_DIALECT_AZURE,
  MER_OPENAI_DIALECT_DOUBAO,
  MER_OPENAI_N_DIALECTS,
} MerOpenaiDialect;

/* every enumeration of a switch has `auto` at zero: as the dialect says */

/**
 * MerOpenaiYesNo:
 * @MER_OPENAI_AUTO: as the dialect says
 * @MER_OPENAI_YES: yes
 * @MER_OPENAI_NO: no
 *
 * %TRUE is @MER_OPENAI_YES.
 */
typedef enum
{
  MER_OPENAI_AUTO,
  MER_OPENAI_YES,
  MER_OPENAI_NO,
} MerOpenaiYesNo;

/**
 * MerOpenaiTokenKey:
 * @MER_OPENAI_TOKEN_KEY_AUTO: as the dialect says
 * @MER_OPENAI_TOKEN_KEY_MAX_TOKENS: `max_tokens`
 * @MER_OPENAI_TOKEN_KEY_MAX_COMPLETION_TOKENS: `max_completion_tokens`
 * @MER_OPENAI_TOKEN_KEY_MAX_OUTPUT_TOKENS: `max_output_tokens`
 *
 * The member that bounds the answer.
 */
typedef enum
{
  MER_OPENAI_TOKEN_KEY_AUTO,
  MER_OPENAI_TOKEN_KEY_MAX_TOKENS,
  MER_OPENAI_TOKEN_KEY_MAX_COMPLETION_TOKENS,
  MER_OPENAI_TOKEN_KEY_MAX_OUTPUT_TOKENS,
} MerOpenaiTokenKey;

/**
 * MerOpenaiAudioAs:
 * @MER_OPENAI_AUDIO_AS_AUTO: as the dialect says
 * @MER_OPENAI_AUDIO_AS_NONE: the server takes no sound
 * @MER_OPENAI_AUDIO_AS_INPUT_AUDIO: an `input_audio` part: bare base64, `format`
 * @MER_OPENAI_AUDIO_AS_INPUT_AUDIO_URL: an `input_audio` part: `data:audio/wav;base64,`, no
 *   `format`
 * @MER_OPENAI_AUDIO_AS_INPUT_AUDIO_UNTYPED: an `input_audio` part: `data:;base64,`,
 * `format`
 * @MER_OPENAI_AUDIO_AS_AUDIO_URL: an `audio_url` part: `data:audio/wav;base64,`
 *
 * How the sound is sent.
 */
typedef enum
{
  MER_OPENAI_AUDIO_AS_AUTO,
  MER_OPENAI_AUDIO_AS_NONE,
  MER_OPENAI_AUDIO_AS_INPUT_AUDIO,
  MER_OPENAI_AUDIO_AS_INPUT_AUDIO_URL,
  MER_OPENAI_AUDIO_AS_INPUT_AUDIO_UNTYPED,
  MER_OPENAI_AUDIO_AS_AUDIO_URL,
} MerOpenaiAudioAs;

/**
 * MerOpenaiFramesAs:
 * @MER_OPENAI_FRAMES_AS_AUTO: as the dialect says
 * @MER_OPENAI_FRAMES_AS_NONE: the server takes no pictures
 * @MER_OPENAI_FRAMES_AS_IMAGES: an `image_url` part for each frame
 * @MER_OPENAI_FRAMES_AS_TIMED_IMAGES: the same, each after a text part with its time
 * @MER_OPENAI_FRAMES_AS_VIDEO: one `video_url` part of comma-separated JPEGs, which vLLM
 *   and LMDeploy read
 * @MER_OPENAI_FRAMES_AS_VIDEO_LIST: one `video` part with a list of JPEGs, which DashScope
 *   reads
 *
 * How the frames are sent.
 */
typedef enum
{
  MER_OPENAI_FRAMES_AS_AUTO,
  MER_OPENAI_FRAMES_AS_NONE,
  MER_OPENAI_FRAMES_AS_IMAGES,
  MER_OPENAI_FRAMES_AS_TIMED_IMAGES,
  MER_OPENAI_FRAMES_AS_VIDEO,
  MER_OPENAI_FRAMES_AS_VIDEO_LIST,
} MerOpenaiFramesAs;

/**
 * MerOpenaiVideoAs:
 * @MER_OPENAI_VIDEO_AS_FRAMES: the frames that every model is shown
 * @MER_OPENAI_VIDEO_AS_WHOLE: the clip's own file, of which the server takes what it likes
 *
 * What a model is shown of a video.
 */
typedef enum
{
  MER_OPENAI_VIDEO_AS_FRAMES,
  MER_OPENAI_VIDEO_AS_WHOLE,
} MerOpenaiVideoAs;

/**
 * MerOpenaiWholeAs:
 * @MER_OPENAI_WHOLE_AS_AUTO: as the dialect says
 * @MER_OPENAI_WHOLE_AS_NONE: the server takes no files
 * @MER_OPENAI_WHOLE_AS_VIDEO_URL: a `video_url` part: `data:video/mp4;base64,`
 * @MER_OPENAI_WHOLE_AS_VIDEO_URL_UNTYPED: a `video_url` part: `data:;base64,`
 * @MER_OPENAI_WHOLE_AS_INPUT_VIDEO: an `input_video` part: bare base64
 *
 * How a clip's own file is sent.
 */
typedef enum
{
  MER_OPENAI_WHOLE_AS_AUTO,
  MER_OPENAI_WHOLE_AS_NONE,
  MER_OPENAI_WHOLE_AS_VIDEO_URL,
  MER_OPENAI_WHOLE_AS_VIDEO_URL_UNTYPED,
  MER_OPENAI_WHOLE_AS_INPUT_VIDEO,
} MerOpenaiWholeAs;

/**
 * MerOpenaiRateAs:
 * @MER_OPENAI_RATE_AS_AUTO: as the dialect says
 * @MER_OPENAI_RATE_AS_NONE: the server cannot be told
 * @MER_OPENAI_RATE_AS_MEDIA_IO: `media_io_kwargs.video` of the request
 * @MER_OPENAI_RATE_AS_BESIDE: `fps` beside the video, in its part
 * @MER_OPENAI_RATE_AS_WITHIN: `fps` beside `url`, in the part's own object
 *
 * Where the pictures a second that a server takes of a whole video stand.
 */
typedef enum
{
  MER_OPENAI_RATE_AS_AUTO,
  MER_OPENAI_RATE_AS_NONE,
  MER_OPENAI_RATE_AS_MEDIA_IO,
  MER_OPENAI_RATE_AS_BESIDE,
  MER_OPENAI_RATE_AS_WITHIN,
} MerOpenaiRateAs;

/**
 * MerOpenaiVideoSound:
 * @MER_OPENAI_VIDEO_SOUND_AUTO: as the dialect says
 * @MER_OPENAI_VIDEO_SOUND_YES: the server is told to listen, in the dialect's way
 * @MER_OPENAI_VIDEO_SOUND_NO: the server does not listen; the sound goes beside the video
 * @MER_OPENAI_VIDEO_SOUND_PROCESSOR: told in `mm_processor_kwargs`
 * @MER_OPENAI_VIDEO_SOUND_TOP: told at the request's top
 * @MER_OPENAI_VIDEO_SOUND_ALWAYS: the server listens without being told
 *
 * Whether a server listens to the sound of a whole video.
 */
typedef enum
{
  MER_OPENAI_VIDEO_SOUND_AUTO,
  MER_OPENAI_VIDEO_SOUND_YES,
  MER_OPENAI_VIDEO_SOUND_NO,
  MER_OPENAI_VIDEO_SOUND_PROCESSOR,
  MER_OPENAI_VIDEO_SOUND_TOP,
  MER_OPENAI_VIDEO_SOUND_ALWAYS,
} MerOpenaiVideoSound;

/**
 * MerOpenaiThinking:
 * @MER_OPENAI_THINKING_AUTO: as the server likes; nothing is sent
 * @MER_OPENAI_THINKING_OFF: answer at once
 * @MER_OPENAI_THINKING_ON: think first
 * @MER_OPENAI_THINKING_LOW: think a little
 * @MER_OPENAI_THINKING_MEDIUM: think some
 * @MER_OPENAI_THINKING_HIGH: think much
 *
 * Whether and how much a model thinks before it answers.
 */
typedef enum
{
  MER_OPENAI_THINKING_AUTO,
  MER_OPENAI_THINKING_OFF,
  MER_OPENAI_THINKING_ON,
  MER_OPENAI_THINKING_LOW,
  MER_OPENAI_THINKING_MEDIUM,
  MER_OPENAI_THINKING_HIGH,
} MerOpenaiThinking;

/**
 * MerOpenaiThinkingAs:
 * @MER_OPENAI_THINKING_AS_AUTO: as the dialect says
 * @MER_OPENAI_THINKING_AS_NONE: the server cannot be told
 * @MER_OPENAI_THINKING_AS_EFFORT: `reasoning_effort`; `reasoning.effort` in responses
 * @MER_OPENAI_THINKING_AS_TEMPLATE: `chat_template_kwargs.enable_thinking`
 * @MER_OPENAI_THINKING_AS_TEMPLATE_SHORT: `chat_template_kwargs.thinking`
 * @MER_OPENAI_THINKING_AS_OBJECT: `thinking.type`
 * @MER_OPENAI_THINKING_AS_ENABLE: `enable_thinking`
 * @MER_OPENAI_THINKING_AS_REASONING: `reasoning.enabled` and `reasoning.effort`
 *
 * How a server is told to think or not.
 */
typedef enum
{
  MER_OPENAI_THINKING_AS_AUTO,
  MER_OPENAI_THINKING_AS_NONE,
  MER_OPENAI_THINKING_AS_EFFORT,
  MER_OPENAI_THINKING_AS_TEMPLATE,
  MER_OPENAI_THINKING_AS_TEMPLATE_SHORT,
  MER_OPENAI_THINKING_AS_OBJECT,
  MER_OPENAI_THINKING_AS_ENABLE,
  MER_OPENAI_THINKING_AS_REASONING,
} MerOpenaiThinkingAs;

/**
 * MerOpenaiTemperatureAs:
 * @MER_OPENAI_TEMPERATURE_AS_AUTO: as the dialect says
 * @MER_OPENAI_TEMPERATURE_AS_SENT: `temperature`
 * @MER_OPENAI_TEMPERATURE_AS_OMITTED: never sent
 * @MER_OPENAI_TEMPERATURE_AS_DO_SAMPLE: `do_sample: false` for 0, else `temperature`, which
 *   may be no more than 1
 * @MER_OPENAI_TEMPERATURE_AS_UNLESS_THINKING: sent only where thinking is off
 *
 * How the temperature is sent.
 */
typedef enum
{
  MER_OPENAI_TEMPERATURE_AS_AUTO,
  MER_OPENAI_TEMPERATURE_AS_SENT,
  MER_OPENAI_TEMPERATURE_AS_OMITTED,
  MER_OPENAI_TEMPERATURE_AS_DO_SAMPLE,
  MER_OPENAI_TEMPERATURE_AS_UNLESS_THINKING,
} MerOpenaiTemperatureAs;

/**
 * MerOpenaiJsonAs:
 * @MER_OPENAI_JSON_AS_AUTO: as the dialect says
 * @MER_OPENAI_JSON_AS_NONE: the prompt alone asks for JSON
 * @MER_OPENAI_JSON_AS_OBJECT: `response_format` of `json_object`, for schemas too
 * @MER_OPENAI_JSON_AS_SCHEMA: `response_format` of `json_object` or `json_schema`
 * @MER_OPENAI_JSON_AS_SCHEMA_ONLY: `response_format` of `json_schema`, for any object too
 * @MER_OPENAI_JSON_AS_STRUCTURED_OUTPUTS: `structured_outputs` of vLLM
 * @MER_OPENAI_JSON_AS_TOP: `json_schema` of llama-server at the request's top
 *
 * How a server is held to JSON.
 */
typedef enum
{
  MER_OPENAI_JSON_AS_AUTO,
  MER_OPENAI_JSON_AS_NONE,
  MER_OPENAI_JSON_AS_OBJECT,
  MER_OPENAI_JSON_AS_SCHEMA,
  MER_OPENAI_JSON_AS_SCHEMA_ONLY,
  MER_OPENAI_JSON_AS_STRUCTURED_OUTPUTS,
  MER_OPENAI_JSON_AS_TOP,
} MerOpenaiJsonAs;

/**
 * MerOpenaiSystemAs:
 * @MER_OPENAI_SYSTEM_AS_AUTO: as the dialect says
 * @MER_OPENAI_SYSTEM_AS_SYSTEM: a message of the role `system`
 * @MER_OPENAI_SYSTEM_AS_DEVELOPER: a message of the role `developer`
 * @MER_OPENAI_SYSTEM_AS_USER: before the prompt, for models that know no system role
 *
 * How the system prompt is sent.
 */
typedef enum
{
  MER_OPENAI_SYSTEM_AS_AUTO,
  MER_OPENAI_SYSTEM_AS_SYSTEM,
  MER_OPENAI_SYSTEM_AS_DEVELOPER,
  MER_OPENAI_SYSTEM_AS_USER,
} MerOpenaiSystemAs;

/**
 * MerOpenaiOneModality:
 * @MER_OPENAI_ONE_MODALITY_OFF: the model takes pictures and sound together
 * @MER_OPENAI_ONE_MODALITY_REFUSE: a sample that would show both fails, saying so
 * @MER_OPENAI_ONE_MODALITY_WHOLE: a sample that would show both shows its video file
 *
 * What is done for a model that takes text and one modality more.
 */
typedef enum
{
  MER_OPENAI_ONE_MODALITY_OFF,
  MER_OPENAI_ONE_MODALITY_REFUSE,
  MER_OPENAI_ONE_MODALITY_WHOLE,
} MerOpenaiOneModality;

GType mer_openai_dialect_get_type (void);
GType mer_openai_yes_no_get_type (void);
GType mer_openai_token_key_get_type (void);
GType mer_openai_audio_as_get_type (void);
GType mer_openai_frames_as_get_type (void);
GType mer_openai_video_as_get_type (void);
GType mer_openai_whole_as_get_type (void);
GType mer_openai_rate_as_get_type (void);
GType mer_openai_video_sound_get_type (void);
GType mer_openai_thinking_get_type (void);
GType mer_openai_thinking_as_get_type (void);
GType mer_openai_temperature_as_get_type (void);
GType mer_openai_json_as_get_type (void);
GType mer_openai_system_as_get_type (void);
GType mer_openai_one_modality_get_type (void);

G_END_DECLS
