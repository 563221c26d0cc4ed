/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mer-request.h"

#include <string.h>

#include "mer-error.h"
#include "net/mer-payload.h"
#include "tables/mer-json.h"

struct _MerRequest
{
  MerSample *sample;
  MerModality shown;
  MerModality abilities;
  char *prompt;
  char *system;
};

/**
 * mer_request_new:
 * @sample: the sample
 * @shown: what may be shown of it, no `auto` among it
 * @abilities: what the model could take in
 * @prompt: the expanded prompt
 * @system: (nullable): what stands before the conversation
 *
 * Returns: (transfer full): a request
 */
MerRequest *
mer_request_new (MerSample *sample, MerModality shown, MerModality abilities,
                 const char *prompt, const char *system)
{
  MerRequest *self = g_new0 (MerRequest, 1);

  self->sample = mer_sample_ref (sample);
  self->shown = shown;
  self->abilities = abilities;
  self->prompt = mer_payload_clean_text (prompt);
  self->system = system != NULL ? mer_payload_clean_text (system) : NULL;
  return self;
}

/**
 * mer_request_free:
 * @self: (transfer full): a request
 */
void
mer_request_free (MerRequest *self)
{
  mer_sample_unref (self->sample);
  g_free (self->prompt);
  g_free (self->system);
  g_free (self);
}

/**
 * mer_request_get_sample:
 * @self: a request
 *
 * Prompts never read the truth, and neither may a backend.
 *
 * Returns: (transfer none): the sample
 */
MerSample *
mer_request_get_sample (MerRequest *self)
{
  return self->sample;
}

/**
 * mer_request_get_shown:
 * @self: a request
 *
 * Returns: the modalities the model is shown
 */
MerModality
mer_request_get_shown (MerRequest *self)
{
  return self->shown;
}

/**
 * mer_request_get_prompt:
 * @self: a request
 *
 * Returns: (transfer none): the prompt's text, valid UTF-8
 */
const char *
mer_request_get_prompt (MerRequest *self)
{
  return self->prompt;
}

/**
 * mer_request_get_system:
 * @self: a request
 *
 * Returns: (transfer none) (nullable): the system prompt's text
 */
const char *
mer_request_get_system (MerRequest *self)
{
  return self->system;
}

/**
 * mer_request_get_n_frames:
 * @self: a request
 *
 * Returns: how many frames the model is shown
 */
guint
mer_request_get_n_frames (MerRequest *self)
{
  MerMedia *media = mer_sample_get_media (self->sample);

  return media != NULL && self->shown & MER_MODALITY_VIDEO ? mer_media_get_n_frames (media)
                                                           : 0;
}

/**
 * mer_request_get_frame_seconds:
 * @self: a request
 * @index: which frame
 *
 * Returns: the instant the frame stands for, seconds from the start of the video
 */
double
mer_request_get_frame_seconds (MerRequest *self, guint index)
{
  MerMedia *media = mer_sample_get_media (self->sample);

  return (double) mer_media_get_frame (media, index)->time / GST_SECOND;
}

/**
 * mer_request_dup_frame_label:
 * @self: a request
 * @index: which frame
 *
 * What tells a model a frame's instant where it is shown one picture after the other; the
 * same words in every protocol, those that Qwen3-VL was trained on.
 *
 * Returns: (transfer full): such as `<0.5 seconds>`
 */
char *
mer_request_dup_frame_label (MerRequest *self, guint index)
{
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (seconds, sizeof seconds, "%.1f",
                   mer_request_get_frame_seconds (self, index));
  return g_strdup_printf ("<%s seconds>", seconds);
}

/**
 * mer_request_place_frame:
 * @self: a request
 * @index: which frame
 * @prefix: what stands before the base64, such as `data:image/jpeg;base64,`
 *
 * The base64 takes the place of the returned string's end while the request is sent.
 *
 * Returns: (transfer full): a string for the request
 */
char *
mer_request_place_frame (MerRequest *self, guint index, const char *prefix)
{
  return mer_payload_place_frame (mer_sample_get_media (self->sample), index, prefix);
}

/**
 * mer_request_has_audio:
 * @self: a request
 *
 * Returns: whether the model is given the sound
 */
gboolean
mer_request_has_audio (MerRequest *self)
{
  MerMedia *media = mer_sample_get_media (self->sample);

  return media != NULL && self->shown & MER_MODALITY_AUDIO && mer_media_has_audio (media);
}

/**
 * mer_request_place_audio:
 * @self: a request that has audio
 * @prefix: what stands before the base64 of the WAV; empty where the server wants it bare
 *
 * Returns: (transfer full): a string for the request
 */
char *
mer_request_place_audio (MerRequest *self, const char *prefix)
{
  return mer_payload_place_audio (mer_sample_get_media (self->sample), prefix);
}

static const char *
get_clip_path (MerRequest *self)
{
  MerClip *clip = mer_sample_get_clip (self->sample);

  return clip != NULL ? mer_clip_get_video (clip) : NULL;
}

/* a sound file of its own does not tell whether the video has a track as well: it may */
static gboolean
clip_may_sound (MerMedia *media)
{
  JsonNode *manifest = mer_media_get_manifest (media);

  return mer_media_has_audio (media)
         || mer_json_node_path (manifest, "clip", "audio", NULL) != NULL;
}

/**
 * mer_request_has_clip:
 * @self: a request
 *
 * Returns: whether the stage shows video and there is a file of it: for servers that do not
 *   listen to a video's sound. `may_show_clip` is for all others
 */
gboolean
mer_request_has_clip (MerRequest *self)
{
  MerMedia *media = mer_sample_get_media (self->sample);

  return (self->shown & MER_MODALITY_VIDEO) != 0 && media != NULL
         && mer_media_get_clip_sha256 (media) != NULL && get_clip_path (self) != NULL;
}

static gboolean
require_clip (MerRequest *self, GError **error)
{
  if (mer_request_has_clip (self))
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
               "there is no video file to show as a whole");
  return FALSE;
}

/**
 * mer_request_may_show_clip:
 * @self: a request
 * @error: place for an error that says why not
 *
 * Whether the clip's file may be shown as a whole. It may not where the stage shows no
 * video, where there is no file, and where the model would hear what the stage is not to
 * let it hear.
 *
 * Returns: whether `place_clip` may be called
 */
gboolean
mer_request_may_show_clip (MerRequest *self, GError **error)
{
  gboolean deaf = (self->abilities & MER_MODALITY_AUDIO) == 0;

  return deaf ? require_clip (self, error)
              : mer_request_may_show_clip_with_sound (self, error);
}

/**
 * mer_request_may_show_clip_with_sound:
 * @self: a request
 * @error: place for an error that says why not
 *
 * As `may_show_clip`, for models that listen to what they watch whatever they were said to
 * take.
 *
 * Returns: whether `place_clip` may be called
 */
gboolean
mer_request_may_show_clip_with_sound (MerRequest *self, GError **error)
{
  if (!require_clip (self, error))
    return FALSE;
  if ((self->shown & MER_MODALITY_AUDIO) != 0
      || !clip_may_sound (mer_sample_get_media (self->sample)))
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "the video file has sound, which this stage is not to show; add audio to "
               "modalities, or show frames");
  return FALSE;
}

/**
 * mer_request_get_clip_type:
 * @self: a request that may show its clip
 *
 * Returns: (transfer none): the media type of the clip's file, by what is in it
 */
const char *
mer_request_get_clip_type (MerRequest *self)
{
  static const struct
  {
    const char *container; /* as GStreamer calls it */
    const char *type;
  } types[] = {
    { "video/x-matroska", "video/x-matroska" },
    { "video/webm", "video/webm" },
    { "video/x-msvideo", "video/x-msvideo" },
    { "video/x-flv", "video/x-flv" },
    { "video/mpegts", "video/mp2t" },
    { "video/mpeg", "video/mpeg" },
    { "video/x-ms-asf", "video/x-ms-wmv" },
    { "application/ogg", "video/ogg" },
    { "video/ogg", "video/ogg" },
  };
  MerMedia *media = mer_sample_get_media (self->sample);
  const char *container
      = mer_json_node_string (mer_media_get_manifest (media), "container");
  const char *path = get_clip_path (self);

  for (gsize i = 0; container != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_str_has_prefix (container, types[i].container))
      return types[i].type;
  /* one family, which servers tell apart by name alone */
  return path != NULL && g_str_has_suffix (path, ".mov") ? "video/quicktime" : "video/mp4";
}

/**
 * mer_request_place_clip:
 * @self: a request that may show its clip
 * @prefix: what stands before the base64, such as `data:video/mp4;base64,`
 *
 * Returns: (transfer full): a string for the request
 */
char *
mer_request_place_clip (MerRequest *self, const char *prefix)
{
  return mer_payload_place_clip (mer_sample_get_media (self->sample), prefix);
}
