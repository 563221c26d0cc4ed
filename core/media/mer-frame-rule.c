/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* which pictures of a clip every model sees */
#include "media/mer-frame-rule.h"

#include <gst/gst.h>

static int
compare_shown (gconstpointer a, gconstpointer b)
{
  const MerShown *left = a;
  const MerShown *right = b;

  if (left->start != right->start)
    return left->start < right->start ? -1 : 1;
  return left->index < right->index ? -1 : left->index > right->index;
}

/**
 * mer_frame_rule_sort:
 * @shown: (element-type MerShown): the pictures of a track
 *
 * Puts them in the order of display; of two at one instant the later one of the file is
 * shown.
 */
void
mer_frame_rule_sort (GArray *shown)
{
  g_array_sort (shown, compare_shown);
}

/**
 * mer_frame_rule_span:
 * @shown: (element-type MerShown): the pictures of a track, sorted
 * @start: (out): when the first one comes on display
 * @duration: (out): from there until the last one goes, nanoseconds, at least 1
 *
 * The presented span of the track: what the packets say, whatever a header claims.
 *
 * Returns: %FALSE if there is no picture
 */
gboolean
mer_frame_rule_span (GArray *shown, gint64 *start, guint64 *duration)
{
  if (shown->len == 0)
    return FALSE;

  gint64 end = G_MININT64;
  for (guint i = 0; i < shown->len; i++)
    end = MAX (end, g_array_index (shown, MerShown, i).end);
  *start = g_array_index (shown, MerShown, 0).start;
  *duration = end > *start ? (guint64) (end - *start) : 1;
  return TRUE;
}

/**
 * mer_frame_rule_time:
 * @i: from 0
 * @n: how many frames are wanted, at least 1
 * @duration: of the span, nanoseconds
 *
 * Returns: nanoseconds: (i + ½)·D/N from the start of the span
 */
guint64
mer_frame_rule_time (guint i, guint n, guint64 duration)
{
  /* exact, and the same on machines whose widest numbers differ */
  return gst_util_uint64_scale (duration, 2 * (guint64) i + 1, 2 * (guint64) n);
}

/**
 * mer_frame_rule_find:
 * @shown: (element-type MerShown): the pictures of a track, sorted, at least one
 * @instant: on the scale of @shown
 *
 * Returns: the place in @shown of the picture that is on display then: the last one that
 *   has started (a picture stays until the next one comes), else the first
 */
guint
mer_frame_rule_find (GArray *shown, gint64 instant)
{
  guint low = 0;
  guint high = shown->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (shown, MerShown, middle).start <= instant)
        low = middle + 1;
      else
        high = middle;
    }
  return low > 0 ? low - 1 : 0;
}

/**
 * mer_frame_rule_strip_length:
 * @duration: of the span, nanoseconds
 * @rate: (out): pictures a second; `MER_STRIP_RATE` unless the clip is so long that the
 *   strip would hold more than `MER_STRIP_MAX_FRAMES`
 *
 * Returns: how many pictures the gray strip has, at least 1; they follow the frame rule
 */
guint
mer_frame_rule_strip_length (guint64 duration, double *rate)
{
  double seconds = duration / 1e9;
  double n = seconds * MER_STRIP_RATE + 0.5;

  if (n > MER_STRIP_MAX_FRAMES)
    n = MER_STRIP_MAX_FRAMES;

  guint length = MAX ((guint) n, 1);
  *rate = seconds > 0 ? length / seconds : MER_STRIP_RATE;
  return length;
}
