/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tables/mer-table.h"

#include <glib/gstdio.h>
#include <string.h>

#include "tests/support/mer-test-workbook.h"

static MerTable *
parse_csv (const char *text, gsize size, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);

  return mer_table_parse_csv ("t.csv", bytes, error);
}

/* every cell as `line|cell|cell;`, the names first */
static char *
dump (MerTable *table)
{
  GString *out = g_string_new (NULL);
  guint n_columns = mer_table_get_n_columns (table);

  for (guint k = 0; k < n_columns; k++)
    g_string_append_printf (out, "|%s", mer_table_get_column_name (table, k));
  for (guint i = 0; i < mer_table_get_n_rows (table); i++)
    {
      g_string_append_printf (out, ";%u", mer_table_get_line (table, i));
      for (guint k = 0; k < n_columns; k++)
        {
          const char *cell = mer_table_get (table, i, k);

          g_string_append_printf (out, "|%s", cell != NULL ? cell : "∅");
        }
    }
  return g_string_free (out, FALSE);
}

static const struct
{
  const char *text;
  const char *dump;
} csv_good[] = {
  { "name,openset\na,happy\n", "|name|openset;2|a|happy" },
  { "name,openset\r\na,happy\r\nb,sad", "|name|openset;2|a|happy;3|b|sad" },
  { "name,openset\ra,happy\rb,sad", "|name|openset;2|a|happy;3|b|sad" },
  { "\xef\xbb\xbfname,openset\na,\n", "|name|openset;2|a|" },
  { "name,openset\na,\"happy, \"\"very\"\"\nso\"\n\n \nb,sad\n",
    "|name|openset;2|a|happy, \"very\"\nso;6|b|sad" },
  { "name;openset\na;x, y\n", "|name|openset;2|a|x, y" },
  { "name\topenset\na\tx, y\n", "|name|openset;2|a|x, y" },
  { "name,openset\na\n", "|name|openset;2|a|∅" },
  { "name,openset\na,b,,\n", "|name|openset;2|a|b" },
  { "\n\nname,openset\n", "|name|openset" },
  { "name,openset\na,5\" tall\n", "|name|openset;2|a|5\" tall" },
};

static void
reads_csv (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (csv_good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerTable) table
          = parse_csv (csv_good[i].text, strlen (csv_good[i].text), &error);

      mer_test_assert_no_error (error);
      g_autofree char *got = dump (table);
      assert_string_equal (got, csv_good[i].dump);
    }
}

#define BAD(text, message)                                                                 \
  {                                                                                        \
    text, sizeof (text) - 1, message                                                       \
  }

static const struct
{
  const char *text;
  gsize size;
  const char *message;
} csv_bad[] = {
  BAD ("", "t.csv: the table is empty"),
  BAD ("a,b\n1,2\n1,2,3\n", "t.csv:3: 3 cells, but there are 2 columns"),
  BAD ("a,b\n1,2\n\"1,2\n3,4\n", "t.csv:3: a quote opened in this row"),
  BAD ("a,b\n1,\xff\n", "t.csv:2: cell 2 is not UTF-8"),
  BAD ("a,b\n1,\0\n", "t.csv:2: a NUL byte"),
  BAD ("a,a\n", "t.csv:1: two columns are named 'a'"),
  BAD ("\xff\xfe"
       "a\0",
       "t.csv: the table is UTF-16"),
};

static void
refuses_bad_csv (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (csv_bad); i++)
    {
      g_autoptr (GError) error = NULL;

      assert_null (parse_csv (csv_bad[i].text, csv_bad[i].size, &error));
      assert_true (g_str_has_prefix (error->message, csv_bad[i].message));
      assert_null (strchr (error->message, '\n'));
    }
}

static void
reads_json_lines (void **state)
{
  const char *text = "{\"name\": \"a\", \"openset\": [\"happy\", \"sad\"], \"n\": 3}\n"
                     "\n"
                     "{\"name\": \"b\", \"openset\": null, \"why\": \"x\"}";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (MerTable) table = mer_table_parse_jsonl ("t.jsonl", bytes, &error);

  mer_test_assert_no_error (error);
  g_autofree char *got = dump (table);
  assert_string_equal (got, "|name|openset|n|why;1|a|[\"happy\",\"sad\"]|3|∅;3|b|∅|∅|x");
}

static void
refuses_bad_json_lines (void **state)
{
  const char *text = "{\"name\": \"a\"}\n[1]\n";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (GError) error = NULL;

  assert_null (mer_table_parse_jsonl ("t.jsonl", bytes, &error));
  assert_string_equal (error->message, "t.jsonl:2: every line must hold one JSON object");
}

#define SHEET(rows) "<worksheet><sheetData>" rows "</sheetData></worksheet>"

static void
reads_xlsx (void **state)
{
  g_autoptr (GBytes) bytes = mer_test_workbook (
      "xl/workbook.xml",
      "<workbook xmlns:r='urn:r'><sheets><sheet name='x' r:id='rId7'/></sheets></workbook>",
      "xl/_rels/workbook.xml.rels",
      "<Relationships><Relationship Id='rId1' Target='worksheets/other.xml'/>"
      "<Relationship Id='rId7' Target='worksheets/mine.xml'/></Relationships>",
      "xl/sharedStrings.xml",
      "<sst><si><t>name</t></si><si><r><t>open</t></r><r><t>set</t></r>"
      "<rPh><t>kana</t></rPh></si><si><t/></si></sst>",
      "xl/worksheets/mine.xml",
      SHEET ("<row r='1'><c r='A1' t='s'><v>0</v></c><c r='C1' t='s'><v>1</v></c></row>"
             "<row r='3'><c r='A3'><v>0.10000000000000001</v></c>"
             "<c r='C3' t='inlineStr'><is><t>a &amp; b</t></is></c></row>"
             "<row r='4'><c r='A4' s='1'/><c r='B4' t='s'><v>2</v></c></row>"
             "<row r='9'><c r='A9' t='str'><f>1</f><v>f</v></c><c r='C9' t='e'>"
             "<v>#N/A</v></c></row>"),
      NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (MerTable) table = mer_table_parse_xlsx ("t.xlsx", bytes, &error);

  mer_test_assert_no_error (error);
  g_autofree char *got = dump (table);
  assert_string_equal (got, "|name||openset;3|0.1|∅|a & b;9|f|∅|");
}

static const struct
{
  const char *sheet;
  const char *message;
} xlsx_bad[] = {
  { "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><worksheet>&a;</worksheet>",
    "t.xlsx: xl/worksheets/sheet1.xml declares a document type" },
  { SHEET ("<row r='1'><c r='ZZZZ1'/></row>"), "t.xlsx: more than 4096 columns" },
  { SHEET ("<row><c t='s'><v>7</v></c></row>"), "t.xlsx: a cell refers to the shared" },
  { SHEET ("<row>"), "t.xlsx: xl/worksheets/sheet1.xml is not well-formed XML" },
  { SHEET (""), "t.xlsx: the table is empty" },
};

static void
refuses_bad_xlsx (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (xlsx_bad); i++)
    {
      g_autoptr (GBytes) bytes
          = mer_test_workbook ("xl/worksheets/sheet1.xml", xlsx_bad[i].sheet, NULL);
      g_autoptr (GError) error = NULL;

      assert_null (mer_table_parse_xlsx ("t.xlsx", bytes, &error));
      if (!g_str_has_prefix (error->message, xlsx_bad[i].message))
        fail_msg ("%s", error->message);
    }
}

static void
refuses_deep_xlsx (void **state)
{
  g_autoptr (GString) sheet = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 100; i++)
    g_string_append (sheet, "<a>");
  for (guint i = 0; i < 100; i++)
    g_string_append (sheet, "</a>");

  g_autoptr (GBytes) bytes
      = mer_test_workbook ("xl/worksheets/sheet1.xml", sheet->str, NULL);
  assert_null (mer_table_parse_xlsx ("t.xlsx", bytes, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_TOO_LARGE));
}

static void
indexes_rows (void **state)
{
  const char *text = "name,x\na,1\nb,2\na,3\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (MerTable) table = parse_csv (text, strlen (text), &error);

  assert_null (mer_table_index (table, 0, &error));
  assert_string_equal (error->message, "t.csv:4: the name 'a' stands in line 2 already");

  g_autoptr (GHashTable) rows = mer_table_index (table, 1, NULL);
  assert_int_equal (GPOINTER_TO_UINT (g_hash_table_lookup (rows, "3")), 3);
  assert_null (g_hash_table_lookup (rows, "4"));
}

static void
names_missing_columns (void **state)
{
  const char *text = "name,openset\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (MerTable) table = parse_csv (text, strlen (text), NULL);

  assert_int_equal (mer_table_find_column (table, "openset", NULL), 1);
  assert_int_equal (mer_table_find_column (table, "opensets", &error), -1);
  assert_string_equal (error->message,
                       "t.csv: there is no column 'opensets' (did you mean 'openset'?); "
                       "the columns are name, openset");
}

static void
writes_what_it_reads (void **state)
{
  const char *const columns[] = { "name", "text", NULL };
  const char *const rows[][2] = { { "a", "x, \"y\"\nz" }, { "b", " lead" }, { "c", "" } };
  g_autoptr (MerTableWriter) writer = mer_table_writer_new (columns);
  g_autofree char *path
      = g_build_filename (g_get_tmp_dir (), "mer-test-table-writer.csv", NULL);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    mer_table_writer_add (writer, rows[i]);
  assert_true (mer_table_writer_save (writer, path, &error));

  g_autoptr (MerTable) table = mer_table_load (path, &error);
  mer_test_assert_no_error (error);
  g_autofree char *got = dump (table);
  assert_string_equal (got, "|name|text;2|a|x, \"y\"\nz;4|b| lead;5|c|");
  g_unlink (path);

  assert_false (mer_table_writer_save (writer, "/nowhere/at/all.csv", &error));
  assert_true (g_str_has_prefix (error->message, "/nowhere/at/all.csv: "));
}

static void
loads_only_what_is_there (void **state)
{
  g_autoptr (GError) error = NULL;

  assert_null (mer_table_load ("/nowhere/t.csv", &error));
  assert_string_equal (error->message, "/nowhere/t.csv: No such file or directory");
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_NOT_FOUND));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (reads_csv),
    cmocka_unit_test (refuses_bad_csv),
    cmocka_unit_test (reads_json_lines),
    cmocka_unit_test (refuses_bad_json_lines),
    cmocka_unit_test (reads_xlsx),
    cmocka_unit_test (refuses_bad_xlsx),
    cmocka_unit_test (refuses_deep_xlsx),
    cmocka_unit_test (indexes_rows),
    cmocka_unit_test (names_missing_columns),
    cmocka_unit_test (writes_what_it_reads),
    cmocka_unit_test (loads_only_what_is_there),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
