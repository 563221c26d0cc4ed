/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * MerLabels:
 *
 * An ordered list of free emotion words, each with an optional weight in 0…1.
 *
 * A label never holds `,`, `"` or an ASCII `'` (the last becomes `’`): those separate
 * labels in the field's label files, so that what an element scores equals what
 * `mer score` scores from an exported file. Reference counted; a list that was handed to a
 * [struct@MerResult] must not be changed any more.
 */
typedef struct _MerLabels MerLabels;

#define MER_TYPE_LABELS (mer_labels_get_type ())
GType mer_labels_get_type (void);

MerLabels *mer_labels_new (void);
MerLabels *mer_labels_new_parsed (const char *cell);
MerLabels *mer_labels_ref (MerLabels *self);
void mer_labels_unref (MerLabels *self);

gboolean mer_labels_add (MerLabels *self, const char *label);
gboolean mer_labels_add_weighted (MerLabels *self, const char *label, double weight);

guint mer_labels_get_length (const MerLabels *self);
const char *mer_labels_get (const MerLabels *self, guint index);
double mer_labels_get_weight (const MerLabels *self, guint index);
gboolean mer_labels_has_weights (const MerLabels *self);
gboolean mer_labels_contains (const MerLabels *self, const char *label);
gboolean mer_labels_equal (const MerLabels *self, const MerLabels *other);
char *mer_labels_to_string (const MerLabels *self);

char *mer_label_clean (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerLabels, mer_labels_unref)

G_END_DECLS
