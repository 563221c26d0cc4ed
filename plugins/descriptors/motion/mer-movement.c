/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Motion as the share of pixels that change from one picture to the next: the "motion
 * energy" of psychotherapy research (F. Ramseyer, W. Tschacher, "Nonverbal synchrony in
 * psychotherapy", Journal of Consulting and Clinical Psychology 79 (2011), 284-295) and the
 * "quantity of motion" of A. Camurri, I. Lagerloef, G. Volpe, "Recognizing emotion from
 * dance movement", International Journal of Human-Computer Studies 59 (2003), 213-225. */

#include "mer-movement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mer-error.h"

/* gray levels; noise and compression stay below at 64 pixels a side */
#define CHANGE_THRESHOLD 10
#define CELLS 8
/* a cell moved when this share of its pixels changed at least once */
#define CELL_THRESHOLD 0.1
/* share of pixels below which a pair counts as still */
#define STILL_THRESHOLD 0.005
#define BLACK_BRIGHTNESS 20.
#define BLACK_CONTRAST 4.
/* a cut changes most of the picture, and more than its neighbours do */
#define CUT_SHARE 0.35
#define CUT_CORRELATION 0.6
#define CUT_RATIO 3.
#define MIN_RHYTHM_HZ 0.4
#define MAX_RHYTHM_HZ 3.
#define MIN_RHYTHM_STRENGTH 0.4
#define MAX_PICTURES 65536

typedef struct
{
  double share;  /* of pixels that change */
  double upper;  /* the part of it in the upper half */
  double centre; /* the part of it where a face mostly is */
  double correlation;
  gboolean cut;
} Pair;

typedef struct
{
  const guint8 *pixels;
  guint width;
  guint height;
  guint n_pictures;
  double rate;
} Strip;

static const guint8 *
strip_get (const Strip *strip, guint index)
{
  return strip->pixels + (gsize) index * strip->width * strip->height;
}

static double
mean_of (const guint8 *pixels, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += pixels[i];
  return sum / n;
}

/* of two pictures, 1 where they differ in brightness and contrast alone */
static double
correlate (const guint8 *a, const guint8 *b, guint n)
{
  double mean_a = mean_of (a, n), mean_b = mean_of (b, n);
  double ab = 0, aa = 0, bb = 0;

  for (guint i = 0; i < n; i++)
    {
      ab += (a[i] - mean_a) * (b[i] - mean_b);
      aa += (a[i] - mean_a) * (a[i] - mean_a);
      bb += (b[i] - mean_b) * (b[i] - mean_b);
    }
  return aa > 0 && bb > 0 ? ab / sqrt (aa * bb) : 0;
}

static gboolean
in_centre (const Strip *strip, guint x, guint y)
{
  return 4 * x >= strip->width && 4 * x < 3 * strip->width && 3 * y < 2 * strip->height;
}

static gboolean
has_changed (const Strip *strip, guint index, guint at)
{
  return abs ((int) strip_get (strip, index)[at] - strip_get (strip, index + 1)[at])
         > CHANGE_THRESHOLD;
}

static void
compare (const Strip *strip, guint index, Pair *pair)
{
  guint n = strip->width * strip->height;
  guint changed = 0, upper = 0, centre = 0;

  for (guint y = 0; y < strip->height; y++)
    for (guint x = 0; x < strip->width; x++)
      {
        if (!has_changed (strip, index, y * strip->width + x))
          continue;
        changed++;
        upper += 2 * y < strip->height;
        centre += in_centre (strip, x, y);
      }
  pair->share = (double) changed / n;
  pair->upper = (double) upper / n;
  pair->centre = (double) centre / n;
  pair->correlation = correlate (strip_get (strip, index), strip_get (strip, index + 1), n);
}

/* share of the cells in which something moved between the pictures of one scene */
static double
measure_extent (const Strip *strip, const Pair *pairs, guint n_pairs)
{
  guint cells[CELLS * CELLS] = { 0 };
  guint n_moved = 0;

  for (guint i = 0; i < n_pairs; i++)
    for (guint at = 0; at < strip->width * strip->height && !pairs[i].cut; at++)
      {
        guint x = at % strip->width, y = at / strip->width;

        cells[y * CELLS / strip->height * CELLS + x * CELLS / strip->width]
            += has_changed (strip, i, at);
      }
  for (guint i = 0; i < CELLS * CELLS; i++)
    n_moved += cells[i] * CELLS * CELLS > CELL_THRESHOLD * strip->width * strip->height;
  return (double) n_moved / (CELLS * CELLS);
}

/* the mean of what changes before and after this pair */
static double
share_around (const Pair *pairs, guint n_pairs, guint index)
{
  double sum = 0;
  guint n = 0;

  if (index > 0)
    {
      sum += pairs[index - 1].share;
      n++;
    }
  if (index + 1 < n_pairs)
    {
      sum += pairs[index + 1].share;
      n++;
    }
  return n > 0 ? sum / n : 0;
}

/* marks the pairs between which the scene changes */
static guint
find_cuts (Pair *pairs, guint n_pairs)
{
  guint n = 0;

  for (guint i = 0; i < n_pairs; i++)
    {
      pairs[i].cut = pairs[i].share > CUT_SHARE && pairs[i].correlation < CUT_CORRELATION
                     && pairs[i].share > CUT_RATIO * share_around (pairs, n_pairs, i);
      n += pairs[i].cut;
    }
  return n;
}

static void
measure_light (const Strip *strip, MerMovement *movement)
{
  guint n = strip->width * strip->height;

  for (guint p = 0; p < strip->n_pictures; p++)
    {
      const guint8 *pixels = strip_get (strip, p);
      double mean = mean_of (pixels, n), spread = 0;

      for (guint i = 0; i < n; i++)
        spread += (pixels[i] - mean) * (pixels[i] - mean);
      movement->brightness += mean / strip->n_pictures;
      movement->contrast += sqrt (spread / n) / strip->n_pictures;
    }
  movement->black
      = movement->brightness < BLACK_BRIGHTNESS && movement->contrast < BLACK_CONTRAST;
}

static int
compare_doubles (const void *a, const void *b)
{
  double left = *(const double *) a, right = *(const double *) b;

  return (left > right) - (left < right);
}

static void
measure_amount (const Pair *pairs, guint n_pairs, MerMovement *movement)
{
  g_autofree double *shares = g_new (double, MAX (n_pairs, 1));
  double upper = 0, centre = 0, change = 0;
  guint n = 0, n_changes = 0, n_still = 0;

  for (guint i = 0; i < n_pairs; i++)
    {
      if (pairs[i].cut)
        continue;
      shares[n++] = pairs[i].share;
      movement->amount += pairs[i].share;
      upper += pairs[i].upper;
      centre += pairs[i].centre;
      n_still += pairs[i].share < STILL_THRESHOLD;
      if (i == 0 || pairs[i - 1].cut)
        continue;
      change += fabs (pairs[i].share - pairs[i - 1].share);
      n_changes++;
    }
  movement->n_pairs = n;
  movement->frozen = movement->amount <= 0;
  if (n == 0 || movement->frozen)
    {
      movement->still_share = 1;
      return;
    }
  movement->upper_share = upper / movement->amount;
  movement->centre_share = centre / movement->amount;
  movement->amount /= n;
  movement->still_share = (double) n_still / n;
  movement->suddenness = n_changes > 0 ? change / n_changes / movement->amount : 0;
  qsort (shares, n, sizeof *shares, compare_doubles);
  movement->peak = shares[(guint) (0.95 * (n - 1) + 0.5)];
}

static double
autocorrelate (const double *values, guint n, guint lag)
{
  double mean = 0, product = 0, power = 0;

  for (guint i = 0; i < n; i++)
    mean += values[i] / n;
  for (guint i = 0; i < n; i++)
    {
      power += (values[i] - mean) * (values[i] - mean);
      if (i + lag < n)
        product += (values[i] - mean) * (values[i + lag] - mean);
    }
  return power > 0 ? product / power * n / (n - lag) : 0;
}

/* the first clear peak of the autocorrelation is the period; two periods must fit */
static void
measure_rhythm (const Pair *pairs, guint n_pairs, double rate, MerMovement *movement)
{
  g_autofree double *shares = g_new (double, MAX (n_pairs, 1));
  guint first = (guint) ceil (rate / MAX_RHYTHM_HZ), last = (guint) (rate / MIN_RHYTHM_HZ);
  double before, here, after;

  for (guint i = 0; i < n_pairs; i++)
    shares[i] = pairs[i].cut ? movement->amount : pairs[i].share;
  last = MIN (last, n_pairs / 2);
  for (guint lag = MAX (first, 2); lag < last; lag++)
    {
      before = autocorrelate (shares, n_pairs, lag - 1);
      here = autocorrelate (shares, n_pairs, lag);
      after = autocorrelate (shares, n_pairs, lag + 1);
      if (here < before || here < after || here < MIN_RHYTHM_STRENGTH)
        continue;
      movement->rhythm_hz = rate / lag;
      movement->rhythm_strength = MIN (here, 1);
      return;
    }
}

static gboolean
strip_init (Strip *strip, GBytes *bytes, guint width, guint height, double rate,
            GError **error)
{
  gsize size;

  strip->pixels = g_bytes_get_data (bytes, &size);
  strip->width = width;
  strip->height = height;
  strip->rate = rate;
  if (width < CELLS || height < CELLS || width > 4096 || height > 4096 || !(rate > 0)
      || size % ((gsize) width * height) != 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_DECODE,
                   "the gray strip of %" G_GSIZE_FORMAT
                   " bytes does not hold pictures of %u × "
                   "%u",
                   size, width, height);
      return FALSE;
    }
  strip->n_pictures = (guint) MIN (size / ((gsize) width * height), MAX_PICTURES);
  return TRUE;
}

/**
 * mer_movement_measure:
 * @strip: gray pictures, @width × @height bytes each, one after the other
 * @width: pixels, at least 8
 * @height: pixels, at least 8
 * @rate: pictures a second
 * @movement: (out caller-allocates): what was measured; zeros where there are no two
 * pictures
 * @cancellable: (nullable): stops the analysis
 * @error: return location
 *
 * Returns: %FALSE with %MER_ERROR_DECODE where the bytes do not fit the sizes, or where
 *   @cancellable fired
 */
gboolean
mer_movement_measure (GBytes *bytes, guint width, guint height, double rate,
                      MerMovement *movement, GCancellable *cancellable, GError **error)
{
  g_autofree Pair *pairs = NULL;
  guint n_pairs;
  Strip strip;

  *movement = (MerMovement){ 0 };
  if (!strip_init (&strip, bytes, width, height, rate, error))
    return FALSE;
  movement->seconds = strip.n_pictures / rate;
  if (strip.n_pictures == 0)
    return TRUE;
  n_pairs = strip.n_pictures - 1;
  pairs = g_new0 (Pair, MAX (n_pairs, 1));
  for (guint i = 0; i < n_pairs; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      compare (&strip, i, &pairs[i]);
    }
  movement->n_cuts = find_cuts (pairs, n_pairs);
  measure_light (&strip, movement);
  measure_amount (pairs, n_pairs, movement);
  measure_rhythm (pairs, n_pairs, rate, movement);
  movement->extent = measure_extent (&strip, pairs, n_pairs);
  return TRUE;
}
