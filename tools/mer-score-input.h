/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-metrics.h"
#include "tables/mer-table.h"

G_BEGIN_DECLS

/* what to do where a system has no row for a sample */
typedef enum
{
  MER_MISSING_ERROR,
  MER_MISSING_EMPTY,
  MER_MISSING_SKIP,
} MerMissing;

/* The truth of a set: samples in the order of its table. */
typedef struct
{
  char *path;
  GStringChunk *text; /* owns ids and groups where they came one by one */
  MerTable *table;    /* owns ids and groups */
  GPtrArray *ids;     /* text */
  GPtrArray *labels;  /* MerLabels */
  GPtrArray *groups;  /* text or %NULL */
  GHashTable *rows;   /* id → number + 1 */
} MerScoreTruth;

MerScoreTruth *mer_score_truth_load (const char *path, const char *id_column,
                                     const char *column, const char *group_column,
                                     GError **error);
MerScoreTruth *mer_score_truth_new (const char *path);
void mer_score_truth_add (MerScoreTruth *self, const char *id, MerLabels *labels,
                          const char *group);
void mer_score_truth_free (MerScoreTruth *self);

MerScores *mer_score_system_load (const char *name, const char *path, const char *id_column,
                                  const char *column, MerScoreTruth *truth,
                                  MerMissing missing, MerMapping *mapping, GError **error);

void mer_score_set_missing_error (const char *path, guint n_missing, MerScoreTruth *truth,
                                  const char *first, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerScoreTruth, mer_score_truth_free)

G_END_DECLS
