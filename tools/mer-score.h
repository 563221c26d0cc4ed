/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-statistics.h"
#include "mer-output.h"
#include "mer-score-input.h"
#include "sample/mer-outcome.h"

G_BEGIN_DECLS

/* what `mer score` was asked for, and what came of it */
typedef struct
{
  char *mapping_name;
  char *truth_path;
  char *truth_column;
  char *column;
  char *id_column;
  char *group_column;
  char *missing_text;
  char *run;
  char *stage;
  char *accept_text;
  char *metrics_text;
  char *format_text;
  int resamples;
  gint64 seed;
  gboolean show_unknown;

  MerMissing missing;
  MerOutcomes accept;
  MerOutputFormat format;
  gboolean metrics[MER_N_FIGURES];

  MerMapping *mapping;
  MerScoreTruth *truth;
  GPtrArray *systems; /* MerScores */
  GPtrArray *floors;  /* MerScores */
  MerBootstrap *bootstrap;
} MerScore;

void mer_score_print (MerScore *self);

G_END_DECLS
