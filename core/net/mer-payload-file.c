/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-payload-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mer-error.h"

#define BLOCK ((gsize) 256 * 1024)

struct _MerPayloadFile
{
  gatomicrefcount refs;
  int fd;
  gsize size;
  char *path;
  char *sha256;
};

typedef struct
{
  char *path;
  char *sha256;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->path);
  g_free (job->sha256);
  g_free (job);
}

static gboolean
fail (GError **error, const char *path, const char *why)
{
  g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "%s: %s", path, why);
  return FALSE;
}

static gboolean
look (MerPayloadFile *self, GError **error)
{
  struct stat info;

  self->fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (self->fd < 0 || fstat (self->fd, &info) != 0)
    return fail (error, self->path, g_strerror (errno));
  if (!S_ISREG (info.st_mode))
    return fail (error, self->path, "not a regular file");
  self->size = (gsize) info.st_size;
  return TRUE;
}

static gboolean
hash (MerPayloadFile *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *block = g_malloc (BLOCK);

  for (gsize at = 0; at < self->size; at += BLOCK)
    {
      gsize length = MIN (BLOCK, self->size - at);

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !mer_payload_file_read (self, at, block, length, error))
        return FALSE;
      g_checksum_update (checksum, block, (gssize) length);
    }
  self->sha256 = g_strdup (g_checksum_get_string (checksum));
  return TRUE;
}

/**
 * mer_payload_file_open:
 * @path: (type filename): a regular file
 * @sha256: (nullable): what its content must hash to; %NULL takes any
 * @cancellable: (nullable): stops the reading
 * @error: place for an error
 *
 * Reads the whole file once. Blocks: for worker threads.
 *
 * Returns: (transfer full) (nullable): the file
 */
MerPayloadFile *
mer_payload_file_open (const char *path, const char *sha256, GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (MerPayloadFile) self = g_new0 (MerPayloadFile, 1);

  g_atomic_ref_count_init (&self->refs);
  self->fd = -1;
  self->path = g_strdup (path);
  if (!look (self, error) || !hash (self, cancellable, error))
    return NULL;
  if (sha256 != NULL && strcmp (sha256, self->sha256) != 0)
    {
      fail (error, path, "the file has changed since it was first read");
      return NULL;
    }
  return g_steal_pointer (&self);
}

static void
open_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;
  MerPayloadFile *file
      = mer_payload_file_open (job->path, job->sha256, cancellable, &error);

  if (file != NULL)
    g_task_return_pointer (task, file, (GDestroyNotify) mer_payload_file_unref);
  else
    g_task_return_error (task, error);
}

/**
 * mer_payload_file_open_async:
 * @path: (type filename): a regular file
 * @sha256: (nullable): what its content must hash to; %NULL takes any
 * @cancellable: (nullable): stops the reading
 * @callback: (scope async): called in the thread-default context
 * @user_data: for @callback
 *
 * Opens and hashes a file in a worker thread.
 */
void
mer_payload_file_open_async (const char *path, const char *sha256,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  job->path = g_strdup (path);
  job->sha256 = g_strdup (sha256);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, open_in_thread);
}

/**
 * mer_payload_file_open_finish:
 * @result: what the callback got
 * @error: place for an error
 *
 * Returns: (transfer full) (nullable): the file
 */
MerPayloadFile *
mer_payload_file_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * mer_payload_file_ref:
 * @self: a file
 *
 * Returns: (transfer full): @self
 */
MerPayloadFile *
mer_payload_file_ref (MerPayloadFile *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/**
 * mer_payload_file_unref:
 * @self: (transfer full): a file
 */
void
mer_payload_file_unref (MerPayloadFile *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self->sha256);
  g_free (self);
}

/**
 * mer_payload_file_get_size:
 * @self: a file
 *
 * Returns: its bytes when it was opened
 */
gsize
mer_payload_file_get_size (MerPayloadFile *self)
{
  return self->size;
}

/**
 * mer_payload_file_get_sha256:
 * @self: a file
 *
 * Returns: (transfer none): of its content when it was opened, 64 hex digits
 */
const char *
mer_payload_file_get_sha256 (MerPayloadFile *self)
{
  return self->sha256;
}

/**
 * mer_payload_file_read:
 * @self: a file
 * @offset: where, from its start
 * @out: (array length=length): filled as a whole
 * @length: bytes
 * @error: place for an error
 *
 * Reads what was hashed a moment ago and is in the page cache as a rule, so that the I/O
 * thread may do it.
 *
 * Returns: %FALSE where the file has become shorter or cannot be read
 */
gboolean
mer_payload_file_read (MerPayloadFile *self, gsize offset, void *out, gsize length,
                       GError **error)
{
  gsize done = 0;

  while (done < length)
    {
      gssize n
          = pread (self->fd, (guint8 *) out + done, length - done, (off_t) (offset + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return fail (error, self->path,
                     n < 0 ? g_strerror (errno) : "the file became shorter");
      done += (gsize) n;
    }
  return TRUE;
}
