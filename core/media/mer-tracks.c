/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes a file apart into packets. Every element in it is named by mer-codecs.c; decodebin
 * would plug whatever the registry holds, playlists and network sources among it. */
#include "media/mer-tracks.h"

#include "media/mer-codecs.h"
#include "media/mer-mp4-header.h"
#include "mer-error.h"

#define MAX_TRACKS 64u
#define MAX_DEPTH 6
#define MAX_PACKETS (2u * 1024 * 1024)
#define MAX_CAPS 1024u

typedef struct
{
  GstElement *pipeline;
  MerTracks *result;
  MerPacketFunc function;
  gpointer user_data;
  gsize hold;           /* bytes that may still be held */
  guint64 blank_offset; /* what of the file is read as zeros */
  guint blank_size;

  GMutex lock; /* of what follows, and of the result */
  char *refusal;
  gboolean encrypted;
  guint unknown;
  guint n_packets;
} Reader;

/* what a collecting pad knows; lives as long as its probe */
typedef struct
{
  Reader *reader;
  MerTrack *track;
  GstSegment segment;
} Collector;

typedef struct
{
  Reader *reader;
  int depth;
  gboolean framed; /* what is above gives whole frames */
} Level;

static void plug (Reader *self, GstPad *pad, int depth, gboolean framed);

void
mer_tracks_free (MerTracks *self)
{
  g_ptr_array_unref (self->tracks);
  g_free (self->container);
  g_free (self->problem);
  g_free (self);
}

static void
collect_buffer (Collector *self, GstBuffer *buffer)
{
  Reader *reader = self->reader;
  MerTrack *track = self->track;
  MerPacket packet;

  mer_packet_init (&packet, &self->segment, buffer);

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&reader->lock);
  if (track->caps->len == 0 || track->packets->len >= MAX_PACKETS)
    return;
  reader->n_packets++;
  packet.caps = track->caps->len - 1;
  packet.buffer = buffer;
  if (reader->function != NULL)
    {
      g_clear_pointer (&locker, g_mutex_locker_free);
      reader->function (track, track->packets->len, &packet, reader->user_data);
      packet.buffer = NULL;
      g_array_append_val (track->packets, packet);
      return;
    }

  gsize size = gst_buffer_get_size (buffer) + sizeof (GstBuffer);
  packet.buffer = size <= reader->hold ? gst_buffer_ref (buffer) : NULL;
  if (packet.buffer != NULL)
    reader->hold -= size;
  else
    track->complete = FALSE;
  g_array_append_val (track->packets, packet);
}

static void
collect_tags (Collector *self, GstEvent *event)
{
  GstTagList *tags = NULL;
  g_autofree char *language = NULL;
  g_autofree char *orientation = NULL;

  gst_event_parse_tag (event, &tags);
  if (gst_tag_list_get_string (tags, GST_TAG_LANGUAGE_CODE, &language))
    {
      g_free (self->track->language);
      self->track->language = g_steal_pointer (&language);
    }
  if (gst_tag_list_get_string (tags, GST_TAG_IMAGE_ORIENTATION, &orientation))
    {
      g_free (self->track->orientation);
      self->track->orientation = g_steal_pointer (&orientation);
    }
}

static void
collect_event (Collector *self, GstEvent *event)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->reader->lock);
  GstStreamFlags flags = 0;
  GstCaps *caps = NULL;

  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_STREAM_START:
      gst_event_parse_stream_flags (event, &flags);
      self->track->is_default = (flags & GST_STREAM_FLAG_SELECT) != 0;
      break;
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      if (self->track->caps->len < MAX_CAPS)
        g_ptr_array_add (self->track->caps, gst_caps_ref (caps));
      break;
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &self->segment);
      mer_track_add_segment (self->track, &self->segment);
      break;
    case GST_EVENT_TAG:
      collect_tags (self, event);
      break;
    default:
      break;
    }
}

static gboolean
collect_from_list (GstBuffer **buffer, G_GNUC_UNUSED guint index, gpointer user_data)
{
  collect_buffer (user_data, *buffer);
  return TRUE;
}

static GstPadProbeReturn
collect (G_GNUC_UNUSED GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    collect_buffer (user_data, GST_PAD_PROBE_INFO_BUFFER (info));
  else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info), collect_from_list,
                             user_data);
  else
    collect_event (user_data, GST_PAD_PROBE_INFO_EVENT (info));
  return GST_PAD_PROBE_OK;
}

static GstElement *
add_element (Reader *self, const char *factory, GstPad *pad)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (element == NULL)
    {
      g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

      if (self->refusal == NULL)
        self->refusal
            = g_strdup_printf ("the GStreamer element %s is not installed", factory);
      return NULL;
    }
  /* see start_element () */
  gst_element_set_locked_state (element, TRUE);
  gst_bin_add (GST_BIN (self->pipeline), element);

  g_autoptr (GstPad) sink = gst_element_get_static_pad (element, "sink");
  if (sink == NULL || GST_PAD_LINK_FAILED (gst_pad_link (pad, sink)))
    {
      gst_bin_remove (GST_BIN (self->pipeline), element);
      return NULL;
    }
  return element;
}

/* This runs in the streaming thread of what comes before, while the pipeline is still on
 * its way to PLAYING, or, where a short file has ended meanwhile, already on its way down.
 * Were the pipeline to change the new element's state too, it would hold the element's
 * state lock and wait for this thread's stream lock, and this thread the other way round.
 * So the element is locked against the pipeline while this thread brings it up, and nothing
 * here waits for its state lock after that. */
static void
start_element (GstElement *element)
{
  gst_element_set_state (element, GST_STATE_PLAYING);
  gst_element_set_locked_state (element, FALSE);
}

static void
stop_element (const GValue *item, G_GNUC_UNUSED gpointer user_data)
{
  GstElement *element = g_value_get_object (item);

  gst_element_set_locked_state (element, FALSE);
  gst_element_set_state (element, GST_STATE_NULL);
}

/* the pipeline passes over an element that was locked when its turn came */
static void
stop_pipeline (Reader *self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);

  GstIterator *elements = gst_bin_iterate_elements (GST_BIN (self->pipeline));
  while (gst_iterator_foreach (elements, stop_element, NULL) == GST_ITERATOR_RESYNC)
    gst_iterator_resync (elements);
  gst_iterator_free (elements);
}

/* every pad ends in a sink, so that the pipeline knows when the file has ended */
static void
end_pad (Reader *self, GstPad *pad, MerTrack *track)
{
  GstElement *sink = add_element (self, "fakesink", pad);

  if (sink == NULL)
    return;
  g_object_set (sink, "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, NULL);
  if (track != NULL)
    {
      g_autoptr (GstPad) sink_pad = gst_element_get_static_pad (sink, "sink");
      Collector *collector = g_new0 (Collector, 1);

      collector->reader = self;
      collector->track = track;
      gst_segment_init (&collector->segment, GST_FORMAT_UNDEFINED);
      gst_pad_add_probe (sink_pad,
                         GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST
                             | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
                         collect, collector, g_free);
    }
  start_element (sink);
}

static gboolean
kind_of_caps (GstStructure *structure, MerTrackKind *kind)
{
  const char *name = gst_structure_get_name (structure);

  if (g_str_equal (name, "application/x-cenc") || g_str_equal (name, "application/x-cbcs"))
    name = gst_structure_get_string (structure, "original-media-type");
  if (name == NULL)
    return FALSE;
  if (g_str_has_prefix (name, "video/") || g_str_has_prefix (name, "image/"))
    *kind = MER_TRACK_VIDEO;
  else if (g_str_has_prefix (name, "audio/"))
    *kind = MER_TRACK_AUDIO;
  else if (g_str_equal (name, "text/x-raw") || g_str_equal (name, "application/x-ssa")
           || g_str_equal (name, "application/x-ass")
           || g_str_equal (name, "application/x-subtitle-vtt")
           || g_str_equal (name, "application/x-subtitle-unknown"))
    *kind = MER_TRACK_TEXT;
  else
    return FALSE;
  return TRUE;
}

static MerTrack *
add_track (Reader *self, GstCaps *caps)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GstStructure *structure = gst_caps_get_structure (caps, 0);
  MerTrackKind kind;

  if (!kind_of_caps (structure, &kind) || self->result->tracks->len >= MAX_TRACKS)
    {
      self->unknown++;
      return NULL;
    }

  MerTrack *track = mer_track_new (kind);
  track->encrypted = gst_structure_has_name (structure, "application/x-cenc")
                     || gst_structure_has_name (structure, "application/x-cbcs");
  for (guint i = 0; i < self->result->tracks->len; i++)
    if (((MerTrack *) self->result->tracks->pdata[i])->kind == kind)
      track->number++;
  g_ptr_array_add (self->result->tracks, track);
  return track;
}

static void
pad_added (G_GNUC_UNUSED GstElement *element, GstPad *pad, Level *level)
{
  if (GST_PAD_IS_SRC (pad))
    plug (level->reader, pad, level->depth, level->framed);
}

static void
caps_known (GstPad *pad, G_GNUC_UNUSED GParamSpec *pspec, Level *level)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  if (caps != NULL && !gst_pad_is_linked (pad))
    plug (level->reader, pad, level->depth, level->framed);
}

static void
level_free (gpointer level, G_GNUC_UNUSED GClosure *closure)
{
  g_free (level);
}

static void
connect_level (Reader *self, gpointer object, const char *name, GCallback callback,
               int depth, gboolean framed)
{
  Level *level = g_new0 (Level, 1);

  level->reader = self;
  level->depth = depth;
  level->framed = framed;
  g_signal_connect_data (object, name, callback, level, level_free, 0);
}

static void
plug_demuxer (Reader *self, GstPad *pad, const char *factory, int depth)
{
  GstElement *demuxer = add_element (self, factory, pad);

  if (demuxer == NULL)
    return;

  gboolean framed = mer_codecs_demuxer_frames (factory);
  connect_level (self, demuxer, "pad-added", G_CALLBACK (pad_added), depth + 1, framed);

  g_autoptr (GstPad) source = gst_element_get_static_pad (demuxer, "src");
  if (source != NULL)
    connect_level (self, source, "notify::caps", G_CALLBACK (caps_known), depth + 1,
                   framed);
  start_element (demuxer);
}

static void
plug_parser (Reader *self, GstPad *pad, const char *factory, MerTrack *track)
{
  GstElement *parser = add_element (self, factory, pad);

  if (parser == NULL)
    return;

  g_autoptr (GstPad) source = gst_element_get_static_pad (parser, "src");
  end_pad (self, source, track);
  start_element (parser);
}

static void
refuse (Reader *self, GstCaps *caps)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->refusal == NULL)
    self->refusal = mer_codecs_refusal (caps);
}

static void
plug (Reader *self, GstPad *pad, int depth, gboolean framed)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  if (caps == NULL)
    {
      connect_level (self, pad, "notify::caps", G_CALLBACK (caps_known), depth, framed);
      return;
    }

  const char *demuxer = mer_codecs_find_demuxer (caps);
  if (demuxer != NULL && depth < MAX_DEPTH)
    {
      plug_demuxer (self, pad, demuxer, depth);
      return;
    }

  MerTrack *track = add_track (self, caps);
  const char *parser = NULL;
  if (track != NULL && track->kind != MER_TRACK_TEXT
      && (!framed || mer_codecs_find_decoder (caps, 0) == NULL))
    parser = mer_codecs_find_parser (caps);
  if (parser != NULL)
    plug_parser (self, pad, parser, track);
  else if (track == NULL && depth == 0)
    refuse (self, caps);
  if (parser == NULL)
    end_pad (self, pad, track);
}

static void
type_found (GstElement *typefind, G_GNUC_UNUSED guint probability, GstCaps *caps,
            Reader *self)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (typefind, "src");

  self->result->container
      = g_strdup (gst_structure_get_name (gst_caps_get_structure (caps, 0)));
  plug (self, pad, 0, FALSE);
}

/* no other file is read because of what this one says */
static gboolean
message_is_redirect (GstMessage *message)
{
  const GstStructure *structure = gst_message_get_structure (message);

  return GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT && structure != NULL
         && (gst_structure_has_name (structure, "redirect")
             || gst_structure_has_field (structure, "new-location"));
}

/* TRUE ends the reading; with an error set it has failed */
static gboolean
handle_message (Reader *self, GstMessage *message, GError **error)
{
  g_autoptr (GError) cause = NULL;
  const char *type = NULL;

  switch (GST_MESSAGE_TYPE (message))
    {
    case GST_MESSAGE_EOS:
      return TRUE;
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, &cause, NULL);
      if (self->result->problem == NULL)
        self->result->problem = g_strdup (cause->message);
      return FALSE;
    case GST_MESSAGE_NEED_CONTEXT:
      if (gst_message_parse_context_type (message, &type)
          && g_str_has_prefix (type, "drm-"))
        self->encrypted = TRUE;
      return FALSE;
    default:
      if (!message_is_redirect (message))
        return FALSE;
      g_set_error (
          error, MER_ERROR, MER_ERROR_DECODE,
          "this is a reference movie, which names another file; that is not opened");
      return TRUE;
    }
}

static guint
count_packets (Reader *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_packets;
}

/* A demuxer that complains may go on with the tracks that are whole, so its complaint ends
 * the reading only when nothing more comes. */
static gboolean
wait_for_end (Reader *self, gint64 deadline, GCancellable *cancellable, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  guint n_before = G_MAXUINT;

  for (;;)
    {
      gboolean complained = self->result->problem != NULL;
      g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
          bus, (complained ? 60 : 200) * GST_MSECOND,
          GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT
              | GST_MESSAGE_NEED_CONTEXT);
      GError *local = NULL;

      if (message != NULL && handle_message (self, message, &local))
        {
          if (local == NULL)
            return TRUE;
          g_propagate_error (error, local);
          return FALSE;
        }
      if (message == NULL && complained)
        {
          if (count_packets (self) == n_before)
            return TRUE;
          n_before = count_packets (self);
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (deadline > 0 && g_get_monotonic_time () > deadline)
        {
          g_set_error (error, MER_ERROR, MER_ERROR_TIMED_OUT,
                       "reading the file took too long");
          return FALSE;
        }
    }
}

static gboolean
reader_check (Reader *self, GError **error)
{
  if (self->n_packets > 0)
    return TRUE;

  const char *why = self->encrypted         ? "it is encrypted"
                    : self->refusal != NULL ? self->refusal
                    : self->result->problem != NULL
                        ? self->result->problem
                        : "the file holds no picture, sound or text";
  g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "%s", why);
  return FALSE;
}

static GstPadProbeReturn
blank (G_GNUC_UNUSED GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Reader *self = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  guint64 start = GST_BUFFER_OFFSET (buffer);
  gsize size = gst_buffer_get_size (buffer);
  guint64 from = MAX (start, self->blank_offset);
  guint64 to = MIN (start + size, self->blank_offset + self->blank_size);

  if (GST_BUFFER_OFFSET_IS_VALID (buffer) && from < to)
    {
      buffer = gst_buffer_make_writable (buffer);
      gst_buffer_memset (buffer, from - start, 0, to - from);
      GST_PAD_PROBE_INFO_DATA (info) = buffer;
    }
  return GST_PAD_PROBE_OK;
}

static void
add_blank (Reader *self, GstElement *source)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (source, "src");

  if (self->blank_size > 0)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_PULL, blank,
                       self, NULL);
}

static gboolean
reader_run (Reader *self, const char *path, gint64 deadline, GCancellable *cancellable,
            GError **error)
{
  GstElement *source = gst_element_factory_make ("filesrc", NULL);
  GstElement *typefind = gst_element_factory_make ("typefind", NULL);

  if (source == NULL || typefind == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_UNSUPPORTED,
                   "GStreamer's core elements are not installed");
      g_clear_pointer (&source, gst_object_unref);
      g_clear_pointer (&typefind, gst_object_unref);
      return FALSE;
    }
  g_object_set (source, "location", path, NULL);
  add_blank (self, source);
  gst_bin_add_many (GST_BIN (self->pipeline), source, typefind, NULL);
  gst_element_link (source, typefind);
  g_signal_connect (typefind, "have-type", G_CALLBACK (type_found), self);
  gst_pipeline_use_clock (GST_PIPELINE (self->pipeline), NULL);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);

  gboolean ended = wait_for_end (self, deadline, cancellable, error);
  if (!gst_element_query_duration (self->pipeline, GST_FORMAT_TIME,
                                   &self->result->duration))
    self->result->duration = -1;
  stop_pipeline (self);
  return ended && reader_check (self, error);
}

typedef struct
{
  const char *path;
  gsize hold;
  MerPacketFunc function;
  gpointer user_data;
  gint64 deadline;
  GCancellable *cancellable;
} Request;

static MerTracks *
read_once (const Request *request, guint64 blank_offset, guint blank_size, GError **error)
{
  g_autoptr (MerTracks) result = g_new0 (MerTracks, 1);
  Reader reader = { 0 };

  result->duration = -1;
  result->tracks = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_track_free);
  reader.result = result;
  reader.hold = request->hold;
  reader.function = request->function;
  reader.user_data = request->user_data;
  reader.blank_offset = blank_offset;
  reader.blank_size = blank_size;
  reader.pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  g_mutex_init (&reader.lock);

  gboolean good
      = reader_run (&reader, request->path, request->deadline, request->cancellable, error);
  gst_object_unref (reader.pipeline);
  g_mutex_clear (&reader.lock);
  g_free (reader.refusal);
  return good ? g_steal_pointer (&result) : NULL;
}

/**
 * mer_tracks_read:
 * @path: (type filename): a regular file
 * @hold: how many bytes of packets to keep at most; those beyond keep their times only
 * @function: (nullable) (scope call): gets every packet instead; then none is kept
 * @user_data: for @function
 * @deadline: monotonic time in microseconds, 0 for none
 * @cancellable: (nullable): stops
 * @error: return location for an error
 *
 * Reads a file once from start to end. What ends early (a cut file) has the packets up to
 * there and says so in `problem`.
 *
 * Returns: (transfer full) (nullable): the tracks; %NULL with `DECODE`, `TIMED_OUT` or
 *   `UNSUPPORTED`
 */
MerTracks *
mer_tracks_read (const char *path, gsize hold, MerPacketFunc function, gpointer user_data,
                 gint64 deadline, GCancellable *cancellable, GError **error)
{
  Request request = { path, hold, function, user_data, deadline, cancellable };
  GError *local = NULL;
  MerTracks *result = read_once (&request, 0, 0, &local);
  guint64 offset;
  guint size;

  /* qtdemux takes a track for a preview image, and leaves it, where it is much shorter than
   * the movie header says the movie is; without that claim it has nothing to compare with
   */
  if (result == NULL && g_error_matches (local, MER_ERROR, MER_ERROR_DECODE)
      && mer_mp4_find_movie_duration (path, &offset, &size))
    {
      result = read_once (&request, offset, size, NULL);
      if (result != NULL)
        g_clear_error (&local);
    }
  if (result == NULL)
    g_propagate_error (error, local);
  return result;
}
