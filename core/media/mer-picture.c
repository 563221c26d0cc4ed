/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-picture.h"

#include <turbojpeg.h>

#include "mer-error.h"

/* one conversion: from what a decoder gives to packed pixels of a fixed size */
typedef struct
{
  GstVideoInfo in;
  GstVideoInfo out;
  GstVideoConverter *converter;
  GstBuffer *buffer; /* the converter's output, used again for every frame */
} Conversion;

struct _MerPictureMaker
{
  guint max_side;
  guint quality;
  GstVideoOrientationMethod orientation;
  Conversion jpeg;
  Conversion gray;
  tjhandle compressor;
};

static void
conversion_clear (Conversion *conversion)
{
  g_clear_pointer (&conversion->converter, gst_video_converter_free);
  g_clear_pointer (&conversion->buffer, gst_buffer_unref);
}

/**
 * mer_picture_maker_new:
 * @max_side: the longest side of a JPEG, pixels
 * @quality: of a JPEG, 1 to 100
 *
 * Returns: (transfer full): a maker without rotation
 */
MerPictureMaker *
mer_picture_maker_new (guint max_side, guint quality)
{
  MerPictureMaker *self = g_new0 (MerPictureMaker, 1);

  self->max_side = max_side;
  self->quality = quality;
  self->orientation = GST_VIDEO_ORIENTATION_IDENTITY;
  self->compressor = tjInitCompress ();
  return self;
}

void
mer_picture_maker_free (MerPictureMaker *self)
{
  conversion_clear (&self->jpeg);
  conversion_clear (&self->gray);
  if (self->compressor != NULL)
    tjDestroy (self->compressor);
  g_free (self);
}

/**
 * mer_picture_maker_set_orientation:
 * @self: a maker
 * @method: how pictures are to be turned
 */
void
mer_picture_maker_set_orientation (MerPictureMaker *self, GstVideoOrientationMethod method)
{
  self->orientation = method;
}

/**
 * mer_picture_orientation_from_tag:
 * @tag: (nullable): the value of an `image-orientation` tag
 *
 * Returns: what it asks for; identity for what is not known
 */
GstVideoOrientationMethod
mer_picture_orientation_from_tag (const char *tag)
{
  static const struct
  {
    const char *tag;
    GstVideoOrientationMethod method;
  } known[] = {
    { "rotate-90", GST_VIDEO_ORIENTATION_90R },
    { "rotate-180", GST_VIDEO_ORIENTATION_180 },
    { "rotate-270", GST_VIDEO_ORIENTATION_90L },
    { "flip-rotate-0", GST_VIDEO_ORIENTATION_HORIZ },
    { "flip-rotate-90", GST_VIDEO_ORIENTATION_UR_LL },
    { "flip-rotate-180", GST_VIDEO_ORIENTATION_VERT },
    { "flip-rotate-270", GST_VIDEO_ORIENTATION_UL_LR },
  };

  for (gsize i = 0; tag != NULL && i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].tag, tag))
      return known[i].method;
  return GST_VIDEO_ORIENTATION_IDENTITY;
}

/**
 * mer_picture_check_size:
 * @info: what a decoder says its frames are
 * @error: return location for an error
 *
 * Returns: whether they are of a size that a camera may have made; `TOO_LARGE` otherwise
 */
gboolean
mer_picture_check_size (const GstVideoInfo *info, GError **error)
{
  guint64 pixels = (guint64) GST_VIDEO_INFO_WIDTH (info) * GST_VIDEO_INFO_HEIGHT (info);

  if (pixels > 0 && pixels <= MER_PICTURE_MAX_PIXELS)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE,
               "pictures of %d × %d pixels are not decoded (the limit is %u megapixels)",
               GST_VIDEO_INFO_WIDTH (info), GST_VIDEO_INFO_HEIGHT (info),
               MER_PICTURE_MAX_PIXELS / (1024 * 1024));
  return FALSE;
}

/* the size on display before rotation, its longest side scaled to @side; never up, unless
 * @exactly says so */
static void
scaled_size (const GstVideoInfo *info, guint side, gboolean exactly, guint *width,
             guint *height)
{
  double w = GST_VIDEO_INFO_WIDTH (info);
  double h = GST_VIDEO_INFO_HEIGHT (info);
  double aspect = GST_VIDEO_INFO_PAR_N (info) > 0 && GST_VIDEO_INFO_PAR_D (info) > 0
                      ? (double) GST_VIDEO_INFO_PAR_N (info) / GST_VIDEO_INFO_PAR_D (info)
                      : 1.0;

  /* what rounding in a header makes of a square */
  if (aspect > 0.99 && aspect < 1.01)
    aspect = 1;
  if (aspect > 1)
    w *= aspect;
  else
    h /= aspect;

  double scale = side / MAX (w, h);
  if (scale > 1 && !exactly)
    scale = 1;
  *width = (guint) CLAMP (w * scale + 0.5, 1, side);
  *height = (guint) CLAMP (h * scale + 0.5, 1, side);
}

static gboolean
conversion_set_up (Conversion *self, const GstVideoInfo *info, guint width, guint height,
                   GError **error)
{
  if (self->converter != NULL && gst_video_info_is_equal (&self->in, info)
      && GST_VIDEO_INFO_WIDTH (&self->out) == (int) width
      && GST_VIDEO_INFO_HEIGHT (&self->out) == (int) height)
    return TRUE;

  conversion_clear (self);
  if (!mer_picture_check_size (info, error))
    return FALSE;
  self->in = *info;
  gst_video_info_set_format (&self->out, GST_VIDEO_FORMAT_RGB, width, height);
  self->out.fps_n = info->fps_n;
  self->out.fps_d = info->fps_d;
  self->out.interlace_mode = info->interlace_mode;

  GstStructure *options = gst_structure_new (
      "options", GST_VIDEO_CONVERTER_OPT_RESAMPLER_METHOD, GST_TYPE_VIDEO_RESAMPLER_METHOD,
      GST_VIDEO_RESAMPLER_METHOD_LINEAR, GST_VIDEO_CONVERTER_OPT_DITHER_METHOD,
      GST_TYPE_VIDEO_DITHER_METHOD, GST_VIDEO_DITHER_NONE, GST_VIDEO_CONVERTER_OPT_THREADS,
      G_TYPE_UINT, 1u, NULL);
  self->converter = gst_video_converter_new (&self->in, &self->out, options);
  if (self->converter == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "no way from %s pictures to RGB",
                   gst_video_format_to_string (GST_VIDEO_INFO_FORMAT (info)));
      return FALSE;
    }
  self->buffer = gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (&self->out), NULL);
  return TRUE;
}

static gboolean
conversion_run (Conversion *self, GstBuffer *buffer, GError **error)
{
  GstVideoFrame in, out;

  if (!gst_video_frame_map (&in, &self->in, buffer, GST_MAP_READ))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "a decoded picture is too small");
      return FALSE;
    }
  if (!gst_video_frame_map (&out, &self->out, self->buffer, GST_MAP_WRITE))
    {
      gst_video_frame_unmap (&in);
      g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "no room for a picture");
      return FALSE;
    }
  gst_video_converter_frame (self->converter, &in, &out);
  gst_video_frame_unmap (&out);
  gst_video_frame_unmap (&in);
  return TRUE;
}

/* where the pixel that ends at (x, y) comes from; (w, h) is the size before turning */
static void
turned_from (GstVideoOrientationMethod method, guint x, guint y, guint w, guint h,
             guint *from_x, guint *from_y)
{
  switch (method)
    {
    case GST_VIDEO_ORIENTATION_90R:
      *from_x = y, *from_y = h - 1 - x;
      break;
    case GST_VIDEO_ORIENTATION_180:
      *from_x = w - 1 - x, *from_y = h - 1 - y;
      break;
    case GST_VIDEO_ORIENTATION_90L:
      *from_x = w - 1 - y, *from_y = x;
      break;
    case GST_VIDEO_ORIENTATION_HORIZ:
      *from_x = w - 1 - x, *from_y = y;
      break;
    case GST_VIDEO_ORIENTATION_VERT:
      *from_x = x, *from_y = h - 1 - y;
      break;
    case GST_VIDEO_ORIENTATION_UL_LR:
      *from_x = y, *from_y = x;
      break;
    case GST_VIDEO_ORIENTATION_UR_LL:
      *from_x = w - 1 - y, *from_y = h - 1 - x;
      break;
    default:
      *from_x = x, *from_y = y;
      break;
    }
}

/* the converted picture as tight rows, turned */
static guint8 *
conversion_turn (Conversion *self, GstVideoOrientationMethod method, guint *width,
                 guint *height)
{
  guint w = GST_VIDEO_INFO_WIDTH (&self->out);
  guint h = GST_VIDEO_INFO_HEIGHT (&self->out);
  guint pixel = GST_VIDEO_INFO_COMP_PSTRIDE (&self->out, 0);
  gsize stride = GST_VIDEO_INFO_PLANE_STRIDE (&self->out, 0);
  gboolean swap = method == GST_VIDEO_ORIENTATION_90R || method == GST_VIDEO_ORIENTATION_90L
                  || method == GST_VIDEO_ORIENTATION_UL_LR
                  || method == GST_VIDEO_ORIENTATION_UR_LL;
  GstMapInfo map;

  *width = swap ? h : w;
  *height = swap ? w : h;
  if (!gst_buffer_map (self->buffer, &map, GST_MAP_READ))
    return NULL;

  guint8 *turned = g_malloc0 ((gsize) w * h * pixel);
  guint8 *to = turned;
  for (guint y = 0; y < *height; y++)
    for (guint x = 0; x < *width; x++)
      {
        guint from_x, from_y;

        turned_from (method, x, y, w, h, &from_x, &from_y);
        const guint8 *from = map.data + from_y * stride + (gsize) from_x * pixel;
        for (guint i = 0; i < pixel; i++)
          *to++ = from[i];
      }
  gst_buffer_unmap (self->buffer, &map);
  return turned;
}

static GBytes *
compress (MerPictureMaker *self, const guint8 *rgb, guint width, guint height,
          GError **error)
{
  unsigned char *jpeg = NULL;
  unsigned long size = 0;

  if (tjCompress2 (self->compressor, rgb, width, 0, height, TJPF_RGB, &jpeg, &size,
                   TJSAMP_420, self->quality, TJFLAG_ACCURATEDCT)
      != 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "the JPEG encoder says: %s",
                   tjGetErrorStr2 (self->compressor));
      tjFree (jpeg);
      return NULL;
    }
  return g_bytes_new_with_free_func (jpeg, size, (GDestroyNotify) tjFree, jpeg);
}

/**
 * mer_picture_maker_jpeg:
 * @self: a maker
 * @info: what @buffer holds
 * @buffer: a raw video frame
 * @width: (out): of the JPEG, rotation applied
 * @height: (out): of the JPEG
 * @error: return location for an error
 *
 * Goes by way of RGB, so that black is 0 and white 255 in the JPEG whatever range the video
 * has.
 *
 * Returns: (transfer full) (nullable): the JPEG
 */
GBytes *
mer_picture_maker_jpeg (MerPictureMaker *self, const GstVideoInfo *info, GstBuffer *buffer,
                        guint *width, guint *height, GError **error)
{
  guint w, h;

  scaled_size (info, self->max_side, FALSE, &w, &h);
  if (!conversion_set_up (&self->jpeg, info, w, h, error)
      || !conversion_run (&self->jpeg, buffer, error))
    return NULL;

  g_autofree guint8 *rgb = conversion_turn (&self->jpeg, self->orientation, width, height);
  if (rgb == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "no room for a picture");
      return NULL;
    }
  return compress (self, rgb, *width, *height, error);
}

/**
 * mer_picture_maker_gray:
 * @self: a maker
 * @info: what @buffer holds
 * @buffer: a raw video frame
 * @width: (out): pixels; the longer side is `MER_STRIP_SIDE`
 * @height: (out): pixels
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): width × height bytes of BT.601 luma, 0 black, 255
 *   white
 */
GBytes *
mer_picture_maker_gray (MerPictureMaker *self, const GstVideoInfo *info, GstBuffer *buffer,
                        guint *width, guint *height, GError **error)
{
  guint w, h;

  scaled_size (info, MER_STRIP_SIDE, TRUE, &w, &h);
  if (!conversion_set_up (&self->gray, info, w, h, error)
      || !conversion_run (&self->gray, buffer, error))
    return NULL;

  /* by way of RGB as well: from luma to luma the converter copies, whatever the range */
  g_autofree guint8 *rgb = conversion_turn (&self->gray, self->orientation, width, height);
  if (rgb == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "no room for a picture");
      return NULL;
    }

  gsize n = (gsize) *width * *height;
  guint8 *gray = g_malloc (n);
  for (gsize i = 0; i < n; i++)
    gray[i]
        = (guint8) ((rgb[3 * i] * 77u + rgb[3 * i + 1] * 150u + rgb[3 * i + 2] * 29u + 128u)
                    >> 8);
  return g_bytes_new_take (gray, n);
}
