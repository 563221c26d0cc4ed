/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "child/mer-child-reader.h"

#include <string.h>

#define CHUNK 65536
#define WINDOW_MS 100

struct _MerChildReader
{
  const MerChildReaderClass *klass;
  gpointer data;
  GInputStream *stream;
  GCancellable *cancellable;
  GSource *pause;
  GByteArray *buffer;
  gsize seen; /* of the buffer, without an end of line */
  gint64 window;
  gsize in_window;
  gboolean over;
  gboolean reading; /* freed when the read under way has come back */
  gboolean freed;
  guint8 chunk[CHUNK];
};

static void read_on (MerChildReader *self);

static void
destroy (MerChildReader *self)
{
  g_clear_object (&self->stream);
  g_clear_object (&self->cancellable);
  g_byte_array_unref (self->buffer);
  g_free (self);
}

/* the class's functions may free the reader: TRUE where it is gone, or of no use any more
 */
static gboolean
tell_line (MerChildReader *self, gsize start, gsize length)
{
  if (length > 0)
    self->klass->line ((const char *) self->buffer->data + start, length, self->data);
  return self->freed || self->over;
}

static gsize
find_end (MerChildReader *self, gsize from)
{
  const char *ends = self->klass->ends;

  if (ends[1] == '\0')
    {
      const guint8 *hit
          = memchr (self->buffer->data + from, ends[0], self->buffer->len - from);

      return hit != NULL ? (gsize) (hit - self->buffer->data) : self->buffer->len;
    }
  while (from < self->buffer->len && strchr (ends, self->buffer->data[from]) == NULL)
    from++;
  return from;
}

static void
take_lines (MerChildReader *self)
{
  gsize start = 0;
  gsize end;

  while ((end = find_end (self, MAX (start, self->seen))) < self->buffer->len)
    {
      if (tell_line (self, start, end - start))
        return;
      start = end + 1;
    }
  while (self->klass->cuts && self->buffer->len - start > self->klass->max_line)
    {
      if (tell_line (self, start, self->klass->max_line))
        return;
      start += self->klass->max_line;
    }
  if (start > 0)
    g_byte_array_remove_range (self->buffer, 0, (guint) start);
  self->seen = self->buffer->len;
  if (self->buffer->len <= self->klass->max_line)
    return;
  self->over = TRUE;
  self->klass->too_long (self->data);
}

static gboolean
on_pause_over (gpointer data)
{
  MerChildReader *self = data;

  g_clear_pointer (&self->pause, g_source_unref);
  read_on (self);
  return G_SOURCE_REMOVE;
}

/* milliseconds until it may write again */
static guint
count (MerChildReader *self, gsize n)
{
  gint64 now = g_get_monotonic_time () / 1000;

  if (now - self->window >= WINDOW_MS)
    {
      self->window = now;
      self->in_window = 0;
    }
  self->in_window += n;
  return self->in_window > self->klass->rate
             ? (guint) (WINDOW_MS - (now - self->window)) + 1
             : 0;
}

static void
on_read (GObject *object, GAsyncResult *result, gpointer data)
{
  MerChildReader *self = data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (object), result, NULL);

  self->reading = FALSE;
  if (n > 0 && !self->freed)
    {
      /* what is called below may free the reader: then it goes when this is through */
      self->reading = TRUE;
      g_byte_array_append (self->buffer, self->chunk, (guint) n);
      take_lines (self);
      self->reading = FALSE;
    }
  if (self->freed)
    {
      destroy (self);
      return;
    }
  if (self->over)
    return;
  if (n > 0)
    {
      guint wait = count (self, (gsize) n);

      if (wait == 0)
        {
          read_on (self);
          return;
        }
      self->pause = g_timeout_source_new (wait);
      g_source_set_callback (self->pause, on_pause_over, self, NULL);
      g_source_attach (self->pause, g_main_context_get_thread_default ());
      return;
    }
  /* a last line needs no end */
  self->reading = TRUE;
  if (!tell_line (self, 0, self->buffer->len))
    {
      self->over = TRUE;
      self->klass->end (self->data);
    }
  self->reading = FALSE;
  if (self->freed)
    destroy (self);
}

static void
read_on (MerChildReader *self)
{
  self->reading = TRUE;
  g_input_stream_read_async (self->stream, self->chunk, CHUNK, G_PRIORITY_DEFAULT,
                             self->cancellable, on_read, self);
}

/**
 * mer_child_reader_new:
 * @stream: what to read; pollable
 * @klass: what to do with the lines; static
 * @data: for @klass
 *
 * Returns: (transfer full): a reader that has begun
 */
MerChildReader *
mer_child_reader_new (GInputStream *stream, const MerChildReaderClass *klass, gpointer data)
{
  MerChildReader *self = g_new0 (MerChildReader, 1);

  self->stream = g_object_ref (stream);
  self->klass = klass;
  self->data = data;
  self->cancellable = g_cancellable_new ();
  self->buffer = g_byte_array_new ();
  read_on (self);
  return self;
}

/**
 * mer_child_reader_free:
 * @self: (transfer full): a reader; none of its functions is called any more
 */
void
mer_child_reader_free (MerChildReader *self)
{
  self->freed = TRUE;
  if (self->pause != NULL)
    {
      g_source_destroy (self->pause);
      g_clear_pointer (&self->pause, g_source_unref);
    }
  if (self->reading)
    g_cancellable_cancel (self->cancellable);
  else
    destroy (self);
}

/**
 * mer_child_reader_is_over:
 * @self: a reader
 *
 * Returns: whether no line will come any more
 */
gboolean
mer_child_reader_is_over (MerChildReader *self)
{
  return self->over;
}
