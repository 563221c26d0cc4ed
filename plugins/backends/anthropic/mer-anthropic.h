/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer.h"

G_BEGIN_DECLS

#define MER_TYPE_ANTHROPIC (mer_anthropic_get_type ())
G_DECLARE_FINAL_TYPE (MerAnthropic, mer_anthropic, MER, ANTHROPIC, MerBackend)

GST_ELEMENT_REGISTER_DECLARE (meranthropic)

/**
 * MerAnthropicThinking:
 * @MER_ANTHROPIC_THINKING_UNSET: nothing is sent: as the model does by itself
 * @MER_ANTHROPIC_THINKING_DISABLED: no thinking
 * @MER_ANTHROPIC_THINKING_ENABLED: up to `thinking-budget` tokens of it
 * @MER_ANTHROPIC_THINKING_ADAPTIVE: as much as the model finds right
 *
 * Whether the model thinks before it answers.
 */
typedef enum
{
  MER_ANTHROPIC_THINKING_UNSET,
  MER_ANTHROPIC_THINKING_DISABLED,
  MER_ANTHROPIC_THINKING_ENABLED,
  MER_ANTHROPIC_THINKING_ADAPTIVE,
} MerAnthropicThinking;

GType mer_anthropic_thinking_get_type (void);

/**
 * MerAnthropicStyle:
 * @stream: whether the answer is to be streamed
 * @timed_frames: whether each frame's instant is told before it
 * @thinking: whether the model is to think
 * @thinking_budget: how long, tokens
 * @effort: (nullable): how hard the model is to try
 * @schema: (nullable): what the answer is held to, in the server's spelling
 * @extra: (nullable): what is patched into every request
 *
 * How requests are written; settled when the element opens.
 */
typedef struct
{
  gboolean stream;
  gboolean timed_frames;
  MerAnthropicThinking thinking;
  guint thinking_budget;
  char *effort;
  JsonNode *schema;
  JsonNode *extra;
} MerAnthropicStyle;

JsonNode *mer_anthropic_build_request (MerBackend *backend, const MerAnthropicStyle *style,
                                       MerRequest *request, GError **error);
gboolean mer_anthropic_parse_reply (JsonNode *reply, MerResult *result, GError **error);
JsonNode *mer_anthropic_decode_stream (MerReply *reply, GError **error);

G_END_DECLS
