/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "media/mer-media-spool.h"

#include <glib/gstdio.h>
#include <string.h>

static MerMediaBytes *
make_bytes (guint n_frames, const char *audio)
{
  MerMediaBytes *bytes = mer_media_bytes_new ();

  for (guint i = 0; i < n_frames; i++)
    {
      g_autofree char *text = g_strdup_printf ("frame %u", i);

      g_ptr_array_add (bytes->frames, g_bytes_new (text, strlen (text)));
    }
  if (audio != NULL)
    bytes->audio = g_bytes_new (audio, strlen (audio));
  return bytes;
}

static void
assert_same (MerMediaBytes *a, MerMediaBytes *b)
{
  assert_non_null (b);
  assert_int_equal (a->frames->len, b->frames->len);
  for (guint i = 0; i < a->frames->len; i++)
    assert_true (g_bytes_equal (a->frames->pdata[i], b->frames->pdata[i]));
  assert_int_equal (a->audio != NULL, b->audio != NULL);
  if (a->audio != NULL)
    assert_true (g_bytes_equal (a->audio, b->audio));
  assert_null (b->strip);
}

static void
test_round_trip (void **state)
{
  g_autofree char *folder = g_dir_make_tmp ("mer-spool-XXXXXX", NULL);
  g_autoptr (MerMediaSpool) spool = mer_media_spool_new (folder, 1000, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  static const struct
  {
    const char *key;
    guint n_frames;
    const char *audio;
  } cases[] = { { "both", 3, "sound" },
                { "silent", 2, NULL },
                { "dark", 0, "x" },
                { "nothing", 0, NULL },
                { "empty", 1, "" } };

  assert_non_null (spool);
  assert_null (g_dir_read_name (dir)); /* the file has no name */
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (MerMediaBytes) in = make_bytes (cases[i].n_frames, cases[i].audio);

      assert_false (mer_media_spool_has (spool, cases[i].key));
      mer_media_spool_put (spool, cases[i].key, in);
      assert_true (mer_media_spool_has (spool, cases[i].key));
    }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (MerMediaBytes) in = make_bytes (cases[i].n_frames, cases[i].audio);
      g_autoptr (MerMediaBytes) out = mer_media_spool_get (spool, cases[i].key);

      assert_same (in, out);
    }
  assert_null (mer_media_spool_get (spool, "other"));
  assert_int_equal (g_rmdir (folder), 0);
}

static void
test_bound (void **state)
{
  g_autoptr (MerMediaSpool) spool = mer_media_spool_new (g_get_tmp_dir (), 20, NULL);
  g_autoptr (MerMediaBytes) small = make_bytes (2, NULL);
  g_autoptr (MerMediaBytes) large = make_bytes (2, "0123456789");
  g_autoptr (GError) error = NULL;

  mer_media_spool_put (spool, "large", large);
  assert_false (mer_media_spool_has (spool, "large"));
  mer_media_spool_put (spool, "small", small);
  assert_null (mer_media_spool_new ("/nowhere", 20, &error));
  assert_true (g_str_has_prefix (error->message, "/nowhere/"));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_round_trip),
    cmocka_unit_test (test_bound),
  };

  gst_init (NULL, NULL);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
