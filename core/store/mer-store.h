/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "sample/mer-sample.h"

G_BEGIN_DECLS

/**
 * MerStore:
 *
 * A `.mer` file (SQLite): the journal of calls, media manifests, and any number of runs.
 * One writer at a time; all writing happens in the store's own thread, several commits in
 * one transaction. Functions without `_async` are for set-up and reading; they may be
 * called from any thread.
 */
#define MER_TYPE_STORE (mer_store_get_type ())
G_DECLARE_FINAL_TYPE (MerStore, mer_store, MER, STORE, GObject)

typedef enum
{
  MER_STORE_READ,
  MER_STORE_WRITE, /* creates it; BUSY names the holder if another process writes */
} MerStoreMode;

/* two openers of one path in one process share one store */
MerStore *mer_store_open (const char *path, MerStoreMode mode, GError **error);
const char *mer_store_get_path (MerStore *self);

/* the journal: a call's answer under its key, written when it arrives */
MerResult *mer_store_lookup_call (MerStore *self, const char *key, GError **error);
void mer_store_commit_call_async (MerStore *self, const char *key, const char *request,
                                  MerResult *result, const char *fingerprint,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean mer_store_commit_call_finish (MerStore *self, GAsyncResult *result,
                                       GError **error);

/* manifests under sha256 (clip, settings, decoder), so that nothing is decoded for a key */
JsonNode *mer_store_lookup_manifest (MerStore *self, const char *key, GError **error);
void mer_store_commit_manifest_async (MerStore *self, const char *key, JsonNode *manifest,
                                      GAsyncReadyCallback callback, gpointer user_data);
gboolean mer_store_commit_manifest_finish (MerStore *self, GAsyncResult *result,
                                           GError **error);

/* a store reaches elements as a persistent context under `mer run`, or by their `journal`
 * property under gst-launch */
#define MER_STORE_CONTEXT "mer.store"
GstContext *mer_store_context_new (MerStore *self);
MerStore *mer_store_from_context (GstContext *context);

G_END_DECLS
