/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "emotion/mer-labels.h"

G_BEGIN_DECLS

/**
 * MerTruthKind:
 * @MER_TRUTH_LABELS: an open list of emotion words
 * @MER_TRUTH_CLASS: one class of a closed set
 * @MER_TRUTH_VALUE: a number, such as sentiment in -3…3
 * @MER_TRUTH_PREFERENCE: which of two descriptions people preferred
 */
typedef enum
{
  MER_TRUTH_LABELS,
  MER_TRUTH_CLASS,
  MER_TRUTH_VALUE,
  MER_TRUTH_PREFERENCE,
} MerTruthKind;

#define MER_TYPE_TRUTH_KIND (mer_truth_kind_get_type ())
GType mer_truth_kind_get_type (void);

/**
 * MerTruth:
 *
 * What people said about a sample. Only scorers and the store read it; prompts never do.
 * Immutable; may be read from any thread.
 */
typedef struct _MerTruth MerTruth;

#define MER_TYPE_TRUTH (mer_truth_get_type ())
GType mer_truth_get_type (void);

MerTruth *mer_truth_new_labels (MerLabels *labels);
MerTruth *mer_truth_new_class (const char *name);
MerTruth *mer_truth_new_value (double value);
MerTruth *mer_truth_new_preference (const char *name);
MerTruth *mer_truth_ref (MerTruth *self);
void mer_truth_unref (MerTruth *self);

MerTruthKind mer_truth_get_kind (MerTruth *self);
MerLabels *mer_truth_get_labels (MerTruth *self);
const char *mer_truth_get_name (MerTruth *self);
double mer_truth_get_value (MerTruth *self);

JsonNode *mer_truth_to_json (MerTruth *self);
MerTruth *mer_truth_new_from_json (JsonNode *node, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerTruth, mer_truth_unref)

G_END_DECLS
