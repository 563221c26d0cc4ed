/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "mer-statistics.h"

G_BEGIN_DECLS

/* Scores as JSON: one shape for `mer score`, merwheelscore and the store.
 * {"name","samples","coverage","mean_labels","empty","unknown","metrics":{"m1":{"n",
 * "precision","recall","f","ci95":[low,high]},…,"ewl1":{…},"ewl2":{…},"m_avg":{"f",…}}}
 * All shares and figures are fractions of 1. */

JsonNode *mer_scores_to_json (MerScores *scores, MerBootstrap *bootstrap, guint system,
                              gboolean show_unknown);
void mer_scores_add_truth_to_json (MerScores *scores, JsonObject *object,
                                   gboolean show_unknown);
JsonNode *mer_mapping_identity_to_json (MerMapping *mapping);
JsonNode *mer_difference_to_json (const char *a, const char *b, MerBootstrap *bootstrap,
                                  guint system_a, guint system_b);

G_END_DECLS
