/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "tests/support/mer-test.h"

/* a workbook of the parts given: name, text, name, text, …, NULL */
static inline GBytes *
mer_test_workbook (const char *first, ...)
{
  gsize room = 1024 * 1024;
  g_autofree char *buffer = g_malloc (room);
  size_t used = 0;
  struct archive *archive = archive_write_new ();
  va_list args;

  archive_write_set_format_zip (archive);
  assert_int_equal (archive_write_open_memory (archive, buffer, room, &used), ARCHIVE_OK);
  va_start (args, first);
  for (const char *name = first; name != NULL; name = va_arg (args, const char *))
    {
      const char *text = va_arg (args, const char *);
      struct archive_entry *entry = archive_entry_new ();

      archive_entry_set_pathname (entry, name);
      archive_entry_set_filetype (entry, AE_IFREG);
      archive_entry_set_perm (entry, 0644);
      archive_entry_set_size (entry, (la_int64_t) strlen (text));
      archive_write_header (archive, entry);
      archive_write_data (archive, text, strlen (text));
      archive_entry_free (entry);
    }
  va_end (args);
  archive_write_close (archive);
  archive_write_free (archive);
  return g_bytes_new (buffer, used);
}

/* @rows: cells parted by `|`, rows by `;` */
static inline GBytes *
mer_test_workbook_of_rows (const char *rows)
{
  g_autoptr (GString) sheet = g_string_new ("<worksheet><sheetData>");
  g_auto (GStrv) lines = g_strsplit (rows, ";", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) cells = g_strsplit (lines[i], "|", -1);

      g_string_append (sheet, "<row>");
      for (guint k = 0; cells[k] != NULL; k++)
        g_string_append_printf (sheet, "<c t='inlineStr'><is><t>%s</t></is></c>", cells[k]);
      g_string_append (sheet, "</row>");
    }
  g_string_append (sheet, "</sheetData></worksheet>");
  return mer_test_workbook ("xl/worksheets/sheet1.xml", sheet->str, NULL);
}
