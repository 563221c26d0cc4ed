/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what a call is thought to take before it is made */
#include "base/mer-backend-work.h"

#include <math.h>

#include "tables/mer-json.h"

/* Rules of thumb over vendors: a token is four Latin letters or one of a script without
 * spaces; Qwen's vision models make one of 28 × 28 pixels, Claude's of 750; Qwen's audio
 * models make 25 of a second of sound, Gemini 32. */
#define LETTERS_A_TOKEN 4.
#define PIXELS_A_TOKEN 784.
#define TOKENS_A_SECOND 25.
/* a list of labels, and a description in free words */
#define SHORT_ANSWER 40.
#define LONG_ANSWER 200.

/* what stands in for an answer nobody gave, so that later stages can be built */
#define STAND_IN "The person seems happy and calm, and the voice is warm. "

static double
count_text (const char *text)
{
  double tokens = 0;

  for (const char *at = text; at != NULL && *at != '\0'; at = g_utf8_next_char (at))
    tokens += g_unichar_iswide (g_utf8_get_char (at)) ? 1 : 1 / LETTERS_A_TOKEN;
  return tokens;
}

static double
count_frames (MerRequest *request)
{
  MerMedia *media = mer_sample_get_media (mer_request_get_sample (request));
  double tokens = 0;

  for (guint i = 0; i < mer_request_get_n_frames (request); i++)
    {
      const MerFrame *frame = mer_media_get_frame (media, i);

      tokens += ceil ((double) frame->width * frame->height / PIXELS_A_TOKEN);
    }
  return tokens;
}

static double
count_audio (MerRequest *request)
{
  MerMedia *media = mer_sample_get_media (mer_request_get_sample (request));

  return mer_request_has_audio (request)
             ? ceil (mer_media_get_audio_seconds (media) * TOKENS_A_SECOND)
             : 0;
}

/**
 * mer_backend_guess_usage:
 * @self: a backend
 * @request: what is asked
 *
 * Returns: the tokens that the call is thought to take, marked as estimated
 */
MerUsage
mer_backend_guess_usage (MerBackend *self, MerRequest *request)
{
  gboolean is_short = mer_backend_get_answer_format (self) != MER_ANSWER_FORMAT_TEXT;
  double longest = mer_backend_get_max_tokens (self);
  double text = count_text (mer_request_get_prompt (request))
                + count_text (mer_request_get_system (request));
  MerUsage usage = MER_USAGE_UNKNOWN;

  usage.input_image = (gint64) count_frames (request);
  usage.input_audio = (gint64) count_audio (request);
  usage.input = (gint64) ceil (text) + usage.input_image + usage.input_audio;
  usage.output = (gint64) MIN (is_short ? SHORT_ANSWER : LONG_ANSWER,
                               longest > 0 ? longest : LONG_ANSWER);
  usage.estimated = TRUE;
  return usage;
}

/**
 * mer_backend_guess_missing:
 * @self: a backend whose prices are known
 * @work: a call that was answered
 *
 * Guesses what an answer took whose server gave no counts, such as some streams: what was
 * shown by the rules of thumb, what was written by its length. Marked as estimated.
 */
void
mer_backend_guess_missing (MerBackend *self, MerBackendWork *work)
{
  MerUsage told = mer_result_get_usage (work->result);
  const char *text = mer_result_get_text (work->result);
  const char *reasoning = mer_result_get_reasoning (work->result);
  MerUsage usage = MER_USAGE_UNKNOWN;

  if (mer_usage_is_known (&told) || MER_BACKEND_GET_CLASS (self)->verbatim
      || (text == NULL && reasoning == NULL))
    return;
  usage = mer_backend_guess_usage (self, work->asked);
  usage.reasoning = (gint64) ceil (count_text (reasoning));
  usage.output = usage.reasoning + (gint64) ceil (count_text (text));
  mer_result_set_usage (work->result, &usage);
}

/**
 * mer_backend_estimate:
 * @self: a backend
 * @work: a call that is built and not in the journal
 *
 * Counts the call instead of making it.
 *
 * Returns: (transfer full): what stands in for the answer
 */
MerResult *
mer_backend_estimate (MerBackend *self, MerBackendWork *work)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);
  MerUsage usage = mer_backend_guess_usage (self, work->asked);
  MerEstimateCall call = { .input = (double) usage.input,
                           .output = (double) usage.output,
                           .cost = NAN,
                           .seconds = NAN };
  g_autoptr (GString) text = g_string_new (NULL);
  MerResult *result
      = mer_backend_new_result (self, MER_OUTCOME_ANSWERED, MER_REASON_NONE, NULL);

  if (priv->prices != NULL)
    call.cost = mer_prices_get_cost (priv->prices, &usage, work->shown, FALSE);
  mer_estimate_add_call (priv->estimate, mer_ordered_get_stage (MER_ORDERED (self)), &call);
  while ((double) text->len < call.output * LETTERS_A_TOKEN)
    g_string_append (text, STAND_IN);
  mer_result_set_text (result, text->str);
  return result;
}
