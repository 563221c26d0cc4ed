/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* anthropic-check.c */
gboolean anthropic_check (Exchange *x);
gboolean anthropic_check_head (Exchange *x);

/* anthropic-batch.c */
void anthropic_create_batch (Exchange *x, Reply *reply);
void anthropic_get_batch (Exchange *x, Reply *reply);
void anthropic_get_results (Exchange *x, Reply *reply);
void anthropic_cancel_batch (Exchange *x, Reply *reply);
void anthropic_list_batches (Exchange *x, Reply *reply);

G_END_DECLS
