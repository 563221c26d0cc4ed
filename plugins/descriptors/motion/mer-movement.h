/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MerMovement:
 * @seconds: how long the pictures last
 * @n_pairs: pairs of neighbouring pictures that were compared, scene cuts left out
 * @n_cuts: scene cuts
 * @brightness: mean gray level, 0…255
 * @contrast: standard deviation of the gray levels within a picture, mean over pictures
 * @black: whether there is next to nothing to see
 * @frozen: whether no picture differs from the one before
 * @amount: quantity of motion: mean share of pixels that change from one picture to the
 *   next, 0…1
 * @peak: its 95th percentile
 * @suddenness: mean absolute change of the quantity of motion from pair to pair, against
 * its mean; even motion is near 0, single bursts near 1
 * @still_share: share of pairs in which next to nothing moves, 0…1
 * @upper_share: share of the changes in the upper half, 0…1
 * @centre_share: share of the changes in the middle half of the width and the upper two
 *   thirds, where a face mostly is, 0…1
 * @extent: share of the picture's cells (8 × 8) where something moved at all, 0…1
 * @rhythm_hz: how often the motion swells a second, 0 where there is no rhythm
 * @rhythm_strength: autocorrelation at that period, 0…1
 *
 * How much, how and where something moves.
 */
typedef struct
{
  double seconds;
  guint n_pairs;
  guint n_cuts;
  double brightness;
  double contrast;
  gboolean black;
  gboolean frozen;
  double amount;
  double peak;
  double suddenness;
  double still_share;
  double upper_share;
  double centre_share;
  double extent;
  double rhythm_hz;
  double rhythm_strength;
} MerMovement;

gboolean mer_movement_measure (GBytes *strip, guint width, guint height, double rate,
                               MerMovement *movement, GCancellable *cancellable,
                               GError **error);

G_END_DECLS
