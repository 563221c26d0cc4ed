/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer.h"

G_BEGIN_DECLS

/* chat completions */
JsonNode *mer_openai_decode_json (MerReply *reply, GError **error);
JsonNode *mer_openai_decode_stream (MerReply *reply, GError **error);
JsonNode *mer_openai_check_choices (JsonNode *root, GError **error);
gboolean mer_openai_parse_reply (JsonNode *reply, MerResult *result, GError **error);
char *mer_openai_dup_content (JsonNode *message);
char *mer_openai_dup_reasoning (JsonNode *message);

/* responses */
JsonNode *mer_openai_responses_decode (MerReply *reply, GError **error);
JsonNode *mer_openai_responses_decode_stream (MerReply *reply, GError **error);
gboolean mer_openai_responses_parse (JsonNode *reply, MerResult *result, GError **error);

/* both */
MerUsage mer_openai_read_usage (JsonNode *reply);
JsonArray *mer_openai_read_logprobs (JsonNode *tokens);
void mer_openai_settle_usage (MerResult *result, JsonNode *reply);
void mer_openai_settle_finish (MerResult *result, const char *finish, const char *refusal);

G_END_DECLS
