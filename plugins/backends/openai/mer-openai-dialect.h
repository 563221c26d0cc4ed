/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * MerOpenaiDialect:
 * @MER_OPENAI_DIALECT_OPENAI: OpenAI itself and what copies it closely
 * @MER_OPENAI_DIALECT_VLLM: vLLM
 * @MER_OPENAI_DIALECT_LLAMACPP: llama-server of llama.cpp
 *
 * Whose habits a server has.
 */
typedef enum
{
  MER_OPENAI_DIALECT_OPENAI,
  MER_OPENAI_DIALECT_VLLM,
  MER_OPENAI_DIALECT_LLAMACPP,
} MerOpenaiDialect;

/**
 * MerOpenaiTokenKey:
 * @MER_OPENAI_TOKEN_KEY_AUTO: as the dialect says
 * @MER_OPENAI_TOKEN_KEY_MAX_TOKENS: `max_tokens`
 * @MER_OPENAI_TOKEN_KEY_MAX_COMPLETION_TOKENS: `max_completion_tokens`
 *
 * The member that bounds the answer.
 */
typedef enum
{
  MER_OPENAI_TOKEN_KEY_AUTO,
  MER_OPENAI_TOKEN_KEY_MAX_TOKENS,
  MER_OPENAI_TOKEN_KEY_MAX_COMPLETION_TOKENS,
} MerOpenaiTokenKey;

/**
 * MerOpenaiAudioAs:
 * @MER_OPENAI_AUDIO_AS_AUTO: as the dialect says
 * @MER_OPENAI_AUDIO_AS_INPUT_AUDIO: an `input_audio` part with bare base64
 * @MER_OPENAI_AUDIO_AS_INPUT_AUDIO_URL: an `input_audio` part with a data URL
 * @MER_OPENAI_AUDIO_AS_AUDIO_URL: an `audio_url` part with a data URL
 *
 * How the sound is sent.
 */
typedef enum
{
  MER_OPENAI_AUDIO_AS_AUTO,
  MER_OPENAI_AUDIO_AS_INPUT_AUDIO,
  MER_OPENAI_AUDIO_AS_INPUT_AUDIO_URL,
  MER_OPENAI_AUDIO_AS_AUDIO_URL,
} MerOpenaiAudioAs;

/**
 * MerOpenaiFramesAs:
 * @MER_OPENAI_FRAMES_AS_AUTO: as the dialect says
 * @MER_OPENAI_FRAMES_AS_IMAGES: an `image_url` part for each frame
 * @MER_OPENAI_FRAMES_AS_TIMED_IMAGES: the same, each after a text part with its time
 * @MER_OPENAI_FRAMES_AS_VIDEO: one `video_url` part of comma-separated JPEGs, which vLLM
 *   and LMDeploy read
 *
 * How the frames are sent.
 */
typedef enum
{
  MER_OPENAI_FRAMES_AS_AUTO,
  MER_OPENAI_FRAMES_AS_IMAGES,
  MER_OPENAI_FRAMES_AS_TIMED_IMAGES,
  MER_OPENAI_FRAMES_AS_VIDEO,
} MerOpenaiFramesAs;

GType mer_openai_dialect_get_type (void);
GType mer_openai_token_key_get_type (void);
GType mer_openai_audio_as_get_type (void);
GType mer_openai_frames_as_get_type (void);

/**
 * MerOpenaiHabits:
 * @token_key: the member that bounds the answer
 * @audio_as: how sound is sent
 * @frames_as: how frames are sent
 * @image_detail: (nullable): what `detail` of an image is set to
 * @extra: (nullable): members that every request gets, a JSON object
 *
 * One line of the table of dialects.
 */
typedef struct
{
  MerOpenaiTokenKey token_key;
  MerOpenaiAudioAs audio_as;
  MerOpenaiFramesAs frames_as;
  const char *image_detail;
  const char *extra;
} MerOpenaiHabits;

const MerOpenaiHabits *mer_openai_dialect_get_habits (MerOpenaiDialect dialect);

G_END_DECLS
