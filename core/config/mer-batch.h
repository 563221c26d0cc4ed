/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tables/mer-json.h"

G_BEGIN_DECLS

/**
 * MerBatch:
 *
 * A `mer-batch/1` file: a study over datasets, descriptions and values of their parameters.
 * Immutable; may be read from any thread.
 */
typedef struct _MerBatch MerBatch;

#define MER_TYPE_BATCH (mer_batch_get_type ())
GType mer_batch_get_type (void);

#define MER_BATCH_FORMAT "mer-batch/1"
/* more combinations than this are a slip */
#define MER_BATCH_MAX_POINTS 10000u

/**
 * MerBatchDataset:
 * @dataset: (nullable): a dataset's name or path
 * @clips: (nullable): instead, files and folders
 * @truth: (nullable): a table that gives them their truth
 * @root: (nullable): the folder of the dataset's tables and clips
 * @split: (nullable): only these samples
 * @limit: only the first so many; 0: all
 *
 * What one row of runs is run on; paths are as they stand in the file.
 */
typedef struct
{
  char *dataset;
  char **clips;
  char *truth;
  char *root;
  char *split;
  guint64 limit;
} MerBatchDataset;

/**
 * MerBatchScorer:
 * @element: the scorer's element
 * @properties: (nullable): an object
 */
typedef struct
{
  char *element;
  JsonNode *properties;
} MerBatchScorer;

/**
 * MerBatchValue:
 * @name: a parameter
 * @value: what it is at this point
 * @pointer: where that stands in the file
 */
typedef struct
{
  const char *name;
  JsonNode *value;
  char *pointer;
} MerBatchValue;

MerBatch *mer_batch_load (const char *path, GError **error);
MerBatch *mer_batch_ref (MerBatch *self);
void mer_batch_unref (MerBatch *self);

MerJson *mer_batch_get_json (MerBatch *self);
const char *mer_batch_get_name (MerBatch *self);
const char *mer_batch_get_models (MerBatch *self);
const char *const *mer_batch_get_descriptions (MerBatch *self);
guint mer_batch_get_repeat (MerBatch *self);
guint mer_batch_get_n_datasets (MerBatch *self);
const MerBatchDataset *mer_batch_get_dataset (MerBatch *self, guint index);
guint mer_batch_get_n_scorers (MerBatch *self);
const MerBatchScorer *mer_batch_get_scorer (MerBatch *self, guint index);
guint mer_batch_get_n_points (MerBatch *self);
GArray *mer_batch_get_fixed (MerBatch *self);
GArray *mer_batch_get_point (MerBatch *self, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerBatch, mer_batch_unref)

G_END_DECLS
