/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-merprosody
 * @title: merprosody
 *
 * Puts the voice of a clip into words, without any model: loudness, pitch and its range,
 * speech rate, pauses and timbre in the terms and units of phonetics, then, from published
 * correlates of vocal emotion, a few hedged emotion words with weights.
 *
 * The result's text is a few sentences, its labels are the words, its data holds all
 * measures. A clip without audio is `skipped`; one that is silent has a text that says so,
 * and no words.
 *
 * |[
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia ! merprosody ! mersampleenc ! fdsink
 * ]|
 */
#include "mer-prosody.h"

#include <math.h>

#include "mer-vocal-affect.h"
#include "mer-wave.h"

GST_DEBUG_CATEGORY_STATIC (mer_prosody_debug);
#define GST_CAT_DEFAULT mer_prosody_debug

#define DEFAULT_MAX_SECONDS 600.

enum
{
  PROP_MAX_SECONDS = 1,
};

struct _MerProsody
{
  MerOrdered parent_instance;

  double max_seconds;
};

G_DEFINE_FINAL_TYPE (MerProsody, mer_prosody, MER_TYPE_ORDERED)

typedef struct
{
  const char *name;
  double value;
} Figure;

/* rounded, so that a record does not claim more digits than a measure has */
static void
add_figures (JsonObject *parent, const char *name, const Figure *figures, guint n)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < n; i++)
    json_object_set_double_member (object, figures[i].name,
                                   floor (figures[i].value * 1000 + 0.5) / 1000);
  json_object_set_object_member (parent, name, object);
}

static void
add_loudness (JsonObject *parent, const MerLoudness *loudness)
{
  const Figure figures[] = {
    { "integrated_lufs", loudness->integrated },
    { "range_lu", loudness->range },
    { "momentary_max_lufs", loudness->momentary_max },
    { "level_dbfs", loudness->level },
    { "peak_dbfs", loudness->peak },
  };

  add_figures (parent, "loudness", figures, G_N_ELEMENTS (figures));
}

static void
add_pitch (JsonObject *parent, const MerIntonation *intonation)
{
  const Figure figures[] = {
    { "f0_median_hz", intonation->median },
    { "f0_p05_hz", intonation->low },
    { "f0_p20_hz", intonation->p20 },
    { "f0_p80_hz", intonation->p80 },
    { "f0_p95_hz", intonation->high },
    { "range_semitones", intonation->range },
    { "deviation_semitones", intonation->deviation },
    { "slope_semitones_per_s", intonation->slope },
    { "velocity_semitones_per_s", intonation->velocity },
    { "velocity_hz_per_s", intonation->velocity_hertz },
    { "voiced_share", intonation->voiced_share },
  };

  add_figures (parent, "pitch", figures, G_N_ELEMENTS (figures));
}

static void
add_rhythm (JsonObject *parent, const MerRhythm *rhythm)
{
  const Figure figures[] = {
    { "speech_s", rhythm->speech_seconds },
    { "sounding_s", rhythm->sounding_seconds },
    { "syllables", rhythm->n_syllables },
    { "speech_rate_per_s", rhythm->speech_rate },
    { "articulation_rate_per_s", rhythm->articulation_rate },
    { "pauses", rhythm->n_pauses },
    { "pause_share", rhythm->pause_share },
    { "pause_mean_s", rhythm->pause_mean },
    { "intensity_range_db", rhythm->intensity_range },
    { "intensity_slope_db_per_s", rhythm->intensity_slope },
  };

  add_figures (parent, "rhythm", figures, G_N_ELEMENTS (figures));
}

static void
add_timbre (JsonObject *parent, const MerTimbre *timbre)
{
  const Figure figures[] = {
    { "alpha_ratio_db", timbre->alpha_ratio },
    { "hammarberg_index_db", timbre->hammarberg_index },
    { "slope_0_500_db_per_khz", timbre->slope_low },
    { "slope_500_1500_db_per_khz", timbre->slope_mid },
    { "harmonics_to_noise_db", timbre->harmonics_to_noise },
    { "centroid_hz", timbre->centroid },
    { "mfcc4", timbre->cepstrum },
    { "mfcc4_deviation", timbre->cepstrum_deviation },
    { "loudness_variation", timbre->loudness_variation },
  };

  add_figures (parent, "timbre", figures, G_N_ELEMENTS (figures));
}

static void
add_affect (JsonObject *parent, const MerVocalAffect *affect)
{
  Figure figures[MER_N_VOCAL_CUES];
  Figure parts[MER_N_AROUSAL_CUES];

  for (guint i = 0; i < MER_N_VOCAL_CUES; i++)
    figures[i] = (Figure){ mer_vocal_cue_get_name (i), affect->cues[i] };
  json_object_set_double_member (parent, "arousal",
                                 floor (affect->arousal * 1e4 + 0.5) / 1e4);
  add_figures (parent, "cues", figures, G_N_ELEMENTS (figures));
  for (guint i = 0; i < MER_N_AROUSAL_CUES; i++)
    parts[i] = (Figure){ mer_vocal_arousal_get_cue_name (i), affect->arousal_parts[i] };
  add_figures (parent, "arousal_parts", parts, G_N_ELEMENTS (parts));
}

static JsonNode *
make_data (const MerVoice *voice, const MerVocalAffect *affect)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);

  json_object_unref (object);
  json_object_set_double_member (object, "seconds",
                                 floor (voice->seconds * 1000 + 0.5) / 1000);
  json_object_set_boolean_member (object, "cut", voice->truncated);
  json_object_set_boolean_member (object, "silent", voice->loudness.silent);
  json_object_set_boolean_member (object, "voice", affect->has_voice);
  add_loudness (object, &voice->loudness);
  if (!affect->has_voice)
    return node;
  add_pitch (object, &voice->intonation);
  add_rhythm (object, &voice->rhythm);
  add_timbre (object, &voice->timbre);
  add_affect (object, affect);
  return node;
}

static gboolean
mer_prosody_wants_media (MerOrdered *ordered, MerMedia *media)
{
  return mer_media_has_audio (media);
}

static MerResult *
make_result (MerOrdered *ordered, const MerVoice *voice)
{
  MerResult *result = mer_result_new (mer_ordered_get_stage (ordered), MER_KIND_DESCRIPTOR,
                                      MER_OUTCOME_ANSWERED);
  g_autoptr (MerLabels) labels = NULL;
  g_autofree char *text = NULL;
  MerVocalAffect affect;

  mer_vocal_affect_judge (voice, &affect);
  labels = mer_vocal_affect_get_labels (&affect);
  text = mer_vocal_affect_describe (&affect, voice);
  mer_result_set_text (result, text);
  mer_result_set_labels (result, labels);
  mer_result_set_shown (result, MER_MODALITY_AUDIO);
  mer_result_take_data (result, make_data (voice, &affect));
  return result;
}

static MerResult *
mer_prosody_process (MerOrdered *ordered, MerSample *sample, GCancellable *cancellable,
                     GError **error)
{
  MerProsody *self = MER_PROSODY (ordered);
  const char *stage = mer_ordered_get_stage (ordered);
  MerMedia *media = mer_sample_get_media (sample);
  GBytes *audio = NULL;
  g_autoptr (MerWave) wave = NULL;
  MerVoice voice;

  if (media != NULL && mer_media_get_outcome (media) != MER_OUTCOME_ANSWERED)
    return mer_result_new_reason (stage, MER_KIND_DESCRIPTOR, MER_REASON_DECODE, "%s",
                                  mer_media_get_detail (media));
  if (media != NULL && mer_media_has_audio (media))
    audio = mer_media_get_audio (media);
  if (audio == NULL)
    return mer_result_new_reason (stage, MER_KIND_DESCRIPTOR, MER_REASON_NO_MODALITY,
                                  media != NULL ? "the clip has no audio"
                                                : "the sample has no media: put mermedia "
                                                  "before this element");
  wave = mer_wave_new_parsed (audio, self->max_seconds, error);
  if (wave == NULL || !mer_voice_measure (wave, &voice, cancellable, error))
    return NULL;
  GST_DEBUG_OBJECT (self, "%s: F0 %.1f Hz, %.1f LUFS", mer_sample_get_id (sample),
                    voice.intonation.median, voice.loudness.integrated);
  return make_result (ordered, &voice);
}

static void
mer_prosody_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MerProsody *self = MER_PROSODY (object);

  if (id == PROP_MAX_SECONDS)
    self->max_seconds = g_value_get_double (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_prosody_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerProsody *self = MER_PROSODY (object);

  if (id == PROP_MAX_SECONDS)
    g_value_set_double (value, self->max_seconds);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_prosody_class_init (MerProsodyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  MerOrderedClass *ordered_class = MER_ORDERED_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (mer_prosody_debug, "merprosody", 0, "voice into words");
  object_class->set_property = mer_prosody_set_property;
  object_class->get_property = mer_prosody_get_property;
  ordered_class->kind = MER_KIND_DESCRIPTOR;
  ordered_class->failure = MER_OUTCOME_DECODE_FAILED;
  ordered_class->is_stage = TRUE;
  ordered_class->wants_media = mer_prosody_wants_media;
  ordered_class->process = mer_prosody_process;

  g_object_class_install_property (
      object_class, PROP_MAX_SECONDS,
      g_param_spec_double ("max-seconds", "Max. seconds",
                           "Seconds of audio that are looked at; what lies behind is left "
                           "out, and the result's data says so",
                           1, 3600, DEFAULT_MAX_SECONDS,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
                               | GST_PARAM_MUTABLE_READY));
  gst_element_class_set_static_metadata (
      element_class, "Voice descriptor", "Filter/Sample/Descriptor",
      "Loudness, pitch, rate, pauses and timbre of a voice, and what they may say about "
      "feeling",
      "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", MER_KIND_DESCRIPTOR);
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! merprosody "
      "! mersampleenc ! fdsink");
  gst_element_class_add_static_metadata (element_class, "mer-modalities", "audio");
  gst_element_class_add_static_metadata (element_class, "mer-protocol", "offline");
}

static void
mer_prosody_init (MerProsody *self)
{
  self->max_seconds = DEFAULT_MAX_SECONDS;
}
