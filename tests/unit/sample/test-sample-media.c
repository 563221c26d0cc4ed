/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "mer-error.h"
#include "sample/mer-media.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static MerMedia *
make (const char *manifest, GError **error)
{
  return mer_media_new (json_from_string (manifest, NULL), NULL, error);
}

/* manifests are read from stores and from decoders that may have been taken over */
static void
test_hostile_manifests (void **state)
{
  static const char *const refused[] = {
    "{\"outcome\": \"no-such\"}",
    "{\"frames\": [{}]}",
    "{\"frames\": [{\"sha256\": \"abc\"}]}",
    "{\"frames\": [{\"sha256\": 5}]}",
    "{\"frames\": [\"x\"]}",
    ("{\"frames\": [{\"sha256\": \"G123456789abcdef0123456789abcdef0123456789abcdef"
     "0123456789abcdef\"}]}"),
    "{\"cues\": [{\"start\": 1}]}",
  };
  g_autoptr (GError) none = NULL;
  g_autoptr (MerMedia) odd
      = make ("{\"frames\": [{\"sha256\": \"" HASH "\", \"time\": 1e300, \"width\": -1,"
              " \"height\": 1e300, \"bytes\": \"x\"}], \"strip\": {\"width\": -5e9}}",
              &none);

  mer_test_assert_no_error (none);
  assert_int_equal (mer_media_get_frame (odd, 0)->width, 0);
  assert_int_equal (mer_media_get_frame (odd, 0)->height, G_MAXINT);
  assert_int_equal (mer_media_get_frame (odd, 0)->size, 0);
  assert_int_equal (mer_media_get_strip_width (odd), 0);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;

      if (make (refused[i], &error) != NULL || error == NULL)
        fail_msg ("taken: %s", refused[i]);
    }
}

/* a loader that ends when its cancellable says so or the test does */
static GPtrArray *loads;

static void
load (MerMedia *media, GCancellable *cancellable, GAsyncReadyCallback callback,
      gpointer user_data, gpointer loader_data)
{
  g_ptr_array_add (loads, g_task_new (media, cancellable, callback, user_data));
}

static void
load_returned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  int *outcome = user_data;
  g_autoptr (GError) error = NULL;

  if (mer_media_load_finish (MER_MEDIA (source), result, &error))
    *outcome = 1;
  else
    *outcome = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? 2 : 3;
}

static void
run_until (int *outcome)
{
  while (*outcome == 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_one_gives_up (void **state)
{
  g_autoptr (MerMedia) media = make ("{}", NULL);
  g_autoptr (GCancellable) first = g_cancellable_new ();
  g_autoptr (GCancellable) second = g_cancellable_new ();
  int outcomes[2] = { 0 };

  loads = g_ptr_array_new_with_free_func (g_object_unref);
  mer_media_set_loader (media, load, NULL, NULL);
  mer_media_load_async (media, first, load_returned, &outcomes[0]);
  mer_media_load_async (media, second, load_returned, &outcomes[1]);
  assert_int_equal (loads->len, 1);

  g_cancellable_cancel (first);
  assert_true (g_task_return_error_if_cancelled (loads->pdata[0]));
  run_until (&outcomes[0]);
  assert_int_equal (outcomes[0], 2);
  while (loads->len < 2)
    g_main_context_iteration (NULL, TRUE);
  assert_int_equal (outcomes[1], 0);

  g_task_return_pointer (loads->pdata[1], mer_media_bytes_new (),
                         (GDestroyNotify) mer_media_bytes_free);
  run_until (&outcomes[1]);
  assert_int_equal (outcomes[1], 1);
  assert_true (mer_media_is_loaded (media));
  g_ptr_array_unref (loads);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_hostile_manifests),
    cmocka_unit_test (test_one_gives_up),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
