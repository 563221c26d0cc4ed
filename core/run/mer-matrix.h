/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config/mer-batch.h"
#include "run/mer-plan.h"

G_BEGIN_DECLS

/**
 * MerMatrixOptions:
 * @models: (nullable): a models file that beats the batch's own
 * @limit: only the first so many samples of each dataset; 0: as the batch says
 * @allow: (nullable): elements that descriptions may use beyond the usual ones
 * @set: (nullable): `name=value`, beating the batch's `set`
 *
 * What a person says beyond the file.
 */
typedef struct
{
  const char *models;
  guint64 limit;
  const char *const *allow;
  const char *const *set;
} MerMatrixOptions;

/* all runs of a batch: datasets × descriptions × matrix × repetitions, in that order */
GPtrArray *mer_matrix_plan (MerBatch *batch, const MerMatrixOptions *options,
                            GError **error);

G_END_DECLS
