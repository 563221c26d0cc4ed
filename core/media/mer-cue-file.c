/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* subtitle side files: SubRip, WebVTT, ASS; told apart by what is in them */
#include "media/mer-cue-file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "media/mer-cue-text.h"
#include "mer-error.h"
#include "sample/mer-media.h"

#define NS_PER_SECOND G_GUINT64_CONSTANT (1000000000)

static void
cue_clear (gpointer cue)
{
  g_free (((MerCue *) cue)->text);
}

/**
 * mer_cues_new:
 *
 * Returns: (transfer full) (element-type MerCue): no cues yet
 */
GArray *
mer_cues_new (void)
{
  GArray *cues = g_array_new (FALSE, TRUE, sizeof (MerCue));

  g_array_set_clear_func (cues, cue_clear);
  return cues;
}

/**
 * mer_cues_add:
 * @cues: cues
 * @start: nanoseconds
 * @end: nanoseconds
 * @text: (transfer full): clean text; an empty one adds nothing
 */
void
mer_cues_add (GArray *cues, guint64 start, guint64 end, char *text)
{
  if (*text == '\0' || cues->len >= MER_CUE_MAX_CUES)
    {
      g_free (text);
      return;
    }

  MerCue cue = { start, MAX (start, end), text };
  g_array_append_val (cues, cue);
}

static int
compare_cues (gconstpointer a, gconstpointer b)
{
  const MerCue *left = a;
  const MerCue *right = b;

  if (left->start != right->start)
    return left->start < right->start ? -1 : 1;
  return left->end < right->end ? -1 : left->end > right->end;
}

/**
 * mer_cues_finish:
 * @cues: cues
 *
 * Sorts them by time and drops lines that stand there twice, as styled files have them for
 * outlines and shadows.
 */
void
mer_cues_finish (GArray *cues)
{
  g_array_sort (cues, compare_cues);
  for (guint i = 1; i < cues->len;)
    {
      MerCue *before = &g_array_index (cues, MerCue, i - 1);
      MerCue *cue = &g_array_index (cues, MerCue, i);

      if (cue->start == before->start && g_str_equal (cue->text, before->text))
        {
          before->end = MAX (before->end, cue->end);
          g_array_remove_index (cues, i);
        }
      else
        i++;
    }
}

/* `H:MM:SS,mmm`, `MM:SS.mmm` and what people make of it */
static gboolean
parse_time (const char **text, guint64 *time)
{
  const char *at = *text;
  guint64 seconds = 0;
  guint64 fraction = 0;
  guint64 unit = NS_PER_SECOND;
  guint n_parts = 0;

  while (*at == ' ' || *at == '\t')
    at++;
  for (; n_parts < 4; n_parts++)
    {
      const char *first = at;
      guint64 part = 0;

      for (; g_ascii_isdigit (*at) && at - first < 6; at++)
        part = part * 10 + (*at - '0');
      if (at == first)
        return FALSE;
      seconds = seconds * 60 + part;
      if (*at != ':')
        break;
      at++;
    }
  if (n_parts < 1 || n_parts > 2)
    return FALSE;
  if (*at == ',' || *at == '.')
    for (at++; g_ascii_isdigit (*at); at++)
      {
        unit /= 10;
        fraction += unit * (*at - '0');
      }
  *time = seconds * NS_PER_SECOND + fraction;
  *text = at;
  return TRUE;
}

static gboolean
parse_time_line (const char *line, guint64 *start, guint64 *end)
{
  const char *arrow = strstr (line, "-->");
  const char *at = line;

  if (arrow == NULL || !parse_time (&at, start))
    return FALSE;
  while (*at == ' ' || *at == '\t')
    at++;
  if (at != arrow)
    return FALSE;
  at = arrow + 3;
  return parse_time (&at, end);
}

static gboolean
is_number (const char *line)
{
  const char *at = line;

  while (g_ascii_isdigit (*at))
    at++;
  return at > line && *at == '\0';
}

/* a cue's text ends at an empty line, or where the next cue starts without one */
static gboolean
cue_ends (char **lines, guint i)
{
  guint64 start, end;

  return *lines[i] == '\0' || parse_time_line (lines[i], &start, &end)
         || (is_number (lines[i]) && lines[i + 1] != NULL
             && parse_time_line (lines[i + 1], &start, &end));
}

static void
parse_blocks (char **lines, MerCueFormat format, GArray *cues)
{
  for (guint i = 0; lines[i] != NULL;)
    {
      guint64 start, end;

      if (!parse_time_line (lines[i], &start, &end))
        {
          i++;
          continue;
        }

      g_autoptr (GString) text = g_string_new (NULL);
      for (i++; lines[i] != NULL && !cue_ends (lines, i); i++)
        if (text->len < MER_CUE_MAX_TEXT * 16)
          g_string_append_printf (text, "%s\n", lines[i]);
      mer_cues_add (cues, start, end, mer_cue_text_clean (text->str, text->len, format));
    }
}

/* the columns of an ASS file: where Start and End stand, and how many come before Text */
static void
parse_ass_format (const char *line, int columns[3])
{
  g_auto (GStrv) names = g_strsplit (line, ",", 64);

  for (int i = 0; names[i] != NULL; i++)
    {
      const char *name = g_strstrip (names[i]);

      if (g_ascii_strcasecmp (name, "Start") == 0)
        columns[0] = i;
      else if (g_ascii_strcasecmp (name, "End") == 0)
        columns[1] = i;
      else if (g_ascii_strcasecmp (name, "Text") == 0)
        columns[2] = i;
    }
}

static void
parse_ass_event (const char *line, const int columns[3], GArray *cues)
{
  g_auto (GStrv) fields = g_strsplit (line, ",", columns[2] + 1);
  int n = (int) g_strv_length (fields);
  guint64 start, end;

  if (n != columns[2] + 1 || columns[0] >= n || columns[1] >= n)
    return;

  const char *from = fields[columns[0]];
  const char *to = fields[columns[1]];
  if (parse_time (&from, &start) && parse_time (&to, &end))
    mer_cues_add (cues, start, end,
                  mer_cue_text_clean (fields[columns[2]], -1, MER_CUE_ASS));
}

static void
parse_ass (char **lines, GArray *cues)
{
  int columns[3] = { 1, 2, 9 };
  gboolean events = FALSE;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (lines[i][0] == '[')
        events = g_ascii_strncasecmp (lines[i], "[events]", 8) == 0;
      else if (events && g_ascii_strncasecmp (lines[i], "Format:", 7) == 0)
        parse_ass_format (lines[i] + 7, columns);
      else if (g_ascii_strncasecmp (lines[i], "Dialogue:", 9) == 0)
        parse_ass_event (lines[i] + 9, columns, cues);
    }
}

static char **
split_lines (const char *text)
{
  g_autofree char *copy = g_strdup (text);
  char *to = copy;

  for (const char *from = copy; *from != '\0'; from++)
    if (*from != '\r')
      *to++ = *from;
    else if (from[1] != '\n')
      *to++ = '\n';
  *to = '\0';

  char **lines = g_strsplit (copy, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    g_strstrip (lines[i]);
  return lines;
}

/**
 * mer_cue_file_parse:
 * @bytes: a subtitle file
 * @length: its bytes
 *
 * Returns: (transfer full) (element-type MerCue): the cues in it, sorted; none if it is no
 *   subtitle file
 */
GArray *
mer_cue_file_parse (const char *bytes, gsize length)
{
  g_autofree char *text = mer_cue_text_to_utf8 (bytes, length);
  g_auto (GStrv) lines = split_lines (text);
  GArray *cues = mer_cues_new ();

  if (g_str_has_prefix (text, "WEBVTT"))
    parse_blocks (lines, MER_CUE_VTT, cues);
  else
    parse_blocks (lines, MER_CUE_SRT, cues);
  if (cues->len == 0)
    parse_ass (lines, cues);
  mer_cues_finish (cues);
  return cues;
}

/**
 * mer_cue_file_load:
 * @path: (type filename): a subtitle file
 * @error: return location for an error
 *
 * Returns: (transfer full) (element-type MerCue) (nullable): its cues, sorted
 */
GArray *
mer_cue_file_load (const char *path, GError **error)
{
  g_autofree char *bytes = NULL;
  gsize length = 0;
  struct stat info;

  if (stat (path, &info) != 0 || !S_ISREG (info.st_mode))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND, "%s: no such subtitle file",
                   path);
      return NULL;
    }
  if (info.st_size > MER_CUE_FILE_MAX_BYTES)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE,
                   "%s: larger than a subtitle file may be (%u bytes)", path,
                   MER_CUE_FILE_MAX_BYTES);
      return NULL;
    }
  if (!g_file_get_contents (path, &bytes, &length, error))
    return NULL;
  return mer_cue_file_parse (bytes, length);
}
