/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* many who read and write at once */

#include "support/mer-test.h"

#include <glib/gstdio.h>

#include "mer-error.h"
#include "store/mer-store-run.h"
#include "support/mer-test-folder.h"

#define WRITERS 4u
#define READERS 3u
#define COMMITS 500u

typedef struct
{
  const char *path;
  guint number;
  gint *stop;
  guint errors;
  guint found;
} Worker;

static void
finished (GObject *source, GAsyncResult *async, gpointer user_data)
{
  Worker *worker = user_data;
  g_autoptr (MerResult) result
      = mer_store_commit_call_finish (MER_STORE (source), async, NULL);

  if (result == NULL)
    worker->errors++;
  worker->found++;
}

/* each writer has a main context of its own, as elements might */
static gpointer
write_calls (gpointer data)
{
  Worker *worker = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (MerStore) store = mer_store_open (worker->path, MER_STORE_WRITE, NULL);

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < COMMITS; i++)
    {
      g_autofree char *key = g_strdup_printf ("%u-%u", worker->number, i);
      g_autoptr (MerResult) result
          = mer_result_new ("s", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);

      mer_result_set_text (result, key);
      mer_store_commit_call_async (store, key, "{}", result, NULL, finished, worker);
      while (worker->found + 8 < i)
        g_main_context_iteration (context, TRUE);
    }
  while (worker->found < COMMITS)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static gboolean
count_call (const MerStoreCall *call, gpointer user_data, GError **error)
{
  (*(guint *) user_data)++;
  return TRUE;
}

/* what a reader sees only grows */
static gpointer
read_calls (gpointer data)
{
  Worker *worker = data;
  g_autoptr (MerStore) store = mer_store_open (worker->path, MER_STORE_READ, NULL);

  while (store != NULL && g_atomic_int_get (worker->stop) == 0)
    {
      guint n = 0;
      g_autoptr (MerResult) first = mer_store_lookup_call (store, "0-0", NULL, NULL);

      if (!mer_store_foreach_call (store, count_call, &n, NULL) || n < worker->found
          || (first == NULL && worker->found > WRITERS * COMMITS / 2))
        worker->errors++;
      worker->found = n;
    }
  if (store == NULL)
    worker->errors++;
  return NULL;
}

static void
test_many (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "many.mer");
  g_autofree char *log = mer_test_folder_file (*state, "many.mer-wal");
  g_autoptr (MerStore) store = mer_store_open (path, MER_STORE_WRITE, NULL);
  Worker workers[WRITERS + READERS];
  GThread *threads[WRITERS + READERS];
  gint stop = 0;
  GStatBuf info;

  for (guint i = 0; i < WRITERS + READERS; i++)
    {
      workers[i] = (Worker){ path, i, &stop, 0, 0 };
      threads[i]
          = g_thread_new ("worker", i < WRITERS ? write_calls : read_calls, &workers[i]);
    }
  for (guint i = 0; i < WRITERS; i++)
    g_thread_join (threads[i]);
  g_atomic_int_set (&stop, 1);
  for (guint i = WRITERS; i < WRITERS + READERS; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < WRITERS + READERS; i++)
    assert_int_equal (workers[i].errors, 0);

  guint n = 0;

  assert_true (mer_store_foreach_call (store, count_call, &n, NULL));
  assert_int_equal (n, WRITERS * COMMITS);
  /* the log is copied into the file as it grows */
  assert_int_equal (g_stat (log, &info), 0);
  assert_true (info.st_size < 32 * 1024 * 1024);
}

/* opened and closed by many at once: never refused by one's own process */
static gpointer
open_and_close (gpointer data)
{
  Worker *worker = data;

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerStore) store = mer_store_open (worker->path, MER_STORE_WRITE, &error);

      if (store == NULL)
        worker->errors++;
    }
  return NULL;
}

static void
test_open_and_close (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "doors.mer");
  Worker workers[4];
  GThread *threads[4];

  for (guint i = 0; i < 4; i++)
    {
      workers[i] = (Worker){ path, i, NULL, 0, 0 };
      threads[i] = g_thread_new ("worker", open_and_close, &workers[i]);
    }
  for (guint i = 0; i < 4; i++)
    {
      g_thread_join (threads[i]);
      assert_int_equal (workers[i].errors, 0);
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_many),
    cmocka_unit_test (test_open_and_close),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, mer_test_folder_setup, mer_test_folder_teardown);
}
