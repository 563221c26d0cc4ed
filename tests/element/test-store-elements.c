/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include <gst/check/gstharness.h>

#include <mer.h>

#include "support/mer-test-folder.h"

static MerSample *
make_sample (guint seq)
{
  g_autofree char *id = g_strdup_printf ("clip %u “é”", seq);
  MerSample *sample = mer_sample_new (id, seq);
  MerResult *result = mer_result_new ("audio", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);
  MerResult *failed = mer_result_new_failed ("video", MER_KIND_BACKEND,
                                             MER_OUTCOME_API_FAILED, "line 1\nline 2");
  MerResult *verdict = mer_result_new ("wheel", MER_KIND_SCORER, MER_OUTCOME_ANSWERED);
  g_autoptr (MerLabels) labels = mer_labels_new ();

  mer_sample_set_subtitle (sample, "I said:\n\t“never”\\ \x7f ✓");
  mer_sample_set_group (sample, "speaker 1");
  mer_labels_add (labels, "happy");
  mer_labels_add_weighted (labels, "at ease", 0.25);
  mer_result_set_labels (result, labels);
  mer_result_set_text (result, "{\"labels\": [\"happy\"]}");
  mer_sample_take_result (sample, result);
  mer_sample_take_result (sample, failed);
  mer_sample_take_result (sample, verdict);
  return sample;
}

static void
push_bytes (GstHarness *harness, const char *bytes, gsize length, gsize chunk)
{
  GstFlowReturn flow = GST_FLOW_OK;

  for (gsize at = 0; at < length && flow == GST_FLOW_OK; at += chunk)
    {
      gsize n = MIN (chunk, length - at);
      GstBuffer *buffer = gst_buffer_new_memdup (bytes + at, n);

      flow = gst_harness_push (harness, buffer);
    }
}

/* what the encoder makes of so many samples */
static char *
encode (guint n)
{
  GstHarness *harness = gst_harness_new ("mersampleenc");
  GString *text = g_string_new (NULL);

  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  for (guint i = 0; i < n; i++)
    {
      GstBuffer *line;
      GstMapInfo map;

      assert_int_equal (gst_harness_push (harness, mer_buffer_new_sample (make_sample (i))),
                        GST_FLOW_OK);
      line = gst_harness_pull (harness);
      assert_true (gst_buffer_map (line, &map, GST_MAP_READ));
      g_string_append_len (text, (const char *) map.data, (gssize) map.size);
      assert_int_equal (map.data[map.size - 1], '\n');
      assert_ptr_equal (memchr (map.data, '\n', map.size), map.data + map.size - 1);
      gst_buffer_unmap (line, &map);
      gst_buffer_unref (line);
    }
  gst_harness_teardown (harness);
  return g_string_free (text, FALSE);
}

static GstHarness *
new_decoder (GstBus *bus)
{
  GstHarness *harness = gst_harness_new ("mersampledec");

  gst_element_set_bus (harness->element, bus);
  gst_harness_set_src_caps_str (harness, MER_RECORD_CAPS);
  return harness;
}

static void
test_round_trip (void **state)
{
  static const gsize chunks[] = { 1, 7, 1000, 1 << 20 };
  g_autofree char *text = encode (5);

  for (guint c = 0; c < G_N_ELEMENTS (chunks); c++)
    {
      GstHarness *harness = new_decoder (NULL);
      g_autoptr (GString) again = g_string_new (NULL);

      /* the last line comes without its newline */
      push_bytes (harness, text, strlen (text) - 1, chunks[c]);
      assert_true (gst_harness_push_event (harness, gst_event_new_eos ()));
      assert_int_equal (gst_harness_buffers_in_queue (harness), 5);
      for (guint i = 0; i < 5; i++)
        {
          GstBuffer *buffer = gst_harness_pull (harness);
          g_autofree char *line = mer_record_to_line (mer_buffer_get_sample (buffer));

          assert_int_equal (GST_BUFFER_OFFSET (buffer), i);
          g_string_append_printf (again, "%s\n", line);
          gst_buffer_unref (buffer);
        }
      assert_string_equal (again->str, text);
      gst_harness_teardown (harness);
    }
}

/* those downstream can refer to the stages that stand in the records */
static void
test_stages (void **state)
{
  g_autofree char *text = encode (1);
  GstHarness *harness = new_decoder (NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (harness->element, "src");
  g_autoptr (GstEvent) event = NULL;

  push_bytes (harness, text, strlen (text), strlen (text));
  event = gst_pad_get_sticky_event (pad, GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, 0);
  assert_non_null (event);

  g_auto (GStrv) stages = mer_stages_event_get_stages (event);
  g_auto (GStrv) others = mer_stages_event_get_others (event);

  assert_int_equal (g_strv_length (stages), 2);
  assert_string_equal (stages[0], "audio");
  assert_string_equal (stages[1], "video");
  assert_int_equal (g_strv_length (others), 1);
  assert_string_equal (others[0], "wheel");
  gst_harness_teardown (harness);
}

static char *
pop_error (GstBus *bus)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message == NULL)
    return NULL;
  gst_message_parse_error (message, &error, NULL);
  return g_strdup (error->message);
}

static const struct
{
  const char *text;
  const char *place;
} wrong_lines[] = {
  { "hello\n", ":1" },
  { "\n  \r\n{}\n", ":3" },
  { "{\"format\":\"mer-record/1\",\"id\":\"a\"}\n[]\n", ":2" },
  { "{\"format\":\"mer-record/2\",\"id\":\"a\"}\n", ":1" },
  { "{\"format\":\"mer-record/1\",\"id\":\"a\"", ":1" },
  { "{\"format\":\"mer-record/1\",\"id\":\"a\",\"results\":[{\"stage\":\"s\",\"outcome\":"
    "\"fine\"}]}\n",
    "/results/0" },
};

static void
test_wrong_lines (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrong_lines); i++)
    {
      g_autoptr (GstBus) bus = gst_bus_new ();
      GstHarness *harness = new_decoder (bus);
      g_autofree char *message = NULL;

      push_bytes (harness, wrong_lines[i].text, strlen (wrong_lines[i].text), 5);
      gst_harness_push_event (harness, gst_event_new_eos ());
      message = pop_error (bus);
      if (message == NULL || strstr (message, wrong_lines[i].place) == NULL)
        fail_msg ("line %u: %s", i, message != NULL ? message : "taken");
      gst_element_set_bus (harness->element, NULL);
      gst_harness_teardown (harness);
    }
}

static void
test_long_line (void **state)
{
  g_autoptr (GstBus) bus = gst_bus_new ();
  GstHarness *harness = new_decoder (bus);
  g_autofree char *bytes = g_strnfill (5000, ' ');
  g_autofree char *message = NULL;

  g_object_set (harness->element, "max-line", G_GUINT64_CONSTANT (2048), NULL);
  push_bytes (harness, bytes, 5000, 1000);
  message = pop_error (bus);
  assert_non_null (message);
  assert_non_null (strstr (message, "longer than 2048 bytes"));
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

/* a graph with the sink: samples are pushed into it by hand */
typedef struct
{
  GstElement *pipeline;
  GstElement *sink;
  GstHarness *harness;
  char *path;
} Graph;

static void
graph_init (Graph *graph, void *state, const char *name)
{
  graph->path = mer_test_folder_file (state, name);
  graph->pipeline = gst_pipeline_new ("study");
  graph->sink = gst_element_factory_make ("merstoresink", NULL);
  assert_non_null (graph->sink);
  g_object_set (graph->sink, "location", graph->path, "async", FALSE, NULL);
  gst_bin_add (GST_BIN (graph->pipeline), graph->sink);
}

static void
graph_start (Graph *graph)
{
  assert_int_equal (gst_element_set_state (graph->pipeline, GST_STATE_PLAYING),
                    GST_STATE_CHANGE_SUCCESS);
  graph->harness = gst_harness_new_with_element (graph->sink, "sink", NULL);
  gst_harness_set_src_caps_str (graph->harness, MER_SAMPLE_CAPS);
}

static void
graph_clear (Graph *graph)
{
  gst_element_set_state (graph->pipeline, GST_STATE_NULL);
  if (graph->harness != NULL)
    gst_harness_teardown (graph->harness);
  gst_object_unref (graph->pipeline);
  g_free (graph->path);
}

static GstFlowReturn
graph_push (Graph *graph, guint seq)
{
  return gst_harness_push (graph->harness, mer_buffer_new_sample (make_sample (seq)));
}

static char *
graph_pop_error (Graph *graph)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (graph->pipeline);

  return pop_error (bus);
}

static gboolean
count_record (const char *id, const char *record, gpointer user_data, GError **error)
{
  g_autoptr (MerSample) sample = mer_record_parse_line ("r", 1, record, -1, error);

  (*(guint *) user_data)++;
  return sample != NULL;
}

static gboolean
check_summary (const char *scorer, const char *stage, JsonNode *summary, gpointer user_data,
               GError **error)
{
  assert_string_equal (scorer, "wheel");
  assert_string_equal (stage, "audio");
  assert_true (mer_json_node_number (summary, "f", 0) == 0.5);
  (*(guint *) user_data)++;
  return TRUE;
}

static void
assert_run (const char *path, MerStoreRunState run_state, guint samples, guint sessions,
            guint summaries)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerStore) store = mer_store_open (path, MER_STORE_READ, &error);

  mer_test_assert_no_error (error);

  g_autoptr (MerStoreRunInfo) info = mer_store_find_run (store, NULL, &error);
  guint n = 0, n_summaries = 0;

  mer_test_assert_no_error (error);
  assert_int_equal (info->state, run_state);
  assert_int_equal (info->samples, samples);
  assert_int_equal (info->sessions, sessions);
  assert_int_equal (info->number, 1);
  assert_true (mer_store_foreach_record (store, 1, count_record, &n, NULL));
  assert_int_equal (n, samples);
  mer_store_foreach_summary (store, 1, check_summary, &n_summaries, NULL);
  assert_int_equal (n_summaries, summaries);
}

static void
test_sink (void **state)
{
  for (guint session = 1; session <= 2; session++)
    {
      Graph graph = { NULL };

      graph_init (&graph, *state, "own.mer");
      graph_start (&graph);
      for (guint i = 0; i < 10; i++)
        assert_int_equal (graph_push (&graph, i), GST_FLOW_OK);
      gst_element_post_message (
          graph.sink, gst_message_new_element (
                          GST_OBJECT (graph.sink),
                          gst_structure_new (MER_SUMMARY_MESSAGE, "scorer", G_TYPE_STRING,
                                             "wheel", "stage", G_TYPE_STRING, "audio",
                                             "json", G_TYPE_STRING, "{\"f\":0.5}", NULL)));
      assert_true (gst_harness_push_event (graph.harness, gst_event_new_eos ()));
      /* on disk already, while the sink still runs */
      assert_run (graph.path, MER_STORE_RUN_FINISHED, 10, session, 1);
      graph_clear (&graph);
    }
}

static void
test_sink_stopped (void **state)
{
  Graph graph = { NULL };
  g_autofree char *path = NULL;

  graph_init (&graph, *state, "stopped.mer");
  graph_start (&graph);
  graph_push (&graph, 0);
  path = g_strdup (graph.path);
  graph_clear (&graph);
  assert_run (path, MER_STORE_RUN_STOPPED, 1, 1, 0);
}

static void
test_sink_errors (void **state)
{
  static const struct
  {
    const char *location;
    const char *message;
  } rows[] = {
    { NULL, "set location=" },
    { "/no/such/folder/a.mer", "/no/such/folder/a.mer" },
    { "/etc/passwd", "/etc/passwd" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Graph graph = { NULL };
      g_autofree char *message = NULL;

      graph_init (&graph, *state, "unused.mer");
      g_object_set (graph.sink, "location", rows[i].location, NULL);
      assert_int_equal (gst_element_set_state (graph.pipeline, GST_STATE_PLAYING),
                        GST_STATE_CHANGE_FAILURE);
      message = graph_pop_error (&graph);
      assert_non_null (message);
      assert_non_null (strstr (message, rows[i].message));
      graph_clear (&graph);
    }
}

/* no room for more: an error that says so, and what was written before stays */
static void
test_sink_full (void **state)
{
  Graph graph = { NULL };
  g_autofree char *message = NULL;
  struct rlimit before, limit;
  guint i;

  signal (SIGXFSZ, SIG_IGN);
  graph_init (&graph, *state, "full.mer");
  graph_start (&graph);
  assert_int_equal (getrlimit (RLIMIT_FSIZE, &before), 0);
  limit = before;
  limit.rlim_cur = 300000;
  assert_int_equal (setrlimit (RLIMIT_FSIZE, &limit), 0);
  for (i = 0; i < 100000 && graph_push (&graph, i) == GST_FLOW_OK; i++)
    ;
  setrlimit (RLIMIT_FSIZE, &before);
  assert_true (i < 100000);
  message = graph_pop_error (&graph);
  assert_non_null (message);
  assert_non_null (strstr (message, "full"));
  graph_clear (&graph);
}

static void
test_sink_context (void **state)
{
  Graph graph = { NULL };
  g_autofree char *path = mer_test_folder_file (*state, "given.mer");
  g_autoptr (MerStore) store = mer_store_open (path, MER_STORE_WRITE, NULL);
  g_autoptr (JsonNode) definition = json_from_string ("{\"a\":1}", NULL);
  g_autoptr (MerStoreRun) run
      = mer_store_begin_run (store, "given", definition, NULL, NULL);
  g_autoptr (GstContext) context = mer_store_run_context_new (run);

  graph_init (&graph, *state, "not-made.mer");
  gst_element_set_context (graph.pipeline, context);
  graph_start (&graph);
  assert_int_equal (graph_push (&graph, 0), GST_FLOW_OK);
  assert_true (gst_harness_push_event (graph.harness, gst_event_new_eos ()));
  /* whoever gave the run says when it is finished */
  assert_run (path, MER_STORE_RUN_RUNNING, 1, 1, 0);
  assert_false (g_file_test (graph.path, G_FILE_TEST_EXISTS));
  graph_clear (&graph);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_round_trip),   cmocka_unit_test (test_stages),
    cmocka_unit_test (test_wrong_lines),  cmocka_unit_test (test_long_line),
    cmocka_unit_test (test_sink),         cmocka_unit_test (test_sink_stopped),
    cmocka_unit_test (test_sink_errors),  cmocka_unit_test (test_sink_full),
    cmocka_unit_test (test_sink_context),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, mer_test_folder_setup, mer_test_folder_teardown);
}
