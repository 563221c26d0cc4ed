/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/mer-store.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "mer-error.h"
#include "store/mer-store-lock.h"
#include "store/mer-store-private.h"
#include "store/mer-store-schema.h"
#include "tables/mer-json.h"

/* An open file of this process, under `r:` or `w:` and its real path. Those who open it
 * while it is being closed wait for the end of that, or they would be refused by their own
 * process. */
typedef struct
{
  char *key;
  GWeakRef store;
  MerStoreLock *lock;
} OpenFile;

static GMutex registry_lock;
static GCond registry_changed;
static GHashTable *registry;

struct _MerStore
{
  GObject parent_instance;

  char *path;
  OpenFile *file;
  MerStoreWriter *writer;

  GMutex reader_lock;
  MerDb *reader;
};

G_DEFINE_FINAL_TYPE (MerStore, mer_store, G_TYPE_OBJECT)

static void
open_file_closed (gpointer data)
{
  OpenFile *file = data;

  g_clear_pointer (&file->lock, mer_store_lock_release);
  g_mutex_lock (&registry_lock);
  g_hash_table_remove (registry, file->key);
  g_cond_broadcast (&registry_changed);
  g_mutex_unlock (&registry_lock);
  g_weak_ref_clear (&file->store);
  g_free (file->key);
  g_free (file);
}

static void
mer_store_finalize (GObject *object)
{
  MerStore *self = MER_STORE (object);

  /* the writer closes last, since only it can empty the write-ahead log */
  g_clear_pointer (&self->reader, mer_db_close);
  if (self->writer != NULL)
    mer_store_writer_stop (g_steal_pointer (&self->writer));
  else if (self->file != NULL)
    open_file_closed (self->file);
  g_mutex_clear (&self->reader_lock);
  g_free (self->path);
  G_OBJECT_CLASS (mer_store_parent_class)->finalize (object);
}

static void
mer_store_class_init (MerStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mer_store_finalize;
}

static void
mer_store_init (MerStore *self)
{
  g_mutex_init (&self->reader_lock);
}

/* what other names of one file have in common; the file itself may not be there yet */
static char *
store_real_path (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  char real[PATH_MAX];

  if (realpath (path, real) != NULL)
    return g_strdup (real);
  if (errno == ENOENT && realpath (folder, real) != NULL)
    return g_build_filename (real, name, NULL);
  if (errno == ENOENT)
    g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                 "%s: there is no folder %s; make it first", path, folder);
  else
    g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT, "%s: %s", path,
                 g_strerror (errno));
  return NULL;
}

/* runs that a killed process left */
static gboolean
store_mark_interrupted (MerDb *db, GError **error)
{
  return mer_db_exec (db,
                      "UPDATE sessions SET state = 'stopped',"
                      " why = 'it ended without a word: its process was killed,"
                      " or the disk was full' WHERE state = 'running'",
                      error);
}

static gboolean
store_open_writer (MerStore *self, OpenFile *file, GError **error)
{
  file->lock = mer_store_lock_take (self->path, error);
  if (file->lock == NULL)
    return FALSE;

  g_autoptr (MerDb) db = mer_db_open (self->path, MER_DB_WRITE, error);

  if (db == NULL || !mer_store_schema_upgrade (db, error)
      || !mer_store_schema_check (db, error) || !store_mark_interrupted (db, error))
    return FALSE;
  self->writer = mer_store_writer_new (g_steal_pointer (&db), open_file_closed, file);
  return TRUE;
}

static gboolean
store_open_reader (MerStore *self, GError **error)
{
  self->reader = mer_db_open (self->path, MER_DB_READ, error);
  return self->reader != NULL && mer_store_schema_check (self->reader, error);
}

/* with the registry locked */
static MerStore *
store_open_new (const char *path, const char *key, MerStoreMode mode, GError **error)
{
  MerStore *self = g_object_new (MER_TYPE_STORE, NULL);
  OpenFile *file = g_new0 (OpenFile, 1);

  file->key = g_strdup (key);
  g_weak_ref_init (&file->store, self);
  g_hash_table_insert (registry, file->key, file);
  self->path = g_strdup (path);
  self->file = file;
  if ((mode == MER_STORE_READ || store_open_writer (self, file, error))
      && store_open_reader (self, error))
    return self;
  /* nobody may find it half open */
  g_weak_ref_set (&file->store, NULL);
  g_mutex_unlock (&registry_lock);
  g_object_unref (self);
  g_mutex_lock (&registry_lock);
  return NULL;
}

static MerStore *
store_find_open (const char *key)
{
  OpenFile *file;

  while ((file = g_hash_table_lookup (registry, key)) != NULL)
    {
      MerStore *store = g_weak_ref_get (&file->store);

      if (store != NULL)
        return store;
      g_cond_wait (&registry_changed, &registry_lock);
    }
  return NULL;
}

/**
 * mer_store_open:
 * @path: of the `.mer` file
 * @mode: how it is used
 * @error: return location for an error
 *
 * Two who open one path in one process get one store. A writer keeps others out of the
 * file until its last reference is dropped; that waits until all is on disk.
 *
 * Errors: `BUSY` if another process writes it, naming that; `NOT_FOUND`; `INVALID_FILE` if
 * it is damaged or no store; `UNSUPPORTED` if a newer version made it; `NO_SPACE`.
 *
 * Returns: (transfer full) (nullable): the store
 * Since: 0.1
 */
MerStore *
mer_store_open (const char *path, MerStoreMode mode, GError **error)
{
  g_autofree char *real = store_real_path (path, error);

  if (real == NULL)
    return NULL;

  g_autofree char *key = g_strconcat (mode == MER_STORE_WRITE ? "w:" : "r:", real, NULL);
  MerStore *self;

  g_mutex_lock (&registry_lock);
  if (registry == NULL)
    registry = g_hash_table_new (g_str_hash, g_str_equal);
  self = store_find_open (key);
  if (self == NULL)
    self = store_open_new (real, key, mode, error);
  g_mutex_unlock (&registry_lock);
  return self;
}

/**
 * mer_store_get_path:
 * @self: a store
 *
 * Returns: the real path of its file
 * Since: 0.1
 */
const char *
mer_store_get_path (MerStore *self)
{
  return self->path;
}

/**
 * mer_store_is_writable:
 * @self: a store
 *
 * Returns: whether it was opened for writing
 * Since: 0.1
 */
gboolean
mer_store_is_writable (MerStore *self)
{
  return self->writer != NULL;
}

MerDb *
mer_store_take_reader (MerStore *self)
{
  g_mutex_lock (&self->reader_lock);
  return self->reader;
}

void
mer_store_give_reader (MerStore *self)
{
  g_mutex_unlock (&self->reader_lock);
}

MerStoreWriter *
mer_store_get_writer (MerStore *self, GError **error)
{
  if (self->writer == NULL)
    g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT, "%s: is open for reading",
                 self->path);
  return self->writer;
}

/**
 * mer_store_flush:
 * @self: a store
 * @error: return location for an error
 *
 * Waits until all that was handed over before is on disk. Not for the I/O thread.
 *
 * Returns: %FALSE if the last of it could not be written
 * Since: 0.1
 */
gboolean
mer_store_flush (MerStore *self, GError **error)
{
  return self->writer == NULL || mer_store_writer_run (self->writer, NULL, NULL, error);
}

/**
 * mer_store_context_new:
 * @self: a store
 *
 * Returns: (transfer full): a persistent context that brings @self to elements
 * Since: 0.1
 */
GstContext *
mer_store_context_new (MerStore *self)
{
  GstContext *context = gst_context_new (MER_STORE_CONTEXT, TRUE);

  gst_structure_set (gst_context_writable_structure (context), "store", MER_TYPE_STORE,
                     self, NULL);
  return context;
}

/**
 * mer_store_from_context:
 * @context: a context of any type
 *
 * Returns: (transfer full) (nullable): the store that it brings
 * Since: 0.1
 */
MerStore *
mer_store_from_context (GstContext *context)
{
  MerStore *store = NULL;

  if (gst_context_has_context_type (context, MER_STORE_CONTEXT))
    gst_structure_get (gst_context_get_structure (context), "store", MER_TYPE_STORE, &store,
                       NULL);
  return store;
}
