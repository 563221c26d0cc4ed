/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer.h"

G_BEGIN_DECLS

#define MER_TYPE_WHISPER (mer_whisper_get_type ())
G_DECLARE_FINAL_TYPE (MerWhisper, mer_whisper, MER, WHISPER, MerBackend)

GST_ELEMENT_REGISTER_DECLARE (merwhisper)

/**
 * MerWhisperDoubts:
 * @no_speech: a segment whose `no_speech_prob` is above this …
 * @logprob: … and whose `avg_logprob` is below this was most likely not said
 * @compression: one whose `compression_ratio` is above this repeats itself
 *
 * When a segment is not believed: Whisper writes thanks for watching into silence.
 */
typedef struct
{
  double no_speech;
  double logprob;
  double compression;
} MerWhisperDoubts;

gboolean mer_whisper_parse_reply (JsonNode *reply, const MerWhisperDoubts *doubts,
                                  MerResult *result, GError **error);

G_END_DECLS
