/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mer-error.h"
#include "store/mer-store.h"
#include "support/mer-test-folder.h"

static MerStore *
open_for_writing (const char *path)
{
  g_autoptr (GError) error = NULL;
  MerStore *store = mer_store_open (path, MER_STORE_WRITE, &error);

  mer_test_assert_no_error (error);
  return store;
}

static MerResult *
make_result (const char *text)
{
  MerResult *result = mer_result_new ("audio", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);

  mer_result_set_text (result, text);
  mer_result_set_attempts (result, 2);
  return result;
}

/* one commit and what its callback saw */
typedef struct
{
  guint pending;
  GPtrArray *texts;
  GError *error;
} Commits;

static void
commit_finished (GObject *source, GAsyncResult *async, gpointer user_data)
{
  Commits *commits = user_data;
  g_autoptr (MerResult) result = mer_store_commit_call_finish (
      MER_STORE (source), async, commits->error == NULL ? &commits->error : NULL);

  if (result != NULL)
    g_ptr_array_add (commits->texts, g_strdup (mer_result_get_text (result)));
  commits->pending--;
}

static void
commits_wait (Commits *commits)
{
  while (commits->pending > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
commits_add (Commits *commits, MerStore *store, const char *key, const char *text)
{
  g_autoptr (MerResult) result = make_result (text);

  if (commits->texts == NULL)
    commits->texts = g_ptr_array_new_with_free_func (g_free);
  commits->pending++;
  mer_store_commit_call_async (store, key, "{\"prompt\":\"?\"}", result, "fp_1",
                               commit_finished, commits);
}

static void
commits_clear (Commits *commits)
{
  g_clear_pointer (&commits->texts, g_ptr_array_unref);
  g_clear_error (&commits->error);
}

static void
test_journal (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "a.mer");
  g_autoptr (MerStore) store = open_for_writing (path);
  g_autoptr (GError) error = NULL;
  Commits commits = { 0 };

  assert_null (mer_store_lookup_call (store, "k1", NULL, &error));
  mer_test_assert_no_error (error);
  commits_add (&commits, store, "k1", "they sound “glad”\n");
  commits_wait (&commits);
  mer_test_assert_no_error (commits.error);

  g_autoptr (MerResult) found = mer_store_lookup_call (store, "k1", "voice", &error);
  g_autofree char *fingerprint = mer_store_lookup_fingerprint (store, "k1", &error);

  mer_test_assert_no_error (error);
  assert_string_equal (mer_result_get_text (found), "they sound “glad”\n");
  assert_string_equal (mer_result_get_stage (found), "voice");
  assert_string_equal (mer_result_get_call_key (found), "k1");
  assert_true (mer_result_get_from_journal (found));
  assert_int_equal (mer_result_get_attempts (found), 2);
  assert_string_equal (fingerprint, "fp_1");
  commits_clear (&commits);
}

/* the first of two equal calls stands, and both are told so */
static void
test_first_stands (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "b.mer");
  g_autoptr (MerStore) store = open_for_writing (path);
  Commits commits = { 0 };

  commits_add (&commits, store, "k", "first");
  commits_add (&commits, store, "k", "second");
  commits_wait (&commits);
  mer_test_assert_no_error (commits.error);
  assert_string_equal (g_ptr_array_index (commits.texts, 0), "first");
  assert_string_equal (g_ptr_array_index (commits.texts, 1), "first");
  commits_clear (&commits);
}

static void
test_only_final (void **state)
{
  static const MerOutcome outcomes[] = {
    MER_OUTCOME_API_FAILED,
    MER_OUTCOME_DECODE_FAILED,
    MER_OUTCOME_SKIPPED,
    MER_OUTCOME_UNPARSEABLE,
  };
  g_autofree char *path = mer_test_folder_file (*state, "c.mer");
  g_autoptr (MerStore) store = open_for_writing (path);

  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      g_autoptr (MerResult) result = mer_result_new ("s", MER_KIND_BACKEND, outcomes[i]);
      Commits commits = { .pending = 1 };

      mer_store_commit_call_async (store, "k", "", result, NULL, commit_finished, &commits);
      commits_wait (&commits);
      assert_true (g_error_matches (commits.error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT));
      assert_null (mer_store_lookup_call (store, "k", NULL, NULL));
      commits_clear (&commits);
    }
}

/* callbacks come in the order of the commits, and each answer can be read by then */
static void
test_group_order (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "d.mer");
  g_autoptr (MerStore) store = open_for_writing (path);
  Commits commits = { 0 };
  const guint n = 2000;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);

      commits_add (&commits, store, key, key);
    }
  commits_wait (&commits);
  mer_test_assert_no_error (commits.error);
  assert_int_equal (commits.texts->len, n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);

      assert_string_equal (g_ptr_array_index (commits.texts, i), key);
    }
  commits_clear (&commits);
}

static void
manifest_committed (GObject *source, GAsyncResult *async, gpointer user_data)
{
  assert_true (mer_store_commit_manifest_finish (MER_STORE (source), async, NULL));
  *(gboolean *) user_data = TRUE;
}

static void
test_manifest (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "e.mer");
  g_autoptr (MerStore) store = open_for_writing (path);
  g_autoptr (JsonNode) manifest = json_from_string ("{\"frames\":[1,2.5,null]}", NULL);
  gboolean done = FALSE;

  mer_store_commit_manifest_async (store, "m", manifest, manifest_committed, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);

  g_autoptr (JsonNode) found = mer_store_lookup_manifest (store, "m", NULL);

  assert_non_null (found);
  assert_true (json_node_equal (found, manifest));
  assert_null (mer_store_lookup_manifest (store, "n", NULL));
}

static void
test_shared (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "f.mer");
  g_autofree char *name = mer_test_folder_file (*state, "other.mer");
  g_autofree char *lock = mer_test_folder_file (*state, "f.mer-lock");
  g_autofree char *log = mer_test_folder_file (*state, "f.mer-wal");
  MerStore *one = open_for_writing (path);

  assert_int_equal (symlink (path, name), 0);

  MerStore *two = open_for_writing (name);

  assert_ptr_equal (one, two);
  g_object_unref (two);
  assert_true (g_file_test (lock, G_FILE_TEST_EXISTS));
  g_object_unref (one);
  /* closed: nothing is left beside it */
  assert_false (g_file_test (lock, G_FILE_TEST_EXISTS));
  assert_false (g_file_test (log, G_FILE_TEST_EXISTS));
}

/* a process of its own that opens the store for writing and waits to be killed */
static pid_t
fork_holder (const char *path)
{
  int ready[2];
  char byte;

  assert_int_equal (pipe (ready), 0);

  pid_t child = fork ();

  if (child == 0)
    {
      MerStore *store = mer_store_open (path, MER_STORE_WRITE, NULL);

      if (store != NULL && write (ready[1], "r", 1) == 1)
        for (;;)
          pause ();
      _exit (1);
    }
  close (ready[1]);
  assert_int_equal (read (ready[0], &byte, 1), 1);
  close (ready[0]);
  return child;
}

static void
test_one_writer (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "g.mer");
  g_autoptr (GError) error = NULL;
  pid_t child = fork_holder (path);
  g_autofree char *pid = g_strdup_printf ("process %d on host", (int) child);

  assert_null (mer_store_open (path, MER_STORE_WRITE, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_BUSY));
  assert_non_null (strstr (error->message, pid));

  /* readers are not kept out */
  g_autoptr (MerStore) reader = mer_store_open (path, MER_STORE_READ, NULL);

  assert_non_null (reader);
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);

  g_autoptr (MerStore) writer = open_for_writing (path);

  assert_true (mer_store_is_writable (writer));
  assert_false (mer_store_is_writable (reader));
}

static void
test_read_while_written (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "h.mer");
  g_autoptr (MerStore) writer = open_for_writing (path);
  g_autoptr (MerStore) reader = mer_store_open (path, MER_STORE_READ, NULL);
  Commits commits = { 0 };

  assert_non_null (reader);
  assert_ptr_not_equal (reader, writer);
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *key = g_strdup_printf ("%u", i);

      commits_add (&commits, writer, key, "x");
      commits_wait (&commits);

      g_autoptr (MerResult) found = mer_store_lookup_call (reader, key, NULL, NULL);

      assert_non_null (found);
    }
  mer_test_assert_no_error (commits.error);
  commits_clear (&commits);
}

static const struct
{
  const char *name;
  const char *sql;
  const char *bytes;
  int code;
} wrong_files[] = {
  { "text", NULL, "name,openset\na,[happy]\n", MER_ERROR_INVALID_FILE },
  { "long-text", NULL,
    "SQLite format 3, or so it says; but there is nothing behind it. ....",
    MER_ERROR_INVALID_FILE },
  { "empty", NULL, "", MER_ERROR_INVALID_FILE },
  { "other-database", "CREATE TABLE cooking (recipe)", NULL, MER_ERROR_INVALID_FILE },
  { "no-tables",
    "PRAGMA application_id = 1296388657; PRAGMA user_version = 2;"
    "CREATE TABLE calls (key)",
    NULL, MER_ERROR_INVALID_FILE },
  { "older",
    "PRAGMA application_id = 1296388657; PRAGMA user_version = 1;"
    "CREATE TABLE calls (key)",
    NULL, MER_ERROR_UNSUPPORTED },
  { "newer",
    "PRAGMA application_id = 1296388657; PRAGMA user_version = 99;"
    "CREATE TABLE calls (key)",
    NULL, MER_ERROR_UNSUPPORTED },
};

static void
test_wrong_files (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrong_files); i++)
    {
      g_autofree char *path = mer_test_folder_file (*state, wrong_files[i].name);
      g_autoptr (GError) error = NULL;
      sqlite3 *db = NULL;

      if (wrong_files[i].sql != NULL)
        {
          assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
          assert_int_equal (sqlite3_exec (db, wrong_files[i].sql, NULL, NULL, NULL),
                            SQLITE_OK);
          sqlite3_close (db);
        }
      else
        assert_true (g_file_set_contents (path, wrong_files[i].bytes, -1, NULL));
      assert_null (mer_store_open (path, MER_STORE_READ, &error));
      if (error->code != wrong_files[i].code)
        fail_msg ("%s: %s", wrong_files[i].name, error->message);
      assert_non_null (strstr (error->message, path));
      assert_null (strchr (error->message, '\n'));
    }
}

/* somebody else's database is not touched, not even its journal mode */
static void
test_other_database_stays (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "theirs");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize length_before, length_after;
  sqlite3 *db;

  assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
  sqlite3_exec (db, "CREATE TABLE cooking (recipe)", NULL, NULL, NULL);
  sqlite3_close (db);
  assert_true (g_file_get_contents (path, &before, &length_before, NULL));
  assert_null (mer_store_open (path, MER_STORE_WRITE, NULL));
  assert_true (g_file_get_contents (path, &after, &length_after, NULL));
  assert_int_equal (length_before, length_after);
  assert_memory_equal (before, after, length_before);
}

/* a trigger that a sender put in is refused, a view that a user made is not */
static void
test_schema_additions (void **state)
{
  static const struct
  {
    const char *sql;
    gboolean good;
  } additions[] = {
    { "CREATE VIEW mine AS SELECT key FROM calls", TRUE },
    { "ANALYZE", TRUE },
    { "CREATE TABLE mine (x)", FALSE },
    { "CREATE TRIGGER t AFTER INSERT ON calls BEGIN DELETE FROM calls; END", FALSE },
    { "DROP TABLE summaries", FALSE },
    { "ALTER TABLE calls ADD COLUMN extra TEXT", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (additions); i++)
    {
      g_autofree char *name = g_strdup_printf ("added-%u.mer", i);
      g_autofree char *path = mer_test_folder_file (*state, name);
      g_autoptr (GError) error = NULL;
      sqlite3 *db;

      g_object_unref (open_for_writing (path));
      assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
      assert_int_equal (sqlite3_exec (db, additions[i].sql, NULL, NULL, NULL), SQLITE_OK);
      sqlite3_close (db);

      g_autoptr (MerStore) store = mer_store_open (path, MER_STORE_WRITE, &error);

      if ((store != NULL) != additions[i].good)
        fail_msg ("%s: %s", additions[i].sql, error != NULL ? error->message : "taken");
    }
}

static void
test_missing (void **state)
{
  g_autofree char *file = mer_test_folder_file (*state, "none.mer");
  g_autofree char *deep = mer_test_folder_file (*state, "no/such/folder/x.mer");
  g_autoptr (GError) read_error = NULL;
  g_autoptr (GError) write_error = NULL;
  g_autoptr (GError) folder_error = NULL;

  assert_null (mer_store_open (file, MER_STORE_READ, &read_error));
  assert_true (g_error_matches (read_error, MER_ERROR, MER_ERROR_NOT_FOUND));
  assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
  assert_null (mer_store_open (deep, MER_STORE_WRITE, &write_error));
  assert_true (g_error_matches (write_error, MER_ERROR, MER_ERROR_NOT_FOUND));
  assert_null (mer_store_open (*state, MER_STORE_READ, &folder_error));
  assert_true (g_error_matches (folder_error, MER_ERROR, MER_ERROR_INVALID_FILE));
}

static void
test_rollback_journal (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "nfs.mer");
  g_autofree char *log = mer_test_folder_file (*state, "nfs.mer-wal");
  Commits commits = { 0 };

  /* a store that was made on a local disk comes to a network */
  g_object_unref (open_for_writing (path));
  g_setenv ("MER_STORE_ROLLBACK", "1", TRUE);

  g_autoptr (MerStore) store = open_for_writing (path);

  commits_add (&commits, store, "k", "x");
  commits_wait (&commits);
  g_unsetenv ("MER_STORE_ROLLBACK");
  mer_test_assert_no_error (commits.error);
  assert_false (g_file_test (log, G_FILE_TEST_EXISTS));

  g_autoptr (MerResult) found = mer_store_lookup_call (store, "k", NULL, NULL);

  assert_non_null (found);
  commits_clear (&commits);
}

static void
test_context (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "ctx.mer");
  g_autoptr (MerStore) store = open_for_writing (path);
  g_autoptr (GstContext) context = mer_store_context_new (store);
  g_autoptr (GstContext) other = gst_context_new ("other", TRUE);
  g_autoptr (MerStore) got = mer_store_from_context (context);

  assert_ptr_equal (got, store);
  assert_null (mer_store_from_context (other));
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_journal),          cmocka_unit_test (test_first_stands),
    cmocka_unit_test (test_only_final),       cmocka_unit_test (test_group_order),
    cmocka_unit_test (test_manifest),         cmocka_unit_test (test_shared),
    cmocka_unit_test (test_one_writer),       cmocka_unit_test (test_read_while_written),
    cmocka_unit_test (test_wrong_files),      cmocka_unit_test (test_other_database_stays),
    cmocka_unit_test (test_schema_additions), cmocka_unit_test (test_missing),
    cmocka_unit_test (test_rollback_journal), cmocka_unit_test (test_context),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, mer_test_folder_setup, mer_test_folder_teardown);
}
