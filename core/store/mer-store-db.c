/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/mer-store-db.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/statfs.h>

/* how long another program's transaction is waited for, milliseconds */
#define READ_TIMEOUT 10000
#define WRITE_TIMEOUT 60000
/* the largest text or blob that is read or written, bytes */
#define MAX_VALUE (256 * 1024 * 1024)
/* pages in the write-ahead log after which it is copied into the file, and the bytes that
 * it may keep afterwards */
#define CHECKPOINT "PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 4194304"

struct _MerDb
{
  sqlite3 *db;
  char *path;
  GHashTable *statements;
};

/* file systems whose shared memory does not reach other hosts, by statfs(2) */
static const guint32 network_types[] = {
  0x6969,     /* NFS */
  0x517b,     /* SMB */
  0xff534d42, /* CIFS */
  0xfe534d42, /* SMB2 */
  0x65735546, /* FUSE: sshfs and many others */
  0x01021997, /* 9P */
  0x5346414f, /* AFS */
  0x6b414653, /* kAFS */
  0x73757245, /* Coda */
  0x00c36400, /* Ceph */
  0x0bd00bd0, /* Lustre */
  0x47504653, /* GPFS */
  0x01161970, /* GFS2 */
  0x7461636f, /* OCFS2 */
  0x786f4256, /* VirtualBox shared folders */
  0x19830326, /* BeeGFS */
};

static gboolean
path_is_network (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct statfs info;

  /* for tests, and for file systems that are not in the list */
  if (g_getenv ("MER_STORE_ROLLBACK") != NULL)
    return TRUE;
  if (statfs (folder, &info) != 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (network_types); i++)
    if ((guint32) info.f_type == network_types[i])
      return TRUE;
  return FALSE;
}

static int
error_code (sqlite3 *db, int rc)
{
  int system = db != NULL ? sqlite3_system_errno (db) : 0;

  /* a spent quota and a file too large for its file system show as failed writes, and
   * SQLite does not keep their errno */
  if (rc == SQLITE_IOERR_WRITE || rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_TRUNCATE
      || rc == SQLITE_IOERR_SHMSIZE)
    return MER_ERROR_NO_SPACE;
  switch (rc & 0xff)
    {
    case SQLITE_FULL:
      return MER_ERROR_NO_SPACE;
    case SQLITE_IOERR:
      return system == ENOSPC || system == EDQUOT ? MER_ERROR_NO_SPACE : MER_ERROR_FAILED;
    case SQLITE_CANTOPEN:
      return system == ENOSPC || system == EDQUOT ? MER_ERROR_NO_SPACE
                                                  : MER_ERROR_INVALID_ARGUMENT;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return MER_ERROR_INVALID_ARGUMENT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return MER_ERROR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return MER_ERROR_INVALID_FILE;
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      return MER_ERROR_TOO_LARGE;
    case SQLITE_CONSTRAINT:
      return MER_ERROR_EXISTS;
    default:
      return MER_ERROR_FAILED;
    }
}

static const char *
error_advice (int code)
{
  switch (code)
    {
    case MER_ERROR_NO_SPACE:
      return "the disk or quota is full, or the disk failed; what was committed is kept; "
             "make "
             "room and start again";
    case MER_ERROR_BUSY:
      return "another program holds a transaction on it; close that program and start "
             "again";
    case MER_ERROR_INVALID_FILE:
      return "it is damaged or no store; “mer doctor FILE” says what is left, and “sqlite3 "
             "FILE .recover” saves it";
    default:
      return NULL;
    }
}

static void
db_set_error (MerDb *self, int rc, GError **error)
{
  int code = error_code (self->db, rc);
  const char *advice = error_advice (code);
  const char *message = self->db != NULL ? sqlite3_errmsg (self->db) : sqlite3_errstr (rc);

  g_set_error (error, MER_ERROR, code, "%s: %s%s%s%s", self->path,
               advice != NULL ? advice : message, advice != NULL ? " (" : "",
               advice != NULL ? message : "", advice != NULL ? ")" : "");
}

/* nothing in a file that somebody sent may run code, and no plan depends on its say-so */
static gboolean
db_harden (MerDb *self, GError **error)
{
  sqlite3_extended_result_codes (self->db, 1);
  sqlite3_busy_timeout (self->db, READ_TIMEOUT);
  sqlite3_limit (self->db, SQLITE_LIMIT_LENGTH, MAX_VALUE);
  sqlite3_limit (self->db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
  return mer_db_exec (self, "PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON;", error);
}

static gboolean
db_check_kind (const char *path, MerDbMode mode, GError **error)
{
  struct stat info;

  if (stat (path, &info) != 0)
    {
      if (mode == MER_DB_WRITE && errno == ENOENT)
        return TRUE;
      g_set_error (error, MER_ERROR,
                   errno == ENOENT ? MER_ERROR_NOT_FOUND : MER_ERROR_FAILED, "%s: %s", path,
                   g_strerror (errno));
      return FALSE;
    }
  if (S_ISREG (info.st_mode))
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE, "%s: is %s, a store is a file",
               path, S_ISDIR (info.st_mode) ? "a folder" : "no regular file");
  return FALSE;
}

/* Readers may write where the file's mode lets them, but query_only keeps them from it:
 * only such a connection takes the log and the shared memory away again when it is the
 * last. */
static gboolean
db_connect (MerDb *self, MerDbMode mode, gboolean immutable, GError **error)
{
  g_autofree char *escaped = g_uri_escape_string (self->path, "/", FALSE);
  g_autofree char *uri
      = g_strdup_printf ("file:%s%s", escaped, immutable ? "?immutable=1" : "");
  int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
              | (immutable ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE)
              | (mode == MER_DB_WRITE ? SQLITE_OPEN_CREATE : 0);
  int rc = sqlite3_open_v2 (uri, &self->db, flags, NULL);

  if (rc != SQLITE_OK)
    {
      db_set_error (self, rc, error);
      return FALSE;
    }
  return db_harden (self, error)
         && (mode == MER_DB_WRITE || mer_db_exec (self, "PRAGMA query_only = ON", error));
}

/* A reader of a store with a write-ahead log needs shared memory beside it. Where that
 * cannot be made (a read-only medium, a network) and no log is left over, the file is all
 * there is and nobody writes it. */
static gboolean
db_may_be_immutable (MerDb *self)
{
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);
  struct stat info;

  return stat (log, &info) != 0 || info.st_size == 0;
}

static gboolean
db_open_read (MerDb *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  gint64 version;

  if (db_connect (self, MER_DB_READ, FALSE, &local)
      && mer_db_get_integer (self, "PRAGMA user_version", &version, &local))
    return TRUE;
  if (g_error_matches (local, MER_ERROR, MER_ERROR_INVALID_ARGUMENT)
      && !db_may_be_immutable (self))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "%s: its last writer left a log, %s-wal, and the folder cannot be "
                   "written; copy both into one that can",
                   self->path, self->path);
      return FALSE;
    }
  if (g_error_matches (local, MER_ERROR, MER_ERROR_INVALID_FILE)
      || !db_may_be_immutable (self))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  g_hash_table_remove_all (self->statements);
  g_clear_pointer (&self->db, sqlite3_close_v2);
  return db_connect (self, MER_DB_READ, TRUE, error)
         && mer_db_get_integer (self, "PRAGMA user_version", &version, error);
}

static gboolean
db_open_write (MerDb *self, GError **error)
{
  gint64 version;

  return db_connect (self, MER_DB_WRITE, FALSE, error)
         && mer_db_get_integer (self, "PRAGMA user_version", &version, error);
}

/*
 * mer_db_make_durable:
 * @self: a connection for writing to what is known to be a store
 *
 * From here on what is committed is on the disk. A write-ahead log lets others read at the
 * same time; it needs shared memory, which network file systems do not have.
 */
gboolean
mer_db_make_durable (MerDb *self, GError **error)
{
  const char *journal = path_is_network (self->path) ? "PRAGMA journal_mode = DELETE"
                                                     : "PRAGMA journal_mode = WAL";

  if (!mer_db_exec (self, journal, error)
      || !mer_db_exec (self, "PRAGMA synchronous = FULL; " CHECKPOINT, error))
    return FALSE;
  sqlite3_busy_timeout (self->db, WRITE_TIMEOUT);
  return TRUE;
}

static MerDb *
db_new (const char *path)
{
  MerDb *self = g_new0 (MerDb, 1);

  self->path = g_strdup (path);
  self->statements = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                            (GDestroyNotify) sqlite3_finalize);
  return self;
}

/*
 * mer_db_open:
 * @path: of the file
 * @mode: how it is used; `WRITE` makes it where it is not there
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): a connection; what stands in the file is not
 *   checked yet
 */
MerDb *
mer_db_open (const char *path, MerDbMode mode, GError **error)
{
  if (!db_check_kind (path, mode, error))
    return NULL;

  g_autoptr (MerDb) self = db_new (path);

  if (!(mode == MER_DB_WRITE ? db_open_write (self, error) : db_open_read (self, error)))
    return NULL;
  return g_steal_pointer (&self);
}

/*
 * mer_db_open_memory:
 *
 * Returns: (transfer full): an empty database that no file holds
 */
MerDb *
mer_db_open_memory (void)
{
  MerDb *self = db_new (":memory:");

  if (sqlite3_open (self->path, &self->db) != SQLITE_OK)
    g_error ("SQLite cannot open a database in memory");
  return self;
}

void
mer_db_close (MerDb *self)
{
  g_hash_table_unref (self->statements);
  sqlite3_close_v2 (self->db);
  g_free (self->path);
  g_free (self);
}

const char *
mer_db_get_path (MerDb *self)
{
  return self->path;
}

gboolean
mer_db_exec (MerDb *self, const char *sql, GError **error)
{
  int rc = sqlite3_exec (self->db, sql, NULL, NULL, NULL);

  if (rc == SQLITE_OK)
    return TRUE;
  db_set_error (self, rc, error);
  return FALSE;
}

/*
 * mer_db_get_integer:
 * @sql: gives one row whose first column is wanted; no row leaves @value at 0
 */
gboolean
mer_db_get_integer (MerDb *self, const char *sql, gint64 *value, GError **error)
{
  sqlite3_stmt *statement = mer_db_query (self, error, sql, "");
  int rc = statement != NULL ? mer_db_step (self, statement, error) : SQLITE_ERROR;

  *value = rc == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : 0;
  if (statement != NULL)
    mer_db_end (statement);
  return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

gboolean
mer_db_in_transaction (MerDb *self)
{
  return sqlite3_get_autocommit (self->db) == 0;
}

gint64
mer_db_get_last_number (MerDb *self)
{
  return sqlite3_last_insert_rowid (self->db);
}

int
mer_db_get_changes (MerDb *self)
{
  return sqlite3_changes (self->db);
}

static sqlite3_stmt *
db_prepare (MerDb *self, const char *sql, GError **error)
{
  sqlite3_stmt *statement = g_hash_table_lookup (self->statements, sql);

  if (statement != NULL)
    {
      mer_db_end (statement);
      return statement;
    }

  int rc
      = sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);

  if (rc != SQLITE_OK)
    {
      db_set_error (self, rc, error);
      return NULL;
    }
  g_hash_table_insert (self->statements, (gpointer) sqlite3_sql (statement), statement);
  return statement;
}

static int
db_bind_blob (sqlite3_stmt *statement, int index, GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  if (size == 0)
    return sqlite3_bind_zeroblob (statement, index, 0);
  return sqlite3_bind_blob64 (statement, index, data, size, SQLITE_TRANSIENT);
}

static sqlite3_stmt *
db_query_valist (MerDb *self, GError **error, const char *sql, const char *types,
                 va_list args)
{
  sqlite3_stmt *statement = db_prepare (self, sql, error);
  int rc = SQLITE_OK;

  if (statement == NULL)
    return NULL;
  for (int i = 0; types[i] != '\0' && rc == SQLITE_OK; i++)
    switch (types[i])
      {
      case 't':
        rc = sqlite3_bind_text (statement, i + 1, va_arg (args, const char *), -1,
                                SQLITE_TRANSIENT);
        break;
      case 'i':
        rc = sqlite3_bind_int64 (statement, i + 1, va_arg (args, gint64));
        break;
      case 'b':
        rc = db_bind_blob (statement, i + 1, va_arg (args, GBytes *));
        break;
      default:
        g_assert_not_reached ();
      }
  if (rc == SQLITE_OK)
    return statement;
  db_set_error (self, rc, error);
  return NULL;
}

sqlite3_stmt *
mer_db_query (MerDb *self, GError **error, const char *sql, const char *types, ...)
{
  va_list args;

  va_start (args, types);

  sqlite3_stmt *statement = db_query_valist (self, error, sql, types, args);

  va_end (args);
  return statement;
}

int
mer_db_step (MerDb *self, sqlite3_stmt *statement, GError **error)
{
  int rc = sqlite3_step (statement);

  if (rc == SQLITE_ROW || rc == SQLITE_DONE)
    return rc;
  db_set_error (self, rc, error);
  return SQLITE_ERROR;
}

void
mer_db_end (sqlite3_stmt *statement)
{
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

gboolean
mer_db_run (MerDb *self, GError **error, const char *sql, const char *types, ...)
{
  va_list args;

  va_start (args, types);

  sqlite3_stmt *statement = db_query_valist (self, error, sql, types, args);

  va_end (args);
  if (statement == NULL)
    return FALSE;

  int rc = mer_db_step (self, statement, error);

  mer_db_end (statement);
  return rc != SQLITE_ERROR;
}

/*
 * mer_db_text:
 *
 * Returns: (transfer none) (nullable): valid UTF-8 up to its first NUL; %NULL for NULL or
 *   for bytes that are no text. Good until the statement's next step
 */
const char *
mer_db_text (sqlite3_stmt *statement, int column)
{
  const char *text = (const char *) sqlite3_column_text (statement, column);

  return text != NULL && g_utf8_validate (text, -1, NULL) ? text : NULL;
}
