/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XLSX: what begins as a ZIP does is a workbook, anything else the sheet of one (else the
 * compression would hide the XML from the fuzzer) */
#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>

#include <mer.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
add_part (struct archive *archive, const char *name, const void *data, size_t size)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, name);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_perm (entry, 0644);
  archive_entry_set_size (entry, (la_int64_t) size);
  archive_write_header (archive, entry);
  archive_write_data (archive, data, size);
  archive_entry_free (entry);
}

static GBytes *
wrap (const uint8_t *data, size_t size)
{
  static const char strings[]
      = "<sst><si><t>name</t></si><si><r><t>open</t></r><r><t>set</t></r></si></sst>";
  gsize room = size + 64 * 1024;
  g_autofree guint8 *buffer = g_malloc (room);
  size_t used = 0;
  struct archive *archive = archive_write_new ();

  archive_write_set_format_zip (archive);
  archive_write_zip_set_compression_store (archive);
  archive_write_open_memory (archive, buffer, room, &used);
  add_part (archive, "xl/worksheets/sheet1.xml", data, size);
  add_part (archive, "xl/sharedStrings.xml", strings, sizeof strings - 1);
  archive_write_close (archive);
  archive_write_free (archive);
  return g_bytes_new (buffer, used);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = size >= 2 && data[0] == 'P' && data[1] == 'K'
                                 ? g_bytes_new (data, size)
                                 : wrap (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (MerTable) table = mer_table_parse_xlsx ("fuzz", bytes, &error);

  g_assert_true ((table == NULL) == (error != NULL));
  if (table == NULL)
    return 0;
  for (guint row = 0; row < mer_table_get_n_rows (table); row++)
    for (guint column = 0; column < mer_table_get_n_columns (table); column++)
      {
        const char *cell = mer_table_get (table, row, column);

        g_assert_true (cell == NULL || g_utf8_validate (cell, -1, NULL));
      }
  return 0;
}
