/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "media/mer-frame-rule.h"

#define MS G_GINT64_CONSTANT (1000000)

static void
test_time (void **state)
{
  static const struct
  {
    guint i, n;
    guint64 duration, time;
  } cases[] = {
    { 0, 1, 1000, 500 },
    { 0, 8, 8000, 500 },
    { 7, 8, 8000, 7500 },
    { 3, 4, 2000, 1750 },
    { 0, 3, 1000, 166 },
    { 1, 3, 1000, 500 },
    { 2, 3, 1000, 833 },
    { 255, 256, 512000, 511000 },
    { 0, 1, G_MAXUINT64 / 4, G_MAXUINT64 / 8 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_int_equal (mer_frame_rule_time (cases[i].i, cases[i].n, cases[i].duration),
                      cases[i].time);
}

static GArray *
make_shown (const gint64 *starts, guint n, gint64 last_end)
{
  GArray *shown = g_array_new (FALSE, FALSE, sizeof (MerShown));

  for (guint i = 0; i < n; i++)
    {
      MerShown one = { starts[i] * MS, i + 1 < n ? starts[i] * MS : last_end * MS, i };

      g_array_append_val (shown, one);
    }
  mer_frame_rule_sort (shown);
  return shown;
}

static guint
index_at (GArray *shown, gint64 ms)
{
  return g_array_index (shown, MerShown, mer_frame_rule_find (shown, ms * MS)).index;
}

static void
test_find (void **state)
{
  /* decoding order of a track with B-frames, and a hole between 200 and 900 */
  static const gint64 starts[] = { 100, 200, 140, 120, 180, 900 };
  g_autoptr (GArray) shown = make_shown (starts, G_N_ELEMENTS (starts), 940);

  assert_int_equal (index_at (shown, 0), 0); /* nothing yet: the first */
  assert_int_equal (index_at (shown, 100), 0);
  assert_int_equal (index_at (shown, 119), 0);
  assert_int_equal (index_at (shown, 120), 3);
  assert_int_equal (index_at (shown, 140), 2);
  assert_int_equal (index_at (shown, 199), 4);
  assert_int_equal (index_at (shown, 899), 1); /* stays until the next one comes */
  assert_int_equal (index_at (shown, 5000), 5);
}

static void
test_span (void **state)
{
  static const gint64 starts[] = { 8334, 8400, 8367 };
  g_autoptr (GArray) shown = make_shown (starts, G_N_ELEMENTS (starts), 8434);
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (MerShown));
  gint64 start = 0;
  guint64 duration = 0;

  assert_true (mer_frame_rule_span (shown, &start, &duration));
  assert_int_equal (start, 8334 * MS);
  assert_int_equal (duration, 100 * MS);
  assert_false (mer_frame_rule_span (none, &start, &duration));
}

static void
test_strip (void **state)
{
  double rate = 0;

  assert_int_equal (mer_frame_rule_strip_length (2000 * MS, &rate), 16);
  assert_true (rate == 8.0);
  assert_int_equal (mer_frame_rule_strip_length (1, &rate), 1);
  assert_int_equal (mer_frame_rule_strip_length (7200000 * MS, &rate),
                    MER_STRIP_MAX_FRAMES);
  assert_true (rate < 1.0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_time),
    cmocka_unit_test (test_find),
    cmocka_unit_test (test_span),
    cmocka_unit_test (test_strip),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
