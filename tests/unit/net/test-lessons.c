/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include "mer.h"

static const char *const optional[] = { "temperature",
                                        "top_p",
                                        "seed",
                                        "stop",
                                        "generationConfig.seed",
                                        "generationConfig.thinkingConfig",
                                        "output_config.effort",
                                        NULL };
static const char *const renames[] = { "max_tokens", "max_completion_tokens",
                                       "max_completion_tokens", "max_tokens", NULL };
static const MerAdaptable adaptable = { optional, renames, "stream" };

#define OPENAI                                                                             \
  "{\"model\":\"m\",\"messages\":[],\"temperature\":0,\"top_p\":1,\"seed\":1,"             \
  "\"stop\":\"x\",\"max_tokens\":9}"
#define GOOGLE                                                                             \
  "{\"contents\":[],\"generationConfig\":{\"seed\":1,\"maxOutputTokens\":9,"               \
  "\"thinkingConfig\":{\"thinkingBudget\":0}}}"

static JsonNode *
parse (const char *text)
{
  JsonNode *node = mer_reply_parse_text (text, strlen (text), NULL);

  assert_non_null (node);
  return node;
}

typedef struct
{
  const char *request;
  const char *reply;
  const char *text; /* NULL: nothing to mend */
} Case;

static const Case cases[] = {
  /* OpenAI */
  { OPENAI,
    "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens' is not supported with "
    "this model. Use 'max_completion_tokens' instead.\",\"param\":\"max_tokens\",\"code\":"
    "\"unsupported_parameter\"}}",
    "max_tokens sent as max_completion_tokens" },
  { OPENAI,
    "{\"error\":{\"message\":\"Unsupported value: 'temperature' does not support 0 with "
    "this model.\",\"param\":\"temperature\",\"code\":\"unsupported_value\"}}",
    "temperature left out" },
  { OPENAI, "{\"error\":{\"message\":\"Unrecognized request argument supplied: seed\"}}",
    "seed left out" },
  /* a value that is wrong is the user's business */
  { OPENAI,
    "{\"error\":{\"message\":\"Invalid 'temperature': decimal above maximum value. "
    "Expected a value <= 2\",\"param\":\"temperature\",\"code\":"
    "\"decimal_above_max_value\"}}",
    NULL },
  { OPENAI,
    "{\"error\":{\"message\":\"max_tokens is too large: 9\",\"param\":\"max_tokens\"}}",
    NULL },
  /* what must be there is never taken out */
  { OPENAI,
    "{\"error\":{\"message\":\"Unsupported value: 'messages[0].role' does not support "
    "'system'\",\"param\":\"messages[0].role\",\"code\":\"unsupported_value\"}}",
    NULL },
  { OPENAI,
    "{\"error\":{\"message\":\"Unsupported parameter: 'model'\",\"param\":\"model\","
    "\"code\":\"unsupported_parameter\"}}",
    NULL },
  /* nor is a word of the sentence a name */
  { OPENAI, "{\"error\":{\"message\":\"This model does not support images, please stop\"}}",
    NULL },
  { OPENAI, "{\"error\":{\"message\":\"image input is not supported - hint: seed\"}}",
    NULL },
  /* Anthropic */
  { OPENAI,
    "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":"
    "\"`temperature` is deprecated for this model.\"}}",
    "temperature left out" },
  { OPENAI,
    "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":"
    "\"`temperature` and `top_p` cannot both be specified for this model.\"}}",
    "top_p left out" },
  { "{\"output_config\":{\"effort\":\"low\"}}",
    "{\"error\":{\"message\":\"output_config.effort: Extra inputs are not permitted\"}}",
    "output_config.effort left out" },
  /* FastAPI */
  { OPENAI,
    "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"seed\"],\"msg\":"
    "\"Extra inputs are not permitted\"}]}",
    "seed left out" },
  /* Google */
  { GOOGLE,
    "{\"error\":{\"code\":400,\"message\":\"Invalid JSON payload received. Unknown name "
    "\\\"seed\\\" at 'generation_config': Cannot find field.\",\"status\":"
    "\"INVALID_ARGUMENT\"}}",
    "generationConfig.seed left out" },
  { GOOGLE,
    "{\"error\":{\"code\":400,\"message\":\"Invalid JSON payload received. Unknown name "
    "\\\"thinkingBudget\\\" at 'generation_config.thinking_config': Cannot find field.\","
    "\"status\":\"INVALID_ARGUMENT\"}}",
    "generationConfig.thinkingConfig left out" },
  { GOOGLE,
    "{\"error\":{\"code\":400,\"message\":\"Invalid value is not supported\",\"details\":["
    "{\"fieldViolations\":[{\"field\":\"generation_config.thinking_config\"}]}]}}",
    "generationConfig.thinkingConfig left out" },
  /* Moonshot, Zhipu, Groq */
  { OPENAI,
    "{\"error\":{\"message\":\"invalid temperature: only 1 is allowed for this model\"}}",
    "temperature left out" },
  { OPENAI, "{\"error\":{\"code\":\"1214\",\"message\":\"temperature 参数非法。\"}}",
    "temperature left out" },
  { OPENAI, "{\"error\":{\"message\":\"property 'seed' is unsupported\"}}",
    "seed left out" },
  /* DashScope */
  { OPENAI,
    "{\"error\":{\"message\":\"This model only support stream mode, please enable the "
    "stream parameter to access the model.\"}}",
    "stream set to true" },
  { OPENAI, "{\"error\":\"model does not support images\"}", NULL },
  { OPENAI, "{\"error\":{}}", NULL },
};

static void
test_cases (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *model = g_strdup_printf ("case-%u", i);
      g_autoptr (JsonNode) request = parse (cases[i].request);
      g_autoptr (JsonNode) reply = parse (cases[i].reply);
      g_autoptr (MerReplyError) error = mer_reply_error_new (reply);
      g_autoptr (GPtrArray) applied = g_ptr_array_new ();
      MerLessons *lessons = mer_lessons_get ("http://h/v1", model);
      gboolean learned = mer_lessons_learn (lessons, &adaptable, request, error);
      gboolean changed = mer_lessons_apply (lessons, request, applied);

      if (learned != (cases[i].text != NULL) || changed != learned)
        fail_msg ("%s: learned %d, changed %d", cases[i].reply, learned, changed);
      if (learned)
        assert_string_equal (g_ptr_array_index (applied, 0), cases[i].text);
    }
}

/* all who ask the model know it, and the others' requests stay as they are */
static void
test_shared (void **state)
{
  g_autoptr (JsonNode) request = parse (OPENAI);
  g_autoptr (JsonNode) later = parse (OPENAI);
  g_autoptr (JsonNode) reply
      = parse ("{\"error\":{\"code\":\"unsupported_parameter\",\"param\":\"seed\"}}");
  g_autoptr (MerReplyError) error = mer_reply_error_new (reply);

  assert_true (
      mer_lessons_learn (mer_lessons_get ("http://h/v1", "a"), &adaptable, request, error));
  assert_false (mer_lessons_apply (mer_lessons_get ("http://h/v1", "b"), later, NULL));
  assert_false (mer_lessons_apply (mer_lessons_get ("http://i/v1", "a"), later, NULL));
  assert_true (mer_lessons_apply (mer_lessons_get ("http://h/v1", "a"), later, NULL));
  assert_false (json_object_has_member (json_node_get_object (later), "seed"));
  /* those that were under way when it was learned are mended too */
  assert_true (
      mer_lessons_learn (mer_lessons_get ("http://h/v1", "a"), &adaptable, request, error));
}

/* a server that knows neither name comes to an end */
static void
test_no_way_back (void **state)
{
  MerLessons *lessons = mer_lessons_get ("http://h/v1", "neither");
  g_autoptr (JsonNode) request = parse (OPENAI);
  g_autoptr (JsonNode) first
      = parse ("{\"error\":{\"code\":\"unsupported_parameter\",\"param\":\"max_tokens\"}}");
  g_autoptr (JsonNode) second = parse ("{\"error\":{\"code\":\"unsupported_parameter\","
                                       "\"param\":\"max_completion_tokens\"}}");
  g_autoptr (MerReplyError) one = mer_reply_error_new (first);
  g_autoptr (MerReplyError) other = mer_reply_error_new (second);

  assert_true (mer_lessons_learn (lessons, &adaptable, request, one));
  assert_true (mer_lessons_apply (lessons, request, NULL));
  assert_false (mer_lessons_learn (lessons, &adaptable, request, other));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_cases),
    cmocka_unit_test (test_shared),
    cmocka_unit_test (test_no_way_back),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
