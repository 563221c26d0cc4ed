/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <gst/check/gstharness.h>

#include <string.h>

#include "support/mer-test-sample.h"

/* one element on a harness, with a bus of its own */
typedef struct
{
  GstElement *element;
  GstHarness *harness;
  GstBus *bus;
} Bench;

static void
set_properties (GstElement *element, const char *properties)
{
  g_auto (GStrv) parts = NULL;

  if (properties == NULL || !g_shell_parse_argv (properties, NULL, &parts, NULL))
    return;
  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *equals = strchr (parts[i], '=');

      *equals = '\0';
      gst_util_set_object_arg (G_OBJECT (element), parts[i], equals + 1);
    }
}

static void
bench_init (Bench *bench, const char *uri, const char *properties)
{
  bench->element = gst_object_ref_sink (gst_element_factory_make ("meropenai", "ask"));
  g_object_set (bench->element, "uri", uri, "model", "m", "timeout", 30., NULL);
  set_properties (bench->element, properties);
  bench->bus = gst_bus_new ();
  gst_element_set_bus (bench->element, bench->bus);
  bench->harness = gst_harness_new_with_element (bench->element, "sink", "src");
  gst_harness_set_src_caps_str (bench->harness, MER_SAMPLE_CAPS);
}

static void
bench_clear (Bench *bench)
{
  gst_harness_teardown (bench->harness);
  gst_element_set_bus (bench->element, NULL);
  gst_object_unref (bench->bus);
  gst_object_unref (bench->element);
}

static char *
pop_error (Bench *bench)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (bench->bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message == NULL)
    return NULL;
  gst_message_parse_error (message, &error, NULL);
  return g_strdup (error->message);
}

/* transfer full; NULL where the graph was stopped first */
static MerResult *
ask (Bench *bench, MerSample *sample)
{
  g_autoptr (GstBuffer) out = NULL;

  gst_harness_push (bench->harness, mer_buffer_new_sample (sample));
  out = gst_harness_pull (bench->harness);
  if (out == NULL)
    return NULL;
  return mer_result_ref (mer_sample_find_result (mer_buffer_get_sample (out), "ask"));
}

typedef struct
{
  const char *fault;
  MerOutcome outcome;
  const char *text;
  const char *detail; /* is part of the detail, or of the ERROR where `fatal` */
  guint attempts;
  gboolean fatal;
  const char *properties;
  const char *reasoning;
} Case;

#define GOOD MER_OUTCOME_ANSWERED
#define BAD MER_OUTCOME_API_FAILED

static const Case cases[] = {
  /* tried again, then good; the server's own answer is a list of words */
  { "429:2", GOOD, NULL, NULL, 3 },
  { "429-after:1", GOOD, NULL, NULL, 2 },
  { "429-ms:1", GOOD, NULL, NULL, 2 },
  { "429-date:1", GOOD, NULL, NULL, 2 },
  { "429-reset:1", GOOD, NULL, NULL, 2 },
  { "429-text:1", GOOD, NULL, NULL, 2 },
  { "429-gemini:1", GOOD, NULL, NULL, 2 },
  { "500:2", GOOD, NULL, NULL, 3 },
  { "502-html:1", GOOD, NULL, NULL, 2 },
  { "503-empty:1", GOOD, NULL, NULL, 2 },
  { "529:1", GOOD, NULL, NULL, 2 },
  { "503-loading:3", GOOD, NULL, NULL, 1 },
  { "close:1", GOOD, NULL, NULL, 2 },
  { "reset:1", GOOD, NULL, NULL, 2 },
  { "truncated:1", GOOD, NULL, NULL, 2 },
  { "chunk-cut:1", GOOD, NULL, NULL, 2 },
  { "200-empty:1", GOOD, NULL, NULL, 2 },
  { "200-spaces:1", GOOD, NULL, NULL, 2 },
  { "200-half:1", GOOD, NULL, NULL, 2 },
  { "200-error:1", GOOD, NULL, NULL, 2 },
  { "finish-error:1", GOOD, NULL, NULL, 2 },
  { "hang:1", GOOD, NULL, NULL, 2, FALSE, "timeout=0.3" },
  /* tried again in vain */
  { "429", BAD, NULL, "6 attempts failed, the last: ", 6 },
  { "500", BAD, NULL, "3 attempts failed, the last: ", 3 },
  { "502-html", BAD, NULL, "HTTP status 502: <html><head><title>502 Bad Gateway", 3 },
  { "drip", BAD, NULL, "no complete answer within 0.3 s", 3, FALSE, "timeout=0.3" },
  { "hang", BAD, NULL, "no complete answer within 0.3 s", 3, FALSE, "timeout=0.3" },
  { "200-html", BAD, NULL, "the server's answer", 3 },
  { "503-loading", BAD, NULL, "still not ready after", 0, FALSE, "patience=0.2" },
  /* never tried again */
  { "429-after-long", BAD, NULL, "the server asks to wait 3600 s", 1 },
  { "429-too-large", BAD, NULL, "Request too large", 1 },
  { "500-mmproj", BAD, NULL, "image input is not supported", 1 },
  { "500-parse", BAD, NULL, "json.exception.parse_error", 1 },
  { "400-array", BAD, NULL, "HTTP status 400, missing: field required", 1 },
  { "400-flat", BAD, NULL, "bad request", 1 },
  { "400-string", BAD, NULL, "model does not support images", 1 },
  { "400-dashscope", BAD, NULL, "InvalidParameter: bad parameter", 1 },
  { "400-context", BAD, NULL, "exceeds the available context size", 1 },
  { "413", BAD, NULL, "HTTP status 413", 1 },
  { "501", BAD, NULL, "Not implemented", 1 },
  { "gzip-bomb", BAD, NULL, "exceeds 33554432 bytes", 1, FALSE, "timeout=60" },
  { "huge", BAD, NULL, "exceeds 33554432 bytes", 1, FALSE, "timeout=60" },
  { "choices-object", BAD, NULL, "/choices/0/message", 1 },
  { "choices-null", BAD, NULL, "/choices/0/message", 1 },
  { "choices-none", BAD, NULL, "/choices/0/message", 3 },
  { "content-number", BAD, NULL, "neither text nor a list", 1 },
  /* hopeless for everybody: the run stops with one message */
  { "401", BAD, NULL, "HTTP status 401", 1, TRUE },
  { "402", BAD, NULL, "Insufficient Balance", 1, TRUE },
  { "403", BAD, NULL, "Country not supported", 1, TRUE },
  { "404-model", BAD, NULL, "does not exist", 1, TRUE },
  { "429-quota", BAD, NULL, "exceeded your current quota", 1, TRUE },
  { "429-per-day", BAD, NULL, "PerDay", 1, TRUE },
  { "500-cuda", BAD, NULL, "CUDA out of memory", 1, TRUE },
  { "200-error-401", BAD, NULL, "No auth", 1, TRUE },
  { "302", BAD, NULL, "redirect (HTTP status 302) to /elsewhere", 1, TRUE },
  { "307", BAD, NULL, "redirect (HTTP status 307) to /elsewhere", 1, TRUE },
  /* outcomes that are no failures */
  { "refusal", MER_OUTCOME_REFUSED, "I can't help.", "declined", 1 },
  { "filtered", MER_OUTCOME_FILTERED, "", "content filter", 1 },
  { "400-filter", MER_OUTCOME_FILTERED, NULL, "content_filter", 1 },
  { "400-blocked", MER_OUTCOME_FILTERED, NULL, "blocked", 1 },
  { "length", MER_OUTCOME_TRUNCATED, "{\"labels\": [\"hap", "max-tokens", 1 },
  { "length-empty", MER_OUTCOME_TRUNCATED, "", "max-tokens", 1 },
  { "content-null", MER_OUTCOME_UNPARSEABLE, "", "the answer is empty", 1 },
  /* odd but good */
  { "blank-lines", GOOD, "[happy]", NULL, 1 },
  { "content-parts", GOOD, "[happy]", NULL, 1 },
  { "usage-null", GOOD, "[happy]", NULL, 1 },
  { "usage-none", GOOD, "[happy]", NULL, 1 },
  { "bad-utf8", GOOD, "[happy] \357\277\275\357\277\275", NULL, 1 },
  { "surrogate", GOOD, "[happy] \357\277\275", NULL, 1 },
  /* reasoning stays apart */
  { "think", GOOD, "[happy]", NULL, 1, FALSE, NULL, "sad? no" },
  { "think-no-open", GOOD, "[happy]", NULL, 1, FALSE, NULL, "sad? no" },
  { "think-nested", GOOD, "[happy]", NULL, 1, FALSE, NULL, "sad <think>angry</think> no" },
  { "think-unclosed", MER_OUTCOME_TRUNCATED, "", NULL, 1, FALSE, NULL, "sad? or" },
  { "reasoning-content", GOOD, "[happy]", NULL, 1, FALSE, NULL, "sad? no" },
  { "reasoning-only", MER_OUTCOME_TRUNCATED, "", NULL, 1, FALSE, NULL, "it is [sad]" },
  /* streams */
  { "sse-crlf", GOOD, "[happy]", NULL, 1, FALSE, "stream=true" },
  { "sse-comments", GOOD, "[happy]", NULL, 1, FALSE, "stream=true" },
  { "sse-lines", GOOD, "[happy]", NULL, 1, FALSE, "stream=true" },
  { "sse-no-done", GOOD, "[happy]", NULL, 1, FALSE, "stream=true" },
  { "sse-done-only", GOOD, "[happy]", NULL, 1, FALSE, "stream=true" },
  { "sse-no-last-line", GOOD, "[happy]", NULL, 1, FALSE, "stream=true" },
  { "sse-utf8", GOOD, "[déçu, 喜]", NULL, 1, FALSE, "stream=true" },
  { "sse-usage", GOOD, "[happy]", NULL, 1, FALSE, "stream=true" },
  { "sse-bytes", GOOD, NULL, NULL, 1, FALSE, "stream=true" },
  { "sse-broken:1", GOOD, NULL, NULL, 2, FALSE, "stream=true" },
  { "sse-error:1", GOOD, NULL, NULL, 2, FALSE, "stream=true" },
  { "sse-broken", BAD, NULL, "broke off", 3, FALSE, "stream=true" },
  /* a server that wants the request otherwise */
  { "stream-only", GOOD, NULL, NULL, 1 },
  { "no-max-tokens", GOOD, NULL, NULL, 1, FALSE, "token-limit-key=max-tokens" },
  { "no-temperature", GOOD, NULL, NULL, 1 },
  /* hostile */
  { "nested", BAD, NULL, "the server's answer", 1 },
  { "twice", BAD, NULL, "the server's answer", 3 },
  { "huge-number", BAD, NULL, "the server's answer", 3 },
  { "nul", BAD, NULL, "", 0 },
  { "duplicate-keys", BAD, NULL, "", 0 },
};

static void
check_failed_graph (Bench *bench, const Case *wanted)
{
  g_autofree char *error = pop_error (bench);

  if (error == NULL || strstr (error, wanted->detail) == NULL)
    fail_msg ("%s: the ERROR is “%s”", wanted->fault, error);
}

static void
check_result (Bench *bench, const Case *wanted, MerResult *result)
{
  const char *detail = mer_result_get_detail (result);
  const char *text = mer_result_get_text (result);
  g_autofree char *error = pop_error (bench);

  if (error != NULL)
    fail_msg ("%s: ERROR %s", wanted->fault, error);
  if (mer_result_get_outcome (result) != wanted->outcome)
    fail_msg ("%s: outcome is %s: %s", wanted->fault,
              mer_outcome_to_string (mer_result_get_outcome (result)), detail);
  if (wanted->text != NULL && g_strcmp0 (text, wanted->text) != 0)
    fail_msg ("%s: text is “%s”", wanted->fault, text);
  if (wanted->text == NULL && wanted->outcome == GOOD && (text == NULL || *text == '\0'))
    fail_msg ("%s: there is no text", wanted->fault);
  if (wanted->detail != NULL && (detail == NULL || strstr (detail, wanted->detail) == NULL))
    fail_msg ("%s: detail is “%s”", wanted->fault, detail);
  if (wanted->attempts > 0 && mer_result_get_attempts (result) != wanted->attempts)
    fail_msg ("%s: %u attempts", wanted->fault, mer_result_get_attempts (result));
  if (g_strcmp0 (mer_result_get_reasoning (result), wanted->reasoning) != 0)
    fail_msg ("%s: reasoning is “%s”", wanted->fault, mer_result_get_reasoning (result));
}

static void
test_faults (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      /* these two are held to no particular result, only to end well */
      gboolean any = cases[i].attempts == 0 && *cases[i].detail == '\0';
      g_autofree char *arguments = g_strdup_printf ("--fault %s", cases[i].fault);
      g_autoptr (MerTestServer) server = mer_test_server_start (arguments);
      Bench bench;

      bench_init (&bench, server->uri, cases[i].properties);
      gst_harness_push (bench.harness,
                        mer_buffer_new_sample (mer_test_sample (0, 2, 0.5, "hello")));
      g_autoptr (GstMessage) message = NULL;
      if (cases[i].fatal)
        {
          message
              = gst_bus_timed_pop_filtered (bench.bus, 20 * GST_SECOND, GST_MESSAGE_ERROR);
          assert_non_null (message);
          gst_bus_post (bench.bus, g_steal_pointer (&message));
          check_failed_graph (&bench, &cases[i]);
        }
      else
        {
          g_autoptr (GstBuffer) out = gst_harness_pull (bench.harness);
          MerResult *result = mer_sample_find_result (mer_buffer_get_sample (out), "ask");

          if (!any)
            check_result (&bench, &cases[i], result);
        }
      bench_clear (&bench);
    }
}

/* what the server finds in a request */
static void
test_request (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("");
  Bench bench;

  bench_init (&bench, server->uri, "answer-format=json-schema seed=7 draw=2");
  g_autoptr (MerResult) result = ask (&bench, mer_test_sample (0, 3, 0.5, "hello you"));
  g_autoptr (GPtrArray) log = mer_test_server_read_log (server);

  assert_int_equal (mer_result_get_outcome (result), GOOD);
  assert_true (g_str_has_prefix (mer_result_get_text (result), "{\"labels\": [\""));
  assert_string_equal (mer_result_get_model (result), "m");
  assert_int_equal (mer_result_get_shown (result), MER_MODALITY_ALL);
  assert_true (mer_result_get_usage (result).input > 3 * 85);
  assert_int_equal (log->len, 1);

  JsonNode *line = g_ptr_array_index (log, 0);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *index = g_strdup_printf ("%u", i);
      JsonNode *frame = mer_json_node_path (line, "frames", index, NULL);

      assert_int_equal (mer_json_node_number (frame, "width", 0), 64);
      assert_int_equal (mer_json_node_number (frame, "height", 0), 48);
      assert_float_equal (mer_json_node_number (frame, "red", -1), 10 * i, 2);
    }
  assert_null (mer_json_node_path (line, "frames", "3", NULL));
  JsonNode *audio = mer_json_node_path (line, "audio", "0", NULL);
  assert_float_equal (mer_json_node_number (audio, "seconds", 0), 0.5, 1e-9);
  assert_int_equal (mer_json_node_number (audio, "rate", 0), 16000);
  assert_non_null (strstr (mer_json_node_string (line, "text"), "hello you"));
  assert_string_equal (mer_json_node_string (line, "key"),
                       mer_result_get_call_key (result));
  bench_clear (&bench);
}

/* what a stage may show decides what is sent, and what is skipped */
static void
test_modalities (void **state)
{
  static const struct
  {
    const char *properties;
    guint n_frames;
    double seconds;
    const char *subtitle;
    MerOutcome outcome;
    guint shown;
    const char *detail;
  } table[] = {
    { "modalities=auto", 2, 1, "hi", GOOD, MER_MODALITY_ALL, NULL },
    { "modalities=video", 2, 1, "hi", GOOD, MER_MODALITY_VIDEO, NULL },
    { "modalities=audio+text", 2, 1, "hi", GOOD, MER_MODALITY_AUDIO | MER_MODALITY_TEXT,
      NULL },
    { "modalities=audio+video", 2, 0, "hi", GOOD, MER_MODALITY_VIDEO, NULL },
    { "modalities=audio", 2, 0, "hi", MER_OUTCOME_SKIPPED, 0,
      "the sample has none of: audio" },
    { "modalities=text", 2, 1, NULL, MER_OUTCOME_SKIPPED, 0,
      "the sample has none of: text" },
    { "modalities=auto require=audio", 2, 0, "hi", MER_OUTCOME_SKIPPED, 0,
      "the sample has no audio, which is required" },
    { "modalities=auto model-modalities=text", 2, 1, "hi", GOOD, MER_MODALITY_TEXT, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (MerTestServer) server = mer_test_server_start ("");
      Bench bench;

      bench_init (&bench, server->uri, table[i].properties);
      g_autoptr (MerResult) result
          = ask (&bench, mer_test_sample (0, table[i].n_frames, table[i].seconds,
                                          table[i].subtitle));
      g_autoptr (GPtrArray) log = mer_test_server_read_log (server);

      assert_int_equal (mer_result_get_outcome (result), table[i].outcome);
      if (table[i].detail != NULL)
        assert_string_equal (mer_result_get_detail (result), table[i].detail);
      assert_int_equal (log->len, table[i].outcome == GOOD ? 1 : 0);
      if (log->len == 1)
        {
          JsonNode *line = g_ptr_array_index (log, 0);

          assert_int_equal (mer_result_get_shown (result), table[i].shown);
          assert_int_equal (mer_json_node_path (line, "frames", "0", NULL) != NULL,
                            (table[i].shown & MER_MODALITY_VIDEO) != 0);
          assert_int_equal (mer_json_node_path (line, "audio", "0", NULL) != NULL,
                            (table[i].shown & MER_MODALITY_AUDIO) != 0);
          assert_int_equal (strstr (mer_json_node_string (line, "text"), "says: hi")
                                != NULL,
                            (table[i].shown & MER_MODALITY_TEXT) != 0);
        }
      bench_clear (&bench);
    }
}

/* what is wrong with the properties is one message before the first call */
static void
test_settings (void **state)
{
  static const struct
  {
    const char *properties;
    const char *error;
  } table[] = {
    { "uri=", "uri: set the server's address" },
    { "uri=localhost:8000", "is no address of a server" },
    { "uri=http://me:secret@host/v1", "holds a password or key" },
    { "uri=http://host/v1?api_key=secret", "holds a password or key" },
    { "api-key-env=HOME", "is not the name of a key's environment variable" },
    { "api-key-env=sk-secret-1234", "“***” is not the name" },
    { "api-key-env=MER_ABSENT_API_KEY", "MER_ABSENT_API_KEY is not set" },
    { "uri=http://example.com/v1 api-key-env=MER_TEST_API_KEY", "without TLS" },
    { "modalities=video model-modalities=text", "takes no video, only text" },
    { "extra=[1]", "this must be a JSON object" },
    { "answer-format=json-schema schema=/nowhere.json", "/nowhere.json" },
    { "prompt=no-such-prompt", "no-such-prompt" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      GstElement *element
          = gst_object_ref_sink (gst_element_factory_make ("meropenai", NULL));
      Bench bench = { .element = element, .bus = gst_bus_new () };

      g_object_set (element, "uri", "http://127.0.0.1:9/v1", NULL);
      set_properties (element, table[i].properties);
      gst_element_set_bus (element, bench.bus);
      assert_int_equal (gst_element_set_state (element, GST_STATE_PAUSED),
                        GST_STATE_CHANGE_FAILURE);
      g_autofree char *error = pop_error (&bench);
      if (error == NULL || strstr (error, table[i].error) == NULL)
        fail_msg ("%s: “%s”", table[i].properties, error);
      assert_true (error != NULL && strstr (error, "secret") == NULL);
      gst_element_set_state (element, GST_STATE_NULL);
      gst_element_set_bus (element, NULL);
      gst_object_unref (bench.bus);
      gst_object_unref (element);
    }
}

/* the key reaches its server and nothing that is kept: results, errors, the journal */
static void
test_key (void **state)
{
  g_autoptr (MerTestServer) server
      = mer_test_server_start ("--key-env MER_TEST_API_KEY --fault key-echo:1:1");
  g_autofree char *folder = g_dir_make_tmp ("mer-key-XXXXXX", NULL);
  g_autofree char *journal = g_build_filename (folder, "j.mer", NULL);
  g_autofree char *properties
      = g_strdup_printf ("api-key-env=MER_TEST_API_KEY journal=%s", journal);
  g_autofree char *data = NULL;
  gsize length = 0;
  Bench bench;

  bench_init (&bench, server->uri, properties);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (MerResult) result = ask (&bench, mer_test_sample (i, i + 1, 0, NULL));
      g_autoptr (JsonNode) json = mer_result_to_json (result);
      g_autofree char *text = json_to_string (json, FALSE);

      assert_int_equal (mer_result_get_outcome (result), i == 0 ? GOOD : BAD);
      assert_null (strstr (text, g_getenv ("MER_TEST_API_KEY")));
      if (i == 1)
        assert_non_null (strstr (text, "Bearer ***"));
    }
  g_autoptr (GPtrArray) log = mer_test_server_read_log (server);
  JsonNode *line = g_ptr_array_index (log, 0);
  JsonNode *authorized = mer_json_node_member (line, "authorized");
  assert_true (authorized != NULL && json_node_get_boolean (authorized));
  bench_clear (&bench);

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *path = g_strconcat (journal, i == 0 ? "" : "-wal", NULL);

      if (!g_file_get_contents (path, &data, &length, NULL))
        continue;
      assert_null (memmem (data, length, g_getenv ("MER_TEST_API_KEY"),
                           strlen (g_getenv ("MER_TEST_API_KEY"))));
      g_clear_pointer (&data, g_free);
    }
}

/* a redirect is refused before anything goes to where it leads */
static void
test_key_stays (void **state)
{
  g_autoptr (MerTestServer) other = mer_test_server_start ("");
  g_autofree char *arguments
      = g_strdup_printf ("--fault 307 --location %s/chat/completions", other->uri);
  g_autoptr (MerTestServer) server = mer_test_server_start (arguments);
  Bench bench;

  bench_init (&bench, server->uri, "api-key-env=MER_TEST_API_KEY");
  gst_harness_push (bench.harness, mer_buffer_new_sample (mer_test_sample (0, 1, 0, NULL)));
  g_autoptr (GstMessage) message
      = gst_bus_timed_pop_filtered (bench.bus, 20 * GST_SECOND, GST_MESSAGE_ERROR);
  g_autoptr (GPtrArray) log = mer_test_server_read_log (server);
  g_autoptr (GPtrArray) others = mer_test_server_read_log (other);

  assert_non_null (message);
  assert_int_equal (log->len, 1);
  assert_int_equal (others->len, 0);
  bench_clear (&bench);
}

/* an answer is paid for once, also in another process's time; failures are tried again */
static void
test_journal (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--fault 400-flat:1:1");
  g_autofree char *folder = g_dir_make_tmp ("mer-journal-XXXXXX", NULL);
  g_autofree char *properties = g_strdup_printf ("journal=%s/j.mer", folder);
  g_autofree char *first = NULL;

  for (guint round = 0; round < 3; round++)
    {
      Bench bench;

      bench_init (&bench, server->uri, properties);
      g_autoptr (MerResult) good = ask (&bench, mer_test_sample (0, 1, 0, NULL));
      g_autoptr (MerResult) other = ask (&bench, mer_test_sample (1, 2, 0, NULL));

      assert_int_equal (mer_result_get_outcome (good), GOOD);
      assert_int_equal (mer_result_get_from_journal (good), round > 0);
      if (first == NULL)
        first = g_strdup (mer_result_get_text (good));
      assert_string_equal (mer_result_get_text (good), first);
      assert_int_equal (mer_result_get_outcome (other), round == 0 ? BAD : GOOD);
      assert_int_equal (mer_result_get_from_journal (other), round == 2);
      bench_clear (&bench);
    }
  g_autoptr (GPtrArray) log = mer_test_server_read_log (server);
  assert_int_equal (log->len, 3);
}

/* connections are kept, and one that the server closed meanwhile costs no attempt */
static void
test_stale (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--fault stale:1:1");
  Bench bench;

  bench_init (&bench, server->uri, "max-in-flight=1");
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (MerResult) result = ask (&bench, mer_test_sample (i, 1, 0, NULL));

      assert_int_equal (mer_result_get_outcome (result), GOOD);
      assert_int_equal (mer_result_get_attempts (result), 1);
    }
  bench_clear (&bench);
}

/* a server that is not up yet, as vLLM while it loads */
static void
test_refused (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--listen-after-ms 150");
  Bench bench;

  mer_retry_set_time_scale (0.3);
  bench_init (&bench, server->uri, NULL);
  g_autoptr (MerResult) result = ask (&bench, mer_test_sample (0, 1, 0, NULL));
  assert_int_equal (mer_result_get_outcome (result), GOOD);
  assert_true (mer_result_get_attempts (result) > 1);
  bench_clear (&bench);
  mer_retry_set_time_scale (0.01);
}

/* where nobody names a model, the server does */
static void
test_probe (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--model served");
  Bench bench;

  bench_init (&bench, server->uri, "model=''");
  g_autoptr (MerResult) result = ask (&bench, mer_test_sample (0, 1, 0, NULL));
  assert_int_equal (mer_result_get_outcome (result), GOOD);
  assert_string_equal (mer_result_get_model (result), "served");
  bench_clear (&bench);
}

static void
test_usage_and_cost (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--fault usage-full");
  Bench bench;

  bench_init (&bench, server->uri, "price-input=2 price-input-cached=0.5 price-output=10");
  g_autoptr (MerResult) result = ask (&bench, mer_test_sample (0, 1, 0, NULL));
  MerUsage usage = mer_result_get_usage (result);
  assert_int_equal (usage.input, 200);
  assert_int_equal (usage.input_cached, 1000);
  assert_int_equal (usage.input_audio, 40);
  assert_int_equal (usage.input_image, 100);
  assert_int_equal (usage.output, 70);
  assert_int_equal (usage.reasoning, 50);
  assert_float_equal (mer_result_get_cost (result), (200 * 2 + 1000 * 0.5 + 70 * 10) / 1e6,
                      1e-12);
  bench_clear (&bench);
}

/* two stages ask one address: its limit holds for both together */
static void
test_shared_limit (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--latency-ms 20");
  Bench benches[2];
  double most = 0;

  for (guint b = 0; b < 2; b++)
    {
      bench_init (&benches[b], server->uri, "endpoint-limit=3 max-in-flight=8");
      for (guint i = 0; i < 8; i++)
        gst_harness_push (benches[b].harness,
                          mer_buffer_new_sample (mer_test_sample (i, 1 + b, 0, NULL)));
    }
  for (guint b = 0; b < 2; b++)
    {
      for (guint i = 0; i < 8; i++)
        gst_buffer_unref (gst_harness_pull (benches[b].harness));
      bench_clear (&benches[b]);
    }
  g_autoptr (GPtrArray) log = mer_test_server_read_log (server);
  assert_int_equal (log->len, 16);
  for (guint i = 0; i < log->len; i++)
    most = MAX (most, mer_json_node_number (g_ptr_array_index (log, i), "active", 0));
  assert_true (most <= 3);
}

/* a stop does not wait for servers */
static void
test_stop_in_flight (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--fault hang");
  Bench bench;

  bench_init (&bench, server->uri, "timeout=60 max-in-flight=4");
  for (guint i = 0; i < 4; i++)
    gst_harness_push (bench.harness,
                      mer_buffer_new_sample (mer_test_sample (i, 1, 0, NULL)));
  bench_clear (&bench);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_request),      cmocka_unit_test (test_modalities),
    cmocka_unit_test (test_settings),     cmocka_unit_test (test_key),
    cmocka_unit_test (test_key_stays),    cmocka_unit_test (test_journal),
    cmocka_unit_test (test_stale),        cmocka_unit_test (test_refused),
    cmocka_unit_test (test_probe),        cmocka_unit_test (test_usage_and_cost),
    cmocka_unit_test (test_shared_limit), cmocka_unit_test (test_stop_in_flight),
    cmocka_unit_test (test_faults),
  };

  g_setenv ("MER_TEST_API_KEY", "sk-test-0123456789", TRUE);
  gst_init (&argc, &argv);
  mer_retry_set_time_scale (0.01);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
