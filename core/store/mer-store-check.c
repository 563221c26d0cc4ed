/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/mer-store-check.h"

#include <sys/stat.h>

#include "sample/mer-record.h"
#include "store/mer-store-lock.h"
#include "store/mer-store-private.h"
#include "store/mer-store-run.h"
#include "tables/mer-json.h"

/* so many problems are told one by one */
#define MAX_PROBLEMS 20

void
mer_store_report_free (MerStoreReport *self)
{
  g_ptr_array_unref (self->problems);
  g_ptr_array_unref (self->notes);
  g_free (self);
}

static void
add_problem (MerStoreReport *report, char *problem)
{
  if (report->problems->len == MAX_PROBLEMS)
    g_ptr_array_add (report->problems, g_strdup ("…and more"));
  if (report->problems->len < MAX_PROBLEMS)
    {
      g_strdelimit (problem, "\n\r", ' ');
      g_ptr_array_add (report->problems, problem);
    }
  else
    g_free (problem);
}

/* a query that gives one line for each problem */
static void
check_query (MerDb *db, MerStoreReport *report, const char *sql, const char *good)
{
  g_autoptr (GError) error = NULL;
  sqlite3_stmt *statement = mer_db_query (db, &error, sql, "");
  int rc = SQLITE_ERROR;

  while (statement != NULL && (rc = mer_db_step (db, statement, &error)) == SQLITE_ROW)
    {
      const char *text = mer_db_text (statement, 0);

      if (g_strcmp0 (text, good) != 0)
        add_problem (report, g_strdup (text != NULL ? text : "a text that is no text"));
    }
  if (statement != NULL)
    mer_db_end (statement);
  if (rc == SQLITE_ERROR)
    add_problem (report, g_strdup (error->message));
}

static guint64
count_rows (MerDb *db, MerStoreReport *report, const char *sql)
{
  g_autoptr (GError) error = NULL;
  gint64 count;

  if (!mer_db_get_integer (db, sql, &count, &error))
    add_problem (report, g_strdup (error->message));
  return (guint64) count;
}

static gboolean
check_record (const char *id, const char *record, gpointer user_data, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (MerSample) sample = mer_record_parse_line ("record", 1, record, -1, &local);

  if (sample == NULL)
    add_problem (user_data, g_strdup_printf ("sample “%s”: %s", id, local->message));
  return TRUE;
}

static gboolean
check_call (const MerStoreCall *call, gpointer user_data, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (MerJson) json = mer_json_parse ("result", call->result, -1, &local);
  g_autoptr (MerResult) result
      = json != NULL ? mer_result_new_from_json (mer_json_get_root (json), &local) : NULL;

  if (result == NULL)
    add_problem (user_data, g_strdup_printf ("call %.16s: %s", call->key, local->message));
  else if (!mer_outcome_is_final (mer_result_get_outcome (result)))
    add_problem (user_data,
                 g_strdup_printf ("call %.16s: its outcome is not final", call->key));
  return TRUE;
}

static void
check_contents (MerStore *store, MerStoreReport *report)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) runs = mer_store_list_runs (store, &error);
  gboolean good = runs != NULL;

  for (guint i = 0; good && i < runs->len; i++)
    {
      const MerStoreRunInfo *info = g_ptr_array_index (runs, i);

      if (info->state != MER_STORE_RUN_FINISHED)
        g_ptr_array_add (report->notes,
                         g_strdup_printf ("run %" G_GINT64_FORMAT " (%s) is %s%s%s",
                                          info->number, info->name,
                                          mer_store_run_state_to_string (info->state),
                                          info->why != NULL ? ": " : "",
                                          info->why != NULL ? info->why : ""));
      good = mer_store_foreach_record (store, info->number, check_record, report, &error);
    }
  good = good && mer_store_foreach_call (store, check_call, report, &error);
  if (!good)
    add_problem (report, g_strdup (error->message));
}

static guint64
file_size (const char *path)
{
  struct stat info;

  return stat (path, &info) == 0 ? (guint64) info.st_size : 0;
}

static void
check_tables (MerStore *store, MerStoreReport *report)
{
  MerDb *db = mer_store_take_reader (store);

  check_query (db, report, "PRAGMA integrity_check (20)", "ok");
  check_query (db, report,
               "SELECT 'run ' || run || ': sample ' || id || ' is of no run' FROM samples"
               " WHERE run NOT IN (SELECT number FROM runs) LIMIT 20",
               NULL);
  check_query (db, report,
               "SELECT 'run ' || number || ': has no session' FROM runs"
               " WHERE number NOT IN (SELECT run FROM sessions) LIMIT 20",
               NULL);
  report->calls = count_rows (db, report, "SELECT count (*) FROM calls");
  report->manifests = count_rows (db, report, "SELECT count (*) FROM manifests");
  report->blobs = count_rows (db, report, "SELECT count (*) FROM blobs");
  report->runs = count_rows (db, report, "SELECT count (*) FROM runs");
  report->samples = count_rows (db, report, "SELECT count (*) FROM samples");
  mer_store_give_reader (store);
}

/**
 * mer_store_check:
 * @path: of a store
 * @error: return location for an error
 *
 * Looks through all of a store: whether the file is whole, whether each record and each
 * answer can be read, and what is in it. Reads every page.
 *
 * Returns: (transfer full) (nullable): what was found; %NULL if the file does not open as a
 *   store at all
 * Since: 0.1
 */
MerStoreReport *
mer_store_check (const char *path, GError **error)
{
  g_autoptr (MerStore) store = mer_store_open (path, MER_STORE_READ, error);
  MerStoreReport *report;

  if (store == NULL)
    return NULL;
  report = g_new0 (MerStoreReport, 1);
  report->problems = g_ptr_array_new_with_free_func (g_free);
  report->notes = g_ptr_array_new_with_free_func (g_free);

  g_autofree char *log = g_strconcat (mer_store_get_path (store), "-wal", NULL);

  report->bytes = file_size (mer_store_get_path (store)) + file_size (log);
  check_tables (store, report);
  check_contents (store, report);
  if (mer_store_lock_is_held (mer_store_get_path (store)))
    g_ptr_array_add (report->notes, g_strdup ("a process writes it now"));
  else if (file_size (log) > 0)
    g_ptr_array_add (report->notes, g_strdup ("its last writer was killed; what that had "
                                              "committed is read from the log"));
  return report;
}

/**
 * mer_store_upgrade:
 * @path: of a store
 * @error: return location for an error
 *
 * Brings a store of an older version up to date, as opening it for writing does.
 *
 * Returns: whether it is up to date now
 * Since: 0.1
 */
gboolean
mer_store_upgrade (const char *path, GError **error)
{
  g_autoptr (MerStore) reader = NULL;
  g_autoptr (MerStore) writer = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      reader = mer_store_open (path, MER_STORE_READ, error);
      return reader != NULL;
    }
  writer = mer_store_open (path, MER_STORE_WRITE, error);
  return writer != NULL;
}
