/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* clips given directly: files and folders, side files with subtitles */
#include "config/mer-dataset-private.h"

#include "mer-error.h"
#include "sample/mer-side-file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* deeper than any collection of clips */
#define MAX_DEPTH 32
#define MAX_CLIPS 10000000u

static const char *const media_extensions[]
    = { "3g2",  "3gp", "aac",  "ac3",  "aif",  "aiff", "amr", "asf", "au",  "avi", "caf",
        "divx", "dv",  "flac", "flv",  "gif",  "m2ts", "m4a", "m4v", "mka", "mkv", "mov",
        "mp2",  "mp3", "mp4",  "mpeg", "mpg",  "mts",  "mxf", "oga", "ogg", "ogv", "opus",
        "ts",   "vob", "wav",  "weba", "webm", "wma",  "wmv", "y4m", NULL };

typedef struct
{
  GHashTable *paths;   /* id → path, to name both at a collision */
  GHashTable *folders; /* real paths of those that were read, so that links cannot loop */
  MerSideFiles *side_files;
  const char *subtitle_lang;
} Walk;

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static const char *
extension_of (const char *name)
{
  const char *point = strrchr (name, '.');

  return point != NULL && point != name ? point + 1 : NULL;
}

static gboolean
has_extension (const char *name, const char *const *extensions)
{
  const char *extension = extension_of (name);
  g_autofree char *lower = extension != NULL ? g_ascii_strdown (extension, -1) : NULL;

  return lower != NULL && g_strv_contains (extensions, lower);
}

/* sorted bytewise; hidden files are left out */
static GPtrArray *
list_folder (const char *path, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &problem);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name = NULL;

  if (dir == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND, "%s", problem->message);
      g_ptr_array_unref (names);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    if (*name != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* @relative: the path below what was given, in the file system's encoding */
static gboolean
add_clip (MerDataset *self, Walk *walk, const char *path, const char *relative,
          GError **error)
{
  g_autofree char *base = g_path_get_basename (relative);
  const char *extension = extension_of (base);
  g_autofree char *bare = g_strndup (
      relative, strlen (relative) - (extension != NULL ? strlen (extension) + 1 : 0));
  g_autofree char *id = g_utf8_make_valid (bare, -1);
  const char *before = g_hash_table_lookup (walk->paths, id);

  if (before != NULL)
    {
      g_set_error (
          error, MER_ERROR, MER_ERROR_EXISTS,
          "two clips have the id “%s”: “%s” and “%s”; rename one or give them apart", id,
          before, path);
      return FALSE;
    }
  if (mer_dataset_get_n_samples (self) >= MAX_CLIPS)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE, "more than %u clips", MAX_CLIPS);
      return FALSE;
    }

  g_autofree char *subtitle
      = mer_side_files_find (walk->side_files, path, walk->subtitle_lang);
  MerDatasetEntry *entry = mer_dataset_entry_new (id);

  entry->clip = mer_clip_new (path, NULL, subtitle);
  mer_dataset_take_entry (self, entry);
  g_hash_table_insert (walk->paths, g_steal_pointer (&id), g_strdup (path));
  return TRUE;
}

static gboolean
add_folder (MerDataset *self, Walk *walk, const char *path, const char *relative,
            guint depth, GError **error)
{
  char *real = realpath (path, NULL);

  if (real != NULL && !g_hash_table_add (walk->folders, real))
    return TRUE;

  g_autoptr (GPtrArray) names = list_folder (path, error);

  if (names == NULL)
    return FALSE;
  if (depth > MAX_DEPTH)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE,
                   "%s: folders nested more than %u deep", path, MAX_DEPTH);
      return FALSE;
    }
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *child = g_build_filename (path, name, NULL);
      g_autofree char *below
          = *relative != '\0' ? g_build_filename (relative, name, NULL) : g_strdup (name);
      gboolean well = TRUE;

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        well = add_folder (self, walk, child, below, depth + 1, error);
      else if (g_file_test (child, G_FILE_TEST_IS_REGULAR)
               && has_extension (name, media_extensions))
        well = add_clip (self, walk, child, below, error);
      if (!well)
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_path (MerDataset *self, Walk *walk, const char *path, GError **error)
{
  const guint before = mer_dataset_get_n_samples (self);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      if (!add_folder (self, walk, path, "", 1, error))
        return FALSE;
      mer_dataset_sort_by_path (self, before);
      if (mer_dataset_get_n_samples (self) > before)
        return TRUE;
      g_set_error (
          error, MER_ERROR, MER_ERROR_NOT_FOUND,
          "%s: there is no clip in this folder; a file with an unusual ending can be "
          "given by itself",
          path);
      return FALSE;
    }
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND, "%s: %s", path,
                   g_file_test (path, G_FILE_TEST_EXISTS) ? "neither a file nor a folder"
                                                          : g_strerror (ENOENT));
      return FALSE;
    }

  g_autofree char *base = g_path_get_basename (path);

  return add_clip (self, walk, path, base, error);
}

/**
 * mer_dataset_open_clips:
 * @paths: (array zero-terminated=1): files and folders, in the file system's encoding
 * @subtitle_lang: (nullable): the language of side files to prefer, such as `en`
 * @error: return location for an error
 *
 * Takes the clips in folders recursively, in bytewise order of their paths. A clip's id is
 * its path below the given folder without the extension (a file's id is its name); two
 * equal ids are an error that names both. A side file `STEM[.lang].srt` (`ass`, `vtt`) is
 * the clip's subtitle.
 *
 * Returns: (transfer full) (nullable): the dataset `clips`
 */
MerDataset *
mer_dataset_open_clips (const char *const *paths, const char *subtitle_lang, GError **error)
{
  g_autoptr (MerDataset) self = mer_dataset_new ("clips");
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) folders
      = g_hash_table_new_full (g_str_hash, g_str_equal, free, NULL);
  g_autoptr (MerSideFiles) side_files = mer_side_files_new ();
  Walk walk = { .paths = seen,
                .folders = folders,
                .side_files = side_files,
                .subtitle_lang = subtitle_lang };

  for (guint i = 0; paths[i] != NULL; i++)
    if (!add_path (self, &walk, paths[i], error))
      return NULL;
  return g_steal_pointer (&self);
}
