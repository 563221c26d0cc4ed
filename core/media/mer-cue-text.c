/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Subtitle text comes from strangers and is rarely well-formed. What looks like known
 * markup goes, everything else stays: `I <3 you & left` is text. */
#include "media/mer-cue-text.h"

#include <string.h>

#define MAX_TAG 256

static const char *const srt_tags[]
    = { "i",  "b",     "u",   "s",      "font", "br",  "span", "p",  "div",  "em", "strong",
        "tt", "small", "big", "strike", "sub",  "sup", "ruby", "rt", "body", NULL };
static const char *const vtt_tags[]
    = { "c", "v", "lang", "i", "b", "u", "ruby", "rt", NULL };

static const struct
{
  const char *name;
  const char *text;
} entities[] = {
  { "amp", "&" },   { "lt", "<" },    { "gt", ">" },    { "quot", "\"" },  { "apos", "'" },
  { "nbsp", " " },  { "lrm", "" },    { "rlm", "" },    { "hellip", "…" }, { "ndash", "–" },
  { "mdash", "—" }, { "lsquo", "‘" }, { "rsquo", "’" }, { "ldquo", "“" },  { "rdquo", "”" },
};

static gboolean
is_known_tag (const char *name, gsize length, MerCueFormat format)
{
  const char *const *known = format == MER_CUE_VTT ? vtt_tags : srt_tags;

  for (; *known != NULL; known++)
    if (strlen (*known) == length && g_ascii_strncasecmp (*known, name, length) == 0)
      return TRUE;
  return FALSE;
}

/* WebVTT has the time of a word in angle brackets */
static gboolean
is_vtt_time (const char *at, const char *end)
{
  for (; at < end; at++)
    if (!g_ascii_isdigit (*at) && *at != ':' && *at != '.')
      return FALSE;
  return TRUE;
}

/* length of the tag that starts at `<`, 0 if this is text */
static gsize
tag_length (const char *text, gsize length, MerCueFormat format)
{
  const char *end = memchr (text, '>', MIN (length, MAX_TAG));
  const char *name = text + 1;

  if (end == NULL || end == name)
    return 0;
  if (format == MER_CUE_VTT && g_ascii_isdigit (*name) && is_vtt_time (name, end))
    return end - text + 1;
  if (*name == '/')
    name++;

  const char *stop = name;
  while (stop < end && g_ascii_isalpha (*stop))
    stop++;
  gboolean closed = stop == end || g_ascii_isspace (*stop) || *stop == '/'
                    || (format == MER_CUE_VTT && *stop == '.');
  if (!closed || !is_known_tag (name, stop - name, format))
    return 0;
  return end - text + 1;
}

static gsize
numeric_entity (const char *text, gsize length, GString *out)
{
  gboolean hex = length > 3 && (text[2] == 'x' || text[2] == 'X');
  gunichar character = 0;
  gsize at = hex ? 3 : 2;
  gsize first = at;

  for (; at < length && at < first + 7; at++)
    {
      int digit = hex ? g_ascii_xdigit_value (text[at]) : g_ascii_digit_value (text[at]);

      if (digit < 0)
        break;
      character = character * (hex ? 16 : 10) + digit;
    }
  if (at == first || at >= length || text[at] != ';')
    return 0;
  if (character != 0 && g_unichar_validate (character))
    g_string_append_unichar (out, character);
  return at + 1;
}

/* writes what the entity at `&` stands for; 0 if this is text */
static gsize
entity_length (const char *text, gsize length, GString *out)
{
  if (length > 2 && text[1] == '#')
    return numeric_entity (text, length, out);
  for (gsize i = 0; i < G_N_ELEMENTS (entities); i++)
    {
      gsize n = strlen (entities[i].name);

      if (length >= n + 2 && text[n + 1] == ';'
          && memcmp (text + 1, entities[i].name, n) == 0)
        {
          g_string_append (out, entities[i].text);
          return n + 2;
        }
    }
  return 0;
}

/* `{\p1}` starts a drawing, which is no text, `{\p0}` ends it */
static void
read_drawing (const char *block, gsize length, gboolean *drawing)
{
  for (gsize i = 0; i + 2 < length; i++)
    if (block[i] == '\\' && block[i + 1] == 'p' && g_ascii_isdigit (block[i + 2]))
      *drawing = block[i + 2] != '0';
}

/* length of an override block, 0 if the brace is text */
static gsize
block_length (const char *text, gsize length, MerCueFormat format, gboolean *drawing)
{
  const char *end = memchr (text, '}', length);

  if (end == NULL)
    return 0;
  if (format != MER_CUE_ASS
      && (length < 3
          || (text[1] != '\\' && (text[2] != ':' || !strchr ("yYcCfFsS", text[1])))))
    return 0;
  if (format == MER_CUE_ASS)
    read_drawing (text, end - text, drawing);
  return end - text + 1;
}

/* how many bytes of markup stand at @text; what they stand for goes to @out */
static gsize
markup_length (const char *text, gsize length, MerCueFormat format, gboolean *drawing,
               GString *out)
{
  gsize n = 0;

  switch (*text)
    {
    case '<':
      n = format != MER_CUE_ASS ? tag_length (text, length, format) : 0;
      if (n >= 3 && (text[1] == 'b' || text[1] == 'B')
          && (text[2] == 'r' || text[2] == 'R'))
        g_string_append_c (out, ' ');
      return n;
    case '&':
      return format != MER_CUE_ASS ? entity_length (text, length, out) : 0;
    case '{':
      return format != MER_CUE_VTT ? block_length (text, length, format, drawing) : 0;
    case '\\':
      if (length < 2 || (text[1] != 'N' && text[1] != 'n' && text[1] != 'h')
          || format == MER_CUE_VTT || (format == MER_CUE_SRT && text[1] == 'n'))
        return 0;
      g_string_append_c (out, ' ');
      return 2;
    default:
      return 0;
    }
}

static gboolean
is_invisible (gunichar c)
{
  return c == 0xfeff || c == 0x200b || c == 0x200e || c == 0x200f || c == 0x2060
         || c == 0x00ad || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)
         || (c >= 0xfff9 && c <= 0xfffb);
}

/* one line without control characters; runs of space become one */
static char *
tidy (const char *text)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean space = FALSE;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (is_invisible (c))
        continue;
      if (g_unichar_isspace (c) || g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029)
        {
          space = out->len > 0;
          continue;
        }
      if (out->len >= MER_CUE_MAX_TEXT)
        break;
      if (space)
        g_string_append_c (out, ' ');
      space = FALSE;
      g_string_append_unichar (out, c);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/**
 * mer_cue_text_clean:
 * @text: a subtitle line of any bytes
 * @length: its bytes, -1 if it ends with a NUL
 * @format: how it is marked up
 *
 * Returns: (transfer full): the words in it: valid UTF-8, one line, no markup; empty if
 *   there is none
 */
char *
mer_cue_text_clean (const char *text, gssize length, MerCueFormat format)
{
  gsize size = length < 0 ? strlen (text) : (gsize) length;
  const char *nul = memchr (text, '\0', size);
  g_autofree char *valid
      = mer_cue_text_to_utf8 (text, nul != NULL ? (gsize) (nul - text) : size);
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean drawing = FALSE;

  size = MIN (strlen (valid), MER_CUE_MAX_TEXT * 16);
  for (gsize i = 0; i < size && out->len < MER_CUE_MAX_TEXT * 4;)
    {
      gsize skipped = markup_length (valid + i, size - i, format, &drawing, out);

      if (skipped == 0 && !drawing)
        g_string_append_c (out, valid[i]);
      i += MAX (skipped, 1);
    }

  /* a cut may have gone through a character */
  g_autofree char *whole = g_utf8_make_valid (out->str, out->len);
  return tidy (whole);
}

/* Windows-1252 where it differs from Latin-1; 0 where it has no character */
static const gunichar cp1252[32] = {
  0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
  0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
  0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static char *
from_cp1252 (const char *bytes, gsize length)
{
  GString *out = g_string_sized_new (length + length / 4);

  for (gsize i = 0; i < length; i++)
    {
      guchar byte = bytes[i];
      gunichar c = byte >= 0x80 && byte < 0xa0 ? cp1252[byte - 0x80] : byte;

      if (c != 0)
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

static char *
from_utf16 (const char *bytes, gsize length, gboolean big_endian)
{
  GString *out = g_string_sized_new (length);

  for (gsize i = 0; i + 1 < length; i += 2)
    {
      const guchar *at = (const guchar *) bytes + i;
      gunichar c = big_endian ? at[0] << 8 | at[1] : at[1] << 8 | at[0];

      if (c >= 0xd800 && c < 0xdc00 && i + 3 < length)
        {
          gunichar low = big_endian ? at[2] << 8 | at[3] : at[3] << 8 | at[2];

          if (low >= 0xdc00 && low < 0xe000)
            {
              c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
              i += 2;
            }
        }
      if (c != 0)
        g_string_append_unichar (out, g_unichar_validate (c) ? c : 0xfffd);
    }
  return g_string_free (out, FALSE);
}

/* UTF-16 without a mark: nearly every second byte of a western text is zero */
static gboolean
looks_like_utf16 (const char *bytes, gsize length, gboolean *big_endian)
{
  gsize n = MIN (length, 512) & ~(gsize) 1;
  gsize zeros[2] = { 0, 0 };

  for (gsize i = 0; i < n; i++)
    if (bytes[i] == '\0')
      zeros[i & 1]++;
  *big_endian = zeros[0] > zeros[1];
  return n >= 8 && zeros[*big_endian ? 0 : 1] > n / 4;
}

/**
 * mer_cue_text_to_utf8:
 * @bytes: text in an unknown encoding
 * @length: bytes
 *
 * Goes by byte order marks, then takes what is valid UTF-8 as such, then Windows-1252,
 * which has a character for nearly every byte.
 *
 * Returns: (transfer full): valid UTF-8
 */
char *
mer_cue_text_to_utf8 (const char *bytes, gsize length)
{
  gboolean big_endian = FALSE;

  if (length >= 3 && memcmp (bytes, "\xef\xbb\xbf", 3) == 0)
    return g_utf8_make_valid (bytes + 3, length - 3);
  if (length >= 2 && memcmp (bytes, "\xff\xfe", 2) == 0)
    return from_utf16 (bytes + 2, length - 2, FALSE);
  if (length >= 2 && memcmp (bytes, "\xfe\xff", 2) == 0)
    return from_utf16 (bytes + 2, length - 2, TRUE);
  if (g_utf8_validate_len (bytes, length, NULL))
    return g_strndup (bytes, length);
  if (looks_like_utf16 (bytes, length, &big_endian))
    return from_utf16 (bytes, length, big_endian);
  return from_cp1252 (bytes, length);
}
