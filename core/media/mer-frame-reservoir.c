/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-frame-reservoir.h"

#include "media/mer-frame-rule.h"
#include "media/mer-picture.h"

typedef struct
{
  gint64 start;
  gint64 end;
  guint width;
  guint height;
  GBytes *jpeg;
} Kept;

struct _MerFrameReservoir
{
  MerPictureMaker *maker;
  GArray *kept; /* Kept, in the order of arrival */
  gsize bytes;
  gsize max_bytes;
  gint64 grid; /* at most one frame in so much time; 0 while all are kept */
  guint n_seen;
  gint64 last_end;
};

static void
kept_clear (Kept *kept)
{
  g_clear_pointer (&kept->jpeg, g_bytes_unref);
}

/**
 * mer_frame_reservoir_new:
 * @max_side: the longest side of a JPEG, pixels
 * @quality: of a JPEG, 1 to 100
 * @max_bytes: of JPEGs that are kept
 *
 * Returns: (transfer full): an empty reservoir
 */
MerFrameReservoir *
mer_frame_reservoir_new (guint max_side, guint quality, gsize max_bytes)
{
  MerFrameReservoir *self = g_new0 (MerFrameReservoir, 1);

  self->maker = mer_picture_maker_new (max_side, quality);
  self->kept = g_array_new (FALSE, FALSE, sizeof (Kept));
  g_array_set_clear_func (self->kept, (GDestroyNotify) kept_clear);
  self->max_bytes = max_bytes;
  return self;
}

void
mer_frame_reservoir_free (MerFrameReservoir *self)
{
  mer_picture_maker_free (self->maker);
  g_array_unref (self->kept);
  g_free (self);
}

void
mer_frame_reservoir_set_orientation (MerFrameReservoir *self,
                                     GstVideoOrientationMethod method)
{
  mer_picture_maker_set_orientation (self->maker, method);
}

/* drops every second frame: what is kept stays spread evenly over what was seen */
static void
thin (MerFrameReservoir *self)
{
  GArray *half = g_array_new (FALSE, FALSE, sizeof (Kept));
  gint64 first = g_array_index (self->kept, Kept, 0).start;
  gint64 span = self->last_end - first;

  g_array_set_clear_func (half, (GDestroyNotify) kept_clear);
  self->bytes = 0;
  for (guint i = 0; i < self->kept->len; i += 2)
    {
      Kept kept = g_array_index (self->kept, Kept, i);

      g_bytes_ref (kept.jpeg);
      self->bytes += g_bytes_get_size (kept.jpeg);
      g_array_append_val (half, kept);
    }
  g_array_unref (self->kept);
  self->kept = half;
  self->grid = MAX (self->grid * 2, span / MAX (half->len, 1));
}

/**
 * mer_frame_reservoir_add:
 * @self: a reservoir
 * @info: what @buffer holds
 * @buffer: a raw video frame
 * @start: when it comes on display, nanoseconds
 * @end: when its duration ends; @start if not known
 * @error: return location for an error
 *
 * Returns: %FALSE if it cannot be made a JPEG
 */
gboolean
mer_frame_reservoir_add (MerFrameReservoir *self, const GstVideoInfo *info,
                         GstBuffer *buffer, gint64 start, gint64 end, GError **error)
{
  Kept kept = { start, end, 0, 0, NULL };

  self->n_seen++;
  self->last_end = MAX (self->last_end, end);
  if (self->kept->len > 0
      && start - g_array_index (self->kept, Kept, self->kept->len - 1).start < self->grid)
    return TRUE;
  if (!mer_picture_check_size (info, error))
    return FALSE;
  kept.jpeg = mer_picture_maker_jpeg (self->maker, info, buffer, &kept.width, &kept.height,
                                      error);
  if (kept.jpeg == NULL)
    return FALSE;
  g_array_append_val (self->kept, kept);
  self->bytes += g_bytes_get_size (kept.jpeg);
  if (self->bytes > self->max_bytes && self->kept->len > 2)
    thin (self);
  return TRUE;
}

static GArray *
make_shown (MerFrameReservoir *self)
{
  GArray *shown = g_array_new (FALSE, FALSE, sizeof (MerShown));

  for (guint i = 0; i < self->kept->len; i++)
    {
      Kept *kept = &g_array_index (self->kept, Kept, i);
      MerShown one = { kept->start, kept->end, i };

      g_array_append_val (shown, one);
    }
  mer_frame_rule_sort (shown);
  if (shown->len > 0)
    {
      MerShown *last = &g_array_index (shown, MerShown, shown->len - 1);

      last->end = MAX (last->end, self->last_end);
      if (last->end <= last->start)
        last->end = last->start
                    + (shown->len > 1 ? last->start - (last - 1)->start
                                      : 40 * (gint64) GST_MSECOND);
    }
  return shown;
}

/**
 * mer_frame_reservoir_choose:
 * @self: a reservoir
 * @n: how many frames are wanted
 * @frames: (element-type MerFrame): gets them, without hashes
 * @jpegs: (element-type GBytes): gets their bytes
 * @start: (out): when the first frame came on display
 * @duration: (out): of the presented span, nanoseconds
 *
 * Returns: %FALSE if no frame was seen
 */
gboolean
mer_frame_reservoir_choose (MerFrameReservoir *self, guint n, GArray *frames,
                            GPtrArray *jpegs, gint64 *start, guint64 *duration)
{
  g_autoptr (GArray) shown = make_shown (self);

  if (!mer_frame_rule_span (shown, start, duration))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      MerFrame frame = { 0 };
      guint64 time = mer_frame_rule_time (i, n, *duration);
      guint found = mer_frame_rule_find (shown, *start + (gint64) time);
      Kept *kept
          = &g_array_index (self->kept, Kept, g_array_index (shown, MerShown, found).index);

      frame.time = time;
      frame.pts = (guint64) (kept->start - *start);
      frame.width = kept->width;
      frame.height = kept->height;
      frame.size = g_bytes_get_size (kept->jpeg);
      g_array_append_val (frames, frame);
      g_ptr_array_add (jpegs, g_bytes_ref (kept->jpeg));
    }
  return TRUE;
}

guint
mer_frame_reservoir_get_n_seen (MerFrameReservoir *self)
{
  return self->n_seen;
}

/**
 * mer_frame_reservoir_get_grid:
 * @self: a reservoir
 *
 * Returns: 0 if the choice is exact; else how far apart, in nanoseconds, the frames are
 *   between which it was made, because the stream was too long to keep them all
 */
gint64
mer_frame_reservoir_get_grid (MerFrameReservoir *self)
{
  return self->grid;
}
