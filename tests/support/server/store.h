/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "server.h"

#include <string.h>

G_BEGIN_DECLS

/* what clients have uploaded, and what batches have written. A file is one client's: who
 * has its id waits for what was answered before, so that no lock is held on what it holds.
 */
typedef struct
{
  char *id;
  char *name;    /* nullable */
  char *purpose; /* nullable */
  char *type;    /* nullable */
  GByteArray *bytes;
  guint64 wanted; /* bytes that were announced */
  guint polls;    /* until it can be used */
  gboolean whole, failed, gone;
  gboolean fleeting; /* gone after its first use */
} StoredFile;

char *store_make_id (const char *prefix);
StoredFile *store_add (const char *prefix);
StoredFile *store_find (const char *id);
/* a step of the path, counted from its end, without a :method behind it */
char *path_step (const Exchange *x, guint above);

G_END_DECLS
