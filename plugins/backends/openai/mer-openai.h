/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer.h"

#include "mer-openai-dialect.h"

G_BEGIN_DECLS

#define MER_TYPE_OPENAI (mer_openai_get_type ())
G_DECLARE_FINAL_TYPE (MerOpenai, mer_openai, MER, OPENAI, MerBackend)

GST_ELEMENT_REGISTER_DECLARE (meropenai)

/**
 * MerOpenaiStyle:
 * @habits: the dialect's line with the single switches applied
 * @extra: (nullable): members from the `extra` property
 * @stream: whether the answer is to be streamed
 *
 * How requests are written; settled when the element opens.
 */
typedef struct
{
  MerOpenaiHabits habits;
  JsonNode *extra;
  gboolean stream;
} MerOpenaiStyle;

JsonNode *mer_openai_build_request (MerBackend *backend, const MerOpenaiStyle *style,
                                    MerRequest *request);
gboolean mer_openai_parse_reply (JsonNode *reply, MerResult *result, GError **error);
JsonNode *mer_openai_decode_stream (MerReply *reply, GError **error);
JsonNode *mer_openai_decode_json (MerReply *reply, GError **error);

G_END_DECLS
