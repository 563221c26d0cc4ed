/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-command.h"
#include "mer-summary-table.h"
#include "base/mer-bulk.h"
#include "run/mer-plan.h"
#include "run/mer-runner.h"

G_BEGIN_DECLS

/**
 * MerExecute:
 * @name: the command, for messages
 * @output: (nullable): the .mer file that keeps what comes
 * @keep_media: whether frames and voices go into that file too
 * @table: what the scorers said is added here
 * @interrupts: how often Ctrl-C was pressed
 * @no_tally: whether nothing is said of what calls used and how stages ended
 * @failed: samples of all runs that ended as a failure
 * @runner: (nullable): what runs now
 * @bulk: (nullable): where calls are asked in batches
 * @bulk_poll: seconds between two looks at a batch
 * @bulk_wait: seconds to wait for batches; 0 sends and leaves, negative waits for ever
 *
 * Runs one graph after the other, with progress on stderr.
 */
typedef struct
{
  const char *name;
  const char *output;
  gboolean keep_media;
  gboolean no_tally;
  MerSummaryTable *table;
  guint interrupts;
  guint64 failed;
  guint warnings;
  GHashTable *warned;
  MerRunner *runner;
  MerBulk *bulk;
  double bulk_poll;
  double bulk_wait;
} MerExecute;

void mer_execute_init (MerExecute *self, const char *name, const char *output);
void mer_execute_clear (MerExecute *self);

/* all return a MerExit; what went wrong has been told */
int mer_execute_plans (MerExecute *self, GPtrArray *plans);
/* in rounds: what is not answered is asked in batches, which are waited for */
int mer_execute_plans_in_bulk (MerExecute *self, GPtrArray *plans);
int mer_execute_pipeline (MerExecute *self, const char *run_name, GstElement *pipeline,
                          guint64 total, MerStoreRun *run);
/* inner: all plans once */
int mer_execute_once (MerExecute *self, GPtrArray *plans, MerStore *store);

G_END_DECLS
