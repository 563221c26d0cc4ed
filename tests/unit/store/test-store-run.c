/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <signal.h>
#include <sys/resource.h>

#include "mer-error.h"
#include "store/mer-store-run.h"
#include "support/mer-test-folder.h"
#include "tables/mer-json.h"

static MerStore *
open_for_writing (void *state, const char *name)
{
  g_autofree char *path = mer_test_folder_file (state, name);
  g_autoptr (GError) error = NULL;
  MerStore *store = mer_store_open (path, MER_STORE_WRITE, &error);

  mer_test_assert_no_error (error);
  return store;
}

static MerStoreRun *
begin (MerStore *store, const char *name, const char *definition)
{
  g_autoptr (JsonNode) node = json_from_string (definition, NULL);
  g_autoptr (GError) error = NULL;
  MerStoreRun *run = mer_store_begin_run (store, name, node, NULL, &error);

  mer_test_assert_no_error (error);
  return run;
}

static gboolean
add (MerStoreRun *run, const char *id, guint64 seq, const char *text, GError **error)
{
  g_autoptr (MerSample) sample = mer_sample_new (id, seq);
  MerResult *result = mer_result_new ("audio", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);

  mer_result_set_text (result, text);
  mer_sample_take_result (sample, result);
  return mer_store_run_add_sample (run, sample, error);
}

static gboolean
collect_record (const char *id, const char *record, gpointer user_data, GError **error)
{
  g_autoptr (MerJson) json = mer_json_parse ("record", record, -1, error);
  JsonNode *text;

  if (json == NULL)
    return FALSE;
  text = mer_json_lookup (json, "/results/0/text");
  g_string_append_printf (user_data, "%s=%s;", id, json_node_get_string (text));
  return TRUE;
}

static void
assert_records (MerStore *store, gint64 run, const char *expected)
{
  g_autoptr (GString) found = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  assert_true (mer_store_foreach_record (store, run, collect_record, found, &error));
  assert_string_equal (found->str, expected);
}

/* what a definition says makes the run, not how it is spelt */
static void
test_identity (void **state)
{
  static const struct
  {
    const char *one;
    const char *two;
    gboolean same;
  } rows[] = {
    { "{\"a\":1,\"b\":[2]}", "{ \"b\": [2], \"a\": 1 }", TRUE },
    { "{\"a\":1,\"b\":[2]}", "{\"a\":1,\"b\":[3]}", FALSE },
    { "{\"a\":\"1\"}", "{\"a\":1}", FALSE },
    { "{\"a\":[1,2]}", "{\"a\":[2,1]}", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (JsonNode) one = json_from_string (rows[i].one, NULL);
      g_autoptr (JsonNode) two = json_from_string (rows[i].two, NULL);
      g_autofree char *first = mer_store_run_identity (one);
      g_autofree char *second = mer_store_run_identity (two);

      assert_int_equal (strlen (first), 64);
      assert_int_equal (strcmp (first, second) == 0, rows[i].same);
    }
}

static void
test_resume (void **state)
{
  g_autoptr (MerStore) store = open_for_writing (*state, "resume.mer");
  g_autoptr (MerStoreRun) run = begin (store, "study", "{\"a\":1}");

  assert_false (mer_store_run_is_resumed (run));
  assert_true (add (run, "b", 1, "old", NULL));
  assert_true (add (run, "a", 0, "old", NULL));
  assert_true (
      mer_store_run_finish (run, MER_STORE_RUN_STOPPED, "Ctrl-C was pressed", NULL));
  assert_records (store, 1, "a=old;b=old;");

  g_autoptr (MerStoreRunInfo) stopped = mer_store_find_run (store, NULL, NULL);

  assert_int_equal (stopped->state, MER_STORE_RUN_STOPPED);
  assert_string_equal (stopped->why, "Ctrl-C was pressed");

  g_autoptr (MerStoreRun) again = begin (store, "study", "{ \"a\": 1 }");

  assert_true (mer_store_run_is_resumed (again));
  assert_int_equal (mer_store_run_get_number (again), 1);
  assert_true (add (again, "a", 0, "new", NULL));
  assert_true (mer_store_run_finish (again, MER_STORE_RUN_FINISHED, NULL, NULL));
  /* replaced, not counted twice; what did not come again is kept */
  assert_records (store, 1, "a=new;b=old;");

  g_autoptr (MerStoreRunInfo) finished = mer_store_find_run (store, "study", NULL);

  assert_int_equal (finished->state, MER_STORE_RUN_FINISHED);
  assert_int_equal (finished->sessions, 2);
  assert_int_equal (finished->samples, 2);
  assert_null (finished->why);
  assert_true (finished->ended >= finished->touched);
  assert_string_equal (finished->definition, "{\"a\":1}");
}

static void
test_twice (void **state)
{
  g_autoptr (MerStore) store = open_for_writing (*state, "twice.mer");
  g_autoptr (MerStoreRun) run = begin (store, "study", "{}");
  g_autoptr (GError) error = NULL;

  assert_true (add (run, "a", 0, "first", NULL));
  assert_true (add (run, "a", 1, "second", NULL));
  assert_false (mer_store_run_finish (run, MER_STORE_RUN_FINISHED, NULL, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_EXISTS));
  assert_non_null (strstr (error->message, "“a”"));
  assert_records (store, 1, "a=first;");
  assert_false (add (run, "b", 2, "third", NULL));

  g_autoptr (MerStoreRunInfo) info = mer_store_find_run (store, NULL, NULL);

  assert_int_equal (info->state, MER_STORE_RUN_STOPPED);
}

static void
test_pick (void **state)
{
  g_autoptr (MerStore) store = open_for_writing (*state, "pick.mer");
  g_autoptr (GError) error = NULL;
  g_autofree char *identity = NULL;
  static const char *const names[] = { "small", "large", "small" };
  static const char *const definitions[] = { "{\"n\":1}", "{\"n\":2}", "{\"n\":3}" };

  assert_null (mer_store_find_run (store, NULL, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_NOT_FOUND));
  g_clear_error (&error);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (MerStoreRun) run = begin (store, names[i], definitions[i]);

      if (i == 0)
        identity = g_strndup (mer_store_run_get_identity (run), 6);
      assert_true (mer_store_run_finish (run, MER_STORE_RUN_FINISHED, NULL, NULL));
    }
  /* the second is resumed and so the latest */
  g_object_unref (begin (store, "large", definitions[1]));
  assert_true (mer_store_flush (store, NULL));

  const struct
  {
    const char *pick;
    gint64 number;
  } rows[] = {
    { NULL, 2 },     { "1", 1 }, { "3", 3 }, { "small", 3 }, { "large", 2 },
    { identity, 1 }, { "4", 0 }, { "x", 0 }, { "", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (MerStoreRunInfo) info = mer_store_find_run (store, rows[i].pick, &error);

      assert_int_equal (info != NULL ? info->number : 0, rows[i].number);
      if (info == NULL)
        {
          assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_NOT_FOUND));
          assert_non_null (strstr (error->message, "2 (large, "));
        }
      g_clear_error (&error);
    }

  /* it was dropped without a word */
  g_autoptr (MerStoreRunInfo) dropped = mer_store_find_run (store, "large", NULL);

  assert_int_equal (dropped->state, MER_STORE_RUN_STOPPED);
  assert_non_null (dropped->why);
}

static gboolean
collect_summary (const char *scorer, const char *stage, JsonNode *summary,
                 gpointer user_data, GError **error)
{
  g_autofree char *text = json_to_string (summary, FALSE);

  g_string_append_printf (user_data, "%s/%s:%s;", scorer, stage, text);
  return TRUE;
}

static void
test_summaries (void **state)
{
  g_autoptr (MerStore) store = open_for_writing (*state, "summaries.mer");
  g_autoptr (MerStoreRun) run = begin (store, "study", "{}");
  g_autoptr (GString) found = g_string_new (NULL);
  g_autoptr (JsonNode) old = json_from_string ("{\"f\":0.25}", NULL);
  g_autoptr (JsonNode) new = json_from_string ("{\"f\":0.5}", NULL);

  assert_true (mer_store_run_add_summary (run, "wheel", "audio", old, NULL));
  assert_true (mer_store_run_add_summary (run, "hit", NULL, old, NULL));
  assert_true (mer_store_run_add_summary (run, "wheel", "audio", new, NULL));
  assert_true (mer_store_foreach_summary (store, 1, collect_summary, found, NULL));
  assert_string_equal (found->str, "hit/:{\"f\":0.25};wheel/audio:{\"f\":0.5};");
}

static void
test_read_only (void **state)
{
  g_autoptr (MerStore) store = open_for_writing (*state, "ro.mer");
  g_autoptr (MerStore) reader
      = mer_store_open (mer_store_get_path (store), MER_STORE_READ, NULL);
  g_autoptr (JsonNode) node = json_from_string ("{}", NULL);
  g_autoptr (GError) error = NULL;

  assert_null (mer_store_begin_run (reader, "x", node, NULL, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT));
}

static MerMedia *
make_media (GBytes *jpeg)
{
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, jpeg);
  g_autofree char *manifest = g_strdup_printf (
      "{\"outcome\":\"answered\",\"frames\":[{\"time\":0.5,\"pts\":0.4,\"width\":8,"
      "\"height\":8,\"sha256\":\"%s\",\"bytes\":%" G_GSIZE_FORMAT "}],\"cues\":[]}",
      hash, g_bytes_get_size (jpeg));
  MerMediaBytes *bytes = mer_media_bytes_new ();
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (bytes->frames, g_bytes_ref (jpeg));

  MerMedia *media = mer_media_new (json_from_string (manifest, NULL), bytes, &error);

  mer_test_assert_no_error (error);
  return media;
}

static void
test_media (void **state)
{
  g_autoptr (MerStore) store = open_for_writing (*state, "media.mer");
  g_autoptr (MerStoreRun) run = begin (store, "study", "{}");
  g_autoptr (GBytes) jpeg = g_bytes_new_static ("\xff\xd8 not\0quite", 12);
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, jpeg);
  g_autoptr (MerMedia) media = make_media (jpeg);
  g_autoptr (GError) error = NULL;

  assert_null (mer_store_load_blob (store, hash, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_NOT_FOUND));
  assert_true (mer_store_run_keep_media (run, media, NULL));
  assert_true (mer_store_run_keep_media (run, media, NULL));
  assert_true (mer_store_flush (store, NULL));

  g_autoptr (GBytes) kept = mer_store_load_blob (store, hash, NULL);

  assert_non_null (kept);
  assert_true (g_bytes_equal (kept, jpeg));
}

/* The file may not grow over a limit, as on a full disk: the run ends with one clear error,
 * what was committed before can be read, and with room it goes on. */
static void
test_full (void **state)
{
  g_autoptr (MerStore) store = open_for_writing (*state, "full.mer");
  g_autoptr (MerStoreRun) run = begin (store, "study", "{}");
  g_autoptr (GError) error = NULL;
  g_autofree char *long_text = g_strnfill (100000, 'x');
  struct rlimit before, limit;

  assert_true (add (run, "a", 0, "kept", NULL));
  assert_true (mer_store_flush (store, NULL));
  signal (SIGXFSZ, SIG_IGN);
  assert_int_equal (getrlimit (RLIMIT_FSIZE, &before), 0);
  limit = before;
  limit.rlim_cur = 200000;
  assert_int_equal (setrlimit (RLIMIT_FSIZE, &limit), 0);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *id = g_strdup_printf ("long-%u", i);

      add (run, id, 1 + i, long_text, NULL);
    }

  gboolean finished = mer_store_run_finish (run, MER_STORE_RUN_FINISHED, NULL, &error);

  setrlimit (RLIMIT_FSIZE, &before);
  assert_false (finished);
  if (!g_error_matches (error, MER_ERROR, MER_ERROR_NO_SPACE))
    fail_msg ("%s", error->message);

  g_autoptr (MerStoreRun) again = begin (store, "study", "{}");
  g_autoptr (GString) found = g_string_new (NULL);

  assert_true (mer_store_run_is_resumed (again));
  assert_true (mer_store_foreach_record (store, 1, collect_record, found, NULL));
  assert_true (g_str_has_prefix (found->str, "a=kept;"));
  assert_true (add (again, "b", 99, "goes on", NULL));
  assert_true (mer_store_run_finish (again, MER_STORE_RUN_FINISHED, NULL, NULL));
}

static void
test_context (void **state)
{
  g_autoptr (MerStore) store = open_for_writing (*state, "ctx.mer");
  g_autoptr (MerStoreRun) run = begin (store, "study", "{}");
  g_autoptr (GstContext) context = mer_store_run_context_new (run);
  g_autoptr (MerStoreRun) got = mer_store_run_from_context (context);

  assert_ptr_equal (got, run);
  assert_ptr_equal (mer_store_run_get_store (got), store);
  assert_null (mer_store_from_context (context));
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_identity),  cmocka_unit_test (test_resume),
    cmocka_unit_test (test_twice),     cmocka_unit_test (test_pick),
    cmocka_unit_test (test_summaries), cmocka_unit_test (test_read_only),
    cmocka_unit_test (test_media),     cmocka_unit_test (test_full),
    cmocka_unit_test (test_context),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, mer_test_folder_setup, mer_test_folder_teardown);
}
