/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How many answers a second the journal takes, and how long it looks for one, beside SQLite
 * used plainly on the same disk: one transaction an answer, one prepared statement a key.
 */

#include <ftw.h>
#include <stdio.h>

#include <gst/gst.h>
#include <sqlite3.h>

#include "store/mer-store.h"

#define REQUEST                                                                            \
  "{\"messages\":[{\"content\":\"What does this person feel? Answer with a list of "       \
  "words.\",\"role\":\"user\"}],\"model\":\"m\",\"temperature\":0}"
#define ROWS 100000u
#define PLAIN_COMMITS 300u
#define LOOKUPS 20000u

typedef struct
{
  MerStore *store;
  guint next;
  guint done;
  guint total;
} Writing;

static MerResult *
make_result (void)
{
  MerResult *result = mer_result_new ("answer", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);

  mer_result_set_text (result, "[\"calm\", \"content\", \"a little amused\"]");
  mer_result_set_model (result, "model");
  mer_result_set_seconds (result, 0.25);
  return result;
}

static char *
make_key (guint number)
{
  g_autofree char *text = g_strdup_printf ("call %u", number);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

static void write_one (Writing *writing);

static void
written (GObject *source, GAsyncResult *async, gpointer user_data)
{
  Writing *writing = user_data;
  GError *error = NULL;
  MerResult *result = mer_store_commit_call_finish (MER_STORE (source), async, &error);

  if (result == NULL)
    g_error ("%s", error->message);
  mer_result_unref (result);
  writing->done++;
  write_one (writing);
}

static void
write_one (Writing *writing)
{
  if (writing->next == writing->total)
    return;

  g_autofree char *key = make_key (writing->next++);
  g_autoptr (MerResult) result = make_result ();

  mer_store_commit_call_async (writing->store, key, REQUEST, result, NULL, written,
                               writing);
}

/* seconds for answers up to @total with @in_flight under way at once */
static double
write_calls (Writing *writing, guint total, guint in_flight)
{
  gint64 begin = g_get_monotonic_time ();

  writing->total = total;
  for (guint i = 0; i < in_flight; i++)
    write_one (writing);
  while (writing->done < total)
    g_main_context_iteration (NULL, TRUE);
  return (double) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
}

static sqlite3 *
open_plain (const char *path)
{
  sqlite3 *db;

  if (sqlite3_open (path, &db) != SQLITE_OK
      || sqlite3_exec (
             db,
             "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
             "CREATE TABLE IF NOT EXISTS plain (key TEXT PRIMARY KEY, request TEXT,"
             " result TEXT)",
             NULL, NULL, NULL)
             != SQLITE_OK)
    g_error ("%s: %s", path, sqlite3_errmsg (db));
  return db;
}

static double
write_plain (const char *path)
{
  sqlite3 *db = open_plain (path);
  gint64 begin = g_get_monotonic_time ();
  sqlite3_stmt *insert;

  sqlite3_prepare_v2 (db, "INSERT INTO plain VALUES (?1, ?2, ?3)", -1, &insert, NULL);
  for (guint i = 0; i < PLAIN_COMMITS; i++)
    {
      g_autofree char *key = make_key (i);

      sqlite3_bind_text (insert, 1, key, -1, SQLITE_STATIC);
      sqlite3_bind_text (insert, 2, REQUEST, -1, SQLITE_STATIC);
      sqlite3_bind_text (insert, 3, REQUEST, -1, SQLITE_STATIC);
      if (sqlite3_step (insert) != SQLITE_DONE)
        g_error ("%s", sqlite3_errmsg (db));
      sqlite3_reset (insert);
    }
  sqlite3_finalize (insert);
  sqlite3_close (db);
  return (double) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
}

/* microseconds for one lookup, of keys all over the table */
static double
look_up (MerStore *store)
{
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < LOOKUPS; i++)
    {
      g_autofree char *key = make_key (i * 7919u % ROWS);
      g_autoptr (MerResult) result = mer_store_lookup_call (store, key, "answer", NULL);

      if (result == NULL)
        g_error ("%s is not there", key);
    }
  return (double) (g_get_monotonic_time () - begin) / LOOKUPS;
}

static double
look_up_plain (const char *path)
{
  sqlite3 *db = open_plain (path);
  gint64 begin = g_get_monotonic_time ();
  sqlite3_stmt *select;

  sqlite3_prepare_v2 (db, "SELECT result FROM calls WHERE key = ?1", -1, &select, NULL);
  for (guint i = 0; i < LOOKUPS; i++)
    {
      g_autofree char *key = make_key (i * 7919u % ROWS);

      sqlite3_bind_text (select, 1, key, -1, SQLITE_STATIC);
      if (sqlite3_step (select) != SQLITE_ROW)
        g_error ("%s is not there", key);
      sqlite3_reset (select);
    }
  sqlite3_finalize (select);
  sqlite3_close (db);
  return (double) (g_get_monotonic_time () - begin) / LOOKUPS;
}

static int
remove_one (const char *path, const struct stat *info, int type, struct FTW *place)
{
  return remove (path);
}

int
main (int argc, char **argv)
{
  static const guint in_flight[] = { 1, 8, 64 };
  g_autofree char *folder = g_dir_make_tmp ("mer-bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "bench.mer", NULL);
  g_autofree char *plain = g_build_filename (folder, "plain.db", NULL);
  Writing writing = { NULL };

  gst_init (&argc, &argv);
  writing.store = mer_store_open (path, MER_STORE_WRITE, NULL);

  double plain_rate = PLAIN_COMMITS / write_plain (plain);

  printf ("plain SQLite, a transaction each: %.0f commits/s\n", plain_rate);
  for (guint i = 0; i < G_N_ELEMENTS (in_flight); i++)
    {
      guint n = PLAIN_COMMITS * in_flight[i];
      double rate = n / write_calls (&writing, writing.done + n, in_flight[i]);

      printf ("store, %2u in flight: %.0f commits/s, ratio %.2f\n", in_flight[i], rate,
              rate / plain_rate);
    }
  write_calls (&writing, ROWS, 2048);

  double ours = look_up (writing.store);

  g_object_unref (writing.store);
  /* a plain reader of the same table; it adds an empty one of its own */
  double theirs = look_up_plain (path);

  printf ("lookup among %u: %.1f us (with parsing), plain %.1f us, ratio %.2f\n", ROWS,
          ours, theirs, ours / theirs);
  nftw (folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  return 0;
}
