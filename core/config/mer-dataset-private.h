/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* private to core/config: how the readers fill a dataset */
#pragma once

#include "config/mer-dataset.h"

G_BEGIN_DECLS

typedef struct
{
  char *id;
  char *group;
  char *split;
  char *subtitle;
  MerClip *clip;
  MerTruth *truth;
} MerDatasetEntry;

MerDataset *mer_dataset_new (const char *name);
void mer_dataset_take_entry (MerDataset *self, MerDatasetEntry *entry);
void mer_dataset_sort_by_path (MerDataset *self, guint from);
MerDatasetEntry *mer_dataset_get_entry (MerDataset *self, guint index);
void mer_dataset_take_note (MerDataset *self, char *note);

MerDatasetEntry *mer_dataset_entry_new (const char *id);
void mer_dataset_entry_free (MerDatasetEntry *entry);

MerDataset *mer_dataset_load (const char *path, const char *root, GError **error);

/* %NULL without an error: the cell is empty, the sample has no truth */
MerTruth *mer_dataset_parse_truth (MerTruthKind kind, const char *cell, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerDatasetEntry, mer_dataset_entry_free)

G_END_DECLS
