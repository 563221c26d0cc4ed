/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* one a file tools/mer-NAME.c, listed in tools/mer.c */
int mer_command_fuse (int argc, char **argv);
int mer_command_export (int argc, char **argv);
int mer_command_labels (int argc, char **argv);
int mer_command_bulk (int argc, char **argv);
int mer_command_models (int argc, char **argv);
int mer_command_new (int argc, char **argv);
int mer_command_probe (int argc, char **argv);
int mer_command_mapping (int argc, char **argv);
int mer_command_run (int argc, char **argv);
int mer_command_score (int argc, char **argv);
int mer_command_launch (int argc, char **argv);
int mer_command_inspect (int argc, char **argv);
int mer_command_validate (int argc, char **argv);
int mer_command_doctor (int argc, char **argv);
