/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-label-text.h"

#include <string.h>

/* whether a label is its own key; %FALSE may also mean "look closer" */
gboolean
mer_label_text_is_key (const char *label)
{
  gsize length = 0;

  for (const guint8 *p = (const guint8 *) label; *p != '\0'; p++, length++)
    if (*p >= 0x80 || g_ascii_isupper (*p) || *p < 0x20)
      return FALSE;
  return length == 0 || (label[0] != ' ' && label[length - 1] != ' ');
}

/* what stands between is valid UTF-8 */
static void
trim (const char **start, const char **end)
{
  if (*start < *end && g_ascii_isgraph (**start) && g_ascii_isgraph ((*end)[-1]))
    return;
  while (*start < *end && g_unichar_isspace (g_utf8_get_char (*start)))
    *start = g_utf8_next_char (*start);
  while (*end > *start)
    {
      const char *last = g_utf8_prev_char (*end);

      if (!g_unichar_isspace (g_utf8_get_char (last)))
        break;
      *end = last;
    }
}

static gboolean
is_ascii (const char *start, const char *end)
{
  for (; start < end; start++)
    if ((guint8) *start >= 0x80)
      return FALSE;
  return TRUE;
}

/* @length: in bytes, or -1 if @label ends with NUL */
char *
mer_label_text_key (const char *label, gssize length)
{
  const char *end = label + (length >= 0 ? (gsize) length : strlen (label));
  g_autofree char *mended = NULL;

  if (!g_utf8_validate_len (label, (gsize) (end - label), NULL))
    {
      mended = g_utf8_make_valid (label, end - label);
      label = mended;
      end = mended + strlen (mended);
    }
  trim (&label, &end);
  if (is_ascii (label, end))
    return g_ascii_strdown (label, end - label);
  return g_utf8_strdown (label, end - label);
}

/* As the field's code reads a cell (which is valid UTF-8): one `[` and one `]` go, then
 * `'`, `"` and `,` part the pieces */
void
mer_label_pieces_init (MerLabelPieces *self, const char *cell)
{
  if (cell == NULL)
    cell = "";
  self->end = cell + strlen (cell);
  self->next = *cell == '[' ? cell + 1 : cell;
  if (self->end > self->next && self->end[-1] == ']')
    self->end--;
}

/* the next piece that is not empty, without white space around it */
gboolean
mer_label_pieces_next (MerLabelPieces *self, const char **start, gsize *length)
{
  while (self->next < self->end)
    {
      const char *first = self->next;
      const char *last = first;

      while (last < self->end && *last != '\'' && *last != '"' && *last != ',')
        last++;
      self->next = last + 1;
      trim (&first, &last);
      if (last > first)
        {
          *start = first;
          *length = (gsize) (last - first);
          return TRUE;
        }
    }
  return FALSE;
}
