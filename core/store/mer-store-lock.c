/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/mer-store-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mer-error.h"

/* how often to try again when the former holder removes the file under us */
#define LOCK_TRIES 100

struct _MerStoreLock
{
  int fd;
  char *path;
};

static char *
lock_path (const char *store)
{
  return g_strconcat (store, "-lock", NULL);
}

static struct flock
lock_whole (void)
{
  return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

static char *
lock_read_holder (int fd)
{
  char text[512];
  ssize_t length = pread (fd, text, sizeof text - 1, 0);

  if (length <= 0)
    return g_strdup ("another process");
  text[length] = '\0';

  g_autofree char *holder = g_utf8_make_valid (text, length);

  for (char *c = holder; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  return g_strdup (g_strstrip (holder));
}

static gboolean
lock_write_holder (int fd, const char *path, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *since = g_date_time_format (now, "%Y-%m-%d %H:%M:%S UTC");
  g_autofree char *text = g_strdup_printf ("process %d on host %s since %s\n",
                                           (int) getpid (), g_get_host_name (), since);

  if (ftruncate (fd, 0) == 0
      && pwrite (fd, text, strlen (text), 0) == (ssize_t) strlen (text))
    return TRUE;

  int code = errno == ENOSPC || errno == EDQUOT ? MER_ERROR_NO_SPACE : MER_ERROR_FAILED;
  g_set_error (error, MER_ERROR, code, "%s: cannot be written: %s", path,
               g_strerror (errno));
  return FALSE;
}

static int
lock_open (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  int code = MER_ERROR_INVALID_ARGUMENT;

  if (fd >= 0)
    return fd;
  if (errno == ENOENT)
    code = MER_ERROR_NOT_FOUND;
  else if (errno == ENOSPC || errno == EDQUOT)
    code = MER_ERROR_NO_SPACE;
  g_set_error (error, MER_ERROR, code,
               "%s: the store's lock file cannot be made: %s; the folder must exist and be "
               "writable",
               path, g_strerror (errno));
  return -1;
}

/* 1 locked, 0 the file went away and a new one must be tried, -1 failed */
static int
lock_try (int fd, const char *store, const char *path, GError **error)
{
  struct flock whole = lock_whole ();
  struct stat held, named;

  if (fcntl (fd, F_OFD_SETLK, &whole) != 0)
    {
      if (errno == EAGAIN || errno == EACCES)
        {
          g_autofree char *holder = lock_read_holder (fd);

          g_set_error (error, MER_ERROR, MER_ERROR_BUSY,
                       "%s: is being written by %s; wait for it to end or write to another "
                       "file",
                       store, holder);
          return -1;
        }
      g_set_error (error, MER_ERROR, MER_ERROR_UNSUPPORTED,
                   "%s: its file system gives no locks (%s); put the store elsewhere", path,
                   g_strerror (errno));
      return -1;
    }
  if (fstat (fd, &held) != 0 || stat (path, &named) != 0)
    return 0;
  return held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/*
 * mer_store_lock_take:
 * @path: of the store
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the lock; %NULL with `BUSY` naming the holder
 */
MerStoreLock *
mer_store_lock_take (const char *path, GError **error)
{
  g_autofree char *name = lock_path (path);

  for (guint i = 0; i < LOCK_TRIES; i++)
    {
      int fd = lock_open (name, error);

      if (fd < 0)
        return NULL;

      int locked = lock_try (fd, path, name, error);

      if (locked > 0 && lock_write_holder (fd, name, error))
        {
          MerStoreLock *self = g_new0 (MerStoreLock, 1);

          self->fd = fd;
          self->path = g_steal_pointer (&name);
          return self;
        }
      close (fd);
      if (locked != 0)
        return NULL;
    }
  g_set_error (error, MER_ERROR, MER_ERROR_BUSY, "%s: other processes keep taking it",
               path);
  return NULL;
}

/*
 * mer_store_lock_release:
 * @self: (transfer full): the lock
 */
void
mer_store_lock_release (MerStoreLock *self)
{
  /* removed while still held: whoever has opened it meanwhile sees that its file is not
   * the one of that name any more, and tries again */
  unlink (self->path);
  close (self->fd);
  g_free (self->path);
  g_free (self);
}

/*
 * mer_store_lock_is_held:
 * @path: of the store
 *
 * Returns: whether some process, this one included, writes the store now
 */
gboolean
mer_store_lock_is_held (const char *path)
{
  g_autofree char *name = lock_path (path);
  struct flock whole = lock_whole ();
  int fd = open (name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  gboolean held;

  if (fd < 0)
    return FALSE;
  held = fcntl (fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
  close (fd);
  return held;
}
