/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include "support/mer-test-backend.h"

#define GOOD MER_OUTCOME_ANSWERED
#define BAD MER_OUTCOME_API_FAILED

/* what the server finds in a request */
static void
test_request (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("");
  g_autoptr (MerTestBackend) bench = mer_test_backend_new (
      "meropenai", server->uri, "answer-format=json-schema seed=7 draw=2");
  g_autoptr (MerResult) result
      = mer_test_backend_ask (bench, mer_test_sample (0, 3, 0.5, "hello you"));
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
      g_autoptr (MerTestBackend) bench
          = mer_test_backend_new ("meropenai", server->uri, table[i].properties);
      g_autoptr (MerResult) result = mer_test_backend_ask (
          bench,
          mer_test_sample (0, table[i].n_frames, table[i].seconds, table[i].subtitle));
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
      g_autoptr (MerTestBackend) bench = mer_test_backend_new_closed (
          "meropenai", "http://127.0.0.1:9/v1", table[i].properties);

      assert_int_equal (gst_element_set_state (bench->element, GST_STATE_PAUSED),
                        GST_STATE_CHANGE_FAILURE);
      g_autofree char *error = mer_test_backend_pop_error (bench, 0);
      if (error == NULL || strstr (error, table[i].error) == NULL)
        fail_msg ("%s: “%s”", table[i].properties, error);
      assert_true (error != NULL && strstr (error, "secret") == NULL);
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
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new ("meropenai", server->uri, properties);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (MerResult) result
          = mer_test_backend_ask (bench, mer_test_sample (i, i + 1, 0, NULL));
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
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new ("meropenai", server->uri, "api-key-env=MER_TEST_API_KEY");
  gst_harness_push (bench->harness,
                    mer_buffer_new_sample (mer_test_sample (0, 1, 0, NULL)));
  g_autoptr (GstMessage) message
      = gst_bus_timed_pop_filtered (bench->bus, 20 * GST_SECOND, GST_MESSAGE_ERROR);
  g_autoptr (GPtrArray) log = mer_test_server_read_log (server);
  g_autoptr (GPtrArray) others = mer_test_server_read_log (other);

  assert_non_null (message);
  assert_int_equal (log->len, 1);
  assert_int_equal (others->len, 0);
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
      g_autoptr (MerTestBackend) bench
          = mer_test_backend_new ("meropenai", server->uri, properties);
      g_autoptr (MerResult) good
          = mer_test_backend_ask (bench, mer_test_sample (0, 1, 0, NULL));
      g_autoptr (MerResult) other
          = mer_test_backend_ask (bench, mer_test_sample (1, 2, 0, NULL));

      assert_int_equal (mer_result_get_outcome (good), GOOD);
      assert_int_equal (mer_result_get_from_journal (good), round > 0);
      if (first == NULL)
        first = g_strdup (mer_result_get_text (good));
      assert_string_equal (mer_result_get_text (good), first);
      assert_int_equal (mer_result_get_outcome (other), round == 0 ? BAD : GOOD);
      assert_int_equal (mer_result_get_from_journal (other), round == 2);
    }
  g_autoptr (GPtrArray) log = mer_test_server_read_log (server);
  assert_int_equal (log->len, 3);
}

/* connections are kept, and one that the server closed meanwhile costs no attempt */
static void
test_stale (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--fault stale:1:1");
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new ("meropenai", server->uri, "max-in-flight=1");
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (MerResult) result
          = mer_test_backend_ask (bench, mer_test_sample (i, 1, 0, NULL));

      assert_int_equal (mer_result_get_outcome (result), GOOD);
      assert_int_equal (mer_result_get_attempts (result), 1);
    }
}

/* a server that is not up yet, as vLLM while it loads */
static void
test_refused (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--listen-after-ms 150");
  mer_retry_set_time_scale (0.3);
  g_autoptr (MerTestBackend) bench = mer_test_backend_new ("meropenai", server->uri, NULL);
  g_autoptr (MerResult) result
      = mer_test_backend_ask (bench, mer_test_sample (0, 1, 0, NULL));
  assert_int_equal (mer_result_get_outcome (result), GOOD);
  assert_true (mer_result_get_attempts (result) > 1);
  mer_retry_set_time_scale (0.01);
}

/* where nobody names a model, the server does */
static void
test_probe (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--model served");
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new ("meropenai", server->uri, "model=''");
  g_autoptr (MerResult) result
      = mer_test_backend_ask (bench, mer_test_sample (0, 1, 0, NULL));
  assert_int_equal (mer_result_get_outcome (result), GOOD);
  assert_string_equal (mer_result_get_model (result), "served");
}

static void
test_usage_and_cost (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--fault usage-full");
  g_autoptr (MerTestBackend) bench = mer_test_backend_new (
      "meropenai", server->uri, "price-input=2 price-input-cached=0.5 price-output=10");
  g_autoptr (MerResult) result
      = mer_test_backend_ask (bench, mer_test_sample (0, 1, 0, NULL));
  MerUsage usage = mer_result_get_usage (result);
  assert_int_equal (usage.input, 200);
  assert_int_equal (usage.input_cached, 1000);
  assert_int_equal (usage.input_audio, 40);
  assert_int_equal (usage.input_image, 100);
  assert_int_equal (usage.output, 70);
  assert_int_equal (usage.reasoning, 50);
  assert_float_equal (mer_result_get_cost (result), (200 * 2 + 1000 * 0.5 + 70 * 10) / 1e6,
                      1e-12);
}

/* two stages ask one address: its limit holds for both together */
static void
test_shared_limit (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--latency-ms 20");
  MerTestBackend *benches[2];
  double most = 0;

  for (guint b = 0; b < 2; b++)
    {
      benches[b] = mer_test_backend_new ("meropenai", server->uri,
                                         "endpoint-limit=3 max-in-flight=8");
      for (guint i = 0; i < 8; i++)
        gst_harness_push (benches[b]->harness,
                          mer_buffer_new_sample (mer_test_sample (i, 1 + b, 0, NULL)));
    }
  for (guint b = 0; b < 2; b++)
    {
      for (guint i = 0; i < 8; i++)
        gst_buffer_unref (gst_harness_pull (benches[b]->harness));
      mer_test_backend_free (benches[b]);
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
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new ("meropenai", server->uri, "timeout=60 max-in-flight=4");
  for (guint i = 0; i < 4; i++)
    gst_harness_push (bench->harness,
                      mer_buffer_new_sample (mer_test_sample (i, 1, 0, NULL)));
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
  };

  g_setenv ("MER_TEST_API_KEY", "sk-test-0123456789", TRUE);
  gst_init (&argc, &argv);
  mer_retry_set_time_scale (0.01);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
