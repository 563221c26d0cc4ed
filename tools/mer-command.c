/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-command.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "mer-output.h"
#include "tables/mer-json.h"

static void
print_line (const char *name, const char *kind, const char *text)
{
  g_autofree char *safe = mer_output_escape (text);

  fprintf (stderr, "mer%s%s: %s%s\n", name != NULL ? " " : "", name != NULL ? name : "",
           kind, safe);
}

/**
 * mer_command_fail:
 * @name: (nullable): the command that failed
 * @error: why
 *
 * Tells on stderr, in one line.
 *
 * Returns: the exit code that belongs to @error
 */
int
mer_command_fail (const char *name, const GError *error)
{
  print_line (name, "", error->message);
  if (g_error_matches (error, MER_ERROR, MER_ERROR_NO_SPACE)
      || g_error_matches (error, MER_ERROR, MER_ERROR_STOPPED))
    return MER_EXIT_STOPPED;
  return MER_EXIT_INPUT;
}

/* as mer_command_fail (), for what is wrong with the command line itself */
int
mer_command_usage (const char *name, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);

  g_autofree char *line = g_strdup_printf (
      "%s (see mer%s%s --help)", text, name != NULL ? " " : "", name != NULL ? name : "");

  print_line (name, "", line);
  return MER_EXIT_INPUT;
}

static gboolean
is_store (const char *path)
{
  static const char magic[] = "SQLite format 3";
  char head[sizeof magic] = "";
  FILE *file = g_file_test (path, G_FILE_TEST_IS_REGULAR) ? fopen (path, "re") : NULL;
  size_t n = file != NULL ? fread (head, 1, sizeof head, file) : 0;

  if (file != NULL)
    fclose (file);
  return n == sizeof head && memcmp (head, magic, sizeof magic) == 0;
}

/**
 * mer_command_check_output:
 * @output: (nullable): the file that will be replaced
 * @inputs: (array length=n_inputs): files that are read, as they were given: a name and an
 *   equals sign may stand before the path
 * @n_inputs: how many
 * @error: return location for an error
 *
 * A slip of the hand must not cost answers that took days: a file that is read is not
 * written over, and neither is any store.
 *
 * Returns: whether @output may be replaced
 */
gboolean
mer_command_check_output (const char *output, char *const *inputs, guint n_inputs,
                          GError **error)
{
  GStatBuf out, in;

  if (output == NULL || g_stat (output, &out) != 0)
    return TRUE;
  for (guint i = 0; i < n_inputs; i++)
    {
      const char *equals = strchr (inputs[i], '=');

      if (g_stat (inputs[i], &in) != 0 && (equals == NULL || g_stat (equals + 1, &in) != 0))
        continue;
      if (in.st_dev != out.st_dev || in.st_ino != out.st_ino)
        continue;
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "--output %s: this file is read too; write to another one", output);
      return FALSE;
    }
  if (!is_store (output))
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_EXISTS,
               "--output %s: a store of answers stands there; remove it first, or write to "
               "another file",
               output);
  return FALSE;
}

void
mer_command_warn (const char *name, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  print_line (name, "warning: ", text);
}

/* the first `--word` of the command line that is none of @options */
static char *
find_unknown_option (const GOptionEntry *options, int argc, char **argv)
{
  for (int i = 1; i < argc && !g_str_equal (argv[i], "--"); i++)
    {
      if (!g_str_has_prefix (argv[i], "--"))
        continue;

      g_autofree char *word = g_strndup (argv[i] + 2, strcspn (argv[i] + 2, "="));
      gboolean known = g_str_equal (word, "help");

      for (const GOptionEntry *o = options; !known && o != NULL && o->long_name != NULL;
           o++)
        known = g_str_equal (o->long_name, word);
      if (!known)
        return g_steal_pointer (&word);
    }
  return NULL;
}

static int
fail_parse (const MerCommandHelp *help, const GOptionEntry *options, char **words,
            const GError *error)
{
  g_autofree char *unknown = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  if (g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
    unknown = find_unknown_option (options, (int) g_strv_length (words), words);
  if (unknown == NULL)
    return mer_command_usage (help->name, "%s", error->message);
  for (const GOptionEntry *o = options; o != NULL && o->long_name != NULL; o++)
    if (*o->long_name != '\0')
      g_ptr_array_add (names, (char *) o->long_name);
  g_ptr_array_add (names, NULL);

  const char *nearest = mer_nearest_name (unknown, (const char *const *) names->pdata);
  if (nearest != NULL)
    return mer_command_usage (help->name, "there is no option --%s; did you mean --%s?",
                              unknown, nearest);
  return mer_command_usage (help->name, "there is no option --%s", unknown);
}

static GOptionContext *
make_context (const MerCommandHelp *help, const GOptionEntry *options, gboolean *wants_help)
{
  GOptionContext *context = g_option_context_new (help->arguments);
  const GOptionEntry help_option[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, wants_help, "show this and end", NULL },
    { NULL },
  };
  g_autofree char *program = g_strconcat ("mer ", help->name, NULL);
  g_autofree char *tail
      = g_strconcat ("Example:\n  ", help->example, "\n", help->more != NULL ? "\n" : "",
                     help->more != NULL ? help->more : "", NULL);

  g_set_prgname (program);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context, help->summary);
  g_option_context_set_description (context, tail);
  if (options != NULL)
    g_option_context_add_main_entries (context, options, NULL);
  g_option_context_add_main_entries (context, help_option, NULL);
  return context;
}

/**
 * mer_command_parse:
 * @help: what `--help` says
 * @options: (nullable) (array zero-terminated=1): the options
 * @argc: (inout): how many words
 * @argv: (inout): the words, the command's name first; afterwards without the options
 * @status: (out): the exit code where %FALSE is returned
 *
 * Reads a command's options. `--help` prints to stdout; what is wrong is told on stderr.
 *
 * Returns: whether to go on
 */
gboolean
mer_command_parse (const MerCommandHelp *help, const GOptionEntry *options, int *argc,
                   char ***argv, int *status)
{
  gboolean wants_help = FALSE;
  g_autoptr (GOptionContext) context = make_context (help, options, &wants_help);
  g_auto (GStrv) words = g_new0 (char *, *argc + 1);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < *argc; i++)
    words[i] = g_strdup ((*argv)[i]);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      *status = fail_parse (help, options, words, error);
      return FALSE;
    }
  if (wants_help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);

      fputs (text, stdout);
      *status = MER_EXIT_OK;
      return FALSE;
    }
  /* options end at `--`, which GOption leaves in place */
  if (*argc > 1 && g_str_equal ((*argv)[1], "--"))
    {
      memmove (*argv + 1, *argv + 2, (gsize) (*argc - 1) * sizeof (char *));
      *argc -= 1;
    }
  return TRUE;
}

/**
 * mer_command_find:
 * @commands: (array length=n_commands): what there is
 * @n_commands: how many
 * @prefix: (nullable): the command they belong to, %NULL for `mer` itself
 * @name: what was asked for
 *
 * Returns: (nullable): the command; where there is none, stderr has been told
 */
const MerCommand *
mer_command_find (const MerCommand *commands, guint n_commands, const char *prefix,
                  const char *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < n_commands; i++)
    {
      if (g_str_equal (commands[i].name, name))
        return &commands[i];
      g_ptr_array_add (names, (char *) commands[i].name);
    }
  g_ptr_array_add (names, NULL);

  const char *nearest = mer_nearest_name (name, (const char *const *) names->pdata);
  if (nearest != NULL)
    mer_command_usage (prefix, "there is no command '%s'; did you mean '%s'?", name,
                       nearest);
  else
    mer_command_usage (prefix, "there is no command '%s'", name);
  return NULL;
}

void
mer_command_print_list (const MerCommand *commands, guint n_commands)
{
  printf ("Commands:\n");
  for (guint i = 0; i < n_commands; i++)
    printf ("  %-10s %s\n", commands[i].name, commands[i].summary);
}
