/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config/mer-models.h"
#include "sample/mer-outcome.h"

G_BEGIN_DECLS

/* how a check ended */
typedef enum
{
  MER_PROBE_WELL,   /* as the entry says */
  MER_PROBE_NOTE,   /* nothing the entry speaks of, but worth knowing */
  MER_PROBE_WRONG,  /* the entry says something else than the server does */
  MER_PROBE_FAILED, /* could not be found out: no server, no key, no time */
} MerProbeVerdict;

/**
 * MerProbeFinding:
 * @check: what was looked at: `reach`, `key`, `model`, `audio`, …
 * @verdict: how it ended
 * @what: for people, one line
 */
typedef struct
{
  const char *check;
  MerProbeVerdict verdict;
  char *what;
} MerProbeFinding;

/**
 * MerProbe:
 * @models: the models
 * @file: (nullable): the models file that counts most
 * @model: the entry's name
 * @timeout: seconds for a call
 * @max_images: most pictures that are tried in a call
 * @entry: the entry
 * @claims: what the entry says that the model takes
 * @max_tokens: longest answer to ask for; 0 for what the entry says
 * @findings: (element-type MerProbeFinding): what was found
 * @changes: an object: what the entry should say
 * @read_tokens: tokens of the prompt without media; -1 where that is not known
 * @basic: the least that the model answers to: text alone, where it does
 * @few_images: the fewest pictures that were taken
 * @n_calls: calls that were made
 * @input: tokens read
 * @output: tokens written
 * @seconds: time of calls that were answered
 * @cost: USD; NaN where it is not known
 *
 * One model that is looked into.
 */
typedef struct
{
  MerModels *models;
  const char *file;
  const char *model;
  double timeout;
  guint max_images;
  JsonNode *entry;
  MerModality claims;
  guint max_tokens;
  GPtrArray *findings;
  JsonNode *changes;
  gint64 read_tokens;
  MerModality basic;
  guint few_images;
  guint n_calls;
  gint64 input;
  gint64 output;
  double seconds;
  double cost;
} MerProbe;

MerProbe *mer_probe_new (MerModels *models, const char *file, const char *model,
                         GError **error);
char *mer_probe_describe_cost (MerProbe *self);
void mer_probe_run (MerProbe *self);
gboolean mer_probe_is_well (MerProbe *self);
JsonNode *mer_probe_dup_suggestion (MerProbe *self);
void mer_probe_free (MerProbe *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerProbe, mer_probe_free)

G_END_DECLS
