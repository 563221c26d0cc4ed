/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <gst/check/gstharness.h>

#include "base/mer-io.h"
#include "base/mer-ordered.h"
#include "base/mer-stages.h"
#include "mer-error.h"

/* an element whose work is scripted by the sample's id: `wait:MS`, `fail`, `api`, `never`
 */

#define TEST_TYPE_SCRIPTED (test_scripted_get_type ())
G_DECLARE_FINAL_TYPE (TestScripted, test_scripted, TEST, SCRIPTED, MerOrdered)

struct _TestScripted
{
  MerOrdered parent_instance;
  const char *references[2];
  int running;
  int peak;
};

G_DEFINE_FINAL_TYPE (TestScripted, test_scripted, MER_TYPE_ORDERED)

/* work that never calls back, kept so that leak checkers see that it is meant */
static GList *lost;

static gboolean
scripted_done (gpointer data)
{
  GTask *task = data;
  TestScripted *self = g_task_get_source_object (task);
  const char *id = mer_sample_get_id (g_task_get_task_data (task));

  g_atomic_int_add (&self->running, -1);
  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  if (g_str_has_prefix (id, "fail"))
    g_task_return_new_error (task, MER_ERROR, MER_ERROR_API, "the server said no");
  else
    g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

static void
scripted_process_async (MerOrdered *ordered, MerSample *sample, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  TestScripted *self = TEST_SCRIPTED (ordered);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  const char *id = mer_sample_get_id (sample);
  const char *colon = strchr (id, ':');
  int running = g_atomic_int_add (&self->running, 1) + 1;

  assert_true (g_main_context_is_owner (mer_io_get_context ()));
  self->peak = MAX (self->peak, running);
  g_task_set_task_data (task, mer_sample_ref (sample), (GDestroyNotify) mer_sample_unref);
  if (g_str_has_prefix (id, "never"))
    {
      lost = g_list_prepend (lost, g_object_ref (task));
      return;
    }

  g_autoptr (GSource) source = g_timeout_source_new (colon != NULL ? atoi (colon + 1) : 0);
  g_source_set_callback (source, scripted_done, g_object_ref (task), g_object_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static gboolean
scripted_process_finish (MerOrdered *ordered, GAsyncResult *result, MerSample *sample,
                         GError **error)
{
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  mer_sample_take_result (sample, mer_result_new (mer_ordered_get_stage (ordered),
                                                  MER_KIND_BACKEND, MER_OUTCOME_ANSWERED));
  return TRUE;
}

static const char *const *
scripted_get_references (MerOrdered *ordered)
{
  return TEST_SCRIPTED (ordered)->references;
}

static void
test_scripted_class_init (TestScriptedClass *klass)
{
  MerOrderedClass *ordered_class = MER_ORDERED_CLASS (klass);

  ordered_class->process_async = scripted_process_async;
  ordered_class->process_finish = scripted_process_finish;
  ordered_class->get_references = scripted_get_references;
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass), "Scripted",
                                         "Filter/Sample", "Works as the sample's id says",
                                         "gst-mer");
}

static void
test_scripted_init (TestScripted *self)
{
}

typedef struct
{
  TestScripted *element;
  GstHarness *harness;
  GstBus *bus;
} Fixture;

static void
fixture_init (Fixture *fixture, const char *name)
{
  fixture->element = g_object_new (TEST_TYPE_SCRIPTED, "name", name, NULL);
  gst_object_ref_sink (fixture->element);
  fixture->bus = gst_bus_new ();
  gst_element_set_bus (GST_ELEMENT (fixture->element), fixture->bus);
}

static void
fixture_start (Fixture *fixture)
{
  fixture->harness
      = gst_harness_new_with_element (GST_ELEMENT (fixture->element), "sink", "src");
  gst_harness_set_src_caps_str (fixture->harness, MER_SAMPLE_CAPS);
}

static void
fixture_clear (Fixture *fixture)
{
  gst_harness_teardown (fixture->harness);
  gst_element_set_bus (GST_ELEMENT (fixture->element), NULL);
  gst_object_unref (fixture->bus);
  gst_object_unref (fixture->element);
}

static GstFlowReturn
fixture_push (Fixture *fixture, const char *id, guint64 seq)
{
  return gst_harness_push (fixture->harness,
                           mer_buffer_new_sample (mer_sample_new (id, seq)));
}

static MerResult *
pull_result (Fixture *fixture, const char *id, const char *stage)
{
  g_autoptr (GstBuffer) buffer = gst_harness_pull (fixture->harness);

  assert_non_null (buffer);
  assert_string_equal (mer_sample_get_id (mer_buffer_get_sample (buffer)), id);

  MerResult *result = mer_sample_find_result (mer_buffer_get_sample (buffer), stage);
  assert_non_null (result);
  return mer_result_ref (result);
}

static void
test_order (void **state)
{
  Fixture fixture = { 0 };

  fixture_init (&fixture, "slow");
  g_object_set (fixture.element, "max-in-flight", 16, NULL);
  fixture_start (&fixture);
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *id = g_strdup_printf ("s%u:%u", i, i * 7919 % 23);

      assert_int_equal (fixture_push (&fixture, id, i), GST_FLOW_OK);
    }
  assert_true (gst_harness_push_event (fixture.harness, gst_event_new_eos ()));
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (GstBuffer) buffer = gst_harness_pull (fixture.harness);

      assert_int_equal (GST_BUFFER_OFFSET (buffer), i);
      assert_int_equal (mer_sample_get_n_results (mer_buffer_get_sample (buffer)), 1);
    }
  assert_in_range (fixture.element->peak, 2, 16);
  fixture_clear (&fixture);
}

static void
test_failure_is_data (void **state)
{
  Fixture fixture = { 0 };

  fixture_init (&fixture, "audio");
  fixture_start (&fixture);
  fixture_push (&fixture, "fail", 0);
  fixture_push (&fixture, "good", 1);

  g_autoptr (MerResult) failed = pull_result (&fixture, "fail", "audio");
  g_autoptr (MerResult) good = pull_result (&fixture, "good", "audio");
  g_autoptr (GstMessage) warning
      = gst_bus_pop_filtered (fixture.bus, GST_MESSAGE_WARNING | GST_MESSAGE_ERROR);

  assert_int_equal (mer_result_get_outcome (failed), MER_OUTCOME_API_FAILED);
  assert_string_equal (mer_result_get_detail (failed), "the server said no");
  assert_int_equal (mer_result_get_outcome (good), MER_OUTCOME_ANSWERED);
  assert_int_equal (GST_MESSAGE_TYPE (warning), GST_MESSAGE_WARNING);
  fixture_clear (&fixture);
}

static void
test_budget (void **state)
{
  Fixture fixture = { 0 };
  GstFlowReturn flow = GST_FLOW_OK;

  fixture_init (&fixture, "audio");
  g_object_set (fixture.element, "max-failures", 3, "max-in-flight", 1, NULL);
  fixture_start (&fixture);
  for (guint i = 0; i < 1000 && flow == GST_FLOW_OK; i++)
    flow = fixture_push (&fixture, i == 1 ? "good" : "fail", i);
  assert_int_equal (flow, GST_FLOW_ERROR);

  g_autoptr (GstMessage) error = gst_bus_pop_filtered (fixture.bus, GST_MESSAGE_ERROR);
  assert_non_null (error);
  /* 0 fails, 1 is good and resets the count, 2, 3, 4 fail: five came out */
  assert_int_equal (gst_harness_buffers_received (fixture.harness), 5);
  fixture_clear (&fixture);
}

static void
test_deadline (void **state)
{
  Fixture fixture = { 0 };

  fixture_init (&fixture, "audio");
  g_object_set (fixture.element, "deadline", 0.05, NULL);
  fixture_start (&fixture);
  fixture_push (&fixture, "never", 0);
  fixture_push (&fixture, "wait:60000", 1);
  fixture_push (&fixture, "good", 2);

  g_autoptr (MerResult) never = pull_result (&fixture, "never", "audio");
  assert_int_equal (mer_result_get_outcome (never), MER_OUTCOME_API_FAILED);
  assert_non_null (strstr (mer_result_get_detail (never), "cancelled"));
  g_autoptr (MerResult) slow = pull_result (&fixture, "wait:60000", "audio");
  assert_int_equal (mer_result_get_outcome (slow), MER_OUTCOME_API_FAILED);
  g_autoptr (MerResult) good = pull_result (&fixture, "good", "audio");
  assert_int_equal (mer_result_get_outcome (good), MER_OUTCOME_ANSWERED);
  fixture_clear (&fixture);
}

static void
test_stop (void **state)
{
  for (guint round = 0; round < 30; round++)
    {
      Fixture fixture = { 0 };

      fixture_init (&fixture, "audio");
      fixture_start (&fixture);
      for (guint i = 0; i < 8; i++)
        {
          g_autofree char *id = g_strdup_printf ("s:%u", round % 7 * i);

          fixture_push (&fixture, id, i);
        }
      if (round % 2 == 0)
        {
          gst_harness_push_event (fixture.harness, gst_event_new_flush_start ());
          gst_harness_push_event (fixture.harness, gst_event_new_flush_stop (TRUE));
        }
      fixture_clear (&fixture);
    }
}

/* a flush takes samples away, not what says what the samples after it are */
static void
test_flush_keeps_sticky_events (void **state)
{
  Fixture fixture = { 0 };
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstEvent) kept = NULL;
  g_autoptr (GstEvent) end = NULL;

  fixture_init (&fixture, "audio");
  fixture_start (&fixture);
  fixture_push (&fixture, "wait:60000", 0);
  gst_harness_push_event (fixture.harness, gst_event_new_tag (gst_tag_list_new_empty ()));
  gst_harness_push_event (fixture.harness, gst_event_new_eos ());
  gst_harness_push_event (fixture.harness, gst_event_new_flush_start ());
  gst_harness_push_event (fixture.harness, gst_event_new_flush_stop (TRUE));
  pad = gst_element_get_static_pad (GST_ELEMENT (fixture.element), "src");
  kept = gst_pad_get_sticky_event (pad, GST_EVENT_TAG, 0);
  end = gst_pad_get_sticky_event (pad, GST_EVENT_EOS, 0);
  assert_non_null (kept);
  assert_null (end);
  fixture_clear (&fixture);
}

static const struct
{
  const char *before[3];
  const char *reference;
  int code; /* -1: all is well */
  const char *says;
} names[] = {
  { { NULL }, NULL, -1, NULL },
  { { "audio", "video" }, "video", -1, NULL },
  { { "mine" }, NULL, MER_ERROR_EXISTS, "mine" },
  { { "audio", "video" }, "vidoe", MER_ERROR_NOT_FOUND, "did you mean “video”" },
  { { NULL }, "audio", MER_ERROR_NOT_FOUND, "no stage before it" },
};

static void
test_names (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Fixture fixture = { 0 };

      fixture_init (&fixture, "mine");
      fixture.element->references[0] = names[i].reference;
      fixture_start (&fixture);
      gst_harness_push_event (fixture.harness,
                              mer_stages_event_new (names[i].before, NULL));

      g_autoptr (GstMessage) message
          = gst_bus_pop_filtered (fixture.bus, GST_MESSAGE_ERROR);
      if (names[i].code < 0)
        {
          assert_null (message);
          assert_int_equal (fixture_push (&fixture, "good", 0), GST_FLOW_OK);
        }
      else
        {
          g_autoptr (GError) error = NULL;

          assert_non_null (message);
          gst_message_parse_error (message, &error, NULL);
          assert_non_null (strstr (error->message, names[i].says));
          assert_int_equal (fixture_push (&fixture, "good", 0), GST_FLOW_ERROR);
        }
      fixture_clear (&fixture);
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_order),
    cmocka_unit_test (test_failure_is_data),
    cmocka_unit_test (test_budget),
    cmocka_unit_test (test_deadline),
    cmocka_unit_test (test_stop),
    cmocka_unit_test (test_names),
    cmocka_unit_test (test_flush_keeps_sticky_events),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
