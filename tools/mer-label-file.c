/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-label-file.h"

#include <string.h>

char *
mer_label_file_split (const char *argument, const char **path)
{
  static const char *const endings[]
      = { ".csv", ".tsv", ".jsonl", ".ndjson", ".xlsx", NULL };
  const char *equals = strchr (argument, '=');

  *path = argument;
  if (equals != NULL && equals > argument && !g_file_test (argument, G_FILE_TEST_EXISTS))
    {
      *path = equals + 1;
      return g_strndup (argument, (gsize) (equals - argument));
    }

  char *name = g_path_get_basename (argument);
  char *ending = strrchr (name, '.');

  if (ending != NULL && ending > name && g_strv_contains (endings, ending))
    *ending = '\0';
  return name;
}
