/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * MerUsage:
 * @input: tokens read that came from no cache and went into none
 * @input_cached: tokens read from the server's cache
 * @cache_write: tokens read that were written to the server's cache, where that is priced
 * @input_audio: of all that was read, audio tokens
 * @input_image: of all that was read, tokens of pictures
 * @input_video: of all that was read, tokens of whole videos
 * @input_cached_audio: of @input_cached, audio tokens
 * @output: tokens written, reasoning among them
 * @reasoning: of @output, tokens that are not part of the answer
 * @output_audio: of @output, audio tokens
 * @seconds: seconds of audio that are charged by time, as transcription is
 * @estimated: whether the server gave no figures and these are guesses
 * @incomplete: whether an attempt before this answer was lost (a timeout, a broken
 *   connection) and may have been charged without a word
 *
 * What a call used, all its attempts together; -1 where it is not known.
 *
 * Which count holds which:
 *
 * - @input, @input_cached and @cache_write hold nothing of each other: their sum is what
 *   was read. Anthropic counts so; of OpenAI's `prompt_tokens` and Gemini's
 *   `promptTokenCount`, which hold all three, a parser takes the other two off.
 * - @input_audio, @input_image and @input_video tell what of that sum was media, cached or
 *   not, as OpenAI's `prompt_tokens_details` and Gemini's `promptTokensDetails` do. The
 *   rest is text.
 * - @output holds @reasoning, and @output_audio. OpenAI and Anthropic count so; Gemini's
 *   `candidatesTokenCount` and `thoughtsTokenCount` are to be added up.
 */
typedef struct
{
  gint64 input;
  gint64 input_cached;
  gint64 cache_write;
  gint64 input_audio;
  gint64 input_image;
  gint64 input_video;
  gint64 input_cached_audio;
  gint64 output;
  gint64 reasoning;
  gint64 output_audio;
  double seconds;
  gboolean estimated;
  gboolean incomplete;
} MerUsage;

#define MER_USAGE_UNKNOWN                                                                  \
  ((MerUsage){ -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, FALSE, FALSE })

gint64 mer_usage_get_read (const MerUsage *self);
gboolean mer_usage_is_known (const MerUsage *self);
void mer_usage_add (MerUsage *self, const MerUsage *more);
JsonObject *mer_usage_to_json (const MerUsage *self);
MerUsage mer_usage_from_json (JsonNode *node);

/**
 * MerCostBasis:
 * @MER_COST_UNKNOWN: nobody knows what the call cost
 * @MER_COST_REPORTED: the server said what it charged
 * @MER_COST_PRICED: the server's counts times the model's prices
 * @MER_COST_ESTIMATED: guessed counts times the model's prices
 *
 * Where a cost comes from.
 */
typedef enum
{
  MER_COST_UNKNOWN,
  MER_COST_REPORTED,
  MER_COST_PRICED,
  MER_COST_ESTIMATED,
} MerCostBasis;

#define MER_TYPE_COST_BASIS (mer_cost_basis_get_type ())
GType mer_cost_basis_get_type (void);

const char *mer_cost_basis_to_string (MerCostBasis basis);
MerCostBasis mer_cost_basis_from_string (const char *nick);

G_END_DECLS
