/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mer.h>

G_BEGIN_DECLS

/**
 * MerReplayFile:
 * @location: the file
 * @stage: the name under which its answers stand
 * @from_stage: (nullable): which stage of a `mer-record/1` file, or of a table with a
 *   column `stage`; %NULL: a record's last that is no scorer, all rows of a table
 * @id_column: (nullable): %NULL: `name`, else `id`
 * @text_column: (nullable): %NULL: `reason`, `text` or `answer`, whichever stands first
 * @labels_column: (nullable): %NULL: no labels, `merlabels` reads the text
 * @outcome_column: (nullable): %NULL: `outcome`, where there is one
 *
 * What to read from a file of past answers.
 */
typedef struct
{
  const char *location;
  const char *stage;
  const char *from_stage;
  const char *id_column;
  const char *text_column;
  const char *labels_column;
  const char *outcome_column;
} MerReplayFile;

GHashTable *mer_replay_file_load (const MerReplayFile *file, GError **error);

G_END_DECLS
