/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names of mappings; here and not in core/emotion, which knows nothing of folders */
#include "config/mer-lookup.h"
#include "emotion/mer-mapping.h"

/**
 * mer_mapping_open:
 * @name: `builtin`, a path, or a name that is looked up in folders `mappings`
 * @relative_to: (nullable): the file that names it
 *
 * Returns: (transfer full): the mapping, %NULL with an error that lists where it was
 *   looked for
 */
MerMapping *
mer_mapping_open (const char *name, const char *relative_to, GError **error)
{
  static const char *const extensions[] = { ".json", NULL };

  if (g_str_equal (name, "builtin"))
    {
      MerMapping *builtin = mer_mapping_get_builtin ();

      if (builtin == NULL)
        g_set_error (error, MER_ERROR, MER_ERROR_UNSUPPORTED,
                     "this build has no built-in mapping");
      return builtin != NULL ? mer_mapping_ref (builtin) : NULL;
    }

  g_autofree char *path
      = mer_lookup_file ("mappings", name, extensions, relative_to, error);
  return path != NULL ? mer_mapping_load (path, error) : NULL;
}
