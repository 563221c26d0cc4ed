/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-demo-writer.h"

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <math.h>
#include <string.h>

#include "mer-demo-face.h"
#include "mer-demo-voice.h"

#define SILENT_SECONDS 4.
#define FRAME_SIZE (MER_DEMO_WIDTH * MER_DEMO_HEIGHT * 4)
#define AUDIO_CHUNK (MER_DEMO_AUDIO_RATE / 10)
#define ENCODE_DEADLINE (60 * GST_SECOND)
/* everything is pushed at once, so nothing may block */
#define QUEUE "queue max-size-time=0 max-size-bytes=0 max-size-buffers=0"
#define CUE_MARGIN (250 * GST_MSECOND)

static double
voice_seconds (GBytes *voice)
{
  return voice != NULL ? (double) g_bytes_get_size (voice) / 2 / MER_DEMO_AUDIO_RATE
                       : SILENT_SECONDS;
}

static void
append_branch (GString *line, const char *name, const char *caps, const char *encoder,
               const char *muxer)
{
  g_string_append_printf (
      line, " appsrc name=%s format=time max-bytes=0 caps=%s ! %s%s ! %s", name, caps,
      encoder, muxer != NULL ? " ! " QUEUE : "", muxer != NULL ? "mux." : "out.");
}

static char *
make_launch_line (const MerDemoClip *clip)
{
  GString *line = g_string_new (NULL);
  g_autofree char *video
      = g_strdup_printf ("video/x-raw,format=BGRx,width=%d,height=%d,framerate=%d/1",
                         MER_DEMO_WIDTH, MER_DEMO_HEIGHT, MER_DEMO_FRAME_RATE);
  g_autofree char *audio
      = g_strdup_printf ("audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=%d",
                         MER_DEMO_AUDIO_RATE);

  if (clip->muxer != NULL)
    g_string_append_printf (line, "%s name=mux ! filesink name=out", clip->muxer);
  else
    g_string_append (line, "filesink name=out");
  if (clip->video != NULL)
    {
      g_autofree char *encoder
          = g_strdup_printf ("videoconvert ! video/x-raw,format=I420 ! %s", clip->video);

      append_branch (line, "video", video, encoder, clip->muxer);
    }
  if (clip->audio != NULL)
    {
      g_autofree char *encoder = g_strdup_printf ("audioconvert ! %s", clip->audio);

      append_branch (line, "audio", audio, encoder, clip->muxer);
    }
  if (clip->subtitle == MER_DEMO_EMBEDDED)
    append_branch (line, "text", "text/x-raw,format=utf8", "text/x-raw,format=utf8",
                   clip->muxer);
  return g_string_free (line, FALSE);
}

static void
push (GstElement *pipeline, const char *name, GstBuffer *buffer, GstClockTime time,
      GstClockTime duration)
{
  g_autoptr (GstElement) source = gst_bin_get_by_name (GST_BIN (pipeline), name);

  GST_BUFFER_PTS (buffer) = time;
  GST_BUFFER_DURATION (buffer) = duration;
  gst_app_src_push_buffer (GST_APP_SRC (source), buffer);
}

static void
finish (GstElement *pipeline, const char *name)
{
  g_autoptr (GstElement) source = gst_bin_get_by_name (GST_BIN (pipeline), name);

  gst_app_src_end_of_stream (GST_APP_SRC (source));
}

/* the mouth follows the loudness of what is said while the picture stands */
static double
get_mouth (GBytes *voice, double time)
{
  gsize size, n = MER_DEMO_AUDIO_RATE / MER_DEMO_FRAME_RATE;
  const gint16 *samples;
  double power = 0;
  gsize at = (gsize) (time * MER_DEMO_AUDIO_RATE);

  if (voice == NULL)
    return 0;
  samples = g_bytes_get_data (voice, &size);
  if (at + n > size / 2)
    return 0;
  for (gsize i = at; i < at + n; i++)
    power += (double) samples[i] * samples[i];
  /* from -60 dB, shut, to -15 dB, wide open */
  return CLAMP ((10 * log10 (power / n / (32768. * 32768.) + 1e-9) + 60) / 45, 0, 1);
}

static void
push_video (GstElement *pipeline, const MerDemoClip *clip, GBytes *voice)
{
  guint n = (guint) (voice_seconds (voice) * MER_DEMO_FRAME_RATE);

  for (guint i = 0; i < n; i++)
    {
      double time = (double) i / MER_DEMO_FRAME_RATE;
      guint8 *pixels = g_malloc (FRAME_SIZE);

      mer_demo_face_draw (&clip->face, time, get_mouth (voice, time), pixels);
      push (pipeline, "video", gst_buffer_new_wrapped (pixels, FRAME_SIZE),
            gst_util_uint64_scale (i, GST_SECOND, MER_DEMO_FRAME_RATE),
            GST_SECOND / MER_DEMO_FRAME_RATE);
    }
  finish (pipeline, "video");
}

static void
push_audio (GstElement *pipeline, GBytes *voice)
{
  gsize size = g_bytes_get_size (voice);

  for (gsize at = 0; at < size; at += 2 * AUDIO_CHUNK)
    {
      gsize length = MIN (2 * AUDIO_CHUNK, size - at);
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (voice, at, length);

      push (pipeline, "audio", gst_buffer_new_wrapped_bytes (part),
            gst_util_uint64_scale (at / 2, GST_SECOND, MER_DEMO_AUDIO_RATE),
            gst_util_uint64_scale (length / 2, GST_SECOND, MER_DEMO_AUDIO_RATE));
    }
  finish (pipeline, "audio");
}

static void
push_text (GstElement *pipeline, const MerDemoClip *clip, GBytes *voice)
{
  GstClockTime end = (GstClockTime) (voice_seconds (voice) * GST_SECOND);
  g_autoptr (GBytes) text = g_bytes_new_static (clip->text, strlen (clip->text));

  push (pipeline, "text", gst_buffer_new_wrapped_bytes (text), CUE_MARGIN,
        end - 2 * CUE_MARGIN);
  finish (pipeline, "text");
}

static gboolean
wait_for_end (GstElement *pipeline, const MerDemoClip *clip, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
      bus, ENCODE_DEADLINE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  if (message != NULL && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    return TRUE;
  if (message != NULL)
    gst_message_parse_error (message, error, NULL);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "encoding did not end");
  g_prefix_error (error, "%s: ", clip->id);
  return FALSE;
}

static gboolean
encode (const MerDemoClip *clip, GBytes *voice, const char *path, GError **error)
{
  g_autofree char *line = make_launch_line (clip);
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, error);
  g_autoptr (GstElement) sink = NULL;
  gboolean ok;

  if (pipeline == NULL)
    {
      g_prefix_error (error, "%s: ", clip->id);
      return FALSE;
    }
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  g_object_set (sink, "location", path, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  if (clip->subtitle == MER_DEMO_EMBEDDED)
    push_text (pipeline, clip, voice);
  if (clip->audio != NULL)
    push_audio (pipeline, voice);
  if (clip->video != NULL)
    push_video (pipeline, clip, voice);
  ok = wait_for_end (pipeline, clip, error);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return ok;
}

static char *
format_time (double seconds, char point)
{
  guint milliseconds = (guint) (seconds * 1000);

  return g_strdup_printf ("00:00:%02u%c%03u", milliseconds / 1000, point,
                          milliseconds % 1000);
}

static gboolean
write_side_file (const MerDemoClip *clip, GBytes *voice, const char *folder, GError **error)
{
  gboolean vtt = clip->subtitle == MER_DEMO_VTT;
  double margin = (double) CUE_MARGIN / GST_SECOND;
  g_autofree char *start = format_time (margin, vtt ? '.' : ',');
  g_autofree char *end = format_time (voice_seconds (voice) - margin, vtt ? '.' : ',');
  g_autofree char *content = g_strdup_printf (
      "%s%s --> %s\n%s\n", vtt ? "WEBVTT\n\n" : "1\n", start, end, clip->text);
  g_autofree char *path
      = g_strdup_printf ("%s/%s.%s", folder, clip->id, vtt ? "vtt" : "srt");

  return g_file_set_contents (path, content, -1, error);
}

/**
 * mer_demo_write_clip:
 * @clip: what to make
 * @folder: where
 * @error: return location
 *
 * Speaks, draws and encodes a clip, and writes its subtitle file if it has one.
 *
 * Returns: whether all went well
 */
gboolean
mer_demo_write_clip (const MerDemoClip *clip, const char *folder, GError **error)
{
  g_autoptr (GBytes) voice = NULL;
  g_autofree char *path = g_strdup_printf ("%s/%s.%s", folder, clip->id, clip->extension);

  if (clip->audio != NULL)
    {
      voice = mer_demo_voice_speak (clip, error);
      if (voice == NULL)
        return FALSE;
    }
  if ((clip->subtitle == MER_DEMO_SRT || clip->subtitle == MER_DEMO_VTT)
      && !write_side_file (clip, voice, folder, error))
    return FALSE;
  return encode (clip, voice, path, error);
}
