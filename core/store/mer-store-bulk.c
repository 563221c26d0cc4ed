/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls that are asked in batches: the shards, which calls wait for them, and what they
 * brought until it is judged. */
#include "store/mer-store-bulk.h"

#include <string.h>

#include "mer-error.h"
#include "store/mer-store-private.h"

static const char *const state_names[]
    = { "ready", "uploading", "uploaded",  "submitting", "waiting", "ended",
        "done",  "failed",    "too-large", "lost",       "dropped" };

G_DEFINE_BOXED_TYPE (MerBulkShard, mer_bulk_shard, mer_bulk_shard_copy, mer_bulk_shard_free)

/**
 * mer_bulk_state_to_string:
 * @state: a state
 *
 * Returns: its name, as it stands in the store
 */
const char *
mer_bulk_state_to_string (MerBulkState state)
{
  return state_names[state];
}

static gboolean
state_from_string (const char *name, MerBulkState *state)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (state_names); i++)
    if (g_str_equal (name, state_names[i]))
      {
        *state = i;
        return TRUE;
      }
  return FALSE;
}

/**
 * mer_bulk_shard_copy:
 * @self: a shard
 *
 * Returns: (transfer full): its copy
 */
MerBulkShard *
mer_bulk_shard_copy (const MerBulkShard *self)
{
  MerBulkShard *copy = g_memdup2 (self, sizeof *self);

  copy->protocol = g_strdup (self->protocol);
  copy->uri = g_strdup (self->uri);
  copy->path = g_strdup (self->path);
  copy->model = g_strdup (self->model);
  copy->key_variable = g_strdup (self->key_variable);
  copy->token = g_strdup (self->token);
  copy->file = g_strdup (self->file);
  copy->remote_file = g_strdup (self->remote_file);
  copy->remote_batch = g_strdup (self->remote_batch);
  copy->remote_output = g_strdup (self->remote_output);
  copy->remote_errors = g_strdup (self->remote_errors);
  copy->why = g_strdup (self->why);
  return copy;
}

void
mer_bulk_shard_free (MerBulkShard *self)
{
  g_free (self->protocol);
  g_free (self->uri);
  g_free (self->path);
  g_free (self->model);
  g_free (self->key_variable);
  g_free (self->token);
  g_free (self->file);
  g_free (self->remote_file);
  g_free (self->remote_batch);
  g_free (self->remote_output);
  g_free (self->remote_errors);
  g_free (self->why);
  g_free (self);
}

/* puts a copy of @value into a member */
void
mer_bulk_shard_set (char **place, const char *value)
{
  char *old = *place;

  *place = g_strdup (value);
  g_free (old);
}

void
mer_bulk_reply_clear (MerBulkReply *self)
{
  g_clear_pointer (&self->key, g_free);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_pointer (&self->batch, g_free);
}

static gboolean
run_work (MerStore *self, MerStoreWork work, gpointer data, GError **error)
{
  MerStoreWriter *writer = mer_store_get_writer (self, error);

  return writer != NULL && mer_store_writer_run (writer, work, data, error);
}

typedef struct
{
  MerBulkShard *shard;
  GPtrArray *keys;
} Addition;

static gboolean
add_work (MerDb *db, gpointer data, GError **error)
{
  Addition *addition = data;
  const MerBulkShard *shard = addition->shard;

  if (!mer_db_run (
          db, error,
          "INSERT INTO bulk_shards (protocol, uri, path, model, key_variable,"
          " allow_plain_http, token, state, file, bytes, n_calls, n_answered, n_failed,"
          " created, submitted, expires, ended)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 0, ?12, 0, 0, 0)",
          "tttttitttiii", shard->protocol, shard->uri, shard->path, shard->model,
          shard->key_variable, (gint64) shard->allow_plain_http, shard->token,
          state_names[shard->state], shard->file, shard->bytes,
          (gint64) addition->keys->len, shard->created))
    return FALSE;

  gint64 number = mer_db_get_last_number (db);
  for (guint i = 0; i < addition->keys->len; i++)
    if (!mer_db_run (db, error, "INSERT INTO bulk_calls (key, shard) VALUES (?1, ?2)", "ti",
                     g_ptr_array_index (addition->keys, i), number))
      return FALSE;
  addition->shard->number = number;
  return TRUE;
}

/**
 * mer_store_bulk_add:
 * @self: a store open for writing
 * @shard: what is to be asked; its file is on disk. Gets its number
 * @keys: (element-type utf8): its calls, none twice
 * @error: return location for an error
 *
 * Returns: whether the shard and its calls are on disk
 */
gboolean
mer_store_bulk_add (MerStore *self, MerBulkShard *shard, GPtrArray *keys, GError **error)
{
  Addition addition = { shard, keys };

  shard->n_calls = keys->len;
  shard->created = g_get_real_time ();
  return run_work (self, add_work, &addition, error);
}

/* a shard that is closed keeps nobody waiting */
static gboolean
update_work (MerDb *db, gpointer data, GError **error)
{
  const MerBulkShard *shard = data;

  return mer_db_run (
             db, error,
             "UPDATE bulk_shards SET state = ?2, remote_file = ?3, remote_batch = ?4,"
             " remote_output = ?5, remote_errors = ?6, n_answered = ?7, n_failed = ?8,"
             " submitted = ?9, expires = ?10, ended = ?11, why = ?12 WHERE number = ?1",
             "itttttiiiiit", shard->number, state_names[shard->state], shard->remote_file,
             shard->remote_batch, shard->remote_output, shard->remote_errors,
             shard->n_answered, shard->n_failed, shard->submitted, shard->expires,
             shard->ended, shard->why)
         && (MER_BULK_STATE_IS_OPEN (shard->state)
             || mer_db_run (db, error, "DELETE FROM bulk_calls WHERE shard = ?1", "i",
                            shard->number));
}

/**
 * mer_store_bulk_update:
 * @self: a store open for writing
 * @shard: a shard with its number and what is known of it now
 * @error: return location for an error
 *
 * Writes down how far a shard is. Calls of one that is closed are awaited no more.
 *
 * Returns: whether it is on disk
 */
gboolean
mer_store_bulk_update (MerStore *self, const MerBulkShard *shard, GError **error)
{
  return run_work (self, update_work, (gpointer) shard, error);
}

static char *
dup_text (sqlite3_stmt *statement, int column)
{
  return g_strdup (mer_db_text (statement, column));
}

/* %NULL where the row is none that we write */
static MerBulkShard *
read_shard (sqlite3_stmt *row)
{
  g_autoptr (MerBulkShard) shard = g_new0 (MerBulkShard, 1);

  shard->number = sqlite3_column_int64 (row, 0);
  shard->protocol = dup_text (row, 1);
  shard->uri = dup_text (row, 2);
  shard->path = dup_text (row, 3);
  shard->model = dup_text (row, 4);
  shard->key_variable = dup_text (row, 5);
  shard->allow_plain_http = sqlite3_column_int64 (row, 6) != 0;
  shard->token = dup_text (row, 7);
  shard->file = dup_text (row, 9);
  shard->bytes = sqlite3_column_int64 (row, 10);
  shard->n_calls = sqlite3_column_int64 (row, 11);
  shard->remote_file = dup_text (row, 12);
  shard->remote_batch = dup_text (row, 13);
  shard->remote_output = dup_text (row, 14);
  shard->remote_errors = dup_text (row, 15);
  shard->n_answered = sqlite3_column_int64 (row, 16);
  shard->n_failed = sqlite3_column_int64 (row, 17);
  shard->created = sqlite3_column_int64 (row, 18);
  shard->submitted = sqlite3_column_int64 (row, 19);
  shard->expires = sqlite3_column_int64 (row, 20);
  shard->ended = sqlite3_column_int64 (row, 21);
  shard->why = dup_text (row, 22);
  if (!state_from_string (mer_db_text (row, 8), &shard->state) || shard->protocol == NULL
      || shard->uri == NULL || shard->path == NULL || shard->model == NULL
      || shard->token == NULL || shard->file == NULL || *shard->file == '\0'
      || strchr (shard->file, '/') != NULL || shard->n_calls < 0 || shard->bytes < 0)
    return NULL;
  return g_steal_pointer (&shard);
}

/**
 * mer_store_bulk_list:
 * @self: a store
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable) (element-type MerBulkShard): all its shards, the
 *   first made first
 */
GPtrArray *
mer_store_bulk_list (MerStore *self, GError **error)
{
  MerDb *db = mer_store_take_reader (self);
  g_autoptr (GPtrArray) shards
      = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_bulk_shard_free);
  sqlite3_stmt *row = mer_db_query (
      db, error,
      "SELECT number, protocol, uri, path, model, key_variable, allow_plain_http, token,"
      " state, file, bytes, n_calls, remote_file, remote_batch, remote_output,"
      " remote_errors, n_answered, n_failed, created, submitted, expires, ended, why"
      " FROM bulk_shards ORDER BY number",
      "");
  int rc = SQLITE_ERROR;

  while (row != NULL && (rc = mer_db_step (db, row, error)) == SQLITE_ROW)
    {
      MerBulkShard *shard = read_shard (row);

      if (shard != NULL)
        {
          g_ptr_array_add (shards, shard);
          continue;
        }
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                   "%s: row %" G_GINT64_FORMAT " of bulk_shards is none of gst-mer's",
                   mer_store_get_path (self), (gint64) sqlite3_column_int64 (row, 0));
      rc = SQLITE_ERROR;
      break;
    }
  if (row != NULL)
    mer_db_end (row);
  mer_store_give_reader (self);
  return rc == SQLITE_DONE ? g_steal_pointer (&shards) : NULL;
}

/**
 * mer_store_bulk_list_calls:
 * @self: a store
 * @shard: number of an open shard
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable) (element-type utf8): the keys of its calls in the
 *   order in which they stand in its file
 */
GPtrArray *
mer_store_bulk_list_calls (MerStore *self, gint64 shard, GError **error)
{
  MerDb *db = mer_store_take_reader (self);
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *row = mer_db_query (
      db, error, "SELECT key FROM bulk_calls WHERE shard = ?1 ORDER BY rowid", "i", shard);
  int rc = SQLITE_ERROR;

  while (row != NULL && (rc = mer_db_step (db, row, error)) == SQLITE_ROW)
    if (mer_db_text (row, 0) != NULL)
      g_ptr_array_add (keys, dup_text (row, 0));
  if (row != NULL)
    mer_db_end (row);
  mer_store_give_reader (self);
  return rc == SQLITE_DONE ? g_steal_pointer (&keys) : NULL;
}

typedef struct
{
  const MerBulkShard *shard;
  MerBulkNext next;
  gpointer user_data;
  MerBulkTally *tally;
} Collection;

static gboolean
count_where (MerDb *db, gint64 *count, GError **error, const char *sql, const char *key,
             gint64 shard)
{
  sqlite3_stmt *statement = mer_db_query (db, error, sql, "ti", key, shard);
  int rc = statement != NULL ? mer_db_step (db, statement, error) : SQLITE_ERROR;

  *count = rc == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : 0;
  if (statement != NULL)
    mer_db_end (statement);
  return rc != SQLITE_ERROR;
}

static gboolean
take_reply (MerDb *db, Collection *collection, const MerBulkReply *reply, GError **error)
{
  gint64 ours = 0;

  if (!count_where (db, &ours, error,
                    "SELECT count (*) FROM bulk_calls WHERE key = ?1 AND shard = ?2",
                    reply->key, collection->shard->number))
    return FALSE;
  if (ours == 0)
    {
      collection->tally->unknown++;
      return TRUE;
    }
  if (!mer_db_run (db, error,
                   "INSERT INTO bulk_replies (key, status, body, batch, received)"
                   " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO NOTHING",
                   "tibti", reply->key, (gint64) reply->status, reply->body,
                   collection->shard->remote_batch, g_get_real_time ()))
    return FALSE;
  if (mer_db_get_changes (db) > 0)
    collection->tally->taken++;
  else
    collection->tally->twice++;
  return TRUE;
}

static gboolean
collect_work (MerDb *db, gpointer data, GError **error)
{
  Collection *collection = data;
  MerBulkShard *done = NULL;
  GError *local = NULL;

  *collection->tally = (MerBulkTally){ 0 };
  for (;;)
    {
      g_auto (MerBulkReply) reply = { 0 };

      if (!collection->next (&reply, collection->user_data, &local))
        break;
      if (!take_reply (db, collection, &reply, error))
        return FALSE;
    }
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  collection->tally->missing
      = (guint64) collection->shard->n_calls
        - MIN (collection->tally->taken, (guint64) collection->shard->n_calls);
  done = mer_bulk_shard_copy (collection->shard);

  gboolean well = update_work (db, done, error);
  mer_bulk_shard_free (done);
  return well;
}

/**
 * mer_store_bulk_collect:
 * @self: a store open for writing
 * @shard: a shard as it will stand when its replies do
 * @next: gives one reply after the other; called in the store's thread
 * @user_data: for @next
 * @tally: (out): what came
 * @error: return location for an error; then nothing was taken
 *
 * Takes all that a batch brought, and the shard's new state, in one transaction.
 *
 * Returns: whether all is on disk
 */
gboolean
mer_store_bulk_collect (MerStore *self, const MerBulkShard *shard, MerBulkNext next,
                        gpointer user_data, MerBulkTally *tally, GError **error)
{
  Collection collection = { shard, next, user_data, tally };

  return run_work (self, collect_work, &collection, error);
}

static gboolean
tidy_work (MerDb *db, gpointer data, GError **error)
{
  return mer_db_exec (db,
                      "DELETE FROM bulk_replies WHERE key IN (SELECT key FROM calls);"
                      "DELETE FROM bulk_calls WHERE shard NOT IN"
                      " (SELECT number FROM bulk_shards)",
                      error);
}

/**
 * mer_store_bulk_tidy:
 * @self: a store open for writing
 * @error: return location for an error
 *
 * Takes out replies whose answers stand in the journal; a process that was killed between
 * the two leaves some.
 *
 * Returns: whether it could be written
 */
gboolean
mer_store_bulk_tidy (MerStore *self, GError **error)
{
  return run_work (self, tidy_work, NULL, error);
}

/**
 * mer_store_bulk_is_awaited:
 * @self: a store
 * @key: of a call
 * @awaited: (out): whether an open shard asks it
 * @error: return location for an error
 *
 * Returns: whether the store could be read
 */
gboolean
mer_store_bulk_is_awaited (MerStore *self, const char *key, gboolean *awaited,
                           GError **error)
{
  MerDb *db = mer_store_take_reader (self);
  gint64 count = 0;
  gboolean well
      = count_where (db, &count, error,
                     "SELECT count (*) FROM bulk_calls WHERE key = ?1 AND ?2 = 0", key, 0);

  mer_store_give_reader (self);
  *awaited = count > 0;
  return well;
}

/**
 * mer_store_bulk_lookup_reply:
 * @self: a store
 * @key: of a call
 * @reply: (out caller-allocates): filled where there is one
 * @found: (out): whether there is
 * @error: return location for an error
 *
 * Returns: whether the store could be read
 */
gboolean
mer_store_bulk_lookup_reply (MerStore *self, const char *key, MerBulkReply *reply,
                             gboolean *found, GError **error)
{
  MerDb *db = mer_store_take_reader (self);
  sqlite3_stmt *row = mer_db_query (
      db, error, "SELECT status, body, batch FROM bulk_replies WHERE key = ?1", "t", key);
  int rc = row != NULL ? mer_db_step (db, row, error) : SQLITE_ERROR;

  *found = rc == SQLITE_ROW;
  if (rc == SQLITE_ROW)
    {
      gconstpointer bytes = sqlite3_column_blob (row, 1);
      gsize length = (gsize) sqlite3_column_bytes (row, 1);

      reply->key = g_strdup (key);
      reply->status = (guint) CLAMP (sqlite3_column_int64 (row, 0), 0, 999);
      reply->body = g_bytes_new (bytes, length);
      reply->batch = dup_text (row, 2);
    }
  if (row != NULL)
    mer_db_end (row);
  mer_store_give_reader (self);
  return rc != SQLITE_ERROR;
}

static gboolean
drop_work (MerDb *db, gpointer data, GError **error)
{
  return mer_db_run (db, error, "DELETE FROM bulk_replies WHERE key = ?1", "t", data);
}

static void
drop_done (gpointer data, const GError *error)
{
  g_free (data);
}

/**
 * mer_store_bulk_drop_reply:
 * @self: a store open for writing
 * @key: of a call
 *
 * Takes out a reply that was judged. Does not wait: one that stays behind because of a
 * kill is judged again, to the same end.
 */
void
mer_store_bulk_drop_reply (MerStore *self, const char *key)
{
  MerStoreWriter *writer = mer_store_get_writer (self, NULL);

  if (writer != NULL)
    mer_store_writer_push (writer, drop_work, drop_done, g_strdup (key));
}
