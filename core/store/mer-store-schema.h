/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/mer-store-db.h"

G_BEGIN_DECLS

/* `MER1`: what file(1) and SQLite know a store by */
#define MER_STORE_APPLICATION_ID 0x4d455231

int mer_store_schema_get_version (void);
/* makes the tables of an empty file, brings an older store up to date */
gboolean mer_store_schema_upgrade (MerDb *db, GError **error);
/* the file is a store of this version with our tables and no others */
gboolean mer_store_schema_check (MerDb *db, GError **error);

G_END_DECLS
