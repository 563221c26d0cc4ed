/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-media-spool.h"

#include "mer-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* where a piece lies in the file; a length of -1: there is none */
typedef struct
{
  gint64 offset;
  gint64 length;
} Piece;

/* frames, then audio, then strip */
typedef struct
{
  guint n_pieces;
  Piece *pieces;
} Entry;

struct _MerMediaSpool
{
  GObject parent_instance;

  int fd;
  guint64 max_bytes;

  GMutex lock; /* of what follows */
  GHashTable *entries;
  guint64 size;
};

G_DEFINE_FINAL_TYPE (MerMediaSpool, mer_media_spool, G_TYPE_OBJECT)

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->pieces);
  g_free (entry);
}

static void
mer_media_spool_finalize (GObject *object)
{
  MerMediaSpool *self = MER_MEDIA_SPOOL (object);

  if (self->fd >= 0)
    close (self->fd);
  g_hash_table_unref (self->entries);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (mer_media_spool_parent_class)->finalize (object);
}

static void
mer_media_spool_class_init (MerMediaSpoolClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mer_media_spool_finalize;
}

static void
mer_media_spool_init (MerMediaSpool *self)
{
  self->fd = -1;
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  g_mutex_init (&self->lock);
}

/**
 * mer_media_spool_new:
 * @folder: where the file lies while it lives; it has no name there
 * @max_bytes: how large it may grow
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): an empty spool
 */
MerMediaSpool *
mer_media_spool_new (const char *folder, guint64 max_bytes, GError **error)
{
  g_autofree char *path = g_build_filename (folder, ".mer-media-XXXXXX", NULL);
  int fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  MerMediaSpool *self = NULL;

  if (fd < 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_FAILED, "%s: cannot be made: %s", path,
                   g_strerror (errno));
      return NULL;
    }
  g_unlink (path);
  self = g_object_new (MER_TYPE_MEDIA_SPOOL, NULL);
  self->fd = fd;
  self->max_bytes = max_bytes;
  return self;
}

gboolean
mer_media_spool_has (MerMediaSpool *self, const char *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_hash_table_contains (self->entries, key);
}

static GBytes *
nth_bytes (const MerMediaBytes *bytes, guint index)
{
  const guint n_frames = bytes->frames != NULL ? bytes->frames->len : 0;

  if (index < n_frames)
    return g_ptr_array_index (bytes->frames, index);
  return index == n_frames ? bytes->audio : bytes->strip;
}

static gboolean
write_all (int fd, const char *data, gsize length, gint64 offset)
{
  while (length > 0)
    {
      gssize written = pwrite (fd, data, length, offset);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      data += written;
      offset += written;
      length -= (gsize) written;
    }
  return TRUE;
}

/* a place in the file for so many bytes, -1 where there is none left */
static gint64
reserve (MerMediaSpool *self, guint64 length)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const guint64 offset = self->size;

  if (length > self->max_bytes - offset)
    return -1;
  self->size += length;
  return (gint64) offset;
}

/**
 * mer_media_spool_put:
 * @self: a spool
 * @key: what the media was made from: clip, settings, decoder
 * @bytes: what was decoded
 *
 * Keeps it, where there is room on the disk and under the bound; else does nothing.
 */
void
mer_media_spool_put (MerMediaSpool *self, const char *key, const MerMediaBytes *bytes)
{
  const guint n_pieces = (bytes->frames != NULL ? bytes->frames->len : 0) + 2;
  Entry *entry = g_new0 (Entry, 1);
  gboolean well = !mer_media_spool_has (self, key);

  entry->n_pieces = n_pieces;
  entry->pieces = g_new0 (Piece, n_pieces);
  for (guint i = 0; i < n_pieces && well; i++)
    {
      GBytes *one = nth_bytes (bytes, i);
      gsize length = 0;
      const char *data = one != NULL ? g_bytes_get_data (one, &length) : NULL;
      const gint64 offset = reserve (self, length);

      entry->pieces[i] = (Piece){ offset, one != NULL ? (gint64) length : -1 };
      well = offset >= 0 && write_all (self->fd, data, length, offset);
    }
  if (!well)
    {
      entry_free (entry);
      return;
    }
  g_mutex_lock (&self->lock);
  /* another thread may have put the same meanwhile, and a third may be reading that */
  if (g_hash_table_contains (self->entries, key))
    entry_free (entry);
  else
    g_hash_table_insert (self->entries, g_strdup (key), entry);
  g_mutex_unlock (&self->lock);
}

static GBytes *
read_piece (int fd, const Piece *piece)
{
  g_autofree char *data = g_malloc ((gsize) piece->length + 1);
  gint64 done = 0;

  while (done < piece->length)
    {
      gssize got
          = pread (fd, data + done, (gsize) (piece->length - done), piece->offset + done);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return NULL;
      done += got;
    }
  return g_bytes_new_take (g_steal_pointer (&data), (gsize) piece->length);
}

/* entries stay as they are until the spool goes, so one may be read without the lock */
static const Entry *
find_entry (MerMediaSpool *self, const char *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_hash_table_lookup (self->entries, key);
}

/**
 * mer_media_spool_get:
 * @self: a spool
 * @key: what the media was made from
 *
 * Returns: (transfer full) (nullable): what was decoded, %NULL where it is not there or
 *   cannot be read
 */
MerMediaBytes *
mer_media_spool_get (MerMediaSpool *self, const char *key)
{
  const Entry *entry = find_entry (self, key);
  g_autoptr (MerMediaBytes) bytes = entry != NULL ? mer_media_bytes_new () : NULL;

  for (guint i = 0; entry != NULL && i < entry->n_pieces; i++)
    {
      GBytes *one = NULL;

      if (entry->pieces[i].length < 0)
        continue;
      one = read_piece (self->fd, &entry->pieces[i]);
      if (one == NULL)
        return NULL;
      if (i + 2 < entry->n_pieces)
        g_ptr_array_add (bytes->frames, one);
      else if (i + 2 == entry->n_pieces)
        bytes->audio = one;
      else
        bytes->strip = one;
    }
  return g_steal_pointer (&bytes);
}

/**
 * mer_media_spool_context_new:
 * @self: a spool
 *
 * Returns: (transfer full): a persistent context that brings it to `mermedia`
 */
GstContext *
mer_media_spool_context_new (MerMediaSpool *self)
{
  GstContext *context = gst_context_new (MER_MEDIA_SPOOL_CONTEXT, TRUE);

  gst_structure_set (gst_context_writable_structure (context), "spool",
                     MER_TYPE_MEDIA_SPOOL, self, NULL);
  return context;
}

/**
 * mer_media_spool_from_context:
 * @context: a context of any type
 *
 * Returns: (transfer full) (nullable): the spool that it brings
 */
MerMediaSpool *
mer_media_spool_from_context (GstContext *context)
{
  MerMediaSpool *spool = NULL;

  if (gst_context_has_context_type (context, MER_MEDIA_SPOOL_CONTEXT))
    gst_structure_get (gst_context_get_structure (context), "spool", MER_TYPE_MEDIA_SPOOL,
                       &spool, NULL);
  return spool;
}
