/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-mercollect
 * @title: mercollect
 *
 * Makes one sample of the raw streams of any graph, at their end: the same frames, WAV and
 * cues as mermedia makes of a clip.
 *
 * ## Example launch line
 *
 * ```
 * gst-launch-1.0 uridecodebin uri=file:///tmp/a.mp4 name=d  d. ! c.video  d. ! c.audio
 *   mercollect name=c ! mersampleenc ! fdsink
 * ```
 */
#include "mer-collect.h"

#include "media/mer-audio-pass.h"
#include "media/mer-cue-file.h"
#include "media/mer-cue-track.h"
#include "media/mer-decode-settings.h"
#include "media/mer-frame-reservoir.h"
#include "media/mer-manifest.h"
#include "media/mer-picture.h"
#include "mer-evidence-properties.h"
#include "sample/mer-sample.h"

GST_DEBUG_CATEGORY_STATIC (mer_collect_debug);
#define GST_CAT_DEFAULT mer_collect_debug

#define DEFAULT_ID "stream"

/* JPEGs that are kept until the end shows which ones are wanted */
#define RESERVOIR_BYTES (128u * 1024 * 1024)

/* one request pad and what came through it */
typedef struct
{
  GstPad *pad; /* %NULL: not requested */
  MerTrack *track;
  GstSegment segment;
  GstVideoInfo info;
  gboolean ended;
} Input;

struct _MerCollect
{
  GstElement parent_instance;

  GstPad *src;
  char *id;
  MerDecodeSettings *settings;

  GMutex lock;     /* of what follows */
  Input inputs[3]; /* by MerTrackKind */
  MerFrameReservoir *reservoir;
  MerAudioPass *audio;
  GArray *cues;
  gboolean done;
};

enum
{
  PROP_ID = MER_EVIDENCE_N_PROPERTIES,
};

static GstStaticPadTemplate templates[] = {
  GST_STATIC_PAD_TEMPLATE ("video", GST_PAD_SINK, GST_PAD_REQUEST,
                           GST_STATIC_CAPS (GST_VIDEO_CAPS_MAKE (GST_VIDEO_FORMATS_ALL))),
  GST_STATIC_PAD_TEMPLATE ("audio", GST_PAD_SINK, GST_PAD_REQUEST,
                           GST_STATIC_CAPS ("audio/x-raw")),
  GST_STATIC_PAD_TEMPLATE (
      "text", GST_PAD_SINK, GST_PAD_REQUEST,
      GST_STATIC_CAPS (
          "text/x-raw; application/x-ssa; application/x-ass; application/x-subtitle-vtt")),
};

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_SAMPLE_CAPS));

G_DEFINE_FINAL_TYPE (MerCollect, mer_collect, GST_TYPE_ELEMENT)

static void
collect_reset (MerCollect *self)
{
  g_clear_pointer (&self->reservoir, mer_frame_reservoir_free);
  g_clear_pointer (&self->audio, mer_audio_pass_free);
  g_clear_pointer (&self->cues, g_array_unref);
  for (guint i = 0; i < G_N_ELEMENTS (self->inputs); i++)
    {
      Input *input = &self->inputs[i];

      g_clear_pointer (&input->track, mer_track_free);
      gst_segment_init (&input->segment, GST_FORMAT_UNDEFINED);
      input->ended = FALSE;
    }
  self->done = FALSE;
}

static Input *
input_of (MerCollect *self, GstPad *pad)
{
  return &self->inputs[GPOINTER_TO_UINT (gst_pad_get_element_private (pad))];
}

/* with the lock held */
static MerTrack *
input_get_track (MerCollect *self, Input *input)
{
  if (input->track == NULL)
    input->track = mer_track_new ((MerTrackKind) (input - self->inputs));
  return input->track;
}

static gboolean
take_picture (MerCollect *self, Input *input, GstBuffer *buffer, const MerPacket *packet,
              GError **error)
{
  if (self->reservoir == NULL)
    self->reservoir = mer_frame_reservoir_new (
        self->settings->max_side, self->settings->jpeg_quality, RESERVOIR_BYTES);
  mer_frame_reservoir_set_orientation (
      self->reservoir, mer_picture_orientation_from_tag (input->track->orientation));
  return mer_frame_reservoir_add (self->reservoir, &input->info, buffer, packet->start,
                                  packet->end, error);
}

static gboolean
take_sound (MerCollect *self, Input *input, const MerPacket *packet, GError **error)
{
  if (self->audio == NULL)
    self->audio = mer_audio_pass_new (input->track, self->settings->audio_rate, error);
  if (self->audio == NULL)
    return FALSE;
  mer_audio_pass_feed (self->audio, packet);
  return TRUE;
}

static void
take_text (MerCollect *self, Input *input, GstBuffer *buffer, const MerPacket *packet)
{
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  if (self->cues == NULL)
    self->cues = mer_cues_new ();
  mer_cues_add (self->cues, (guint64) MAX (packet->start, 0),
                (guint64) MAX (packet->end, 0),
                mer_cue_track_clean (input->track->caps->pdata[packet->caps],
                                     (const char *) map.data, map.size));
  gst_buffer_unmap (buffer, &map);
}

static gboolean
take_buffer (MerCollect *self, Input *input, GstBuffer *buffer, GError **error)
{
  MerPacket packet;

  mer_packet_init (&packet, &input->segment, buffer);
  packet.buffer = buffer;
  packet.caps = (guint16) (input->track->caps->len - 1);
  switch (input->track->kind)
    {
    case MER_TRACK_VIDEO:
      /* what has no time cannot be chosen by time */
      return !(packet.flags & MER_PACKET_PRESENTED)
             || take_picture (self, input, buffer, &packet, error);
    case MER_TRACK_AUDIO:
      return take_sound (self, input, &packet, error);
    case MER_TRACK_TEXT:
      if (packet.flags & MER_PACKET_PRESENTED)
        take_text (self, input, buffer, &packet);
      return TRUE;
    default:
      return TRUE;
    }
}

static GstFlowReturn
mer_collect_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  MerCollect *self = MER_COLLECT (parent);
  Input *input = input_of (self, pad);
  g_autoptr (GstBuffer) owned = buffer;
  g_autoptr (GError) error = NULL;

  g_mutex_lock (&self->lock);
  gboolean known = input->track != NULL && input->track->caps->len > 0;
  gboolean good = known && (self->done || take_buffer (self, input, owned, &error));
  g_mutex_unlock (&self->lock);
  if (!known)
    return GST_FLOW_NOT_NEGOTIATED;
  if (good)
    return GST_FLOW_OK;
  GST_ELEMENT_ERROR (self, STREAM, FORMAT, ("%s", error->message), (NULL));
  return GST_FLOW_ERROR;
}

/* the sample */

static gboolean
add_video (MerCollect *self, JsonObject *manifest, JsonArray *notes, MerMediaBytes *bytes)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, TRUE, sizeof (MerFrame));
  JsonObject *video;
  gint64 start;
  guint64 duration;

  if (self->reservoir == NULL
      || !mer_frame_reservoir_choose (self->reservoir, self->settings->frames, frames,
                                      bytes->frames, &start, &duration))
    return FALSE;
  mer_manifest_add_frames (manifest, frames, bytes->frames);
  video = json_object_new ();
  json_object_set_string_member (video, "codec", "video/x-raw");
  json_object_set_double_member (video, "start", start / 1e9);
  json_object_set_double_member (video, "duration", duration / 1e9);
  json_object_set_int_member (video, "pictures",
                              mer_frame_reservoir_get_n_seen (self->reservoir));
  json_object_set_object_member (manifest, "video", video);
  if (mer_frame_reservoir_get_grid (self->reservoir) > 0)
    {
      g_autofree char *note
          = g_strdup_printf ("long stream: frames were chosen among those of every %.3f s",
                             mer_frame_reservoir_get_grid (self->reservoir) / 1e9);

      json_array_add_string_element (notes, note);
    }
  return TRUE;
}

static gboolean
add_audio (MerCollect *self, JsonObject *manifest, JsonArray *notes, MerMediaBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  gint64 start;
  guint64 n_samples;

  if (self->audio == NULL)
    return FALSE;
  bytes->audio = mer_audio_pass_end (self->audio, &start, &n_samples, &error);
  if (bytes->audio == NULL)
    {
      json_array_add_string_element (notes, error->message);
      return FALSE;
    }
  mer_manifest_add_audio (manifest, bytes->audio, n_samples, self->settings->audio_rate,
                          start);
  return TRUE;
}

/* with the lock held */
static MerMedia *
make_media (MerCollect *self)
{
  g_autoptr (JsonObject) manifest = json_object_new ();
  JsonArray *notes = json_array_new ();
  g_autoptr (MerMediaBytes) bytes = mer_media_bytes_new ();
  gboolean video = add_video (self, manifest, notes, bytes);
  gboolean audio = add_audio (self, manifest, notes, bytes);

  if (self->cues != NULL)
    {
      mer_cues_finish (self->cues);
      mer_manifest_add_cues (manifest, self->cues);
    }
  json_object_set_array_member (manifest, "notes", notes);
  json_object_set_member (manifest, "settings",
                          mer_decode_settings_to_json (self->settings));
  if (!video && !audio && (self->cues == NULL || self->cues->len == 0))
    return mer_media_new_failed (MER_OUTCOME_DECODE_FAILED,
                                 "no picture, sound or text came before the end");
  json_object_set_string_member (manifest, "outcome",
                                 mer_outcome_to_string (MER_OUTCOME_ANSWERED));
  return mer_media_new (json_node_init_object (json_node_alloc (), manifest),
                        g_steal_pointer (&bytes), NULL);
}

static void
push_sample (MerCollect *self, MerMedia *media)
{
  MerSample *sample = mer_sample_new (self->id, 0);
  g_autofree char *stream_id = g_strdup_printf ("mercollect/%s", self->id);
  g_autoptr (GstCaps) caps = gst_caps_from_string (MER_SAMPLE_CAPS);
  GstSegment segment;

  mer_sample_set_media (sample, media);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->src, gst_event_new_stream_start (stream_id));
  gst_pad_push_event (self->src, gst_event_new_caps (caps));
  gst_pad_push_event (self->src, gst_event_new_segment (&segment));
  gst_pad_push (self->src, mer_buffer_new_sample (sample));
  gst_pad_push_event (self->src, gst_event_new_eos ());
}

static void
end_input (MerCollect *self, Input *input)
{
  g_autoptr (MerMedia) media = NULL;

  g_mutex_lock (&self->lock);
  input->ended = TRUE;
  gboolean all = !self->done;
  for (guint i = 0; i < G_N_ELEMENTS (self->inputs); i++)
    all = all && (self->inputs[i].pad == NULL || self->inputs[i].ended);
  if (all)
    {
      self->done = TRUE;
      media = make_media (self);
    }
  g_mutex_unlock (&self->lock);
  if (media != NULL)
    push_sample (self, media);
}

static gboolean
take_caps (Input *input, MerTrack *track, GstCaps *caps)
{
  if (track->kind == MER_TRACK_VIDEO && !gst_video_info_from_caps (&input->info, caps))
    return FALSE;
  g_ptr_array_add (track->caps, gst_caps_ref (caps));
  return track->caps->len < G_MAXUINT16;
}

static void
take_tags (MerTrack *track, GstEvent *event)
{
  GstTagList *tags = NULL;
  char *orientation = NULL;

  gst_event_parse_tag (event, &tags);
  if (gst_tag_list_get_string (tags, GST_TAG_IMAGE_ORIENTATION, &orientation))
    {
      g_free (track->orientation);
      track->orientation = orientation;
    }
}

static gboolean
mer_collect_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  MerCollect *self = MER_COLLECT (parent);
  Input *input = input_of (self, pad);
  g_autoptr (GstEvent) owned = event;
  GstCaps *caps = NULL;
  gboolean good = TRUE;

  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    {
      end_input (self, input);
      return TRUE;
    }

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  MerTrack *track = input_get_track (self, input);
  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      good = take_caps (input, track, caps);
      break;
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &input->segment);
      mer_track_add_segment (track, &input->segment);
      break;
    case GST_EVENT_TAG:
      take_tags (track, event);
      break;
    case GST_EVENT_FLUSH_STOP:
      collect_reset (self);
      break;
    default:
      break;
    }
  return good;
}

static gboolean
mer_collect_sink_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_ALLOCATION)
    return gst_pad_query_default (pad, parent, query);
  gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  return TRUE;
}

static GstPad *
mer_collect_request_new_pad (GstElement *element, GstPadTemplate *template,
                             G_GNUC_UNUSED const char *name,
                             G_GNUC_UNUSED const GstCaps *caps)
{
  MerCollect *self = MER_COLLECT (element);
  const char *wanted = GST_PAD_TEMPLATE_NAME_TEMPLATE (template);
  guint kind = g_str_equal (wanted, "video")   ? MER_TRACK_VIDEO
               : g_str_equal (wanted, "audio") ? MER_TRACK_AUDIO
                                               : MER_TRACK_TEXT;
  GstPad *pad;

  g_mutex_lock (&self->lock);
  gboolean taken = self->inputs[kind].pad != NULL;
  g_mutex_unlock (&self->lock);
  if (taken)
    return NULL;

  pad = gst_pad_new_from_template (template, wanted);
  gst_pad_set_element_private (pad, GUINT_TO_POINTER (kind));
  gst_pad_set_chain_function (pad, mer_collect_chain);
  gst_pad_set_event_function (pad, mer_collect_sink_event);
  gst_pad_set_query_function (pad, mer_collect_sink_query);
  g_mutex_lock (&self->lock);
  self->inputs[kind].pad = pad;
  self->inputs[kind].ended = FALSE;
  g_mutex_unlock (&self->lock);
  gst_pad_set_active (pad, TRUE);
  gst_element_add_pad (element, pad);
  return pad;
}

static void
mer_collect_release_pad (GstElement *element, GstPad *pad)
{
  MerCollect *self = MER_COLLECT (element);

  g_mutex_lock (&self->lock);
  input_of (self, pad)->pad = NULL;
  g_mutex_unlock (&self->lock);
  gst_pad_set_active (pad, FALSE);
  gst_element_remove_pad (element, pad);
}

static GstStateChangeReturn
mer_collect_change_state (GstElement *element, GstStateChange transition)
{
  MerCollect *self = MER_COLLECT (element);
  GstStateChangeReturn changed
      = GST_ELEMENT_CLASS (mer_collect_parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    {
      g_mutex_lock (&self->lock);
      collect_reset (self);
      g_mutex_unlock (&self->lock);
    }
  return changed;
}

static void
mer_collect_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MerCollect *self = MER_COLLECT (object);

  if (id == PROP_ID)
    {
      g_free (self->id);
      self->id = g_value_dup_string (value);
      if (self->id == NULL)
        self->id = g_strdup (DEFAULT_ID);
    }
  else if (!mer_evidence_set_property (self->settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_collect_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerCollect *self = MER_COLLECT (object);

  if (id == PROP_ID)
    g_value_set_string (value, self->id);
  else if (!mer_evidence_get_property (self->settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_collect_finalize (GObject *object)
{
  MerCollect *self = MER_COLLECT (object);

  collect_reset (self);
  mer_decode_settings_free (self->settings);
  g_free (self->id);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (mer_collect_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (
      klass, PROP_ID,
      g_param_spec_string ("id", "Id", "The sample's id", DEFAULT_ID, flags));
  mer_evidence_install_properties (klass);
}

static void
mer_collect_class_init (MerCollectClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (mer_collect_debug, "mercollect", 0, "streams to a sample");
  object_class->set_property = mer_collect_set_property;
  object_class->get_property = mer_collect_get_property;
  object_class->finalize = mer_collect_finalize;
  element_class->request_new_pad = mer_collect_request_new_pad;
  element_class->release_pad = mer_collect_release_pad;
  element_class->change_state = mer_collect_change_state;
  install_properties (object_class);
  for (guint i = 0; i < G_N_ELEMENTS (templates); i++)
    gst_element_class_add_static_pad_template (element_class, &templates[i]);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "Stream collector", "Source/Sample",
      "Makes one sample of raw video, audio and text streams", "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", "media");
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 mercollect name=c frames=4 ! merprosody ! "
      "mersampleenc ! fdsink videotestsrc num-buffers=60 ! c.video "
      "audiotestsrc num-buffers=90 ! c.audio");
}

static void
mer_collect_init (MerCollect *self)
{
  g_mutex_init (&self->lock);
  self->settings = mer_decode_settings_new ();
  self->id = g_strdup (DEFAULT_ID);
  collect_reset (self);
  self->src = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_use_fixed_caps (self->src);
  gst_element_add_pad (GST_ELEMENT (self), self->src);
}
