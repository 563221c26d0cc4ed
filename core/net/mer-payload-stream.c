/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-payload-stream.h"

#include <string.h>

#define ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
/* of a file, read at once: a multiple of three */
#define FILE_BLOCK (12 * 1024)

struct _MerPayloadStream
{
  GInputStream parent_instance;
  GArray *segments;
  guint segment;
  gsize at; /* in the segment as it is on the wire */
};

static void pollable_init (GPollableInputStreamInterface *iface);

/* pollable, so that libsoup reads it in its own loop and not through a thread */
G_DEFINE_FINAL_TYPE_WITH_CODE (MerPayloadStream, mer_payload_stream, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      pollable_init))

/* two characters for each 12 bits: twice as fast as one by one, and encoding is what a
 * call costs most */
static const guint16 *
get_pairs (void)
{
  static guint16 pairs[4096];
  static gsize ready = 0;

  if (g_once_init_enter (&ready))
    {
      for (guint i = 0; i < 4096; i++)
        {
          char pair[2] = { ALPHABET[i >> 6], ALPHABET[i & 63] };

          memcpy (&pairs[i], pair, 2);
        }
      g_once_init_leave (&ready, 1);
    }
  return pairs;
}

static void
encode_groups (const guint8 *in, gsize n_groups, char *out)
{
  const guint16 *pairs = get_pairs ();

  for (gsize i = 0; i < n_groups; i++, in += 3, out += 4)
    {
      guint bits = (guint) in[0] << 16 | (guint) in[1] << 8 | in[2];

      memcpy (out, &pairs[bits >> 12], 2);
      memcpy (out + 2, &pairs[bits & 0xfff], 2);
    }
}

/* the group that starts at byte 3 · group, padded at the end */
static void
encode_one (const guint8 *in, gsize length, gsize group, char out[4])
{
  gsize start = group * 3;
  gsize left = MIN (length - start, 3u);
  guint8 bytes[3] = { 0, 0, 0 };

  memcpy (bytes, in + start, left);
  encode_groups (bytes, 1, out);
  if (left < 3)
    out[3] = '=';
  if (left < 2)
    out[2] = '=';
}

static gsize
read_base64 (const guint8 *in, gsize length, gsize at, char *out, gsize room)
{
  gsize done = 0;
  gsize total = (length + 2) / 3 * 4;

  room = MIN (room, total - at);
  while (done < room)
    {
      gsize group = (at + done) / 4;
      gsize offset = (at + done) % 4;
      gsize whole
          = offset == 0 ? MIN ((room - done) / 4, length / 3 - MIN (group, length / 3)) : 0;

      if (whole > 0)
        {
          encode_groups (in + group * 3, whole, out + done);
          done += whole * 4;
          continue;
        }

      char four[4];
      gsize n = MIN (4 - offset, room - done);
      encode_one (in, length, group, four);
      memcpy (out + done, four + offset, n);
      done += n;
    }
  return done;
}

static gsize
content_length (const MerPayloadSegment *segment)
{
  return segment->file != NULL ? mer_payload_file_get_size (segment->file)
                               : g_bytes_get_size (segment->bytes);
}

/**
 * mer_payload_segment_length:
 * @segment: a stretch of a body
 *
 * Returns: its bytes on the wire
 */
gsize
mer_payload_segment_length (const MerPayloadSegment *segment)
{
  gsize length = content_length (segment);

  return segment->is_media && !segment->raw ? (length + 2) / 3 * 4 : length;
}

/* a stretch of a file that is as long as its piece of the wire */
static gssize
read_file (const MerPayloadSegment *segment, gsize at, char *out, gsize room,
           GError **error)
{
  guint8 block[FILE_BLOCK];
  gsize length = content_length (segment);
  gsize start = segment->raw ? at : at / 4 * 3;
  gsize n = MIN (sizeof block, length - start);

  if (!mer_payload_file_read (segment->file, start, block, n, error))
    return -1;
  if (!segment->raw)
    return (gssize) read_base64 (block, n, at % 4, out, room);
  n = MIN (n, room);
  memcpy (out, block, n);
  return (gssize) n;
}

static gssize
read_segment (const MerPayloadSegment *segment, gsize at, char *out, gsize room,
              GError **error)
{
  gsize length = 0;
  const guint8 *data = NULL;

  if (segment->file != NULL)
    return read_file (segment, at, out, room, error);
  data = g_bytes_get_data (segment->bytes, &length);
  if (segment->is_media && !segment->raw)
    return (gssize) read_base64 (data, length, at, out, room);

  gsize n = MIN (room, length - at);
  memcpy (out, data + at, n);
  return (gssize) n;
}

static gssize
read_some (MerPayloadStream *self, char *out, gsize room, GError **error)
{
  gsize done = 0;

  while (done < room && self->segment < self->segments->len)
    {
      const MerPayloadSegment *segment
          = &g_array_index (self->segments, MerPayloadSegment, self->segment);

      if (self->at == mer_payload_segment_length (segment))
        {
          self->segment++;
          self->at = 0;
          continue;
        }
      gssize n = read_segment (segment, self->at, out + done, room - done, error);
      if (n < 0)
        return -1;
      self->at += (gsize) n;
      done += (gsize) n;
    }
  return (gssize) done;
}

static gssize
mer_payload_stream_read (GInputStream *stream, void *buffer, gsize count,
                         GCancellable *cancellable, GError **error)
{
  return read_some (MER_PAYLOAD_STREAM (stream), buffer, count, error);
}

static gssize
mer_payload_stream_read_nonblocking (GPollableInputStream *stream, void *buffer,
                                     gsize count, GError **error)
{
  return read_some (MER_PAYLOAD_STREAM (stream), buffer, count, error);
}

static gboolean
mer_payload_stream_is_readable (GPollableInputStream *stream)
{
  return TRUE;
}

static GSource *
mer_payload_stream_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) always = g_timeout_source_new (0);

  g_source_set_dummy_callback (always);
  return g_pollable_source_new_full (stream, always, cancellable);
}

static void
mer_payload_stream_finalize (GObject *object)
{
  g_array_unref (MER_PAYLOAD_STREAM (object)->segments);
  G_OBJECT_CLASS (mer_payload_stream_parent_class)->finalize (object);
}

static void
pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = mer_payload_stream_is_readable;
  iface->create_source = mer_payload_stream_create_source;
  iface->read_nonblocking = mer_payload_stream_read_nonblocking;
}

static void
mer_payload_stream_class_init (MerPayloadStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mer_payload_stream_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = mer_payload_stream_read;
}

static void
mer_payload_stream_init (MerPayloadStream *self)
{
}

/**
 * mer_payload_stream_new:
 * @segments: (element-type MerPayloadSegment): what the body is made of; not changed any
 *   more
 *
 * Returns: (transfer full): a stream over the body
 */
GInputStream *
mer_payload_stream_new (GArray *segments)
{
  MerPayloadStream *self = g_object_new (MER_TYPE_PAYLOAD_STREAM, NULL);

  self->segments = g_array_ref (segments);
  return G_INPUT_STREAM (self);
}
