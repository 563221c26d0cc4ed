/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-answer.h"

#include <string.h>

#include "emotion/mer-label-finder.h"
#include "net/mer-payload.h"
#include "net/mer-reply.h"
#include "tables/mer-json.h"

/**
 * mer_answer_set_text:
 * @result: an unsealed result
 * @content: (nullable): the model's text
 * @reasoning: (nullable): what the server itself kept apart from it
 *
 * Sets text and reasoning. Thinking between tags in @content is taken out of the text; it
 * is the reasoning where the server gave none.
 */
void
mer_answer_set_text (MerResult *result, const char *content, const char *reasoning)
{
  g_autofree char *thought = NULL;
  g_autofree char *answer = NULL;

  mer_reply_split_reasoning (content != NULL ? content : "", &answer, &thought);
  if (reasoning != NULL && *reasoning == '\0')
    reasoning = NULL;
  mer_result_set_text (result, answer);
  mer_result_set_reasoning (result, reasoning != NULL ? reasoning : thought);
  if (*answer == '\0')
    mer_result_set_detail (result, reasoning != NULL || thought != NULL
                                       ? "all of the answer is reasoning"
                                       : "the answer is empty");
}

/**
 * mer_answer_set_truncated:
 * @result: an unsealed result
 * @reason: %MER_REASON_TOKEN_LIMIT or %MER_REASON_CONTEXT_LIMIT
 *
 * Says what cut the answer.
 */
void
mer_answer_set_truncated (MerResult *result, MerReason reason)
{
  mer_result_set_outcome (result, MER_OUTCOME_TRUNCATED);
  mer_result_set_reason (result, reason);
  mer_result_set_detail (
      result, reason == MER_REASON_CONTEXT_LIMIT
                  ? "the model's context was full and cut the answer; show it less"
                  : "the token limit cut the answer; raise max-tokens");
}

/**
 * mer_answer_set_filtered:
 * @result: an unsealed result
 * @reason: %MER_REASON_INPUT_FILTER, %MER_REASON_OUTPUT_FILTER or %MER_REASON_RECITATION
 * @why: (nullable): what the server says about it
 *
 * Says that a filter of the server stopped the question or the answer.
 */
void
mer_answer_set_filtered (MerResult *result, MerReason reason, const char *why)
{
  g_autofree char *detail
      = g_strdup_printf ("the server's content filter stopped the %s%s%.200s",
                         reason == MER_REASON_INPUT_FILTER ? "request" : "answer",
                         why != NULL ? ": " : "", why != NULL ? why : "");
  g_autofree char *clean = mer_payload_clean_text (detail);

  mer_result_set_outcome (result, MER_OUTCOME_FILTERED);
  mer_result_set_reason (result, reason);
  mer_result_set_detail (result, clean);
}

/**
 * mer_answer_add_data:
 * @data: what is kept beside the answer
 * @name: how it is called there
 * @from: (nullable): a part of the reply
 * @member: the member of @from
 *
 * Keeps a short text of the reply, if it is there.
 */
void
mer_answer_add_data (JsonObject *data, const char *name, JsonNode *from, const char *member)
{
  const char *text = mer_json_node_string (from, member);

  if (text != NULL && *text != '\0' && strlen (text) < 256)
    json_object_set_string_member (data, name, text);
}

/* what a parser that knows no more leaves open */
static MerReason
usual_reason (MerOutcome outcome)
{
  switch (outcome)
    {
    case MER_OUTCOME_REFUSED:
      return MER_REASON_REFUSAL;
    case MER_OUTCOME_FILTERED:
      return MER_REASON_OUTPUT_FILTER;
    case MER_OUTCOME_TRUNCATED:
      return MER_REASON_TOKEN_LIMIT;
    default:
      return MER_REASON_NONE;
    }
}

/**
 * mer_answer_settle:
 * @result: an unsealed result of a model, without labels
 *
 * Says of what came with a good end whether it is an answer: one without text is
 * `unparseable`, one that declines is `refused`. Text and reasoning stay. The journal keeps
 * what the server said, this is what we make of it: an answer that was journalled is
 * settled again each time.
 *
 * Returns: whether @result changed
 */
gboolean
mer_answer_settle (MerResult *result)
{
  MerOutcome outcome = mer_result_get_outcome (result);
  const char *text = mer_result_get_text (result);
  const char *reasoning = mer_result_get_reasoning (result);

  if (outcome != MER_OUTCOME_ANSWERED)
    {
      if (mer_result_get_reason (result) != MER_REASON_NONE
          || usual_reason (outcome) == MER_REASON_NONE)
        return FALSE;
      mer_result_set_reason (result, usual_reason (outcome));
      return TRUE;
    }
  if (text != NULL && text[strspn (text, " \t\r\n")] != '\0')
    {
      if (!mer_label_finder_declines (text))
        return FALSE;
      mer_result_set_failure (result, MER_OUTCOME_REFUSED, MER_REASON_REFUSAL,
                              "the model declined in its own words");
      return TRUE;
    }
  if (reasoning != NULL && *reasoning != '\0')
    mer_result_set_failure (result, MER_OUTCOME_UNPARSEABLE, MER_REASON_ONLY_REASONING,
                            "all of the answer is reasoning");
  else
    mer_result_set_failure (result, MER_OUTCOME_UNPARSEABLE, MER_REASON_EMPTY,
                            "the answer is empty");
  return TRUE;
}
