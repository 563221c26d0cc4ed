/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "emotion/mer-labels.h"
#include "sample/mer-outcome.h"
#include "sample/mer-reason.h"
#include "sample/mer-usage.h"

G_BEGIN_DECLS

/**
 * MerResult:
 *
 * What one stage said about one sample: how it ended, the text, the labels, and what it
 * cost. Filled by the stage that makes it, then sealed when it is put into a
 * [struct@MerSample]; a sealed result never changes and may be read from any thread.
 * `copy` gives an unsealed one.
 */
typedef struct _MerResult MerResult;

#define MER_TYPE_RESULT (mer_result_get_type ())
GType mer_result_get_type (void);

/* kinds, as they stand in records and in factory metadata `mer-kind` */
#define MER_KIND_MEDIA "media"
#define MER_KIND_DESCRIPTOR "descriptor"
#define MER_KIND_BACKEND "backend"
#define MER_KIND_FUSION "fusion"
#define MER_KIND_LABELS "labels"
#define MER_KIND_SCORER "scorer"

MerResult *mer_result_new (const char *stage, const char *kind, MerOutcome outcome);
MerResult *mer_result_new_failed (const char *stage, const char *kind, MerOutcome outcome,
                                  const char *format, ...) G_GNUC_PRINTF (4, 5);
MerResult *mer_result_new_reason (const char *stage, const char *kind, MerReason reason,
                                  const char *format, ...) G_GNUC_PRINTF (4, 5);
MerResult *mer_result_copy (MerResult *self);
MerResult *mer_result_ref (MerResult *self);
void mer_result_unref (MerResult *self);
void mer_result_seal (MerResult *self);

const char *mer_result_get_stage (MerResult *self);
const char *mer_result_get_kind (MerResult *self);
MerOutcome mer_result_get_outcome (MerResult *self);
MerReason mer_result_get_reason (MerResult *self);
const char *mer_result_get_detail (MerResult *self);
const char *mer_result_get_text (MerResult *self);
const char *mer_result_get_reasoning (MerResult *self);
MerLabels *mer_result_get_labels (MerResult *self);
const char *mer_result_get_model (MerResult *self);
MerModality mer_result_get_shown (MerResult *self);
MerUsage mer_result_get_usage (MerResult *self);
double mer_result_get_cost (MerResult *self);
MerCostBasis mer_result_get_cost_basis (MerResult *self);
double mer_result_get_seconds (MerResult *self);
guint mer_result_get_attempts (MerResult *self);
const char *mer_result_get_call_key (MerResult *self);
gboolean mer_result_get_from_journal (MerResult *self);
JsonNode *mer_result_get_data (MerResult *self);

void mer_result_set_stage (MerResult *self, const char *stage);
void mer_result_set_outcome (MerResult *self, MerOutcome outcome);
void mer_result_set_reason (MerResult *self, MerReason reason);
void mer_result_set_failure (MerResult *self, MerOutcome outcome, MerReason reason,
                             const char *detail);
void mer_result_set_detail (MerResult *self, const char *detail);
void mer_result_set_text (MerResult *self, const char *text);
void mer_result_set_reasoning (MerResult *self, const char *reasoning);
void mer_result_set_labels (MerResult *self, MerLabels *labels);
void mer_result_set_model (MerResult *self, const char *model);
void mer_result_set_shown (MerResult *self, MerModality shown);
void mer_result_set_usage (MerResult *self, const MerUsage *usage);
void mer_result_set_cost (MerResult *self, double usd, MerCostBasis basis);
void mer_result_set_seconds (MerResult *self, double seconds);
void mer_result_set_attempts (MerResult *self, guint attempts);
void mer_result_set_call_key (MerResult *self, const char *key);
void mer_result_set_from_journal (MerResult *self, gboolean from_journal);
void mer_result_take_data (MerResult *self, JsonNode *data);

JsonNode *mer_result_to_json (MerResult *self);
MerResult *mer_result_new_from_json (JsonNode *node, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerResult, mer_result_unref)

G_END_DECLS
