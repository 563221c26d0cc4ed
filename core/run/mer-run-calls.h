/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sample/mer-sample.h"

G_BEGIN_DECLS

/**
 * MerRunCalls:
 *
 * What a run's end report says about calling models: what servers were found to serve, and
 * which requests were changed to please them.
 */
typedef struct _MerRunCalls MerRunCalls;

MerRunCalls *mer_run_calls_new (void);
void mer_run_calls_free (MerRunCalls *self);
void mer_run_calls_count (MerRunCalls *self, MerSample *sample);
char **mer_run_calls_describe (MerRunCalls *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerRunCalls, mer_run_calls_free)

G_END_DECLS
