/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-glib writes 0.7 as 0.69999999999999996 and keeps members in the order of arrival;
 * what is hashed or shown to people wants one form */
#include "tables/mer-json.h"

#include <math.h>
#include <string.h>

typedef struct
{
  GString *out;
  gboolean pretty; /* lines and levels, else nothing stands between tokens */
  gboolean sorted; /* members bytewise, else in the order of arrival */
  guint depth;
} Writer;

static void write_node (Writer *writer, JsonNode *node);

static void
write_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; p != NULL && *p != '\0'; p++)
    {
      static const char plain[] = "\"\\\b\f\n\r\t";
      static const char letter[] = "\"\\bfnrt";
      const char *found = strchr (plain, *p);

      if (found != NULL)
        g_string_append_printf (out, "\\%c", letter[found - plain]);
      else if ((guchar) *p < 0x20)
        g_string_append_printf (out, "\\u%04x", (guint) (guchar) *p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

/* the shortest decimal that reads back as the same double */
static void
write_double (GString *out, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    {
      g_string_append (out, "null");
      return;
    }
  if (value == rint (value) && fabs (value) < 1e15)
    {
      g_string_append_printf (out, "%" G_GINT64_FORMAT, (gint64) value);
      return;
    }
  /* 15 digits always survive a round trip from text, so most numbers end with the first try
   */
  for (guint digits = 15; digits <= 17; digits++)
    {
      char format[] = "%.00g";

      format[2] = (char) ('0' + digits / 10);
      format[3] = (char) ('0' + digits % 10);
      g_ascii_formatd (text, sizeof text, format, value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }
  g_string_append (out, text);
}

static void
write_break (Writer *writer)
{
  if (!writer->pretty)
    return;
  g_string_append_c (writer->out, '\n');
  for (guint i = 0; i < writer->depth; i++)
    g_string_append (writer->out, "  ");
}

static void
write_array (Writer *writer, JsonArray *array)
{
  guint length = json_array_get_length (array);

  g_string_append_c (writer->out, '[');
  writer->depth++;
  for (guint i = 0; i < length; i++)
    {
      if (i > 0)
        g_string_append_c (writer->out, ',');
      write_break (writer);
      write_node (writer, json_array_get_element (array, i));
    }
  writer->depth--;
  if (length > 0)
    write_break (writer);
  g_string_append_c (writer->out, ']');
}

static void
write_object (Writer *writer, JsonObject *object)
{
  GList *names = json_object_get_members (object);
  gboolean first = TRUE;

  if (writer->sorted)
    names = g_list_sort (names, (GCompareFunc) strcmp);
  g_string_append_c (writer->out, '{');
  writer->depth++;
  for (GList *name = names; name != NULL; name = name->next)
    {
      if (!first)
        g_string_append_c (writer->out, ',');
      first = FALSE;
      write_break (writer);
      write_string (writer->out, name->data);
      g_string_append (writer->out, writer->pretty ? ": " : ":");
      write_node (writer, json_object_get_member (object, name->data));
    }
  writer->depth--;
  if (!first)
    write_break (writer);
  g_string_append_c (writer->out, '}');
  g_list_free (names);
}

static void
write_scalar (Writer *writer, JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING)
    write_string (writer->out, json_node_get_string (node));
  else if (type == G_TYPE_BOOLEAN)
    g_string_append (writer->out, json_node_get_boolean (node) ? "true" : "false");
  else if (type == G_TYPE_INT64)
    g_string_append_printf (writer->out, "%" G_GINT64_FORMAT, json_node_get_int (node));
  else
    write_double (writer->out, json_node_get_double (node));
}

static void
write_node (Writer *writer, JsonNode *node)
{
  switch (node != NULL ? json_node_get_node_type (node) : JSON_NODE_NULL)
    {
    case JSON_NODE_OBJECT:
      write_object (writer, json_node_get_object (node));
      break;
    case JSON_NODE_ARRAY:
      write_array (writer, json_node_get_array (node));
      break;
    case JSON_NODE_VALUE:
      write_scalar (writer, node);
      break;
    case JSON_NODE_NULL:
    default:
      g_string_append (writer->out, "null");
      break;
    }
}

static char *
write_document (JsonNode *node, gboolean pretty, gboolean sorted)
{
  Writer writer = { .out = g_string_new (NULL), .pretty = pretty, .sorted = sorted };

  write_node (&writer, node);
  return g_string_free (writer.out, FALSE);
}

/**
 * mer_json_canonical:
 * @node: (nullable): any node
 *
 * The form that is hashed: members sorted bytewise, no white space, only the escapes that
 * JSON demands, whole numbers without a point, others as the shortest decimal that reads
 * back the same. Equal documents give equal bytes, as in RFC 8785 but for the spelling of
 * exponents and the order of names beyond the basic plane.
 *
 * Returns: (transfer full): the text
 */
char *
mer_json_canonical (JsonNode *node)
{
  return write_document (node, FALSE, TRUE);
}

/**
 * mer_json_pretty:
 * @node: (nullable): any node
 *
 * Returns: (transfer full): the document for people: two spaces a level, members in their
 * order, short numbers; no newline at its end
 */
char *
mer_json_pretty (JsonNode *node)
{
  return write_document (node, TRUE, FALSE);
}

/**
 * mer_json_line:
 * @node: (nullable): any node
 *
 * Returns: (transfer full): the document as one line of JSON Lines: members in their order,
 *   no white space, short numbers; no newline at its end
 */
char *
mer_json_line (JsonNode *node)
{
  return write_document (node, FALSE, FALSE);
}
