/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/support/mer-test-mapping.h"
#include "tests/support/mer-test-workbook.h"

#include <glib/gstdio.h>

#include "emotion/mer-mapping-import.h"

static const char *const format_csv
    = "name,format\nHappy ,\"happy,Happily, happiness\"\nglad,\"gladly,happily\"\n";

static const char *const synonyms
    = "word_run1|synonym_run1|word_run2|synonym_run2|word_run3|synonym_run3|word_run4|"
      "synonym_run4|word_run5|synonym_run5|word_run6|synonym_run6|word_run7|synonym_run7|"
      "word_run8|synonym_run8;"
      "joyful|happy, glad|content|happy";

/* level2 of a level1 word is its first child by the alphabet; `twice` is met again */
static const char *const wheel
    = "level1|level2|level3;mad|rage|twice;||fury;|irate|cross;joy|joyful|content;|bliss|"
      "twice";

static char *folder;

static void
put (const char *file, GBytes *bytes)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

static int
make_folder (void **state)
{
  g_autoptr (GBytes) forms = g_bytes_new_static (format_csv, strlen (format_csv));
  g_autoptr (GBytes) runs = mer_test_workbook_of_rows (synonyms);
  g_autoptr (GBytes) rings = mer_test_workbook_of_rows (wheel);

  folder = g_dir_make_tmp ("mer-import-XXXXXX", NULL);
  put ("format.csv", forms);
  put ("synonym.xlsx", runs);
  for (guint k = 1; k <= MER_N_WHEELS; k++)
    {
      g_autofree char *name = g_strdup_printf ("wheel%u.xlsx", k);

      put (name, rings);
    }
  return 0;
}

static int
remove_folder (void **state)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_free (folder);
  return 0;
}

static const struct
{
  guint level;
  const char *word;
  const char *cluster;
} clusters[] = {
  { 1, "mad", "mad" },     { 2, "mad", "irate" },      { 1, "rage", "mad" },
  { 2, "rage", "rage" },   { 2, "fury", "rage" },      { 2, "joy", "bliss" },
  { 1, "content", "joy" }, { 2, "content", "joyful" }, { 1, "twice", "joy" },
  { 2, "twice", "bliss" },
};

static void
builds_what_the_tables_say (void **state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerMapping) mapping = mer_mapping_import (folder, "own", "here", NULL, &error);

  mer_test_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (clusters); i++)
    for (guint k = 0; k < MER_N_WHEELS; k++)
      assert_string_equal (
          mer_mapping_get_cluster (mapping, k, clusters[i].level, clusters[i].word),
          clusters[i].cluster);

  const char *const *bases = mer_mapping_get_base_words (mapping, "happily");
  assert_string_equal (bases[0], "glad");
  assert_string_equal (bases[1], "happy");
  assert_non_null (mer_mapping_get_base_words (mapping, "glad"));
  assert_string_equal (mer_mapping_get_wheel_words (mapping, "happy")[0], "content");
  assert_string_equal (mer_mapping_group (mapping, MER_METRIC_M2, "happily"), "joyful");
  assert_string_equal (mer_mapping_get_source (mapping), "here");
}

static void
names_what_is_missing (void **state)
{
  g_autoptr (GError) error = NULL;

  assert_null (mer_mapping_import ("/nowhere", "own", NULL, NULL, &error));
  assert_string_equal (error->message, "/nowhere/format.csv: No such file or directory");
}

/* --- the challenges' own tables, where they are present --- */

static MerMapping *
import_shared (const char *year)
{
  g_autofree char *path
      = g_build_filename (mer_test_shared_data (), "emotion-wheel", year, NULL);
  g_autoptr (GError) error = NULL;
  MerMapping *mapping = mer_mapping_import (path, year, NULL, NULL, &error);

  mer_test_assert_no_error (error);
  return mapping;
}

/* published quirks of the vocabulary: where words fall at the inner level of five wheels */
static const struct
{
  const char *word;
  const char *groups[MER_N_WHEELS];
} quirks[] = {
  { "worried", { "scared", "fearful", "scared", "fear", "scared" } },
  { "anxious", { "scared", "fearful", "scared", "fear", "scared" } },
  { "calm", { "happy", "happy", "peaceful", "joy", "peaceful" } },
  { "relaxed", { NULL, NULL, "peaceful", "joy", "peaceful" } },
  { "doubt", { "mad", "angry", "mad", "anger", "mad" } },
  { "confused", { "surprised", "surprised", "scared", "sad", "scared" } },
  { "surprised", { "surprised", "surprised", "powerful", "fear", NULL } },
  { "contempt", { NULL, "angry", NULL, NULL, NULL } },
  { "neutral", { NULL, NULL, NULL, NULL, NULL } },
};

static void
agrees_with_published_facts (void **state)
{
  if (mer_test_shared_data () == NULL)
    {
      print_message ("the challenges' tables are not here (MER_SHARED_DATA)\n");
      skip ();
    }

  g_autoptr (MerMapping) mapping = import_shared ("2026");
  g_autoptr (MerMapping) older = import_shared ("2025");

  assert_int_equal (g_strv_length ((char **) mer_mapping_get_forms (mapping)), 7356);
  assert_int_equal (g_strv_length ((char **) mer_mapping_get_forms (older)), 7386);
  assert_int_equal (mer_mapping_get_n_groups (mapping, MER_METRIC_W2L1), 7);
  assert_false (mer_mapping_knows (mapping, "neutral"));
  assert_string_equal (mer_mapping_get_cluster (mapping, 1, 1, "overwhelmed"), "bad");
  for (gsize i = 0; i < G_N_ELEMENTS (quirks); i++)
    for (guint k = 0; k < MER_N_WHEELS; k++)
      {
        const char *group
            = mer_mapping_group (mapping, MER_METRIC_W1L1 + k, quirks[i].word);

        if (g_strcmp0 (group, quirks[i].groups[k]) != 0)
          fail_msg ("%s in wheel %u: %s", quirks[i].word, k + 1, group);
      }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (builds_what_the_tables_say),
    cmocka_unit_test (names_what_is_missing),
    cmocka_unit_test (agrees_with_published_facts),
  };

  return cmocka_run_group_tests (tests, make_folder, remove_folder);
}
