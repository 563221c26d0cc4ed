/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-picture-set.h"

#include <string.h>

#include "media/mer-picture.h"

struct _MerPictureSet
{
  MerPictureMaker *maker;
  guint n_frames;

  GstBuffer *shown; /* the picture that is on display */
  GstVideoInfo info;
  GBytes *jpeg; /* of `shown` */
  guint jpeg_width;
  guint jpeg_height;
  GBytes *gray; /* of `shown` */

  GArray *frames; /* MerFrame */
  GPtrArray *jpegs;
  GByteArray *strip;
  guint strip_width;
  guint strip_height;
  guint n_strip;
};

/**
 * mer_picture_set_new:
 * @settings: how many frames of which size
 * @orientation: (nullable): an image-orientation tag
 *
 * Returns: (transfer full): an empty set; begin it before it is used
 */
MerPictureSet *
mer_picture_set_new (const MerDecodeSettings *settings, const char *orientation)
{
  MerPictureSet *self = g_new0 (MerPictureSet, 1);

  self->n_frames = settings->frames;
  self->frames = g_array_new (FALSE, TRUE, sizeof (MerFrame));
  self->jpegs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->maker = mer_picture_maker_new (settings->max_side, settings->jpeg_quality);
  mer_picture_maker_set_orientation (self->maker,
                                     mer_picture_orientation_from_tag (orientation));
  return self;
}

static void
forget_shown (MerPictureSet *self)
{
  g_clear_pointer (&self->shown, gst_buffer_unref);
  g_clear_pointer (&self->jpeg, g_bytes_unref);
  g_clear_pointer (&self->gray, g_bytes_unref);
}

void
mer_picture_set_free (MerPictureSet *self)
{
  forget_shown (self);
  g_array_unref (self->frames);
  g_ptr_array_unref (self->jpegs);
  g_clear_pointer (&self->strip, g_byte_array_unref);
  mer_picture_maker_free (self->maker);
  g_free (self);
}

/**
 * mer_picture_set_begin:
 * @self: a set
 * @n_strip: how many pictures the strip gets
 *
 * Forgets everything that was added.
 */
void
mer_picture_set_begin (MerPictureSet *self, guint n_strip)
{
  forget_shown (self);
  g_clear_pointer (&self->strip, g_byte_array_unref);
  self->n_strip = n_strip;
  g_ptr_array_set_size (self->jpegs, 0);
  g_ptr_array_set_size (self->jpegs, (int) self->n_frames);
  g_array_set_size (self->frames, 0);
  g_array_set_size (self->frames, self->n_frames);
}

/**
 * mer_picture_set_show:
 * @self: a set
 * @info: what @buffer holds
 * @buffer: the picture that what is added from now on is made of
 */
void
mer_picture_set_show (MerPictureSet *self, const GstVideoInfo *info, GstBuffer *buffer)
{
  forget_shown (self);
  self->shown = gst_buffer_ref (buffer);
  self->info = *info;
}

/* the picture that is there now, small and gray; the first gives the strip its shape */
static gboolean
make_gray (MerPictureSet *self, GError **error)
{
  guint width, height;

  if (self->gray != NULL)
    return TRUE;
  self->gray = mer_picture_maker_gray (self->maker, &self->info, self->shown, &width,
                                       &height, error);
  if (self->gray == NULL)
    return FALSE;
  if (self->strip != NULL)
    return TRUE;
  self->strip = g_byte_array_new ();
  self->strip_width = width;
  self->strip_height = height;
  g_byte_array_set_size (self->strip, g_bytes_get_size (self->gray) * self->n_strip);
  memset (self->strip->data, 0, self->strip->len);
  return TRUE;
}

/**
 * mer_picture_set_add_to_strip:
 * @self: a set that shows a picture
 * @slot: which picture of the strip it is; they are added in order
 * @error: return location for an error
 *
 * Returns: whether the picture could be converted
 */
gboolean
mer_picture_set_add_to_strip (MerPictureSet *self, guint slot, GError **error)
{
  if (!make_gray (self, error))
    return FALSE;

  gsize size = g_bytes_get_size (self->gray);
  /* a picture of another shape in the middle of the clip repeats the one before */
  if (self->strip->len == size * self->n_strip)
    memcpy (self->strip->data + size * slot, g_bytes_get_data (self->gray, NULL), size);
  else if (slot > 0)
    {
      gsize own = self->strip->len / self->n_strip;
      guint8 *to = self->strip->data + own * slot;

      memcpy (to, to - own, own);
    }
  return TRUE;
}

/**
 * mer_picture_set_add_frame:
 * @self: a set that shows a picture
 * @slot: which frame it is
 * @time: the instant asked for, nanoseconds from the start of the span
 * @pts: when the picture came on display, the same
 * @error: return location for an error
 *
 * Returns: whether the picture could be converted
 */
gboolean
mer_picture_set_add_frame (MerPictureSet *self, guint slot, guint64 time, guint64 pts,
                           GError **error)
{
  if (self->jpeg == NULL)
    self->jpeg = mer_picture_maker_jpeg (self->maker, &self->info, self->shown,
                                         &self->jpeg_width, &self->jpeg_height, error);
  if (self->jpeg == NULL)
    return FALSE;

  MerFrame *frame = &g_array_index (self->frames, MerFrame, slot);
  frame->time = time;
  frame->pts = pts;
  frame->width = self->jpeg_width;
  frame->height = self->jpeg_height;
  frame->size = g_bytes_get_size (self->jpeg);
  g_clear_pointer (&self->jpegs->pdata[slot], g_bytes_unref);
  self->jpegs->pdata[slot] = g_bytes_ref (self->jpeg);
  return TRUE;
}

/**
 * mer_picture_set_get_frames:
 * @self: a set
 *
 * Returns: (transfer none) (element-type MerFrame): the frames, without hashes
 */
GArray *
mer_picture_set_get_frames (MerPictureSet *self)
{
  return self->frames;
}

GPtrArray *
mer_picture_set_get_jpegs (MerPictureSet *self)
{
  return self->jpegs;
}

/**
 * mer_picture_set_dup_strip:
 * @self: a set
 * @width: (out): pixels
 * @height: (out): pixels
 * @n_frames: (out): pictures
 *
 * Returns: (transfer full) (nullable): the gray strip, %NULL where none was wanted
 */
GBytes *
mer_picture_set_dup_strip (MerPictureSet *self, guint *width, guint *height,
                           guint *n_frames)
{
  if (self->strip == NULL)
    return NULL;
  *width = self->strip_width;
  *height = self->strip_height;
  *n_frames = self->n_strip;
  return g_bytes_new (self->strip->data, self->strip->len);
}
