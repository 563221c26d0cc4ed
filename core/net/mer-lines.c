/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-lines.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "mer-error.h"

#define CHUNK 65536

struct _MerLines
{
  char *path;
  int fd;
  gsize max_line;
  GString *line;
  char chunk[CHUNK];
  gsize filled;
  gsize used;
  gboolean at_end;
};

/**
 * mer_lines_open:
 * @path: a file
 * @max_line: the longest line that is given, bytes
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): what reads it
 */
MerLines *
mer_lines_open (const char *path, gsize max_line, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);

  if (fd < 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND, "%s: %s", path,
                   g_strerror (errno));
      return NULL;
    }

  MerLines *self = g_new0 (MerLines, 1);
  self->path = g_strdup (path);
  self->fd = fd;
  self->max_line = max_line;
  self->line = g_string_new (NULL);
  return self;
}

void
mer_lines_free (MerLines *self)
{
  g_close (self->fd, NULL);
  g_string_free (self->line, TRUE);
  g_free (self->path);
  g_free (self);
}

static gboolean
fill (MerLines *self, GError **error)
{
  ssize_t n;

  do
    n = read (self->fd, self->chunk, CHUNK);
  while (n < 0 && errno == EINTR);
  self->filled = (gsize) MAX (n, 0);
  self->used = 0;
  self->at_end = n == 0;
  if (n < 0)
    g_set_error (error, MER_ERROR, MER_ERROR_FAILED, "%s: %s", self->path,
                 g_strerror (errno));
  return n >= 0;
}

/**
 * mer_lines_next:
 * @self: a file's lines
 * @line: (out) (transfer none): the next line without its end; until the next call
 * @length: (out): of it, bytes
 * @too_long: (out): whether it was longer than the bound, and is cut there
 * @error: return location for an error
 *
 * Returns: %FALSE at the end, or with @error set
 */
gboolean
mer_lines_next (MerLines *self, const char **line, gsize *length, gboolean *too_long,
                GError **error)
{
  gboolean any = FALSE, ended = FALSE;

  g_string_truncate (self->line, 0);
  *too_long = FALSE;
  while (!ended)
    {
      if (self->used == self->filled && !self->at_end && !fill (self, error))
        return FALSE;
      if (self->at_end)
        break;

      const char *start = self->chunk + self->used;
      gsize left = self->filled - self->used;
      const char *end = memchr (start, '\n', left);
      gsize n = end != NULL ? (gsize) (end - start) : left;
      gsize room = self->max_line - MIN (self->max_line, self->line->len);

      any = TRUE;
      ended = end != NULL;
      *too_long = *too_long || n > room;
      g_string_append_len (self->line, start, (gssize) MIN (n, room));
      self->used += n + (ended ? 1 : 0);
    }
  *line = self->line->str;
  *length = self->line->len;
  return any;
}
