/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pure: which failures are tried again, and when */
#include "net/mer-retry.h"

#include <gio/gio.h>
#include <math.h>
#include <string.h>

#include "mer-error.h"

GType
mer_retry_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    { MER_RETRY_DONE, "MER_RETRY_DONE", "done" },
    { MER_RETRY_AGAIN, "MER_RETRY_AGAIN", "again" },
    { MER_RETRY_TRANSIENT, "MER_RETRY_TRANSIENT", "transient" },
    { MER_RETRY_UNREACHABLE, "MER_RETRY_UNREACHABLE", "unreachable" },
    { MER_RETRY_RATE_LIMITED, "MER_RETRY_RATE_LIMITED", "rate-limited" },
    { MER_RETRY_LOADING, "MER_RETRY_LOADING", "loading" },
    { MER_RETRY_PERMANENT, "MER_RETRY_PERMANENT", "permanent" },
    { MER_RETRY_FILTERED, "MER_RETRY_FILTERED", "filtered" },
    { MER_RETRY_FATAL, "MER_RETRY_FATAL", "fatal" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MerRetry", values));
  return type;
}

typedef enum
{
  IN_MESSAGE,
  IN_CODE,
  IN_CODE_OR_TYPE,
} Where;

typedef struct
{
  Where where;
  const char *text;
  MerRetry retry;
} Sign;

/* what servers write, from the most telling to the least; the first that fits decides.
 * Messages are searched without case, and codes where that is said; else codes and types
 * are compared whole */
static const Sign signs[] = {
  /* money and rights: nobody gets through until a person does something */
  { IN_CODE_OR_TYPE, "insufficient_quota", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "credit_balance_exhausted", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "exceeded_current_quota_error", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "billing_hard_limit_reached", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "invalid_api_key", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "authentication_error", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "Arrearage", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "billing_error", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "permission_error", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "API_KEY_INVALID", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "1113", MER_RETRY_FATAL }, /* Zhipu: arrears */
  { IN_CODE_OR_TYPE, "model_not_found", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "ModelNotFound", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "DeploymentNotFound", MER_RETRY_FATAL },
  { IN_MESSAGE, "credit balance is too low", MER_RETRY_FATAL },
  { IN_MESSAGE, "User location is not supported", MER_RETRY_FATAL },
  { IN_MESSAGE, "API key not valid", MER_RETRY_FATAL },
  { IN_CODE, "PerDay", MER_RETRY_FATAL }, /* a part of Gemini's quotaId */
  { IN_MESSAGE, "PerDay", MER_RETRY_FATAL },
  { IN_MESSAGE, "limit: 0", MER_RETRY_FATAL },
  /* a server whose engine is dead answers, but never again with an answer */
  { IN_MESSAGE, "CUDA out of memory", MER_RETRY_FATAL },
  { IN_MESSAGE, "torch.outofmemoryerror", MER_RETRY_FATAL },
  { IN_MESSAGE, "illegal memory access", MER_RETRY_FATAL },
  { IN_MESSAGE, "EngineDeadError", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "EngineDeadError", MER_RETRY_FATAL },
  /* filters */
  { IN_CODE_OR_TYPE, "content_filter", MER_RETRY_FILTERED },
  { IN_CODE_OR_TYPE, "content_policy_violation", MER_RETRY_FILTERED },
  { IN_CODE_OR_TYPE, "image_content_policy_violation", MER_RETRY_FILTERED },
  { IN_CODE_OR_TYPE, "invalid_prompt", MER_RETRY_FILTERED },
  { IN_CODE_OR_TYPE, "cyber_policy", MER_RETRY_FILTERED },
  { IN_CODE_OR_TYPE, "data_inspection_failed", MER_RETRY_FILTERED },
  { IN_CODE_OR_TYPE, "DataInspectionFailed", MER_RETRY_FILTERED },
  { IN_CODE_OR_TYPE, "1301", MER_RETRY_FILTERED },         /* Zhipu */
  { IN_MESSAGE, "input was flagged", MER_RETRY_FILTERED }, /* OpenRouter, with 403 */
  /* too long; 400 mostly, but 500 here and there */
  { IN_CODE_OR_TYPE, "context_length_exceeded", MER_RETRY_PERMANENT },
  { IN_CODE_OR_TYPE, "exceed_context_size_error", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "maximum context length", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "exceeded model token limit", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "longer than the maximum model length", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "max_tokens must be at least 1", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "prompt is too long", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "exceed context limit", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "maximum number of tokens", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "size exceeds the limit", MER_RETRY_PERMANENT },
  { IN_CODE_OR_TYPE, "request_too_large", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "Request too large", MER_RETRY_PERMANENT },
  /* llama-server and vLLM say these with status 500 or 501, but they never change */
  { IN_MESSAGE, "input is not supported", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "Only base64 data URLs", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "uri must be base64", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "Invalid uri format", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "Invalid base64", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "json.exception", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "cannot make GET request", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "Cannot use both json_schema and grammar", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "Failed to load image or audio", MER_RETRY_PERMANENT },
  /* busy */
  { IN_MESSAGE, "Loading model", MER_RETRY_LOADING },
  { IN_MESSAGE, "is currently loading", MER_RETRY_LOADING },
  { IN_CODE_OR_TYPE, "rate_limit_exceeded", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "rate_limit_error", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "rate_limit_reached_error", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "RESOURCE_EXHAUSTED", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "engine_overloaded_error", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "overloaded_error", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "limit_requests", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "limit_burst_rate", MER_RETRY_RATE_LIMITED },
  { IN_CODE, "Throttling", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "1302", MER_RETRY_RATE_LIMITED }, /* Zhipu: calls at once */
  { IN_CODE_OR_TYPE, "1303", MER_RETRY_RATE_LIMITED }, /* Zhipu: calls a minute */
  { IN_CODE_OR_TYPE, "1305", MER_RETRY_RATE_LIMITED }, /* Zhipu: busy */
  { IN_MESSAGE, "maximum pending requests", MER_RETRY_RATE_LIMITED },
  { IN_MESSAGE, "currently overloaded", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "server_error", MER_RETRY_TRANSIENT },
  { IN_CODE_OR_TYPE, "insufficient_system_resource", MER_RETRY_TRANSIENT },
};

static gboolean
contains (const char *text, const char *part)
{
  gsize length = strlen (part);

  for (; text != NULL && *text != '\0'; text++)
    if (g_ascii_strncasecmp (text, part, length) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
fits (const Sign *sign, const MerReplyError *error)
{
  if (sign->where == IN_MESSAGE)
    return contains (error->message, sign->text);
  if (sign->where == IN_CODE)
    return contains (error->code, sign->text);
  return g_strcmp0 (error->code, sign->text) == 0
         || g_strcmp0 (error->type, sign->text) == 0;
}

/* OpenRouter and others put the status of the server behind them into the code */
static guint
status_in_code (const MerReplyError *error)
{
  guint64 code = 0;

  return error->code != NULL
                 && g_ascii_string_to_unsigned (error->code, 10, 400, 599, &code, NULL)
             ? (guint) code
             : 0;
}

static MerRetry
classify_status (guint status)
{
  switch (status)
    {
    case 401:
    case 402:
    case 403:
      return MER_RETRY_FATAL;
    case 429:
    case 503:
    case 529:
      return MER_RETRY_RATE_LIMITED;
    case 408:
    case 409:
    case 425:
    case 499:
      return MER_RETRY_TRANSIENT;
    case 501:
    case 505:
      return MER_RETRY_PERMANENT;
    default:
      return status >= 500 ? MER_RETRY_TRANSIENT : MER_RETRY_PERMANENT;
    }
}

/**
 * mer_retry_classify:
 * @status: the HTTP status
 * @error: (nullable): the error in the body
 *
 * Knows what OpenAI, vLLM, SGLang, LMDeploy, llama.cpp, Ollama, Gemini, Anthropic,
 * DashScope, DeepSeek, Moonshot and OpenRouter answer.
 *
 * Returns: what to do
 */
MerRetry
mer_retry_classify (guint status, const MerReplyError *error)
{
  if (error == NULL)
    return status >= 200 && status < 300 ? MER_RETRY_DONE : classify_status (status);

  for (gsize i = 0; i < G_N_ELEMENTS (signs); i++)
    if (fits (&signs[i], error))
      return signs[i].retry;
  if (status == 400 && contains (error->message, "blocked"))
    return MER_RETRY_FILTERED;
  if (status == 404 && contains (error->message, "model"))
    return MER_RETRY_FATAL;
  if (status >= 200 && status < 300)
    {
      guint inner = status_in_code (error);

      return inner != 0 ? classify_status (inner) : MER_RETRY_TRANSIENT;
    }
  return classify_status (status);
}

/**
 * mer_retry_heed:
 * @reply: a failed reply
 * @retry: what its error suggests
 *
 * OpenAI, Anthropic and others may say themselves whether it is worth asking again.
 *
 * Returns: what to do
 */
MerRetry
mer_retry_heed (MerReply *reply, MerRetry retry)
{
  const char *text = mer_reply_get_header (reply, "x-should-retry");

  if (g_strcmp0 (text, "false") == 0
      && (retry == MER_RETRY_TRANSIENT || retry == MER_RETRY_RATE_LIMITED))
    return MER_RETRY_PERMANENT;
  if (g_strcmp0 (text, "true") == 0 && retry == MER_RETRY_PERMANENT)
    return MER_RETRY_TRANSIENT;
  return retry;
}

/**
 * mer_retry_classify_error:
 * @error: why no answer came
 *
 * Returns: what to do
 */
MerRetry
mer_retry_classify_error (const GError *error)
{
  if (g_error_matches (error, MER_ERROR, MER_ERROR_TOO_LARGE)
      || g_error_matches (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return MER_RETRY_PERMANENT;
  /* no wait makes a certificate good or TLS appear */
  if (error->domain == G_TLS_ERROR && error->code != G_TLS_ERROR_EOF)
    return MER_RETRY_FATAL;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE)
      || error->domain == G_RESOLVER_ERROR)
    return MER_RETRY_UNREACHABLE;
  return MER_RETRY_TRANSIENT;
}

/**
 * mer_retry_get_max_attempts:
 * @retry: what happened
 *
 * Returns: how many attempts a call has in all where the last ended so
 */
guint
mer_retry_get_max_attempts (MerRetry retry)
{
  switch (retry)
    {
    case MER_RETRY_TRANSIENT:
      return 3;
    case MER_RETRY_RATE_LIMITED:
      return 6;
    default:
      return 1;
    }
}

static double time_scale = 1;

void
mer_retry_set_time_scale (double scale)
{
  time_scale = scale;
}

double
mer_retry_get_time_scale (void)
{
  return time_scale;
}

/**
 * mer_retry_get_delay:
 * @retry: what happened
 * @attempt: how many attempts were made, from 1
 * @hint: seconds the server asks for; -1 where it does not
 * @random: in 0…1
 *
 * Full jitter: uniform in 0 … min (60, 2^(attempt - 1)) seconds, over the server's hint
 * where there is one (Brooker, “Exponential Backoff And Jitter”, 2015).
 *
 * Returns: seconds to wait
 */
double
mer_retry_get_delay (MerRetry retry, guint attempt, double hint, double random)
{
  if (retry == MER_RETRY_LOADING)
    return hint >= 0 ? hint : time_scale * (0.5 + random / 2);
  if (hint >= 0)
    return hint + random * MIN (1.0, 0.1 + hint / 10);
  return time_scale * random * MIN (60.0, ldexp (1.0, (int) MIN (attempt, 16u) - 1));
}
