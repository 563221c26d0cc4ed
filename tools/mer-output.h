/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include <glib.h>

#include "mer-error.h"

G_BEGIN_DECLS

/* what `--format` chooses */
typedef enum
{
  MER_OUTPUT_TABLE,
  MER_OUTPUT_JSON,
  MER_OUTPUT_CSV,
  MER_OUTPUT_MARKDOWN,
} MerOutputFormat;

/* the description of `--format` in option tables */
#define MER_OUTPUT_FORMATS "table (default), json, csv or markdown"

gboolean mer_output_parse_format (const char *text, MerOutputFormat *format,
                                  GError **error);

/**
 * MerOutputColumn:
 * @name: what stands above it; the member's name in JSON
 * @numeric: aligned to the right, and a number in JSON where the cell is one
 */
typedef struct
{
  const char *name;
  gboolean numeric;
} MerOutputColumn;

/* rows for people and programs: `table` for terminals, `json` an array of objects, `csv`,
 * `markdown` */
typedef struct _MerOutput MerOutput;

MerOutput *mer_output_new (const MerOutputColumn *columns, guint n_columns);
void mer_output_add (MerOutput *self, const char *const *cells);
void mer_output_take (MerOutput *self, char **cells);
void mer_output_print (MerOutput *self, MerOutputFormat format, FILE *file);
void mer_output_free (MerOutput *self);

gboolean mer_output_reader_left (void);
char *mer_output_escape (const char *text);
gboolean mer_output_finish (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerOutput, mer_output_free)

G_END_DECLS
