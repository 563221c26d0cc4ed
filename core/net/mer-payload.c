/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-payload.h"

#include <string.h>

#include "mer-error.h"
#include "net/mer-payload-stream.h"
#include "tables/mer-json.h"

/* A placeholder is U+0001, the media's sha256, U+0001. JSON writes U+0001 as the six
 * characters \u0001, and mer_payload_clean_text () takes it out of what people and models
 * wrote, so that no text can pose as one. */
#define MARK "\001"
#define MARK_ESCAPED "\\u0001"
#define MARK_LENGTH 6
#define HASH_LENGTH 64

struct _MerPayload
{
  gatomicrefcount refs;
  char *text;
  GArray *segments; /* MerPayloadSegment: text and media in turn */
  char *type;
  gsize length;
  guint n_media;
};

/**
 * mer_payload_place_frame:
 * @media: the sample's media
 * @index: which frame, from 0
 * @prefix: what stands before the base64, such as `data:image/jpeg;base64,`
 *
 * Returns: (transfer full): the string to put into a request for the JPEG's base64
 */
char *
mer_payload_place_frame (MerMedia *media, guint index, const char *prefix)
{
  return g_strconcat (prefix, MARK, mer_media_get_frame (media, index)->sha256, MARK, NULL);
}

/**
 * mer_payload_place_audio:
 * @media: the sample's media, which has audio
 * @prefix: what stands before the base64; empty where the server wants it bare
 *
 * Returns: (transfer full): the string to put into a request for the WAV's base64
 */
char *
mer_payload_place_audio (MerMedia *media, const char *prefix)
{
  return g_strconcat (prefix, MARK, mer_media_get_audio_sha256 (media), MARK, NULL);
}

/**
 * mer_payload_place_clip:
 * @media: the sample's media, which knows its clip's hash
 * @prefix: what stands before the base64, such as `data:video/mp4;base64,`
 *
 * Returns: (transfer full): the string to put into a request for the whole file's base64
 */
char *
mer_payload_place_clip (MerMedia *media, const char *prefix)
{
  return g_strconcat (prefix, MARK, mer_media_get_clip_sha256 (media), MARK, NULL);
}

/**
 * mer_payload_clean_text:
 * @text: what a person, a file or a model wrote
 *
 * Returns: (transfer full): valid UTF-8 without control characters but tab and line feed
 */
char *
mer_payload_clean_text (const char *text)
{
  char *clean = g_utf8_make_valid (text, -1);

  for (char *at = clean; *at != '\0'; at++)
    if (((guchar) *at < 0x20 && *at != '\n' && *at != '\t') || *at == 0x7f)
      *at = ' ';
  return clean;
}

static void
clear_segment (gpointer data)
{
  MerPayloadSegment *segment = data;

  g_clear_pointer (&segment->bytes, g_bytes_unref);
  g_clear_pointer (&segment->file, mer_payload_file_unref);
}

static gboolean
is_placeholder (const char *at)
{
  if (strncmp (at, MARK_ESCAPED, MARK_LENGTH) != 0)
    return FALSE;
  at += MARK_LENGTH;
  return strspn (at, "0123456789abcdef") == HASH_LENGTH
         && strncmp (at + HASH_LENGTH, MARK_ESCAPED, MARK_LENGTH) == 0;
}

static void
add_text (MerPayload *self, const char *start, const char *end)
{
  MerPayloadSegment segment = { .bytes = g_bytes_new (start, (gsize) (end - start)) };

  g_array_append_val (self->segments, segment);
}

static void
add_media (MerPayload *self, const char *hash, gboolean raw)
{
  MerPayloadSegment segment = { .is_media = TRUE, .raw = raw };

  memcpy (segment.sha256, hash, HASH_LENGTH);
  g_array_append_val (self->segments, segment);
  self->n_media++;
}

static void
cut (MerPayload *self)
{
  const char *start = self->text;
  const char *at = self->text;

  while (*at != '\0')
    {
      if (*at != '\\')
        at++;
      else if (!is_placeholder (at))
        at += at[1] != '\0' ? 2 : 1;
      else
        {
          add_text (self, start, at);
          add_media (self, at + MARK_LENGTH, FALSE);
          at += 2 * MARK_LENGTH + HASH_LENGTH;
          start = at;
        }
    }
  add_text (self, start, at);
}

static MerPayload *
payload_new (const char *type)
{
  MerPayload *self = g_new0 (MerPayload, 1);

  g_atomic_ref_count_init (&self->refs);
  self->type = g_strdup (type);
  self->segments = g_array_new (FALSE, TRUE, sizeof (MerPayloadSegment));
  g_array_set_clear_func (self->segments, clear_segment);
  return self;
}

/**
 * mer_payload_new:
 * @request: the request with placeholders
 *
 * Returns: (transfer full): a JSON body without the media's bytes
 */
MerPayload *
mer_payload_new (JsonNode *request)
{
  MerPayload *self = payload_new ("application/json");

  self->text = mer_json_canonical (request);
  cut (self);
  return self;
}

/* inner (mer-payload-form.c): a body of another kind than JSON, and its stretches */
MerPayload *
mer_payload_new_empty (const char *type, char *text)
{
  MerPayload *self = payload_new (type);

  self->text = text;
  return self;
}

void
mer_payload_append_text (MerPayload *self, const char *text, gsize length)
{
  add_text (self, text, text + length);
}

void
mer_payload_append_raw (MerPayload *self, const char *sha256)
{
  add_media (self, sha256, TRUE);
}

/**
 * mer_payload_new_file:
 * @file: a file
 * @type: its media type
 *
 * Returns: (transfer full): a body that is the file as it is, filled
 */
MerPayload *
mer_payload_new_file (MerPayloadFile *file, const char *type)
{
  MerPayload *self = payload_new (type);

  self->text = g_strdup ("");
  add_media (self, mer_payload_file_get_sha256 (file), TRUE);
  g_array_index (self->segments, MerPayloadSegment, 0).file = mer_payload_file_ref (file);
  self->length = mer_payload_file_get_size (file);
  return self;
}

/**
 * mer_payload_ref:
 * @self: a payload
 *
 * Returns: (transfer full): @self
 */
MerPayload *
mer_payload_ref (MerPayload *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/**
 * mer_payload_unref:
 * @self: (transfer full): a payload
 */
void
mer_payload_unref (MerPayload *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_array_unref (self->segments);
  g_free (self->text);
  g_free (self->type);
  g_free (self);
}

/**
 * mer_payload_get_text:
 * @self: a payload
 *
 * Returns: (transfer none): the canonical request with placeholders: what is hashed
 */
const char *
mer_payload_get_text (MerPayload *self)
{
  return self->text;
}

/**
 * mer_payload_get_n_media:
 * @self: a payload
 *
 * Returns: how many media it shows; those that stand twice count twice
 */
guint
mer_payload_get_n_media (MerPayload *self)
{
  return self->n_media;
}

/**
 * mer_payload_get_content_type:
 * @self: a payload
 *
 * Returns: (transfer none): the media type of the body
 */
const char *
mer_payload_get_content_type (MerPayload *self)
{
  return self->type;
}

static MerPayloadSegment *
find_segment (MerPayload *self, const char *sha256)
{
  for (guint i = 0; i < self->segments->len; i++)
    {
      MerPayloadSegment *segment = &g_array_index (self->segments, MerPayloadSegment, i);

      if (segment->is_media && strcmp (segment->sha256, sha256) == 0)
        return segment;
    }
  return NULL;
}

/**
 * mer_payload_shows:
 * @self: a payload
 * @sha256: of what a frame, a sound or a clip holds
 *
 * Returns: whether that stands in the body
 */
gboolean
mer_payload_shows (MerPayload *self, const char *sha256)
{
  return find_segment (self, sha256) != NULL;
}

/**
 * mer_payload_dup_media:
 * @self: a filled payload
 * @sha256: of one of its media
 * @type: its media type
 *
 * For servers that want a large file in a request of its own.
 *
 * Returns: (transfer full) (nullable): a filled body that is that media as it is
 */
MerPayload *
mer_payload_dup_media (MerPayload *self, const char *sha256, const char *type)
{
  MerPayloadSegment *from = find_segment (self, sha256);

  if (from == NULL || (from->bytes == NULL && from->file == NULL))
    return NULL;

  MerPayload *copy = payload_new (type);
  copy->text = g_strdup ("");
  add_media (copy, sha256, TRUE);

  MerPayloadSegment *to = &g_array_index (copy->segments, MerPayloadSegment, 0);
  to->bytes = from->bytes != NULL ? g_bytes_ref (from->bytes) : NULL;
  to->file = from->file != NULL ? mer_payload_file_ref (from->file) : NULL;
  copy->length = mer_payload_segment_length (to);
  return copy;
}

static GBytes *
find_media (MerMedia *media, const char *sha256)
{
  guint n_frames = media != NULL ? mer_media_get_n_frames (media) : 0;

  for (guint i = 0; i < n_frames; i++)
    if (strcmp (mer_media_get_frame (media, i)->sha256, sha256) == 0)
      return mer_media_get_jpeg (media, i);
  if (media != NULL && mer_media_has_audio (media)
      && g_strcmp0 (mer_media_get_audio_sha256 (media), sha256) == 0)
    return mer_media_get_audio (media);
  return NULL;
}

static gboolean
fill_segment (MerPayloadSegment *segment, MerMedia *media, MerPayloadFile *clip,
              GError **error)
{
  GBytes *bytes = NULL;

  if (!segment->is_media || segment->bytes != NULL || segment->file != NULL)
    return TRUE;
  if (clip != NULL && strcmp (mer_payload_file_get_sha256 (clip), segment->sha256) == 0)
    {
      segment->file = mer_payload_file_ref (clip);
      return TRUE;
    }
  bytes = find_media (media, segment->sha256);
  if (bytes == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                   "the request shows media %.12s…, which is not among the sample's",
                   segment->sha256);
      return FALSE;
    }
  segment->bytes = g_bytes_ref (bytes);
  return TRUE;
}

/**
 * mer_payload_fill:
 * @self: a payload
 * @media: (nullable): loaded media that hold what the placeholders name
 * @clip: (nullable): the clip's file, where a placeholder names it
 * @error: place for an error
 *
 * Gives the payload its bytes, by reference. Until then it cannot be sent.
 *
 * Returns: %FALSE with %MER_ERROR_NOT_FOUND where a placeholder names something else
 */
gboolean
mer_payload_fill (MerPayload *self, MerMedia *media, MerPayloadFile *clip, GError **error)
{
  self->length = 0;
  for (guint i = 0; i < self->segments->len; i++)
    {
      MerPayloadSegment *segment = &g_array_index (self->segments, MerPayloadSegment, i);

      if (!fill_segment (segment, media, clip, error))
        return FALSE;
      self->length += mer_payload_segment_length (segment);
    }
  return TRUE;
}

/* inner: (transfer none) (element-type MerPayloadSegment): not changed once it is filled */
GArray *
mer_payload_get_segments (MerPayload *self)
{
  return self->segments;
}

/**
 * mer_payload_get_length:
 * @self: a filled payload
 *
 * Returns: bytes of the body as it is sent
 */
gsize
mer_payload_get_length (MerPayload *self)
{
  return self->length;
}

/**
 * mer_payload_open:
 * @self: a filled payload
 *
 * Returns: (transfer full): a stream over the body; encodes while it is read, never blocks
 */
GInputStream *
mer_payload_open (MerPayload *self)
{
  return mer_payload_stream_new (self->segments);
}
