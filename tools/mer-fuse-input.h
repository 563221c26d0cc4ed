/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-labels.h"
#include "mer-error.h"

G_BEGIN_DECLS

/* what to do with a sample that not every file holds */
typedef enum
{
  MER_FUSE_MISSING_ERROR,
  MER_FUSE_MISSING_EMPTY,
  MER_FUSE_MISSING_SKIP,
} MerFuseMissing;

/* Several label files over the same samples. */
typedef struct _MerFuseInput MerFuseInput;

MerFuseInput *mer_fuse_input_load (char **arguments, guint n_arguments,
                                   const char *id_column, const char *column,
                                   MerFuseMissing missing, GError **error);
guint mer_fuse_input_get_n_files (MerFuseInput *self);
const char *mer_fuse_input_get_name (MerFuseInput *self, guint file);
guint mer_fuse_input_get_n_samples (MerFuseInput *self);
const char *mer_fuse_input_get_id (MerFuseInput *self, guint sample);
MerLabels *mer_fuse_input_dup_labels (MerFuseInput *self, guint sample, guint file);
void mer_fuse_input_free (MerFuseInput *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerFuseInput, mer_fuse_input_free)

G_END_DECLS
