/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sample/mer-side-file.h"

#include <string.h>
#include <sys/stat.h>

/* folders that are remembered; all are forgotten when there are more */
#define MAX_FOLDERS 1024u

/* the subtitle files of one folder, in bytewise order */
typedef struct
{
  struct timespec changed;
  GPtrArray *names;
} Folder;

struct _MerSideFiles
{
  GMutex lock;
  GHashTable *folders; /* path → Folder */
};

/* the first is preferred where two lie beside one clip */
static const char *const extensions[] = { "srt", "ass", "vtt", "ssa" };

static void
folder_free (gpointer data)
{
  Folder *folder = data;

  g_ptr_array_unref (folder->names);
  g_free (folder);
}

/**
 * mer_side_files_new:
 *
 * Returns: (transfer full): a finder that has seen nothing yet
 */
MerSideFiles *
mer_side_files_new (void)
{
  MerSideFiles *self = g_new0 (MerSideFiles, 1);

  g_mutex_init (&self->lock);
  self->folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, folder_free);
  return self;
}

void
mer_side_files_free (MerSideFiles *self)
{
  g_hash_table_unref (self->folders);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static int
rank_of_extension (const char *name)
{
  const char *dot = strrchr (name, '.');

  for (gsize i = 0; dot != NULL && i < G_N_ELEMENTS (extensions); i++)
    if (g_ascii_strcasecmp (dot + 1, extensions[i]) == 0)
      return (int) i;
  return -1;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static Folder *
list_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  Folder *folder = g_new0 (Folder, 1);
  const char *name;

  folder->names = g_ptr_array_new_with_free_func (g_free);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (rank_of_extension (name) >= 0)
      g_ptr_array_add (folder->names, g_strdup (name));
  g_ptr_array_sort (folder->names, compare_names);
  return folder;
}

/* with the lock held */
static GPtrArray *
names_in (MerSideFiles *self, const char *path)
{
  Folder *folder = g_hash_table_lookup (self->folders, path);
  struct stat info = { 0 };

  if (stat (path, &info) != 0)
    return NULL;
  if (folder != NULL && memcmp (&folder->changed, &info.st_mtim, sizeof info.st_mtim) == 0)
    return folder->names;
  if (g_hash_table_size (self->folders) >= MAX_FOLDERS)
    g_hash_table_remove_all (self->folders);
  folder = list_folder (path);
  folder->changed = info.st_mtim;
  g_hash_table_replace (self->folders, g_strdup (path), folder);
  return folder->names;
}

/* the first that does not stand before @prefix */
static guint
first_with (GPtrArray *names, const char *prefix)
{
  guint low = 0, high = names->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (strcmp (names->pdata[middle], prefix) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* how far from what is wanted a file is that begins with the clip's stem and a point; -1:
 * it belongs to another clip */
static int
rank_of (const char *rest, const char *language)
{
  const char *dot = strchr (rest, '.');
  int rank = 10;

  if (dot != NULL && strchr (dot + 1, '.') != NULL)
    return -1;
  if (dot != NULL)
    rank = language != NULL && strlen (language) == (gsize) (dot - rest)
                   && g_ascii_strncasecmp (rest, language, (gsize) (dot - rest)) == 0
               ? 0
               : 20;
  return rank + rank_of_extension (rest - 1);
}

/**
 * mer_side_files_find:
 * @self: a finder
 * @media_path: (type filename): a media file
 * @language: (nullable): the wanted language, such as `en`
 *
 * Looks for `STEM.LANG.srt`, then `STEM.srt`, last for `STEM.*.srt`; each time also with
 * `ass`, `vtt` and `ssa`, in this order. Of equals the first in bytewise order stands.
 *
 * Returns: (transfer full) (nullable) (type filename): the side file
 */
char *
mer_side_files_find (MerSideFiles *self, const char *media_path, const char *language)
{
  g_autofree char *path = g_path_get_dirname (media_path);
  g_autofree char *base = g_path_get_basename (media_path);
  char *dot = strrchr (base, '.');
  const char *best = NULL;
  int best_rank = G_MAXINT;

  if (dot != NULL && dot != base)
    *dot = '\0';

  g_autofree char *prefix = g_strconcat (base, ".", NULL);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GPtrArray *names = names_in (self, path);

  for (guint i = names != NULL ? first_with (names, prefix) : 0;
       names != NULL && i < names->len && g_str_has_prefix (names->pdata[i], prefix); i++)
    {
      const char *name = names->pdata[i];
      int rank = rank_of (name + strlen (prefix), language);

      if (rank < 0 || rank >= best_rank)
        continue;
      best_rank = rank;
      best = name;
    }
  return best != NULL ? g_build_filename (path, best, NULL) : NULL;
}
