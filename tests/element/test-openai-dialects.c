/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* every dialect against a server that is as strict as its model, and what goes with a
 * request besides its body */
#include "support/mer-test.h"

#include <glib/gstdio.h>
#include <string.h>

#include "support/mer-test-backend.h"

/* transfer full: a sample whose file is there */
static MerSample *
make_sample (const char *path)
{
  g_autofree char *content = NULL;
  gsize length = 0;

  assert_true (g_file_get_contents (path, &content, &length, NULL));
  g_autofree char *hash
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) content, length);
  return mer_test_sample_with_clip (path, hash);
}

static char *clip_path;

#define AUDIO MER_MODALITY_AUDIO
#define VIDEO MER_MODALITY_VIDEO
#define TEXT MER_MODALITY_TEXT

/* what modalities=auto comes to */
static const struct
{
  const char *dialect;
  const char *model;
  guint shown;
  gboolean takes_whole;
  gboolean thinks;
} dialects[] = {
  { "openai", "gpt-4o model-modalities=video+text", VIDEO | TEXT, FALSE, TRUE },
  { "responses", "gpt-4o", VIDEO | TEXT, FALSE, TRUE },
  { "vllm", "m", AUDIO | VIDEO | TEXT, TRUE, TRUE },
  { "sglang", "m", AUDIO | VIDEO | TEXT, TRUE, TRUE },
  { "lmdeploy", "m", AUDIO | VIDEO | TEXT, TRUE, TRUE },
  /* takes whole files with ffmpeg beside it: test-llama-server.py */
  { "llamacpp", "m", AUDIO | VIDEO | TEXT, FALSE, TRUE },
  { "lmstudio", "m", VIDEO | TEXT, FALSE, FALSE },
  { "dashscope", "qwen3-omni-flash", AUDIO | VIDEO | TEXT, TRUE, TRUE },
  { "zhipu", "glm-4.5v", VIDEO | TEXT, TRUE, TRUE },
  { "moonshot", "kimi-k2.5", VIDEO | TEXT, TRUE, TRUE },
  { "stepfun", "step-1o-audio", AUDIO | VIDEO | TEXT, FALSE, FALSE },
  { "deepseek", "deepseek-chat", TEXT, FALSE, TRUE },
  { "openrouter", "m", AUDIO | VIDEO | TEXT, TRUE, TRUE },
};

static guint n_asked, n_good;

static void
check_answer (gsize row, const char *properties, guint shown)
{
  const char *dialect = dialects[row].dialect;
  gboolean is_responses = g_str_equal (dialect, "responses");
  g_autofree char *arguments = is_responses ? g_strdup ("--protocol responses")
                                            : g_strdup_printf ("--dialect %s", dialect);
  g_autofree char *all = g_strdup_printf ("dialect=%s model=%s %s", dialect,
                                          dialects[row].model, properties);
  g_autoptr (MerTestServer) server = mer_test_server_start (arguments);
  g_autoptr (MerTestBackend) bench = mer_test_backend_new ("meropenai", server->uri, all);
  g_autoptr (MerResult) result = mer_test_backend_ask (bench, make_sample (clip_path));
  if (result == NULL || mer_result_get_outcome (result) != MER_OUTCOME_ANSWERED)
    print_error ("%s: %s\n", all,
                 result != NULL ? mer_result_get_detail (result) : "no result at all");
  else if (shown != 0 && mer_result_get_shown (result) != shown)
    print_error ("%s: shows %u\n", all, mer_result_get_shown (result));
  else if (mer_result_get_usage (result).input < 0)
    print_error ("%s: no usage\n", all);
  else
    n_good++;
  n_asked++;
}

static void
test_answers (void **state)
{
  static const char *const ways[]
      = { "answer-format=json-object", "answer-format=json-schema", "stream=true",
          "modalities=text", "seed=-1 temperature=0.5" };

  for (gsize i = 0; i < G_N_ELEMENTS (dialects); i++)
    {
      check_answer (i, "", dialects[i].shown);
      for (gsize w = 0; w < G_N_ELEMENTS (ways); w++)
        check_answer (i, ways[w], 0);
      if (dialects[i].thinks)
        {
          check_answer (i, "thinking=off", 0);
          check_answer (i, "thinking=on", 0);
        }
      if (dialects[i].takes_whole)
        check_answer (i, "video-as=whole", dialects[i].shown);
    }
  assert_int_equal (n_good, n_asked);
}

/* a file that is not the one the manifest describes is not shown */
static void
test_changed_clip (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("");
  g_autofree char *path = g_strconcat (clip_path, "-changed", NULL);
  assert_true (g_file_set_contents (path, "one", -1, NULL));
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new ("meropenai", server->uri, "dialect=vllm video-as=whole");
  MerSample *sample = make_sample (path);
  assert_true (g_file_set_contents (path, "two", -1, NULL));
  gst_harness_push (bench->harness, mer_buffer_new_sample (sample));
  g_autoptr (GstBuffer) out = gst_harness_pull (bench->harness);
  MerResult *result = mer_sample_find_result (mer_buffer_get_sample (out), "ask");
  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_DECODE_FAILED);
  g_unlink (path);
}

/* a server that keeps the head of each request, and refuses it */
typedef struct
{
  GSocketListener *listener;
  GCancellable *cancellable;
  GString *heads;
} Refuser;

static void
refuse (Refuser *self, GSocketConnection *connection)
{
  static const char reply[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
                              "Connection: close\r\n\r\n";
  g_autoptr (GDataInputStream) input
      = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  gsize length = 0;

  g_data_input_stream_set_newline_type (input, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
  for (;;)
    {
      g_autofree char *line = g_data_input_stream_read_line (input, NULL, NULL, NULL);

      if (line == NULL || *line == '\0')
        break;
      g_string_append_printf (self->heads, "%s\n", line);
      if (g_ascii_strncasecmp (line, "content-length:", 15) == 0)
        length = (gsize) g_ascii_strtoull (line + 15, NULL, 10);
    }
  for (gssize n = 1; length > 0 && n > 0; length -= (gsize) n)
    n = g_input_stream_skip (G_INPUT_STREAM (input), length, NULL, NULL);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                             reply, sizeof reply - 1, NULL, NULL, NULL);
}

static gpointer
refuse_all (gpointer data)
{
  Refuser *self = data;

  for (;;)
    {
      g_autoptr (GSocketConnection) connection
          = g_socket_listener_accept (self->listener, NULL, self->cancellable, NULL);

      if (connection == NULL)
        return NULL;
      refuse (self, connection);
    }
}

static char *
dup_head (const char *path, const char *properties)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree char *uri = g_strdup_printf ("http://127.0.0.1:%u%s", port, path);
  Refuser refuser = { listener, cancellable, g_string_new (NULL) };
  GThread *thread = g_thread_new ("refuser", refuse_all, &refuser);
  g_autoptr (MerTestBackend) bench = mer_test_backend_new ("meropenai", uri, properties);
  g_autoptr (MerResult) result = mer_test_backend_ask (bench, make_sample (clip_path));
  assert_non_null (result);
  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_API_FAILED);
  g_cancellable_cancel (cancellable);
  g_thread_join (thread);
  return g_string_free (refuser.heads, FALSE);
}

static void
test_heads (void **state)
{
  static const struct
  {
    const char *path;
    const char *properties;
    const char *line; /* of the request's head, ends of lines around it */
    const char *not_there;
  } table[] = {
    { "/v1", "dialect=openai api-key-env=MER_TEST_API_KEY",
      "\nAuthorization: Bearer sk-test-0123456789\n", "\napi-key:" },
    { "/v1", "dialect=responses modalities=video", "POST /v1/responses HTTP/1.1\n",
      "\nAuthorization:" },
    { "/openai/deployments/d?api-version=1", "dialect=azure api-key-env=MER_TEST_API_KEY",
      "POST /openai/deployments/d/chat/completions?api-version=1 HTTP/1.1\n",
      "\nAuthorization:" },
    { "/v1", "dialect=azure api-key-env=MER_TEST_API_KEY",
      "\napi-key: sk-test-0123456789\n", "Bearer" },
    { "/v1", "headers='{\"OpenAI-Organization\":\"org-1\",\"X-Title\":\"mer\"}'",
      "\nOpenAI-Organization: org-1\n", "\nAuthorization:" },
    { "/v1", "headers='{\"OpenAI-Organization\":\"org-1\",\"X-Title\":\"mer\"}'",
      "\nX-Title: mer\n", "\nAuthorization:" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *head = dup_head (table[i].path, table[i].properties);

      if (strstr (head, table[i].line) == NULL || strstr (head, table[i].not_there) != NULL)
        fail_msg ("%s:\n%s", table[i].properties, head);
    }
}

/* a hosted service is asked only by those who name a key for it */
static void
test_usual_address (void **state)
{
  static const struct
  {
    const char *dialect;
    const char *key;
    const char *error;
  } table[] = {
    { "openrouter", NULL, "or api-key-env, for https://openrouter.ai/api/v1" },
    { "dashscope", "", "or api-key-env, for https://dashscope.aliyuncs.com" },
    { "vllm", "MER_TEST_API_KEY", "uri: set the server's address" },
    { "openai", "MER_TEST_API_KEY", NULL },
    { "deepseek", "MER_TEST_API_KEY", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GstElement) element
          = gst_object_ref_sink (gst_element_factory_make ("meropenai", NULL));
      g_autoptr (GError) error = NULL;

      gst_util_set_object_arg (G_OBJECT (element), "dialect", table[i].dialect);
      g_object_set (element, "api-key-env", table[i].key, NULL);
      gboolean opened
          = MER_ORDERED_GET_CLASS (element)->open (MER_ORDERED (element), &error);
      assert_int_equal (opened, table[i].error == NULL);
      if (table[i].error != NULL && strstr (error->message, table[i].error) == NULL)
        fail_msg ("%s: “%s”", table[i].dialect, error->message);
      MER_ORDERED_GET_CLASS (element)->close (MER_ORDERED (element));
    }
}

static int
make_clip (void **state)
{
  g_autoptr (GError) error = NULL;
  int file = g_file_open_tmp ("mer-clip-XXXXXX.mp4", &clip_path, &error);
  static const char head[] = "\0\0\0\030ftypmp42\0\0\0\0mp42isom\0\0\0\010mdat";

  mer_test_assert_no_error (error);
  g_close (file, NULL);
  return g_file_set_contents (clip_path, head, sizeof head - 1, NULL) ? 0 : 1;
}

static int
remove_clip (void **state)
{
  g_unlink (clip_path);
  g_clear_pointer (&clip_path, g_free);
  return 0;
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_answers),
    cmocka_unit_test (test_changed_clip),
    cmocka_unit_test (test_heads),
    cmocka_unit_test (test_usual_address),
  };

  g_setenv ("MER_TEST_API_KEY", "sk-test-0123456789", TRUE);
  gst_init (&argc, &argv);
  mer_retry_set_time_scale (0.01);
  return cmocka_run_group_tests (tests, make_clip, remove_clip);
}
