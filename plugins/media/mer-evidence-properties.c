/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-evidence-properties.h"

#include <gst/gst.h>

static guint *
find_setting (MerDecodeSettings *settings, guint id)
{
  switch (id)
    {
    case MER_EVIDENCE_FRAMES:
      return &settings->frames;
    case MER_EVIDENCE_MAX_SIDE:
      return &settings->max_side;
    case MER_EVIDENCE_JPEG_QUALITY:
      return &settings->jpeg_quality;
    case MER_EVIDENCE_AUDIO_RATE:
      return &settings->audio_rate;
    default:
      return NULL;
    }
}

gboolean
mer_evidence_set_property (MerDecodeSettings *settings, guint id, const GValue *value)
{
  guint *setting = find_setting (settings, id);

  if (setting == NULL)
    return FALSE;
  *setting = g_value_get_uint (value);
  return TRUE;
}

gboolean
mer_evidence_get_property (const MerDecodeSettings *settings, guint id, GValue *value)
{
  const guint *setting = find_setting ((MerDecodeSettings *) settings, id);

  if (setting == NULL)
    return FALSE;
  g_value_set_uint (value, *setting);
  return TRUE;
}

void
mer_evidence_install_properties (GObjectClass *klass)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (
      klass, MER_EVIDENCE_FRAMES,
      g_param_spec_uint ("frames", "Frames",
                         "How many frames of each clip or stream (0: none)", 0,
                         MER_DECODE_MAX_FRAMES, MER_DECODE_DEFAULT_FRAMES, flags));
  g_object_class_install_property (
      klass, MER_EVIDENCE_MAX_SIDE,
      g_param_spec_uint ("max-side", "Max. side",
                         "Longest side of a frame, pixels; smaller ones are not enlarged",
                         1, 8192, MER_DECODE_DEFAULT_SIDE, flags));
  g_object_class_install_property (
      klass, MER_EVIDENCE_JPEG_QUALITY,
      g_param_spec_uint ("jpeg-quality", "JPEG quality", "Quality of the frames, 1 to 100",
                         1, 100, MER_DECODE_DEFAULT_QUALITY, flags));
  g_object_class_install_property (
      klass, MER_EVIDENCE_AUDIO_RATE,
      g_param_spec_uint ("audio-rate", "Audio rate", "Sample rate of the WAV, Hz", 4000,
                         192000, MER_DECODE_DEFAULT_RATE, flags));
}
