/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-glib 1.6 recurses without bound, takes comments, single quotes and a second
 * document, cuts strings at \u0000, reads integers beyond 64 bits as -1, fails on half a
 * surrogate pair (which a token limit leaves behind) and has no positions. This scan comes
 * first: it takes RFC 8259 and nothing else, mends what only a server's encoder broke, and
 * finds the place of a JSON pointer when an error needs it. */
#include "tables/mer-json-scan.h"

#include <math.h>
#include <string.h>

typedef struct
{
  const char *name;
  const char *start;
  const char *end;
  const char *at;
  const char *copied; /* up to here the text is in @mended */
  GString *mended;
  guint depth;
} Scan;

static gboolean scan_value (Scan *scan, GError **error);

static gboolean
scan_fail (Scan *scan, GError **error, int code, const char *what)
{
  guint line = 1;

  for (const char *p = scan->start; p < scan->at && p < scan->end; p++)
    if (*p == '\n')
      line++;
  g_set_error (error, MER_ERROR, code, "%s:%u: %s", scan->name, line, what);
  return FALSE;
}

static gboolean
scan_refuse (Scan *scan, GError **error, const char *what)
{
  return scan_fail (scan, error, MER_ERROR_INVALID_FILE, what);
}

static void
scan_replace (Scan *scan, const char *from, const char *to, const char *with)
{
  g_string_append_len (scan->mended, scan->copied, from - scan->copied);
  g_string_append (scan->mended, with);
  scan->copied = to;
}

static void
scan_space (Scan *scan)
{
  while (scan->at < scan->end && strchr (" \t\r\n", *scan->at) != NULL)
    scan->at++;
}

static gboolean
scan_peek (Scan *scan, char c)
{
  return scan->at < scan->end && *scan->at == c;
}

/* the value of four hex digits, -1 if they are not there */
static int
hex4 (const char *p, const char *end)
{
  int value = 0;

  if (end - p < 4)
    return -1;
  for (int i = 0; i < 4; i++)
    {
      if (!g_ascii_isxdigit (p[i]))
        return -1;
      value = value * 16 + g_ascii_xdigit_value (p[i]);
    }
  return value;
}

/* at \u; half a surrogate pair and NUL become U+FFFD */
static gboolean
scan_unicode (Scan *scan, GError **error)
{
  const char *from = scan->at;
  int unit = hex4 (from + 2, scan->end);

  if (unit < 0)
    return scan_refuse (scan, error, "\\u wants four hex digits");
  scan->at += 6;
  if (unit >= 0xD800 && unit <= 0xDBFF && scan->end - scan->at >= 6 && scan->at[0] == '\\'
      && scan->at[1] == 'u')
    {
      int low = hex4 (scan->at + 2, scan->end);

      if (low >= 0xDC00 && low <= 0xDFFF)
        {
          scan->at += 6;
          return TRUE;
        }
    }
  if (unit == 0 || (unit >= 0xD800 && unit <= 0xDFFF))
    scan_replace (scan, from, scan->at, "\\ufffd");
  return TRUE;
}

static gboolean
scan_escape (Scan *scan, GError **error)
{
  if (scan->end - scan->at < 2)
    return scan_refuse (scan, error, "the text ends inside a string");
  if (scan->at[1] == 'u')
    return scan_unicode (scan, error);
  if (strchr ("\"\\/bfnrt", scan->at[1]) == NULL)
    return scan_refuse (scan, error, "unknown escape; a backslash is written \\\\");
  scan->at += 2;
  return TRUE;
}

static gboolean
scan_string (Scan *scan, GError **error)
{
  const char *begin = scan->at++;

  while (scan->at < scan->end && *scan->at != '"')
    {
      if ((guchar) *scan->at < 0x20)
        return scan_refuse (scan, error,
                            "a line break or control character inside a string; close the "
                            "string or write it as \\n");
      if (*scan->at != '\\')
        scan->at++;
      else if (!scan_escape (scan, error))
        return FALSE;
    }
  if (scan->at >= scan->end)
    {
      scan->at = begin;
      return scan_refuse (scan, error, "this string is never closed");
    }
  scan->at++;
  return TRUE;
}

static gboolean
scan_digits (Scan *scan)
{
  const char *begin = scan->at;

  while (scan->at < scan->end && g_ascii_isdigit (*scan->at))
    scan->at++;
  return scan->at > begin;
}

static gboolean
scan_number_range (Scan *scan, const char *begin, gboolean is_integer, GError **error)
{
  g_autofree char *text = g_strndup (begin, (gsize) (scan->at - begin));

  if (!isfinite (g_ascii_strtod (text, NULL)))
    return scan_refuse (scan, error, "this number is too large");
  /* json-glib would make -1 of it */
  if (is_integer
      && !g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, NULL, NULL))
    {
      g_autofree char *real = g_strconcat (text, ".0", NULL);

      scan_replace (scan, begin, scan->at, real);
    }
  return TRUE;
}

static gboolean
scan_number (Scan *scan, GError **error)
{
  const char *begin = scan->at;
  gboolean is_integer = TRUE;

  if (*scan->at == '-')
    scan->at++;
  const char *first = scan->at;

  if (!scan_digits (scan))
    return scan_refuse (scan, error, "a minus sign wants digits after it");
  if (*first == '0' && scan->at - first > 1)
    return scan_refuse (scan, error, "a number must not begin with 0");
  if (scan_peek (scan, '.'))
    {
      scan->at++;
      is_integer = FALSE;
      if (!scan_digits (scan))
        return scan_refuse (scan, error, "a decimal point wants digits after it");
    }
  if (scan_peek (scan, 'e') || scan_peek (scan, 'E'))
    {
      scan->at++;
      is_integer = FALSE;
      if (scan_peek (scan, '+') || scan_peek (scan, '-'))
        scan->at++;
      if (!scan_digits (scan))
        return scan_refuse (scan, error, "an exponent wants digits after it");
    }
  return scan_number_range (scan, begin, is_integer, error);
}

static gboolean
scan_word (Scan *scan, GError **error)
{
  static const char *const words[] = { "true", "false", "null" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize length = strlen (words[i]);

      if ((gsize) (scan->end - scan->at) >= length
          && strncmp (scan->at, words[i], length) == 0)
        {
          scan->at += length;
          return TRUE;
        }
    }
  if (scan_peek (scan, '/'))
    return scan_refuse (scan, error, "JSON has no comments; take it out");
  if (scan_peek (scan, '\''))
    return scan_refuse (scan, error, "strings stand in double quotes");
  return scan_refuse (scan, error, "a value was expected here");
}

static gboolean
scan_member_name (Scan *scan, GError **error)
{
  scan_space (scan);
  if (scan_peek (scan, '}') || scan_peek (scan, ']'))
    return scan_refuse (scan, error, "a comma stands before the closing bracket");
  if (scan_peek (scan, '/'))
    return scan_refuse (scan, error, "JSON has no comments; take it out");
  if (!scan_peek (scan, '"'))
    return scan_refuse (scan, error, "a member's name in double quotes was expected here");
  if (!scan_string (scan, error))
    return FALSE;
  scan_space (scan);
  if (!scan_peek (scan, ':'))
    return scan_refuse (scan, error, "a colon was expected after the member's name");
  scan->at++;
  return TRUE;
}

/* an object or an array */
static gboolean
scan_container (Scan *scan, GError **error)
{
  const gboolean is_object = *scan->at == '{';
  const char close = is_object ? '}' : ']';

  if (++scan->depth > MER_JSON_MAX_DEPTH)
    return scan_fail (scan, error, MER_ERROR_TOO_LARGE, "nested more than 64 deep");
  scan->at++;
  scan_space (scan);
  if (!scan_peek (scan, close))
    for (;;)
      {
        if (is_object && !scan_member_name (scan, error))
          return FALSE;
        scan_space (scan);
        if (!is_object && scan_peek (scan, ']'))
          return scan_refuse (scan, error, "a comma stands before the closing bracket");
        if (!scan_value (scan, error))
          return FALSE;
        scan_space (scan);
        if (!scan_peek (scan, ','))
          break;
        scan->at++;
      }
  if (scan->at >= scan->end)
    return scan_refuse (scan, error,
                        is_object ? "the text ends inside an object; a } is missing"
                                  : "the text ends inside an array; a ] is missing");
  if (*scan->at != close)
    return scan_refuse (scan, error,
                        is_object ? "a comma or } was expected here"
                                  : "a comma or ] was expected here");
  scan->at++;
  scan->depth--;
  return TRUE;
}

static gboolean
scan_value (Scan *scan, GError **error)
{
  scan_space (scan);
  if (scan->at >= scan->end)
    return scan_refuse (scan, error, "the text ends where a value was expected");
  if (*scan->at == '{' || *scan->at == '[')
    return scan_container (scan, error);
  if (*scan->at == '"')
    return scan_string (scan, error);
  if (*scan->at == '-' || g_ascii_isdigit (*scan->at))
    return scan_number (scan, error);
  return scan_word (scan, error);
}

static gboolean
scan_bytes (Scan *scan, GError **error)
{
  const char *bad = NULL;

  if (scan->end - scan->start > (gssize) MER_JSON_MAX_BYTES)
    return scan_fail (scan, error, MER_ERROR_TOO_LARGE, "larger than 64 MiB");
  if (g_utf8_validate_len (scan->start, (gsize) (scan->end - scan->start), &bad))
    return TRUE;
  scan->at = bad;
  return scan_refuse (scan, error,
                      *bad == '\0' ? "a NUL byte" : "not UTF-8; save the file as UTF-8");
}

/**
 * mer_json_scan:
 * @name: what errors call the text: a file's path, or an element and a sample
 * @text: (array length=length): what somebody sent
 * @length: its size in bytes
 * @error: return location for an error that names the line
 *
 * Holds @text to RFC 8259, with bounds. Half a surrogate pair and `\u0000` become U+FFFD,
 * an integer beyond 64 bits a real number; line breaks stay where they were.
 *
 * Returns: (transfer full) (nullable): text that json-glib reads as it stands
 */
char *
mer_json_scan (const char *name, const char *text, gsize length, GError **error)
{
  Scan scan = { .name = name, .start = text, .end = text + length, .at = text };

  if (!scan_bytes (&scan, error))
    return NULL;
  if (length >= 3 && memcmp (text, "\xEF\xBB\xBF", 3) == 0)
    scan.at += 3;
  scan.copied = scan.at;
  scan.mended = g_string_sized_new (length + 1);

  g_autoptr (GString) mended = scan.mended;

  scan_space (&scan);
  if (scan.at >= scan.end)
    {
      scan_refuse (&scan, error, "empty; a JSON document was expected");
      return NULL;
    }
  if (!scan_value (&scan, error))
    return NULL;
  scan_space (&scan);
  if (scan.at < scan.end)
    {
      scan_refuse (&scan, error, "the document ended above; nothing may follow it");
      return NULL;
    }
  g_string_append_len (mended, scan.copied, scan.end - scan.copied);
  return g_string_free (g_steal_pointer (&mended), FALSE);
}
