/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer.h"

#include "mer-openai-enums.h"

G_BEGIN_DECLS

/**
 * MerOpenaiSwitch:
 * @MER_OPENAI_STREAM: #MerOpenaiYesNo: the answer is streamed
 * @MER_OPENAI_TEXT_OUTPUT: #MerOpenaiYesNo: the server is told to answer with text alone
 * @MER_OPENAI_TOKEN_KEY: #MerOpenaiTokenKey
 * @MER_OPENAI_FRAMES_AS: #MerOpenaiFramesAs
 * @MER_OPENAI_AUDIO_AS: #MerOpenaiAudioAs
 * @MER_OPENAI_WHOLE_AS: #MerOpenaiWholeAs
 * @MER_OPENAI_RATE_AS: #MerOpenaiRateAs
 * @MER_OPENAI_VIDEO_SOUND: #MerOpenaiVideoSound
 * @MER_OPENAI_THINKING_AS: #MerOpenaiThinkingAs
 * @MER_OPENAI_TEMPERATURE_AS: #MerOpenaiTemperatureAs
 * @MER_OPENAI_JSON_AS: #MerOpenaiJsonAs
 * @MER_OPENAI_SYSTEM_AS: #MerOpenaiSystemAs
 *
 * What servers differ in. Zero is `auto` everywhere.
 */
typedef enum
{
  MER_OPENAI_STREAM,
  MER_OPENAI_TEXT_OUTPUT,
  MER_OPENAI_TOKEN_KEY,
  MER_OPENAI_FRAMES_AS,
  MER_OPENAI_AUDIO_AS,
  MER_OPENAI_WHOLE_AS,
  MER_OPENAI_RATE_AS,
  MER_OPENAI_VIDEO_SOUND,
  MER_OPENAI_THINKING_AS,
  MER_OPENAI_TEMPERATURE_AS,
  MER_OPENAI_JSON_AS,
  MER_OPENAI_SYSTEM_AS,
  MER_OPENAI_N_SWITCHES,
} MerOpenaiSwitch;

/**
 * MerOpenaiHabits:
 * @switches: by #MerOpenaiSwitch
 * @uri: (nullable): the address of a hosted service; %NULL where servers are one's own
 * @is_responses: whether it is asked at `responses`, not at `chat/completions`
 * @bare_key: whether the key goes into the header `api-key`, not after `Bearer`
 * @sound_flag: where `use-audio-in-video=true` is told
 * @grammar_member: (nullable): the member that carries a grammar
 * @image_detail: (nullable): what `detail` of an image is set to
 * @extra: (nullable): members that every request gets, a JSON object
 *
 * One line of the table of dialects.
 */
typedef struct
{
  guint8 switches[MER_OPENAI_N_SWITCHES];
  const char *uri;
  gboolean is_responses;
  gboolean bare_key;
  MerOpenaiVideoSound sound_flag;
  const char *grammar_member;
  const char *image_detail;
  const char *extra;
} MerOpenaiHabits;

const MerOpenaiHabits *mer_openai_dialect_get_habits (MerOpenaiDialect dialect);
MerRetry mer_openai_classify (MerOpenaiDialect dialect, guint status,
                              const MerReplyError *error, MerRetry fallback);

/**
 * MerOpenaiSettings:
 * @dialect: #MerOpenaiDialect
 * @switches: by #MerOpenaiSwitch; zero leaves one to the dialect
 * @thinking: #MerOpenaiThinking
 * @video_as: #MerOpenaiVideoAs
 * @one_modality: #MerOpenaiOneModality
 * @video_rate: pictures a second that the server takes of a whole video; -1 leaves it to it
 * @n_logprobs: alternatives for each token, 0 asks for no probabilities
 * @image_detail: (nullable): what `detail` of an image is, `none` for no such member
 * @provider: (nullable): names of OpenRouter's providers, separated by commas
 * @grammar: (nullable): a file with the grammar that the answer is held to
 * @headers: (nullable): further headers of every request, a JSON object
 * @extra: (nullable): a JSON merge patch (RFC 7386) for every request
 *
 * The element's properties.
 */
typedef struct
{
  int dialect;
  int switches[MER_OPENAI_N_SWITCHES];
  int thinking;
  int video_as;
  int one_modality;
  double video_rate;
  guint n_logprobs;
  char *image_detail;
  char *provider;
  char *grammar;
  char *headers;
  char *extra;
} MerOpenaiSettings;

void mer_openai_settings_install (GObjectClass *klass);
void mer_openai_settings_set (MerOpenaiSettings *settings, guint id, const GValue *value);
void mer_openai_settings_get (MerOpenaiSettings *settings, guint id, GValue *value);
void mer_openai_settings_init (MerOpenaiSettings *settings);
void mer_openai_settings_clear (MerOpenaiSettings *settings);

/**
 * MerOpenaiStyle:
 * @habits: the dialect's line with the single switches applied
 * @dialect: the dialect's name
 * @thinking: #MerOpenaiThinking
 * @whole_video: whether clips are sent whole
 * @one_modality: #MerOpenaiOneModality
 * @video_rate: pictures a second of a whole video; -1 leaves it to the server
 * @n_logprobs: alternatives for each token, 0 asks for no probabilities
 * @image_detail: (nullable): what `detail` of an image is set to
 * @provider: (nullable): OpenRouter's `provider`
 * @grammar: (nullable): a grammar's text
 * @headers: (nullable): name, value, …
 * @extra: (nullable): the merge patch from the `extra` property
 *
 * How requests are written; settled when the element opens.
 */
typedef struct
{
  MerOpenaiHabits habits;
  const char *dialect;
  MerOpenaiThinking thinking;
  gboolean whole_video;
  MerOpenaiOneModality one_modality;
  double video_rate;
  guint n_logprobs;
  char *image_detail;
  JsonNode *provider;
  char *grammar;
  char **headers;
  JsonNode *extra;
} MerOpenaiStyle;

gboolean mer_openai_style_settle (MerOpenaiStyle *style, const MerOpenaiSettings *settings,
                                  GError **error);
void mer_openai_style_clear (MerOpenaiStyle *style);
void mer_openai_style_patch (const MerOpenaiStyle *style, JsonNode *request);
MerModality mer_openai_style_get_modalities (const MerOpenaiStyle *style);

/* the value of a switch, after the dialect and the property */
#define mer_openai_style_get(style, which) ((int) (style)->habits.switches[which])

G_END_DECLS
