/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "child/mer-child-settings.h"

#include <string.h>

#include "mer-error.h"
#include "net/mer-key.h"

/* what a program needs to find itself, its libraries, its models and its devices. A name
 * that ends in _ stands for all that begin so */
static const char *const clean_names[] = { "HOME",
                                           "USER",
                                           "LOGNAME",
                                           "SHELL",
                                           "PATH",
                                           "LANG",
                                           "LANGUAGE",
                                           "LC_",
                                           "TZ",
                                           "TMPDIR",
                                           "LD_LIBRARY_PATH",
                                           "XDG_CACHE_HOME",
                                           "CONDA_",
                                           "VIRTUAL_ENV",
                                           "XDG_CONFIG_HOME",
                                           "XDG_DATA_HOME",
                                           "PYTHONHOME",
                                           "PYTHONPATH",
                                           "XDG_RUNTIME_DIR",
                                           "CUDA_",
                                           "NVIDIA_",
                                           "NCCL_",
                                           "ROCR_",
                                           "HIP_",
                                           "HSA_",
                                           "OMP_",
                                           "MKL_",
                                           "OPENBLAS_",
                                           "HF_",
                                           "HUGGINGFACE_",
                                           "TRANSFORMERS_",
                                           "TORCH_",
                                           "PYTORCH_",
                                           "SSL_CERT_" };

/* the clean set holds none of them, whatever they begin with */
static const char *const secret_ends[]
    = { "_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_PASSWD", "_CREDENTIALS" };

/* a text that is shorter is no secret that one could look for */
#define MIN_SECRET 8

MerChildSettings *
mer_child_settings_new (void)
{
  MerChildSettings *self = g_new0 (MerChildSettings, 1);

  g_atomic_ref_count_init (&self->refs);
  self->instances = 1;
  self->max_starts = 3;
  self->patience = 900;
  self->grace = 5;
  self->linger = 30;
  return self;
}

MerChildSettings *
mer_child_settings_ref (MerChildSettings *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mer_child_settings_unref (MerChildSettings *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_strfreev (self->argv);
  g_strfreev (self->environment);
  g_strfreev (self->secrets);
  g_free (self->folder);
  g_free (self->media_folder);
  g_free (self);
}

static gboolean
is_secret (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (secret_ends); i++)
    if (g_str_has_suffix (name, secret_ends[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_clean (const char *name)
{
  if (is_secret (name))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (clean_names); i++)
    if (g_str_equal (name, clean_names[i])
        || (g_str_has_suffix (clean_names[i], "_")
            && g_str_has_prefix (name, clean_names[i])))
      return TRUE;
  return FALSE;
}

/* everybody on the machine can read a command line */
static gboolean
check_command_for_secrets (const char *command, GError **error)
{
  g_auto (GStrv) names = g_listenv ();

  for (guint i = 0; names[i] != NULL; i++)
    {
      const char *value = g_getenv (names[i]);

      if (!is_secret (names[i]) || value == NULL || strlen (value) < MIN_SECRET
          || strstr (command, value) == NULL)
        continue;
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "command: it holds what stands in %s, and everybody on this machine can "
                   "read a command line; list %s in environment and let the program read "
                   "it there",
                   names[i], names[i]);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_program (MerChildSettings *self, GError **error)
{
  const char *name = self->argv[0];
  gboolean is_path = strchr (name, G_DIR_SEPARATOR) != NULL;
  g_autofree char *path = is_path && !g_path_is_absolute (name) && self->folder != NULL
                              ? g_build_filename (self->folder, name, NULL)
                              : g_strdup (name);
  g_autofree char *found = g_find_program_in_path (path);

  if (found != NULL)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND, "command: there is no program “%s”%s",
               path, is_path ? " that may be started" : " in PATH; give its path");
  return FALSE;
}

/**
 * mer_child_settings_set_command:
 * @self: settings
 * @command: (nullable): a program and its arguments, quoted as in a shell; no shell runs
 * @folder: (nullable): the working folder
 * @error: place for an error
 *
 * Returns: whether there is such a program
 */
gboolean
mer_child_settings_set_command (MerChildSettings *self, const char *command,
                                const char *folder, GError **error)
{
  g_autoptr (GError) problem = NULL;

  if (command == NULL || *command == '\0')
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "command: which program? Set it, such as “python3 my_model.py”");
      return FALSE;
    }
  if (!g_shell_parse_argv (command, NULL, &self->argv, &problem))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT, "command: %s",
                   problem->message);
      return FALSE;
    }
  self->folder = folder != NULL && *folder != '\0' ? g_strdup (folder) : NULL;
  if (self->folder != NULL && !g_file_test (self->folder, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                   "working-directory: there is no folder %s", self->folder);
      return FALSE;
    }
  return check_command_for_secrets (command, error) && check_program (self, error);
}

static gboolean
add_listed (MerChildSettings *self, char ***environment, const char *item, GError **error)
{
  const char *equals = strchr (item, '=');
  g_autofree char *name
      = equals != NULL ? g_strndup (item, (gsize) (equals - item)) : g_strdup (item);
  const char *value = equals != NULL ? equals + 1 : g_getenv (name);

  if (equals != NULL && is_secret (name))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "environment: the value of %s would be logged and stored; export it and "
                   "give the name alone",
                   name);
      return FALSE;
    }
  if (*name == '\0' || value == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                   "environment: the variable %s is not set; export it, or take it out of "
                   "the list",
                   *name != '\0' ? name : "without a name");
      return FALSE;
    }
  *environment = g_environ_setenv (*environment, name, value, TRUE);
  if (is_secret (name))
    {
      GStrvBuilder *secrets = g_strv_builder_new ();

      g_strv_builder_addv (secrets, (const char **) self->secrets);
      g_strv_builder_add (secrets, value);
      g_strfreev (self->secrets);
      self->secrets = g_strv_builder_end (secrets);
      g_strv_builder_unref (secrets);
    }
  return TRUE;
}

static char **
prepend_path (char **environment, const char *name, const char *folder)
{
  const char *before = g_environ_getenv (environment, name);
  g_autofree char *after = before != NULL && *before != '\0'
                               ? g_strconcat (folder, ":", before, NULL)
                               : g_strdup (folder);

  return g_environ_setenv (environment, name, after, TRUE);
}

/**
 * mer_child_settings_set_environment:
 * @self: settings
 * @listed: (nullable): names of variables that are handed on beside the clean set, and
 *   `NAME=VALUE`, quoted as in a shell
 * @python_folder: (nullable): where Python finds the helper module
 * @error: place for an error
 *
 * Returns: whether all that is listed is there and may be
 */
gboolean
mer_child_settings_set_environment (MerChildSettings *self, const char *listed,
                                    const char *python_folder, GError **error)
{
  g_auto (GStrv) environment = g_new0 (char *, 1);
  g_auto (GStrv) names = g_listenv ();
  g_auto (GStrv) items = NULL;
  g_autoptr (GError) problem = NULL;

  self->secrets = g_new0 (char *, 1);
  for (guint i = 0; names[i] != NULL; i++)
    if (is_clean (names[i]))
      environment = g_environ_setenv (environment, names[i], g_getenv (names[i]), TRUE);
  if (listed != NULL && *listed != '\0'
      && !g_shell_parse_argv (listed, NULL, &items, &problem)
      && !g_error_matches (problem, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT, "environment: %s",
                   problem->message);
      return FALSE;
    }
  for (guint i = 0; items != NULL && items[i] != NULL; i++)
    if (!add_listed (self, &environment, items[i], error))
      return FALSE;
  if (python_folder != NULL)
    environment = prepend_path (environment, "PYTHONPATH", python_folder);
  /* a script that prints a line and does not flush would seem to hang */
  environment = g_environ_setenv (environment, "PYTHONUNBUFFERED", "1", FALSE);
  environment = g_environ_setenv (environment, "PYTHONUTF8", "1", FALSE);
  environment = g_environ_setenv (environment, "MER_EXEC", "1", TRUE);
  self->environment = g_steal_pointer (&environment);
  return TRUE;
}

/**
 * mer_child_settings_dup_address:
 * @self: settings
 *
 * Returns: (transfer full): what stands for an address in messages and in the journal
 */
char *
mer_child_settings_dup_address (MerChildSettings *self)
{
  g_autoptr (GString) address = g_string_new ("exec:");

  for (guint i = 0; self->argv[i] != NULL; i++)
    {
      g_autofree char *quoted = g_shell_quote (self->argv[i]);
      gboolean plain = strpbrk (self->argv[i], " \t\n\"'\\$`*?&|;<>()") == NULL
                       && *self->argv[i] != '\0';

      g_string_append_printf (address, "%s%s", i > 0 ? " " : "",
                              plain ? self->argv[i] : quoted);
    }
  return g_strdup (address->str);
}

/**
 * mer_child_settings_dup_identity:
 * @self: settings
 *
 * Returns: (transfer full): equal for equal settings; holds values of the environment, so
 *   it must not be shown
 */
char *
mer_child_settings_dup_identity (MerChildSettings *self)
{
  g_autofree char *argv = g_strjoinv ("\001", self->argv);
  g_autofree char *environment = g_strjoinv ("\001", self->environment);

  return g_strdup_printf ("%s\002%s\002%s\002%s\002%u %u %u %u %u %u %g %g %g", argv,
                          environment, self->folder != NULL ? self->folder : "",
                          self->media_folder != NULL ? self->media_folder : "",
                          self->memory_mb, self->cpu_seconds, self->max_files,
                          self->instances, self->concurrency, self->max_starts,
                          self->patience, self->grace, self->linger);
}

/**
 * mer_child_settings_blot_out:
 * @self: settings
 * @text: what the program wrote
 *
 * Returns: (transfer full): @text without the secrets that the program was given
 */
char *
mer_child_settings_blot_out (MerChildSettings *self, const char *text)
{
  char *clean = g_strdup (text);

  for (guint i = 0; self->secrets != NULL && self->secrets[i] != NULL; i++)
    {
      char *cleaner = mer_key_blot_out_text (clean, self->secrets[i]);

      g_free (clean);
      clean = cleaner;
    }
  return clean;
}
