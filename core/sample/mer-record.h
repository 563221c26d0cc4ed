/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sample/mer-sample.h"

G_BEGIN_DECLS

/* the serialised form, `mer-record/1`: one JSON document a line; media as manifest, no
 * bytes */
JsonNode *mer_record_from_sample (MerSample *sample);
char *mer_record_to_line (MerSample *sample);
MerSample *mer_record_to_sample (JsonNode *record, GError **error);
MerSample *mer_record_parse_line (const char *name, guint line_number, const char *line,
                                  gssize length, GError **error);

G_END_DECLS
