/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include "mer-command.h"
#include "mer-environment.h"
#include "mer-output.h"
#include "mer-subcommands.h"
#include "mer-version.h"

/* in the order of `mer --help`: what people do most comes first */
static const MerCommand commands[] = {
  { "run", "run a description or a batch on clips or a dataset", mer_command_run },
  { "bulk", "show and cancel what was asked in batches", mer_command_bulk },
  { "launch", "run a graph given as for gst-launch-1.0", mer_command_launch },
  { "score", "hold files of predicted labels against the truth", mer_command_score },
  { "labels", "find the emotion labels in the answers of models", mer_command_labels },
  { "fuse", "make one label file of several", mer_command_fuse },
  { "export", "write what stands in a store as lines of JSON or as a table",
    mer_command_export },
  { "mapping", "import, list, show and look into emotion vocabularies",
    mer_command_mapping },
  { "models", "list and show models, check files of models", mer_command_models },
  { "probe", "hold models to the servers that their entries name", mer_command_probe },
  { "inspect", "show elements, descriptions, models files and stores",
    mer_command_inspect },
  { "validate", "check files as a run would", mer_command_validate },
  { "new", "write the beginning of a backend of your own", mer_command_new },
  { "doctor", "say what is missing on this machine", mer_command_doctor },
};

static int
print_help (void)
{
  printf ("Usage: mer COMMAND [OPTION…] …\n\n"
          "Runs and benchmarks multimodal models on open-vocabulary emotion recognition.\n"
          "\n");
  mer_command_print_list (commands, G_N_ELEMENTS (commands));
  printf (
      "\n"
      "Options:\n"
      "  -h, --help     show this and end; `mer COMMAND --help` for a command\n"
      "  --version      show the version and end\n"
      "\n"
      "Example:\n"
      "  mer score --mapping builtin --truth truth.csv predictions.csv\n"
      "\n"
      "Exit codes: 0 all well, 1 finished but some samples failed, 2 bad input or usage,"
      "\n3 stopped early (what was done is kept).\n");
  return MER_EXIT_OK;
}

/* Names in label files are UTF-8 whatever the terminal's language is; a decimal point is a
 * point. */
static void
set_locale (void)
{
  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  if (!g_get_charset (NULL))
    setlocale (LC_CTYPE, "C.UTF-8");
}

static int
run (int argc, char **argv)
{
  const char *first = argc > 1 ? argv[1] : NULL;

  if (first == NULL)
    {
      mer_command_usage (NULL, "which command?");
      return MER_EXIT_INPUT;
    }
  if (g_str_equal (first, "--version"))
    {
      printf ("mer %s\n", MER_VERSION);
      return MER_EXIT_OK;
    }
  if (g_str_equal (first, "--help") || g_str_equal (first, "-h")
      || g_str_equal (first, "help"))
    return print_help ();
  if (*first == '-')
    return mer_command_usage (NULL, "there is no option %s before a command", first);

  const MerCommand *command
      = mer_command_find (commands, G_N_ELEMENTS (commands), NULL, first);
  if (command == NULL)
    return MER_EXIT_INPUT;
  set_locale ();
  mer_environment_set_up ();
  return command->run (argc - 1, argv + 1);
}

int
main (int argc, char **argv)
{
  /* a reader that leaves, as `head` does, must not keep stores from being closed */
  signal (SIGPIPE, SIG_IGN);

  int status = run (argc, argv);

  if (!mer_output_finish ())
    return MER_EXIT_STOPPED;
  return status;
}
