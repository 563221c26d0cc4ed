/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what a stage shows of a sample, and what identifies the call */
#include "base/mer-backend-work.h"

#define MEDIA_MODALITIES (MER_MODALITY_AUDIO | MER_MODALITY_VIDEO)

static MerResult *skip (MerBackend *self, MerOutcome outcome, MerReason reason,
                        const char *format, ...) G_GNUC_PRINTF (4, 5);

static MerResult *
skip (MerBackend *self, MerOutcome outcome, MerReason reason, const char *format, ...)
{
  MerResult *result = mer_result_new (mer_ordered_get_stage (MER_ORDERED (self)),
                                      MER_KIND_BACKEND, outcome);
  va_list args;

  va_start (args, format);
  g_autofree char *detail = g_strdup_vprintf (format, args);
  va_end (args);
  mer_result_set_failure (result, outcome, reason, detail);
  return result;
}

static MerResult *
decline (MerBackend *self, MerSample *sample)
{
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  g_autofree char *reason = klass->decline != NULL ? klass->decline (self, sample) : NULL;

  return reason != NULL
             ? skip (self, MER_OUTCOME_SKIPPED, MER_REASON_NOT_NEEDED, "%s", reason)
             : NULL;
}

static gboolean
any_reference_answered (MerBackendPrivate *priv, MerSample *sample)
{
  for (guint i = 0; priv->references != NULL && priv->references[i] != NULL; i++)
    {
      MerResult *result = mer_sample_find_result (sample, priv->references[i]);

      if (result != NULL && mer_result_get_outcome (result) == MER_OUTCOME_ANSWERED)
        return TRUE;
    }
  return FALSE;
}

static MerResult *
choose_modalities (MerBackend *self, MerSample *sample, MerModality *shown)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);
  MerModality can = mer_backend_get_abilities (self);
  gboolean is_auto = (priv->modalities & MER_MODALITY_AUTO) != 0;
  MerModality asked = is_auto ? can : priv->modalities & MER_MODALITY_ALL;
  MerModality has = mer_sample_get_modalities (sample);
  MerMedia *media = mer_sample_get_media (sample);

  if (media != NULL && mer_media_get_outcome (media) == MER_OUTCOME_DECODE_FAILED
      && (asked | priv->require) & MEDIA_MODALITIES)
    return skip (self, MER_OUTCOME_DECODE_FAILED, MER_REASON_DECODE,
                 "the clip could not be decoded: %s", mer_media_get_detail (media));
  if ((priv->require & ~has & MER_MODALITY_ALL) != 0)
    {
      g_autofree char *lacks = mer_modality_to_string (priv->require & ~has);

      return skip (self, MER_OUTCOME_SKIPPED, MER_REASON_NO_MODALITY,
                   "the sample has no %s, which is required", lacks);
    }
  *shown = asked & has;
  /* a stage that reads what others found has something to go on */
  if (*shown == MER_MODALITY_NONE && !any_reference_answered (priv, sample))
    {
      g_autofree char *names = mer_modality_to_string (asked);

      return skip (self, MER_OUTCOME_SKIPPED, MER_REASON_NO_MODALITY,
                   "the sample has none of: %s", names);
    }
  return NULL;
}

static MerResult *
expand (MerBackend *self, MerPrompt *prompt, MerSample *sample, MerModality shown,
        char **text)
{
  g_autofree char *missing = NULL;
  g_autoptr (GError) error = NULL;

  *text = mer_prompt_expand (prompt, sample, (shown & MER_MODALITY_TEXT) != 0, &missing,
                             &error);
  if (*text != NULL)
    return NULL;
  if (missing != NULL)
    return skip (self, MER_OUTCOME_SKIPPED, MER_REASON_NO_EARLIER_ANSWER,
                 "the prompt reads stage “%s”, which gave no answer", missing);
  return skip (self, MER_OUTCOME_API_FAILED, MER_REASON_PROMPT, "%s", error->message);
}

MerResult *
mer_backend_choose (MerBackend *self, MerSample *sample, MerModality *shown, char **prompt,
                    char **system)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);
  MerResult *result = mer_backend_find_awaited (self, sample);

  if (result == NULL)
    result = decline (self, sample);
  if (result == NULL)
    result = choose_modalities (self, sample, shown);

  if (result == NULL)
    result = expand (self, priv->prompt, sample, *shown, prompt);
  if (result == NULL && priv->system != NULL)
    result = expand (self, priv->system, sample, *shown, system);
  return result;
}

/* %NULL, or why what @payload shows is more than the model takes: a server would refuse it,
 * or leave something out without a word */
MerResult *
mer_backend_check_limits (MerBackend *self, MerSample *sample, MerPayload *payload)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);
  MerMedia *media = mer_sample_get_media (sample);
  guint n_frames = 0;

  if (media == NULL)
    return NULL;
  for (guint i = 0; priv->max_frames > 0 && i < mer_media_get_n_frames (media); i++)
    if (mer_payload_shows (payload, mer_media_get_frame (media, i)->sha256))
      n_frames++;
  if (n_frames > priv->max_frames)
    return skip (self, MER_OUTCOME_API_FAILED, MER_REASON_UNSENDABLE,
                 "the sample has %u frames and the model takes %u; set frames of mermedia, "
                 "or max-frames if it takes more",
                 n_frames, priv->max_frames);
  if (priv->max_audio > 0 && mer_media_has_audio (media)
      && mer_media_get_audio_seconds (media) > priv->max_audio
      && mer_payload_shows (payload, mer_media_get_audio_sha256 (media)))
    return skip (self, MER_OUTCOME_SKIPPED, MER_REASON_OVER_LIMIT,
                 "the sound is %.1f s long and the model hears %g s; set max-audio=0 to "
                 "show it all the same",
                 mer_media_get_audio_seconds (media), priv->max_audio);
  return NULL;
}

static void
hash_text (GChecksum *checksum, const char *text)
{
  /* with the zero, so that no two lists of parts read the same */
  g_checksum_update (checksum, (const guchar *) (text != NULL ? text : ""),
                     text != NULL ? (gssize) strlen (text) + 1 : 1);
}

char *
mer_backend_dup_key (MerBackend *self, const char *canonical)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *draw = g_strdup_printf ("%u", priv->draw);

  hash_text (checksum, MER_BACKEND_GET_CLASS (self)->protocol);
  hash_text (checksum, mer_caller_get_address (priv->caller));
  hash_text (checksum, priv->served_model);
  hash_text (checksum, priv->revision);
  hash_text (checksum, canonical);
  hash_text (checksum, draw);
  return g_strdup (g_checksum_get_string (checksum));
}
