/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* decides what of a sample goes into one request, and how honest that is */
#include "mer-openai-request.h"

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, MER_ERROR, MER_ERROR_UNSUPPORTED, message);
  return FALSE;
}

static gboolean
choose_whole (MerOpenaiShow *show, const MerOpenaiStyle *style, MerRequest *request,
              GError **error)
{
  int sound = mer_openai_style_get (style, MER_OPENAI_VIDEO_SOUND);

  show->whole = TRUE;
  show->frames = FALSE;
  /* told to listen only where the stage may show sound; otherwise not listening either */
  if (sound == MER_OPENAI_VIDEO_SOUND_NO
      || (sound != MER_OPENAI_VIDEO_SOUND_ALWAYS && !show->audio))
    return mer_request_has_clip (request)
           || refuse (error, "there is no file of the clip to send; set video-as=frames");
  if (!mer_request_may_show_clip (request, error))
    return FALSE;
  /* without a soundtrack vLLM refuses a request to listen to it */
  show->listens = show->audio;
  show->audio = FALSE;
  return TRUE;
}

/**
 * mer_openai_show_choose:
 * @show: (out caller-allocates): what goes into the request
 * @style: how requests are written
 * @request: what is asked
 * @error: place for an error
 *
 * Returns: whether the sample can be shown as it should
 */
gboolean
mer_openai_show_choose (MerOpenaiShow *show, const MerOpenaiStyle *style,
                        MerRequest *request, GError **error)
{
  gboolean video = (mer_request_get_shown (request) & MER_MODALITY_VIDEO) != 0;
  gboolean whole = video && style->whole_video;

  *show = (MerOpenaiShow){ .frames = mer_request_get_n_frames (request) > 0,
                           .audio = mer_request_has_audio (request) };
  if (video && show->audio && style->one_modality == MER_OPENAI_ONE_MODALITY_WHOLE)
    whole = TRUE;
  if (whole && !choose_whole (show, style, request, error))
    return FALSE;
  if (style->one_modality != MER_OPENAI_ONE_MODALITY_OFF && show->audio
      && (show->frames || show->whole))
    return refuse (error,
                   "the model takes text and one modality more, and the sample has both "
                   "pictures and sound to show; set modalities, or one-modality=whole");
  if (show->audio
      && mer_openai_style_get (style, MER_OPENAI_AUDIO_AS) == MER_OPENAI_AUDIO_AS_NONE)
    return refuse (error, "the server takes sound in a whole video alone");
  return TRUE;
}
