/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mer-request.h"

#include "net/mer-payload.h"

struct _MerRequest
{
  MerSample *sample;
  MerModality shown;
  char *prompt;
  char *system;
};

/**
 * mer_request_new:
 * @sample: the sample
 * @shown: what may be shown of it, no `auto` among it
 * @prompt: the expanded prompt
 * @system: (nullable): what stands before the conversation
 *
 * Returns: (transfer full): a request
 */
MerRequest *
mer_request_new (MerSample *sample, MerModality shown, const char *prompt,
                 const char *system)
{
  MerRequest *self = g_new0 (MerRequest, 1);

  self->sample = mer_sample_ref (sample);
  self->shown = shown;
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
