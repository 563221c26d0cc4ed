/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-probe-ask.h"
#include "mer-probe-checks.h"

G_BEGIN_DECLS

/* tokens of an answer that is long enough to see that there is one */
#define MER_PROBE_SHORT_ANSWER 48u

void mer_probe_find (MerProbe *self, const char *check, MerProbeVerdict verdict,
                     const char *format, ...) G_GNUC_PRINTF (4, 5);
/* a number of the entry; NaN without */
double mer_probe_number (MerProbe *self, const char *member, const char *name);
MerProbeQuestion mer_probe_question (MerProbe *self, MerModality shown, guint n_frames);
/* asks, and counts what it took */
MerProbeAnswer *mer_probe_ask_next (MerProbe *self, const MerProbeQuestion *question);
gint64 mer_probe_tokens_read (const MerProbeAnswer *answer);
gboolean mer_probe_was_refused (const MerProbeAnswer *answer);
void mer_probe_check_manner (MerProbe *self);

G_END_DECLS
