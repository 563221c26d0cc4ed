/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/mer-store-run.h"

#include "mer-error.h"
#include "sample/mer-record.h"
#include "store/mer-store-private.h"
#include "tables/mer-json.h"

struct _MerStoreRun
{
  GObject parent_instance;

  MerStore *store;
  char *identity;
  gint64 number;
  gint64 session;
  gboolean resumed;
  gboolean finished;

  /* what went wrong in the writer's thread first; nothing is written after that */
  GMutex lock;
  GError *error;
};

G_DEFINE_FINAL_TYPE (MerStoreRun, mer_store_run, G_TYPE_OBJECT)

/* how a session ended */
typedef struct
{
  gint64 session;
  MerStoreRunState state;
  char *why;
} Ending;

static void
ending_free (Ending *ending)
{
  g_free (ending->why);
  g_free (ending);
}

static Ending *
ending_new (MerStoreRun *self, MerStoreRunState state, const char *why)
{
  Ending *ending = g_new0 (Ending, 1);

  ending->session = self->session;
  ending->state = state;
  ending->why = g_strdup (why);
  return ending;
}

static gboolean
ending_work (MerDb *db, gpointer data, GError **error)
{
  Ending *ending = data;

  return mer_db_run (db, error,
                     "UPDATE sessions SET state = ?2, why = ?3, ended = ?4"
                     " WHERE number = ?1",
                     "itti", ending->session, mer_store_run_state_to_string (ending->state),
                     ending->why, g_get_real_time ());
}

static void
ending_done (gpointer data, const GError *error)
{
  ending_free (data);
}

static void
mer_store_run_dispose (GObject *object)
{
  MerStoreRun *self = MER_STORE_RUN (object);

  if (self->store != NULL && self->session != 0 && !self->finished)
    mer_store_writer_push (
        mer_store_get_writer (self->store, NULL), ending_work, ending_done,
        ending_new (self, MER_STORE_RUN_STOPPED, "it was stopped before all samples came"));
  self->finished = TRUE;
  g_clear_object (&self->store);
  G_OBJECT_CLASS (mer_store_run_parent_class)->dispose (object);
}

static void
mer_store_run_finalize (GObject *object)
{
  MerStoreRun *self = MER_STORE_RUN (object);

  g_free (self->identity);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (mer_store_run_parent_class)->finalize (object);
}

static void
mer_store_run_class_init (MerStoreRunClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mer_store_run_dispose;
  G_OBJECT_CLASS (klass)->finalize = mer_store_run_finalize;
}

static void
mer_store_run_init (MerStoreRun *self)
{
  g_mutex_init (&self->lock);
}

/* a run and its session on their way into the file */
typedef struct
{
  MerStoreRun *run;
  const char *name;
  char *definition;
  char *environment;
} Beginning;

static gboolean
begin_find (MerDb *db, Beginning *beginning, GError **error)
{
  MerStoreRun *run = beginning->run;
  sqlite3_stmt *statement = mer_db_query (
      db, error, "SELECT number FROM runs WHERE identity = ?1", "t", run->identity);
  int rc = statement != NULL ? mer_db_step (db, statement, error) : SQLITE_ERROR;

  run->resumed = rc == SQLITE_ROW;
  if (run->resumed)
    run->number = sqlite3_column_int64 (statement, 0);
  if (statement != NULL)
    mer_db_end (statement);
  return rc != SQLITE_ERROR;
}

static gboolean
begin_work (MerDb *db, gpointer data, GError **error)
{
  Beginning *beginning = data;
  MerStoreRun *run = beginning->run;

  if (!begin_find (db, beginning, error))
    return FALSE;
  if (!run->resumed)
    {
      if (!mer_db_run (db, error,
                       "INSERT INTO runs (identity, name, definition, created)"
                       " VALUES (?1, ?2, ?3, ?4)",
                       "ttti", run->identity, beginning->name, beginning->definition,
                       g_get_real_time ()))
        return FALSE;
      run->number = mer_db_get_last_number (db);
    }
  if (!mer_db_run (db, error,
                   "INSERT INTO sessions (run, state, started, environment)"
                   " VALUES (?1, 'running', ?2, ?3)",
                   "iit", run->number, g_get_real_time (), beginning->environment))
    return FALSE;
  run->session = mer_db_get_last_number (db);
  return TRUE;
}

/**
 * mer_store_begin_run:
 * @self: a store open for writing
 * @name: what to call it: of the description or of the batch
 * @definition: what makes it the run it is; its sha256 is the run's identity
 * @environment: (nullable): what else should be known of this session: versions, host
 *   tools; no part of the identity
 * @error: return location for an error
 *
 * Resumes the run with this identity or adds one, and starts a session of it. Waits for
 * the disk.
 *
 * Returns: (transfer full) (nullable): the run; end it with mer_store_run_finish(), else
 *   its session is marked as stopped when the last reference is dropped
 * Since: 0.1
 */
MerStoreRun *
mer_store_begin_run (MerStore *self, const char *name, JsonNode *definition,
                     JsonNode *environment, GError **error)
{
  MerStoreWriter *writer = mer_store_get_writer (self, error);

  if (writer == NULL)
    return NULL;

  g_autoptr (MerStoreRun) run = g_object_new (MER_TYPE_STORE_RUN, NULL);
  g_autofree char *canonical = mer_json_canonical (definition);
  g_autofree char *tools = environment != NULL ? mer_json_line (environment) : NULL;
  Beginning beginning = { run, name != NULL ? name : "", canonical, tools };

  run->identity = mer_store_run_identity (definition);
  if (!mer_store_writer_run (writer, begin_work, &beginning, error))
    {
      run->session = 0;
      return NULL;
    }
  run->store = g_object_ref (self);
  return g_steal_pointer (&run);
}

/**
 * mer_store_run_get_number:
 * @self: a run
 *
 * Returns: its number in its store, from 1
 * Since: 0.1
 */
gint64
mer_store_run_get_number (MerStoreRun *self)
{
  return self->number;
}

/**
 * mer_store_run_get_identity:
 * @self: a run
 *
 * Returns: the sha256 of its definition, 64 hex digits
 * Since: 0.1
 */
const char *
mer_store_run_get_identity (MerStoreRun *self)
{
  return self->identity;
}

/**
 * mer_store_run_get_store:
 * @self: a run
 *
 * Returns: (transfer none): where it is written
 * Since: 0.1
 */
MerStore *
mer_store_run_get_store (MerStoreRun *self)
{
  return self->store;
}

/**
 * mer_store_run_is_resumed:
 * @self: a run
 *
 * Returns: whether the store had this run before
 * Since: 0.1
 */
gboolean
mer_store_run_is_resumed (MerStoreRun *self)
{
  return self->resumed;
}

static gboolean
run_check (MerStoreRun *self, GError **error)
{
  g_mutex_lock (&self->lock);

  gboolean good = self->error == NULL;

  if (!good)
    g_propagate_error (error, g_error_copy (self->error));
  g_mutex_unlock (&self->lock);
  return good;
}

static void
run_remember (MerStoreRun *self, const GError *error)
{
  g_mutex_lock (&self->lock);
  if (self->error == NULL && error != NULL)
    self->error = g_error_copy (error);
  g_mutex_unlock (&self->lock);
}

/* a sample on its way into the file */
typedef struct
{
  MerStoreRun *run;
  char *id;
  gint64 seq;
  char *record;
} Row;

static gboolean
row_work (MerDb *db, gpointer data, GError **error)
{
  Row *row = data;

  if (!mer_db_run (db, error,
                   "INSERT INTO samples (run, id, seq, session, record)"
                   " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (run, id) DO UPDATE"
                   " SET seq = ?3, session = ?4, record = ?5 WHERE session <> ?4",
                   "itiit", row->run->number, row->id, row->seq, row->run->session,
                   row->record))
    return FALSE;
  if (mer_db_get_changes (db) > 0)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_EXISTS,
               "sample “%s” came twice; each sample of a run needs an id of its own",
               row->id);
  return FALSE;
}

static void
row_done (gpointer data, const GError *error)
{
  Row *row = data;

  run_remember (row->run, error);
  g_object_unref (row->run);
  g_free (row->id);
  g_free (row->record);
  g_free (row);
}

/**
 * mer_store_run_add_sample:
 * @self: a run
 * @sample: a sample with all its results
 * @error: return location for an error
 *
 * Hands a sample over as a `mer-record/1`; what stood under its id from an earlier session
 * is replaced. Returns before it is on disk, so that an error may be that of a sample
 * before this one; waits only when many are queued.
 *
 * Returns: %FALSE with `NO_SPACE`, or `EXISTS` if two samples have one id; the run takes
 *   no more samples then
 * Since: 0.1
 */
gboolean
mer_store_run_add_sample (MerStoreRun *self, MerSample *sample, GError **error)
{
  if (!run_check (self, error))
    return FALSE;

  Row *row = g_new0 (Row, 1);

  row->run = g_object_ref (self);
  row->id = g_strdup (mer_sample_get_id (sample));
  row->seq = (gint64) mer_sample_get_seq (sample);
  row->record = mer_record_to_line (sample);
  mer_store_writer_push_bounded (mer_store_get_writer (self->store, NULL), row_work,
                                 row_done, row);
  return TRUE;
}

/* a summary on its way into the file, on its owner's stack */
typedef struct
{
  gint64 run;
  const char *scorer;
  const char *stage;
  const char *text;
} Summary;

static gboolean
summary_work (MerDb *db, gpointer data, GError **error)
{
  Summary *summary = data;

  return mer_db_run (db, error,
                     "INSERT OR REPLACE INTO summaries (run, scorer, stage, summary,"
                     " committed) VALUES (?1, ?2, ?3, ?4, ?5)",
                     "ittti", summary->run, summary->scorer, summary->stage, summary->text,
                     g_get_real_time ());
}

/**
 * mer_store_run_add_summary:
 * @self: a run
 * @scorer: the scorer element's name
 * @stage: (nullable): the stage that it judged
 * @summary: its figures
 * @error: return location for an error
 *
 * Writes what a scorer posted as `mer-summary`; what it said in an earlier session is
 * replaced. Waits for the disk.
 *
 * Returns: whether it is on disk
 * Since: 0.1
 */
gboolean
mer_store_run_add_summary (MerStoreRun *self, const char *scorer, const char *stage,
                           JsonNode *summary, GError **error)
{
  g_autofree char *text = mer_json_line (summary);
  Summary row = { self->number, scorer, stage != NULL ? stage : "", text };

  return run_check (self, error)
         && mer_store_writer_run (mer_store_get_writer (self->store, NULL), summary_work,
                                  &row, error);
}

/* bytes on their way into the file */
typedef struct
{
  MerStoreRun *run;
  char *sha256;
  GBytes *bytes;
} Blob;

static gboolean
blob_work (MerDb *db, gpointer data, GError **error)
{
  Blob *blob = data;

  return mer_db_run (db, error,
                     "INSERT INTO blobs (sha256, bytes) VALUES (?1, ?2)"
                     " ON CONFLICT (sha256) DO NOTHING",
                     "tb", blob->sha256, blob->bytes);
}

static void
blob_done (gpointer data, const GError *error)
{
  Blob *blob = data;

  run_remember (blob->run, error);
  g_object_unref (blob->run);
  g_free (blob->sha256);
  g_bytes_unref (blob->bytes);
  g_free (blob);
}

static void
run_push_blob (MerStoreRun *self, const char *sha256, GBytes *bytes)
{
  Blob *blob = g_new0 (Blob, 1);

  blob->run = g_object_ref (self);
  blob->sha256 = g_strdup (sha256);
  blob->bytes = g_bytes_ref (bytes);
  mer_store_writer_push_bounded (mer_store_get_writer (self->store, NULL), blob_work,
                                 blob_done, blob);
}

/**
 * mer_store_run_keep_media:
 * @self: a run
 * @media: a media whose bytes are loaded; others are left alone
 * @error: return location for an error
 *
 * Keeps the JPEGs and the WAV of a sample under their sha256, for `--keep-media`. Returns
 * before they are on disk.
 *
 * Returns: %FALSE if something could not be written before
 * Since: 0.1
 */
gboolean
mer_store_run_keep_media (MerStoreRun *self, MerMedia *media, GError **error)
{
  const char *audio = mer_media_get_audio_sha256 (media);

  if (!run_check (self, error))
    return FALSE;
  if (!mer_media_is_loaded (media))
    return TRUE;
  for (guint i = 0; i < mer_media_get_n_frames (media); i++)
    {
      GBytes *jpeg = mer_media_get_jpeg (media, i);

      if (jpeg != NULL)
        run_push_blob (self, mer_media_get_frame (media, i)->sha256, jpeg);
    }
  if (audio != NULL && mer_media_get_audio (media) != NULL)
    run_push_blob (self, audio, mer_media_get_audio (media));
  return TRUE;
}

/**
 * mer_store_run_flush:
 * @self: a run
 * @error: return location for an error
 *
 * Waits until all that was handed over is on disk.
 *
 * Returns: %FALSE with what could not be written first
 * Since: 0.1
 */
gboolean
mer_store_run_flush (MerStoreRun *self, GError **error)
{
  return mer_store_flush (self->store, error) && run_check (self, error);
}

/**
 * mer_store_run_finish:
 * @self: a run
 * @state: `FINISHED` if all samples came, `STOPPED` if it ends early
 * @why: (nullable): why it was stopped, for people
 * @error: return location for an error
 *
 * Waits until all samples are on disk and writes how the session ended. A run that could
 * not write a sample is marked as stopped, whatever @state says.
 *
 * Returns: %FALSE with what could not be written first
 * Since: 0.1
 */
gboolean
mer_store_run_finish (MerStoreRun *self, MerStoreRunState state, const char *why,
                      GError **error)
{
  MerStoreWriter *writer = mer_store_get_writer (self->store, NULL);
  g_autoptr (GError) local = NULL;

  mer_store_writer_run (writer, NULL, NULL, NULL);
  self->finished = TRUE;
  if (!run_check (self, &local))
    {
      state = MER_STORE_RUN_STOPPED;
      why = local->message;
    }

  g_autoptr (GError) ending_error = NULL;
  Ending ending = { self->session, state, (char *) why };

  if (!mer_store_writer_run (writer, ending_work, &ending, &ending_error) && local == NULL)
    local = g_steal_pointer (&ending_error);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
