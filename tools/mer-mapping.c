/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-command.h"
#include "mer-subcommands.h"

int
mer_command_mapping (int argc, char **argv)
{
  return mer_command_usage ("mapping", "which of import, list, show, lookup?");
}
