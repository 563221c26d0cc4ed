/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include "support/mer-test-backend.h"

#define BODY(before, message, options, after)                                              \
  "{" before "'messages':[" message "],'model':'m','options':{" options "},'shift':false," \
  "'stream':true" after ",'truncate':false}"
#define QUESTION "{'content':'Which?','role':'user'}"
#define SHOWN(images) "{'content':'Which?','images':[" images "],'role':'user'}"
#define USUAL "'num_ctx':16384,'num_predict':1024,'temperature':0"

static const MerTestRequest requests[] = {
  { NULL, 0, 0, NULL, BODY ("", QUESTION, USUAL, "") },
  { NULL, 2, 0, NULL, BODY ("", SHOWN ("'<frame 0>','<frame 1>'"), USUAL, "") },
  { NULL, 0, 1, NULL, BODY ("", SHOWN ("'<audio>'"), USUAL, "") },
  { NULL, 1, 1, NULL, BODY ("", SHOWN ("'<frame 0>','<audio>'"), USUAL, "") },
  { NULL, 0, 0, "You label.",
    BODY ("", "{'content':'You label.','role':'system'}," QUESTION, USUAL, "") },
  { "temperature=-1 max-tokens=0 num-ctx=0 seed=7 draw=2", 0, 0, NULL,
    BODY ("", QUESTION, "'seed':9", "") },
  { "think=false keep-alive=10m", 0, 0, NULL,
    BODY ("'keep_alive':'10m',", QUESTION, USUAL, ",'think':false") },
  { "think=on keep-alive=-1", 0, 0, NULL,
    BODY ("'keep_alive':-1,", QUESTION, USUAL, ",'think':true") },
  { "think=high", 0, 0, NULL, BODY ("", QUESTION, USUAL, ",'think':'high'") },
  { "answer-format=json-object", 0, 0, NULL,
    BODY ("'format':'json',", QUESTION, USUAL, "") },
  { "answer-format=json-schema", 0, 0, NULL,
    BODY ("'format':{'additionalProperties':false,'properties':{'labels':{'items':{"
          "'pattern':'^[a-z][a-z -]{1,29}$','type':'string'},'maxItems':8,'minItems':1,"
          "'type':'array'}},'required':['labels'],'type':'object'},",
          QUESTION, USUAL, "") },
  { "stream=false truncate=true", 0, 0, NULL,
    "{'messages':[" QUESTION "],'model':'m','options':{" USUAL "},'shift':true,"
    "'stream':false,'truncate':true}" },
  { "'extra={\"options\": {\"top_k\": 1, \"num_ctx\": null}, \"logprobs\": true}'", 0, 0,
    NULL,
    BODY ("'logprobs':true,", QUESTION, "'num_predict':1024,'temperature':0,'top_k':1",
          "") },
  { "think=maybe", 0, 0, NULL, "!ask: think: “maybe” is none of true" },
  { "extra=7", 0, 0, NULL, "!extra: this must be a JSON object" },
};

static void
test_requests (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    mer_test_backend_check_request ("merollama", &requests[i]);
}

#define GOOD MER_OUTCOME_ANSWERED
#define CUT MER_OUTCOME_TRUNCATED
#define LINES "application/x-ndjson"
#define SAYS(text) "'message':{'role':'assistant','content':'" text "'}"
#define LINE(text) "{'model':'m'," SAYS (text) ",'done':false}\n"
#define THOUGHT(text)                                                                      \
  "{'message':{'role':'assistant','content':'','thinking':'" text "'},'done':false}\n"
#define LAST(reason, rest) "{" SAYS ("") ",'done':true,'done_reason':'" reason "'" rest "}"

static const MerTestReply replies[] = {
  { "plain", NULL,
    "{'model':'m'," SAYS ("sad") ",'done':true,'done_reason':'stop','total_duration':5000,"
                                 "'prompt_eval_count':11,'eval_count':3}",
    GOOD, "sad", .input = 11, .output = 3 },
  { "no counts", NULL, "{" SAYS ("sad") ",'done':true}", GOOD, "sad", .input = -1,
    .output = -1 },
  { "thinking", NULL,
    "{'message':{'content':'sad','thinking':'hm'},'done':true,'done_reason':'stop'}", GOOD,
    "sad", "hm" },
  { "think tags", NULL, "{" SAYS ("<think>hm</think>sad") "}", GOOD, "sad", "hm" },
  { "nothing", NULL, "{" SAYS ("") ",'done':true}", GOOD, "", .detail = "is empty" },
  { "no content", NULL, "{'message':{},'done':true}", GOOD, "", .detail = "is empty" },
  { "only thinking", NULL, "{'message':{'thinking':'sad?'},'done':true}", GOOD, "", "sad?",
    .detail = "all of the answer is reasoning" },
  { "limit", NULL, "{" SAYS ("sa") ",'done_reason':'length','eval_count':9}", CUT, "sa",
    NULL, MER_REASON_TOKEN_LIMIT },
  { "context", NULL,
    "{" SAYS ("sa") ",'done_reason':'length','prompt_eval_count':90,'eval_count':10}", CUT,
    "sa", NULL, MER_REASON_CONTEXT_LIMIT },
  { "question was cut", NULL,
    "{" SAYS ("sad") ",'done_reason':'stop','prompt_eval_count':100,'eval_count':2}", GOOD,
    "sad", .detail = "raise num-ctx", .input = 100 },
  /* no answer */
  { "no message", NULL, "{'response':'sad'}", .detail = "no /message/content" },
  { "content is a list", NULL, "{'message':{'content':[]}}",
    .detail = "no /message/content" },
  { "content is a number", NULL, "{'message':{'content':7}}",
    .detail = "no /message/content" },
  { "message is text", NULL, "{'message':'sad'}", .detail = "no /message/content" },
  { "list", NULL, "[]", .detail = "no /message/content" },
  { "empty", NULL, "", .detail = "is empty" },
  { "half", NULL, "{'message':", .detail = "the server's answer" },
  { "loaded", NULL, "{" SAYS ("") ",'done':true,'done_reason':'load'}",
    .detail = "loaded the model and said nothing" },
  { "not done", NULL, "{" SAYS ("sa") ",'done':false}", .detail = "broke off" },
  { "error", NULL, "{'error':'llama runner process has terminated'}",
    .detail = "runner process", .retry = MER_RETRY_TRANSIENT },
  { "no memory", NULL,
    "{'error':'model requires more system memory (9 GiB) than is available (2 GiB)'}",
    .detail = "more system memory", .retry = MER_RETRY_FATAL },
  { "busy", NULL,
    "{'error':'server busy, please try again.  maximum pending requests exceeded'}",
    .detail = "busy", .retry = MER_RETRY_RATE_LIMITED },
  { "blind", NULL, "{'error':'this model is missing data required for image input'}",
    .detail = "image input", .retry = MER_RETRY_PERMANENT },
  /* streams */
  { "stream", LINES,
    LINE ("sa") LINE ("d") LAST ("stop", ",'prompt_eval_count':11,'eval_count':3") "\n",
    GOOD, "sad", .input = 11, .output = 3 },
  { "stream without the last line feed", LINES, LINE ("sad") LAST ("stop", ""), GOOD,
    "sad" },
  { "stream with CRLF and blank lines", LINES, LINE ("sad") "\r\n\r\n" LAST ("stop", ""),
    GOOD, "sad" },
  { "stream of thoughts", LINES, THOUGHT ("h") THOUGHT ("m") LINE ("sad") LAST ("stop", ""),
    GOOD, "sad", "hm" },
  { "stream that was cut", LINES, LINE ("sa") LAST ("length", ""), CUT, "sa", NULL,
    MER_REASON_TOKEN_LIMIT },
  { "stream in one line", LINES, "{" SAYS ("sad") ",'done':true}", GOOD, "sad" },
  { "stream that broke", LINES, LINE ("sa"), .detail = "broke off" },
  { "stream that broke in a line", LINES, LINE ("sa") "{'message':{'con",
    .detail = "broke off" },
  { "stream of nothing", LINES, "", .detail = "broke off" },
  { "stream of numbers", LINES, "1\n2\n[]\nnull\n", .detail = "broke off" },
  { "stream that says done as text", LINES, "{'done':'true'}\n", .detail = "broke off" },
  { "error in a stream", LINES, LINE ("sa") "{'error':'an error was encountered'}\n",
    .detail = "an error was encountered", .retry = MER_RETRY_TRANSIENT },
  { "loaded in a stream", LINES, LAST ("load", ""),
    .detail = "loaded the model and said nothing" },
};

static void
test_replies (void **state)
{
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new ("merollama", "http://127.0.0.1:9", "num-ctx=100");

  for (gsize i = 0; i < G_N_ELEMENTS (replies); i++)
    mer_test_backend_check_reply (bench, &replies[i]);
}

static const MerTestFault faults[] = {
  { "load:1", GOOD, NULL, NULL, 2, FALSE, "stream=false" },
  { "not-done:1", GOOD, NULL, NULL, 2, FALSE, "stream=false" },
  { "no-thinking", MER_OUTCOME_API_FAILED, NULL, "; leave think unset", 1, FALSE,
    "think=true" },
  { "choices-object", MER_OUTCOME_API_FAILED, NULL, "/message/content", 1, FALSE,
    "stream=false" },
  { "choices-none", MER_OUTCOME_API_FAILED, NULL, "/message/content", 1, FALSE,
    "stream=false" },
  { "content-number", MER_OUTCOME_API_FAILED, NULL, "/message/content", 1, FALSE,
    "stream=false" },
  { "404-model", MER_OUTCOME_API_FAILED, NULL, "; fetch it with: ollama pull m", 1, TRUE },
  { "400-context", MER_OUTCOME_API_FAILED, NULL, "; raise num-ctx", 1 },
  { "429-quota", MER_OUTCOME_API_FAILED, NULL, "usage limit", 1, TRUE },
  { "500-cuda", MER_OUTCOME_API_FAILED, NULL, "out of memory", 3 },
  { "400-filter", MER_OUTCOME_FILTERED, NULL, "blocked", 1 },
};

static void
test_faults (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      MerTestFault fault = faults[i];
      g_autofree char *properties = g_strdup_printf (
          "check-model=false %s", fault.properties != NULL ? fault.properties : "");

      fault.properties = properties;
      mer_test_backend_check_fault ("merollama", "ollama", &fault);
    }
  mer_test_backend_check_faults ("merollama", "ollama", "check-model=false stream=false",
                                 "stream=true");
}

/* what the server finds in a request */
static void
test_sent (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--protocol ollama");
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new ("merollama", server->uri, "answer-format=json-schema");
  g_autoptr (MerResult) result
      = mer_test_backend_ask (bench, mer_test_sample (0, 3, 0.5, "hello you"));
  g_autoptr (GPtrArray) log = mer_test_server_read_log (server);
  JsonNode *line = g_ptr_array_index (log, log->len - 1);

  assert_int_equal (mer_result_get_outcome (result), GOOD);
  assert_true (g_str_has_prefix (mer_result_get_text (result), "{"));
  assert_true (mer_result_get_usage (result).input > 0);
  assert_true (mer_result_get_usage (result).output > 0);
  assert_non_null (mer_json_node_path (line, "frames", "2", NULL));
  assert_null (mer_json_node_path (line, "frames", "3", NULL));
  assert_float_equal (
      mer_json_node_number (mer_json_node_path (line, "audio", "0", NULL), "seconds", 0),
      0.5, 1e-9);
  assert_non_null (strstr (mer_json_node_string (line, "text"), "hello you"));
}

/* a model that lacks a sense is never shown what it would pass over in silence */
static void
test_abilities (void **state)
{
  static const struct
  {
    const char *lacks;
    const char *properties;
    MerOutcome outcome;
    const char *detail;
  } table[] = {
    { "", "", GOOD, NULL },
    { "--lacks audio", "", MER_OUTCOME_API_FAILED, "m takes no audio, as the server" },
    { "--lacks image", "", MER_OUTCOME_API_FAILED, "m takes no video, as the server" },
    { "--lacks audio", "modalities=video+text", GOOD, NULL },
    { "--lacks image,audio", "modalities=text", GOOD, NULL },
    { "--lacks audio", "check-model=false", MER_OUTCOME_API_FAILED, "HTTP status" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *arguments = g_strdup_printf ("--protocol ollama %s", table[i].lacks);
      g_autoptr (MerTestServer) server = mer_test_server_start (arguments);
      g_autoptr (MerTestBackend) bench
          = mer_test_backend_new ("merollama", server->uri, table[i].properties);

      for (guint seq = 0; seq < 2; seq++)
        {
          g_autoptr (MerResult) result
              = mer_test_backend_ask (bench, mer_test_sample (seq, 1, 0.5, "hi"));
          const char *detail = mer_result_get_detail (result);

          if (mer_result_get_outcome (result) != table[i].outcome
              || (table[i].detail != NULL && strstr (detail, table[i].detail) == NULL))
            fail_msg ("%s %s: %s", table[i].lacks, table[i].properties, detail);
        }
    }
}

/* a question that filled the context was probably cut: told with the answer, and once on
 * the bus */
static void
test_cut_question (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--protocol ollama");
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new ("merollama", server->uri, "num-ctx=16 truncate=true");
  guint n_warnings = 0;

  for (guint seq = 0; seq < 2; seq++)
    {
      g_autoptr (MerResult) result
          = mer_test_backend_ask (bench, mer_test_sample (seq, 2, 0, "hi"));

      assert_int_equal (mer_result_get_outcome (result), GOOD);
      assert_non_null (strstr (mer_result_get_detail (result), "raise num-ctx"));
    }
  for (;;)
    {
      g_autoptr (GstMessage) message
          = gst_bus_pop_filtered (bench->bus, GST_MESSAGE_WARNING);
      g_autoptr (GError) error = NULL;

      if (message == NULL)
        break;
      gst_message_parse_warning (message, &error, NULL);
      n_warnings += strstr (error->message, "filled the whole context of 16") != NULL;
    }
  assert_int_equal (n_warnings, 1);
}

/* the model's name is taken from the server where it serves one */
static void
test_served (void **state)
{
  g_autoptr (MerTestServer) server
      = mer_test_server_start ("--protocol ollama --model gemma3:4b");
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new ("merollama", server->uri, "model=");
  g_autoptr (MerResult) result
      = mer_test_backend_ask (bench, mer_test_sample (0, 1, 0, "hi"));

  assert_int_equal (mer_result_get_outcome (result), GOOD);
  assert_string_equal (mer_result_get_model (result), "gemma3:4b");
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_requests),  cmocka_unit_test (test_replies),
    cmocka_unit_test (test_faults),    cmocka_unit_test (test_sent),
    cmocka_unit_test (test_abilities), cmocka_unit_test (test_cut_question),
    cmocka_unit_test (test_served),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
