/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pure: which failures are tried again, and when */
#include "net/mer-retry.h"

#include <gio/gio.h>
#include <math.h>
#include <stdio.h>
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
  IN_CODE_OR_TYPE,
} Where;

typedef struct
{
  Where where;
  const char *text;
  MerRetry retry;
} Sign;

/* what servers write, from the most telling to the least; the first that fits decides.
 * Messages are searched without case, codes and types are compared whole */
static const Sign signs[] = {
  /* money and rights: nobody gets through until a person does something */
  { IN_CODE_OR_TYPE, "insufficient_quota", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "credit_balance_exhausted", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "exceeded_current_quota_error", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "billing_hard_limit_reached", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "invalid_api_key", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "authentication_error", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "Arrearage", MER_RETRY_FATAL },
  { IN_CODE_OR_TYPE, "model_not_found", MER_RETRY_FATAL },
  { IN_MESSAGE, "API key not valid", MER_RETRY_FATAL },
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
  /* too long; 400 mostly, but 500 here and there */
  { IN_CODE_OR_TYPE, "context_length_exceeded", MER_RETRY_PERMANENT },
  { IN_CODE_OR_TYPE, "exceed_context_size_error", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "maximum context length", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "exceeded model token limit", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "prompt is too long", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "Request too large", MER_RETRY_PERMANENT },
  /* llama-server and vLLM say these with status 500 or 501, but they never change */
  { IN_MESSAGE, "input is not supported", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "Only base64 data URLs", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "uri must be base64", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "Invalid uri format", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "Invalid base64", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "json.exception", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "cannot make GET request", MER_RETRY_PERMANENT },
  { IN_MESSAGE, "Failed to load image or audio", MER_RETRY_PERMANENT },
  /* busy */
  { IN_MESSAGE, "Loading model", MER_RETRY_LOADING },
  { IN_CODE_OR_TYPE, "rate_limit_exceeded", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "rate_limit_error", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "rate_limit_reached_error", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "RESOURCE_EXHAUSTED", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "engine_overloaded_error", MER_RETRY_RATE_LIMITED },
  { IN_CODE_OR_TYPE, "overloaded_error", MER_RETRY_RATE_LIMITED },
  { IN_MESSAGE, "maximum pending requests", MER_RETRY_RATE_LIMITED },
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
    case MER_RETRY_UNREACHABLE:
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

/**
 * mer_retry_parse_duration:
 * @text: plain seconds, or a chain such as `1m30.5s` or `12ms`
 * @seconds: (out): the duration
 *
 * Returns: whether @text is a duration that is not negative
 */
gboolean
mer_retry_parse_duration (const char *text, double *seconds)
{
  static const struct
  {
    const char *unit;
    double factor;
  } units[] = { { "ms", 1e-3 }, { "us", 1e-6 }, { "ns", 1e-9 }, { "s", 1 },
                { "m", 60 },    { "h", 3600 },  { "d", 86400 } };
  double sum = 0;
  gboolean any = FALSE;

  while (g_ascii_isspace (*text))
    text++;
  while (*text != '\0')
    {
      char *end = NULL;
      gsize unit = 0;

      if (!g_ascii_isdigit (*text) && *text != '.')
        return FALSE;
      double number = g_ascii_strtod (text, &end);
      if (end == NULL || end == text || isinf (number))
        return FALSE;
      if (!any && end[strspn (end, " \t\r\n")] == '\0')
        {
          *seconds = number;
          return TRUE;
        }
      while (unit < G_N_ELEMENTS (units) && !g_str_has_prefix (end, units[unit].unit))
        unit++;
      if (unit == G_N_ELEMENTS (units))
        return FALSE;
      sum += number * units[unit].factor;
      any = TRUE;
      text = end + strlen (units[unit].unit);
    }
  *seconds = sum;
  return any;
}

static const char *const month_names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* the form that RFC 9110 tells senders to use: Wed, 21 Oct 2026 07:28:00 GMT */
static GDateTime *
parse_http_date (const char *text)
{
  int day = 0, year = 0, hour = 0, minute = 0, second = 0;
  char month[4] = "";

  if (text == NULL
      || sscanf (text, "%*3s, %2d %3s %4d %2d:%2d:%2d", &day, month, &year, &hour, &minute,
                 &second)
             != 6)
    return NULL;
  for (int i = 0; i < 12; i++)
    if (g_ascii_strcasecmp (month, month_names[i]) == 0)
      return g_date_time_new_utc (year, i + 1, day, hour, minute, second);
  return NULL;
}

/* against the server's own clock, which need not be ours */
static double
seconds_until (MerReply *reply, const char *text, GDateTime *now)
{
  g_autoptr (GDateTime) then = parse_http_date (text);
  g_autoptr (GDateTime) iso
      = then == NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;
  g_autoptr (GDateTime) date = parse_http_date (mer_reply_get_header (reply, "date"));

  if (then == NULL && iso == NULL)
    return -1;
  return MAX (0, (double) g_date_time_difference (then != NULL ? then : iso,
                                                  date != NULL ? date : now)
                     / G_TIME_SPAN_SECOND);
}

static double
hint_from_resets (MerReply *reply, GDateTime *now)
{
  static const char *const names[]
      = { "x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-ratelimit-reset" };
  double longest = -1;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *text = mer_reply_get_header (reply, names[i]);
      double seconds = -1;

      if (text == NULL)
        continue;
      if (!mer_retry_parse_duration (text, &seconds))
        seconds = seconds_until (reply, text, now);
      /* some vendors give the time of day as seconds or milliseconds since 1970 */
      if (seconds > 1e12)
        seconds /= 1000;
      if (seconds > 1e9)
        seconds = MAX (0, seconds - (double) g_date_time_to_unix (now));
      longest = MAX (longest, seconds);
    }
  return longest;
}

static double
hint_from_text (const MerReplyError *error)
{
  const char *at = error != NULL && error->message != NULL
                       ? strstr (error->message, "try again in ")
                       : NULL;
  double seconds = -1;

  if (at == NULL)
    return -1;
  at += strlen ("try again in ");

  g_autofree char *word = g_strndup (at, strcspn (at, " ,;!?"));
  gsize length = strlen (word);
  if (length > 0 && word[length - 1] == '.')
    word[length - 1] = '\0';
  return mer_retry_parse_duration (word, &seconds) ? seconds : -1;
}

/**
 * mer_retry_get_hint:
 * @reply: a failed reply
 * @error: (nullable): the error in it
 * @now: the time, for dates in headers
 *
 * In this order: `retry-after-ms`, `retry-after` as seconds, as a date, the body's
 * `retryDelay`, the longest of the `x-ratelimit-reset` headers, "try again in" in the
 * message.
 *
 * Returns: seconds the server asks to wait, -1 where it says nothing that makes sense
 */
double
mer_retry_get_hint (MerReply *reply, const MerReplyError *error, GDateTime *now)
{
  const char *milliseconds = mer_reply_get_header (reply, "retry-after-ms");
  const char *after = mer_reply_get_header (reply, "retry-after");
  double seconds = -1;

  if (milliseconds != NULL && mer_retry_parse_duration (milliseconds, &seconds))
    return seconds / 1000;
  if (after != NULL && mer_retry_parse_duration (after, &seconds))
    return seconds;
  if (after != NULL && (seconds = seconds_until (reply, after, now)) >= 0)
    return seconds;
  if (error != NULL && error->retry_delay >= 0)
    return error->retry_delay;
  if ((seconds = hint_from_resets (reply, now)) >= 0)
    return seconds;
  return hint_from_text (error);
}
