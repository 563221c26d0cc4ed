/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "sample/mer-result.h"

G_BEGIN_DECLS

/**
 * MerEstimate:
 *
 * What a graph would ask of its models: backends that are given one call nobody, they count
 * what they would have sent. What the journal holds is taken from there and counted apart,
 * as what calls were measured to take. Thread-safe.
 */
#define MER_TYPE_ESTIMATE (mer_estimate_get_type ())
G_DECLARE_FINAL_TYPE (MerEstimate, mer_estimate, MER, ESTIMATE, GObject)

/**
 * MerEstimateCall:
 * @input: tokens read
 * @output: tokens written
 * @cost: USD, NaN where there are no prices
 * @seconds: until the answer is there, NaN where that was never measured
 *
 * What calls take, one or many.
 */
typedef struct
{
  double input;
  double output;
  double cost;
  double seconds;
} MerEstimateCall;

/**
 * MerEstimateStage:
 * @stage: the stage's name
 * @model: (nullable): the model's name at its server
 * @at_once: calls in flight at most
 * @calls: samples that would be asked about; a part of them by extrapolation
 * @answered: samples whose answer is in the journal
 * @skipped: samples that need no call, or cannot be asked about
 * @unseen: samples that were not looked at, shared out over @calls and @skipped
 * @measured: of @answered, those whose tokens are known
 * @each: what one call takes: the mean of what was measured, else of the guesses
 *
 * One stage's count.
 */
typedef struct
{
  char *stage;
  char *model;
  guint at_once;
  guint calls;
  guint answered;
  guint skipped;
  guint unseen;
  guint measured;
  MerEstimateCall each;
} MerEstimateStage;

#define MER_ESTIMATE_CONTEXT "mer.estimate"

MerEstimate *mer_estimate_new (guint n_samples);
GstContext *mer_estimate_context_new (MerEstimate *self);
MerEstimate *mer_estimate_from_context (GstContext *context);

void mer_estimate_add_stage (MerEstimate *self, const char *stage, const char *model,
                             guint at_once);
void mer_estimate_add_call (MerEstimate *self, const char *stage,
                            const MerEstimateCall *guess);
void mer_estimate_add_answer (MerEstimate *self, const char *stage, MerResult *result);
void mer_estimate_add_skipped (MerEstimate *self, const char *stage);
void mer_estimate_add_unseen (MerEstimate *self, const char *stage);

/* clips that are decoded for the estimate, unless the store knows them; those that are not
 * have a media of outcome `skipped` */
gboolean mer_estimate_picks (MerEstimate *self, guint64 seq);

GPtrArray *mer_estimate_dup_stages (MerEstimate *self);

G_END_DECLS
