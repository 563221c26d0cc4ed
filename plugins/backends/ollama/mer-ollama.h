/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer.h"

G_BEGIN_DECLS

#define MER_TYPE_OLLAMA (mer_ollama_get_type ())
G_DECLARE_FINAL_TYPE (MerOllama, mer_ollama, MER, OLLAMA, MerBackend)

GST_ELEMENT_REGISTER_DECLARE (merollama)

/**
 * MerOllamaStyle:
 * @stream: whether the answer is to be streamed
 * @truncate: whether the server may cut what does not fit the context
 * @num_ctx: tokens of context; 0 leaves it to the server
 * @think: (nullable): a JSON value: whether, or how hard, the model thinks
 * @keep_alive: (nullable): a JSON value: how long the model stays loaded
 * @extra: (nullable): what is patched into every request
 *
 * How requests are written; settled when the element opens.
 */
typedef struct
{
  gboolean stream;
  gboolean truncate;
  guint num_ctx;
  JsonNode *think;
  JsonNode *keep_alive;
  JsonNode *extra;
} MerOllamaStyle;

JsonNode *mer_ollama_build_request (MerBackend *backend, const MerOllamaStyle *style,
                                    MerRequest *request);
gboolean mer_ollama_parse_reply (JsonNode *reply, guint num_ctx, MerResult *result,
                                 GError **error);
JsonNode *mer_ollama_decode (MerReply *reply, GError **error);
gboolean mer_ollama_was_cut (MerResult *result, guint num_ctx);

/* mer-ollama-ability.c: what the model can take, asked once */
typedef struct
{
  gboolean asked;
  gboolean asking;
  gboolean known;
  gboolean sees;
  gboolean hears;
  GQueue waiting; /* tasks */
} MerOllamaAbility;

void mer_ollama_check_async (MerBackend *backend, MerOllamaAbility *ability,
                             MerModality shown, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
gboolean mer_ollama_check_finish (GAsyncResult *result, GError **error);

G_END_DECLS
