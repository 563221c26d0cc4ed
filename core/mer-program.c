/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* the project's own helper programs, which stand beside the library and in no PATH */
#include "config.h"

#include "mer-program.h"

#include <dlfcn.h>

/**
 * mer_program_is_uninstalled:
 *
 * Returns: whether this library lies in the folder where it was built
 */
gboolean
mer_program_is_uninstalled (void)
{
  Dl_info info;

  return dladdr ((gconstpointer) mer_program_find, &info) != 0 && info.dli_fname != NULL
         && g_str_has_prefix (info.dli_fname, MER_BUILD_ROOT "/");
}

/**
 * mer_program_find:
 * @name: a helper program's name
 * @variable: environment variable that names another one
 * @build_folder: where it is made, below the build folder
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable) (type filename): the program; %NULL with `NOT_FOUND`
 */
char *
mer_program_find (const char *name, const char *variable, const char *build_folder,
                  GError **error)
{
  const char *wanted = g_getenv (variable);
  g_autofree char *path = wanted != NULL && *wanted != '\0' ? g_strdup (wanted)
                          : mer_program_is_uninstalled ()
                              ? g_build_filename (MER_BUILD_ROOT, build_folder, name, NULL)
                              : g_build_filename (MER_LIBEXEC_DIR, name, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&path);
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
               "the program %s is missing; install gst-mer whole, or set %s", path,
               variable);
  return NULL;
}
