/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include "support/mer-test-backend.h"
#include "support/mer-test-clip.h"

#define SAFETY                                                                             \
  "'safetySettings':[{'category':'HARM_CATEGORY_HARASSMENT','threshold':'BLOCK_NONE'},"    \
  "{'category':'HARM_CATEGORY_HATE_SPEECH','threshold':'BLOCK_NONE'},"                     \
  "{'category':'HARM_CATEGORY_SEXUALLY_EXPLICIT','threshold':'BLOCK_NONE'},"               \
  "{'category':'HARM_CATEGORY_DANGEROUS_CONTENT','threshold':'BLOCK_NONE'}]"
#define BODY(parts, config)                                                                \
  "{'contents':[{'parts':[" parts "],'role':'user'}],'generationConfig':{" config          \
  "}," SAFETY "}"
#define BARE(config)                                                                       \
  "{'contents':[{'parts':[" QUESTION "],'role':'user'}],'generationConfig':{" config "}"
#define QUESTION "{'text':'Which?'}"
#define IMAGE(index) "{'inlineData':{'data':'<frame " index ">','mimeType':'image/jpeg'}}"
#define SOUND "{'inlineData':{'data':'<audio>','mimeType':'audio/wav'}}"
#define USUAL "'maxOutputTokens':1024,'temperature':0"
#define LABELS                                                                             \
  "{'properties':{'labels':{'items':{'pattern':'^[a-z][a-z -]{1,29}$','type':'STRING'},"   \
  "'maxItems':8,'minItems':1,'type':'ARRAY'}},'propertyOrdering':['labels'],"              \
  "'required':['labels'],'type':'OBJECT'}"

static const MerTestRequest requests[] = {
  { NULL, 0, 0, NULL, BODY (QUESTION, USUAL) },
  { NULL, 2, 0, NULL, BODY (IMAGE ("0") "," IMAGE ("1") "," QUESTION, USUAL) },
  { NULL, 0, 1, NULL, BODY (SOUND "," QUESTION, USUAL) },
  { NULL, 1, 1, NULL, BODY (IMAGE ("0") "," SOUND "," QUESTION, USUAL) },
  { "timed-frames=true", 1, 0, NULL,
    BODY ("{'text':'<0.5 seconds>'}," IMAGE ("0") "," QUESTION, USUAL) },
  { NULL, 0, 0, "You label.",
    "{'contents':[{'parts':[" QUESTION "],'role':'user'}],'generationConfig':{" USUAL
    "}," SAFETY ",'systemInstruction':{'parts':[{'text':'You label.'}]}}" },
  { "temperature=-1 max-tokens=0 seed=2147483647 draw=1", 0, 0, NULL,
    BODY (QUESTION, "'seed':0") },
  { "media-resolution=low", 0, 0, NULL,
    BODY (QUESTION, "'maxOutputTokens':1024,'mediaResolution':'MEDIA_RESOLUTION_LOW',"
                    "'temperature':0") },
  /* thinking, in the words of each generation */
  { "thinking=off", 0, 0, NULL,
    BODY (QUESTION, USUAL ",'thinkingConfig':{'thinkingBudget':0}") },
  { "thinking=dynamic include-thoughts=true", 0, 0, NULL,
    BODY (QUESTION,
          USUAL ",'thinkingConfig':{'includeThoughts':true,'thinkingBudget':-1}") },
  { "thinking=512", 0, 0, NULL,
    BODY (QUESTION, USUAL ",'thinkingConfig':{'thinkingBudget':512}") },
  { "thinking=high", 0, 0, NULL,
    BODY (QUESTION, USUAL ",'thinkingConfig':{'thinkingLevel':'HIGH'}") },
  { "thinking=off model=gemini-3-flash", 0, 0, NULL,
    BODY (QUESTION, USUAL ",'thinkingConfig':{'thinkingLevel':'MINIMAL'}") },
  /* answers */
  { "answer-format=json-object", 0, 0, NULL,
    BODY (QUESTION,
          "'maxOutputTokens':1024,'responseMimeType':'application/json','temperature':0") },
  { "answer-format=json-schema", 0, 0, NULL,
    BODY (QUESTION, "'maxOutputTokens':1024,'responseMimeType':'application/json',"
                    "'responseSchema':" LABELS ",'temperature':0") },
  { "answer-format=json-schema schema-as=json-schema", 0, 0, NULL,
    BODY (QUESTION,
          "'maxOutputTokens':1024,'responseJsonSchema':{'additionalProperties':false,"
          "'properties':{'labels':{'items':{'pattern':'^[a-z][a-z -]{1,29}$','type':"
          "'string'},'maxItems':8,'minItems':1,'type':'array'}},'required':['labels'],"
          "'type':'object'},'responseMimeType':'application/json','temperature':0") },
  /* filters */
  { "safety=unset", 0, 0, NULL, BARE (USUAL) "}" },
  { "safety=off,hate-speech=block-only-high", 0, 0, NULL,
    BARE (USUAL) ",'safetySettings':[{'category':'HARM_CATEGORY_HARASSMENT','threshold':"
                 "'OFF'},{'category':'HARM_CATEGORY_HATE_SPEECH','threshold':"
                 "'BLOCK_ONLY_HIGH'},{'category':'HARM_CATEGORY_SEXUALLY_EXPLICIT',"
                 "'threshold':'OFF'},{'category':'HARM_CATEGORY_DANGEROUS_CONTENT',"
                 "'threshold':'OFF'}]}" },
  { "safety=HARM_CATEGORY_HARASSMENT=BLOCK_LOW_AND_ABOVE", 0, 0, NULL,
    BARE (USUAL) ",'safetySettings':[{'category':'HARM_CATEGORY_HARASSMENT','threshold':"
                 "'BLOCK_LOW_AND_ABOVE'}]}" },
  { "'extra={\"generationConfig\": {\"topK\": 1, \"temperature\": null}, "
    "\"safetySettings\": null}'",
    0, 0, NULL, BARE ("'maxOutputTokens':1024,'topK':1") "}" },
  /* what is no setting */
  { "safety=maybe", 0, 0, NULL, "!ask: safety: “maybe” is none of off, block-none" },
  { "safety=noise=off", 0, 0, NULL, "!ask: safety: “noise” is none of harassment" },
  { "thinking=much", 0, 0, NULL, "!ask: thinking: “much” is none of off" },
  { "thinking=-7", 0, 0, NULL, "!ask: thinking: “-7” is none of off" },
  { "video-start=5 video-end=5", 0, 0, NULL, "!video-end: it must be behind" },
  { "extra=7", 0, 0, NULL, "!extra: this must be a JSON object" },
  { "video-as=whole", 1, 0, NULL, "!there is no video file to show as a whole" },
};

static void
test_requests (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    mer_test_backend_check_request ("mergemini", &requests[i]);
}

/* one of a few words: the answer is the bare word */
static void
test_word (void **state)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "mer-word-schema.json", NULL);
  g_autofree char *properties
      = g_strdup_printf ("answer-format=json-schema schema=%s", path);
  const MerTestRequest wanted
      = { properties, 0, 0, NULL,
          BODY (QUESTION, "'maxOutputTokens':1024,'responseMimeType':'text/x.enum',"
                          "'responseSchema':{'enum':['happy','sad'],'type':'STRING'},"
                          "'temperature':0") };

  assert_true (g_file_set_contents (
      path, "{\"type\": \"string\", \"enum\": [\"happy\", \"sad\"]}", -1, NULL));
  mer_test_backend_check_request ("mergemini", &wanted);
  g_remove (path);
}

/* the clip's own file, in place of frames and sound */
static void
test_whole (void **state)
{
  static const struct
  {
    const char *properties;
    double seconds; /* of sound */
    guint shown;
    const char *wanted;
  } table[] = {
    { "video-as=whole", 1, MER_MODALITY_ALL,
      BODY ("{'inlineData':{'data':'<clip>','mimeType':'video/mp4'}}," QUESTION, USUAL) },
    { "video-as=whole video-rate=5 video-start=1.5 video-end=12", 1, MER_MODALITY_ALL,
      BODY ("{'inlineData':{'data':'<clip>','mimeType':'video/mp4'},'videoMetadata':{"
            "'endOffset':'12.000s','fps':5,'startOffset':'1.500s'}}," QUESTION,
            USUAL) },
    /* without a track of sound nothing is heard that should not be */
    { "video-as=whole", 0, MER_MODALITY_VIDEO | MER_MODALITY_TEXT,
      BODY ("{'inlineData':{'data':'<clip>','mimeType':'video/mp4'}}," QUESTION, USUAL) },
    { "video-as=whole", 1, MER_MODALITY_VIDEO | MER_MODALITY_TEXT,
      "!the video file has sound, which this stage is not to show" },
    { "video-as=whole model-modalities=video+text", 1,
      MER_MODALITY_VIDEO | MER_MODALITY_TEXT, "!the video file has sound" },
    { "video-as=whole", 1, MER_MODALITY_AUDIO | MER_MODALITY_TEXT,
      BODY (SOUND "," QUESTION, USUAL) },
    { "video-as=frames", 1, MER_MODALITY_ALL,
      BODY (IMAGE ("0") "," SOUND "," QUESTION, USUAL) },
  };
  g_autofree char *path = mer_test_clip_write ('x', 1000);

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (MerTestBackend) bench = mer_test_backend_new (
          "mergemini", "http://127.0.0.1:9/v1beta", table[i].properties);
      g_autofree char *wanted = mer_test_quote (table[i].wanted);
      g_autofree char *got = mer_test_backend_dup_request (
          bench, mer_test_clip_sample (0, path, table[i].seconds), table[i].shown, "Which?",
          NULL);

      if (!g_str_has_prefix (got, wanted))
        fail_msg ("%s: %s", table[i].properties, got);
    }
  g_remove (path);
}

#define GOOD MER_OUTCOME_ANSWERED
#define CUT MER_OUTCOME_TRUNCATED
#define STOPPED MER_OUTCOME_FILTERED
#define SSE "text/event-stream"
#define SAYS(parts, rest)                                                                  \
  "{'candidates':[{'index':0,'content':{'role':'model','parts':[" parts "]}" rest "}]"
#define TEXT(text) "{'text':'" text "'}"
#define DONE ",'finishReason':'STOP'"
#define PIECE(text) "data: " SAYS (TEXT (text), "") "}\r\n\r\n"
#define USED(counts) ",'usageMetadata':{" counts "}"

static const MerTestReply replies[] = {
  { "plain", NULL,
    SAYS (TEXT ("sad"), DONE)
        USED ("'promptTokenCount':4000,'candidatesTokenCount':12,'thoughtsTokenCount':300,"
              "'totalTokenCount':4312,'cachedContentTokenCount':1000") "}",
    GOOD, "sad", .input = 3000, .cached = 1000, .output = 312, .thought = 300 },
  { "counts as text", NULL,
    SAYS (TEXT ("sad"), DONE)
        USED ("'promptTokenCount':'40','candidatesTokenCount':'2'") "}",
    GOOD, "sad", .input = 40, .output = 2 },
  { "no counts", NULL, SAYS (TEXT ("sad"), DONE) "}", GOOD, "sad", .input = -1,
    .output = -1 },
  { "null counts", NULL, SAYS (TEXT ("sad"), DONE) ",'usageMetadata':null}", GOOD, "sad",
    .input = -1, .output = -1 },
  { "thoughts", NULL,
    SAYS ("{'text':'hm','thought':true},{'text':'sad','thoughtSignature':'x'}", DONE) "}",
    GOOD, "sad", "hm" },
  { "two texts", NULL, SAYS (TEXT ("sad, ") "," TEXT ("tired"), DONE) "}", GOOD,
    "sad, tired" },
  { "only thoughts", NULL, SAYS ("{'text':'sad?','thought':true}", DONE) "}", GOOD, "",
    "sad?", .detail = "all of the answer is reasoning" },
  { "no parts", NULL, "{'candidates':[{'content':{'role':'model'},'finishReason':'STOP'}]}",
    GOOD, "", .detail = "is empty" },
  { "odd parts", NULL,
    SAYS ("null,7,[],{},{'functionCall':{}},{'text':9},{'text':'sad','thought':'yes'}",
          DONE) "}",
    GOOD, "sad" },
  { "no finish reason", NULL, SAYS (TEXT ("sad"), "") "}", GOOD, "sad" },
  { "limit", NULL,
    "{'candidates':[{'finishReason':'MAX_TOKENS'}]" USED (
        "'promptTokenCount':10,'thoughtsTokenCount':64,'totalTokenCount':74") "}",
    CUT, "", NULL, MER_REASON_TOKEN_LIMIT, .input = 10, .output = 64, .thought = 64 },
  /* filters */
  { "safety", NULL, "{'candidates':[{'finishReason':'SAFETY'}]}", STOPPED, "", NULL,
    MER_REASON_OUTPUT_FILTER, "stopped the answer: SAFETY" },
  { "recitation", NULL,
    "{'candidates':[{'finishReason':'RECITATION','finishMessage':'a song'}]}", STOPPED, "",
    NULL, MER_REASON_RECITATION, "RECITATION: a song" },
  { "blocklist", NULL, "{'candidates':[{'finishReason':'BLOCKLIST'}]}", STOPPED, "" },
  { "prohibited", NULL, "{'candidates':[{'finishReason':'PROHIBITED_CONTENT'}]}", STOPPED,
    "" },
  { "spii", NULL, "{'candidates':[{'finishReason':'SPII'}]}", STOPPED, "" },
  { "image safety", NULL, "{'candidates':[{'finishReason':'IMAGE_SAFETY'}]}", STOPPED, "" },
  { "language", NULL, SAYS (TEXT ("x"), ",'finishReason':'LANGUAGE'") "}", STOPPED, "x" },
  { "blocked prompt", NULL,
    "{'promptFeedback':{'blockReason':'PROHIBITED_CONTENT'}" USED (
        "'promptTokenCount':10,'totalTokenCount':10") "}",
    STOPPED, "", NULL, MER_REASON_INPUT_FILTER, "the request: PROHIBITED_CONTENT",
    .input = 10 },
  { "blocked prompt, empty list", NULL,
    "{'candidates':[],'promptFeedback':{'blockReason':'SAFETY'}}", STOPPED, "", NULL,
    MER_REASON_INPUT_FILTER },
  /* accidents */
  { "other", NULL, "{'candidates':[{'finishReason':'OTHER'}]}",
    .detail = "gave up in the middle (finishReason OTHER)" },
  { "malformed", NULL,
    "{'candidates':[{'finishReason':'MALFORMED_FUNCTION_CALL','finishMessage':'odd'}]}",
    .detail = "MALFORMED_FUNCTION_CALL): odd" },
  { "unspecified", NULL, "{'candidates':[{'finishReason':'FINISH_REASON_UNSPECIFIED'}]}",
    .detail = "gave up" },
  { "tools", NULL, "{'candidates':[{'finishReason':'TOO_MANY_TOOL_CALLS'}]}",
    .detail = "gave up" },
  /* no answer */
  { "no candidates", NULL, "{}", .detail = "no /candidates/0" },
  { "null candidate", NULL, "{'candidates':[null]}", .detail = "no /candidates/0" },
  { "candidates as an object", NULL, "{'candidates':{}}", .detail = "no /candidates/0" },
  { "parts as a number", NULL, "{'candidates':[{'content':{'parts':7}}]}",
    .detail = "parts is no list" },
  { "text", NULL, "'sad'", .detail = "no /candidates/0" },
  { "empty list", NULL, "[]", .detail = "broke off" },
  { "empty", NULL, "", .detail = "is empty" },
  { "half", NULL, "{'candidates':[", .detail = "the server's answer" },
  { "error", NULL,
    "{'error':{'code':503,'message':'The model is overloaded.','status':'UNAVAILABLE'}}",
    .detail = "overloaded", .retry = MER_RETRY_RATE_LIMITED },
  { "error in a list", NULL,
    "[{'error':{'code':429,'message':'slow','status':'RESOURCE_EXHAUSTED'}}]",
    .detail = "slow", .retry = MER_RETRY_RATE_LIMITED },
  { "bad key", NULL,
    "{'error':{'code':400,'message':'API key expired.','status':'INVALID_ARGUMENT',"
    "'details':[{'@type':'type.googleapis.com/google.rpc.ErrorInfo','reason':"
    "'API_KEY_INVALID'}]}}",
    .detail = "expired", .retry = MER_RETRY_FATAL },
  { "location", NULL,
    "{'error':{'code':400,'message':'User location is not supported for the API use.',"
    "'status':'FAILED_PRECONDITION'}}",
    .detail = "location", .retry = MER_RETRY_FATAL },
  { "a file that is gone", NULL,
    "{'error':{'code':403,'message':'You do not have permission to access the File f or it "
    "may not exist.','status':'PERMISSION_DENIED'}}",
    .detail = "access the File", .retry = MER_RETRY_PERMANENT },
  /* streams */
  { "stream", SSE,
    PIECE ("sa") "data: " SAYS (TEXT ("d"), DONE)
        USED ("'promptTokenCount':11,'candidatesTokenCount':3") "}\r\n\r\n",
    GOOD, "sad", .input = 11, .output = 3 },
  { "stream, counts twice", SSE,
    "data: " SAYS (TEXT ("sa"), "") USED (
        "'promptTokenCount':11,'candidatesTokenCount':1") "}\n\n"
                                                          "data: " SAYS (TEXT ("d"), DONE)
                                                              USED ("'promptTokenCount':11,"
                                                                    "'candidatesTokenCount'"
                                                                    ":3") "}\n\n",
    GOOD, "sad", .input = 11, .output = 3 },
  { "stream of thoughts", SSE,
    "data: " SAYS ("{'text':'hm','thought':true}", "") "}\n\n" PIECE (
        "sad") "data: {'candidates':[{'finishReason':'STOP'}]}\n\n",
    GOOD, "sad", "hm" },
  { "stream that was cut", SSE,
    PIECE ("sa") "data: {'candidates':[{'finishReason':'MAX_TOKENS'}]}\n\n", CUT, "sa" },
  { "stream that was stopped", SSE,
    PIECE ("sa") "data: {'candidates':[{'finishReason':'SAFETY'}]}\n\n", STOPPED, "sa" },
  { "blocked in a stream", SSE, "data: {'promptFeedback':{'blockReason':'OTHER'}}\n\n",
    STOPPED, "", NULL, MER_REASON_INPUT_FILTER },
  { "stream that broke", SSE, PIECE ("sa"), .detail = "broke off" },
  { "stream of nothing", SSE, "", .detail = "broke off" },
  { "error in a stream", SSE,
    PIECE ("sa") "data: {'error':{'code':503,'message':'The model is overloaded.'}}\n\n",
    .detail = "overloaded", .retry = MER_RETRY_RATE_LIMITED },
  { "list of an error in a stream", SSE,
    PIECE ("sa") "data: [{'error':{'code':500,'message':'oops'}}]\n\n", .detail = "oops",
    .retry = MER_RETRY_TRANSIENT },
  { "stream as a list", NULL, "[" SAYS (TEXT ("sa"), "") "}," SAYS (TEXT ("d"), DONE) "}]",
    GOOD, "sad" },
};

static void
test_replies (void **state)
{
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new ("mergemini", "http://127.0.0.1:9/v1beta", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (replies); i++)
    mer_test_backend_check_reply (bench, &replies[i]);
}

#define BAD MER_OUTCOME_API_FAILED

static const MerTestFault faults[] = {
  { "429-ms:1", GOOD, NULL, NULL, 2 },
  { "429-per-minute:1", GOOD, NULL, NULL, 2 },
  { "503-rate:4", GOOD, NULL, NULL, 5 },
  { "429-per-day", BAD, NULL, "PerDay", 1, TRUE },
  { "429-quota", BAD, NULL, "limit: 0", 1, TRUE },
  { "401", BAD, NULL, "API_KEY_INVALID: API key not valid", 1, TRUE },
  { "404-model", BAD, NULL, "; check model, and uri, which ends in the version", 1, TRUE },
  { "400-array", BAD, NULL, "bad request", 1 },
  { "413", BAD, NULL, "; set inline-limit lower", 1 },
  { "blocked", STOPPED, "", "the request: PROHIBITED_CONTENT", 1 },
  { "blocked-safety", STOPPED, "", "the request: SAFETY", 1 },
  { "filtered", STOPPED, "", "the answer: SAFETY", 1 },
  { "recitation", STOPPED, "", "RECITATION", 1 },
  { "malformed", BAD, NULL, "MALFORMED_FUNCTION_CALL", 3 },
  { "finish-error:1", GOOD, NULL, NULL, 2 },
  { "thoughts-only", CUT, "", "max-tokens", 1, FALSE, NULL, "it is [sad]" },
  { "parts-none", MER_OUTCOME_UNPARSEABLE, "", "is empty", 1 },
  { "choices-none", BAD, NULL, "no /candidates/0", 3 },
  { "choices-null", BAD, NULL, "no /candidates/0", 3 },
  { "content-number", BAD, NULL, "parts is no list", 1 },
  { "huge-number", BAD, NULL, "", 0 },
  { "no-thinking", BAD, NULL, "thinking is not supported", 1, FALSE, "thinking=off" },
  { "no-response-format", BAD, NULL, "JSON mode is not enabled", 1, FALSE,
    "answer-format=json-object" },
};

static void
test_faults (void **state)
{
  mer_test_backend_check_faults ("mergemini", "gemini", "stream=false", "stream=true");
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    mer_test_backend_check_fault ("mergemini", "gemini", &faults[i]);
}

/* what the server finds in a request */
static void
test_sent (void **state)
{
  static const char *const table[] = {
    "answer-format=json-schema thinking=0 media-resolution=low seed=7",
    "answer-format=json-schema schema-as=json-schema stream=true timed-frames=true",
    "answer-format=json-object model=models/test-model",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (MerTestServer) server = mer_test_server_start ("--protocol gemini");
      g_autoptr (MerTestBackend) bench
          = mer_test_backend_new ("mergemini", server->uri, table[i]);
      g_autoptr (MerResult) result
          = mer_test_backend_ask (bench, mer_test_sample (0, 3, 0.5, "hello you"));
      g_autoptr (GPtrArray) log = mer_test_server_read_log (server);
      JsonNode *line = g_ptr_array_index (log, 0);

      if (mer_result_get_outcome (result) != GOOD)
        fail_msg ("%s: %s", table[i], mer_result_get_detail (result));
      assert_true (g_str_has_prefix (mer_result_get_text (result), "{"));
      assert_true (mer_result_get_usage (result).input > 0);
      assert_true (mer_result_get_usage (result).input_image > 0);
      assert_true (mer_result_get_usage (result).input_audio > 0);
      assert_true (mer_result_get_usage (result).output > 0);
      assert_non_null (mer_json_node_path (line, "frames", "2", NULL));
      assert_non_null (mer_json_node_path (line, "audio", "0", NULL));
      assert_non_null (strstr (mer_json_node_string (line, "text"), "hello you"));
    }
}

/* the model's name is taken from the server where it serves one */
static void
test_served (void **state)
{
  g_autoptr (MerTestServer) server
      = mer_test_server_start ("--protocol gemini --model gemini-x");
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new ("mergemini", server->uri, "model=");
  g_autoptr (MerResult) result
      = mer_test_backend_ask (bench, mer_test_sample (0, 1, 0, "hi"));

  assert_int_equal (mer_result_get_outcome (result), GOOD);
  assert_string_equal (mer_result_get_model (result), "models/gemini-x");
}

/* where a request goes, and how it carries its key */
static void
test_address (void **state)
{
#define VERTEX                                                                             \
  "https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/europe-west1/"   \
  "publishers/google"
#define USUAL_URI "https://generativelanguage.googleapis.com/v1beta"
  static const struct
  {
    const char *uri;
    const char *properties;
    const char *path;
    const char *header;
    const char *prefix;
  } table[] = {
    { NULL, "model=gemini-x", "models/gemini-x:generateContent", "x-goog-api-key", "" },
    { USUAL_URI, "model=models/gemini-x stream=true",
      "models/gemini-x:streamGenerateContent?alt=sse", "x-goog-api-key", "" },
    { USUAL_URI, "model=tunedModels/y", "tunedModels/y:generateContent", "x-goog-api-key",
      "" },
    { USUAL_URI, "model=a?b#c", "models/a%3Fb%23c:generateContent", "x-goog-api-key", "" },
    { VERTEX, "model=gemini-x", "models/gemini-x:generateContent", "Authorization",
      "Bearer " },
    { VERTEX, "model=gemini-x auth=key", "models/gemini-x:generateContent",
      "x-goog-api-key", "" },
    { "http://127.0.0.1:9/v1", "model=gemini-x auth=bearer",
      "models/gemini-x:generateContent", "Authorization", "Bearer " },
    { "https://aiplatform.googleapis.com.example.org/v1", "model=gemini-x",
      "models/gemini-x:generateContent", "x-goog-api-key", "" },
  };

  g_setenv ("MER_TEST_API_KEY", "sesame-of-tests", TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *properties
          = g_strconcat ("api-key-env=MER_TEST_API_KEY ", table[i].properties, NULL);
      g_autoptr (MerTestBackend) bench
          = mer_test_backend_new ("mergemini", table[i].uri, properties);
      MerBackend *backend = MER_BACKEND (bench->element);
      g_autofree char *path = MER_BACKEND_GET_CLASS (backend)->dup_path (backend);
      MerCall call = { 0 };

      mer_backend_init_call (backend, &call);
      assert_string_equal (path, table[i].path);
      assert_string_equal (call.key_header, table[i].header);
      assert_string_equal (call.key_prefix, table[i].prefix);
      assert_string_equal (mer_caller_get_address (mer_backend_get_caller (backend)),
                           table[i].uri != NULL ? table[i].uri : USUAL_URI);
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_requests), cmocka_unit_test (test_word),
    cmocka_unit_test (test_whole),    cmocka_unit_test (test_replies),
    cmocka_unit_test (test_faults),   cmocka_unit_test (test_sent),
    cmocka_unit_test (test_served),   cmocka_unit_test (test_address),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
