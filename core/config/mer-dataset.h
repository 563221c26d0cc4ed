/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sample/mer-sample.h"

G_BEGIN_DECLS

/**
 * MerDataset:
 *
 * A list of clips with what people said about them: from a `mer-dataset/1` file and its
 * tables, or from files and folders given directly. Everything but the clips themselves is
 * read and checked when it is opened.
 *
 * Made and narrowed in one thread; from then on it may be read from any.
 */
typedef struct _MerDataset MerDataset;

#define MER_TYPE_DATASET (mer_dataset_get_type ())
GType mer_dataset_get_type (void);

#define MER_DATASET_FORMAT "mer-dataset/1"

MerDataset *mer_dataset_open (const char *name, const char *relative_to, const char *root,
                              GError **error);
MerDataset *mer_dataset_open_clips (const char *const *paths, const char *subtitle_lang,
                                    GError **error);
gboolean mer_dataset_join_truth (MerDataset *self, const char *path, const char *column,
                                 GError **error);
gboolean mer_dataset_narrow (MerDataset *self, const char *split, guint64 limit,
                             GError **error);
MerDataset *mer_dataset_dup_spread (MerDataset *self, guint n);
MerDataset *mer_dataset_ref (MerDataset *self);
void mer_dataset_unref (MerDataset *self);

const char *mer_dataset_get_name (MerDataset *self);
guint mer_dataset_get_n_samples (MerDataset *self);
const char *mer_dataset_get_id (MerDataset *self, guint index);
MerSample *mer_dataset_make_sample (MerDataset *self, guint index);
guint mer_dataset_count_truths (MerDataset *self);
gboolean mer_dataset_has_truth_kind (MerDataset *self, MerTruthKind kind);
guint mer_dataset_count_clips (MerDataset *self, const char **first_missing);
const char *mer_dataset_get_note (MerDataset *self);
JsonNode *mer_dataset_to_json (MerDataset *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerDataset, mer_dataset_unref)

G_END_DECLS
