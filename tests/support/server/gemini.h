/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* gemini-check.c */
gboolean gemini_check (Exchange *x);
gboolean gemini_take_media (Exchange *x, GByteArray *data, const char *type);

/* gemini-files.c */
gboolean gemini_check_file (Exchange *x, JsonNode *data);
void gemini_upload (Exchange *x, Reply *reply);
void gemini_get_file (Exchange *x, Reply *reply);
void gemini_delete_file (Exchange *x, Reply *reply);
void gemini_download_file (Exchange *x, Reply *reply);

/* gemini-batch.c */
void gemini_create_batch (Exchange *x, Reply *reply);
void gemini_get_batch (Exchange *x, Reply *reply);
void gemini_cancel_batch (Exchange *x, Reply *reply);
void gemini_list_batches (Exchange *x, Reply *reply);

G_END_DECLS
