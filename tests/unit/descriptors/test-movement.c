/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include <math.h>

#include "mer-error.h"
#include "mer-movement-affect.h"

#define WIDTH 64
#define HEIGHT 36
#define RATE 8
#define N_PICTURES 40

typedef guint8 (*Scene) (guint picture, guint x, guint y);

static void
measure (Scene scene, MerMovement *movement)
{
  guint8 *pixels = g_malloc (N_PICTURES * WIDTH * HEIGHT);
  g_autoptr (GBytes) strip = NULL;
  g_autoptr (GError) error = NULL;

  for (guint p = 0; p < N_PICTURES; p++)
    for (guint y = 0; y < HEIGHT; y++)
      for (guint x = 0; x < WIDTH; x++)
        pixels[(p * HEIGHT + y) * WIDTH + x] = scene (p, x, y);
  strip = g_bytes_new_take (pixels, N_PICTURES * WIDTH * HEIGHT);
  mer_movement_measure (strip, WIDTH, HEIGHT, RATE, movement, NULL, &error);
  mer_test_assert_no_error (error);
}

static guint8
black (guint picture, guint x, guint y)
{
  return 2;
}

static guint8
still (guint picture, guint x, guint y)
{
  return (guint8) (50 + x);
}

/* a bar of 4 columns that goes one way, 4 columns a picture: 8 columns change each time */
static guint8
moving_bar (guint picture, guint x, guint y)
{
  return x / 4 == picture % 16 ? 200 : 50;
}

/* two scenes of different make, nothing else moves */
static guint8
cut (guint picture, guint x, guint y)
{
  return picture < N_PICTURES / 2 ? (guint8) (3 * x) : (guint8) (255 - 7 * y);
}

/* a block in the middle of the upper half that changes */
static guint8
face (guint picture, guint x, guint y)
{
  gboolean inside = x >= 24 && x < 40 && y >= 4 && y < 16;

  return inside && picture % 2 ? 200 : 60;
}

/* a swelling twice a second */
static guint8
swelling (guint picture, guint x, guint y)
{
  guint width = picture % 4 < 2 ? 32 : 2;

  return x < width && picture % 2 ? 220 : 40;
}

static void
test_nothing (void **state)
{
  static const struct
  {
    Scene scene;
    const char *said;
    gboolean black;
  } cases[] = { { black, "black", TRUE }, { still, "still", FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (MerLabels) labels = NULL;
      g_autofree char *said = NULL;
      MerMovementAffect affect;
      MerMovement movement;

      measure (cases[i].scene, &movement);
      assert_int_equal (movement.black, cases[i].black);
      assert_true (movement.frozen);
      assert_true (movement.still_share == 1);
      mer_movement_affect_judge (&movement, &affect);
      labels = mer_movement_affect_get_labels (&affect);
      said = mer_movement_affect_describe (&affect, &movement);
      assert_int_equal (mer_labels_get_length (labels), 0);
      assert_non_null (strstr (said, cases[i].said));
    }
}

static void
test_amount (void **state)
{
  MerMovement movement;

  measure (moving_bar, &movement);
  assert_true (fabs (movement.amount - 8. / 64) < 0.002);
  assert_true (fabs (movement.peak - 8. / 64) < 0.002);
  assert_true (movement.suddenness < 0.01);
  assert_true (movement.still_share == 0);
  assert_true (movement.extent == 1);
  assert_true (fabs (movement.upper_share - 0.5) < 0.01);
  assert_true (fabs (movement.seconds - N_PICTURES / (double) RATE) < 1e-9);
}

static void
test_place (void **state)
{
  MerMovement movement;

  measure (face, &movement);
  assert_true (movement.centre_share > 0.99);
  assert_true (movement.upper_share > 0.99);
  assert_true (fabs (movement.amount - 16. * 12 / (WIDTH * HEIGHT)) < 1e-6);
  assert_true (movement.extent < 0.2);
}

static void
test_cut (void **state)
{
  MerMovement movement;

  measure (cut, &movement);
  assert_int_equal (movement.n_cuts, 1);
  assert_true (movement.amount == 0);
  assert_true (movement.frozen);
}

static void
test_rhythm (void **state)
{
  MerMovement movement;

  measure (swelling, &movement);
  assert_true (fabs (movement.rhythm_hz - 2) < 0.01);
  assert_true (movement.rhythm_strength > 0.8);
  assert_true (movement.suddenness > 0.3);
}

static void
test_hostile (void **state)
{
  static const struct
  {
    gsize size;
    guint width;
    guint height;
    double rate;
    gboolean fine;
  } strips[] = {
    { 0, 64, 36, 8, TRUE },
    { 64 * 36, 64, 36, 8, TRUE },
    { 64 * 36 - 1, 64, 36, 8, FALSE },
    { 100, 0, 0, 8, FALSE },
    { 100, 1, 100, 8, FALSE },
    { 64 * 36, 64, 36, 0, FALSE },
    { 64 * 36, 64, 36, NAN, FALSE },
    { 10, 65536, 65536, 8, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (strips); i++)
    {
      g_autoptr (GBytes) strip
          = g_bytes_new_take (g_malloc0 (strips[i].size), strips[i].size);
      g_autoptr (GError) error = NULL;
      MerMovement movement;

      assert_int_equal (mer_movement_measure (strip, strips[i].width, strips[i].height,
                                              strips[i].rate, &movement, NULL, &error),
                        strips[i].fine);
      assert_int_equal (strips[i].fine, error == NULL);
      assert_int_equal (movement.n_pairs, 0);
    }
}

static void
test_words (void **state)
{
  static const struct
  {
    const char *word;
    double cues[MER_N_MOVEMENT_CUES];
  } places[] = {
    { "happy", { 1.5, 0.5, 1.5 } },
    { "sad", { -2, -0.5, -1.5 } },
    { "surprised", { 0, 2.5, 0 } },
    { "neutral", { 0, 0, 0 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      MerMovementAffect affect = { .has_motion = TRUE };
      g_autoptr (MerLabels) labels = NULL;

      memcpy (affect.cues, places[i].cues, sizeof affect.cues);
      labels = mer_movement_affect_get_labels (&affect);
      assert_string_equal (mer_labels_get (labels, 0), places[i].word);
      assert_true (mer_labels_get_weight (labels, 0) <= 0.4);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_nothing), cmocka_unit_test (test_amount),
    cmocka_unit_test (test_place),   cmocka_unit_test (test_cut),
    cmocka_unit_test (test_rhythm),  cmocka_unit_test (test_hostile),
    cmocka_unit_test (test_words),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
