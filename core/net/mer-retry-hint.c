/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pure: how long a server asks to wait */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "net/mer-retry.h"

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

/**
 * mer_retry_parse_reset:
 * @reply: a reply
 * @name: a header that says when a limit is lifted
 * @now: the time
 *
 * A duration, a date in the form of RFC 9110 or RFC 3339, seconds or milliseconds since
 * 1970.
 *
 * Returns: seconds until then, -1 where the header says nothing that makes sense
 */
double
mer_retry_parse_reset (MerReply *reply, const char *name, GDateTime *now)
{
  const char *text = mer_reply_get_header (reply, name);
  double seconds = -1;

  if (text == NULL)
    return -1;
  if (!mer_retry_parse_duration (text, &seconds))
    return seconds_until (reply, text, now);
  if (seconds > 1e12)
    seconds /= 1000;
  if (seconds > 1e9)
    seconds = MAX (0, seconds - (double) g_date_time_to_unix (now));
  return seconds;
}

static double
hint_from_resets (MerReply *reply, GDateTime *now)
{
  static const char *const names[] = { "x-ratelimit-reset-requests",
                                       "x-ratelimit-reset-tokens",
                                       "x-ratelimit-reset",
                                       "anthropic-ratelimit-requests-reset",
                                       "anthropic-ratelimit-tokens-reset",
                                       "anthropic-ratelimit-input-tokens-reset",
                                       "anthropic-ratelimit-output-tokens-reset" };
  double longest = -1;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    longest = MAX (longest, mer_retry_parse_reset (reply, names[i], now));
  return longest;
}

/* “try again in 1.2s.”, “retry after 12 seconds” */
static double
parse_words (const char *at)
{
  g_autofree char *word = g_strndup (at, strcspn (at, " ,;!?"));
  const char *next = at + strlen (word);
  gsize length = strlen (word);
  double seconds = -1;

  if (length > 0 && word[length - 1] == '.')
    word[length - 1] = '\0';
  if (!mer_retry_parse_duration (word, &seconds))
    return -1;
  if (g_str_has_prefix (next, " milli"))
    return seconds / 1000;
  return g_str_has_prefix (next, " minute") ? seconds * 60 : seconds;
}

static double
hint_from_text (const MerReplyError *error)
{
  static const char *const phrases[] = { "try again in ", "retry after ", "retry in " };
  const char *message = error != NULL ? error->message : NULL;

  for (gsize i = 0; message != NULL && i < G_N_ELEMENTS (phrases); i++)
    {
      const char *at = strstr (message, phrases[i]);
      double seconds = at != NULL ? parse_words (at + strlen (phrases[i])) : -1;

      if (seconds >= 0)
        return seconds;
    }
  return -1;
}

/**
 * mer_retry_get_hint:
 * @reply: a failed reply
 * @error: (nullable): the error in it
 * @now: the time, for dates in headers
 *
 * In this order: `retry-after-ms`, `retry-after` as seconds, as a date, the body's
 * `retryDelay`, the longest of the `x-ratelimit-reset` and `anthropic-ratelimit-…-reset`
 * headers, "try again in" and the like in the message.
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
