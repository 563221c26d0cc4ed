/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-backend.h"
#include "base/mer-estimate.h"
#include "base/mer-bulk.h"
#include "config/mer-prices.h"
#include "config/mer-prompt.h"
#include "net/mer-endpoint.h"
#include "store/mer-store.h"

G_BEGIN_DECLS

/* inner: what the element's properties came to at READY→PAUSED, and what only the I/O
 * thread touches after that */
typedef struct
{
  /* properties */
  char *prompt_name;
  char *system_name;
  char *uri;
  char *model;
  char *revision;
  char *key_variable;
  gboolean allow_plain_http;
  MerModality modalities;
  MerModality require;
  MerModality model_modalities;
  double temperature;
  guint max_tokens;
  MerAnswerFormat answer_format;
  char *schema_path;
  gint64 seed;
  guint draw;
  char *journal;
  double timeout;
  double patience;
  gboolean wait_ready;
  MerLimits limits;
  guint64 max_request;
  guint max_frames;
  double max_audio;
  MerBackendBulk bulk_wish;
  char *prices_text;
  double price_input;
  double price_input_cached;
  double price_output;

  /* set by the subclass's open */
  MerModality carried; /* none: the class's */
  const char *usual_uri;
  const char *key_header; /* NULL: the class's */
  const char *key_prefix;

  /* settled by open */
  gboolean form;
  MerPrompt *prompt;
  MerPrompt *system;
  char **references;
  JsonNode *schema; /* where answer_format wants one */
  MerCaller *caller;
  char *key;
  char **headers;
  MerPrices *prices;
  MerStore *store;
  MerStore *context_store;
  MerEstimate *estimate; /* counts calls instead of making them */
  MerBulk *bulk;
  gboolean in_bulk; /* its calls go through that */

  /* I/O thread */
  char *served_model;
  MerModality lacking; /* of model_modalities, as the model itself says */
  gboolean probing;
  char **listed;  /* what the server serves, where it was asked; under the object's lock */
  GQueue waiting; /* tasks that wait for the probe */
  char *fingerprint;
  gboolean fingerprint_changed;
} MerBackendPrivate;

MerBackendPrivate *mer_backend_get_private (MerBackend *self);

void mer_backend_install_properties (GObjectClass *klass);
void mer_backend_init_properties (MerBackendPrivate *priv);
void mer_backend_clear_properties (MerBackendPrivate *priv);

void mer_backend_process_async (MerOrdered *ordered, MerSample *sample,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean mer_backend_process_finish (MerOrdered *ordered, GAsyncResult *result,
                                     MerSample *sample, GError **error);

/* what a stage shows of a sample; %NULL, or the result that says why it cannot be asked */
MerResult *mer_backend_choose (MerBackend *self, MerSample *sample, MerModality *shown,
                               char **prompt, char **system);
MerResult *mer_backend_check_limits (MerBackend *self, MerSample *sample,
                                     MerPayload *payload);
void mer_backend_set_failure (MerBackend *self, const char *path, MerReply *reply,
                              const MerReplyError *failure, GError **error);
char *mer_backend_dup_advice (MerBackend *self, guint status, const MerReplyError *failure);
void mer_backend_check_budget (MerBackend *self);
char *mer_backend_dup_key (MerBackend *self, const char *canonical);

/* the wait for a server's list of models, done once before the first call */
gboolean mer_backend_needs_probe (MerBackend *self);
void mer_backend_probe (MerBackend *self, GTask *task, void (*go_on) (GTask *task));

G_END_DECLS
