/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-clip-decoder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/mer-audio-pass.h"
#include "media/mer-codecs.h"
#include "media/mer-cue-file.h"
#include "media/mer-cue-track.h"
#include "media/mer-manifest.h"
#include "media/mer-track-choice.h"
#include "media/mer-video-pass.h"
#include "mer-error.h"

/* packets of a clip are held up to this; larger files are read once more instead */
#define HOLD_BYTES (96u * 1024 * 1024)

/* how far the container's duration may be off before the manifest says that the file was
 * cut: edit lists and encoder delay are less */
#define CUT_TOLERANCE (GST_SECOND / 2)

/* one clip under work */
typedef struct
{
  const MerDecodeSettings *settings;
  gint64 deadline;
  GCancellable *cancellable;
  JsonObject *manifest;
  JsonArray *notes;
  MerMediaBytes *bytes;
  guint n_evidence; /* modalities that gave something */
  GString *problems;
} Decoder;

MerDecoded *
mer_decoded_new_failed (const char *detail)
{
  MerDecoded *self = g_new0 (MerDecoded, 1);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "outcome",
                                 mer_outcome_to_string (MER_OUTCOME_DECODE_FAILED));
  json_object_set_string_member (object, "detail", detail);
  self->manifest = json_node_init_object (json_node_alloc (), object);
  json_object_unref (object);
  return self;
}

void
mer_decoded_free (MerDecoded *self)
{
  g_clear_pointer (&self->manifest, json_node_unref);
  g_clear_pointer (&self->bytes, mer_media_bytes_free);
  g_free (self);
}

static double
seconds (gint64 nanoseconds)
{
  return nanoseconds / 1e9;
}

static void G_GNUC_PRINTF (2, 3) note (Decoder *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  json_array_add_string_element (self->notes, text);
}

/* one modality that could not be had; the others may still be */
static void
give_up (Decoder *self, const char *what, const char *why)
{
  note (self, "%s: %s", what, why);
  g_string_append_printf (self->problems, "%s%s: %s", self->problems->len > 0 ? "; " : "",
                          what, why);
}

static char *
hash_bytes (GBytes *bytes)
{
  return g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
}

static const char *
codec_name (MerTrack *track)
{
  return gst_structure_get_name (gst_caps_get_structure (track->caps->pdata[0], 0));
}

typedef struct
{
  MerTrackKind kind;
  guint number;
  MerVideoPass *video;
  MerAudioPass *audio;
} Feed;

static void
feed_again (MerTrack *track, guint index, const MerPacket *packet, gpointer user_data)
{
  Feed *feed = user_data;

  if (track->kind != feed->kind || track->number != feed->number)
    return;
  if (feed->video != NULL)
    mer_video_pass_feed (feed->video, index, packet);
  else
    mer_audio_pass_feed (feed->audio, packet);
}

static gboolean
check_time (Decoder *self, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  if (self->deadline == 0 || g_get_monotonic_time () < self->deadline)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_TIMED_OUT, "decoding took too long");
  return FALSE;
}

/* gives a pass its packets: those that are held, or the file's once more */
static gboolean
feed_track (Decoder *self, const char *path, MerTrack *track, Feed *feed, GError **error)
{
  if (!track->complete)
    {
      feed->kind = track->kind;
      feed->number = track->number;

      g_autoptr (MerTracks) again = mer_tracks_read (
          path, 0, feed_again, feed, self->deadline, self->cancellable, error);
      return again != NULL;
    }
  for (guint i = 0; i < track->packets->len; i++)
    {
      if (i % 16 == 0 && !check_time (self, error))
        return FALSE;
      feed_again (track, i, &g_array_index (track->packets, MerPacket, i), feed);
    }
  return TRUE;
}

static gboolean
run_video (Decoder *self, const char *path, MerVideoPass *pass, gboolean everything,
           GError **error)
{
  Feed feed = { 0 };
  MerTrack *track = mer_video_pass_get_track (pass);

  feed.video = pass;
  feed.kind = track->kind;
  feed.number = track->number;
  return mer_video_pass_begin (pass, everything, error)
         && feed_track (self, path, track, &feed, error)
         && mer_video_pass_end (pass, error);
}

static gboolean
decode_video_once (Decoder *self, const char *path, MerVideoPass *pass, GError **error)
{
  if (mer_video_pass_needs_times (pass) && !run_video (self, path, pass, TRUE, error))
    return FALSE;
  if (self->settings->gop)
    {
      g_autoptr (GError) local = NULL;

      /* what is damaged may look different without what stood before it: only decoding
       * everything shows what a player shows */
      if (run_video (self, path, pass, FALSE, &local) && mer_video_pass_is_sound (pass))
        return TRUE;
      if (!check_time (self, error))
        return FALSE;
    }
  return run_video (self, path, pass, TRUE, error);
}

static gboolean
decode_video (Decoder *self, const char *path, MerVideoPass *pass, GError **error)
{
  for (;;)
    {
      GError *local = NULL;

      if (decode_video_once (self, path, pass, &local))
        return TRUE;
      if (!check_time (self, NULL) || !mer_video_pass_try_other (pass))
        {
          g_propagate_error (error, local);
          return FALSE;
        }
      g_error_free (local);
    }
}

static void
add_frames (Decoder *self, MerPictureSet *pictures)
{
  GArray *frames = mer_picture_set_get_frames (pictures);
  GPtrArray *jpegs = mer_picture_set_get_jpegs (pictures);

  mer_manifest_add_frames (self->manifest, frames, jpegs);
  for (guint i = 0; i < jpegs->len; i++)
    g_ptr_array_add (self->bytes->frames, g_bytes_ref (jpegs->pdata[i]));
}

static void
add_strip (Decoder *self, MerVideoPass *pass)
{
  guint width, height, n_frames;
  GBytes *strip = mer_picture_set_dup_strip (mer_video_pass_get_pictures (pass), &width,
                                             &height, &n_frames);

  if (strip == NULL)
    return;

  JsonObject *object = json_object_new ();
  g_autofree char *sha256 = hash_bytes (strip);
  json_object_set_int_member (object, "width", width);
  json_object_set_int_member (object, "height", height);
  json_object_set_double_member (object, "rate", mer_video_pass_get_strip_rate (pass));
  json_object_set_int_member (object, "frames", n_frames);
  json_object_set_string_member (object, "sha256", sha256);
  json_object_set_object_member (self->manifest, "strip", object);
  self->bytes->strip = strip;
}

static void
add_lost (Decoder *self, JsonObject *object, MerVideoPass *pass)
{
  guint n_lost = mer_video_pass_count_lost (pass);

  if (n_lost > 0)
    {
      json_object_set_int_member (object, "lost", n_lost);
      note (self, "partial: %u of %u pictures could not be decoded", n_lost,
            mer_video_pass_get_n_shown (pass));
    }
  if (!mer_video_pass_is_exact (pass))
    note (self, "damaged: a picture that could not be decoded is stood in for by the one "
                "before it");
}

static void
add_video (Decoder *self, MerTracks *tracks, MerTrack *track, MerVideoPass *pass)
{
  JsonObject *object = json_object_new ();
  gint64 end
      = mer_video_pass_get_start (pass) + (gint64) mer_video_pass_get_duration (pass);

  json_object_set_string_member (object, "codec", codec_name (track));
  json_object_set_int_member (object, "track", track->number);
  json_object_set_int_member (object, "tracks", mer_tracks_count (tracks, MER_TRACK_VIDEO));
  json_object_set_double_member (object, "start",
                                 seconds (mer_video_pass_get_start (pass)));
  json_object_set_double_member (object, "duration",
                                 seconds ((gint64) mer_video_pass_get_duration (pass)));
  json_object_set_int_member (object, "pictures", mer_video_pass_get_n_shown (pass));
  if (track->orientation != NULL)
    json_object_set_string_member (object, "orientation", track->orientation);
  json_object_set_object_member (self->manifest, "video", object);

  if (tracks->duration > 0 && tracks->duration > end + (gint64) CUT_TOLERANCE
      && (tracks->problem != NULL
          || mer_tracks_end (tracks) + (gint64) CUT_TOLERANCE < tracks->duration))
    note (self, "truncated: the header says %.3f s, the video ends at %.3f s",
          seconds (tracks->duration), seconds (end));
  add_lost (self, object, pass);
}

static gboolean
take_video (Decoder *self, const char *path, MerTracks *tracks, GError **error)
{
  MerTrack *track = mer_tracks_choose (tracks, MER_TRACK_VIDEO, NULL);

  if (track == NULL || (self->settings->frames == 0 && !self->settings->strip))
    return TRUE;
  if (track->encrypted)
    {
      give_up (self, "video", "it is encrypted");
      return TRUE;
    }

  g_autoptr (MerVideoPass) pass = mer_video_pass_new (track, self->settings);
  g_autoptr (GError) local = NULL;
  if (decode_video (self, path, pass, &local))
    {
      add_frames (self, mer_video_pass_get_pictures (pass));
      add_strip (self, pass);
      add_video (self, tracks, track, pass);
      self->n_evidence++;
      return TRUE;
    }
  give_up (self, "video", local->message);
  return check_time (self, error);
}

static void
add_audio (Decoder *self, MerTracks *tracks, MerTrack *track, GBytes *wav, gint64 start,
           guint64 n_samples)
{
  JsonObject *object = mer_manifest_add_audio (self->manifest, wav, n_samples,
                                               self->settings->audio_rate, start);

  json_object_set_string_member (object, "codec", codec_name (track));
  json_object_set_int_member (object, "track", track->number);
  json_object_set_int_member (object, "tracks", mer_tracks_count (tracks, MER_TRACK_AUDIO));
  if (track->language != NULL)
    json_object_set_string_member (object, "language", track->language);
  self->bytes->audio = wav;
  self->n_evidence++;
}

static gboolean
take_audio (Decoder *self, const char *path, MerTracks *tracks, GError **error)
{
  MerTrack *track = mer_tracks_choose (tracks, MER_TRACK_AUDIO, NULL);

  if (track == NULL)
    return TRUE;
  if (track->encrypted)
    {
      give_up (self, "audio", "it is encrypted");
      return TRUE;
    }

  g_autoptr (GError) local = NULL;
  g_autoptr (MerAudioPass) pass
      = mer_audio_pass_new (track, self->settings->audio_rate, &local);
  Feed feed = { MER_TRACK_AUDIO, track->number, NULL, pass };
  GBytes *wav = NULL;
  gint64 start = 0;
  guint64 n_samples = 0;

  if (pass != NULL && feed_track (self, path, track, &feed, &local))
    wav = mer_audio_pass_end (pass, &start, &n_samples, &local);
  if (wav == NULL)
    {
      give_up (self, "audio", local->message);
      return check_time (self, error);
    }
  add_audio (self, tracks, track, wav, start, n_samples);
  if (mer_audio_pass_was_cut (pass))
    note (self, "audio: only the first %u s are taken", MER_AUDIO_MAX_SECONDS);
  return TRUE;
}

static void
add_cues (Decoder *self, GArray *cues, const char *source, const char *language)
{
  JsonObject *object = json_object_new ();

  mer_manifest_add_cues (self->manifest, cues);
  json_object_set_string_member (object, "source", source);
  if (language != NULL)
    json_object_set_string_member (object, "language", language);
  json_object_set_object_member (self->manifest, "subtitle", object);
  self->n_evidence += cues->len > 0;
}

static void
take_cues (Decoder *self, MerTracks *tracks, const char *side_file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) cues = NULL;

  if (side_file != NULL)
    {
      cues = mer_cue_file_load (side_file, &error);
      if (cues != NULL && cues->len > 0)
        {
          add_cues (self, cues, "file", NULL);
          return;
        }
      give_up (self, "subtitle file", error != NULL ? error->message : "it holds no cue");
    }

  MerTrack *track = tracks != NULL ? mer_tracks_choose (tracks, MER_TRACK_TEXT,
                                                        self->settings->subtitle_lang)
                                   : NULL;
  if (track == NULL)
    return;
  g_clear_pointer (&cues, g_array_unref);
  cues = mer_cue_track_read (track);
  add_cues (self, cues, "track", track->language);
}

static gboolean
check_file (const char *path, GError **error)
{
  struct stat info;

  if (stat (path, &info) != 0)
    g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND, "%s", g_strerror (errno));
  else if (!S_ISREG (info.st_mode))
    g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "not a regular file");
  else if (info.st_size == 0)
    g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "the file is empty");
  else
    return TRUE;
  return FALSE;
}

static MerTracks *
read_file (Decoder *self, const char *path, GError **error)
{
  if (!check_file (path, error))
    return NULL;
  return mer_tracks_read (path, HOLD_BYTES, NULL, NULL, self->deadline, self->cancellable,
                          error);
}

/* %FALSE if the work as a whole cannot go on */
static gboolean
take_main_file (Decoder *self, MerClip *clip, MerTracks **tracks, GError **error)
{
  const char *path = mer_clip_get_video (clip);
  g_autoptr (GError) local = NULL;

  if (path == NULL)
    return TRUE;
  *tracks = read_file (self, path, &local);
  if (*tracks == NULL)
    {
      give_up (self, "file", local->message);
      return check_time (self, error);
    }
  if ((*tracks)->container != NULL)
    json_object_set_string_member (self->manifest, "container", (*tracks)->container);
  if ((*tracks)->problem != NULL)
    note (self, "partial: reading ended early: %s", (*tracks)->problem);
  return take_video (self, path, *tracks, error)
         && (mer_clip_get_audio (clip) != NULL || take_audio (self, path, *tracks, error));
}

static gboolean
take_audio_file (Decoder *self, const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (MerTracks) tracks = read_file (self, path, &local);

  if (tracks == NULL)
    {
      give_up (self, "audio file", local->message);
      return check_time (self, error);
    }
  if (mer_tracks_choose (tracks, MER_TRACK_AUDIO, NULL) == NULL)
    give_up (self, "audio file", "it holds no audio track");
  return take_audio (self, path, tracks, error);
}

static MerDecoded *
decoder_finish (Decoder *self)
{
  MerDecoded *decoded = g_new0 (MerDecoded, 1);
  MerOutcome outcome
      = self->n_evidence > 0 ? MER_OUTCOME_ANSWERED : MER_OUTCOME_DECODE_FAILED;

  json_object_set_string_member (self->manifest, "outcome",
                                 mer_outcome_to_string (outcome));
  if (self->n_evidence == 0)
    json_object_set_string_member (self->manifest, "detail",
                                   self->problems->len > 0
                                       ? self->problems->str
                                       : "the file holds no picture, sound or text");
  if (json_array_get_length (self->notes) > 0)
    json_object_set_array_member (self->manifest, "notes", json_array_ref (self->notes));
  json_object_set_member (self->manifest, "settings",
                          mer_decode_settings_to_json (self->settings));
  json_object_set_member (self->manifest, "decoder", mer_decode_versions ());
  decoded->manifest = json_node_init_object (json_node_alloc (), self->manifest);
  if (self->n_evidence > 0)
    decoded->bytes = g_steal_pointer (&self->bytes);
  return decoded;
}

/**
 * mer_clip_decode:
 * @clip: which files
 * @settings: what is wanted of them
 * @deadline: monotonic time in microseconds when to give up, 0 for never
 * @cancellable: (nullable): stops
 * @error: return location for an error
 *
 * Decodes a clip in the calling thread. No more files than @clip names are opened.
 *
 * Returns: (transfer full) (nullable): what became of it, a clip that cannot be decoded
 *   included; %NULL only when cancelled or when the deadline has passed
 */
MerDecoded *
mer_clip_decode (MerClip *clip, const MerDecodeSettings *settings, gint64 deadline,
                 GCancellable *cancellable, GError **error)
{
  g_autoptr (MerTracks) tracks = NULL;
  MerDecoded *decoded = NULL;
  Decoder decoder = { 0 };

  decoder.settings = settings;
  decoder.deadline = deadline;
  decoder.cancellable = cancellable;
  decoder.manifest = json_object_new ();
  decoder.notes = json_array_new ();
  decoder.problems = g_string_new (NULL);
  decoder.bytes = mer_media_bytes_new ();

  if (take_main_file (&decoder, clip, &tracks, error)
      && (mer_clip_get_audio (clip) == NULL
          || take_audio_file (&decoder, mer_clip_get_audio (clip), error)))
    {
      take_cues (&decoder, tracks, mer_clip_get_subtitle (clip));
      decoded = decoder_finish (&decoder);
    }
  json_object_unref (decoder.manifest);
  json_array_unref (decoder.notes);
  g_string_free (decoder.problems, TRUE);
  g_clear_pointer (&decoder.bytes, mer_media_bytes_free);
  return decoded;
}

/**
 * mer_clip_hash_file:
 * @path: (type filename): a file
 * @size: (out) (optional): its bytes
 * @cancellable: (nullable): stops
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the sha256 of what is in it
 */
char *
mer_clip_hash_file (const char *path, guint64 *size, GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *block = g_malloc (256 * 1024);
  guint64 total = 0;
  gssize n = 0;

  if (!check_file (path, error))
    return NULL;

  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  while (fd >= 0 && (n = read (fd, block, 256 * 1024)) > 0)
    {
      g_checksum_update (checksum, block, n);
      total += n;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        {
          close (fd);
          return NULL;
        }
    }
  if (fd < 0 || n < 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "%s", g_strerror (errno));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  close (fd);
  if (size != NULL)
    *size = total;
  return g_strdup (g_checksum_get_string (checksum));
}
