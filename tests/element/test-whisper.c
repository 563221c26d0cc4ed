/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <gst/check/gstharness.h>

#include <string.h>
#include <unistd.h>

#include "support/mer-test-sample.h"

typedef struct
{
  GstElement *element;
  GstHarness *harness;
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
  bench->element = gst_object_ref_sink (gst_element_factory_make ("merwhisper", "said"));
  assert_non_null (bench->element);
  g_object_set (bench->element, "uri", uri, "timeout", 30., "model", "whisper-1", NULL);
  set_properties (bench->element, properties);
  bench->harness = gst_harness_new_with_element (bench->element, "sink", "src");
  gst_harness_set_src_caps_str (bench->harness, MER_SAMPLE_CAPS);
}

static void
bench_clear (Bench *bench)
{
  gst_harness_teardown (bench->harness);
  gst_object_unref (bench->element);
}

/* transfer full */
static MerSample *
ask (Bench *bench, guint n_frames, double seconds, const char *subtitle)
{
  g_autoptr (GstBuffer) out = NULL;

  gst_harness_push (bench->harness, mer_buffer_new_sample (
                                        mer_test_sample (0, n_frames, seconds, subtitle)));
  out = gst_harness_pull (bench->harness);
  assert_non_null (out);
  return mer_sample_ref (mer_buffer_get_sample (out));
}

static JsonNode *
last_request (MerTestServer *server, GPtrArray **log)
{
  *log = mer_test_server_read_log (server);
  assert_true ((*log)->len > 0);
  return g_ptr_array_index (*log, (*log)->len - 1);
}

/* the transcript becomes the subtitle, its times become cues, the media stays whole */
static void
test_fills (void **state)
{
  g_autoptr (MerTestServer) server
      = mer_test_server_start ("--protocol whisper --answer 'I am fine. Really fine.'");
  Bench bench;

  bench_init (&bench, server->uri, "language=en hint='Ada, Grace'");
  g_autoptr (MerSample) sample = ask (&bench, 2, 3, NULL);
  MerResult *result = mer_sample_find_result (sample, "said");
  MerMedia *media = mer_sample_get_media (sample);
  MerUsage usage = mer_result_get_usage (result);
  g_autoptr (GPtrArray) log = NULL;
  JsonNode *request = last_request (server, &log);

  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_ANSWERED);
  assert_string_equal (mer_result_get_text (result), "I am fine. Really fine.");
  assert_string_equal (mer_sample_get_subtitle (sample), "I am fine. Really fine.");
  assert_true (mer_sample_get_modalities (sample) & MER_MODALITY_TEXT);
  assert_int_equal (mer_media_get_n_cues (media), 2);
  assert_string_equal (mer_media_get_cue (media, 1)->text, "Really fine.");
  assert_true (mer_media_get_cue (media, 1)->start > 0);
  assert_true (mer_media_is_loaded (media));
  assert_int_equal (mer_media_get_n_frames (media), 2);
  assert_non_null (mer_media_get_jpeg (media, 1));
  assert_non_null (mer_media_get_audio (media));
  assert_true (usage.seconds >= 3);
  assert_int_equal (mer_result_get_shown (result), MER_MODALITY_AUDIO);

  assert_string_equal (mer_json_node_string (request, "filename"), "clip.wav");
  assert_string_equal (mer_json_node_string (request, "type"), "audio/wav");
  assert_string_equal (mer_json_node_string (request, "language"), "en");
  assert_string_equal (mer_json_node_string (request, "response_format"), "verbose_json");
  assert_non_null (strstr (mer_json_node_string (request, "text"), "Ada, Grace"));
  bench_clear (&bench);
}

typedef struct
{
  const char *arguments;
  const char *properties;
  const char *subtitle; /* that the clip has */
  MerOutcome outcome;
  MerReason reason;
  const char *text;
  const char *detail;
  guint n_cues;
} Case;

static const Case cases[] = {
  { "--answer hello", "model=gpt-4o-transcribe", NULL, MER_OUTCOME_ANSWERED,
    MER_REASON_NONE, "hello", NULL, 0 },
  { "--answer hello", "response-format=json", NULL, MER_OUTCOME_ANSWERED, MER_REASON_NONE,
    "hello", NULL, 0 },
  /* refused by name, and asked for less */
  { "--answer hello", "model=gpt-4o-transcribe response-format=verbose-json", NULL,
    MER_OUTCOME_ANSWERED, MER_REASON_NONE, "hello", NULL, 0 },
  /* words of which a model that declines would be made */
  { "--answer \"I'm sorry, but I can't help with that.\"", NULL, NULL, MER_OUTCOME_ANSWERED,
    MER_REASON_NONE, "I'm sorry, but I can't help with that.", NULL, 1 },
  { "--answer ''", NULL, NULL, MER_OUTCOME_ANSWERED, MER_REASON_NONE, "", "nothing is said",
    0 },
  { "--fault hallucination", NULL, NULL, MER_OUTCOME_ANSWERED, MER_REASON_NONE, "",
    "nothing is said: what came was not believed", 0 },
  { "--fault hallucination", "no-speech-threshold=1", NULL, MER_OUTCOME_ANSWERED,
    MER_REASON_NONE, "Thank you for watching!", NULL, 1 },
  { "--fault segments-odd", NULL, NULL, MER_OUTCOME_API_FAILED, MER_REASON_NONE, NULL,
    "this number is too large", 0 },
  { "--fault choices-none", NULL, NULL, MER_OUTCOME_API_FAILED, MER_REASON_BAD_REPLY, NULL,
    "has no /text", 0 },
  { "--answer hello", NULL, "It says so.", MER_OUTCOME_SKIPPED, MER_REASON_NOT_NEEDED, NULL,
    "the clip has a subtitle", 0 },
  { "--answer hello", "overwrite=true", "It says so.", MER_OUTCOME_ANSWERED,
    MER_REASON_NONE, "hello", NULL, 1 },
};

static void
check_case (const Case *one)
{
  g_autofree char *arguments = g_strconcat ("--protocol whisper ", one->arguments, NULL);
  g_autoptr (MerTestServer) server = mer_test_server_start (arguments);
  Bench bench;

  bench_init (&bench, server->uri, one->properties);
  g_autoptr (MerSample) sample = ask (&bench, 1, 2, one->subtitle);
  MerResult *result = mer_sample_find_result (sample, "said");
  const char *detail = mer_result_get_detail (result);
  const char *subtitle = mer_sample_get_subtitle (sample);

  if (mer_result_get_outcome (result) != one->outcome)
    fail_msg ("%s: %s: %s", one->arguments,
              mer_outcome_to_string (mer_result_get_outcome (result)), detail);
  if (one->reason != MER_REASON_NONE || one->outcome == MER_OUTCOME_ANSWERED)
    assert_int_equal (mer_result_get_reason (result), one->reason);
  if (one->text != NULL)
    assert_string_equal (mer_result_get_text (result), one->text);
  if (one->detail != NULL && (detail == NULL || strstr (detail, one->detail) == NULL))
    fail_msg ("%s: “%s” is not in “%s”", one->arguments, one->detail, detail);
  if (one->text != NULL && *one->text != '\0')
    assert_string_equal (subtitle, one->text);
  else if (one->subtitle != NULL)
    assert_string_equal (subtitle, one->subtitle);
  else
    assert_null (subtitle);
  assert_int_equal (mer_media_get_n_cues (mer_sample_get_media (sample)), one->n_cues);
  bench_clear (&bench);
}

static void
test_cases (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check_case (&cases[i]);
}

/* what was not believed stays in the result, with why */
static void
test_dropped (void **state)
{
  g_autoptr (MerTestServer) server
      = mer_test_server_start ("--protocol whisper --fault hallucination");
  Bench bench;

  bench_init (&bench, server->uri, NULL);
  g_autoptr (MerSample) sample = ask (&bench, 0, 2, NULL);
  JsonNode *data = mer_result_get_data (mer_sample_find_result (sample, "said"));
  JsonNode *dropped = mer_json_node_path (data, "dropped", "0", NULL);

  assert_string_equal (mer_json_node_string (dropped, "text"), "Thank you for watching!");
  assert_string_equal (mer_json_node_string (dropped, "why"), "no speech");
  assert_true (mer_json_node_number (dropped, "no_speech_prob", 0) > 0.9);
  bench_clear (&bench);
}

static void
test_no_sound (void **state)
{
  g_autoptr (MerTestServer) server = mer_test_server_start ("--protocol whisper");
  Bench bench;

  bench_init (&bench, server->uri, NULL);
  g_autoptr (MerSample) sample = ask (&bench, 2, 0, NULL);
  assert_int_equal (mer_result_get_outcome (mer_sample_find_result (sample, "said")),
                    MER_OUTCOME_SKIPPED);
  bench_clear (&bench);
}

/* the journal gives subtitle and cues as the server did */
static void
test_journal (void **state)
{
  g_autoptr (MerTestServer) server
      = mer_test_server_start ("--protocol whisper --answer 'One. Two.'");
  g_autofree char *path
      = g_strdup_printf ("%s/mer-whisper-%d.mer", g_get_tmp_dir (), (int) getpid ());
  g_autofree char *properties = g_strdup_printf ("journal=%s", path);
  g_autoptr (GPtrArray) log = NULL;

  for (guint i = 0; i < 2; i++)
    {
      Bench bench;

      bench_init (&bench, server->uri, properties);
      g_autoptr (MerSample) sample = ask (&bench, 1, 2, NULL);
      assert_string_equal (mer_sample_get_subtitle (sample), "One. Two.");
      assert_int_equal (mer_media_get_n_cues (mer_sample_get_media (sample)), 2);
      bench_clear (&bench);
    }
  log = mer_test_server_read_log (server);
  assert_int_equal (log->len, 1);
  remove (path);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_fills),   cmocka_unit_test (test_cases),
    cmocka_unit_test (test_dropped), cmocka_unit_test (test_no_sound),
    cmocka_unit_test (test_journal),
  };

  gst_init (&argc, &argv);
  mer_retry_set_time_scale (0.01);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
