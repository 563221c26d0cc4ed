/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What stands in a store's runs, for those who read. */

#include <string.h>

#include "mer-error.h"
#include "store/mer-store-lock.h"
#include "store/mer-store-private.h"
#include "store/mer-store-run.h"
#include "tables/mer-json.h"

/* the shortest start of an identity that picks a run */
#define MIN_IDENTITY 4

G_DEFINE_BOXED_TYPE (MerStoreRunInfo, mer_store_run_info, mer_store_run_info_copy,
                     mer_store_run_info_free)

MerStoreRunInfo *
mer_store_run_info_copy (const MerStoreRunInfo *self)
{
  MerStoreRunInfo *copy = g_new (MerStoreRunInfo, 1);

  *copy = *self;
  copy->identity = g_strdup (self->identity);
  copy->name = g_strdup (self->name);
  copy->why = g_strdup (self->why);
  copy->definition = g_strdup (self->definition);
  copy->environment = g_strdup (self->environment);
  return copy;
}

void
mer_store_run_info_free (MerStoreRunInfo *self)
{
  g_free (self->identity);
  g_free (self->name);
  g_free (self->why);
  g_free (self->definition);
  g_free (self->environment);
  g_free (self);
}

/* the latest session says how a run ended */
#define RUNS_SQL                                                                           \
  "SELECT r.number, r.identity, r.name, r.definition, r.created, s.state, s.why,"          \
  " s.started, s.ended, s.environment,"                                                    \
  " (SELECT count (*) FROM sessions WHERE run = r.number),"                                \
  " (SELECT count (*) FROM samples WHERE run = r.number)"                                  \
  " FROM runs AS r JOIN sessions AS s ON s.number ="                                       \
  " (SELECT max (number) FROM sessions WHERE run = r.number) ORDER BY s.number"

static char *
dup_column (sqlite3_stmt *statement, int column, const char *fallback)
{
  const char *text = mer_db_text (statement, column);

  return g_strdup (text != NULL ? text : fallback);
}

static MerStoreRunState
state_from_string (const char *name)
{
  for (guint i = MER_STORE_RUN_RUNNING; i <= MER_STORE_RUN_STOPPED; i++)
    if (g_strcmp0 (name, mer_store_run_state_to_string (i)) == 0)
      return i;
  return MER_STORE_RUN_STOPPED;
}

static MerStoreRunInfo *
info_from_row (sqlite3_stmt *statement, gboolean held)
{
  MerStoreRunInfo *info = g_new0 (MerStoreRunInfo, 1);

  info->number = sqlite3_column_int64 (statement, 0);
  info->identity = dup_column (statement, 1, "");
  info->name = dup_column (statement, 2, "");
  info->definition = dup_column (statement, 3, "{}");
  info->started = sqlite3_column_int64 (statement, 4);
  info->state = state_from_string (mer_db_text (statement, 5));
  info->why = dup_column (statement, 6, NULL);
  info->touched = sqlite3_column_int64 (statement, 7);
  info->ended = sqlite3_column_int64 (statement, 8);
  info->environment = dup_column (statement, 9, NULL);
  info->sessions = (guint) sqlite3_column_int64 (statement, 10);
  info->samples = (guint64) sqlite3_column_int64 (statement, 11);
  if (info->state == MER_STORE_RUN_RUNNING && !held)
    {
      info->state = MER_STORE_RUN_STOPPED;
      g_free (info->why);
      info->why = g_strdup (
          "it ended without a word: its process was killed, or the disk was full");
    }
  return info;
}

/**
 * mer_store_list_runs:
 * @self: a store
 * @error: return location for an error
 *
 * Returns: (transfer full) (element-type MerStoreRunInfo) (nullable): its runs, the one
 *   that was started or resumed last at the end
 * Since: 0.1
 */
GPtrArray *
mer_store_list_runs (MerStore *self, GError **error)
{
  g_autoptr (GPtrArray) runs
      = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_store_run_info_free);
  gboolean held = mer_store_lock_is_held (mer_store_get_path (self));
  MerDb *db = mer_store_take_reader (self);
  sqlite3_stmt *statement = mer_db_query (db, error, RUNS_SQL, "");
  int rc = SQLITE_ERROR;

  while (statement != NULL && (rc = mer_db_step (db, statement, error)) == SQLITE_ROW)
    g_ptr_array_add (runs, info_from_row (statement, held));
  if (statement != NULL)
    mer_db_end (statement);
  mer_store_give_reader (self);
  return rc == SQLITE_DONE ? g_steal_pointer (&runs) : NULL;
}

static gboolean
info_is_picked (const MerStoreRunInfo *info, const char *pick)
{
  gint64 number;

  if (g_ascii_string_to_signed (pick, 10, 1, G_MAXINT64, &number, NULL)
      && number == info->number)
    return TRUE;
  return g_strcmp0 (info->name, pick) == 0
         || (strlen (pick) >= MIN_IDENTITY && g_str_has_prefix (info->identity, pick));
}

static void
set_not_found (MerStore *self, GPtrArray *runs, const char *pick, GError **error)
{
  g_autoptr (GString) there = g_string_new (NULL);

  if (runs->len == 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND, "%s: there is no run in it",
                   mer_store_get_path (self));
      return;
    }
  for (guint i = 0; i < runs->len && i < 10; i++)
    {
      const MerStoreRunInfo *info = g_ptr_array_index (runs, i);

      g_string_append_printf (there, "%s%" G_GINT64_FORMAT " (%s, %.8s)", i > 0 ? ", " : "",
                              info->number, info->name, info->identity);
    }
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
               "%s: there is no run “%s” in it; there are %s%s", mer_store_get_path (self),
               pick, there->str, runs->len > 10 ? ", …" : "");
}

/**
 * mer_store_find_run:
 * @self: a store
 * @pick: (nullable): a run's number, the start of its identity (4 digits at least) or its
 *   name; %NULL for the latest
 * @error: return location for an error
 *
 * Of several that @pick fits, the one that was started or resumed last is taken; a number
 * goes before a name.
 *
 * Returns: (transfer full) (nullable): the run; %NULL with `NOT_FOUND` listing those that
 *   are there
 * Since: 0.1
 */
MerStoreRunInfo *
mer_store_find_run (MerStore *self, const char *pick, GError **error)
{
  g_autoptr (GPtrArray) runs = mer_store_list_runs (self, error);
  const MerStoreRunInfo *found = NULL;

  if (runs == NULL)
    return NULL;
  for (guint i = 0; i < runs->len; i++)
    {
      const MerStoreRunInfo *info = g_ptr_array_index (runs, i);
      g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, info->number);

      if (pick == NULL || info_is_picked (info, pick))
        found = info;
      if (g_strcmp0 (pick, number) == 0)
        break;
    }
  if (found != NULL)
    return mer_store_run_info_copy (found);
  set_not_found (self, runs, pick, error);
  return NULL;
}

/* Rows are read some at a time, and the functions of others are called between: a reader
 * that sits in a pager must not keep a snapshot open, which would let the log grow without
 * end, or on a network file system keep the writer waiting. */
#define ROWS_AT_ONCE 64

typedef struct
{
  char *texts[4];
  gint64 number;
  gint64 more;
} Row;

static void
row_clear (gpointer data)
{
  Row *row = data;

  for (guint i = 0; i < G_N_ELEMENTS (row->texts); i++)
    g_free (row->texts[i]);
}

/* @n_texts columns of text, then a number, and maybe one more; %FALSE if the file cannot be
 * read */
static gboolean
rows_read (MerDb *db, sqlite3_stmt *statement, int n_texts, GArray *rows, GError **error)
{
  int rc = SQLITE_ERROR;

  g_array_set_size (rows, 0);
  while (statement != NULL && (rc = mer_db_step (db, statement, error)) == SQLITE_ROW)
    {
      Row row = { { NULL },
                  sqlite3_column_int64 (statement, n_texts),
                  sqlite3_column_int64 (statement, n_texts + 1) };

      for (int i = 0; i < n_texts; i++)
        row.texts[i] = dup_column (statement, i, NULL);
      g_array_append_val (rows, row);
    }
  if (statement != NULL)
    mer_db_end (statement);
  return rc == SQLITE_DONE;
}

static gboolean
rows_fail (MerStore *self, GError **error)
{
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
               "%s: a row is damaged; “mer doctor FILE” says what is left",
               mer_store_get_path (self));
  return FALSE;
}

static GArray *
rows_new (void)
{
  GArray *rows = g_array_sized_new (FALSE, FALSE, sizeof (Row), ROWS_AT_ONCE);

  g_array_set_clear_func (rows, row_clear);
  return rows;
}

static gboolean
rows_give_records (MerStore *self, GArray *rows, MerStoreRecordFunc func,
                   gpointer user_data, GError **error)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);

      if (row->texts[0] == NULL || row->texts[1] == NULL)
        return rows_fail (self, error);
      if (!func (row->texts[0], row->texts[1], user_data, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * mer_store_foreach_record:
 * @self: a store
 * @run: a run's number
 * @func: (scope call): called for each sample, in the order of the dataset
 * @user_data: for @func
 * @error: return location for an error
 *
 * Reads a run some samples at a time; of a run that is being written, each as it stood when
 * it was read. @func may use the store and may take its time.
 *
 * Returns: %FALSE if the file cannot be read or @func failed
 * Since: 0.1
 */
gboolean
mer_store_foreach_record (MerStore *self, gint64 run, MerStoreRecordFunc func,
                          gpointer user_data, GError **error)
{
  g_autoptr (MerDb) db = mer_db_open (mer_store_get_path (self), MER_DB_READ, error);
  g_autoptr (GArray) rows = rows_new ();
  g_autofree char *last = g_strdup ("");
  gint64 seq = G_MININT64;

  if (db == NULL)
    return FALSE;
  do
    {
      sqlite3_stmt *statement = mer_db_query (
          db, error,
          "SELECT id, record, seq, 0 FROM samples WHERE run = ?1 AND seq >= ?2"
          " AND (seq > ?2 OR id > ?3) ORDER BY seq, id LIMIT ?4",
          "iiti", run, seq, last, (gint64) ROWS_AT_ONCE);

      if (!rows_read (db, statement, 2, rows, error)
          || !rows_give_records (self, rows, func, user_data, error))
        return FALSE;
      if (rows->len > 0)
        {
          const Row *row = &g_array_index (rows, Row, rows->len - 1);

          /* a damaged index could lead round in a circle */
          if (row->number < seq
              || (row->number == seq && strcmp (row->texts[0], last) <= 0))
            return rows_fail (self, error);
          seq = row->number;
          g_free (last);
          last = g_strdup (row->texts[0]);
        }
    }
  while (rows->len == ROWS_AT_ONCE);
  return TRUE;
}

/**
 * mer_store_foreach_summary:
 * @self: a store
 * @run: a run's number
 * @func: (scope call): called for each summary, by scorer and stage
 * @user_data: for @func
 * @error: return location for an error
 *
 * Returns: %FALSE if the file cannot be read or @func failed
 * Since: 0.1
 */
gboolean
mer_store_foreach_summary (MerStore *self, gint64 run, MerStoreSummaryFunc func,
                           gpointer user_data, GError **error)
{
  g_autoptr (MerDb) db = mer_db_open (mer_store_get_path (self), MER_DB_READ, error);
  g_autofree char *place = g_strdup_printf ("%s: summary of run %" G_GINT64_FORMAT,
                                            mer_store_get_path (self), run);
  sqlite3_stmt *statement
      = db != NULL ? mer_db_query (db, error,
                                   "SELECT scorer, stage, summary FROM summaries"
                                   " WHERE run = ?1 ORDER BY scorer, stage",
                                   "i", run)
                   : NULL;
  int rc = SQLITE_ERROR;

  while (statement != NULL && (rc = mer_db_step (db, statement, error)) == SQLITE_ROW)
    {
      g_autofree char *scorer = dup_column (statement, 0, "");
      g_autofree char *stage = dup_column (statement, 1, "");
      g_autofree char *text = dup_column (statement, 2, "");
      g_autoptr (MerJson) json = mer_json_parse (place, text, -1, error);

      if (json == NULL || !func (scorer, stage, mer_json_get_root (json), user_data, error))
        return FALSE;
    }
  return rc == SQLITE_DONE;
}

static gboolean
rows_give_calls (MerStore *self, GArray *rows, MerStoreCallFunc func, gpointer user_data,
                 GError **error)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);
      MerStoreCall call
          = { row->texts[0], row->texts[1], row->texts[2], row->texts[3], row->more };

      if (call.key == NULL || call.request == NULL || call.result == NULL)
        return rows_fail (self, error);
      if (!func (&call, user_data, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * mer_store_foreach_call:
 * @self: a store
 * @func: (scope call): called for each call of the journal, in the order of their commits
 * @user_data: for @func
 * @error: return location for an error
 *
 * Returns: %FALSE if the file cannot be read or @func failed
 * Since: 0.1
 */
gboolean
mer_store_foreach_call (MerStore *self, MerStoreCallFunc func, gpointer user_data,
                        GError **error)
{
  g_autoptr (MerDb) db = mer_db_open (mer_store_get_path (self), MER_DB_READ, error);
  g_autoptr (GArray) rows = rows_new ();
  gint64 number = G_MININT64;

  if (db == NULL)
    return FALSE;
  do
    {
      sqlite3_stmt *statement = mer_db_query (
          db, error,
          "SELECT key, request, result, fingerprint, number, committed FROM calls"
          " WHERE number > ?1 ORDER BY number LIMIT ?2",
          "ii", number, (gint64) ROWS_AT_ONCE);

      if (!rows_read (db, statement, 4, rows, error)
          || !rows_give_calls (self, rows, func, user_data, error))
        return FALSE;
      if (rows->len > 0)
        {
          const Row *row = &g_array_index (rows, Row, rows->len - 1);

          if (row->number <= number)
            return rows_fail (self, error);
          number = row->number;
        }
    }
  while (rows->len == ROWS_AT_ONCE);
  return TRUE;
}

/**
 * mer_store_load_blob:
 * @self: a store
 * @sha256: of the bytes, 64 hex digits, as a manifest names them
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the bytes; %NULL with `NOT_FOUND` if they were not
 *   kept, with `INVALID_FILE` if they are not what their hash says
 * Since: 0.1
 */
GBytes *
mer_store_load_blob (MerStore *self, const char *sha256, GError **error)
{
  MerDb *db = mer_store_take_reader (self);
  sqlite3_stmt *statement
      = mer_db_query (db, error, "SELECT bytes FROM blobs WHERE sha256 = ?1", "t", sha256);
  int rc = statement != NULL ? mer_db_step (db, statement, error) : SQLITE_ERROR;
  g_autoptr (GBytes) bytes = NULL;

  if (rc == SQLITE_ROW)
    bytes = g_bytes_new (sqlite3_column_blob (statement, 0),
                         (gsize) sqlite3_column_bytes (statement, 0));
  if (statement != NULL)
    mer_db_end (statement);
  mer_store_give_reader (self);
  if (rc == SQLITE_ERROR)
    return NULL;
  if (bytes == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                   "%s: media %.16s was not kept; run with --keep-media",
                   mer_store_get_path (self), sha256);
      return NULL;
    }

  g_autofree char *found = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);

  if (g_strcmp0 (found, sha256) == 0)
    return g_steal_pointer (&bytes);
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
               "%s: media %.16s is not what its hash says", mer_store_get_path (self),
               sha256);
  return NULL;
}
