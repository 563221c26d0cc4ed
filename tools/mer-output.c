/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-output.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "tables/mer-json.h"
#include "tables/mer-table.h"

struct _MerOutput
{
  MerOutputColumn *columns;
  guint n_columns;
  GPtrArray *rows; /* GStrv */
};

static const char *const format_names[] = { "table", "json", "csv", "markdown", NULL };

/**
 * mer_output_parse_format:
 * @text: (nullable): what stood after `--format`, %NULL for none
 * @format: (out): the format, a table where none was asked for
 */
gboolean
mer_output_parse_format (const char *text, MerOutputFormat *format, GError **error)
{
  *format = MER_OUTPUT_TABLE;
  if (text == NULL)
    return TRUE;
  for (guint i = 0; format_names[i] != NULL; i++)
    if (g_str_equal (format_names[i], text))
      {
        *format = (MerOutputFormat) i;
        return TRUE;
      }
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "--format: '%s' is none of table, json, csv, markdown", text);
  return FALSE;
}

/* what could move a cursor, recolour a terminal or turn reading order round */
static gboolean
is_harmful (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e)
         || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
}

/**
 * mer_output_escape:
 * @text: what somebody else wrote
 *
 * Returns: (transfer full): @text as one line of valid UTF-8 that a terminal only shows
 */
char *
mer_output_escape (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_sized_new (strlen (valid));

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '\n')
        g_string_append (out, "\\n");
      else if (c == '\t')
        g_string_append (out, "\\t");
      else if (is_harmful (c))
        g_string_append_printf (out, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

MerOutput *
mer_output_new (const MerOutputColumn *columns, guint n_columns)
{
  MerOutput *self = g_new0 (MerOutput, 1);

  self->columns = g_memdup2 (columns, n_columns * sizeof *columns);
  self->n_columns = n_columns;
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  return self;
}

void
mer_output_free (MerOutput *self)
{
  g_ptr_array_unref (self->rows);
  g_free (self->columns);
  g_free (self);
}

/**
 * mer_output_take:
 * @self: the rows
 * @cells: (transfer full) (array): as many as there are columns, then %NULL
 */
void
mer_output_take (MerOutput *self, char **cells)
{
  g_return_if_fail (g_strv_length (cells) == self->n_columns);
  g_ptr_array_add (self->rows, cells);
}

/**
 * mer_output_add:
 * @self: the rows
 * @cells: (array): as many as there are columns; %NULL is an empty one
 */
void
mer_output_add (MerOutput *self, const char *const *cells)
{
  char **copy = g_new0 (char *, self->n_columns + 1);

  for (guint i = 0; i < self->n_columns; i++)
    copy[i] = g_strdup (cells[i] != NULL ? cells[i] : "");
  mer_output_take (self, copy);
}

static guint
width_of (const char *text)
{
  guint width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      width += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
    }
  return width;
}

static void
pad (FILE *file, guint n)
{
  for (guint i = 0; i < n; i++)
    fputc (' ', file);
}

static void
print_cell (const MerOutput *self, FILE *file, guint column, const char *text, guint width)
{
  guint missing = width - MIN (width, width_of (text));

  if (column > 0)
    fputs ("  ", file);
  if (self->columns[column].numeric)
    pad (file, missing);
  fputs (text, file);
  /* no white space at the ends of lines */
  if (!self->columns[column].numeric && column + 1 < self->n_columns)
    pad (file, missing);
}

static void
print_table (const MerOutput *self, GPtrArray *rows, FILE *file)
{
  g_autofree guint *widths = g_new0 (guint, self->n_columns);

  for (guint k = 0; k < self->n_columns; k++)
    {
      widths[k] = width_of (self->columns[k].name);
      for (guint i = 0; i < rows->len; i++)
        widths[k] = MAX (widths[k], width_of (((char **) rows->pdata[i])[k]));
    }
  for (guint k = 0; k < self->n_columns; k++)
    print_cell (self, file, k, self->columns[k].name, widths[k]);
  fputc ('\n', file);
  for (guint i = 0; i < rows->len; i++)
    {
      for (guint k = 0; k < self->n_columns; k++)
        print_cell (self, file, k, ((char **) rows->pdata[i])[k], widths[k]);
      fputc ('\n', file);
    }
}

static void
print_markdown (const MerOutput *self, GPtrArray *rows, FILE *file)
{
  for (guint k = 0; k < self->n_columns; k++)
    fprintf (file, "| %s ", self->columns[k].name);
  fputs ("|\n", file);
  for (guint k = 0; k < self->n_columns; k++)
    fputs (self->columns[k].numeric ? "|---:" : "|---", file);
  fputs ("|\n", file);
  for (guint i = 0; i < rows->len; i++)
    {
      for (guint k = 0; k < self->n_columns; k++)
        {
          g_auto (GStrv) pieces = g_strsplit (((char **) rows->pdata[i])[k], "|", -1);
          g_autofree char *cell = g_strjoinv ("\\|", pieces);

          fprintf (file, "| %s ", cell);
        }
      fputs ("|\n", file);
    }
}

static JsonNode *
cell_to_json (const MerOutputColumn *column, const char *text)
{
  JsonNode *node = json_node_alloc ();
  char *end = NULL;
  gint64 integer = 0;

  if (!column->numeric)
    return json_node_init_string (node, text);
  if (*text == '\0')
    return json_node_init_null (node);
  if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &integer, NULL))
    return json_node_init_int (node, integer);

  double value = g_ascii_strtod (text, &end);
  return *end == '\0' ? json_node_init_double (node, value)
                      : json_node_init_string (node, text);
}

static void
print_json (const MerOutput *self, FILE *file)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < self->rows->len; i++)
    {
      JsonObject *row = json_object_new ();

      for (guint k = 0; k < self->n_columns; k++)
        json_object_set_member (
            row, self->columns[k].name,
            cell_to_json (&self->columns[k], ((char **) self->rows->pdata[i])[k]));
      json_array_add_object_element (array, row);
    }
  json_node_take_array (root, array);

  g_autofree char *text = json_to_string (root, TRUE);
  fprintf (file, "%s\n", text);
}

static void
print_csv (const MerOutput *self, FILE *file)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint k = 0; k < self->n_columns; k++)
    g_ptr_array_add (names, (char *) self->columns[k].name);
  g_ptr_array_add (names, NULL);

  g_autoptr (MerTableWriter) writer
      = mer_table_writer_new ((const char *const *) names->pdata);
  for (guint i = 0; i < self->rows->len; i++)
    mer_table_writer_add (writer, (const char *const *) self->rows->pdata[i]);

  g_autoptr (GBytes) bytes = mer_table_writer_to_bytes (writer);
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);
  fwrite (data, 1, size, file);
}

/**
 * mer_output_print:
 * @self: the rows
 * @format: how
 * @file: where to; stdout for results
 */
void
mer_output_print (MerOutput *self, MerOutputFormat format, FILE *file)
{
  g_autoptr (GPtrArray) safe = NULL;

  if (format == MER_OUTPUT_JSON)
    return print_json (self, file);
  if (format == MER_OUTPUT_CSV)
    return print_csv (self, file);
  safe = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  for (guint i = 0; i < self->rows->len; i++)
    {
      char **row = g_new0 (char *, self->n_columns + 1);

      for (guint k = 0; k < self->n_columns; k++)
        row[k] = mer_output_escape (((char **) self->rows->pdata[i])[k]);
      g_ptr_array_add (safe, row);
    }
  if (format == MER_OUTPUT_MARKDOWN)
    print_markdown (self, safe, file);
  else
    print_table (self, safe, file);
}

/**
 * mer_output_reader_left:
 *
 * Returns: whether standard output is a pipe whose reader has seen enough, as `head` has
 */
gboolean
mer_output_reader_left (void)
{
  struct pollfd out = { .fd = STDOUT_FILENO };

  return poll (&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

/**
 * mer_output_finish:
 *
 * Returns: whether all that was printed arrived; a full disk behind `>` must not pass for
 *   success
 */
gboolean
mer_output_finish (void)
{
  gboolean ok = fflush (stdout) == 0 && ferror (stdout) == 0;

  if (!ok && mer_output_reader_left ())
    return TRUE;
  if (!ok)
    fprintf (stderr, "mer: standard output: %s\n", g_strerror (errno));
  return ok;
}
