/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "tables/mer-json.h"

#include <glib/gstdio.h>

static const struct
{
  const char *what;
  const char *text;
  const char *error; /* %NULL: it is read */
} documents[] = {
  { "object", "{\"a\": [1, 2.5, true, null, \"x\"]}", NULL },
  { "scalar", " 7 ", NULL },
  { "byte order mark", "\xEF\xBB\xBF{}", NULL },
  { "empty", "", "t:1: empty; a JSON document was expected" },
  { "white space", " \n ", "t:2: empty; a JSON document was expected" },
  { "second document", "{}\n{}", "t:2: the document ended above; nothing may follow it" },
  { "line comment", "{\n// x\n\"a\": 1}", "t:2: JSON has no comments; take it out" },
  { "block comment", "[1, /* x */ 2]", "t:1: JSON has no comments; take it out" },
  { "single quotes", "{\"a\": 'b'}", "t:1: strings stand in double quotes" },
  { "comma at the end", "{\"a\": 1,\n}", "t:2: a comma stands before the closing bracket" },
  { "comma in array", "[1,]", "t:1: a comma stands before the closing bracket" },
  { "no comma", "{\"a\": 1\n\"b\": 2}", "t:2: a comma or } was expected here" },
  { "bare name", "{a: 1}", "t:1: a member's name in double quotes was expected here" },
  { "open object", "{\"a\": 1", "t:1: the text ends inside an object; a } is missing" },
  { "open array", "[[1", "t:1: the text ends inside an array; a ] is missing" },
  { "open string", "[\"a", "t:1: this string is never closed" },
  { "raw newline", "[\"a\nb\"]",
    "t:1: a line break or control character inside a string; close the string or write it "
    "as "
    "\\n" },
  { "escape", "[\"\\q\"]", "t:1: unknown escape; a backslash is written \\\\" },
  { "short escape", "[\"\\u12g4\"]", "t:1: \\u wants four hex digits" },
  { "NaN", "[NaN]", "t:1: a value was expected here" },
  { "leading zero", "[012]", "t:1: a number must not begin with 0" },
  { "leading point", "[.5]", "t:1: a value was expected here" },
  { "bare minus", "[-]", "t:1: a minus sign wants digits after it" },
  { "too large", "[1e400]", "t:1: this number is too large" },
  { "not UTF-8", "[\n\"\xff\"]", "t:2: not UTF-8; save the file as UTF-8" },
  { "wrong bracket", "[1}", "t:1: a comma or ] was expected here" },
};

static void
test_documents (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerJson) json = mer_json_parse ("t", documents[i].text, -1, &error);

      print_message ("%s\n", documents[i].what);
      if (documents[i].error == NULL)
        {
          mer_test_assert_no_error (error);
          assert_non_null (json);
          continue;
        }
      assert_null (json);
      assert_string_equal (error->message, documents[i].error);
      assert_int_equal (error->domain, MER_ERROR);
    }
}

static void
test_bounds (void **state)
{
  for (guint depth = 63; depth <= 100000; depth = depth < 66 ? depth + 1 : depth * 10)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GString) text = g_string_new (NULL);

      for (guint i = 0; i < depth; i++)
        g_string_append_c (text, '[');
      for (guint i = 0; i < depth; i++)
        g_string_append_c (text, ']');
      g_autoptr (MerJson) json = mer_json_parse ("t", text->str, -1, &error);
      assert_int_equal (json != NULL, depth <= MER_JSON_MAX_DEPTH);
      if (json == NULL)
        assert_int_equal (error->code, MER_ERROR_TOO_LARGE);
    }

  g_autoptr (GError) error = NULL;
  assert_null (mer_json_parse ("t", "[\"a\0b\"]", 7, &error));
  assert_string_equal (error->message, "t:1: a NUL byte");
  g_autoptr (MerJson) cut = mer_json_parse ("t", "[]x", 2, NULL);
  assert_non_null (cut);
}

static void
test_mended (void **state)
{
  static const struct
  {
    const char *text;
    const char *canonical;
  } cases[] = {
    { "[\"a\\ud83d\"]", "[\"a\xEF\xBF\xBD\"]" },
    { "[\"\\ude00b\"]", "[\"\xEF\xBF\xBD"
                        "b\"]" },
    { "[\"\\ud83d\\u0041\"]", "[\"\xEF\xBF\xBD"
                              "A\"]" },
    { "[\"\\ud83d\\ude00\"]", "[\"\xF0\x9F\x98\x80\"]" },
    { "[\"a\\u0000b\"]", "[\"a\xEF\xBF\xBD"
                         "b\"]" },
    { "[\"\\\\ud83d\"]", "[\"\\\\ud83d\"]" },
    { "[12345678901234567890, 1]", "[1.2345678901234567e+19,1]" },
    { "[9223372036854775807]", "[9223372036854775807]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerJson) json = mer_json_parse ("t", cases[i].text, -1, &error);

      mer_test_assert_no_error (error);
      g_autofree char *canonical = mer_json_canonical (mer_json_get_root (json));
      assert_string_equal (canonical, cases[i].canonical);
    }
}

static void
test_canonical (void **state)
{
  static const struct
  {
    const char *text;
    const char *canonical;
  } cases[] = {
    { "{\"b\": 1, \"a\": {\"d\": [], \"c\": {}}}", "{\"a\":{\"c\":{},\"d\":[]},\"b\":1}" },
    { "{\"\xC3\xA9\":1,\"z\":2,\"Z\":3}", "{\"Z\":3,\"z\":2,\"\xC3\xA9\":1}" },
    { "[0.7, 1.0, -0.0, 1e2, 0.1, 1e-7, 3.141592653589793, 1e300]",
      "[0.7,1,0,100,0.1,1e-07,3.141592653589793,1e+300]" },
    { "[\"\\/ \\u0001 \\t \\\" \\u00e9\"]", "[\"/ \\u0001 \\t \\\" \xC3\xA9\"]" },
    { "[true, false, null]", "[true,false,null]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (MerJson) json = mer_json_parse ("t", cases[i].text, -1, NULL);
      g_autofree char *once = mer_json_canonical (mer_json_get_root (json));
      g_autoptr (MerJson) again = mer_json_parse ("t", once, -1, NULL);
      g_autofree char *twice = mer_json_canonical (mer_json_get_root (again));

      assert_string_equal (once, cases[i].canonical);
      assert_string_equal (twice, once);
    }
}

static void
test_pretty (void **state)
{
  g_autoptr (MerJson) json
      = mer_json_parse ("t", "{\"b\":[1,{\"c\":0.7}],\"a\":[],\"d\":{}}", -1, NULL);
  g_autofree char *pretty = mer_json_pretty (mer_json_get_root (json));

  assert_string_equal (pretty,
                       "{\n  \"b\": [\n    1,\n    {\n      \"c\": 0.7\n    }\n  ],\n"
                       "  \"a\": [],\n  \"d\": {}\n}");
}

static const char places[] = "{\n"
                             "  \"format\": \"x/1\",\n"
                             "  \"a/b\": { \"~\": 1,\n"
                             "    \"list\": [\"one\", {\n"
                             "      \"deep\": \"x\\\"]\" },\n"
                             "      3] },\n"
                             "  \"n\": 2.5, \"whole\": 8.0, \"yes\": true, \"no\": null\n"
                             "}\n";

static void
test_places (void **state)
{
  static const struct
  {
    const char *pointer;
    guint line;
    gboolean there;
  } cases[] = {
    { "", 1, TRUE },
    { "/format", 2, TRUE },
    { "/a~1b", 3, TRUE },
    { "/a~1b/~0", 3, TRUE },
    { "/a~1b/list/1", 4, TRUE },
    { "/a~1b/list/1/deep", 5, TRUE },
    { "/a~1b/list/2", 6, TRUE },
    { "/a~1b/list/3", 4, FALSE },
    { "/n", 7, TRUE },
    { "/missing", 1, FALSE },
    { "/a~1b/missing/deep", 3, FALSE },
    { "/n/x", 7, FALSE },
    { "/no", 7, FALSE },
  };
  g_autoptr (MerJson) json = mer_json_parse ("t", places, -1, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      print_message ("%s\n", cases[i].pointer);
      assert_int_equal (mer_json_get_line (json, cases[i].pointer), cases[i].line);
      assert_int_equal (mer_json_has (json, cases[i].pointer), cases[i].there);
    }

  g_autofree char *pointer = mer_json_pointer ("/x", "a/b~");
  assert_string_equal (pointer, "/x/a~1b~0");
}

static void
check_message (GError *error, const char *expected)
{
  assert_non_null (error);
  assert_string_equal (error->message, expected);
  g_error_free (error);
}

static void
test_getters (void **state)
{
  static const char *const allowed[]
      = { "format", "n", "whole", "yes", "no", "lists", NULL };
  g_autoptr (MerJson) json = mer_json_parse ("t", places, -1, NULL);
  g_auto (GStrv) strings = NULL;
  const char *text = NULL;
  double number = 0;
  gint64 whole = 0;
  gboolean yes = FALSE;
  GError *error = NULL;

  assert_true (mer_json_check_format (json, "x/1", NULL));
  assert_false (mer_json_check_format (json, "x/2", &error));
  check_message (g_steal_pointer (&error), "t:2: /format: “x/1” is not the format that is "
                                           "read here; it must be “x/2”");
  assert_true (mer_json_get_string (json, "/format", &text, NULL));
  assert_string_equal (text, "x/1");
  assert_true (mer_json_get_number (json, "/n", 0, 3, &number, NULL));
  assert_true (number == 2.5);
  assert_false (mer_json_get_number (json, "/n", 3, 4, &number, &error));
  check_message (g_steal_pointer (&error),
                 "t:7: /n: 2.5 is out of range; it must be 3 to 4");
  assert_true (mer_json_get_integer (json, "/whole", 1, 64, &whole, NULL));
  assert_int_equal (whole, 8);
  assert_false (mer_json_get_integer (json, "/whole", 1, 4, &whole, &error));
  check_message (g_steal_pointer (&error),
                 "t:7: /whole: 8 is out of range; it must be 1 to 4");
  assert_false (mer_json_get_integer (json, "/n", 1, 64, &whole, &error));
  check_message (g_steal_pointer (&error), "t:7: /n: 2.5 is not a whole number");
  assert_true (mer_json_get_boolean (json, "/yes", &yes, NULL));
  assert_true (yes);
  assert_false (mer_json_get_boolean (json, "/n", &yes, &error));
  check_message (g_steal_pointer (&error),
                 "t:7: /n: true or false, not a number, must stand here");
  assert_false (mer_json_get_string (json, "/no", &text, &error));
  check_message (g_steal_pointer (&error), "t:7: /no: a string, not null, must stand here");
  assert_false (mer_json_get_string (json, "/gone", &text, &error));
  check_message (g_steal_pointer (&error), "t:1: /gone: missing; a string must stand here");
  assert_false (mer_json_get_strings (json, "/a~1b/list", &strings, &error));
  check_message (g_steal_pointer (&error),
                 "t:4: /a~1b/list/1: a string, not an object, must stand here");
  assert_false (mer_json_check_members (json, "", allowed, &error));
  check_message (g_steal_pointer (&error),
                 "t:3: /a~1b: unknown key; there are: format, n, whole, yes, no, lists");
  assert_false (mer_json_check_members (json, "/a~1b", allowed, &error));
  g_clear_error (&error);
}

static void
test_members (void **state)
{
  static const char *const allowed[] = { "frames", "models", NULL };
  static const struct
  {
    const char *text;
    const char *error;
  } cases[] = {
    { "{\"frames\": 1, \"$schema\": \"x\", \"comment\": \"y\"}", NULL },
    { "{\"frame\": 1}", "t:1: /frame: unknown key; did you mean “frames”?" },
    { "{\"frames\": 1,\n\"frames\": 2}", "t:1: /frames: stands twice; keep one" },
    { "{\"frames\": 1,\n\"fr\\u0061mes\": 2}", "t:1: /frames: stands twice; keep one" },
    { "{\"\\u001b[31m\": 1}", "t:1: /\\u001b[31m: unknown key; there are: frames, models" },
    { "[]", "t:1: an object, not an array, must stand here" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerJson) json = mer_json_parse ("t", cases[i].text, -1, NULL);

      assert_int_equal (mer_json_check_members (json, "", allowed, &error),
                        cases[i].error == NULL);
      if (cases[i].error != NULL)
        assert_string_equal (error->message, cases[i].error);
    }
}

static void
test_nearest (void **state)
{
  static const char *const names[] = { "frames", "max-side", "audio", "a", "video", NULL };
  static const struct
  {
    const char *word;
    const char *nearest;
  } cases[] = {
    { "frame", "frames" }, { "farmes", "frames" }, { "max_side", "max-side" },
    { "Audio", "audio" },  { "vdieo", "video" },   { "subtitle", NULL },
    { "b", NULL },         { "", NULL },           { "maxside", "max-side" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *nearest = mer_nearest_name (cases[i].word, names);

      print_message ("%s\n", cases[i].word);
      if (cases[i].nearest == NULL)
        assert_null (nearest);
      else
        assert_string_equal (nearest, cases[i].nearest);
    }
  assert_null (mer_nearest_name ("x", NULL));
}

static void
test_load (void **state)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("mer-json-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "f.json", NULL);

  assert_null (mer_json_load (path, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_NOT_FOUND));
  g_clear_error (&error);
  assert_null (mer_json_load (folder, &error));
  assert_true (g_str_has_suffix (error->message, ": not a file"));
  g_clear_error (&error);
  assert_true (g_file_set_contents (path, "{\"a\":\n 1,}", -1, NULL));
  assert_null (mer_json_load (path, &error));
  g_autofree char *expected
      = g_strdup_printf ("%s:2: a comma stands before the closing bracket", path);
  assert_string_equal (error->message, expected);
  g_remove (path);
  g_rmdir (folder);
}

static void
test_counts (void **state)
{
  g_autoptr (JsonNode) node = json_from_string (
      "{\"a\":7,\"b\":\"123\",\"c\":-1,\"d\":\"x\",\"e\":1e300,\"f\":null,"
      "\"g\":2.0,\"h\":[1],\"i\":\"99999999999999999999\"}",
      NULL);
  static const struct
  {
    const char *member;
    gint64 count;
  } table[] = { { "a", 7 },  { "b", 123 }, { "c", -1 }, { "d", -1 }, { "e", -1 },
                { "f", -1 }, { "g", 2 },   { "h", -1 }, { "i", -1 }, { "none", -1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    assert_int_equal (mer_json_node_count (node, table[i].member), table[i].count);
  assert_int_equal (mer_json_node_count (NULL, "a"), -1);
}

/* the examples of RFC 7386, as far as objects patch objects */
static void
test_patch (void **state)
{
  static const struct
  {
    const char *node;
    const char *patch;
    const char *wanted;
  } table[] = {
    { "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
    { "{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}" },
    { "{\"a\":\"b\"}", "{\"a\":null}", "{}" },
    { "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}" },
    { "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
    { "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}" },
    { "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}",
      "{\"a\":{\"b\":\"d\"}}" },
    { "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}" },
    { "{\"a\":1}", "[1]", "{\"a\":1}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (table[i].node, NULL);
      g_autoptr (JsonNode) patch = json_from_string (table[i].patch, NULL);

      mer_json_node_patch (node, patch);
      g_autofree char *text = mer_json_canonical (node);
      assert_string_equal (text, table[i].wanted);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_documents), cmocka_unit_test (test_bounds),
    cmocka_unit_test (test_mended),    cmocka_unit_test (test_canonical),
    cmocka_unit_test (test_pretty),    cmocka_unit_test (test_places),
    cmocka_unit_test (test_getters),   cmocka_unit_test (test_members),
    cmocka_unit_test (test_nearest),   cmocka_unit_test (test_load),
    cmocka_unit_test (test_counts),    cmocka_unit_test (test_patch),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
