/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "config/mer-lookup.h"
#include "config/mer-prompt.h"

#include <glib/gstdio.h>
#include <string.h>

static const char *const txt[] = { ".txt", ".md", NULL };

static void
test_is_path (void **state)
{
  static const struct
  {
    const char *name;
    gboolean is_path;
  } cases[] = {
    { "clue-audio", FALSE }, { "clue.txt", TRUE }, { "qwen2.5", FALSE }, { "a/b", TRUE },
    { "mer2026", FALSE },    { "v1.2", FALSE },    { "", FALSE },        { "x.", FALSE },
    { "x.jsonld7", FALSE },  { ".json", TRUE },    { "./clue", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_int_equal (mer_lookup_is_path (cases[i].name), cases[i].is_path);
}

static void
write_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  assert_int_equal (g_mkdir_with_parents (parent, 0700), 0);
  assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
assert_found (const char *name, const char *relative_to, const char *folder,
              const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = mer_lookup_file ("prompts", name, txt, relative_to, &error);
  g_autofree char *wanted = g_build_filename (folder, expected, NULL);

  mer_test_assert_no_error (error);
  assert_string_equal (path, wanted);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static void
test_lookup (void **state)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *top = g_dir_make_tmp ("mer-lookup-XXXXXX", NULL);
  g_autofree char *study = g_build_filename (top, "study", "run.json", NULL);
  g_autofree char *listed = g_build_filename (top, "listed", NULL);

  write_file (top, "study/run.json", "{}");
  write_file (top, "study/prompts/near.txt", "near");
  write_file (top, "study/own.md", "own");
  write_file (top, "listed/prompts/near.txt", "far");
  write_file (top, "listed/far.txt", "far");
  g_setenv ("MER_DATA_PATH", listed, TRUE);

  assert_found ("near", study, top, "study/prompts/near.txt");
  assert_found ("own", study, top, "study/own.md");
  assert_found ("far", study, top, "listed/far.txt");
  assert_found ("prompts/near.txt", study, top, "study/prompts/near.txt");
  assert_found ("../listed/far.txt", study, top, "study/../listed/far.txt");

  assert_null (mer_lookup_file ("prompts", "naer", txt, study, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_NOT_FOUND));
  assert_true (g_str_has_prefix (error->message,
                                 "no prompt “naer”; did you mean “near”? (searched "));
  assert_non_null (strstr (error->message, listed));
  g_clear_error (&error);
  assert_null (mer_lookup_file ("prompts", "near.txt", txt, study, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_NOT_FOUND));
  g_clear_error (&error);
  assert_null (mer_lookup_file ("prompts", "", txt, study, &error));
  g_clear_error (&error);

  g_autoptr (MerPrompt) prompt = mer_prompt_open ("own", study, &error);
  mer_test_assert_no_error (error);
  assert_string_equal (mer_prompt_get_text (prompt), "own");
  assert_null (mer_prompt_open ("./prompts", study, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_INVALID_FILE));
  remove_tree (top);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_is_path),
    cmocka_unit_test (test_lookup),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
