/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

char *mer_json_schema_find_misfit (JsonNode *schema, JsonNode *value);

G_END_DECLS
