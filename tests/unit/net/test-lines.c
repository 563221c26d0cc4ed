/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include "net/mer-lines.h"
#include "support/mer-test-folder.h"

#define MAX_LINE 100000u

static MerLines *
open_text (void *state, const char *text, gsize length)
{
  g_autofree char *path = mer_test_folder_file (state, "lines.txt");
  g_autoptr (GError) error = NULL;
  MerLines *lines = NULL;

  assert_true (g_file_set_contents (path, text, (gssize) length, NULL));
  lines = mer_lines_open (path, MAX_LINE, &error);
  mer_test_assert_no_error (error);
  return lines;
}

static void
test_lines (void **state)
{
  static const struct
  {
    const char *text;
    const char *const lines[5];
  } cases[] = {
    { "", { NULL } },
    { "one", { "one", NULL } },
    { "one\n", { "one", NULL } },
    { "one\n\ntwo\nthr", { "one", "", "two", "thr", NULL } },
    { "\n", { "", NULL } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (MerLines) lines
          = open_text (*state, cases[i].text, strlen (cases[i].text));
      const char *line = NULL;
      gsize length = 0;
      gboolean too_long = FALSE;
      guint n = 0;

      while (mer_lines_next (lines, &line, &length, &too_long, NULL))
        {
          assert_string_equal (line, cases[i].lines[n]);
          assert_int_equal (length, strlen (line));
          assert_false (too_long);
          n++;
        }
      assert_null (cases[i].lines[n]);
    }
}

/* lines across the reader's own pieces, and one that is longer than it may be */
static void
test_long (void **state)
{
  static const gsize lengths[] = { 65535, 65536, 65537, MAX_LINE, MAX_LINE + 1, 500000, 3 };
  g_autoptr (GString) text = g_string_new (NULL);
  const char *line = NULL;
  gsize length = 0;
  gboolean too_long = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      for (gsize k = 0; k < lengths[i]; k++)
        g_string_append_c (text, (char) ('a' + i));
      g_string_append_c (text, '\n');
    }

  g_autoptr (MerLines) lines = open_text (*state, text->str, text->len);
  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      assert_true (mer_lines_next (lines, &line, &length, &too_long, NULL));
      assert_int_equal (length, MIN (lengths[i], MAX_LINE));
      assert_int_equal (too_long, lengths[i] > MAX_LINE);
      assert_int_equal (line[0], 'a' + (int) i);
      assert_int_equal (line[length - 1], 'a' + (int) i);
    }
  assert_false (mer_lines_next (lines, &line, &length, &too_long, NULL));
}

static void
test_missing (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "nothing.txt");
  g_autoptr (GError) error = NULL;

  assert_null (mer_lines_open (path, MAX_LINE, &error));
  assert_non_null (strstr (error->message, path));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_lines),
    cmocka_unit_test (test_long),
    cmocka_unit_test (test_missing),
  };

  return cmocka_run_group_tests (tests, mer_test_folder_setup, mer_test_folder_teardown);
}
