/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/mer-lookup.h"

#include "config.h"
#include "tables/mer-json.h"

#include <dlfcn.h>
#include <string.h>

/**
 * mer_lookup_is_path:
 * @name: a value from a file, a property or a command line
 *
 * Returns: whether it holds `/` or ends in an extension (a point and up to five letters, so
 *   that `qwen2.5` and `v1.2` are names)
 */
gboolean
mer_lookup_is_path (const char *name)
{
  const char *point = strrchr (name, '.');
  gsize letters = 0;

  if (strchr (name, '/') != NULL)
    return TRUE;
  if (point == NULL)
    return FALSE;
  while (g_ascii_isalpha (point[1 + letters]))
    letters++;
  return letters >= 1 && letters <= 5 && point[1 + letters] == '\0';
}

static char *
folder_of (const char *relative_to)
{
  if (relative_to == NULL)
    return g_strdup (".");
  if (g_file_test (relative_to, G_FILE_TEST_IS_DIR))
    return g_strdup (relative_to);
  return g_path_get_dirname (relative_to);
}

/**
 * mer_lookup_path:
 * @path: a path as it stands in a file
 * @relative_to: (nullable): that file or its folder; %NULL: the working folder
 *
 * Returns: (transfer full): the path to open
 */
char *
mer_lookup_path (const char *path, const char *relative_to)
{
  g_autofree char *folder = folder_of (relative_to);

  if (g_path_is_absolute (path) || g_str_equal (folder, "."))
    return g_strdup (path);
  return g_build_filename (folder, path, NULL);
}

/**
 * mer_lookup_get_own_folder:
 *
 * Returns: (transfer none): the folder of the project's own data: in the source tree for a
 *   library that was not installed
 */
const char *
mer_lookup_get_own_folder (void)
{
  Dl_info info = { 0 };

  if (dladdr ((gconstpointer) mer_lookup_get_own_folder, &info) != 0
      && info.dli_fname != NULL)
    {
      g_autofree char *real = g_canonicalize_filename (info.dli_fname, NULL);

      if (g_str_has_prefix (real, MER_BUILD_ROOT G_DIR_SEPARATOR_S))
        return MER_SOURCE_ROOT G_DIR_SEPARATOR_S "pipelines";
    }
  return MER_DATA_DIR;
}

static void
add_folder (GPtrArray *folders, const char *kind_dir, const char *folder)
{
  g_autofree char *of_kind = g_build_filename (folder, kind_dir, NULL);

  if (!g_ptr_array_find_with_equal_func (folders, of_kind, g_str_equal, NULL))
    g_ptr_array_add (folders, g_steal_pointer (&of_kind));
  if (!g_ptr_array_find_with_equal_func (folders, folder, g_str_equal, NULL))
    g_ptr_array_add (folders, g_strdup (folder));
}

/**
 * mer_lookup_dup_folders:
 * @kind_dir: `prompts`, `mappings`, `models`, `descriptions`, `datasets`
 * @relative_to: (nullable): the file that holds the name, or its folder
 *
 * Returns: (transfer full): the folders that are searched, in order
 */
char **
mer_lookup_dup_folders (const char *kind_dir, const char *relative_to)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();
  g_autofree char *beside = folder_of (relative_to);
  g_autofree char *user = g_build_filename (g_get_user_data_dir (), "gst-mer", NULL);
  const char *listed = g_getenv ("MER_DATA_PATH");
  g_auto (GStrv) paths
      = g_strsplit (listed != NULL ? listed : "", G_SEARCHPATH_SEPARATOR_S, -1);

  add_folder (folders, kind_dir, beside);
  for (guint i = 0; paths[i] != NULL; i++)
    if (*paths[i] != '\0')
      add_folder (folders, kind_dir, paths[i]);
  add_folder (folders, kind_dir, user);
  add_folder (folders, kind_dir, mer_lookup_get_own_folder ());
  g_ptr_array_add (folders, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&folders), FALSE);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
list_folder (GPtrArray *names, const char *path, const char *const *extensions)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *file = NULL;

  while (folder != NULL && (file = g_dir_read_name (folder)) != NULL)
    for (guint i = 0; extensions[i] != NULL; i++)
      {
        if (!g_str_has_suffix (file, extensions[i]))
          continue;

        g_autofree char *name = g_strndup (file, strlen (file) - strlen (extensions[i]));

        if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
          g_ptr_array_add (names, g_steal_pointer (&name));
      }
}

/**
 * mer_lookup_list_names:
 * @kind_dir: `prompts`, `mappings`, `models`, `descriptions`, `datasets`
 * @extensions: (array zero-terminated=1): the endings of such files, with their point
 * @relative_to: (nullable): the file that holds the name, or its folder
 *
 * Returns: (transfer full): the names a lookup would find, sorted
 */
char **
mer_lookup_list_names (const char *kind_dir, const char *const *extensions,
                       const char *relative_to)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_auto (GStrv) folders = mer_lookup_dup_folders (kind_dir, relative_to);

  for (guint i = 0; folders[i] != NULL; i++)
    list_folder (names, folders[i], extensions);
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

/* `prompts` → `prompt` */
static char *
kind_name (const char *kind_dir)
{
  gsize length = strlen (kind_dir);

  return g_strndup (kind_dir,
                    length > 0 && kind_dir[length - 1] == 's' ? length - 1 : length);
}

static char *
lookup_given_path (const char *kind, const char *name, const char *relative_to,
                   GError **error)
{
  g_autofree char *path = mer_lookup_path (name, relative_to);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&path);
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND, "no %s file “%s”", kind, path);
  return NULL;
}

/**
 * mer_lookup_file:
 * @kind_dir: `prompts`, `mappings`, `models`, `descriptions`, `datasets`
 * @name: a name or a path
 * @extensions: (array zero-terminated=1): the endings of such files, with their point
 * @relative_to: (nullable): the file that holds the name, or its folder; %NULL: the working
 *   folder
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the file's path; %NULL with %MER_ERROR_NOT_FOUND
 * that lists the places searched and the nearest name
 */
char *
mer_lookup_file (const char *kind_dir, const char *name, const char *const *extensions,
                 const char *relative_to, GError **error)
{
  g_autofree char *kind = kind_name (kind_dir);

  if (mer_lookup_is_path (name))
    return lookup_given_path (kind, name, relative_to, error);

  g_auto (GStrv) folders = mer_lookup_dup_folders (kind_dir, relative_to);

  for (guint i = 0; folders[i] != NULL && *name != '\0'; i++)
    for (guint k = 0; extensions[k] != NULL; k++)
      {
        g_autofree char *file = g_strconcat (name, extensions[k], NULL);
        g_autofree char *path = g_build_filename (folders[i], file, NULL);

        if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
          return g_steal_pointer (&path);
      }

  g_auto (GStrv) names = mer_lookup_list_names (kind_dir, extensions, relative_to);
  const char *nearest = mer_nearest_name (name, (const char *const *) names);
  g_autofree char *places = g_strjoinv (", ", folders);

  if (nearest != NULL)
    g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                 "no %s “%s”; did you mean “%s”? (searched %s)", kind, name, nearest,
                 places);
  else
    g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND, "no %s “%s” (searched %s)", kind,
                 name, places);
  return NULL;
}
