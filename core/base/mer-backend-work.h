/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-backend-private.h"

G_BEGIN_DECLS

/* inner: one sample's way through a backend; task data of its GTask, I/O thread only */
typedef struct
{
  MerSample *sample;
  MerModality shown;
  MerRequest *asked;
  JsonNode *request; /* what is sent; may have been adapted, unlike what was hashed */
  MerPayload *payload;
  MerPayloadFile *clip; /* where the request shows the whole file */
  char *canonical;
  char *key;
  char *path;
  MerCall call;
  GPtrArray *adapted; /* how `request` differs from what was hashed, in words */
  MerResult *result;
  MerReason reason; /* why the last attempt is no good */
  gboolean lost;    /* an attempt may have been charged without a word */
} MerBackendWork;

/* mer-backend-bulk.c */
void mer_backend_open_bulk (MerBackend *self);
gboolean mer_backend_needs_media (MerBackend *self, const char *key);
gboolean mer_backend_adapt_for_bulk (MerBackend *self, MerBackendWork *work,
                                     GError **error);
MerResult *mer_backend_find_awaited (MerBackend *self, MerSample *sample);

MerResult *mer_backend_new_result (MerBackend *self, MerOutcome outcome, MerReason reason,
                                   const char *detail);

void mer_backend_hide_key (MerBackend *self, MerResult *result);
void mer_backend_hide_key_in_error (MerBackend *self, GError *error);

MerUsage mer_backend_guess_usage (MerBackend *self, MerRequest *request);
void mer_backend_guess_missing (MerBackend *self, MerBackendWork *work);
MerResult *mer_backend_estimate (MerBackend *self, MerBackendWork *work);

/* makes the body again from the request that is sent */
gboolean mer_backend_write_payload (MerBackend *self, MerBackendWork *work, GError **error);
gboolean mer_backend_adapt (MerBackend *self, MerBackendWork *work,
                            const MerReplyError *failure);
void mer_backend_note_adapted (MerResult *result, GPtrArray *adapted);
/* what the call is expected to take, and what the answered attempt took; that sets the
 * result's cost too */
MerSpend mer_backend_expect (MerBackend *self, MerBackendWork *work);
MerSpend mer_backend_account (MerBackend *self, MerBackendWork *work);
/* a MerCallJudge whose data is the GTask of the work */
MerRetry mer_backend_judge (MerCall *call, MerReply *reply, GError **error);

G_END_DECLS
