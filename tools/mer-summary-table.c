/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-summary-table.h"

#include <math.h>
#include <string.h>

#include "sample/mer-tally.h"
#include "tables/mer-json.h"

typedef struct
{
  char *run;
  char *scorer;
  char *stage;
  JsonNode *summary;
} Row;

struct _MerSummaryTable
{
  GPtrArray *rows;
};

static void
row_free (gpointer data)
{
  Row *row = data;

  g_free (row->run);
  g_free (row->scorer);
  g_free (row->stage);
  json_node_unref (row->summary);
  g_free (row);
}

MerSummaryTable *
mer_summary_table_new (void)
{
  MerSummaryTable *self = g_new0 (MerSummaryTable, 1);

  self->rows = g_ptr_array_new_with_free_func (row_free);
  return self;
}

void
mer_summary_table_free (MerSummaryTable *self)
{
  g_ptr_array_unref (self->rows);
  g_free (self);
}

void
mer_summary_table_add (MerSummaryTable *self, const char *run, const char *scorer,
                       const char *stage, JsonNode *summary)
{
  Row *row = g_new0 (Row, 1);

  row->run = g_strdup (run);
  row->scorer = g_strdup (scorer);
  row->stage = g_strdup (stage);
  row->summary = json_node_copy (summary);
  g_ptr_array_add (self->rows, row);
}

gboolean
mer_summary_table_is_empty (MerSummaryTable *self)
{
  return self->rows->len == 0;
}

/* a share or figure as percent; empty where there is none */
static char *
percent (JsonNode *node, const char *member)
{
  const double value = mer_json_node_number (node, member, NAN);

  return isnan (value) ? g_strdup ("") : g_strdup_printf ("%.2f", 100 * value);
}

static char *
interval (JsonNode *figures)
{
  JsonNode *ends = mer_json_node_member (figures, "ci95");

  if (ends == NULL || !JSON_NODE_HOLDS_ARRAY (ends)
      || json_array_get_length (json_node_get_array (ends)) != 2)
    return g_strdup ("");
  return g_strdup_printf (
      "%.2f…%.2f", 100 * json_array_get_double_element (json_node_get_array (ends), 0),
      100 * json_array_get_double_element (json_node_get_array (ends), 1));
}

static char *
plain (JsonNode *node, const char *member, const char *format)
{
  const double value = mer_json_node_number (node, member, NAN);
  char text[G_ASCII_DTOSTR_BUF_SIZE] = "";

  if (!isnan (value))
    g_ascii_formatd (text, sizeof text, format, value);
  return g_strdup (text);
}

static const MerOutputColumn wheel_columns[] = {
  { "run", FALSE },    { "stage", FALSE },   { "mapping", FALSE }, { "n", TRUE },
  { "ewl1", TRUE },    { "95 %", TRUE },     { "P", TRUE },        { "R", TRUE },
  { "ewl2", TRUE },    { "m_avg", TRUE },    { "labels", TRUE },   { "empty", TRUE },
  { "unknown", TRUE }, { "answered", TRUE },
};

static void
add_wheel_row (MerOutput *output, const char *run, const char *stage, const char *mapping,
               JsonNode *system)
{
  JsonNode *metrics = mer_json_node_member (system, "metrics");
  JsonNode *ewl1 = mer_json_node_member (metrics, "ewl1");
  char **cells = g_new0 (char *, G_N_ELEMENTS (wheel_columns) + 1);
  guint i = 0;

  cells[i++] = g_strdup (run);
  cells[i++] = g_strdup (stage);
  cells[i++] = g_strdup (mapping != NULL ? mapping : "");
  cells[i++] = plain (system, "samples", "%.0f");
  cells[i++] = percent (ewl1, "f");
  cells[i++] = interval (ewl1);
  cells[i++] = percent (ewl1, "precision");
  cells[i++] = percent (ewl1, "recall");
  cells[i++] = percent (mer_json_node_member (metrics, "ewl2"), "f");
  cells[i++] = percent (mer_json_node_member (metrics, "m_avg"), "f");
  cells[i++] = plain (system, "mean_labels", "%.2f");
  cells[i++] = percent (system, "empty");
  cells[i++] = percent (system, "unknown");
  cells[i++] = percent (system, "coverage");
  mer_output_take (output, cells);
}

static gboolean
is_wheel_summary (const Row *row)
{
  return mer_json_node_path (row->summary, "metrics", "ewl1", NULL) != NULL;
}

/* the floors of equal runs are equal: once for each set of samples and mapping */
static void
add_floors (MerOutput *output, const Row *row, GHashTable *seen)
{
  JsonNode *floors = mer_json_node_member (row->summary, "floors");
  const char *mapping
      = mer_json_node_string (mer_json_node_member (row->summary, "mapping"), "name");
  g_autofree char *key = mer_json_canonical (floors);

  if (floors == NULL || !JSON_NODE_HOLDS_ARRAY (floors)
      || !g_hash_table_add (seen, g_steal_pointer (&key)))
    return;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (floors)); i++)
    {
      JsonNode *floor = json_array_get_element (json_node_get_array (floors), i);
      const char *name = mer_json_node_string (floor, "name");
      g_autofree char *run = g_strdup_printf ("(floor) %s", name != NULL ? name : "");

      add_wheel_row (output, run, "", mapping, floor);
    }
}

static void
print_wheel_rows (MerSummaryTable *self, MerOutputFormat format)
{
  g_autoptr (MerOutput) output
      = mer_output_new (wheel_columns, G_N_ELEMENTS (wheel_columns));
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n = 0;

  for (guint i = 0; i < self->rows->len; i++)
    {
      const Row *row = g_ptr_array_index (self->rows, i);

      if (!is_wheel_summary (row))
        continue;
      add_wheel_row (
          output, row->run, row->stage,
          mer_json_node_string (mer_json_node_member (row->summary, "mapping"), "name"),
          row->summary);
      n++;
    }
  for (guint i = 0; i < self->rows->len; i++)
    if (is_wheel_summary (g_ptr_array_index (self->rows, i)))
      add_floors (output, g_ptr_array_index (self->rows, i), seen);
  if (n > 0)
    mer_output_print (output, format, stdout);
}

/* figures of a shape that is not known here: name and value */
static void
print_other_rows (MerSummaryTable *self, MerOutputFormat format)
{
  static const MerOutputColumn columns[]
      = { { "run", FALSE }, { "scorer", FALSE }, { "stage", FALSE }, { "summary", FALSE } };
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));
  guint n = 0;

  for (guint i = 0; i < self->rows->len; i++)
    {
      const Row *row = g_ptr_array_index (self->rows, i);

      if (is_wheel_summary (row) || g_str_equal (row->scorer, MER_TALLY_SUMMARY))
        continue;

      const char *detail = mer_json_node_string (row->summary, "detail");
      g_autofree char *text
          = detail != NULL ? g_strdup (detail) : mer_json_canonical (row->summary);
      const char *const cells[] = { row->run, row->scorer, row->stage, text, NULL };

      mer_output_add (output, cells);
      n++;
    }
  if (n > 0)
    mer_output_print (output, format, stdout);
}

static void
print_json (MerSummaryTable *self)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_ARRAY);
  JsonArray *rows = json_array_new ();

  json_node_take_array (root, rows);
  for (guint i = 0; i < self->rows->len; i++)
    {
      const Row *row = g_ptr_array_index (self->rows, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "run", row->run);
      json_object_set_string_member (object, "scorer", row->scorer);
      json_object_set_string_member (object, "stage", row->stage);
      json_object_set_member (object, "summary", json_node_copy (row->summary));
      json_array_add_object_element (rows, object);
    }

  g_autofree char *text = mer_json_pretty (root);

  printf ("%s\n", text);
}

/* to stdout */
void
mer_summary_table_print (MerSummaryTable *self, MerOutputFormat format)
{
  if (format == MER_OUTPUT_JSON)
    {
      print_json (self);
      return;
    }
  print_wheel_rows (self, format);
  print_other_rows (self, format);
}
