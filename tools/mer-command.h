/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "mer-error.h"

G_BEGIN_DECLS

/* how `mer` ends (docs/architecture.md) */
typedef enum
{
  MER_EXIT_OK = 0,      /* all well */
  MER_EXIT_PARTLY = 1,  /* finished, some samples failed */
  MER_EXIT_INPUT = 2,   /* bad input or usage */
  MER_EXIT_STOPPED = 3, /* stopped early; what was done is kept */
} MerExit;

/**
 * MerCommand:
 * @name: the word after `mer`
 * @summary: one line for `mer --help`
 * @run: does it; @argv[0] is @name. Returns a #MerExit
 *
 * One subcommand: a file `tools/mer-NAME.c` and a line in `tools/mer.c`.
 */
typedef struct
{
  const char *name;
  const char *summary;
  int (*run) (int argc, char **argv);
} MerCommand;

/**
 * MerCommandHelp:
 * @name: the whole command, such as `mapping import`
 * @arguments: what follows the options in the usage line
 * @summary: a sentence or two
 * @example: one or more command lines that work
 * @more: (nullable): further paragraphs
 */
typedef struct
{
  const char *name;
  const char *arguments;
  const char *summary;
  const char *example;
  const char *more;
} MerCommandHelp;

gboolean mer_command_parse (const MerCommandHelp *help, const GOptionEntry *options,
                            int *argc, char ***argv, int *status);
const MerCommand *mer_command_find (const MerCommand *commands, guint n_commands,
                                    const char *prefix, const char *name);
void mer_command_print_list (const MerCommand *commands, guint n_commands);

int mer_command_fail (const char *name, const GError *error);
int mer_command_usage (const char *name, const char *format, ...) G_GNUC_PRINTF (2, 3);
gboolean mer_command_check_output (const char *output, char *const *inputs, guint n_inputs,
                                   GError **error);
void mer_command_warn (const char *name, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
