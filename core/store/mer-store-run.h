/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/mer-store.h"

G_BEGIN_DECLS

/**
 * MerStoreRun:
 *
 * A run that is being written: its samples, summaries and how it ends. Which run it is, the
 * sha256 of its definition says (the resolved description, dataset, prompts, models,
 * mapping and draws as one JSON document): the same definition resumes the run, another
 * adds one. A sample stands in a run once: written again on resume it replaces what stood
 * there, written twice in one session it is an error.
 *
 * May be used from any thread.
 *
 * Since: 0.1
 */
#define MER_TYPE_STORE_RUN (mer_store_run_get_type ())
G_DECLARE_FINAL_TYPE (MerStoreRun, mer_store_run, MER, STORE_RUN, GObject)

/**
 * MerStoreRunState:
 * @MER_STORE_RUN_RUNNING: a process works on it, or did and was killed
 * @MER_STORE_RUN_FINISHED: all samples came
 * @MER_STORE_RUN_STOPPED: it ended early; `why` says why
 *
 * How far a run is.
 */
typedef enum
{
  MER_STORE_RUN_RUNNING,
  MER_STORE_RUN_FINISHED,
  MER_STORE_RUN_STOPPED,
} MerStoreRunState;

const char *mer_store_run_state_to_string (MerStoreRunState state);

/* writing */
JsonNode *mer_store_environment_new (void);
char *mer_store_run_identity (JsonNode *definition);
MerStoreRun *mer_store_begin_run (MerStore *self, const char *name, JsonNode *definition,
                                  JsonNode *environment, GError **error);
gint64 mer_store_run_get_number (MerStoreRun *self);
const char *mer_store_run_get_identity (MerStoreRun *self);
MerStore *mer_store_run_get_store (MerStoreRun *self);
gboolean mer_store_run_is_resumed (MerStoreRun *self);
gboolean mer_store_run_add_sample (MerStoreRun *self, MerSample *sample, GError **error);
gboolean mer_store_run_add_summary (MerStoreRun *self, const char *scorer,
                                    const char *stage, JsonNode *summary, GError **error);
gboolean mer_store_run_keep_media (MerStoreRun *self, MerMedia *media, GError **error);
gboolean mer_store_run_flush (MerStoreRun *self, GError **error);
gboolean mer_store_run_finish (MerStoreRun *self, MerStoreRunState state, const char *why,
                               GError **error);

/* a run reaches merstoresink as a persistent context under `mer run`; it brings its store
 */
#define MER_STORE_RUN_CONTEXT "mer.store-run"
GstContext *mer_store_run_context_new (MerStoreRun *self);
MerStoreRun *mer_store_run_from_context (GstContext *context);

/**
 * MerStoreRunInfo:
 * @number: of the run in its store, from 1
 * @identity: sha256 of its definition, 64 hex digits
 * @name: what it is called, of the description or batch
 * @state: how far it is
 * @why: (nullable): why it was stopped
 * @started: when its first session began, microseconds since 1970 UTC
 * @touched: when its last session began
 * @ended: when its last session ended, 0 where it did not
 * @sessions: how often it was started or resumed
 * @samples: how many stand in it
 * @definition: canonical JSON of what identifies it
 * @environment: (nullable): JSON of its last session: versions, host tools
 *
 * A run as it stands in the file.
 */
typedef struct
{
  gint64 number;
  char *identity;
  char *name;
  MerStoreRunState state;
  char *why;
  gint64 started;
  gint64 touched;
  gint64 ended;
  guint sessions;
  guint64 samples;
  char *definition;
  char *environment;
} MerStoreRunInfo;

#define MER_TYPE_STORE_RUN_INFO (mer_store_run_info_get_type ())
GType mer_store_run_info_get_type (void);
MerStoreRunInfo *mer_store_run_info_copy (const MerStoreRunInfo *self);
void mer_store_run_info_free (MerStoreRunInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerStoreRunInfo, mer_store_run_info_free)

/* reading; `pick` is %NULL for the latest, a number, the start of an identity, or a name */
GPtrArray *mer_store_list_runs (MerStore *self, GError **error);
MerStoreRunInfo *mer_store_find_run (MerStore *self, const char *pick, GError **error);

/**
 * MerStoreRecordFunc:
 * @id: the sample's id
 * @record: its `mer-record/1` line, without newline
 * @user_data: what was given with the function
 * @error: return location for an error
 *
 * Returns: %FALSE with @error set to stop
 */
typedef gboolean (*MerStoreRecordFunc) (const char *id, const char *record,
                                        gpointer user_data, GError **error);

gboolean mer_store_foreach_record (MerStore *self, gint64 run, MerStoreRecordFunc func,
                                   gpointer user_data, GError **error);

/**
 * MerStoreSummaryFunc:
 * @scorer: the scorer element's name
 * @stage: the stage that it judged
 * @summary: its figures, JSON
 * @user_data: what was given with the function
 * @error: return location for an error
 *
 * Returns: %FALSE with @error set to stop
 */
typedef gboolean (*MerStoreSummaryFunc) (const char *scorer, const char *stage,
                                         JsonNode *summary, gpointer user_data,
                                         GError **error);

gboolean mer_store_foreach_summary (MerStore *self, gint64 run, MerStoreSummaryFunc func,
                                    gpointer user_data, GError **error);
GBytes *mer_store_load_blob (MerStore *self, const char *sha256, GError **error);

/**
 * MerStoreCall:
 * @key: of the call, 64 hex digits
 * @request: its canonical request
 * @result: JSON of what came
 * @fingerprint: (nullable): what the server called the system that answered
 * @committed: when it was written, microseconds since 1970 UTC
 *
 * A call as it stands in the journal.
 */
typedef struct
{
  const char *key;
  const char *request;
  const char *result;
  const char *fingerprint;
  gint64 committed;
} MerStoreCall;

/* Returns %FALSE with an error set to stop */
typedef gboolean (*MerStoreCallFunc) (const MerStoreCall *call, gpointer user_data,
                                      GError **error);

gboolean mer_store_foreach_call (MerStore *self, MerStoreCallFunc func, gpointer user_data,
                                 GError **error);

G_END_DECLS
