/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-score-input.h"
#include "sample/mer-outcome.h"

G_BEGIN_DECLS

/* A run of a store, as far as it can be scored again: what people and one stage said. */
typedef struct _MerScoreRun MerScoreRun;

gboolean mer_score_run_is_store (const char *path);
MerScoreRun *mer_score_run_load (const char *path, const char *pick, const char *stage,
                                 MerOutcomes accept, GError **error);
void mer_score_run_free (MerScoreRun *self);
const char *mer_score_run_get_name (MerScoreRun *self);

MerScoreTruth *mer_score_run_get_truth (MerScoreRun *self, GError **error);
MerScores *mer_score_run_score (MerScoreRun *self, const char *name, MerScoreTruth *truth,
                                MerMissing missing, MerMapping *mapping, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerScoreRun, mer_score_run_free)

G_END_DECLS
