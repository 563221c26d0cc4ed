/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer new: writes the beginning of something that others will finish */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gst/gst.h>

#include "mer-command.h"
#include "mer-environment.h"
#include "mer-output.h"
#include "mer-subcommands.h"

#define NAME "new backend"
#define TEMPLATE "/org/gst-mer/new/backend"
#define LONGEST_NAME 30

/* the words of plugins/example and what becomes of them; %s is the new name. The factory
 * metadata `mer-example` is a key of every element and stays */
static const struct
{
  const char *from;
  const char *to;
  gboolean capital;
} words[] = {
  { "MerExample", "Mer%s", TRUE },
  { "mer_example", "mer_%s", FALSE },
  { "merexample", "mer%s", FALSE },
  { "mer-example.c", "mer-%s.c", FALSE },
  { "test-example.py", "test-%s.py", FALSE },
  { "gst-mer-example", "gst-mer-%s", FALSE },
  { "\"example\"", "\"%s\"", FALSE },
  { "'example'", "'%s'", FALSE },
  { "Example backend", "%s backend", TRUE },
  { "Example model", "%s model", TRUE },
  { "An example backend", "The %s backend", FALSE },
};

static char *
fill (const char *format, const char *name, gboolean capital)
{
  g_autofree char *shown = g_strdup (name);
  g_autoptr (GString) text = g_string_new (format);

  if (capital)
    *shown = g_ascii_toupper (*shown);
  g_string_replace (text, "%s", shown, 1);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
rename_words (const char *text, const char *name)
{
  GString *result = g_string_new (text);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autofree char *to = fill (words[i].to, name, words[i].capital);

      g_string_replace (result, words[i].from, to, 0);
    }
  return g_string_free (result, FALSE);
}

/* names that the library has would not compile, or not link */
static gboolean
is_of_the_library (const char *name)
{
  static const char *const ends[] = { "get_type", "new", "ref", "free", "open" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *symbol = g_strdup_printf ("mer_%s_%s", name, ends[i]);

      if (dlsym (RTLD_DEFAULT, symbol) != NULL)
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_name (const char *name, GError **error)
{
  g_autofree char *element = g_strconcat ("mer", name, NULL);
  g_autoptr (GstElementFactory) factory = NULL;

  if (strlen (name) > LONGEST_NAME
      || !g_regex_match_simple ("^[a-z][a-z0-9]*$", name, G_REGEX_DOLLAR_ENDONLY, 0))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "'%s' cannot be a backend's name; it is made of a to z and 0 to 9, "
                   "begins with a letter and has up to %u of them",
                   name, LONGEST_NAME);
      return FALSE;
    }
  factory = gst_element_factory_find (element);
  if (factory == NULL && !is_of_the_library (name))
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "the name '%s' is taken: %s%s; choose another", name,
               factory != NULL ? "there is an element " : "the library has names such as ",
               factory != NULL ? element : "it");
  return FALSE;
}

static gboolean
write_file (const char *folder, const char *file, const char *name, GError **error)
{
  g_autofree char *resource = g_strdup_printf ("%s/%s", TEMPLATE, file);
  g_autoptr (GBytes) bytes = g_resources_lookup_data (resource, 0, error);
  g_autofree char *new_name = rename_words (file, name);
  g_autofree char *path = g_build_filename (folder, new_name, NULL);
  g_autofree char *text = NULL;
  g_autofree char *renamed = NULL;

  if (bytes == NULL)
    return FALSE;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  renamed = rename_words (text, name);
  return g_file_set_contents_full (path, renamed, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0666,
                                   error);
}

static void
remove_folder (const char *folder, char **files, const char *name)
{
  for (; *files != NULL; files++)
    {
      g_autofree char *new_name = rename_words (*files, name);
      g_autofree char *path = g_build_filename (folder, new_name, NULL);

      g_remove (path);
    }
  g_rmdir (folder);
}

/* all of it, or nothing */
static gboolean
write_folder (const char *folder, const char *name, GError **error)
{
  g_auto (GStrv) files = g_resources_enumerate_children (TEMPLATE, 0, error);

  if (files == NULL)
    return FALSE;
  if (g_mkdir (folder, 0777) != 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT, "%s: %s%s", folder,
                   g_strerror (errno), errno == EEXIST ? "; nothing was changed" : "");
      return FALSE;
    }
  for (guint i = 0; files[i] != NULL; i++)
    if (!write_file (folder, files[i], name, error))
      {
        remove_folder (folder, files, name);
        return FALSE;
      }
  return TRUE;
}

static int
run_backend (int argc, char **argv)
{
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  int status = 0;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "the folder (default: NAME)",
      "FOLDER" },
    { NULL },
  };
  const MerCommandHelp help = {
    NAME, "NAME",
    "Writes a folder with the smallest whole backend, the element merNAME: a C file, a\n"
    "meson.build, a test and a README. It builds as it stands.",
    "mer new backend parrot",
    "docs/writing-a-backend.md goes from there to a model in the table. A folder that\n"
    "is there already is left alone."
  };

  if (!mer_command_parse (&help, entries, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return mer_command_usage (NAME, "which name, one word?");
  if (!mer_environment_init_gst (&error) || !check_name (argv[1], &error))
    return mer_command_fail (NAME, error);

  const char *folder = output != NULL ? output : argv[1];

  if (!write_folder (folder, argv[1], &error))
    return mer_command_fail (NAME, error);

  g_autofree char *safe = mer_output_escape (folder);
  printf (
      "%s: written; now: cd %s; meson setup build; ninja -C build; meson test -C build\n",
      safe, safe);
  return MER_EXIT_OK;
}

static const MerCommand subcommands[] = {
  { "backend", "write the beginning of an element that asks a model", run_backend },
};

int
mer_command_new (int argc, char **argv)
{
  if (argc < 2)
    return mer_command_usage ("new", "what? there is: backend");
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h"))
    {
      printf ("Usage: mer new COMMAND [OPTION…] …\n\n"
              "Writes the beginning of a plug-in.\n\n");
      mer_command_print_list (subcommands, G_N_ELEMENTS (subcommands));
      printf ("\nExample:\n  mer new backend parrot\n");
      return MER_EXIT_OK;
    }

  const MerCommand *command
      = mer_command_find (subcommands, G_N_ELEMENTS (subcommands), "new", argv[1]);
  return command != NULL ? command->run (argc - 1, argv + 1) : MER_EXIT_INPUT;
}
