/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tables/mer-json.h"
#include "tables/mer-table-private.h"

#include <string.h>

typedef struct
{
  MerJson *json;
  guint line;
} Row;

static void
row_clear (Row *row)
{
  g_clear_pointer (&row->json, mer_json_unref);
}

static void
add_value (MerTableBuilder *builder, JsonNode *value)
{
  if (value == NULL || JSON_NODE_HOLDS_NULL (value))
    return mer_table_builder_add_null (builder);

  g_autofree char *text = NULL;
  if (json_node_get_value_type (value) == G_TYPE_STRING)
    text = json_node_dup_string (value);
  else
    text = mer_json_line (value);
  mer_table_builder_add_cell (builder, text, strlen (text));
}

/* the columns are the members of all rows, in the order in which they are met */
static void
collect_columns (GArray *rows, GPtrArray *columns)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < rows->len; i++)
    {
      JsonNode *root = mer_json_get_root (g_array_index (rows, Row, i).json);
      g_autoptr (GList) members = json_object_get_members (json_node_get_object (root));

      for (GList *l = members; l != NULL; l = l->next)
        if (g_hash_table_add (seen, l->data))
          g_ptr_array_add (columns, l->data);
    }
}

static void
add_rows (MerTableBuilder *builder, GArray *rows)
{
  g_autoptr (GPtrArray) columns = g_ptr_array_new ();

  collect_columns (rows, columns);
  for (guint k = 0; k < columns->len; k++)
    {
      const char *name = g_ptr_array_index (columns, k);

      mer_table_builder_add_cell (builder, name, strlen (name));
    }
  mer_table_builder_end_row (builder, 1);
  for (guint i = 0; i < rows->len && !mer_table_builder_failed (builder); i++)
    {
      const Row *row = &g_array_index (rows, Row, i);
      JsonObject *object = json_node_get_object (mer_json_get_root (row->json));

      for (guint k = 0; k < columns->len; k++)
        add_value (builder,
                   json_object_get_member (object, g_ptr_array_index (columns, k)));
      mer_table_builder_end_row (builder, row->line);
    }
}

static gboolean
read_row (const char *name, const char *text, gsize length, guint line, GArray *rows,
          GError **error)
{
  g_autofree char *place = g_strdup_printf ("%s:%u", name, line);
  g_autoptr (MerJson) json = mer_json_parse (place, text, length, error);

  if (json == NULL)
    {
      if (error != NULL && strstr ((*error)->message, place) == NULL)
        g_prefix_error (error, "%s: ", place);
      return FALSE;
    }
  if (!JSON_NODE_HOLDS_OBJECT (mer_json_get_root (json)))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                   "%s: every line must hold one JSON object", place);
      return FALSE;
    }
  if (rows->len >= MER_TABLE_MAX_ROWS)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE, "%s: more than %u rows", place,
                   MER_TABLE_MAX_ROWS);
      return FALSE;
    }

  Row row = { g_steal_pointer (&json), line };
  g_array_append_val (rows, row);
  return TRUE;
}

/**
 * mer_table_parse_jsonl:
 * @name: what messages call the table, usually its path
 * @bytes: its text
 *
 * Reads JSON Lines, one object a line: members are columns, strings are cells as they are,
 * numbers, lists and objects become their JSON text (a list of words is a label string).
 *
 * Returns: (transfer full): the table, %NULL with an error that names the line
 */
MerTable *
mer_table_parse_jsonl (const char *name, GBytes *bytes, GError **error)
{
  g_autoptr (MerTableBuilder) builder
      = mer_table_builder_new (name, g_bytes_get_size (bytes));
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  g_array_set_clear_func (rows, (GDestroyNotify) row_clear);
  for (guint line = 1; size > 0; line++)
    {
      const char *end = memchr (text, '\n', size);
      gsize length = end != NULL ? (gsize) (end - text) : size;
      gsize start = 0;

      while (start < length && g_ascii_isspace (text[start]))
        start++;
      if (start < length && !read_row (name, text, length, line, rows, error))
        return NULL;
      text += MIN (length + 1, size);
      size -= MIN (length + 1, size);
    }
  if (rows->len > 0)
    add_rows (builder, rows);
  return mer_table_builder_finish (builder, error);
}
