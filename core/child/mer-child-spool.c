/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "child/mer-child-spool.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "mer-error.h"
#include "net/mer-payload-stream.h"

#define PREFIX "gst-mer-exec-"
#define LOCK "lock"
/* a place with less room than this is no place for media */
#define MIN_FREE (G_GUINT64_CONSTANT (256) << 20)
/* one that is just being made has no lock yet */
#define MIN_AGE 60
#define BLOCK ((gsize) 256 * 1024)

struct _MerChildSpool
{
  gatomicrefcount refs;
  char *path;
  int lock;
};

static int
remove_one (const char *path, G_GNUC_UNUSED const struct stat *about,
            G_GNUC_UNUSED int type, G_GNUC_UNUSED struct FTW *place)
{
  remove (path);
  return 0;
}

/* what links lead to stays */
static void
remove_tree (const char *path)
{
  nftw (path, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* the lock of a living process is held; a dead one's is not, however it died */
static gboolean
is_left_over (const char *path)
{
  struct stat about;
  g_autofree char *lock = g_build_filename (path, LOCK, NULL);
  int fd;

  if (lstat (path, &about) != 0 || !S_ISDIR (about.st_mode) || about.st_uid != geteuid ())
    return FALSE;
  fd = open (lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return errno == ENOENT && time (NULL) - about.st_mtime > MIN_AGE;

  gboolean is_free = flock (fd, LOCK_EX | LOCK_NB) == 0;
  close (fd);
  return is_free;
}

static void
clean_up (const char *folder)
{
  g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
  const char *name;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_str_has_prefix (name, PREFIX) && is_left_over (path))
        remove_tree (path);
    }
}

static gboolean
is_in_memory (const char *folder)
{
  struct statfs about;

  return folder != NULL && statfs (folder, &about) == 0
         && (guint64) about.f_type == TMPFS_MAGIC
         && (guint64) about.f_bavail * (guint64) about.f_bsize >= MIN_FREE
         && access (folder, W_OK | X_OK) == 0;
}

static const char *
choose_folder (void)
{
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");

  if (is_in_memory ("/dev/shm"))
    return "/dev/shm";
  return is_in_memory (runtime) ? runtime : g_get_tmp_dir ();
}

static int
make_lock (const char *path)
{
  g_autofree char *lock = g_build_filename (path, LOCK, NULL);
  int fd = open (lock, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0)
    (void) !flock (fd, LOCK_EX | LOCK_NB);
  return fd;
}

/**
 * mer_child_spool_new:
 * @folder: (nullable): where to make it; %NULL for a place in memory, if there is one
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): a folder of its own
 */
MerChildSpool *
mer_child_spool_new (const char *folder, GError **error)
{
  const char *place = folder != NULL ? folder : choose_folder ();
  g_autofree char *path = g_build_filename (place, PREFIX "XXXXXX", NULL);

  clean_up (place);
  if (g_mkdtemp_full (path, 0700) == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_FAILED,
                   "media-folder: no folder can be made in %s: %s", place,
                   g_strerror (errno));
      return NULL;
    }

  MerChildSpool *self = g_new0 (MerChildSpool, 1);
  g_atomic_ref_count_init (&self->refs);
  self->lock = make_lock (path);
  self->path = g_steal_pointer (&path);
  return self;
}

MerChildSpool *
mer_child_spool_ref (MerChildSpool *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mer_child_spool_unref (MerChildSpool *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  remove_tree (self->path);
  if (self->lock >= 0)
    close (self->lock);
  g_free (self->path);
  g_free (self);
}

/**
 * mer_child_spool_get_path:
 * @self: a spool
 *
 * Returns: (transfer none) (type filename): its folder
 */
const char *
mer_child_spool_get_path (MerChildSpool *self)
{
  return self->path;
}

/* what libraries look at before they look into a file: its name */
static const char *
find_extension (const guint8 *data, gsize length)
{
  static const struct
  {
    gsize at;
    const char *bytes;
    gsize length;
    const char *extension;
  } kinds[] = {
    { 0, "\xff\xd8\xff", 3, "jpg" }, { 8, "WAVE", 4, "wav" },
    { 8, "AVI ", 4, "avi" },         { 4, "ftypqt", 6, "mov" },
    { 4, "ftyp", 4, "mp4" },         { 0, "\x1a\x45\xdf\xa3", 4, "mkv" },
    { 0, "OggS", 4, "ogg" },         { 0, "FLV", 3, "flv" },
    { 0, "\x47", 1, "ts" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (length >= kinds[i].at + kinds[i].length
        && memcmp (data + kinds[i].at, kinds[i].bytes, kinds[i].length) == 0)
      return kinds[i].extension;
  return "bin";
}

static gboolean
write_all (int fd, const guint8 *data, gsize length)
{
  while (length > 0)
    {
      gssize n = write (fd, data, length);

      if (n < 0 && errno != EINTR)
        return FALSE;
      data += MAX (n, 0);
      length -= (gsize) MAX (n, 0);
    }
  return TRUE;
}

static gboolean
copy_file (int fd, MerPayloadFile *file)
{
  g_autofree guint8 *block = g_malloc (BLOCK);
  gsize size = mer_payload_file_get_size (file);

  for (gsize done = 0; done < size; done += MIN (BLOCK, size - done))
    if (!mer_payload_file_read (file, done, block, MIN (BLOCK, size - done), NULL)
        || !write_all (fd, block, MIN (BLOCK, size - done)))
      return FALSE;
  return TRUE;
}

static const char *
find_media_extension (const MerPayloadSegment *segment)
{
  guint8 start[16] = { 0 };
  gsize length = 0;
  const guint8 *data = NULL;

  if (segment->file == NULL)
    {
      data = g_bytes_get_data (segment->bytes, &length);
      return find_extension (data, length);
    }
  length = MIN (sizeof start, mer_payload_file_get_size (segment->file));
  return mer_payload_file_read (segment->file, 0, start, length, NULL)
             ? find_extension (start, length)
             : "bin";
}

static char *
write_media (const char *folder, guint number, const MerPayloadSegment *segment,
             GError **error)
{
  g_autofree char *name
      = g_strdup_printf ("%02u.%s", number, find_media_extension (segment));
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  gboolean good = FALSE;

  if (fd >= 0)
    good = segment->file != NULL ? copy_file (fd, segment->file)
                                 : write_all (fd, g_bytes_get_data (segment->bytes, NULL),
                                              g_bytes_get_size (segment->bytes));
  if (fd >= 0 && close (fd) == 0 && good)
    return g_steal_pointer (&path);
  g_set_error (error, MER_ERROR, MER_ERROR_NO_SPACE,
               "media-folder: %s cannot be written: %s", path, g_strerror (errno));
  return NULL;
}

/* as it stands between the quotes of a JSON string */
static void
append_escaped (GString *text, const char *path)
{
  g_autofree char *valid = g_utf8_make_valid (path, -1);

  for (const char *at = valid; *at != '\0'; at++)
    if (*at == '"' || *at == '\\')
      g_string_append_printf (text, "\\%c", *at);
    else if ((guchar) *at < 0x20)
      g_string_append_printf (text, "\\u%04x", (guint) *at);
    else
      g_string_append_c (text, *at);
}

/**
 * mer_child_spool_write:
 * @self: a spool; from any thread
 * @id: the request's name, fit for a file name
 * @segments: (element-type MerPayloadSegment): the request, filled
 * @error: return location for an error
 *
 * Writes the media into files.
 *
 * Returns: (transfer full) (nullable): the request with paths in place of the media
 */
char *
mer_child_spool_write (MerChildSpool *self, const char *id, GArray *segments,
                       GError **error)
{
  g_autofree char *folder = g_build_filename (self->path, id, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_media = 0;

  if (g_mkdir (folder, 0700) != 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NO_SPACE,
                   "media-folder: %s cannot be made: %s", folder, g_strerror (errno));
      return NULL;
    }
  for (guint i = 0; i < segments->len; i++)
    {
      MerPayloadSegment *segment = &g_array_index (segments, MerPayloadSegment, i);

      if (!segment->is_media)
        {
          g_string_append_len (text, g_bytes_get_data (segment->bytes, NULL),
                               (gssize) g_bytes_get_size (segment->bytes));
          continue;
        }
      g_autofree char *path = write_media (folder, n_media++, segment, error);
      if (path == NULL)
        {
          remove_tree (folder);
          return NULL;
        }
      append_escaped (text, path);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * mer_child_spool_remove:
 * @self: a spool
 * @id: a request's name
 *
 * Removes the request's files, and what the program put beside them.
 */
void
mer_child_spool_remove (MerChildSpool *self, const char *id)
{
  g_autofree char *folder = g_build_filename (self->path, id, NULL);

  remove_tree (folder);
}
