/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>
#include <json-glib/json-glib.h>

#include "sample/mer-tally.h"

G_BEGIN_DECLS

/**
 * MerRunState:
 * @MER_RUN_FINISHED: all samples went through
 * @MER_RUN_DRAINED: it was asked to end; what was begun is done
 * @MER_RUN_FAILED: an error ended it; the error says whether input was bad or it was
 *   stopped early
 */
typedef enum
{
  MER_RUN_FINISHED,
  MER_RUN_DRAINED,
  MER_RUN_FAILED,
} MerRunState;

/**
 * MerRunCounts:
 * @total: how many samples there are, 0 where it is not known
 * @done: how many have reached the end
 * @failed: of those, how many have a failure as their last stage's outcome, or a last stage
 *   that was skipped after a failure
 * @outcomes: of those, how their last stage ended
 * @from_journal: results that were answered before, of all stages
 * @seconds: since the graph was started
 */
typedef struct
{
  guint64 total;
  guint64 done;
  guint64 failed;
  guint64 outcomes[MER_N_OUTCOMES];
  guint64 from_journal;
  double seconds;
} MerRunCounts;

/**
 * MerRunner:
 *
 * Runs one graph to its end: counts samples, collects summaries, warnings and the first
 * error. Made, run and asked in the thread whose default main context it uses.
 */
typedef struct _MerRunner MerRunner;

/**
 * MerRunSummaryFunc:
 * @scorer: the scorer's name
 * @stage: the stage it judged, may be ""
 * @summary: its figures
 * @user_data: what was given with the function
 *
 * A scorer has seen all samples.
 */
typedef void (*MerRunSummaryFunc) (const char *scorer, const char *stage, JsonNode *summary,
                                   gpointer user_data);
typedef void (*MerRunWarningFunc) (const char *element, const char *text,
                                   gpointer user_data);
typedef void (*MerRunTickFunc) (const MerRunCounts *counts, gpointer user_data);

typedef struct
{
  MerRunSummaryFunc summary;
  MerRunWarningFunc warning;
  MerRunTickFunc tick; /* about every half second */
  gpointer user_data;
} MerRunCallbacks;

MerRunner *mer_runner_new (GstElement *pipeline, guint64 total);
void mer_runner_free (MerRunner *self);

MerRunState mer_runner_run (MerRunner *self, const MerRunCallbacks *callbacks,
                            GError **error);
void mer_runner_drain (MerRunner *self);
void mer_runner_stop (MerRunner *self);
const MerRunCounts *mer_runner_get_counts (MerRunner *self);
const MerTally *mer_runner_get_tally (MerRunner *self);
char **mer_runner_dup_report (MerRunner *self);

/* holds a graph from samples to samples against the stages, files and properties in it,
 * without a sample: what is wrong with it is an error before anything is written */
gboolean mer_runner_preflight (GstElement *bin, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerRunner, mer_runner_free)

G_END_DECLS
