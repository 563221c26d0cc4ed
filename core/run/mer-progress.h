/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "run/mer-bulk-run.h"
#include "run/mer-runner.h"

G_BEGIN_DECLS

/**
 * MerProgress:
 *
 * How far a run is, for people: one line that is written over on a terminal, a plain line
 * now and then elsewhere.
 */
typedef struct _MerProgress MerProgress;

MerProgress *mer_progress_new (FILE *file, const char *name);
void mer_progress_free (MerProgress *self);
void mer_progress_show (MerProgress *self, const MerRunCounts *counts);
void mer_progress_clear (MerProgress *self);
void mer_progress_finish (MerProgress *self, const MerRunCounts *counts,
                          const char *const *report);

void mer_progress_show_bulk (MerProgress *self, const MerBulkProgress *bulk,
                             double seconds);

char *mer_progress_describe_bulk (const MerBulkProgress *bulk, double seconds, gint64 now);
char *mer_progress_describe (const MerRunCounts *counts, double rate);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerProgress, mer_progress_free)

G_END_DECLS
