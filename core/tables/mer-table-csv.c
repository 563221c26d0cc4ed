/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tables/mer-table-private.h"

#include <csv.h>
#include <string.h>

typedef struct
{
  MerTableBuilder *builder;
  guint row_line;    /* where the row under way began */
  guint line;        /* the line being read */
  gboolean row_over; /* nothing of a row has been read yet */
} Reader;

static void
on_cell (void *text, size_t length, void *user_data)
{
  Reader *self = user_data;

  mer_table_builder_add_cell (self->builder, text != NULL ? text : "", length);
}

static void
on_row (int terminator, void *user_data)
{
  Reader *self = user_data;

  mer_table_builder_end_row (self->builder, self->row_line);
  self->row_line = self->line;
  self->row_over = TRUE;
}

/* spreadsheets write `;` where the comma is the decimal sign; only the names are looked at
 */
static char
guess_delimiter (const char *text, gsize size)
{
  gsize counts[3] = { 0, 0, 0 };
  gboolean quoted = FALSE;

  for (gsize i = 0; i < size; i++)
    {
      if (text[i] == '"')
        quoted = !quoted;
      else if (!quoted && (text[i] == '\n' || text[i] == '\r'))
        break;
      else if (!quoted)
        {
          counts[0] += text[i] == ',';
          counts[1] += text[i] == '\t';
          counts[2] += text[i] == ';';
        }
    }
  if (counts[0] > 0)
    return ',';
  if (counts[1] > 0)
    return '\t';
  return counts[2] > 0 ? ';' : ',';
}

/* up to and with the end of the line that begins at @text */
static gsize
line_length (const char *text, gsize size)
{
  gsize i = 0;

  while (i < size && text[i] != '\n' && text[i] != '\r')
    i++;
  if (i + 1 < size && text[i] == '\r' && text[i + 1] == '\n')
    return i + 2;
  return MIN (i + 1, size);
}

static gboolean
is_blank (const char *text, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isspace (text[i]))
      return FALSE;
  return TRUE;
}

/* The parser is given a line at a time, because it does not tell where it is. */
static void
read_lines (Reader *self, struct csv_parser *parser, const char *text, gsize size)
{
  while (size > 0 && !mer_table_builder_failed (self->builder))
    {
      gsize length = line_length (text, size);

      self->line++;
      if (self->row_over)
        self->row_line = self->line;
      self->row_over = self->row_over && is_blank (text, length);
      if (csv_parse (parser, text, length, on_cell, on_row, self) != length)
        mer_table_builder_fail (self->builder, self->line, MER_ERROR_INVALID_FILE, "%s",
                                csv_strerror (csv_error (parser)));
      text += length;
      size -= length;
    }
  /* the last line may lack its end; a row that is open after it lacks a quote */
  csv_parse (parser, "\n", 1, on_cell, on_row, self);
  if (!self->row_over)
    mer_table_builder_fail (self->builder, self->row_line, MER_ERROR_INVALID_FILE,
                            "a quote opened in this row is never closed");
}

static gboolean
is_wide (const char *text, gsize size)
{
  return size >= 2
         && (memcmp (text, "\xff\xfe", 2) == 0 || memcmp (text, "\xfe\xff", 2) == 0);
}

/**
 * mer_table_parse_csv:
 * @name: what messages call the table, usually its path
 * @bytes: its text
 *
 * Reads comma-separated values (RFC 4180, line ends of any kind, with or without a byte
 * order mark); where the row of names holds no comma, tabs or semicolons separate. Blank
 * lines are passed over.
 *
 * Returns: (transfer full): the table, %NULL with an error that names the line
 */
MerTable *
mer_table_parse_csv (const char *name, GBytes *bytes, GError **error)
{
  g_autoptr (MerTableBuilder) builder
      = mer_table_builder_new (name, g_bytes_get_size (bytes));
  Reader reader = { .builder = builder, .row_line = 1, .row_over = TRUE };
  struct csv_parser parser;
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  if (is_wide (text, size))
    mer_table_builder_fail (builder, 0, MER_ERROR_INVALID_FILE,
                            "the table is UTF-16; save it as UTF-8");
  if (size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    {
      text += 3;
      size -= 3;
    }
  csv_init (&parser, CSV_APPEND_NULL); /* fails for a missing parser only */
  csv_set_delim (&parser, guess_delimiter (text, size));
  csv_set_blk_size (&parser, 64 * 1024);
  read_lines (&reader, &parser, text, size);
  csv_free (&parser);
  return mer_table_builder_finish (builder, error);
}
