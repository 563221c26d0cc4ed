/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/mer-store-db.h"
#include "store/mer-store-writer.h"
#include "store/mer-store.h"

G_BEGIN_DECLS

/* the connection for short reads; never call out while it is held */
MerDb *mer_store_take_reader (MerStore *self);
void mer_store_give_reader (MerStore *self);

/* %NULL with an error that says so where the store was opened for reading */
MerStoreWriter *mer_store_get_writer (MerStore *self, GError **error);

G_END_DECLS
