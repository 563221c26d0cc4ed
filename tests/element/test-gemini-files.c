/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* whole videos that are too large for a request */
#include "support/mer-test.h"

#include <string.h>

#include "support/mer-test-backend.h"
#include "support/mer-test-clip.h"

#define UPLOADED                                                                           \
  "video-as=whole inline-limit=500 file-interval=0.02 api-key-env=MER_TEST_API_KEY "

typedef struct
{
  MerTestServer *server;
  MerTestBackend *bench;
  char *path;
} Fixture;

/* no two fixtures have a clip in common: what is uploaded is remembered */
static void
fixture_init (Fixture *fixture, const char *arguments, const char *properties)
{
  static guint8 fill = 'a';
  g_autofree char *line
      = g_strdup_printf ("--protocol gemini --key-env MER_TEST_API_KEY %s", arguments);
  g_autofree char *all = g_strconcat (UPLOADED, properties, NULL);

  fixture->path = mer_test_clip_write (fill++, 2000);
  fixture->server = mer_test_server_start (line);
  fixture->bench = mer_test_backend_new ("mergemini", fixture->server->uri, all);
}

static void
fixture_clear (Fixture *fixture)
{
  mer_test_backend_free (fixture->bench);
  mer_test_server_stop (fixture->server);
  g_remove (fixture->path);
  g_free (fixture->path);
}

static MerResult *
ask (Fixture *fixture, guint64 seq)
{
  return mer_test_backend_ask (fixture->bench,
                               mer_test_clip_sample (seq, fixture->path, 1));
}

static void
check (MerResult *result, MerOutcome outcome, const char *detail)
{
  const char *got = mer_result_get_detail (result);

  if (mer_result_get_outcome (result) != outcome)
    fail_msg ("%s: %s", mer_outcome_to_string (mer_result_get_outcome (result)), got);
  if (detail != NULL && (got == NULL || strstr (got, detail) == NULL))
    fail_msg ("detail: %s", got);
}

/* how many requests went to an address that begins so */
static guint
count_requests (Fixture *fixture, const char *method, const char *path)
{
  g_autoptr (GPtrArray) log = mer_test_server_read_log (fixture->server);
  guint n = 0;

  for (guint i = 0; i < log->len; i++)
    {
      JsonNode *line = g_ptr_array_index (log, i);
      const char *place = mer_json_node_string (line, "path");

      if (g_strcmp0 (mer_json_node_string (line, "method"), method) == 0 && place != NULL
          && g_str_has_prefix (place, path))
        n++;
    }
  return n;
}

/* uploaded once, waited for, shown by its address to every sample that has it */
static void
test_upload (void **state)
{
  Fixture fixture;

  fixture_init (&fixture, "", "video-rate=5");
  for (guint seq = 0; seq < 3; seq++)
    {
      g_autoptr (MerResult) result = ask (&fixture, seq);

      check (result, MER_OUTCOME_ANSWERED, NULL);
    }
  /* the start and the bytes */
  assert_int_equal (count_requests (&fixture, "POST", "/upload/"), 2);
  assert_in_range (count_requests (&fixture, "GET", "/v1beta/files/"), 2, 4);
  assert_int_equal (count_requests (&fixture, "POST", "/v1beta/models/m:"), 3);

  g_autoptr (GPtrArray) log = mer_test_server_read_log (fixture.server);
  JsonNode *last = g_ptr_array_index (log, log->len - 1);
  assert_int_equal (
      mer_json_node_number (mer_json_node_path (last, "video", "0", NULL), "bytes", 0),
      2000);
  /* what it is called on disk is nobody's business */
  g_autofree char *text = mer_test_server_dup_log (fixture.server);
  assert_null (strstr (text, "mer-clip-"));
  fixture_clear (&fixture);
}

/* samples that come at once wait for one upload */
static void
test_at_once (void **state)
{
  Fixture fixture;

  fixture_init (&fixture, "", "max-in-flight=8");
  for (guint seq = 0; seq < 8; seq++)
    gst_harness_push (fixture.bench->harness,
                      mer_buffer_new_sample (mer_test_clip_sample (seq, fixture.path, 1)));
  for (guint seq = 0; seq < 8; seq++)
    {
      g_autoptr (GstBuffer) out = gst_harness_pull (fixture.bench->harness);

      check (mer_sample_find_result (mer_buffer_get_sample (out), "ask"),
             MER_OUTCOME_ANSWERED, NULL);
    }
  assert_int_equal (count_requests (&fixture, "POST", "/upload/"), 2);
  fixture_clear (&fixture);
}

/* up to the limit it goes within the request */
static void
test_inline (void **state)
{
  Fixture fixture;

  fixture_init (&fixture, "", "inline-limit=20000");
  g_autoptr (MerResult) result = ask (&fixture, 0);
  check (result, MER_OUTCOME_ANSWERED, NULL);
  assert_int_equal (count_requests (&fixture, "POST", "/upload/"), 0);
  fixture_clear (&fixture);
}

typedef struct
{
  const char *arguments;
  const char *properties;
  MerOutcome outcome;
  const char *detail;
} Case;

static const Case cases[] = {
  { "--fault file-failed", "", MER_OUTCOME_API_FAILED,
    "the server cannot process the video: The file failed to be processed." },
  { "--fault file-slow --file-polls 100", "file-patience=0.1", MER_OUTCOME_API_FAILED,
    "still processes the video after 0 s; raise file-patience" },
  { "--fault file-slow --file-polls 3", "", MER_OUTCOME_ANSWERED, NULL },
  { "--file-polls 0", "", MER_OUTCOME_ANSWERED, NULL },
  /* accidents on the way */
  { "--fault aside/500:2", "", MER_OUTCOME_ANSWERED, NULL },
  { "--fault aside/close:1:1", "", MER_OUTCOME_ANSWERED, NULL },
  { "--fault aside/500", "", MER_OUTCOME_API_FAILED, "3 attempts failed, the last: " },
  { "--fault aside/200-html", "", MER_OUTCOME_API_FAILED, "names no place to upload to" },
  { "--fault aside/200-empty:1:1", "", MER_OUTCOME_ANSWERED, NULL },
  { "--fault aside/200-empty:9:1", "", MER_OUTCOME_API_FAILED, "names no place" },
  { "", "auth=bearer", MER_OUTCOME_API_FAILED, "Vertex AI takes no uploads" },
  { "--fault aside/413", "", MER_OUTCOME_API_FAILED, "/upload/v1beta/files: HTTP status" },
};

static void
test_cases (void **state)
{
  mer_retry_set_time_scale (0.02);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture fixture;

      fixture_init (&fixture, cases[i].arguments, cases[i].properties);
      g_autoptr (MerResult) result = ask (&fixture, 0);
      print_message ("%s %s\n", cases[i].arguments, cases[i].properties);
      check (result, cases[i].outcome, cases[i].detail);
      fixture_clear (&fixture);
    }
}

/* what is gone is found out and uploaded again, and does not end the run */
static void
test_gone (void **state)
{
  Fixture fixture;

  fixture_init (&fixture, "--fault file-gone:1", "");
  for (guint seq = 0; seq < 4; seq++)
    {
      g_autoptr (MerResult) result = ask (&fixture, seq);

      if (seq == 1)
        check (result, MER_OUTCOME_API_FAILED, "access the File");
      else
        check (result, MER_OUTCOME_ANSWERED, NULL);
    }
  assert_int_equal (count_requests (&fixture, "POST", "/upload/"), 4);
  fixture_clear (&fixture);
}

/* a place that is not the server's own gets neither clip nor key */
static void
test_elsewhere (void **state)
{
  g_autoptr (MerTestServer) other
      = mer_test_server_start ("--protocol gemini --key-env MER_TEST_API_KEY");
  g_autofree char *origin
      = g_strndup (other->uri, (gsize) (strrchr (other->uri, '/') - other->uri));
  g_autofree char *arguments
      = g_strdup_printf ("--fault place-elsewhere --location %s", origin);
  Fixture fixture;

  fixture_init (&fixture, arguments, "upload-hosts=127.0.0.1");
  g_autoptr (MerResult) result = ask (&fixture, 0);
  check (result, MER_OUTCOME_API_FAILED, "another place than its own");
  g_autofree char *log = mer_test_server_dup_log (other);
  assert_string_equal (log, "");
  fixture_clear (&fixture);
}

/* the run ends with one message where no upload would fare better */
static void
test_wrong_key (void **state)
{
  Fixture fixture;

  fixture_init (&fixture, "--fault aside/401", "");
  gst_harness_push (fixture.bench->harness,
                    mer_buffer_new_sample (mer_test_clip_sample (0, fixture.path, 1)));
  g_autofree char *error = mer_test_backend_pop_error (fixture.bench, 20 * GST_SECOND);
  assert_non_null (error);
  assert_non_null (strstr (error, "API key not valid"));
  assert_null (strstr (error, "sesame-of-tests"));
  fixture_clear (&fixture);
}

/* a stop does not wait for a server that takes its time */
static void
test_stop (void **state)
{
  Fixture fixture;

  fixture_init (&fixture, "--fault file-slow --file-polls 100000", "");
  gst_harness_push (fixture.bench->harness,
                    mer_buffer_new_sample (mer_test_clip_sample (0, fixture.path, 1)));
  while (count_requests (&fixture, "GET", "/v1beta/files/") == 0)
    g_usleep (10000);
  fixture_clear (&fixture);
}

/* a stage that waits for what another one uploads is stopped all the same, and the other
 * one goes on */
static void
test_stop_waiting (void **state)
{
  Fixture fixture;

  fixture_init (&fixture, "--fault file-slow --file-polls 2", "file-interval=0.05");
  g_autoptr (MerTestBackend) other
      = mer_test_backend_new ("mergemini", fixture.server->uri, UPLOADED "deadline=0.3");
  gst_harness_push (fixture.bench->harness,
                    mer_buffer_new_sample (mer_test_clip_sample (0, fixture.path, 1)));
  while (count_requests (&fixture, "GET", "/v1beta/files/") == 0)
    g_usleep (10000);

  g_autoptr (MerResult) late
      = mer_test_backend_ask (other, mer_test_clip_sample (0, fixture.path, 1));
  check (late, MER_OUTCOME_API_FAILED, NULL);
  g_autoptr (GstBuffer) out = gst_harness_pull (fixture.bench->harness);
  check (mer_sample_find_result (mer_buffer_get_sample (out), "ask"), MER_OUTCOME_ANSWERED,
         NULL);
  assert_int_equal (count_requests (&fixture, "POST", "/upload/"), 2);
  fixture_clear (&fixture);
}

/* when the stage that uploads is stopped, the one that waits goes on */
static void
test_take_over (void **state)
{
  Fixture fixture;

  fixture_init (&fixture, "--fault file-slow --file-polls 2",
                "file-interval=0.05 deadline=0.5");
  g_autoptr (MerTestBackend) other
      = mer_test_backend_new ("mergemini", fixture.server->uri, UPLOADED);
  gst_harness_push (fixture.bench->harness,
                    mer_buffer_new_sample (mer_test_clip_sample (0, fixture.path, 1)));
  while (count_requests (&fixture, "GET", "/v1beta/files/") == 0)
    g_usleep (10000);

  g_autoptr (MerResult) result
      = mer_test_backend_ask (other, mer_test_clip_sample (0, fixture.path, 1));
  check (result, MER_OUTCOME_ANSWERED, NULL);
  assert_int_equal (count_requests (&fixture, "POST", "/upload/"), 2);
  fixture_clear (&fixture);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_upload),       cmocka_unit_test (test_at_once),
    cmocka_unit_test (test_inline),       cmocka_unit_test (test_cases),
    cmocka_unit_test (test_gone),         cmocka_unit_test (test_elsewhere),
    cmocka_unit_test (test_wrong_key),    cmocka_unit_test (test_stop),
    cmocka_unit_test (test_stop_waiting), cmocka_unit_test (test_take_over),
  };

  g_setenv ("MER_TEST_API_KEY", "sesame-of-tests", TRUE);
  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
