/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sample/mer-outcome.h"

G_BEGIN_DECLS

/**
 * MerReason:
 * @MER_REASON_NONE: none is known, or none is needed: the stage answered
 * @MER_REASON_REFUSAL: `refused`: the model says that it will not or cannot
 * @MER_REASON_INPUT_FILTER: `filtered`: a filter turned the request away
 * @MER_REASON_OUTPUT_FILTER: `filtered`: a filter stopped the answer
 * @MER_REASON_RECITATION: `filtered`: the answer repeated what is protected
 * @MER_REASON_TOKEN_LIMIT: `truncated`: the longest answer that was allowed was reached
 * @MER_REASON_CONTEXT_LIMIT: `truncated`: the model's context was full
 * @MER_REASON_EMPTY: `unparseable`: no text came
 * @MER_REASON_ONLY_REASONING: `unparseable`: the model thought, and said nothing
 * @MER_REASON_WRONG_LANGUAGE: `unparseable`: an answer in a language that was not asked for
 * @MER_REASON_NOT_JSON: `unparseable`: JSON was asked for, and this is none
 * @MER_REASON_WRONG_SHAPE: `unparseable`: JSON of another shape than was asked for
 * @MER_REASON_NO_EMOTION_WORD: `unparseable`: text that says nothing of feelings
 * @MER_REASON_CUT_OFF: `unparseable`: an answer that breaks off, with no word about why
 * @MER_REASON_TIMEOUT: `api-failed`: no answer within the deadline
 * @MER_REASON_UNREACHABLE: `api-failed`: nobody listens at the address
 * @MER_REASON_CONNECTION: `api-failed`: the connection broke
 * @MER_REASON_TLS: `api-failed`: no trust in the server's certificate, or no TLS
 * @MER_REASON_REDIRECT: `api-failed`: the server wants the call elsewhere
 * @MER_REASON_KEY: `api-failed`: the key is missing, wrong, or may not do this
 * @MER_REASON_QUOTA: `api-failed`: no money or no allowance is left
 * @MER_REASON_RATE_LIMIT: `api-failed`: the server was asked too much, up to the last
 *   attempt
 * @MER_REASON_NO_SUCH_MODEL: `api-failed`: the server has no model of that name
 * @MER_REASON_CONTEXT_OVERFLOW: `api-failed`: the request is longer than the model reads
 * @MER_REASON_TOO_LARGE: `api-failed`: the request or the reply has more bytes than is
 *   allowed
 * @MER_REASON_BAD_REQUEST: `api-failed`: the server does not accept the request
 * @MER_REASON_HTTP_STATUS: `api-failed`: the server failed
 * @MER_REASON_BAD_REPLY: `api-failed`: what came is not what the protocol says
 * @MER_REASON_PROMPT: `api-failed`: the prompt or the request cannot be made
 * @MER_REASON_UNSENDABLE: `api-failed`: the media cannot be sent, or not without showing
 *   what may not be shown
 * @MER_REASON_CHILD: `api-failed`: the child process died or broke its protocol
 * @MER_REASON_GIVEN_UP: `api-failed`: calls before this one failed too often
 * @MER_REASON_DECODE: `decode-failed`: the clip cannot be decoded
 * @MER_REASON_NO_MODALITY: `skipped`: the sample lacks what the stage is to be shown
 * @MER_REASON_NO_EARLIER_ANSWER: `skipped`: a stage that this one reads gave no answer
 * @MER_REASON_OVER_LIMIT: `skipped`: the sample has more than the model takes
 * @MER_REASON_NOT_NEEDED: `skipped`: what the stage would add is there already
 * @MER_REASON_NOT_RECORDED: `skipped`: the recording has nothing on this sample
 * @MER_REASON_OTHER: one that a newer version wrote
 *
 * Why a stage's outcome is what it is, for counting; the result's detail says it for
 * people. Each but the first and the last belongs to one outcome.
 *
 * Since: 0.1
 */
typedef enum
{
  MER_REASON_NONE,
  MER_REASON_REFUSAL,
  MER_REASON_INPUT_FILTER,
  MER_REASON_OUTPUT_FILTER,
  MER_REASON_RECITATION,
  MER_REASON_TOKEN_LIMIT,
  MER_REASON_CONTEXT_LIMIT,
  MER_REASON_EMPTY,
  MER_REASON_ONLY_REASONING,
  MER_REASON_WRONG_LANGUAGE,
  MER_REASON_NOT_JSON,
  MER_REASON_WRONG_SHAPE,
  MER_REASON_NO_EMOTION_WORD,
  MER_REASON_CUT_OFF,
  MER_REASON_TIMEOUT,
  MER_REASON_UNREACHABLE,
  MER_REASON_CONNECTION,
  MER_REASON_TLS,
  MER_REASON_REDIRECT,
  MER_REASON_KEY,
  MER_REASON_QUOTA,
  MER_REASON_RATE_LIMIT,
  MER_REASON_NO_SUCH_MODEL,
  MER_REASON_CONTEXT_OVERFLOW,
  MER_REASON_TOO_LARGE,
  MER_REASON_BAD_REQUEST,
  MER_REASON_HTTP_STATUS,
  MER_REASON_BAD_REPLY,
  MER_REASON_PROMPT,
  MER_REASON_UNSENDABLE,
  MER_REASON_CHILD,
  MER_REASON_GIVEN_UP,
  MER_REASON_DECODE,
  MER_REASON_NO_MODALITY,
  MER_REASON_NO_EARLIER_ANSWER,
  MER_REASON_OVER_LIMIT,
  MER_REASON_NOT_NEEDED,
  MER_REASON_NOT_RECORDED,
  MER_REASON_OTHER,
} MerReason;

#define MER_N_REASONS 39

#define MER_TYPE_REASON (mer_reason_get_type ())
GType mer_reason_get_type (void);

const char *mer_reason_to_string (MerReason reason);
MerReason mer_reason_from_string (const char *nick);
MerOutcome mer_reason_get_outcome (MerReason reason);
gboolean mer_reason_fits (MerReason reason, MerOutcome outcome);

G_END_DECLS
