/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ECMA-376 part 1, §18: as much of a workbook as it takes to read its first sheet's text */
#include "tables/mer-table-private.h"

#include <archive.h>
#include <archive_entry.h>
#include <libxml/xmlreader.h>
#include <string.h>

typedef struct
{
  MerTableBuilder *builder;
  GHashTable *parts;  /* name → GBytes */
  GPtrArray *strings; /* the shared strings */
} Workbook;

static void
workbook_clear (Workbook *self)
{
  g_clear_pointer (&self->parts, g_hash_table_unref);
  g_clear_pointer (&self->strings, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Workbook, workbook_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlTextReader, xmlFreeTextReader)

static void
archive_close (struct archive *archive)
{
  archive_read_free (archive);
}

typedef struct archive Archive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_close)

static gboolean
is_wanted (const char *name)
{
  return name != NULL && g_str_has_prefix (name, "xl/")
         && (g_str_has_suffix (name, ".xml") || g_str_has_suffix (name, ".rels"));
}

/* @budget: how many bytes may still be inflated from the whole workbook */
static GBytes *
inflate_part (Workbook *self, Archive *archive, gsize *budget)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  char block[32 * 1024];

  while (TRUE)
    {
      la_ssize_t got = archive_read_data (archive, block, sizeof block);

      if (got < 0)
        mer_table_builder_fail (self->builder, 0, MER_ERROR_INVALID_FILE,
                                "a damaged workbook: %s", archive_error_string (archive));
      else if ((gsize) got > *budget)
        mer_table_builder_fail (self->builder, 0, MER_ERROR_TOO_LARGE,
                                "the workbook inflates to more than %u bytes",
                                MER_TABLE_MAX_INFLATED);
      if (got <= 0 || mer_table_builder_failed (self->builder))
        return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
      *budget -= (gsize) got;
      g_byte_array_append (bytes, (const guint8 *) block, (guint) got);
    }
}

static void
read_parts (Workbook *self, GBytes *bytes)
{
  g_autoptr (Archive) archive = archive_read_new ();
  struct archive_entry *entry;
  gsize budget = MER_TABLE_MAX_INFLATED;
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);
  int status;

  archive_read_support_format_zip (archive);
  status = archive_read_open_memory (archive, data, size);
  while (status == ARCHIVE_OK || status == ARCHIVE_WARN)
    {
      status = archive_read_next_header (archive, &entry);
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
        break;

      const char *name = archive_entry_pathname (entry);
      if (!is_wanted (name))
        continue;
      g_hash_table_insert (self->parts, g_strdup (name),
                           inflate_part (self, archive, &budget));
      if (mer_table_builder_failed (self->builder))
        return;
    }
  if (status != ARCHIVE_EOF)
    mer_table_builder_fail (self->builder, 0, MER_ERROR_INVALID_FILE, "not a workbook: %s",
                            archive_error_string (archive));
}

static xmlTextReader *
open_part (Workbook *self, const char *name)
{
  GBytes *bytes = g_hash_table_lookup (self->parts, name);
  gsize size;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  if (text == NULL || size > G_MAXINT)
    return NULL;
  return xmlReaderForMemory (text, (int) size, name, NULL,
                             XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING
                                 | XML_PARSE_COMPACT);
}

/* The next node; %FALSE at the end, or with the builder failed. A workbook never declares
 * a document type, so entities, which could grow without bound, are not read at all. */
static gboolean
next_node (Workbook *self, xmlTextReader *reader, const char *part)
{
  int status = xmlTextReaderRead (reader);

  if (mer_table_builder_failed (self->builder))
    return FALSE;
  if (status < 0)
    mer_table_builder_fail (self->builder, 0, MER_ERROR_INVALID_FILE,
                            "%s is not well-formed XML (line %d)", part,
                            xmlTextReaderGetParserLineNumber (reader));
  if (status == 1 && xmlTextReaderNodeType (reader) == XML_READER_TYPE_DOCUMENT_TYPE)
    mer_table_builder_fail (self->builder, 0, MER_ERROR_INVALID_FILE,
                            "%s declares a document type; no workbook does", part);
  if (status == 1 && xmlTextReaderDepth (reader) > MER_TABLE_MAX_DEPTH)
    mer_table_builder_fail (self->builder, 0, MER_ERROR_TOO_LARGE,
                            "%s nests deeper than %d", part, MER_TABLE_MAX_DEPTH);
  return status == 1 && !mer_table_builder_failed (self->builder);
}

static gboolean
is_start (xmlTextReader *reader, const char *name)
{
  return xmlTextReaderNodeType (reader) == XML_READER_TYPE_ELEMENT
         && xmlStrEqual (xmlTextReaderConstLocalName (reader), BAD_CAST name);
}

/* an empty element has no end of its own */
static gboolean
is_end (xmlTextReader *reader, const char *name)
{
  int type = xmlTextReaderNodeType (reader);

  return (type == XML_READER_TYPE_END_ELEMENT
          || (type == XML_READER_TYPE_ELEMENT && xmlTextReaderIsEmptyElement (reader) == 1))
         && xmlStrEqual (xmlTextReaderConstLocalName (reader), BAD_CAST name);
}

static gboolean
is_text (xmlTextReader *reader)
{
  int type = xmlTextReaderNodeType (reader);

  return type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA
         || type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE
         || type == XML_READER_TYPE_WHITESPACE;
}

static char *
attribute (xmlTextReader *reader, const char *name)
{
  xmlChar *value = xmlTextReaderGetAttribute (reader, BAD_CAST name);
  char *copy = g_strdup ((const char *) value);

  xmlFree (value);
  return copy;
}

/* The text of all <t> up to the end of @element, without the reading aids of <rPh>. */
static void
read_rich_text (Workbook *self, xmlTextReader *reader, const char *part,
                const char *element, GString *out)
{
  gboolean in_text = FALSE;
  gboolean in_aid = FALSE;

  while (!is_end (reader, element) && next_node (self, reader, part))
    {
      if (is_start (reader, "t"))
        in_text = xmlTextReaderIsEmptyElement (reader) != 1;
      else if (is_end (reader, "t"))
        in_text = FALSE;
      else if (is_start (reader, "rPh"))
        in_aid = xmlTextReaderIsEmptyElement (reader) != 1;
      else if (is_end (reader, "rPh"))
        in_aid = FALSE;
      else if (in_text && !in_aid && is_text (reader))
        g_string_append (out, (const char *) xmlTextReaderConstValue (reader));
    }
}

static void
read_strings (Workbook *self)
{
  const char *part = "xl/sharedStrings.xml";
  g_autoptr (xmlTextReader) reader = open_part (self, part);

  while (reader != NULL && next_node (self, reader, part))
    {
      if (!is_start (reader, "si"))
        continue;

      g_autoptr (GString) text = g_string_new (NULL);
      read_rich_text (self, reader, part, "si", text);
      if (self->strings->len >= MER_TABLE_MAX_CELLS)
        mer_table_builder_fail (self->builder, 0, MER_ERROR_TOO_LARGE,
                                "more than %u shared strings", MER_TABLE_MAX_CELLS);
      g_ptr_array_add (self->strings, g_string_free (g_steal_pointer (&text), FALSE));
    }
}

/* the relation of the first sheet in the workbook's own order */
static char *
first_sheet_relation (Workbook *self)
{
  const char *part = "xl/workbook.xml";
  g_autoptr (xmlTextReader) reader = open_part (self, part);

  while (reader != NULL && next_node (self, reader, part))
    if (is_start (reader, "sheet"))
      return attribute (reader, "r:id");
  return NULL;
}

static char *
relation_target (Workbook *self, const char *id)
{
  const char *part = "xl/_rels/workbook.xml.rels";
  g_autoptr (xmlTextReader) reader = open_part (self, part);

  while (reader != NULL && next_node (self, reader, part))
    {
      if (!is_start (reader, "Relationship"))
        continue;

      g_autofree char *this_id = attribute (reader, "Id");
      if (g_strcmp0 (this_id, id) == 0)
        return attribute (reader, "Target");
    }
  return NULL;
}

static char *
first_sheet_part (Workbook *self)
{
  g_autofree char *id = first_sheet_relation (self);
  g_autofree char *target = id != NULL ? relation_target (self, id) : NULL;

  if (target == NULL)
    return g_strdup ("xl/worksheets/sheet1.xml");
  if (target[0] == '/')
    return g_strdup (target + 1);
  return g_strconcat ("xl/", target, NULL);
}

/* `AB12` → 27; -1 where there is no letter */
static int
column_of (const char *reference)
{
  guint column = 0;

  if (reference == NULL || !g_ascii_isupper (*reference))
    return -1;
  for (; g_ascii_isupper (*reference) && column <= MER_TABLE_MAX_COLUMNS; reference++)
    column = column * 26 + (guint) (*reference - 'A') + 1;
  return (int) column - 1;
}

static const char *
shared_string (Workbook *self, const char *index)
{
  guint64 i = 0;

  if (g_ascii_string_to_unsigned (index, 10, 0, G_MAXUINT, &i, NULL)
      && i < self->strings->len)
    return g_ptr_array_index (self->strings, i);
  mer_table_builder_fail (self->builder, 0, MER_ERROR_INVALID_FILE,
                          "a cell refers to the shared string '%.20s', there are %u", index,
                          self->strings->len);
  return "";
}

/* what a number looks like to its author: 0.1, not 0.10000000000000001 */
static void
tidy_number (GString *text)
{
  char *end = NULL;
  double value = g_ascii_strtod (text->str, &end);
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (text->len > 15 && end != NULL && *end == '\0')
    g_string_assign (text, g_ascii_formatd (buffer, sizeof buffer, "%.15g", value));
}

/* the reader stands on <c> and afterwards on its end */
static void
read_cell (Workbook *self, xmlTextReader *reader, const char *part)
{
  g_autofree char *type = attribute (reader, "t");
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean in_value = FALSE;

  while (!is_end (reader, "c") && next_node (self, reader, part))
    {
      if (is_start (reader, "v"))
        in_value = xmlTextReaderIsEmptyElement (reader) != 1;
      else if (is_end (reader, "v"))
        in_value = FALSE;
      else if (is_start (reader, "is"))
        read_rich_text (self, reader, part, "is", text);
      else if (in_value && is_text (reader))
        g_string_append (text, (const char *) xmlTextReaderConstValue (reader));
    }

  const char *value = text->str;
  if (g_strcmp0 (type, "s") == 0)
    value = text->len > 0 ? shared_string (self, text->str) : "";
  else if (g_strcmp0 (type, "e") == 0)
    value = "";
  else if (type == NULL || g_str_equal (type, "n"))
    {
      tidy_number (text);
      value = text->str;
    }
  mer_table_builder_add_cell (self->builder, value, strlen (value));
}

static void
pad_to (Workbook *self, int column)
{
  if (column > (int) MER_TABLE_MAX_COLUMNS)
    mer_table_builder_fail (self->builder, 0, MER_ERROR_TOO_LARGE, "more than %u columns",
                            MER_TABLE_MAX_COLUMNS);
  while (!mer_table_builder_failed (self->builder)
         && (int) mer_table_builder_get_n_pending (self->builder) < column)
    mer_table_builder_add_null (self->builder);
}

static void
read_row (Workbook *self, xmlTextReader *reader, const char *part, guint *line)
{
  g_autofree char *number = attribute (reader, "r");
  guint64 given = 0;

  *line += 1;
  if (number != NULL && g_ascii_string_to_unsigned (number, 10, 1, G_MAXINT, &given, NULL))
    *line = (guint) given;
  while (!is_end (reader, "row") && next_node (self, reader, part))
    {
      if (!is_start (reader, "c"))
        continue;

      g_autofree char *reference = attribute (reader, "r");
      pad_to (self, column_of (reference));
      read_cell (self, reader, part);
    }
  /* cells that are only styled make rows that nobody sees */
  if (mer_table_builder_row_is_empty (self->builder))
    mer_table_builder_drop_row (self->builder);
  mer_table_builder_end_row (self->builder, *line);
}

static void
read_sheet (Workbook *self, const char *part)
{
  g_autoptr (xmlTextReader) reader = open_part (self, part);
  guint line = 0;

  if (reader == NULL)
    return mer_table_builder_fail (self->builder, 0, MER_ERROR_INVALID_FILE,
                                   "the workbook has no sheet %s", part);
  while (next_node (self, reader, part))
    if (is_start (reader, "row"))
      read_row (self, reader, part, &line);
}

/**
 * mer_table_parse_xlsx:
 * @name: what messages call the table, usually its path
 * @bytes: an Office Open XML workbook
 *
 * Reads the first sheet: text of shared and inline strings, numbers as written, values of
 * formulas as the spreadsheet last stored them. Empty rows are passed over.
 *
 * Returns: (transfer full): the table, %NULL with an error that names the row
 */
MerTable *
mer_table_parse_xlsx (const char *name, GBytes *bytes, GError **error)
{
  g_autoptr (MerTableBuilder) builder = mer_table_builder_new (name, 0);
  g_auto (Workbook) workbook = {
    .builder = builder,
    .parts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                    (GDestroyNotify) g_bytes_unref),
    .strings = g_ptr_array_new_with_free_func (g_free),
  };

  read_parts (&workbook, bytes);
  if (!mer_table_builder_failed (builder))
    read_strings (&workbook);
  if (!mer_table_builder_failed (builder))
    {
      g_autofree char *part = first_sheet_part (&workbook);

      read_sheet (&workbook, part);
    }
  return mer_table_builder_finish (builder, error);
}
