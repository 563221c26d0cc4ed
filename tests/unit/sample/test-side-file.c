/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <glib/gstdio.h>

#include "sample/mer-side-file.h"

static void
put (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  assert_true (g_file_set_contents (path, "x", -1, NULL));
}

static void
take (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  assert_int_equal (g_remove (path), 0);
}

static void
check (MerSideFiles *files, const char *folder, const char *clip, const char *language,
       const char *expected)
{
  g_autofree char *media = g_build_filename (folder, clip, NULL);
  g_autofree char *found = mer_side_files_find (files, media, language);
  g_autofree char *name = found != NULL ? g_path_get_basename (found) : NULL;

  if (g_strcmp0 (name, expected) != 0)
    fail_msg ("%s (%s): %s and not %s", clip, language, name, expected);
}

static void
test_find (void **state)
{
  static const char *const files[]
      = { "a.mp4",     "a.srt",    "a.ass",    "a.en.vtt",   "a.de.srt",   "ab.srt",
          "c.fr.srt",  "c.de.srt", "c.de.ass", "d.x.en.srt", "e.SRT",      ".srt",
          "f.g.h.mp4", "f.g.srt",  "i.txt",    "f.g.h.vtt",  "a.-.srt.bak" };
  static const struct
  {
    const char *clip;
    const char *language;
    const char *found;
  } table[] = {
    { "a.mp4", NULL, "a.srt" },    { "a.mp4", "en", "a.en.vtt" },
    { "a.mp4", "DE", "a.de.srt" }, { "a.mp4", "fr", "a.srt" },
    { "ab.mkv", NULL, "ab.srt" },  { "c.mp4", NULL, "c.de.srt" },
    { "c.mp4", "fr", "c.fr.srt" }, { "d.mp4", "en", NULL },
    { "e.wav", NULL, "e.SRT" },    { "f.g.h.mp4", NULL, "f.g.h.vtt" },
    { "f.mp4", NULL, "f.g.srt" },  { "i.mp4", NULL, NULL },
    { "nothing.mp4", NULL, NULL }, { "a", "en", "a.en.vtt" },
  };
  g_autofree char *folder = g_dir_make_tmp ("mer-side-XXXXXX", NULL);
  g_autoptr (MerSideFiles) finder = mer_side_files_new ();

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    put (folder, files[i]);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    check (finder, folder, table[i].clip, table[i].language, table[i].found);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    take (folder, files[i]);
  check (finder, folder, "a.mp4", NULL, NULL);
  g_rmdir (folder);
  check (finder, folder, "a.mp4", NULL, NULL);
}

int
main (void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test (test_find) };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
