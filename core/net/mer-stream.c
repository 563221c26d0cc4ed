/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-stream.h"

#include <string.h>

#include "mer-error.h"

struct _MerStream
{
  MerStreamKind kind;
  gsize max_piece;
  MerStreamFunc function;
  gpointer user_data;
  GString *line;
  GString *data;
  GString *event;
  gboolean has_data;
  gboolean after_cr;
  gboolean started;
};

/**
 * mer_stream_new:
 * @kind: how the pieces are cut
 * @max_piece: the longest line or event that is taken, bytes
 * @function: (scope forever): called with each piece from within feed and end
 * @user_data: for @function
 *
 * Returns: (transfer full): a splitter at the start of a stream
 */
MerStream *
mer_stream_new (MerStreamKind kind, gsize max_piece, MerStreamFunc function,
                gpointer user_data)
{
  MerStream *self = g_new0 (MerStream, 1);

  self->kind = kind;
  self->max_piece = max_piece;
  self->function = function;
  self->user_data = user_data;
  self->line = g_string_new (NULL);
  self->data = g_string_new (NULL);
  self->event = g_string_new (NULL);
  return self;
}

/**
 * mer_stream_free:
 * @self: (transfer full): a splitter
 */
void
mer_stream_free (MerStream *self)
{
  g_string_free (self->line, TRUE);
  g_string_free (self->data, TRUE);
  g_string_free (self->event, TRUE);
  g_free (self);
}

static void
dispatch (MerStream *self)
{
  if (self->has_data)
    self->function (self->event->len > 0 ? self->event->str : NULL, self->data->str,
                    self->data->len, self->user_data);
  self->has_data = FALSE;
  g_string_truncate (self->data, 0);
  g_string_truncate (self->event, 0);
}

/* the grammar of the HTML standard, section 9.2.6; `id` and `retry` are of no use here */
static void
take_sse_line (MerStream *self, const char *line, gsize length)
{
  if (length == 0)
    {
      dispatch (self);
      return;
    }
  if (line[0] == ':')
    return;

  const char *colon = memchr (line, ':', length);
  gsize name_length = colon != NULL ? (gsize) (colon - line) : length;
  const char *value = colon != NULL ? colon + 1 : line + length;
  gsize value_length = (gsize) (line + length - value);

  if (value_length > 0 && value[0] == ' ')
    {
      value++;
      value_length--;
    }
  if (name_length == 4 && memcmp (line, "data", 4) == 0)
    {
      if (self->has_data)
        g_string_append_c (self->data, '\n');
      g_string_append_len (self->data, value, (gssize) value_length);
      self->has_data = TRUE;
    }
  else if (name_length == 5 && memcmp (line, "event", 5) == 0)
    {
      g_string_truncate (self->event, 0);
      g_string_append_len (self->event, value, (gssize) value_length);
    }
}

static void
take_line (MerStream *self)
{
  const char *line = self->line->str;
  gsize length = self->line->len;

  if (!self->started && length >= 3 && memcmp (line, "\xef\xbb\xbf", 3) == 0)
    {
      line += 3;
      length -= 3;
    }
  self->started = TRUE;
  if (self->kind == MER_STREAM_SSE)
    take_sse_line (self, line, length);
  else if (length > 0)
    self->function (NULL, line, length, self->user_data);
  g_string_truncate (self->line, 0);
}

/**
 * mer_stream_feed:
 * @self: a splitter
 * @bytes: what came, cut anywhere
 * @length: of @bytes
 * @error: place for an error
 *
 * Returns: %FALSE with %MER_ERROR_TOO_LARGE where a line or event exceeds the bound
 */
gboolean
mer_stream_feed (MerStream *self, const char *bytes, gsize length, GError **error)
{
  const char *end = bytes + length;

  while (bytes < end)
    {
      if (self->after_cr && *bytes == '\n')
        {
          self->after_cr = FALSE;
          bytes++;
          continue;
        }
      self->after_cr = FALSE;

      const char *stop = bytes;
      while (stop < end && *stop != '\n' && *stop != '\r')
        stop++;
      g_string_append_len (self->line, bytes, stop - bytes);
      if (self->line->len + self->data->len > self->max_piece)
        {
          g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE,
                       "one event of the server's stream exceeds %" G_GSIZE_FORMAT " bytes",
                       self->max_piece);
          return FALSE;
        }
      if (stop == end)
        return TRUE;
      self->after_cr = *stop == '\r';
      take_line (self);
      bytes = stop + 1;
    }
  return TRUE;
}

/**
 * mer_stream_end:
 * @self: a splitter
 *
 * Says that the stream has ended: what was not closed by an empty line is tried too,
 * because several servers leave the last one out.
 */
void
mer_stream_end (MerStream *self)
{
  if (self->line->len > 0)
    take_line (self);
  if (self->kind == MER_STREAM_SSE)
    dispatch (self);
}

/**
 * mer_stream_split:
 * @kind: how the pieces are cut
 * @body: a whole stream that was read to its end
 * @function: (scope call): called with each piece
 * @user_data: for @function
 * @error: place for an error
 *
 * Returns: %FALSE with %MER_ERROR_TOO_LARGE where a piece exceeds what a reply may be
 */
gboolean
mer_stream_split (MerStreamKind kind, GBytes *body, MerStreamFunc function,
                  gpointer user_data, GError **error)
{
  gsize length = 0;
  const char *text = g_bytes_get_data (body, &length);
  g_autoptr (MerStream) stream
      = mer_stream_new (kind, MAX (length, 1), function, user_data);

  if (!mer_stream_feed (stream, text, length, error))
    return FALSE;
  mer_stream_end (stream);
  return TRUE;
}
