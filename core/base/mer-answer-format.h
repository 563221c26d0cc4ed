/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tables/mer-json.h"

G_BEGIN_DECLS

/**
 * MerAnswerFormat:
 * @MER_ANSWER_FORMAT_TEXT: whatever the model writes
 * @MER_ANSWER_FORMAT_JSON_OBJECT: any JSON object
 * @MER_ANSWER_FORMAT_JSON_SCHEMA: JSON after a schema
 *
 * What a server holds the model's answer to. Every protocol spells it in its own way.
 */
typedef enum
{
  MER_ANSWER_FORMAT_TEXT,
  MER_ANSWER_FORMAT_JSON_OBJECT,
  MER_ANSWER_FORMAT_JSON_SCHEMA,
} MerAnswerFormat;

#define MER_TYPE_ANSWER_FORMAT (mer_answer_format_get_type ())
GType mer_answer_format_get_type (void);

JsonNode *mer_answer_schema_open (const char *path, GError **error);

G_END_DECLS
