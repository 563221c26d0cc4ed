/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pure: what a failure is counted as */
#include "net/mer-retry.h"

#include <gio/gio.h>
#include <string.h>

#include "mer-error.h"

typedef struct
{
  const char *text; /* in lower case */
  MerReason reason;
} Sign;

/* what stands whole in a code or type */
static const Sign codes[] = {
  { "insufficient_quota", MER_REASON_QUOTA },
  { "credit_balance_exhausted", MER_REASON_QUOTA },
  { "exceeded_current_quota_error", MER_REASON_QUOTA },
  { "billing_hard_limit_reached", MER_REASON_QUOTA },
  { "billing_error", MER_REASON_QUOTA },
  { "arrearage", MER_REASON_QUOTA },
  { "invalid_api_key", MER_REASON_KEY },
  { "authentication_error", MER_REASON_KEY },
  { "permission_error", MER_REASON_KEY },
  { "permission_denied", MER_REASON_KEY },
  { "model_not_found", MER_REASON_NO_SUCH_MODEL },
  { "context_length_exceeded", MER_REASON_CONTEXT_OVERFLOW },
  { "exceed_context_size_error", MER_REASON_CONTEXT_OVERFLOW },
  { "request_too_large", MER_REASON_TOO_LARGE },
};

/* what stands anywhere in a message, from the most telling to the least */
static const Sign messages[] = {
  { "api key not valid", MER_REASON_KEY },
  { "credit balance is too low", MER_REASON_QUOTA },
  { "perday", MER_REASON_QUOTA },
  { "limit: 0", MER_REASON_QUOTA },
  { "maximum context length", MER_REASON_CONTEXT_OVERFLOW },
  { "maximum length of", MER_REASON_CONTEXT_OVERFLOW },
  { "exceeded model token limit", MER_REASON_CONTEXT_OVERFLOW },
  { "exceed context limit", MER_REASON_CONTEXT_OVERFLOW },
  { "maximum number of tokens", MER_REASON_CONTEXT_OVERFLOW },
  { "prompt is too long", MER_REASON_CONTEXT_OVERFLOW },
  { "available context size", MER_REASON_CONTEXT_OVERFLOW },
  { "request too large", MER_REASON_TOO_LARGE },
  { "size exceeds the limit", MER_REASON_TOO_LARGE },
};

static MerReason
find_code (const char *code)
{
  for (gsize i = 0; code != NULL && i < G_N_ELEMENTS (codes); i++)
    if (g_ascii_strcasecmp (code, codes[i].text) == 0)
      return codes[i].reason;
  return MER_REASON_NONE;
}

static MerReason
find_message (const char *message)
{
  g_autofree char *lower = message != NULL ? g_ascii_strdown (message, -1) : NULL;

  for (gsize i = 0; lower != NULL && i < G_N_ELEMENTS (messages); i++)
    if (strstr (lower, messages[i].text) != NULL)
      return messages[i].reason;
  return MER_REASON_NONE;
}

static MerReason
find_status (guint status, MerRetry retry)
{
  if (status >= 300 && status < 400)
    return MER_REASON_REDIRECT;
  switch (status)
    {
    case 401:
    case 403:
      return MER_REASON_KEY;
    case 402:
      return MER_REASON_QUOTA;
    case 408:
    case 504:
      return MER_REASON_TIMEOUT;
    case 413:
      return MER_REASON_TOO_LARGE;
    default:
      if (retry == MER_RETRY_RATE_LIMITED)
        return MER_REASON_RATE_LIMIT;
      if (status == 404 && retry == MER_RETRY_FATAL)
        return MER_REASON_NO_SUCH_MODEL;
      /* llama-server says with 500 what the request does wrong */
      return retry == MER_RETRY_PERMANENT || (status >= 400 && status < 500)
                 ? MER_REASON_BAD_REQUEST
                 : MER_REASON_HTTP_STATUS;
    }
}

/**
 * mer_retry_get_reason:
 * @status: the HTTP status
 * @error: (nullable): the error in the body
 * @retry: what [func@Mer.retry_classify] made of both
 *
 * Returns: what the failure is counted as
 */
MerReason
mer_retry_get_reason (guint status, const MerReplyError *error, MerRetry retry)
{
  MerReason reason = MER_REASON_NONE;

  if (retry == MER_RETRY_FILTERED)
    return MER_REASON_INPUT_FILTER;
  if (error != NULL)
    {
      reason = find_code (error->code);
      if (reason == MER_REASON_NONE)
        reason = find_code (error->type);
      if (reason == MER_REASON_NONE)
        reason = find_message (error->message);
    }
  return reason != MER_REASON_NONE ? reason : find_status (status, retry);
}

/**
 * mer_retry_get_error_reason:
 * @error: why no answer came
 *
 * Returns: what that is counted as
 */
MerReason
mer_retry_get_error_reason (const GError *error)
{
  static const struct
  {
    int code;
    MerReason reason;
  } own[] = {
    { MER_ERROR_TIMED_OUT, MER_REASON_TIMEOUT },
    { MER_ERROR_TOO_LARGE, MER_REASON_TOO_LARGE },
    { MER_ERROR_INVALID_ARGUMENT, MER_REASON_PROMPT },
    { MER_ERROR_UNSUPPORTED, MER_REASON_UNSENDABLE },
    { MER_ERROR_STOPPED, MER_REASON_GIVEN_UP },
    { MER_ERROR_API, MER_REASON_BAD_REPLY },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (own); i++)
    if (g_error_matches (error, MER_ERROR, own[i].code))
      return own[i].reason;
  if (error->domain == MER_ERROR)
    return MER_REASON_NONE;
  if (error->domain == G_TLS_ERROR)
    return MER_REASON_TLS;
  if (error->domain == G_SPAWN_ERROR)
    return MER_REASON_CHILD;
  if (error->domain == G_RESOLVER_ERROR
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE))
    return MER_REASON_UNREACHABLE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return MER_REASON_TIMEOUT;
  return MER_REASON_CONNECTION;
}
