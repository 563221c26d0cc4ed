/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The journal of calls and the manifests of media. */

#include "mer-error.h"
#include "store/mer-store-private.h"
#include "tables/mer-json.h"

/* the text that a query of one key gives; %NULL without error where there is none */
static char *
journal_lookup (MerStore *self, const char *sql, const char *key, GError **error)
{
  MerDb *db = mer_store_take_reader (self);
  sqlite3_stmt *statement = mer_db_query (db, error, sql, "t", key);
  char *text = NULL;

  if (statement != NULL)
    {
      if (mer_db_step (db, statement, error) == SQLITE_ROW)
        text = g_strdup (mer_db_text (statement, 0));
      mer_db_end (statement);
    }
  mer_store_give_reader (self);
  return text;
}

static MerResult *
journal_parse_result (const char *path, const char *key, const char *text,
                      const char *stage, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s: call %.16s", path, key);
  g_autoptr (MerJson) json = mer_json_parse (name, text, -1, error);
  MerResult *result = NULL;

  if (json == NULL)
    return NULL;
  result = mer_result_new_from_json (mer_json_get_root (json), error);
  if (result == NULL)
    {
      g_prefix_error (error, "%s: ", name);
      return NULL;
    }
  if (stage != NULL)
    mer_result_set_stage (result, stage);
  mer_result_set_call_key (result, key);
  mer_result_set_from_journal (result, TRUE);
  return result;
}

/**
 * mer_store_lookup_call:
 * @self: a store
 * @key: sha256 of the call, 64 hex digits
 * @stage: (nullable): the name of the stage that asks, which the result then bears; %NULL
 *   for that of the stage which made the call
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the answer that was committed, unsealed, marked as
 *   from the journal; %NULL without error where there is none
 * Since: 0.1
 */
MerResult *
mer_store_lookup_call (MerStore *self, const char *key, const char *stage, GError **error)
{
  g_autofree char *text
      = journal_lookup (self, "SELECT result FROM calls WHERE key = ?1", key, error);

  return text != NULL
             ? journal_parse_result (mer_store_get_path (self), key, text, stage, error)
             : NULL;
}

/**
 * mer_store_lookup_fingerprint:
 * @self: a store
 * @key: of a call
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): what the server called the system that answered,
 *   %NULL without error where it said nothing or there is no such call
 * Since: 0.1
 */
char *
mer_store_lookup_fingerprint (MerStore *self, const char *key, GError **error)
{
  return journal_lookup (self, "SELECT fingerprint FROM calls WHERE key = ?1", key, error);
}

typedef struct
{
  char *key;
  char *request;
  char *text;
  char *fingerprint;
  MerResult *result;
  char *standing;
} Call;

static void
call_free (Call *call)
{
  g_free (call->key);
  g_free (call->request);
  g_free (call->text);
  g_free (call->fingerprint);
  g_free (call->standing);
  mer_result_unref (call->result);
  g_free (call);
}

static gboolean
call_read_standing (MerDb *db, Call *call, GError **error)
{
  sqlite3_stmt *statement
      = mer_db_query (db, error, "SELECT result FROM calls WHERE key = ?1", "t", call->key);
  int rc = statement != NULL ? mer_db_step (db, statement, error) : SQLITE_ERROR;

  if (rc == SQLITE_ROW)
    call->standing = g_strdup (mer_db_text (statement, 0));
  if (statement != NULL)
    mer_db_end (statement);
  return rc != SQLITE_ERROR;
}

static gboolean
call_work (MerDb *db, gpointer data, GError **error)
{
  Call *call = g_task_get_task_data (data);

  if (!mer_db_run (db, error,
                   "INSERT INTO calls (key, request, result, fingerprint, committed)"
                   " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO NOTHING",
                   "tttti", call->key, call->request, call->text, call->fingerprint,
                   g_get_real_time ()))
    return FALSE;
  return mer_db_get_changes (db) > 0 || call_read_standing (db, call, error);
}

static void
call_done (gpointer data, const GError *error)
{
  g_autoptr (GTask) task = data;
  Call *call = g_task_get_task_data (task);
  MerStore *self = g_task_get_source_object (task);
  GError *local = NULL;

  if (error != NULL)
    local = g_error_copy (error);
  else if (call->standing == NULL)
    {
      g_task_return_pointer (task, mer_result_ref (call->result),
                             (GDestroyNotify) mer_result_unref);
      return;
    }

  MerResult *standing = NULL;

  if (local == NULL)
    standing = journal_parse_result (mer_store_get_path (self), call->key, call->standing,
                                     mer_result_get_stage (call->result), &local);
  if (local != NULL)
    g_task_return_error (task, local);
  else
    g_task_return_pointer (task, standing, (GDestroyNotify) mer_result_unref);
}

/* whether a call may be written down at all */
static gboolean
call_check (const char *key, MerResult *result, GError **error)
{
  MerOutcome outcome = mer_result_get_outcome (result);

  if (mer_outcome_is_final (outcome))
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "call %.16s: the outcome “%s” is not final; it is tried again and not kept",
               key, mer_outcome_to_string (outcome));
  return FALSE;
}

/**
 * mer_store_commit_call_async:
 * @self: a store open for writing
 * @key: sha256 of the call, 64 hex digits
 * @request: its canonical request, for people; no media, no secrets
 * @result: what came, with a final outcome; it must not change any more
 * @fingerprint: (nullable): what the server called the system that answered
 * @callback: (scope async): called in the caller's thread-default context when the answer
 *   is on disk
 * @user_data: for @callback
 *
 * Writes an answer down.
 * Since: 0.1
 */
void
mer_store_commit_call_async (MerStore *self, const char *key, const char *request,
                             MerResult *result, const char *fingerprint,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GError *error = NULL;
  MerStoreWriter *writer = mer_store_get_writer (self, &error);

  g_task_set_source_tag (task, mer_store_commit_call_async);
  if (writer == NULL || !call_check (key, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_autoptr (JsonNode) node = mer_result_to_json (result);
  Call *call = g_new0 (Call, 1);

  json_object_remove_member (json_node_get_object (node), "from-journal");
  call->key = g_strdup (key);
  call->request = g_strdup (request != NULL ? request : "");
  call->text = mer_json_line (node);
  call->fingerprint = g_strdup (fingerprint);
  call->result = mer_result_ref (result);
  g_task_set_task_data (task, call, (GDestroyNotify) call_free);
  mer_store_writer_push (writer, call_work, call_done, g_steal_pointer (&task));
}

/**
 * mer_store_commit_call_finish:
 * @self: the store
 * @result: what the callback got
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the answer that stands under the key: the one that
 *   was handed over, or where two calls with one key were on their way at once, the one
 *   that came first; go on with this one, so that a resumed run says the same. %NULL with
 *   `NO_SPACE` if the disk is full, or with what else went wrong
 * Since: 0.1
 */
MerResult *
mer_store_commit_call_finish (MerStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * mer_store_lookup_manifest:
 * @self: a store
 * @key: sha256 of clip, media settings and decoder versions, 64 hex digits
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the manifest, %NULL without error where there is
 *   none
 * Since: 0.1
 */
JsonNode *
mer_store_lookup_manifest (MerStore *self, const char *key, GError **error)
{
  g_autofree char *text
      = journal_lookup (self, "SELECT manifest FROM manifests WHERE key = ?1", key, error);

  if (text == NULL)
    return NULL;

  g_autofree char *name
      = g_strdup_printf ("%s: manifest %.16s", mer_store_get_path (self), key);
  g_autoptr (MerJson) json = mer_json_parse (name, text, -1, error);

  return json != NULL ? json_node_copy (mer_json_get_root (json)) : NULL;
}

typedef struct
{
  char *key;
  char *text;
} Manifest;

static void
manifest_free (Manifest *manifest)
{
  g_free (manifest->key);
  g_free (manifest->text);
  g_free (manifest);
}

static gboolean
manifest_work (MerDb *db, gpointer data, GError **error)
{
  Manifest *manifest = g_task_get_task_data (data);

  return mer_db_run (db, error,
                     "INSERT OR REPLACE INTO manifests (key, manifest, committed)"
                     " VALUES (?1, ?2, ?3)",
                     "tti", manifest->key, manifest->text, g_get_real_time ());
}

static void
manifest_done (gpointer data, const GError *error)
{
  g_autoptr (GTask) task = data;

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * mer_store_commit_manifest_async:
 * @self: a store open for writing
 * @key: sha256 of clip, media settings and decoder versions, 64 hex digits
 * @manifest: what decoding gave, without bytes
 * @callback: (scope async) (nullable): called in the caller's thread-default context when
 *   it is on disk
 * @user_data: for @callback
 *
 * Writes a manifest down; one that stood under the key is replaced.
 * Since: 0.1
 */
void
mer_store_commit_manifest_async (MerStore *self, const char *key, JsonNode *manifest,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GError *error = NULL;
  MerStoreWriter *writer = mer_store_get_writer (self, &error);
  Manifest *data;

  g_task_set_source_tag (task, mer_store_commit_manifest_async);
  if (writer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  data = g_new0 (Manifest, 1);
  data->key = g_strdup (key);
  data->text = mer_json_line (manifest);
  g_task_set_task_data (task, data, (GDestroyNotify) manifest_free);
  mer_store_writer_push (writer, manifest_work, manifest_done, g_steal_pointer (&task));
}

/**
 * mer_store_commit_manifest_finish:
 * @self: the store
 * @result: what the callback got
 * @error: return location for an error
 *
 * Returns: whether the manifest is on disk
 * Since: 0.1
 */
gboolean
mer_store_commit_manifest_finish (MerStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
