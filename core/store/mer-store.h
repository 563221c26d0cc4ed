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
 * one transaction, and a commit's callback is called after that transaction is on disk.
 * Functions without `_async` are for set-up and reading; all may be called from any
 * thread.
 *
 * Since: 0.1
 */
#define MER_TYPE_STORE (mer_store_get_type ())
G_DECLARE_FINAL_TYPE (MerStore, mer_store, MER, STORE, GObject)

/**
 * MerStoreMode:
 * @MER_STORE_READ: an existing file, for reading; also while another process writes
 * @MER_STORE_WRITE: for writing and reading; made if it is not there
 *
 * How a store is opened.
 */
typedef enum
{
  MER_STORE_READ,
  MER_STORE_WRITE,
} MerStoreMode;

MerStore *mer_store_open (const char *path, MerStoreMode mode, GError **error);
const char *mer_store_get_path (MerStore *self);
gboolean mer_store_is_writable (MerStore *self);

/* the journal: a call's answer under its key, written when it arrives */
MerResult *mer_store_lookup_call (MerStore *self, const char *key, const char *stage,
                                  GError **error);
void mer_store_commit_call_async (MerStore *self, const char *key, const char *request,
                                  MerResult *result, const char *fingerprint,
                                  GAsyncReadyCallback callback, gpointer user_data);
MerResult *mer_store_commit_call_finish (MerStore *self, GAsyncResult *result,
                                         GError **error);
char *mer_store_lookup_fingerprint (MerStore *self, const char *key, GError **error);

/* manifests under sha256 (clip, settings, decoder), so that nothing is decoded for a key */
JsonNode *mer_store_lookup_manifest (MerStore *self, const char *key, GError **error);
void mer_store_commit_manifest_async (MerStore *self, const char *key, JsonNode *manifest,
                                      GAsyncReadyCallback callback, gpointer user_data);
gboolean mer_store_commit_manifest_finish (MerStore *self, GAsyncResult *result,
                                           GError **error);

/* everything that was handed over before is on disk when this returns */
gboolean mer_store_flush (MerStore *self, GError **error);

/* a store reaches elements as a persistent context under `mer run`, or by their `journal`
 * property under gst-launch */
#define MER_STORE_CONTEXT "mer.store"
GstContext *mer_store_context_new (MerStore *self);
MerStore *mer_store_from_context (GstContext *context);

G_END_DECLS
