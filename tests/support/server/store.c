/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store.h"

static GMutex lock;
static GHashTable
    *files; /* id → StoredFile; what was taken out stays for who looks at it */
static guint n_ids;

char *
store_make_id (const char *prefix)
{
  g_mutex_lock (&lock);
  char *id = g_strdup_printf ("%s%08x", prefix, ++n_ids * 2654435761u);
  g_mutex_unlock (&lock);
  return id;
}

StoredFile *
store_add (const char *prefix)
{
  StoredFile *file = g_new0 (StoredFile, 1);

  file->id = store_make_id (prefix);
  file->bytes = g_byte_array_new ();
  g_mutex_lock (&lock);
  if (files == NULL)
    files = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_replace (files, file->id, file);
  g_mutex_unlock (&lock);
  return file;
}

StoredFile *
store_find (const char *id)
{
  g_mutex_lock (&lock);
  StoredFile *file = files != NULL && id != NULL ? g_hash_table_lookup (files, id) : NULL;
  g_mutex_unlock (&lock);
  return file != NULL && !file->gone ? file : NULL;
}

char *
path_step (const Exchange *x, guint above)
{
  g_auto (GStrv) steps = g_strsplit (x->request->path, "/", -1);
  guint n = g_strv_length (steps);
  char *step = g_strdup (above < n ? steps[n - 1 - above] : "");

  step[strcspn (step, ":")] = '\0';
  return step;
}
