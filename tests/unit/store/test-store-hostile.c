/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stores that were cut off, overwritten or made by somebody with bad intentions: each opens
 * or gives one error, and whatever is read from it is data or one error. */

#include "support/mer-test.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "mer-error.h"
#include "store/mer-store-check.h"
#include "store/mer-store-run.h"
#include "support/mer-test-folder.h"
#include "tables/mer-json.h"

/* how many damaged files; the environment's MER_TEST_ROUNDS asks for more */
#define ROUNDS 60u

static gboolean
take_record (const char *id, const char *record, gpointer user_data, GError **error)
{
  g_autoptr (MerJson) json = mer_json_parse (id, record, -1, NULL);

  (*(guint *) user_data)++;
  return TRUE;
}

static gboolean
take_summary (const char *scorer, const char *stage, JsonNode *summary, gpointer user_data,
              GError **error)
{
  (*(guint *) user_data)++;
  return TRUE;
}

static gboolean
take_call (const MerStoreCall *call, gpointer user_data, GError **error)
{
  (*(guint *) user_data)++;
  return TRUE;
}

static void
commit_finished (GObject *source, GAsyncResult *async, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerResult) result
      = mer_store_commit_call_finish (MER_STORE (source), async, &error);

  assert_true ((result == NULL) == (error != NULL));
  *(gboolean *) user_data = TRUE;
}

static void
commit (MerStore *store, const char *key)
{
  g_autoptr (MerResult) result
      = mer_result_new ("s", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);
  gboolean done = FALSE;

  mer_result_set_text (result, "calm");
  mer_store_commit_call_async (store, key, "{}", result, NULL, commit_finished, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
}

/* a good store with a little of everything */
static void
make_store (const char *path)
{
  g_autoptr (MerStore) store = mer_store_open (path, MER_STORE_WRITE, NULL);
  g_autoptr (JsonNode) definition = json_from_string ("{\"a\":1}", NULL);
  g_autoptr (MerStoreRun) run
      = mer_store_begin_run (store, "study", definition, definition, NULL);

  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *id = g_strdup_printf ("clip-%u", i);
      g_autofree char *text = g_strnfill (i * 40, 'x');
      g_autoptr (MerSample) sample = mer_sample_new (id, i);
      MerResult *result = mer_result_new ("s", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);

      mer_result_set_text (result, text);
      mer_sample_take_result (sample, result);
      assert_true (mer_store_run_add_sample (run, sample, NULL));
      commit (store, id);
    }
  assert_true (mer_store_run_add_summary (run, "wheel", "s", definition, NULL));
  assert_true (mer_store_run_finish (run, MER_STORE_RUN_FINISHED, NULL, NULL));
}

static void
assert_one_line (gboolean good, GError **error)
{
  if (good == (*error != NULL))
    fail_msg ("%s", *error != NULL ? (*error)->message : "failed without an error");
  if (*error != NULL)
    assert_null (strchr ((*error)->message, '\n'));
  g_clear_error (error);
}

static void
read_everything (MerStore *store)
{
  GError *error = NULL;
  guint n = 0;
  g_autoptr (GPtrArray) runs = mer_store_list_runs (store, &error);

  assert_one_line (runs != NULL, &error);
  assert_one_line (mer_store_foreach_record (store, 1, take_record, &n, &error), &error);
  assert_one_line (mer_store_foreach_summary (store, 1, take_summary, &n, &error), &error);
  assert_one_line (mer_store_foreach_call (store, take_call, &n, &error), &error);
  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *key = g_strdup_printf ("clip-%u", i);
      g_autoptr (MerResult) result = mer_store_lookup_call (store, key, NULL, &error);

      assert_true (result == NULL || error == NULL);
      g_clear_error (&error);
    }

  g_autoptr (JsonNode) manifest = mer_store_lookup_manifest (store, "m", &error);

  g_clear_error (&error);
}

static void
try_store (const char *path)
{
  g_autoptr (GError) read_error = NULL;
  g_autoptr (GError) write_error = NULL;
  g_autoptr (MerStore) reader = mer_store_open (path, MER_STORE_READ, &read_error);

  assert_true ((reader == NULL) == (read_error != NULL));
  if (reader != NULL)
    read_everything (reader);

  g_autoptr (MerStoreReport) report = mer_store_check (path, NULL);

  assert_true ((report == NULL) == (reader == NULL));
  g_clear_object (&reader);

  g_autoptr (MerStore) writer = mer_store_open (path, MER_STORE_WRITE, &write_error);

  assert_true ((writer == NULL) == (write_error != NULL));
  if (writer != NULL)
    commit (writer, "new");
}

static char *
damage (GRand *random, const char *good, gsize *length)
{
  char *bytes = g_memdup2 (good, *length);
  guint flips = (guint) g_rand_int_range (random, 1, 20);
  /* the head and the schema are worth more than their share */
  gsize span = g_rand_boolean (random) ? *length : MIN (*length, 8192);

  switch (g_rand_int_range (random, 0, 4))
    {
    case 0:
      *length = (gsize) g_rand_int_range (random, 0, (gint32) *length);
      break;
    case 1:
      memset (bytes + 4096 * g_rand_int_range (random, 0, (gint32) (*length / 4096)),
              g_rand_int_range (random, 0, 256), 4096);
      break;
    default:
      for (guint i = 0; i < flips; i++)
        bytes[g_rand_int_range (random, 0, (gint32) span)]
            = (char) g_rand_int_range (random, 0, 256);
    }
  return bytes;
}

static void
test_damaged (void **state)
{
  g_autofree char *good_path = mer_test_folder_file (*state, "good.mer");
  g_autofree char *good = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (20);
  const char *more = g_getenv ("MER_TEST_ROUNDS");
  guint rounds = more != NULL ? (guint) g_ascii_strtoull (more, NULL, 10) : ROUNDS;
  gsize good_length;

  make_store (good_path);
  assert_true (g_file_get_contents (good_path, &good, &good_length, NULL));
  for (guint i = 0; i < rounds; i++)
    {
      g_autofree char *path = mer_test_folder_file (*state, "damaged.mer");
      g_autofree char *log = g_strconcat (path, "-wal", NULL);
      g_autofree char *index = g_strconcat (path, "-shm", NULL);
      gsize length = good_length;
      g_autofree char *bytes = damage (random, good, &length);

      assert_true (g_file_set_contents_full (path, bytes, (gssize) length,
                                             G_FILE_SET_CONTENTS_NONE, 0600, NULL));
      try_store (path);
      g_unlink (path);
      g_unlink (log);
      g_unlink (index);
    }
}

/* a whole store whose log and index are rubbish */
static void
test_damaged_log (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "log.mer");
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (21);

  make_store (path);
  for (guint i = 0; i < 20; i++)
    {
      char bytes[5000];

      for (guint b = 0; b < sizeof bytes; b++)
        bytes[b] = (char) g_rand_int_range (random, 0, 256);
      assert_true (g_file_set_contents (log, bytes, sizeof bytes, NULL));
      try_store (path);
    }

  /* a log that is none changes nothing */
  g_autoptr (MerStore) store = mer_store_open (path, MER_STORE_READ, NULL);
  guint n = 0;

  assert_non_null (store);
  assert_true (mer_store_foreach_record (store, 1, take_record, &n, NULL));
  assert_int_equal (n, 30);
}

/* rows that our tables take and that we never write */
static const struct
{
  const char *sql;
  gboolean wrong; /* whether looking through the store finds it */
} odd_rows[] = {
  { "UPDATE calls SET result = 'no JSON'", TRUE },
  { "UPDATE calls SET result = '[]'", TRUE },
  { "UPDATE calls SET result = '{\"stage\":1,\"outcome\":[]}'", TRUE },
  { "UPDATE calls SET result = '{\"stage\":\"s\",\"outcome\":\"api-failed\"}'", TRUE },
  { "UPDATE calls SET result = CAST (x'ff00fe' AS TEXT)", TRUE },
  { "UPDATE samples SET record = ''", TRUE },
  { "UPDATE samples SET record = CAST (x'80' AS TEXT)", TRUE },
  { "UPDATE samples SET run = 7", TRUE },
  { "UPDATE summaries SET summary = printf ('%.*c', 100000, '[')", FALSE },
  { "UPDATE sessions SET state = 'odd', started = -1, run = 99", TRUE },
  { "UPDATE runs SET definition = '', identity = CAST (x'ff' AS TEXT)", FALSE },
  { "DELETE FROM sessions", TRUE },
  { "INSERT INTO manifests VALUES ('m', 'nothing', 0)", FALSE },
};

static void
test_odd_rows (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (odd_rows); i++)
    {
      g_autofree char *name = g_strdup_printf ("odd-%u.mer", i);
      g_autofree char *path = mer_test_folder_file (*state, name);
      sqlite3 *db;

      make_store (path);
      assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
      if (sqlite3_exec (db, odd_rows[i].sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg ("%s: %s", odd_rows[i].sql, sqlite3_errmsg (db));
      sqlite3_close (db);

      g_autoptr (MerStoreReport) report = mer_store_check (path, NULL);

      assert_non_null (report);
      assert_true ((report->problems->len > 0) == odd_rows[i].wrong);
      try_store (path);
    }
}

static void
test_check_good (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "checked.mer");

  make_store (path);

  g_autoptr (MerStoreReport) report = mer_store_check (path, NULL);

  assert_int_equal (report->problems->len, 0);
  assert_int_equal (report->notes->len, 0);
  assert_int_equal (report->calls, 30);
  assert_int_equal (report->samples, 30);
  assert_int_equal (report->runs, 1);
  assert_true (report->bytes > 4096);
  assert_true (mer_store_upgrade (path, NULL));
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_damaged),
    cmocka_unit_test (test_damaged_log),
    cmocka_unit_test (test_odd_rows),
    cmocka_unit_test (test_check_good),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, mer_test_folder_setup, mer_test_folder_teardown);
}
