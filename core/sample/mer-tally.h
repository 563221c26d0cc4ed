/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sample/mer-sample.h"

G_BEGIN_DECLS

/**
 * MerTallyCost:
 * @usd: US dollars, of those that are known
 * @n_known: calls whose cost is known
 * @n_reported: of them, calls whose cost the server said
 * @n_estimated: of them, calls whose counts are guesses
 * @n_unknown: calls that were answered and whose cost is not known
 * @n_lost: calls of which an attempt was lost that may have been charged
 *
 * What several calls cost: at least @usd where @n_unknown or @n_lost is not 0.
 */
typedef struct
{
  double usd;
  guint n_known;
  guint n_reported;
  guint n_estimated;
  guint n_unknown;
  guint n_lost;
} MerTallyCost;

/**
 * MerTallyRow:
 * @stage: the stage's name
 * @model: the model's name at its server, empty where there is none
 * @samples: results of this stage
 * @calls: calls that were made now
 * @from_journal: answers that were taken from the journal
 * @attempts: how often the calls of now were sent
 * @outcomes: results by #MerOutcome
 * @reasons: results by #MerReason
 * @strict: results whose labels were read strictly
 * @lenient: results whose labels were read leniently
 * @usage: of the calls of now
 * @journal_usage: of the answers from the journal, when they were asked for
 * @cost: of the calls of now
 * @journal_cost: of the answers from the journal, when they were asked for
 * @seconds: of the calls of now together, waits between attempts among them
 *
 * What one stage came to with one model.
 */
typedef struct
{
  char *stage;
  char *model;
  guint samples;
  guint calls;
  guint from_journal;
  guint attempts;
  guint outcomes[MER_N_OUTCOMES];
  guint reasons[MER_N_REASONS];
  guint strict;
  guint lenient;
  MerUsage usage;
  MerUsage journal_usage;
  MerTallyCost cost;
  MerTallyCost journal_cost;
  double seconds;
} MerTallyRow;

/**
 * MerTally:
 *
 * Counts what the stages of a run came to: outcomes and reasons, tokens, money, time, by
 * stage and model. An answer that several samples share is counted once in tokens and
 * money. Not thread-safe.
 *
 * Since: 0.1
 */
typedef struct _MerTally MerTally;

/* under this name a run keeps its tally among the summaries of its scorers */
#define MER_TALLY_SUMMARY "mer-usage"

MerTally *mer_tally_new (void);
void mer_tally_free (MerTally *self);
void mer_tally_add_sample (MerTally *self, MerSample *sample);
void mer_tally_add_result (MerTally *self, MerResult *result);
guint mer_tally_get_n_rows (const MerTally *self);
const MerTallyRow *mer_tally_get_row (const MerTally *self, guint i);
MerTallyRow mer_tally_get_total (const MerTally *self);
JsonNode *mer_tally_to_json (const MerTally *self);
JsonObject *mer_tally_row_to_json (const MerTallyRow *row);
void mer_tally_cost_add (MerTallyCost *self, const MerTallyCost *more);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerTally, mer_tally_free)

G_END_DECLS
