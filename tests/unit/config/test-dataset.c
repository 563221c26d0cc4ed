/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "config/mer-dataset.h"
#include "mer-error.h"
#include "tables/mer-json.h"

#include <glib/gstdio.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *top;

static void
write_file (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (top, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  assert_int_equal (g_mkdir_with_parents (parent, 0700), 0);
  assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir
      = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static int
set_up (void **state)
{
  top = g_dir_make_tmp ("mer-dataset-XXXXXX", NULL);
  write_file ("table.csv", "name,openset,speaker,set,file,score\n"
                           "a,\"['happy', 'glad']\",ann,train,a.avi,1.5\n"
                           "b,,bob,test,b.avi,x\n"
                           "../c,[sad],ann,test,../../c.avi,2\n");
  write_file ("good.csv", "name,openset,speaker,set,file,score\n"
                          "a,\"['happy', 'glad']\",ann,train,a.avi,1.5\n"
                          "b,,bob,test,b.avi,-2\n");
  write_file ("twice.csv", "name,openset\na,[x]\nb,[y]\na,[z]\n");
  write_file ("subtitles.csv", "id,english\nb,\"I said, no\"\nz,nobody\n");
  write_file ("video/a.avi", "A");
  write_file ("video/b.mp4", "B");
  return 0;
}

static int
tear_down (void **state)
{
  remove_tree (top);
  g_free (top);
  return 0;
}

static MerDataset *
open_text (const char *members, GError **error)
{
  g_autofree char *text
      = g_strdup_printf ("{\"format\": \"mer-dataset/1\", \"name\": \"d\",\n%s}", members);
  g_autofree char *path = g_build_filename (top, "d.json", NULL);

  assert_true (g_file_set_contents (path, text, -1, NULL));
  return mer_dataset_open (path, NULL, NULL, error);
}

static void
test_file (void **state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerDataset) dataset
      = open_text ("\"table\": \"good.csv\", \"id\": \"name\","
                   "\"truth\": {\"kind\": \"labels\", \"column\": \"openset\"},"
                   "\"media\": {\"video\": [\"video/{id}.mp4\", \"video/{file}\"]},"
                   "\"subtitle\": {\"table\": \"subtitles.csv\", \"id\": \"id\", "
                   "\"column\": \"english\"},"
                   "\"group\": \"speaker\", \"split\": \"set\"",
                   &error);

  mer_test_assert_no_error (error);
  assert_int_equal (mer_dataset_get_n_samples (dataset), 2);
  assert_int_equal (mer_dataset_count_truths (dataset), 1);
  assert_int_equal (mer_dataset_count_clips (dataset, NULL), 2);

  g_autoptr (MerSample) a = mer_dataset_make_sample (dataset, 0);
  g_autoptr (MerSample) b = mer_dataset_make_sample (dataset, 1);

  assert_string_equal (mer_sample_get_id (a), "a");
  assert_string_equal (mer_sample_get_group (a), "ann");
  assert_null (mer_sample_get_subtitle (a));
  assert_int_equal (mer_labels_get_length (mer_truth_get_labels (mer_sample_get_truth (a))),
                    2);
  assert_true (g_str_has_suffix (mer_clip_get_video (mer_sample_get_clip (a)), "/a.avi"));
  assert_true (g_str_has_suffix (mer_clip_get_video (mer_sample_get_clip (b)), "/b.mp4"));
  assert_string_equal (mer_sample_get_subtitle (b), "I said, no");
  assert_int_equal (mer_sample_get_seq (b), 1);
  assert_null (mer_sample_get_truth (b));

  assert_false (mer_dataset_narrow (dataset, "dev", 0, &error));
  assert_string_equal (error->message,
                       "dataset “d” has no split “dev”; there are: train, test");
  assert_true (mer_dataset_narrow (dataset, "test", 7, NULL));
  assert_int_equal (mer_dataset_get_n_samples (dataset), 1);
  assert_string_equal (mer_dataset_get_id (dataset, 0), "b");
}

static void
test_identity (void **state)
{
  static const char same[] = "\"table\": \"good.csv\", \"id\": \"name\", \"media\": "
                             "{\"video\": \"video/{id}.mp4\"}";
  g_autoptr (MerDataset) one = open_text (same, NULL);
  g_autoptr (MerDataset) two = open_text (same, NULL);
  g_autoptr (JsonNode) first = mer_dataset_to_json (one);
  g_autoptr (JsonNode) second = mer_dataset_to_json (two);
  g_autofree char *x = mer_json_canonical (first);
  g_autofree char *y = mer_json_canonical (second);

  assert_string_equal (x, y);
  assert_true (mer_dataset_narrow (two, NULL, 1, NULL));
  g_autoptr (JsonNode) third = mer_dataset_to_json (two);
  g_autofree char *z = mer_json_canonical (third);
  assert_string_not_equal (x, z);
}

static const struct
{
  const char *members;
  const char *error; /* TOP stands for the folder */
} bad_files[] = {
  { "\"tabel\": \"good.csv\"", "TOP/d.json:2: /tabel: unknown key; did you mean “table”?" },
  { "\"id\": \"name\"", "TOP/d.json:1: /table: missing; a string must stand here" },
  { "\"table\": \"gone.csv\", \"id\": \"name\"",
    "TOP/d.json:2: /table: TOP/gone.csv: No such file or directory" },
  { "\"table\": \"../x.csv\", \"id\": \"name\"",
    "TOP/d.json:2: /table: “../x.csv” is not below root “TOP”" },
  { "\"table\": \"good.csv\",\n\"id\": \"nmae\"",
    "TOP/d.json:3: /id: TOP/good.csv: there is no column 'nmae' (did you mean 'name'?); "
    "the "
    "columns are name, openset, speaker, set, file, score" },
  { "\"table\": \"twice.csv\", \"id\": \"name\"",
    "TOP/d.json:2: /table: TOP/twice.csv:4: the name 'a' stands in line 2 already" },
  { "\"table\": \"good.csv\", \"id\": \"name\", \"truth\": {\"kind\": \"label\", "
    "\"column\": \"openset\"}",
    "TOP/d.json:2: /truth/kind: “label” is no kind of truth; there are labels, class, "
    "value, "
    "preference" },
  { "\"table\": \"table.csv\", \"id\": \"name\", \"truth\": {\"kind\": \"value\", "
    "\"column\": \"score\"}",
    "TOP/table.csv:3: “x” is not a number" },
  { "\"table\": \"good.csv\", \"id\": \"name\", \"group\": 7",
    "TOP/d.json:2: /group: a string, not a number, must stand here" },
  { "\"table\": \"good.csv\", \"id\": \"name\", \"media\": {\"video\": \"{nme}.mp4\"}",
    "TOP/d.json:2: /media/video: TOP/good.csv: there is no column 'nme' (did you mean "
    "'name'?); the columns are name, openset, speaker, set, file, score" },
  { "\"table\": \"table.csv\", \"id\": \"name\", \"media\": {\"video\": \"video/{file}\"}",
    "TOP/table.csv:4: the clip “video/../../c.avi” is not below root “TOP”" },
  { "\"table\": \"good.csv\", \"id\": \"name\", \"root\": \"nowhere\"",
    "TOP/d.json:2: /root: there is no folder “TOP/nowhere”" },
  { "\"table\": \"good.csv\", \"id\": \"name\", \"subtitle\": {\"id\": \"id\", "
    "\"column\": \"openset\"}",
    "TOP/d.json:2: /subtitle/id: an id column without a table; add “table” or take it "
    "out" },
};

static void
test_bad_files (void **state)
{
  char real[PATH_MAX];

  assert_non_null (realpath (top, real));
  for (guint i = 0; i < G_N_ELEMENTS (bad_files); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GString) expected = g_string_new (bad_files[i].error);

      print_message ("%s\n", bad_files[i].members);
      g_string_replace (expected, "TOP", real, 0);
      assert_null (open_text (bad_files[i].members, &error));
      assert_string_equal (error->message, expected->str);
    }
}

static void
test_links (void **state)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *link = g_build_filename (top, "video", "link.mp4", NULL);

  write_file ("links.csv", "name\nlink\n");
  assert_int_equal (symlink ("/etc/passwd", link), 0);
  assert_null (open_text ("\"table\": \"links.csv\", \"id\": \"name\", "
                          "\"media\": {\"video\": \"video/{id}.mp4\"}",
                          &error));
  assert_non_null (
      strstr (error->message, "links.csv:2: the clip “video/link.mp4” is not below"));
  g_remove (link);
}

static void
test_clips (void **state)
{
  static const char *const expected[]
      = { "-dash", "a 'q'", "a/b", "a/\xC3\xA4\n", "z", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_build_filename (top, "clips", NULL);
  g_autofree char *loop = g_build_filename (top, "clips", "a", "loop", NULL);
  const char *paths[] = { folder, NULL, NULL };

  write_file ("clips/z.wav", "");
  write_file ("clips/-dash.mp4", "");
  write_file ("clips/a 'q'.mkv", "");
  write_file ("clips/a/b.MP4", "");
  write_file ("clips/a/b.en.srt", "");
  write_file ("clips/a/b.de.vtt", "");
  write_file ("clips/a/\xC3\xA4\n.mp4", "");
  write_file ("clips/notes.txt", "");
  write_file ("clips/.hidden.mp4", "");
  assert_int_equal (symlink ("..", loop), 0);

  g_autoptr (MerDataset) dataset = mer_dataset_open_clips (paths, "en", &error);
  mer_test_assert_no_error (error);
  for (guint i = 0; expected[i] != NULL; i++)
    assert_string_equal (mer_dataset_get_id (dataset, i), expected[i]);
  assert_int_equal (mer_dataset_get_n_samples (dataset), 5);

  g_autoptr (MerSample) b = mer_dataset_make_sample (dataset, 2);
  assert_true (
      g_str_has_suffix (mer_clip_get_subtitle (mer_sample_get_clip (b)), "/b.en.srt"));

  g_autofree char *same = g_build_filename (top, "clips", "z.mp4", NULL);
  write_file ("clips/z.mp4", "");
  assert_null (mer_dataset_open_clips (paths, NULL, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_EXISTS));
  assert_non_null (strstr (error->message, "/z.mp4” and “"));
  assert_non_null (strstr (error->message, "/z.wav”"));
  g_clear_error (&error);
  g_remove (same);

  paths[1] = "/nowhere/x.mp4";
  assert_null (mer_dataset_open_clips (paths, NULL, &error));
  assert_string_equal (error->message, "/nowhere/x.mp4: No such file or directory");
}

static void
test_truth (void **state)
{
  static const struct
  {
    const char *table;
    const char *column;
    guint truths;
    gboolean note;
    const char *error;
  } cases[] = {
    { "name,openset\na,[x]\nb,[y]\n", NULL, 2, FALSE, NULL },
    { "name,openset\na,[x]\n", NULL, 1, FALSE, NULL },
    { "name,openset\na,[x]\nb,[y]\nc,[z]\n", NULL, 2, TRUE, NULL },
    { "file,feeling\na,[x]\nb,[y]\n", NULL, 2, FALSE, NULL },
    { "name,class,value\na,x,1\nb,y,2\n", "value", 2, FALSE, NULL },
    { "name,openset\na,[x]\nbb,[y]\n", NULL, 0, FALSE,
      "truth.csv:3: no clip has the id “bb”" },
    { "name,openset\na,[x]\na,[y]\n", NULL, 0, FALSE, "truth.csv:3: the name 'a' stands" },
    { "name,value\na,1\nb,x1\n", NULL, 0, FALSE, "truth.csv:3: “x1” is not a number" },
    { "name,x,y\na,1,2\n", NULL, 0, FALSE, "there is no column 'openset'" },
    { "name,openset\na,[x]\n", "opnset", 0, FALSE, "did you mean 'openset'" },
  };
  g_autofree char *path = g_build_filename (top, "truth.csv", NULL);
  g_autofree char *folder = g_build_filename (top, "two", NULL);
  const char *paths[] = { folder, NULL };

  write_file ("two/a.mp4", "");
  write_file ("two/b.mp4", "");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerDataset) dataset = mer_dataset_open_clips (paths, NULL, NULL);

      print_message ("%s\n", cases[i].table);
      write_file ("truth.csv", cases[i].table);
      assert_int_equal (mer_dataset_join_truth (dataset, path, cases[i].column, &error),
                        cases[i].error == NULL);
      if (cases[i].error != NULL)
        {
          assert_non_null (strstr (error->message, cases[i].error));
          continue;
        }
      assert_int_equal (mer_dataset_count_truths (dataset), cases[i].truths);
      assert_int_equal (mer_dataset_get_note (dataset) != NULL, cases[i].note);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_file),      cmocka_unit_test (test_identity),
    cmocka_unit_test (test_bad_files), cmocka_unit_test (test_links),
    cmocka_unit_test (test_clips),     cmocka_unit_test (test_truth),
  };

  gst_init (NULL, NULL);
  return cmocka_run_group_tests (tests, set_up, tear_down);
}
