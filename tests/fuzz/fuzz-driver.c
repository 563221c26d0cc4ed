/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stands in for libFuzzer: runs a target on every file of the folders and files given */
#include <stdint.h>
#include <stdio.h>

#include <glib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static gboolean
run_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize size = 0;

  if (!g_file_get_contents (path, &data, &size, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return FALSE;
    }
  /* a copy of the exact size, so that sanitizers see one byte too many */
  g_autofree uint8_t *exact = g_memdup2 (data, size);
  LLVMFuzzerTestOneInput (exact, size);
  return TRUE;
}

int
main (int argc, char **argv)
{
  guint n = 0;

  /* as libFuzzer does, before any seed */
  LLVMFuzzerTestOneInput ((const uint8_t *) "", 0);
  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GDir) folder = g_dir_open (argv[i], 0, NULL);
      const char *name;

      if (folder == NULL)
        {
          n += run_file (argv[i]);
          continue;
        }
      while ((name = g_dir_read_name (folder)) != NULL)
        {
          g_autofree char *path = g_build_filename (argv[i], name, NULL);

          n += run_file (path);
        }
    }
  printf ("%u inputs\n", n);
  return n > 0 ? 0 : 1;
}
