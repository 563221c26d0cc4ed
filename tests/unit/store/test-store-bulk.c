/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <sqlite3.h>
#include <string.h>

#include "mer-error.h"
#include "store/mer-store-bulk.h"
#include "support/mer-test-folder.h"

static MerStore *
open_store (const char *path, MerStoreMode mode)
{
  g_autoptr (GError) error = NULL;
  MerStore *store = mer_store_open (path, mode, &error);

  mer_test_assert_no_error (error);
  return store;
}

static MerBulkShard *
make_shard (const char *token)
{
  MerBulkShard *shard = g_new0 (MerBulkShard, 1);

  shard->protocol = g_strdup ("openai-chat");
  shard->uri = g_strdup ("https://example.org/v1");
  shard->path = g_strdup ("chat/completions");
  shard->model = g_strdup ("model-1");
  shard->key_variable = g_strdup ("EXAMPLE_API_KEY");
  shard->token = g_strdup (token);
  shard->file = g_strdup ("a.mer-bulk-1.jsonl");
  shard->bytes = 1000;
  return shard;
}

static MerBulkShard *
add_shard (MerStore *store, const char *token, const char *const *keys)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  MerBulkShard *shard = make_shard (token);

  for (guint i = 0; keys[i] != NULL; i++)
    g_ptr_array_add (list, (gpointer) keys[i]);
  assert_true (mer_store_bulk_add (store, shard, list, &error));
  mer_test_assert_no_error (error);
  return shard;
}

static gboolean
is_awaited (MerStore *store, const char *key)
{
  g_autoptr (GError) error = NULL;
  gboolean awaited = FALSE;

  assert_true (mer_store_bulk_is_awaited (store, key, &awaited, &error));
  return awaited;
}

static char *
dup_reply (MerStore *store, const char *key, guint *status)
{
  g_auto (MerBulkReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean found = FALSE;
  gsize length = 0;

  assert_true (mer_store_bulk_lookup_reply (store, key, &reply, &found, &error));
  if (!found)
    return NULL;
  *status = reply.status;
  const char *data = g_bytes_get_data (reply.body, &length);
  return g_strndup (length > 0 ? data : "", length);
}

/* what a download would give, line by line */
typedef struct
{
  const char *const *keys;
  guint at;
  gboolean fails;
} Lines;

static gboolean
next_line (MerBulkReply *reply, gpointer user_data, GError **error)
{
  Lines *lines = user_data;

  if (lines->keys[lines->at] == NULL)
    {
      if (lines->fails)
        g_set_error_literal (error, MER_ERROR, MER_ERROR_API, "broken off");
      return FALSE;
    }
  reply->key = g_strdup (lines->keys[lines->at]);
  reply->status = 200 + lines->at;
  reply->body = g_bytes_new (reply->key, strlen (reply->key));
  lines->at++;
  return TRUE;
}

/* a shard and all that is known of it outlive the process */
static void
test_states (void **state)
{
  static const char *const keys[] = { "k1", "k2", NULL };
  g_autofree char *path = mer_test_folder_file (*state, "states.mer");
  g_autoptr (GError) error = NULL;

  {
    g_autoptr (MerStore) store = open_store (path, MER_STORE_WRITE);
    g_autoptr (MerBulkShard) shard = add_shard (store, "t1", keys);

    assert_int_equal (shard->number, 1);
    assert_true (is_awaited (store, "k1"));
    assert_false (is_awaited (store, "k3"));
    for (MerBulkState at = MER_BULK_READY; MER_BULK_STATE_IS_OPEN (at); at++)
      {
        shard->state = at;
        assert_true (mer_store_bulk_update (store, shard, &error));
        assert_true (is_awaited (store, "k2"));
      }
    mer_bulk_shard_set (&shard->remote_batch, "batch_7");
    shard->state = MER_BULK_WAITING;
    shard->expires = 12345;
    assert_true (mer_store_bulk_update (store, shard, &error));
  }

  g_autoptr (MerStore) store = open_store (path, MER_STORE_READ);
  g_autoptr (GPtrArray) shards = mer_store_bulk_list (store, &error);
  g_autoptr (GPtrArray) calls = mer_store_bulk_list_calls (store, 1, &error);
  mer_test_assert_no_error (error);
  assert_int_equal (shards->len, 1);
  const MerBulkShard *found = g_ptr_array_index (shards, 0);
  assert_string_equal (found->token, "t1");
  assert_string_equal (found->remote_batch, "batch_7");
  assert_null (found->remote_file);
  assert_int_equal (found->state, MER_BULK_WAITING);
  assert_int_equal (found->expires, 12345);
  assert_int_equal (found->n_calls, 2);
  assert_int_equal (calls->len, 2);
  assert_string_equal (g_ptr_array_index (calls, 1), "k2");
}

/* replies in any order, some of nobody, some twice, some not at all */
static void
test_collect (void **state)
{
  static const char *const keys[] = { "k1", "k2", "k3", NULL };
  static const char *const lines[] = { "k2", "stranger", "k1", "k2", NULL };
  g_autofree char *path = mer_test_folder_file (*state, "collect.mer");
  g_autoptr (MerStore) store = open_store (path, MER_STORE_WRITE);
  g_autoptr (MerBulkShard) shard = add_shard (store, "t1", keys);
  g_autoptr (GError) error = NULL;
  Lines source = { lines, 0, FALSE };
  MerBulkTally tally;
  guint status = 0;

  shard->state = MER_BULK_DONE;
  assert_true (mer_store_bulk_collect (store, shard, next_line, &source, &tally, &error));
  assert_int_equal (tally.taken, 2);
  assert_int_equal (tally.unknown, 1);
  assert_int_equal (tally.twice, 1);
  assert_int_equal (tally.missing, 1);
  assert_false (is_awaited (store, "k3"));

  g_autofree char *first = dup_reply (store, "k2", &status);
  assert_string_equal (first, "k2");
  assert_int_equal (status, 200);
  assert_null (dup_reply (store, "stranger", &status));
  assert_null (dup_reply (store, "k3", &status));

  mer_store_bulk_drop_reply (store, "k2");
  assert_true (mer_store_flush (store, &error));
  assert_null (dup_reply (store, "k2", &status));
}

/* a download that cannot be read to its end leaves the shard as it was */
static void
test_broken_off (void **state)
{
  static const char *const keys[] = { "k1", "k2", NULL };
  g_autofree char *path = mer_test_folder_file (*state, "broken.mer");
  g_autoptr (MerStore) store = open_store (path, MER_STORE_WRITE);
  g_autoptr (MerBulkShard) shard = add_shard (store, "t1", keys);
  g_autoptr (GError) error = NULL;
  Lines source = { keys, 0, TRUE };
  MerBulkTally tally;
  guint status = 0;

  shard->state = MER_BULK_DONE;
  assert_false (mer_store_bulk_collect (store, shard, next_line, &source, &tally, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_API));
  assert_null (dup_reply (store, "k1", &status));
  assert_true (is_awaited (store, "k1"));
}

/* one token, one batch */
static void
test_token_twice (void **state)
{
  static const char *const keys[] = { "k1", NULL };
  g_autofree char *path = mer_test_folder_file (*state, "token.mer");
  g_autoptr (MerStore) store = open_store (path, MER_STORE_WRITE);
  g_autoptr (MerBulkShard) shard = add_shard (store, "t1", keys);
  g_autoptr (MerBulkShard) same = make_shard ("t1");
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  assert_false (mer_store_bulk_add (store, same, list, &error));
  assert_non_null (error);
}

/* a store of somebody else must not name files elsewhere, nor states that we do not know */
static void
test_hostile (void **state)
{
  static const char *const changes[] = {
    "UPDATE bulk_shards SET file = '../../etc/passwd'",
    "UPDATE bulk_shards SET file = ''",
    "UPDATE bulk_shards SET state = 'sold'",
    "UPDATE bulk_shards SET n_calls = -1",
  };
  static const char *const keys[] = { "k1", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *name = g_strdup_printf ("hostile-%u.mer", i);
      g_autofree char *path = mer_test_folder_file (*state, name);
      g_autoptr (GError) error = NULL;
      sqlite3 *db = NULL;

      {
        g_autoptr (MerStore) store = open_store (path, MER_STORE_WRITE);
        g_autoptr (MerBulkShard) shard = add_shard (store, "t1", keys);
      }
      assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
      assert_int_equal (sqlite3_exec (db, changes[i], NULL, NULL, NULL), SQLITE_OK);
      sqlite3_close (db);

      g_autoptr (MerStore) store = open_store (path, MER_STORE_READ);
      assert_null (mer_store_bulk_list (store, &error));
      assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_INVALID_FILE));
    }
}

/* what the first version of stores lacked is added when they are opened for writing */
static void
test_older_store (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "older.mer");
  g_autoptr (GError) error = NULL;
  sqlite3 *db = NULL;

  g_object_unref (open_store (path, MER_STORE_WRITE));
  assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
  assert_int_equal (sqlite3_exec (db,
                                  "DROP TABLE bulk_shards; DROP TABLE bulk_calls;"
                                  "DROP TABLE bulk_replies; PRAGMA user_version = 1",
                                  NULL, NULL, NULL),
                    SQLITE_OK);
  sqlite3_close (db);
  assert_null (mer_store_open (path, MER_STORE_READ, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_UNSUPPORTED));

  g_autoptr (MerStore) store = open_store (path, MER_STORE_WRITE);
  assert_false (is_awaited (store, "k1"));
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_states),     cmocka_unit_test (test_collect),
    cmocka_unit_test (test_broken_off), cmocka_unit_test (test_token_twice),
    cmocka_unit_test (test_hostile),    cmocka_unit_test (test_older_store),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, mer_test_folder_setup, mer_test_folder_teardown);
}
