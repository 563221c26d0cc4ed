/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* answers held against the schema that they were asked for */
#include "tables/mer-json-schema.h"

#include "support/mer-test.h"
#include "tables/mer-json.h"

static const struct
{
  const char *schema;
  const char *value;
  const char *says; /* NULL: it fits */
} cases[] = {
  { "{}", "[1, {}]", NULL },
  { "true", "1", NULL },
  { "{\"type\": \"object\"}", "{}", NULL },
  { "{\"type\": \"object\"}", "[]", "array instead of object" },
  { "{\"type\": [\"string\", \"null\"]}", "null", NULL },
  { "{\"type\": [\"string\", \"null\"]}", "1", "none of the types" },
  { "{\"type\": \"integer\"}", "2.0", NULL },
  { "{\"type\": \"integer\"}", "2.5", "instead of integer" },
  { "{\"type\": \"number\"}", "2", NULL },
  { "{\"type\": \"boolean\"}", "1", "instead of boolean" },
  { "{\"enum\": [\"sad\", \"happy\"]}", "\"sad\"", NULL },
  { "{\"enum\": [\"sad\", \"happy\"]}", "\"glad\"", "allowed" },
  { "{\"const\": 3}", "4", "allowed" },
  { "{\"required\": [\"a\"]}", "{\"b\": 1}", "“a” is missing" },
  { "{\"properties\": {\"a\": {\"type\": \"string\"}}}", "{\"a\": 1, \"b\": 2}", "/a" },
  { "{\"properties\": {\"a\": {}}, \"additionalProperties\": false}",
    "{\"a\": 1, \"b\": 2}", "/b" },
  { "{\"additionalProperties\": {\"type\": \"number\"}}", "{\"a\": 1, \"b\": \"x\"}",
    "/b" },
  { "{\"items\": {\"type\": \"string\"}}", "[\"a\", 1]", "/1" },
  { "{\"minItems\": 1, \"maxItems\": 2}", "[]", "too few" },
  { "{\"minItems\": 1, \"maxItems\": 2}", "[1, 2, 3]", "3 items" },
  { "{\"uniqueItems\": true}", "[\"a\", \"b\"]", NULL },
  { "{\"uniqueItems\": true}", "[\"a\", \"a\"]", "twice" },
  { "{\"minLength\": 2, \"maxLength\": 3}", "\"äöü\"", NULL },
  { "{\"minLength\": 2}", "\"ä\"", "too few" },
  { "{\"pattern\": \"^[a-z]+$\"}", "\"sad\"", NULL },
  { "{\"pattern\": \"^[a-z]+$\"}", "\"Sad\\n\"", "does not match" },
  { "{\"pattern\": \"(\"}", "\"x\"", NULL },
  { "{\"minimum\": 0, \"maximum\": 1}", "0.5", NULL },
  { "{\"minimum\": 0, \"maximum\": 1}", "2", "out of range" },
  { "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"null\"}]}", "null", NULL },
  { "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"null\"}]}", "5", "instead of null" },
  { "{\"unknownKeyword\": 5, \"type\": 7, \"properties\": 3, \"items\": 4}", "{\"a\": []}",
    NULL },
};

static void
test_cases (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerJson) schema = mer_json_parse ("schema", cases[i].schema, -1, &error);
      g_autoptr (MerJson) value = mer_json_parse ("value", cases[i].value, -1, &error);
      g_autofree char *misfit = NULL;

      mer_test_assert_no_error (error);
      misfit = mer_json_schema_find_misfit (mer_json_get_root (schema),
                                            mer_json_get_root (value));
      if (cases[i].says == NULL ? misfit != NULL
                                : misfit == NULL || strstr (misfit, cases[i].says) == NULL)
        fail_msg ("%s with %s: %s", cases[i].schema, cases[i].value, misfit);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test (test_cases) };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
