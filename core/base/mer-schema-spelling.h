/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * MerSchemaSpelling:
 * @MER_SCHEMA_SPELLING_OPENAPI: OpenAPI's Schema Object as Gemini's `responseSchema` takes
 *   it: types in capitals, `nullable`, `propertyOrdering`, enums of strings
 * @MER_SCHEMA_SPELLING_CLOSED: JSON Schema in which every object is closed and nothing has
 *   bounds, as Anthropic's `output_config.format` takes it; bounds move to the description
 *
 * The subsets of JSON Schema that vendors take.
 */
typedef enum
{
  MER_SCHEMA_SPELLING_OPENAPI,
  MER_SCHEMA_SPELLING_CLOSED,
} MerSchemaSpelling;

JsonNode *mer_schema_respell (JsonNode *schema, MerSchemaSpelling spelling, GError **error);

G_END_DECLS
