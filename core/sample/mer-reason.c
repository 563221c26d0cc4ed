/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sample/mer-reason.h"

#define REASON(name, nick) G_DEFINE_ENUM_VALUE (MER_REASON_##name, nick)

G_DEFINE_ENUM_TYPE (
    MerReason, mer_reason, REASON (NONE, "none"), REASON (REFUSAL, "refusal"),
    REASON (INPUT_FILTER, "input-filter"), REASON (OUTPUT_FILTER, "output-filter"),
    REASON (RECITATION, "recitation"), REASON (TOKEN_LIMIT, "token-limit"),
    REASON (CONTEXT_LIMIT, "context-limit"), REASON (EMPTY, "empty"),
    REASON (ONLY_REASONING, "only-reasoning"), REASON (WRONG_LANGUAGE, "wrong-language"),
    REASON (NOT_JSON, "not-json"), REASON (WRONG_SHAPE, "wrong-shape"),
    REASON (NO_EMOTION_WORD, "no-emotion-word"), REASON (CUT_OFF, "cut-off"),
    REASON (TIMEOUT, "timeout"), REASON (UNREACHABLE, "unreachable"),
    REASON (CONNECTION, "connection"), REASON (TLS, "tls"), REASON (REDIRECT, "redirect"),
    REASON (KEY, "key"), REASON (QUOTA, "quota"), REASON (RATE_LIMIT, "rate-limit"),
    REASON (NO_SUCH_MODEL, "no-such-model"), REASON (CONTEXT_OVERFLOW, "context-overflow"),
    REASON (TOO_LARGE, "too-large"), REASON (BAD_REQUEST, "bad-request"),
    REASON (HTTP_STATUS, "http-status"), REASON (BAD_REPLY, "bad-reply"),
    REASON (PROMPT, "prompt"), REASON (UNSENDABLE, "unsendable"), REASON (CHILD, "child"),
    REASON (GIVEN_UP, "given-up"), REASON (DECODE, "decode"),
    REASON (NO_MODALITY, "no-modality"), REASON (NO_EARLIER_ANSWER, "no-earlier-answer"),
    REASON (OVER_LIMIT, "over-limit"), REASON (NOT_NEEDED, "not-needed"),
    REASON (NOT_RECORDED, "not-recorded"), REASON (OTHER, "other"))

/**
 * mer_reason_to_string:
 * @reason: a reason
 *
 * Returns: its name in files and tables, such as `token-limit`
 */
const char *
mer_reason_to_string (MerReason reason)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (MER_TYPE_REASON);
  GEnumValue *value = g_enum_get_value (klass, reason);

  g_return_val_if_fail (value != NULL, NULL);
  return value->value_nick;
}

/**
 * mer_reason_from_string:
 * @nick: (nullable): a name such as `token-limit`
 *
 * Returns: what it names; %MER_REASON_NONE for %NULL, %MER_REASON_OTHER for a name that is
 *   not known
 */
MerReason
mer_reason_from_string (const char *nick)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (MER_TYPE_REASON);
  GEnumValue *value = nick != NULL ? g_enum_get_value_by_nick (klass, nick) : NULL;

  if (nick == NULL)
    return MER_REASON_NONE;
  return value != NULL ? (MerReason) value->value : MER_REASON_OTHER;
}

/**
 * mer_reason_get_outcome:
 * @reason: a reason
 *
 * Returns: the outcome that it belongs to; `answered` for those that belong to none
 */
MerOutcome
mer_reason_get_outcome (MerReason reason)
{
  /* the last reason of each outcome, in the order of the enumeration */
  static const struct
  {
    MerReason last;
    MerOutcome outcome;
  } groups[] = {
    { MER_REASON_NONE, MER_OUTCOME_ANSWERED },
    { MER_REASON_REFUSAL, MER_OUTCOME_REFUSED },
    { MER_REASON_RECITATION, MER_OUTCOME_FILTERED },
    { MER_REASON_CONTEXT_LIMIT, MER_OUTCOME_TRUNCATED },
    { MER_REASON_CUT_OFF, MER_OUTCOME_UNPARSEABLE },
    { MER_REASON_GIVEN_UP, MER_OUTCOME_API_FAILED },
    { MER_REASON_DECODE, MER_OUTCOME_DECODE_FAILED },
    { MER_REASON_NOT_RECORDED, MER_OUTCOME_SKIPPED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    if (reason <= groups[i].last)
      return groups[i].outcome;
  return MER_OUTCOME_ANSWERED;
}

/**
 * mer_reason_fits:
 * @reason: a reason
 * @outcome: an outcome
 *
 * Returns: whether @reason is one for @outcome
 */
gboolean
mer_reason_fits (MerReason reason, MerOutcome outcome)
{
  return reason == MER_REASON_NONE || reason == MER_REASON_OTHER
         || mer_reason_get_outcome (reason) == outcome;
}
