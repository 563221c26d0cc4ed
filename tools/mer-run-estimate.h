/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-execute.h"
#include "mer-output.h"

G_BEGIN_DECLS

/**
 * MerRunEstimate:
 * @name: the command, for messages
 * @output: (nullable): the .mer file whose journal is looked into
 * @sample_calls: so many samples of each plan are really asked about first; their answers
 *   go into @output
 * @format: how the table is printed
 *
 * What `mer run --dry-run` wants to know.
 */
typedef struct
{
  const char *name;
  const char *output;
  guint sample_calls;
  MerOutputFormat format;
} MerRunEstimate;

/* prints calls, tokens, money and time of @plans on stdout; returns a MerExit */
int mer_run_estimate (const MerRunEstimate *self, GPtrArray *plans);

G_END_DECLS
