/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* files of calls, beside the store, one after the other as the server's limits want it */
#include "base/mer-bulk-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "mer-error.h"

#define INFIX "-bulk-"
#define PART ".part"

struct _MerBulkSpool
{
  MerStore *store;
  const MerBulkApi *api;
  MerBulkShard *pattern;
  guint max_calls;

  /* of the file that is being written */
  int fd;
  char *path;
  MerBulkShard *shard;
  GPtrArray *keys;
  guint64 bytes;
};

/* half of what the server found too large */
static guint
find_max_calls (MerStore *store, const MerBulkServer *server, const char *path,
                const char *model)
{
  g_autoptr (GPtrArray) shards = mer_store_bulk_list (store, NULL);
  gint64 most = server->api->max_calls;

  for (guint i = 0; shards != NULL && i < shards->len; i++)
    {
      const MerBulkShard *shard = g_ptr_array_index (shards, i);

      if (shard->state == MER_BULK_TOO_LARGE && g_str_equal (shard->uri, server->uri)
          && g_str_equal (shard->path, path) && g_str_equal (shard->model, model))
        most = MIN (most, MAX (1, shard->n_calls / 2));
    }
  return (guint) most;
}

MerBulkSpool *
mer_bulk_spool_new (MerStore *store, const MerBulkServer *server, const char *path,
                    const char *model)
{
  MerBulkSpool *self = g_new0 (MerBulkSpool, 1);

  self->store = g_object_ref (store);
  self->api = server->api;
  self->fd = -1;
  self->max_calls = find_max_calls (store, server, path, model);
  self->pattern = g_new0 (MerBulkShard, 1);
  self->pattern->protocol = g_strdup (server->protocol);
  self->pattern->uri = g_strdup (server->uri);
  self->pattern->path = g_strdup (path);
  self->pattern->model = g_strdup (model);
  self->pattern->key_variable = g_strdup (server->key_variable);
  self->pattern->allow_plain_http = server->allow_plain_http;
  return self;
}

static void
forget_file (MerBulkSpool *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  if (self->path != NULL)
    g_unlink (self->path);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->shard, mer_bulk_shard_free);
  g_clear_pointer (&self->keys, g_ptr_array_unref);
  self->bytes = 0;
}

void
mer_bulk_spool_free (MerBulkSpool *self)
{
  forget_file (self);
  mer_bulk_shard_free (self->pattern);
  g_object_unref (self->store);
  g_free (self);
}

static gboolean
set_write_error (MerBulkSpool *self, GError **error)
{
  const int code
      = errno == ENOSPC || errno == EDQUOT ? MER_ERROR_NO_SPACE : MER_ERROR_FAILED;

  g_set_error (error, MER_ERROR, code, "%s: %s", self->path, g_strerror (errno));
  return FALSE;
}

static gboolean
write_bytes (MerBulkSpool *self, const char *bytes, gsize length, GError **error)
{
  self->bytes += length;
  while (length > 0)
    {
      ssize_t n = write (self->fd, bytes, length);

      if (n < 0 && errno != EINTR)
        return set_write_error (self, error);
      bytes += MAX (n, 0);
      length -= (gsize) MAX (n, 0);
    }
  return TRUE;
}

static gboolean
write_text (MerBulkSpool *self, const char *text, GError **error)
{
  return write_bytes (self, text, strlen (text), error);
}

/* of this user alone: it holds what people look and sound like */
static gboolean
open_file (MerBulkSpool *self, GError **error)
{
  g_autofree char *uuid = g_uuid_string_random ();
  g_auto (GStrv) words = g_strsplit (uuid, "-", -1);
  g_autofree char *plain = g_strjoinv ("", words);
  g_autofree char *store = g_path_get_basename (mer_store_get_path (self->store));

  self->shard = mer_bulk_shard_copy (self->pattern);
  self->shard->token = g_strconcat ("mer-", plain, NULL);
  self->shard->file = g_strconcat (store, INFIX, plain, NULL);
  self->path = g_strconcat (mer_store_get_path (self->store), INFIX, plain, PART, NULL);
  self->keys = g_ptr_array_new_with_free_func (g_free);
  self->fd
      = g_open (self->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->fd < 0)
    return set_write_error (self, error);
  return write_text (self, self->api->head, error);
}

static gboolean
write_payload (MerBulkSpool *self, MerPayload *payload, GError **error)
{
  g_autoptr (GInputStream) body = mer_payload_open (payload);
  g_autofree char *chunk = g_malloc (65536);

  for (;;)
    {
      gssize n = g_input_stream_read (body, chunk, 65536, NULL, error);

      if (n <= 0)
        return n == 0;
      if (!write_bytes (self, chunk, (gsize) n, error))
        return FALSE;
    }
}

gboolean
mer_bulk_spool_close (MerBulkSpool *self, GError **error)
{
  g_autofree char *complete = NULL;
  gboolean well = FALSE;

  if (self->fd < 0)
    return TRUE;
  complete = g_strndup (self->path, strlen (self->path) - strlen (PART));
  if (!write_text (self, self->api->tail, error))
    return FALSE;
  if (fsync (self->fd) != 0 || g_rename (self->path, complete) != 0)
    return set_write_error (self, error);
  g_free (self->path);
  self->path = g_steal_pointer (&complete);
  self->shard->bytes = (gint64) self->bytes;
  well = mer_store_bulk_add (self->store, self->shard, self->keys, error);
  if (well)
    g_clear_pointer (&self->path, g_free);
  forget_file (self);
  return well;
}

static gboolean
is_full (MerBulkSpool *self, guint64 more)
{
  return self->keys->len >= self->max_calls
         || self->bytes + more + strlen (self->api->tail) > self->api->max_bytes;
}

gboolean
mer_bulk_spool_add (MerBulkSpool *self, const char *key, MerPayload *payload,
                    GError **error)
{
  const MerBulkApi *api = self->api;
  g_autofree char *start = api->begin_call (self->pattern->uri, self->pattern->path, key);
  guint64 length = strlen (start) + mer_payload_get_length (payload)
                   + strlen (api->end_call) + strlen (api->separator);
  guint64 most = api->max_line > 0 ? api->max_line : api->max_bytes;

  if (length + strlen (api->head) + strlen (api->tail) > most)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE,
                   "the request has %.1f MB, more than a batch takes (%.1f MB); show fewer "
                   "or smaller frames",
                   (double) length / 1e6, (double) most / 1e6);
      return FALSE;
    }
  if (self->fd >= 0 && is_full (self, length) && !mer_bulk_spool_close (self, error))
    return FALSE;
  if (self->fd < 0 && !open_file (self, error))
    return FALSE;
  if ((self->keys->len > 0 && !write_text (self, api->separator, error))
      || !write_text (self, start, error) || !write_payload (self, payload, error)
      || !write_text (self, api->end_call, error))
    {
      /* half a call spoils the whole file: its calls are asked again */
      forget_file (self);
      return FALSE;
    }
  g_ptr_array_add (self->keys, g_strdup (key));
  return TRUE;
}

static GHashTable *
list_files_in_use (MerStore *store, GError **error)
{
  g_autoptr (GPtrArray) shards = mer_store_bulk_list (store, error);
  GHashTable *files = NULL;

  if (shards == NULL)
    return NULL;
  files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < shards->len; i++)
    {
      const MerBulkShard *shard = g_ptr_array_index (shards, i);

      if (MER_BULK_STATE_IS_OPEN (shard->state))
        g_hash_table_add (files, g_strdup (shard->file));
    }
  return files;
}

/* a token's digits, and nothing else, so that no file of anybody else is taken for ours */
static gboolean
is_leftover (const char *name, const char *prefix, GHashTable *in_use)
{
  const char *rest = g_str_has_prefix (name, prefix) ? name + strlen (prefix) : NULL;

  return rest != NULL && strspn (rest, "0123456789abcdef") == 32
         && !g_hash_table_contains (in_use, name);
}

gboolean
mer_bulk_spool_remove_leftovers (MerStore *store, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (mer_store_get_path (store));
  g_autofree char *base = g_path_get_basename (mer_store_get_path (store));
  g_autofree char *prefix = g_strconcat (base, INFIX, NULL);
  g_autoptr (GHashTable) in_use = list_files_in_use (store, error);
  g_autoptr (GDir) dir = in_use != NULL ? g_dir_open (folder, 0, error) : NULL;
  const char *name = NULL;

  if (dir == NULL)
    return FALSE;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (is_leftover (name, prefix, in_use))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);

        g_unlink (path);
      }
  return TRUE;
}
