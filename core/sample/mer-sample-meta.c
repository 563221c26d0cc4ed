/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* a sample travels between elements on an empty buffer, by this one meta */
#include "sample/mer-sample.h"

typedef struct
{
  GstMeta meta;
  MerSample *sample;
} MerSampleMeta;

static GType
sample_meta_api_get_type (void)
{
  static gsize type = 0;
  static const char *tags[] = { NULL };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, gst_meta_api_type_register ("MerSampleMetaAPI", tags));
  return type;
}

static gboolean
sample_meta_init (GstMeta *meta, G_GNUC_UNUSED gpointer params,
                  G_GNUC_UNUSED GstBuffer *buffer)
{
  ((MerSampleMeta *) meta)->sample = NULL;
  return TRUE;
}

static void
sample_meta_free (GstMeta *meta, G_GNUC_UNUSED GstBuffer *buffer)
{
  g_clear_pointer (&((MerSampleMeta *) meta)->sample, mer_sample_unref);
}

static const GstMetaInfo *sample_meta_get_info (void);

static gboolean
sample_meta_transform (GstBuffer *target, GstMeta *meta, G_GNUC_UNUSED GstBuffer *buffer,
                       GQuark type, G_GNUC_UNUSED gpointer data)
{
  if (!GST_META_TRANSFORM_IS_COPY (type))
    return FALSE;

  MerSampleMeta *copy
      = (MerSampleMeta *) gst_buffer_add_meta (target, sample_meta_get_info (), NULL);
  copy->sample = mer_sample_ref (((MerSampleMeta *) meta)->sample);
  return TRUE;
}

static const GstMetaInfo *
sample_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter (&info))
    g_once_init_leave (&info,
                       gst_meta_register (sample_meta_api_get_type (), "MerSampleMeta",
                                          sizeof (MerSampleMeta), sample_meta_init,
                                          sample_meta_free, sample_meta_transform));
  return info;
}

static MerSampleMeta *
buffer_get_meta (GstBuffer *buffer)
{
  return (MerSampleMeta *) gst_buffer_get_meta (buffer, sample_meta_api_get_type ());
}

/**
 * mer_buffer_new_sample:
 * @sample: (transfer full): a sample
 *
 * Returns: (transfer full): an empty buffer that carries it: no timestamp (sinks would wait
 *   for the clock), `OFFSET` is the sequence number
 */
GstBuffer *
mer_buffer_new_sample (MerSample *sample)
{
  GstBuffer *buffer = gst_buffer_new ();
  MerSampleMeta *meta
      = (MerSampleMeta *) gst_buffer_add_meta (buffer, sample_meta_get_info (), NULL);

  meta->sample = sample;
  GST_BUFFER_OFFSET (buffer) = mer_sample_get_seq (sample);
  return buffer;
}

/**
 * mer_buffer_get_sample:
 * @buffer: a buffer
 *
 * Returns: (transfer none) (nullable): the sample to read from; %NULL if none is on it
 */
MerSample *
mer_buffer_get_sample (GstBuffer *buffer)
{
  MerSampleMeta *meta = buffer_get_meta (buffer);

  return meta != NULL ? meta->sample : NULL;
}

/**
 * mer_buffer_make_sample_writable:
 * @buffer: (inout) (transfer full): a buffer that carries a sample
 *
 * The only way to write to a sample: copies the buffer and the sample's head where others
 * hold them too.
 *
 * Returns: (transfer none): the sample of *@buffer, writable
 */
MerSample *
mer_buffer_make_sample_writable (GstBuffer **buffer)
{
  *buffer = gst_buffer_make_writable (*buffer);

  MerSampleMeta *meta = buffer_get_meta (*buffer);
  g_return_val_if_fail (meta != NULL, NULL);
  meta->sample
      = (MerSample *) gst_mini_object_make_writable (GST_MINI_OBJECT_CAST (meta->sample));
  return meta->sample;
}
