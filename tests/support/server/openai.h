/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* what chat completions, responses, transcriptions and batches have in common */
extern const ErrorText openai_errors[N_PROBLEMS];
void openai_write_error (const Exchange *x, const Problem *problem, Reply *reply);
void openai_list_models (Exchange *x, Reply *reply);
void openai_tell_health (Exchange *x, Reply *reply);

/* openai-batch.c */
void openai_upload_file (Exchange *x, Reply *reply);
void openai_get_file (Exchange *x, Reply *reply);
void openai_delete_file (Exchange *x, Reply *reply);
void openai_read_file (Exchange *x, Reply *reply);
void openai_create_batch (Exchange *x, Reply *reply);
void openai_get_batch (Exchange *x, Reply *reply);
void openai_cancel_batch (Exchange *x, Reply *reply);
void openai_list_batches (Exchange *x, Reply *reply);

/* openai-check.c */
gboolean openai_check (Exchange *x);

G_END_DECLS
