/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include "support/mer-test-backend.h"

#define IMAGE(index)                                                                       \
  "{'source':{'data':'<frame " index ">','media_type':'image/jpeg','type':'base64'},"      \
  "'type':'image'}"
#define QUESTION "{'text':'Which?','type':'text'}"
#define BODY(content, rest)                                                                \
  "{'max_tokens':1024,'messages':[{'content':[" content                                    \
  "],'role':'user'}],'model':'m'" rest "}"

static const MerTestRequest requests[] = {
  { NULL, 0, 0, NULL, BODY (QUESTION, ",'temperature':0") },
  { NULL, 2, 0, NULL, BODY (IMAGE ("0") "," IMAGE ("1") "," QUESTION, ",'temperature':0") },
  /* sound is no part of the protocol */
  { NULL, 1, 1, NULL, BODY (IMAGE ("0") "," QUESTION, ",'temperature':0") },
  { "modalities=text", 0, 0, "You label.",
    BODY (QUESTION, ",'system':'You label.','temperature':0") },
  { "timed-frames=true", 1, 0, NULL,
    BODY ("{'text':'<0.5 seconds>','type':'text'}," IMAGE ("0") "," QUESTION,
          ",'temperature':0") },
  { "temperature=-1 stream=true", 0, 0, NULL, BODY (QUESTION, ",'stream':true") },
  { "thinking=disabled effort=low", 0, 0, NULL,
    BODY (QUESTION, ",'output_config':{'effort':'low'},'temperature':0,"
                    "'thinking':{'type':'disabled'}") },
  /* no temperature where the model thinks */
  { "thinking=adaptive", 0, 0, NULL, BODY (QUESTION, ",'thinking':{'type':'adaptive'}") },
  { "thinking=enabled max-tokens=4096 thinking-budget=2048", 0, 0, NULL,
    "{'max_tokens':4096,'messages':[{'content':[" QUESTION "],'role':'user'}],'model':'m',"
    "'thinking':{'budget_tokens':2048,'type':'enabled'}}" },
  { "answer-format=json-schema", 0, 0, NULL,
    BODY (QUESTION,
          ",'output_config':{'format':{'schema':{'additionalProperties':false,"
          "'properties':{'labels':{'description':'(maxItems: 8)','items':{'description':"
          "'(pattern: \\'^[a-z][a-z -]{1,29}$\\')','type':'string'},'minItems':1,'type':"
          "'array'}},'required':['labels'],'type':'object'},'type':'json_schema'}},"
          "'temperature':0") },
  { "'extra={\"top_k\": 1, \"temperature\": null}'", 0, 0, NULL,
    BODY (QUESTION, ",'top_k':1") },
  /* what the server would refuse */
  { "max-tokens=0", 0, 0, NULL, "!ask: max-tokens: Anthropic's API requires one" },
  { "temperature=1.5", 0, 0, NULL, "!ask: temperature: Anthropic's models take 0 to 1" },
  { "answer-format=json-object", 0, 0, NULL, "!answer-format: Anthropic's API has text" },
  { "thinking=enabled thinking-budget=1024", 0, 0, NULL,
    "!thinking-budget: it is part of" },
  { "extra=[1]", 0, 0, NULL, "!extra: this must be a JSON object" },
};

static void
test_requests (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    mer_test_backend_check_request ("meranthropic", &requests[i]);
}

#define GOOD MER_OUTCOME_ANSWERED
#define CUT MER_OUTCOME_TRUNCATED
#define STOPPED MER_OUTCOME_FILTERED
#define SSE "text/event-stream; charset=utf-8"
#define MESSAGE(content, stop, rest)                                                       \
  "{'id':'msg_1','type':'message','role':'assistant','model':'claude','content':" content  \
  ",'stop_reason':" stop rest "}"
#define TEXT(text) "{'type':'text','text':'" text "'}"
#define START                                                                              \
  "event: message_start\ndata: {'type':'message_start','message':{'id':'msg_1',"           \
  "'model':'claude','content':[],'usage':{'input_tokens':25,'cache_read_input_tokens':4,"  \
  "'output_tokens':1}}}\n\n"                                                               \
  "event: content_block_start\ndata: {'type':'content_block_start','index':0,"             \
  "'content_block':{'type':'text','text':''}}\n\nevent: ping\ndata: {'type':'ping'}\n\n"
#define DELTA(text)                                                                        \
  "event: content_block_delta\ndata: {'type':'content_block_delta','index':0,"             \
  "'delta':{'type':'text_delta','text':'" text "'}}\n\n"
#define THOUGHT(text)                                                                      \
  "event: content_block_delta\ndata: {'type':'content_block_delta','index':0,"             \
  "'delta':{'type':'thinking_delta','thinking':'" text "'}}\n\n"
#define SIGNED                                                                             \
  "data: {'type':'content_block_delta','index':0,'delta':{'type':'signature_delta',"       \
  "'signature':'abc'}}\n\n"
#define ENDED(stop)                                                                        \
  "event: content_block_stop\ndata: {'type':'content_block_stop','index':0}\n\n"           \
  "event: message_delta\ndata: {'type':'message_delta','delta':{'stop_reason':'" stop "'," \
  "'stop_sequence':null},'usage':{'output_tokens':15}}\n\n"
#define STOP "event: message_stop\ndata: {'type':'message_stop'}\n\n"

static const MerTestReply replies[] = {
  { "plain", NULL,
    MESSAGE ("[" TEXT ("sad") "]", "'end_turn'",
             ",'usage':{'input_tokens':10,'cache_creation_input_tokens':3,"
             "'cache_read_input_tokens':5,'output_tokens':7,"
             "'output_tokens_details':{'thinking_tokens':2}}"),
    GOOD, "sad", .input = 10, .cached = 5, .written = 3, .output = 7, .thought = 2 },
  { "no usage", NULL, MESSAGE ("[" TEXT ("sad") "]", "'end_turn'", ""), GOOD, "sad",
    .input = -1, .output = -1 },
  { "null usage", NULL, MESSAGE ("[" TEXT ("sad") "]", "'end_turn'", ",'usage':null"), GOOD,
    "sad", .input = -1 },
  { "two texts", NULL,
    MESSAGE ("[" TEXT ("sad, ") "," TEXT ("tired") "]", "'end_turn'", ""), GOOD,
    "sad, tired" },
  { "stop sequence", NULL, MESSAGE ("[" TEXT ("sad") "]", "'stop_sequence'", ""), GOOD,
    "sad" },
  { "thinking", NULL,
    MESSAGE ("[{'type':'thinking','thinking':'hm','signature':'x'},"
             "{'type':'redacted_thinking','data':'y'}," TEXT ("sad") "]",
             "'end_turn'", ""),
    GOOD, "sad", "hm" },
  { "think tags", NULL, MESSAGE ("[" TEXT ("<think>hm</think>sad") "]", "'end_turn'", ""),
    GOOD, "sad", "hm" },
  { "nothing", NULL, MESSAGE ("[]", "'end_turn'", ""), GOOD, "", .detail = "is empty" },
  { "only thinking", NULL,
    MESSAGE ("[{'type':'thinking','thinking':'sad?'}]", "'end_turn'", ""), GOOD, "", "sad?",
    .detail = "all of the answer is reasoning" },
  { "no stop reason", NULL, MESSAGE ("[" TEXT ("sad") "]", "null", ""), GOOD, "sad" },
  { "limit", NULL, MESSAGE ("[" TEXT ("sa") "]", "'max_tokens'", ""), CUT, "sa", NULL,
    MER_REASON_TOKEN_LIMIT, "raise max-tokens" },
  { "limit in thinking", NULL,
    MESSAGE ("[{'type':'thinking','thinking':'sad?'}]", "'max_tokens'", ""), CUT, "",
    "sad?", MER_REASON_TOKEN_LIMIT },
  { "context", NULL, MESSAGE ("[" TEXT ("sa") "]", "'model_context_window_exceeded'", ""),
    CUT, "sa", NULL, MER_REASON_CONTEXT_LIMIT },
  { "refusal", NULL, MESSAGE ("[" TEXT ("I") "]", "'refusal'", ""), STOPPED, "I", NULL,
    MER_REASON_OUTPUT_FILTER, "content filter" },
  { "refusal with details", NULL,
    MESSAGE ("[]", "'refusal'",
             ",'stop_details':{'type':'refusal','category':'cyber','explanation':'no'}"),
    STOPPED, "", NULL, MER_REASON_OUTPUT_FILTER, "cyber: no" },
  { "refusal with null details", NULL,
    MESSAGE ("[]", "'refusal'", ",'stop_details':{'category':null}"), STOPPED, "" },
  { "other stops", NULL, MESSAGE ("[" TEXT ("sad") "]", "'pause_turn'", ""), GOOD, "sad" },
  { "odd blocks", NULL,
    MESSAGE ("[null,7,[],{},{'type':'tool_use','name':'x'}," TEXT ("sad") "]", "'end_turn'",
             ""),
    GOOD, "sad" },
  /* no answer */
  { "no content", NULL, "{'id':'x'}", .detail = "has no list /content" },
  { "text is a number", NULL, MESSAGE ("[{'type':'text','text':9}]", "'end_turn'", ""),
    .detail = "/content/0/text is no text" },
  { "content is text", NULL, "{'content':'sad'}", .detail = "has no list /content" },
  { "null", NULL, "null", .detail = "has no list /content" },
  { "empty", NULL, "  \n", .detail = "answer is empty" },
  { "half", NULL, "{'id':", .detail = "the server's answer" },
  { "error", NULL,
    "{'type':'error','error':{'type':'overloaded_error','message':'Overloaded'},"
    "'request_id':'r'}",
    .detail = "Overloaded", .retry = MER_RETRY_RATE_LIMITED },
  { "error of the request", NULL,
    "{'type':'error','error':{'type':'invalid_request_error','message':'bad'}}",
    .detail = "bad", .retry = MER_RETRY_PERMANENT },
  { "no money", NULL,
    "{'type':'error','error':{'type':'invalid_request_error','message':"
    "'Your credit balance is too low to access the API'}}",
    .detail = "credit balance", .retry = MER_RETRY_FATAL },
  { "no right", NULL, "{'type':'error','error':{'type':'permission_error','message':'no'}}",
    .detail = "no", .retry = MER_RETRY_FATAL },
  { "no such model", NULL,
    "{'type':'error','error':{'type':'not_found_error','message':'model: claude-x'}}",
    .detail = "claude-x", .retry = MER_RETRY_FATAL },
  { "internal", NULL, "{'type':'error','error':{'type':'api_error','message':'oops'}}",
    .detail = "oops", .retry = MER_RETRY_TRANSIENT },
  /* streams */
  { "stream", SSE, START DELTA ("sa") DELTA ("d") ENDED ("end_turn") STOP, GOOD, "sad",
    .input = 25, .cached = 4, .output = 15 },
  { "stream of thoughts", SSE,
    START THOUGHT ("h") THOUGHT ("m") SIGNED DELTA ("sad") ENDED ("end_turn") STOP, GOOD,
    "sad", "hm" },
  { "stream that was cut", SSE, START DELTA ("sa") ENDED ("max_tokens") STOP, CUT, "sa",
    NULL, MER_REASON_TOKEN_LIMIT, .output = 15 },
  { "stream without its stop", SSE, START DELTA ("sad") ENDED ("end_turn"), GOOD, "sad" },
  { "stream without a reason", SSE, START DELTA ("sad") STOP, GOOD, "sad", .output = 1 },
  { "stream that broke", SSE, START DELTA ("sa"), .detail = "broke off" },
  { "stream of pings", SSE, "event: ping\ndata: {'type':'ping'}\n\n",
    .detail = "broke off" },
  { "stream of nothing", SSE, "", .detail = "broke off" },
  { "stream with bad events", SSE,
    START "data: {\n\ndata: 7\n\ndata: [1]\n\n" DELTA ("sad") STOP, GOOD, "sad" },
  { "stream with CRLF", SSE,
    "data: {'type':'content_block_delta','delta':{'text':'sad'}}\r\n\r\n"
    "data: {'type':'message_stop'}\r\n\r\n",
    GOOD, "sad" },
  { "refusal in a stream", SSE, START DELTA ("I") ENDED ("refusal") STOP, STOPPED, "I" },
  { "error in a stream", SSE,
    START DELTA ("sa") "event: error\ndata: {'type':'error','error':{'type':"
                       "'overloaded_error','message':'Overloaded'}}\n\n",
    .detail = "Overloaded", .retry = MER_RETRY_RATE_LIMITED },
};

static void
test_replies (void **state)
{
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new ("meranthropic", "http://127.0.0.1:9/v1", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (replies); i++)
    mer_test_backend_check_reply (bench, &replies[i]);
}

static const MerTestFault faults[] = {
  /* newer models refuse sampling parameters: said once, left out from then on */
  { "no-temperature", GOOD, NULL, NULL, 1 },
  { "no-top-p", GOOD, NULL, NULL, 1, FALSE, "'extra={\"top_p\": 0.9}'" },
  { "no-thinking", MER_OUTCOME_API_FAILED, NULL, "HTTP status 400", 1, FALSE,
    "thinking=adaptive" },
  { "no-output-config", MER_OUTCOME_API_FAILED, NULL, "HTTP status 400", 1, FALSE,
    "answer-format=json-schema" },
  { "529:2", GOOD, NULL, NULL, 3 },
  { "413", MER_OUTCOME_API_FAILED, NULL, "; set frames, max-side", 1 },
  { "402", MER_OUTCOME_API_FAILED, NULL, "billing_error", 1, TRUE },
  { "404-model", MER_OUTCOME_API_FAILED, NULL, "; check model, and uri", 1, TRUE },
  { "filtered", STOPPED, "", "content filter", 1 },
  { "refusal", STOPPED, NULL, "content filter", 1 },
  { "context-window", CUT, NULL, "context was full", 1 },
  { "pause", GOOD, NULL, NULL, 1 },
  { "redacted", GOOD, NULL, NULL, 1 },
  { "content-none", MER_OUTCOME_UNPARSEABLE, "", "is empty", 1 },
  { "choices-object", MER_OUTCOME_API_FAILED, NULL, "/content", 1 },
  { "content-number", MER_OUTCOME_API_FAILED, NULL, "/content", 1 },
};

static void
test_faults (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    mer_test_backend_check_fault ("meranthropic", "anthropic", &faults[i]);
  mer_test_backend_check_faults ("meranthropic", "anthropic", "stream=false",
                                 "stream=true");
}

/* what the server finds in a request */
static void
test_sent (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--protocol anthropic");
  g_autoptr (MerTestBackend) bench = mer_test_backend_new (
      "meranthropic", server->uri,
      "answer-format=json-schema timed-frames=true stream=true anthropic-beta=a,b");
  g_autoptr (MerResult) result
      = mer_test_backend_ask (bench, mer_test_sample (0, 3, 0.5, "hello you"));
  g_autoptr (GPtrArray) log = mer_test_server_read_log (server);
  JsonNode *line = g_ptr_array_index (log, 0);

  assert_int_equal (mer_result_get_outcome (result), GOOD);
  assert_true (g_str_has_prefix (mer_result_get_text (result), "{"));
  assert_int_equal (mer_result_get_shown (result), MER_MODALITY_VIDEO | MER_MODALITY_TEXT);
  assert_true (mer_result_get_usage (result).input > 0);
  assert_non_null (mer_json_node_path (line, "frames", "2", NULL));
  assert_null (mer_json_node_path (line, "audio", "0", NULL));
  assert_non_null (strstr (mer_json_node_string (line, "text"), "<0.5 seconds>"));
  assert_non_null (strstr (mer_json_node_string (line, "text"), "hello you"));
}

/* too many pictures, or too large ones, are told before they are sent */
static void
test_pictures (void **state)
{
  static const struct
  {
    guint n_frames;
    guint width;
    const char *properties;
    const char *detail;
  } table[] = {
    { 4, 64, "max-frames=3", "the sample has 4 frames and the model takes 3" },
    { 101, 64, "", "the sample has 101 frames and the model takes 100" },
    { 21, 2001, "", "frame 0 is 2001 × 16 pixels, and Anthropic takes up to 2000 a side" },
    { 1, 8001, "", "frame 0 is 8001 × 16 pixels, and Anthropic takes up to 8000 a side" },
  };
  g_autoptr (MerTestServer) server = mer_test_server_start ("--protocol anthropic");

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (MerTestBackend) bench
          = mer_test_backend_new ("meranthropic", server->uri, table[i].properties);
      g_autoptr (GPtrArray) jpegs
          = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      MerSample *sample = mer_test_sample (0, 0, 0, "hi");

      for (guint frame = 0; frame < table[i].n_frames; frame++)
        g_ptr_array_add (jpegs, mer_test_jpeg (8, 8, (guint8) frame, 0, 0));
      g_autoptr (MerMedia) media = mer_test_media_of (jpegs, table[i].width, 16, NULL, 0);
      mer_sample_set_media (sample, media);

      g_autoptr (MerResult) result = mer_test_backend_ask (bench, sample);
      assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_API_FAILED);
      if (strstr (mer_result_get_detail (result), table[i].detail) == NULL)
        fail_msg ("%s", mer_result_get_detail (result));
      assert_int_equal (mer_result_get_attempts (result), 0);
    }
}

/* sound is refused before the first call, where it is asked for by name */
static void
test_deaf (void **state)
{
  static const MerTestRequest wanted
      = { "modalities=audio+text", 0, 0, NULL, "!modalities: m takes no audio" };

  mer_test_backend_check_request ("meranthropic", &wanted);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_requests), cmocka_unit_test (test_replies),
    cmocka_unit_test (test_faults),   cmocka_unit_test (test_sent),
    cmocka_unit_test (test_deaf),     cmocka_unit_test (test_pictures),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
