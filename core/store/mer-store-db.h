/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sqlite3.h>

#include "mer-error.h"

G_BEGIN_DECLS

/* One connection to a store's file, with its prepared statements. Used by one thread at a
 * time; its owner sees to that. */
typedef struct _MerDb MerDb;

typedef enum
{
  MER_DB_READ,
  MER_DB_WRITE,
} MerDbMode;

MerDb *mer_db_open (const char *path, MerDbMode mode, GError **error);
MerDb *mer_db_open_memory (void);
gboolean mer_db_make_durable (MerDb *self, GError **error);
void mer_db_close (MerDb *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerDb, mer_db_close)

const char *mer_db_get_path (MerDb *self);
gboolean mer_db_exec (MerDb *self, const char *sql, GError **error);
gboolean mer_db_get_integer (MerDb *self, const char *sql, gint64 *value, GError **error);
gboolean mer_db_in_transaction (MerDb *self);
gint64 mer_db_get_last_number (MerDb *self);
int mer_db_get_changes (MerDb *self);

/* a statement, bound as @types say: `t` text or %NULL, `i` gint64, `b` #GBytes. It belongs
 * to the connection and is good until the same @sql is asked for again; end it with
 * mer_db_end(), so that it holds no snapshot */
sqlite3_stmt *mer_db_query (MerDb *self, GError **error, const char *sql, const char *types,
                            ...);
/* SQLITE_ROW, SQLITE_DONE, or SQLITE_ERROR with @error set */
int mer_db_step (MerDb *self, sqlite3_stmt *statement, GError **error);
void mer_db_end (sqlite3_stmt *statement);
/* a statement that gives no rows */
gboolean mer_db_run (MerDb *self, GError **error, const char *sql, const char *types, ...);

const char *mer_db_text (sqlite3_stmt *statement, int column);

G_END_DECLS
