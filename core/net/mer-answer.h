/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "sample/mer-result.h"

G_BEGIN_DECLS

/* what every protocol's reply is turned into in the same way */

void mer_answer_set_text (MerResult *result, const char *content, const char *reasoning);
void mer_answer_set_truncated (MerResult *result, MerReason reason);
void mer_answer_set_filtered (MerResult *result, MerReason reason, const char *why);
void mer_answer_add_data (JsonObject *data, const char *name, JsonNode *from,
                          const char *member);

gboolean mer_answer_settle (MerResult *result);

G_END_DECLS
