/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include "base/mer-answer-format.h"
#include "base/mer-schema-spelling.h"

#define OPENAPI MER_SCHEMA_SPELLING_OPENAPI
#define CLOSED MER_SCHEMA_SPELLING_CLOSED

typedef struct
{
  MerSchemaSpelling spelling;
  const char *schema;
  const char *wanted; /* what comes out, or is part of the error after "!" */
} Case;

static const Case cases[] = {
  { OPENAPI, "{'type':'string'}", "{'type':'STRING'}" },
  { CLOSED, "{'type':'string'}", "{'type':'string'}" },
  { OPENAPI, "{'type':'string','enum':['sad','happy']}",
    "{'enum':['sad','happy'],'type':'STRING'}" },
  { OPENAPI, "{'const':'sad'}", "{'enum':['sad'],'type':'STRING'}" },
  { OPENAPI, "{'enum':[1,2]}", "!/enum: Gemini's responseSchema has strings alone" },
  { CLOSED, "{'enum':[1,2]}", "{'enum':[1,2]}" },
  /* objects: order for the one, closed for the other */
  { OPENAPI,
    "{'type':'object','additionalProperties':false,'required':['b'],"
    "'properties':{'b':{'type':'number'},'a':{'type':'boolean'}}}",
    "{'properties':{'a':{'type':'BOOLEAN'},'b':{'type':'NUMBER'}},"
    "'propertyOrdering':['b','a'],'required':['b'],'type':'OBJECT'}" },
  { CLOSED, "{'type':'object','properties':{'b':{'type':'object'}}}",
    "{'additionalProperties':false,'properties':{'b':{'additionalProperties':false,"
    "'type':'object'}},'type':'object'}" },
  /* bounds */
  { OPENAPI, "{'type':'array','minItems':1,'maxItems':8,'items':{'type':'string'}}",
    "{'items':{'type':'STRING'},'maxItems':8,'minItems':1,'type':'ARRAY'}" },
  { CLOSED,
    "{'type':'array','minItems':1,'maxItems':8,'items':{'type':'string','maxLength':9}}",
    "{'description':'(maxItems: 8)','items':{'description':'(maxLength: 9)','type':"
    "'string'},'minItems':1,'type':'array'}" },
  { CLOSED, "{'type':'array','minItems':2,'description':'two words'}",
    "{'description':'two words (minItems: 2)','type':'array'}" },
  { OPENAPI, "{'type':'integer','exclusiveMinimum':0,'format':'int32'}",
    "{'description':'(exclusiveMinimum: 0)','format':'int32','type':'INTEGER'}" },
  { OPENAPI, "{'type':'string','format':'email'}",
    "{'description':'(format: \\\"email\\\")','type':'STRING'}" },
  { CLOSED, "{'type':'string','format':'email'}", "{'format':'email','type':'string'}" },
  /* null */
  { OPENAPI, "{'type':['string','null']}", "{'nullable':true,'type':'STRING'}" },
  { CLOSED, "{'type':['string','null']}", "{'anyOf':[{'type':'string'},{'type':'null'}]}" },
  { OPENAPI, "{'type':['string','number']}",
    "{'anyOf':[{'type':'STRING'},{'type':'NUMBER'}]}" },
  { OPENAPI, "{'oneOf':[{'type':'string'},{'type':'integer'},{'type':'null'}]}",
    "{'anyOf':[{'type':'STRING'},{'type':'INTEGER'}],'nullable':true}" },
  /* references */
  { OPENAPI,
    "{'$defs':{'w':{'type':'string'}},'type':'array','items':{'$ref':'#/$defs/w'}}",
    "{'items':{'type':'STRING'},'type':'ARRAY'}" },
  { OPENAPI, "{'$defs':{'a':{'items':{'$ref':'#/$defs/a'}}},'$ref':'#/$defs/a'}",
    "!does $ref lead back" },
  { CLOSED, "{'$ref':'#'}", "!does $ref lead back" },
  { CLOSED, "{'$ref':'#/$defs/none'}", "!which is not there" },
  { CLOSED, "{'$ref':'https://example.org/s.json'}", "!into the schema itself" },
  /* annotations go, what changes the meaning does not go unsaid */
  { CLOSED, "{'$schema':'x','$id':'y','examples':['a'],'x-note':1,'type':'string'}",
    "{'type':'string'}" },
  { CLOSED, "{'type':'object','patternProperties':{}}",
    "!/patternProperties: the server takes no “patternProperties”" },
  { OPENAPI, "{'not':{'type':'string'}}", "!/not: the server takes no “not”" },
  { OPENAPI, "{'properties':{'a':{'allOf':[]}}}", "!/properties/a/allOf: the server" },
  { OPENAPI, "{'type':'word'}", "!/type: type must be" },
  { OPENAPI, "{'type':7}", "!/type: type must be" },
  { OPENAPI, "{'properties':[]}", "!an object of schemas" },
  { OPENAPI, "{'anyOf':{}}", "!a list of schemas" },
  { OPENAPI, "{'items':true}", "!a schema must be an object" },
  { OPENAPI, "{'items':[{'type':'string'}]}", "!a schema must be an object" },
};

static char *
with_quotes (const char *text)
{
  GString *string = g_string_new (text);

  g_string_replace (string, "'", "\"", 0);
  return g_string_free (string, FALSE);
}

static void
test_cases (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = with_quotes (cases[i].schema);
      g_autofree char *wanted = with_quotes (cases[i].wanted);
      g_autoptr (JsonNode) schema = json_from_string (text, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = mer_schema_respell (schema, cases[i].spelling, &error);

      if (*wanted == '!')
        {
          if (node != NULL || strstr (error->message, cases[i].wanted + 1) == NULL)
            fail_msg ("%s: %s", text, error != NULL ? error->message : "no error");
          continue;
        }
      mer_test_assert_no_error (error);
      g_autofree char *got = mer_json_canonical (node);
      assert_string_equal (got, wanted);
    }
}

/* two references at each level double it: the bound holds before memory does */
static void
test_bounds (void **state)
{
  g_autoptr (GString) text = g_string_new ("{\"$defs\":{");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 20; i++)
    g_string_append_printf (text,
                            "\"d%u\":{\"anyOf\":[{\"$ref\":\"#/$defs/d%u\"},"
                            "{\"$ref\":\"#/$defs/d%u\"}]},",
                            i, i + 1, i + 1);
  g_string_append (text, "\"d20\":{\"type\":\"string\"}},\"$ref\":\"#/$defs/d0\"}");
  g_autoptr (JsonNode) schema = json_from_string (text->str, NULL);
  assert_non_null (schema);
  assert_null (mer_schema_respell (schema, CLOSED, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_UNSUPPORTED));
}

/* what is asked for where nobody gave a schema */
static void
test_default (void **state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) schema = mer_answer_schema_open (NULL, &error);
  g_autoptr (JsonNode) openapi = mer_schema_respell (schema, OPENAPI, &error);
  g_autoptr (JsonNode) closed = mer_schema_respell (schema, CLOSED, &error);

  mer_test_assert_no_error (error);
  g_autofree char *first = mer_json_canonical (openapi);
  g_autofree char *second = mer_json_canonical (closed);
  assert_null (strstr (first, "additionalProperties"));
  assert_non_null (strstr (first, "\"propertyOrdering\":[\"labels\"]"));
  assert_non_null (strstr (second, "\"additionalProperties\":false"));
  assert_non_null (strstr (second, "\"(maxItems: 8)\""));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_cases),
    cmocka_unit_test (test_bounds),
    cmocka_unit_test (test_default),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
