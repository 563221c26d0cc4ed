/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sample/mer-sample.h"

struct _MerSample
{
  GstMiniObject parent;
  char *id;
  guint64 seq;
  char *group;
  char *split;
  char *subtitle;
  MerTruth *truth;
  MerClip *clip;
  MerMedia *media;
  GPtrArray *results; /* MerResult, sealed, in stage order */
};

GST_DEFINE_MINI_OBJECT_TYPE (MerSample, mer_sample)

static MerSample *
sample_copy (MerSample *self)
{
  MerSample *copy = mer_sample_new (self->id, self->seq);

  copy->group = g_strdup (self->group);
  copy->split = g_strdup (self->split);
  copy->subtitle = g_strdup (self->subtitle);
  copy->truth = self->truth != NULL ? mer_truth_ref (self->truth) : NULL;
  copy->clip = self->clip != NULL ? mer_clip_ref (self->clip) : NULL;
  copy->media = self->media != NULL ? g_object_ref (self->media) : NULL;
  for (guint i = 0; i < self->results->len; i++)
    g_ptr_array_add (copy->results, mer_result_ref (self->results->pdata[i]));
  return copy;
}

static void
sample_free (MerSample *self)
{
  g_free (self->id);
  g_free (self->group);
  g_free (self->split);
  g_free (self->subtitle);
  g_clear_pointer (&self->truth, mer_truth_unref);
  g_clear_pointer (&self->clip, mer_clip_unref);
  g_clear_object (&self->media);
  g_ptr_array_unref (self->results);
  g_free (self);
}

/**
 * mer_sample_new:
 * @id: the sample's name in its data set
 * @seq: its number in the run, from 0 without gaps
 *
 * Returns: (transfer full): a sample that holds nothing yet
 */
MerSample *
mer_sample_new (const char *id, guint64 seq)
{
  MerSample *self = g_new0 (MerSample, 1);

  gst_mini_object_init (GST_MINI_OBJECT_CAST (self), 0, MER_TYPE_SAMPLE,
                        (GstMiniObjectCopyFunction) sample_copy, NULL,
                        (GstMiniObjectFreeFunction) sample_free);
  self->id = g_strdup (id);
  self->seq = seq;
  self->results = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_result_unref);
  return self;
}

MerSample *
mer_sample_ref (MerSample *self)
{
  return (MerSample *) gst_mini_object_ref (GST_MINI_OBJECT_CAST (self));
}

void
mer_sample_unref (MerSample *self)
{
  gst_mini_object_unref (GST_MINI_OBJECT_CAST (self));
}

const char *
mer_sample_get_id (MerSample *self)
{
  return self->id;
}

guint64
mer_sample_get_seq (MerSample *self)
{
  return self->seq;
}

/**
 * mer_sample_get_group:
 * @self: a sample
 *
 * Returns: (nullable): who or what makes samples depend on each other (a speaker, a film);
 *   intervals are resampled by it
 */
const char *
mer_sample_get_group (MerSample *self)
{
  return self->group;
}

const char *
mer_sample_get_split (MerSample *self)
{
  return self->split;
}

/**
 * mer_sample_get_subtitle:
 * @self: a sample
 *
 * Returns: (nullable): what the data set says is spoken; see [method@MerSample.dup_text]
 */
const char *
mer_sample_get_subtitle (MerSample *self)
{
  return self->subtitle;
}

/**
 * mer_sample_get_truth:
 * @self: a sample
 *
 * For scorers and the store alone.
 *
 * Returns: (transfer none) (nullable): what people said
 */
MerTruth *
mer_sample_get_truth (MerSample *self)
{
  return self->truth;
}

MerClip *
mer_sample_get_clip (MerSample *self)
{
  return self->clip;
}

MerMedia *
mer_sample_get_media (MerSample *self)
{
  return self->media;
}

guint
mer_sample_get_n_results (MerSample *self)
{
  return self->results->len;
}

MerResult *
mer_sample_get_result (MerSample *self, guint index)
{
  g_return_val_if_fail (index < self->results->len, NULL);
  return self->results->pdata[index];
}

/**
 * mer_sample_find_result:
 * @self: a sample
 * @stage: a stage's name
 *
 * Returns: (transfer none) (nullable): what that stage said
 */
MerResult *
mer_sample_find_result (MerSample *self, const char *stage)
{
  for (guint i = 0; i < self->results->len; i++)
    if (g_str_equal (mer_result_get_stage (self->results->pdata[i]), stage))
      return self->results->pdata[i];
  return NULL;
}

/**
 * mer_sample_dup_text:
 * @self: a sample
 *
 * Returns: (transfer full) (nullable): the subtitle a stage may be shown: the data set's
 *   own, else the media's cues joined by spaces, %NULL where there is neither
 */
char *
mer_sample_dup_text (MerSample *self)
{
  if (self->subtitle != NULL && *self->subtitle != '\0')
    return g_strdup (self->subtitle);
  return self->media != NULL ? mer_media_dup_cue_text (self->media) : NULL;
}

/**
 * mer_sample_get_modalities:
 * @self: a sample
 *
 * Returns: the modalities this sample has
 */
MerModality
mer_sample_get_modalities (MerSample *self)
{
  MerModality has = self->media != NULL ? mer_media_get_modalities (self->media) : 0;

  if (self->subtitle != NULL && *self->subtitle != '\0')
    has |= MER_MODALITY_TEXT;
  return has;
}

static void
sample_set (MerSample *self, char **field, const char *value)
{
  g_return_if_fail (gst_mini_object_is_writable (GST_MINI_OBJECT_CAST (self)));
  g_free (*field);
  *field = g_strdup (value);
}

void
mer_sample_set_group (MerSample *self, const char *group)
{
  sample_set (self, &self->group, group);
}

void
mer_sample_set_split (MerSample *self, const char *split)
{
  sample_set (self, &self->split, split);
}

void
mer_sample_set_subtitle (MerSample *self, const char *subtitle)
{
  sample_set (self, &self->subtitle, subtitle);
}

void
mer_sample_set_truth (MerSample *self, MerTruth *truth)
{
  g_return_if_fail (gst_mini_object_is_writable (GST_MINI_OBJECT_CAST (self)));
  g_clear_pointer (&self->truth, mer_truth_unref);
  self->truth = truth != NULL ? mer_truth_ref (truth) : NULL;
}

void
mer_sample_set_clip (MerSample *self, MerClip *clip)
{
  g_return_if_fail (gst_mini_object_is_writable (GST_MINI_OBJECT_CAST (self)));
  g_clear_pointer (&self->clip, mer_clip_unref);
  self->clip = clip != NULL ? mer_clip_ref (clip) : NULL;
}

void
mer_sample_set_media (MerSample *self, MerMedia *media)
{
  g_return_if_fail (gst_mini_object_is_writable (GST_MINI_OBJECT_CAST (self)));
  g_set_object (&self->media, media);
}

/**
 * mer_sample_take_result:
 * @self: a writable sample
 * @result: (transfer full): what a stage said; sealed here
 *
 * Adds a result, or puts it in the place of the one that the same stage left before.
 */
void
mer_sample_take_result (MerSample *self, MerResult *result)
{
  g_return_if_fail (gst_mini_object_is_writable (GST_MINI_OBJECT_CAST (self)));
  mer_result_seal (result);
  for (guint i = 0; i < self->results->len; i++)
    if (g_str_equal (mer_result_get_stage (self->results->pdata[i]),
                     mer_result_get_stage (result)))
      {
        mer_result_unref (self->results->pdata[i]);
        self->results->pdata[i] = result;
        return;
      }
  g_ptr_array_add (self->results, result);
}
