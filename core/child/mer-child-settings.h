/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MerChildSettings:
 * @argv: the program and its arguments
 * @environment: all that the program sees of the environment, `NAME=VALUE`
 * @secrets: values of @environment that must not come back in a log
 * @folder: (nullable): its working folder; %NULL for ours
 * @media_folder: (nullable): where media are put for it; %NULL for the best place there is
 * @memory_mb: bound of its address space, MiB; 0 for none
 * @cpu_seconds: processor time after which it is killed; 0 for any
 * @max_files: bound of its open files; 0 for ours
 * @instances: how many of it run at once
 * @concurrency: requests that one is given at once; 0 for as many as it says it takes
 * @max_starts: starts in a row that may fail
 * @patience: how long a start may take, seconds
 * @grace: how long it has to end by itself when it is asked to, seconds
 * @linger: how long it stays, loaded, after the last who asked it has left, seconds
 *
 * What a program is started with. Immutable once it is used.
 */
typedef struct
{
  gatomicrefcount refs;
  char **argv;
  char **environment;
  char **secrets;
  char *folder;
  char *media_folder;
  guint memory_mb;
  guint cpu_seconds;
  guint max_files;
  guint instances;
  guint concurrency;
  guint max_starts;
  double patience;
  double grace;
  double linger;
} MerChildSettings;

MerChildSettings *mer_child_settings_new (void);
MerChildSettings *mer_child_settings_ref (MerChildSettings *self);
void mer_child_settings_unref (MerChildSettings *self);

gboolean mer_child_settings_set_command (MerChildSettings *self, const char *command,
                                         const char *folder, GError **error);
gboolean mer_child_settings_set_environment (MerChildSettings *self, const char *listed,
                                             const char *python_folder, GError **error);
char *mer_child_settings_dup_address (MerChildSettings *self);
char *mer_child_settings_dup_identity (MerChildSettings *self);
char *mer_child_settings_blot_out (MerChildSettings *self, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerChildSettings, mer_child_settings_unref)

G_END_DECLS
