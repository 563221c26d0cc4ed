/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/mer-store-schema.h"

/* Step i brings version i to version i + 1. A step that was released never changes; a new
 * version is a new step. docs/store.md tells what the tables mean. */
static const char *const steps[] = {
  "CREATE TABLE calls ("
  " number INTEGER PRIMARY KEY,"
  " key TEXT NOT NULL UNIQUE,"
  " request TEXT NOT NULL,"
  " result TEXT NOT NULL,"
  " fingerprint TEXT,"
  " committed INTEGER NOT NULL) STRICT;"

  "CREATE TABLE manifests ("
  " key TEXT NOT NULL PRIMARY KEY,"
  " manifest TEXT NOT NULL,"
  " committed INTEGER NOT NULL) STRICT;"

  "CREATE TABLE blobs ("
  " sha256 TEXT NOT NULL PRIMARY KEY,"
  " bytes BLOB NOT NULL) STRICT;"

  "CREATE TABLE runs ("
  " number INTEGER PRIMARY KEY,"
  " identity TEXT NOT NULL UNIQUE,"
  " name TEXT NOT NULL,"
  " definition TEXT NOT NULL,"
  " created INTEGER NOT NULL) STRICT;"

  "CREATE TABLE sessions ("
  " number INTEGER PRIMARY KEY,"
  " run INTEGER NOT NULL,"
  " state TEXT NOT NULL,"
  " why TEXT,"
  " started INTEGER NOT NULL,"
  " ended INTEGER,"
  " environment TEXT) STRICT;"
  "CREATE INDEX sessions_run ON sessions (run, number);"

  "CREATE TABLE samples ("
  " run INTEGER NOT NULL,"
  " id TEXT NOT NULL,"
  " seq INTEGER NOT NULL,"
  " session INTEGER NOT NULL,"
  " record TEXT NOT NULL,"
  " PRIMARY KEY (run, id)) STRICT;"
  "CREATE INDEX samples_seq ON samples (run, seq);"

  "CREATE TABLE summaries ("
  " run INTEGER NOT NULL,"
  " scorer TEXT NOT NULL,"
  " stage TEXT NOT NULL,"
  " summary TEXT NOT NULL,"
  " committed INTEGER NOT NULL,"
  " PRIMARY KEY (run, scorer, stage)) STRICT;"

  /* for people with the sqlite3 shell; nothing here reads it */
  "CREATE VIEW results AS SELECT s.run, s.id, s.seq,"
  " json_extract (r.value, '$.stage') AS stage,"
  " json_extract (r.value, '$.outcome') AS outcome,"
  " json_extract (r.value, '$.labels') AS labels,"
  " json_extract (r.value, '$.text') AS text,"
  " json_extract (r.value, '$.detail') AS detail,"
  " json_extract (r.value, '$.model') AS model,"
  " json_extract (r.value, '$.seconds') AS seconds,"
  " json_extract (r.value, '$.cost') AS cost,"
  " json_extract (r.value, '$.call') AS call"
  " FROM samples AS s, json_each (s.record, '$.results') AS r;",

  /* calls that are asked in batches */
  "CREATE TABLE bulk_shards ("
  " number INTEGER PRIMARY KEY,"
  " protocol TEXT NOT NULL,"
  " uri TEXT NOT NULL,"
  " path TEXT NOT NULL,"
  " model TEXT NOT NULL,"
  " key_variable TEXT,"
  " allow_plain_http INTEGER NOT NULL,"
  " token TEXT NOT NULL UNIQUE,"
  " state TEXT NOT NULL,"
  " file TEXT NOT NULL,"
  " bytes INTEGER NOT NULL,"
  " n_calls INTEGER NOT NULL,"
  " remote_file TEXT,"
  " remote_batch TEXT,"
  " remote_output TEXT,"
  " remote_errors TEXT,"
  " n_answered INTEGER NOT NULL,"
  " n_failed INTEGER NOT NULL,"
  " created INTEGER NOT NULL,"
  " submitted INTEGER NOT NULL,"
  " expires INTEGER NOT NULL,"
  " ended INTEGER NOT NULL,"
  " why TEXT) STRICT;"

  /* only of shards that are open */
  "CREATE TABLE bulk_calls ("
  " key TEXT NOT NULL,"
  " shard INTEGER NOT NULL,"
  " PRIMARY KEY (key, shard)) STRICT;"
  "CREATE INDEX bulk_calls_shard ON bulk_calls (shard);"

  "CREATE TABLE bulk_replies ("
  " key TEXT NOT NULL PRIMARY KEY,"
  " status INTEGER NOT NULL,"
  " body BLOB NOT NULL,"
  " batch TEXT,"
  " received INTEGER NOT NULL) STRICT;",
};

int
mer_store_schema_get_version (void)
{
  return G_N_ELEMENTS (steps);
}

static gboolean
schema_is_empty (MerDb *db, gboolean *empty, GError **error)
{
  gint64 count, application;

  if (!mer_db_get_integer (db, "SELECT count (*) FROM sqlite_schema", &count, error)
      || !mer_db_get_integer (db, "PRAGMA application_id", &application, error))
    return FALSE;
  *empty = count == 0 && application == 0;
  return TRUE;
}

/* whose file it is, and of which version */
static gboolean
schema_read_version (MerDb *db, gint64 *version, GError **error)
{
  gint64 application;

  if (!mer_db_get_integer (db, "PRAGMA application_id", &application, error)
      || !mer_db_get_integer (db, "PRAGMA user_version", version, error))
    return FALSE;
  if (application != MER_STORE_APPLICATION_ID)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                   "%s: is not a store of gst-mer but some other SQLite database",
                   mer_db_get_path (db));
      return FALSE;
    }
  if (*version > mer_store_schema_get_version () || *version < 1)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_UNSUPPORTED,
                   "%s: was made by a newer gst-mer (store version %" G_GINT64_FORMAT
                   ", this one knows up to %d)",
                   mer_db_get_path (db), *version, mer_store_schema_get_version ());
      return FALSE;
    }
  return TRUE;
}

static gboolean
schema_apply (MerDb *db, gint64 from, GError **error)
{
  for (gsize i = from; i < G_N_ELEMENTS (steps); i++)
    if (!mer_db_exec (db, steps[i], error))
      return FALSE;

  g_autofree char *marks
      = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d;",
                         MER_STORE_APPLICATION_ID, mer_store_schema_get_version ());

  return mer_db_exec (db, marks, error);
}

gboolean
mer_store_schema_upgrade (MerDb *db, GError **error)
{
  gboolean empty;
  gint64 version = 0;

  if (!schema_is_empty (db, &empty, error)
      || (!empty && !schema_read_version (db, &version, error))
      || !mer_db_make_durable (db, error))
    return FALSE;
  if (version == mer_store_schema_get_version ())
    return TRUE;
  if (!mer_db_exec (db, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (schema_apply (db, version, error) && mer_db_exec (db, "COMMIT", error))
    return TRUE;
  if (mer_db_in_transaction (db))
    mer_db_exec (db, "ROLLBACK", NULL);
  return FALSE;
}

/* name → definition of all that stands in the schema */
static GHashTable *
schema_read (MerDb *db, GError **error)
{
  g_autoptr (GHashTable) objects
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  sqlite3_stmt *statement = mer_db_query (
      db, error,
      "SELECT name, type || ' ' || tbl_name || ' ' || ifnull (sql, ''), type"
      " FROM sqlite_schema",
      "");
  int rc = SQLITE_ERROR;

  while (statement != NULL && (rc = mer_db_step (db, statement, error)) == SQLITE_ROW)
    {
      const char *name = mer_db_text (statement, 0);
      const char *definition = mer_db_text (statement, 1);
      const char *type = mer_db_text (statement, 2);

      /* no view is ever read here, so that those which somebody made do no harm; nor do the
       * tables of ANALYZE */
      if (g_strcmp0 (type, "view") != 0
          && (name == NULL || !g_str_has_prefix (name, "sqlite_stat")))
        g_hash_table_insert (objects, g_strdup (name != NULL ? name : ""),
                             g_strdup (definition != NULL ? definition : ""));
    }
  if (statement != NULL)
    mer_db_end (statement);
  return rc == SQLITE_DONE ? g_steal_pointer (&objects) : NULL;
}

/* what a store of this version holds: made once, in memory */
static GHashTable *
schema_get_expected (void)
{
  static GHashTable *expected;

  if (g_once_init_enter (&expected))
    {
      g_autoptr (MerDb) memory = mer_db_open_memory ();
      GHashTable *objects = NULL;

      if (mer_store_schema_upgrade (memory, NULL))
        objects = schema_read (memory, NULL);
      g_assert (objects != NULL);
      g_once_init_leave (&expected, objects);
    }
  return expected;
}

gboolean
mer_store_schema_check (MerDb *db, GError **error)
{
  gint64 version;
  gboolean empty;

  if (!schema_is_empty (db, &empty, error))
    return FALSE;
  if (empty)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE, "%s: is empty, no store",
                   mer_db_get_path (db));
      return FALSE;
    }
  if (!schema_read_version (db, &version, error))
    return FALSE;
  if (version < mer_store_schema_get_version ())
    {
      g_set_error (error, MER_ERROR, MER_ERROR_UNSUPPORTED,
                   "%s: was made by an older gst-mer (store version %" G_GINT64_FORMAT
                   "); “mer doctor --upgrade %s” brings it up to date",
                   mer_db_get_path (db), version, mer_db_get_path (db));
      return FALSE;
    }

  g_autoptr (GHashTable) found = schema_read (db, error);
  GHashTable *expected = schema_get_expected ();
  GHashTableIter iter;
  gpointer name, definition;

  if (found == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, found);
  while (g_hash_table_iter_next (&iter, &name, &definition))
    {
      const char *ours = g_hash_table_lookup (expected, name);

      if (g_strcmp0 (ours, definition) == 0)
        continue;
      g_autofree char *shown = g_strescape (name, NULL);
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                   "%s: “%s” in it does not belong to a store; remove it with sqlite3",
                   mer_db_get_path (db), shown);
      return FALSE;
    }
  if (g_hash_table_size (found) == g_hash_table_size (expected))
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
               "%s: tables of a store are missing in it", mer_db_get_path (db));
  return FALSE;
}
