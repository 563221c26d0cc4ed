/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/mer-runner.h"

#include <string.h>

#include "base/mer-scorer.h"
#include "base/mer-stages.h"
#include "mer-error.h"
#include "run/mer-run-calls.h"
#include "sample/mer-sample.h"
#include "tables/mer-json.h"

#define TICK_MS 500

struct _MerRunner
{
  GstElement *pipeline;
  GMainLoop *loop;
  const MerRunCallbacks *callbacks;
  gint64 started;
  gboolean drained;
  GError *error;

  GMutex lock; /* of the counts, which the streaming thread adds to */
  MerRunCounts counts;
  MerRunCounts shown;
  MerRunCalls *calls;
  MerTally *tally; /* under the same lock */
};

/**
 * mer_runner_new:
 * @pipeline: a #GstPipeline whose last element is a sink
 * @total: how many samples its source has, 0 where that is not known
 *
 * Returns: (transfer full): what runs it
 */
MerRunner *
mer_runner_new (GstElement *pipeline, guint64 total)
{
  MerRunner *self = g_new0 (MerRunner, 1);

  self->pipeline = gst_object_ref (pipeline);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->counts.total = total;
  self->calls = mer_run_calls_new ();
  self->tally = mer_tally_new ();
  g_mutex_init (&self->lock);
  return self;
}

void
mer_runner_free (MerRunner *self)
{
  gst_object_unref (self->pipeline);
  g_main_loop_unref (self->loop);
  g_clear_error (&self->error);
  mer_run_calls_free (self->calls);
  mer_tally_free (self->tally);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/**
 * mer_runner_get_counts:
 * @self: a runner
 *
 * Returns: (transfer none): how far it is; until the next call
 */
const MerRunCounts *
mer_runner_get_counts (MerRunner *self)
{
  g_mutex_lock (&self->lock);
  self->shown = self->counts;
  g_mutex_unlock (&self->lock);
  if (self->started > 0)
    self->shown.seconds
        = (double) (g_get_monotonic_time () - self->started) / G_USEC_PER_SEC;
  return &self->shown;
}

/**
 * mer_runner_get_tally:
 * @self: a runner that has run
 *
 * Returns: (transfer none): what its stages came to
 */
const MerTally *
mer_runner_get_tally (MerRunner *self)
{
  return self->tally;
}

/**
 * mer_runner_dup_report:
 * @self: a runner that has run
 *
 * Returns: (transfer full): lines for people: what servers were found to serve, and which
 *   requests were changed to please them
 */
char **
mer_runner_dup_report (MerRunner *self)
{
  return mer_run_calls_describe (self->calls);
}

static gboolean
is_stage_result (MerResult *result)
{
  const char *kind = mer_result_get_kind (result);

  return !g_str_equal (kind, MER_KIND_SCORER) && !g_str_equal (kind, MER_KIND_LABELS);
}

/* a last stage that had nothing to work on, since the one it reads failed, is no success */
static gboolean
ended_in_failure (MerResult *last, gboolean any_failed)
{
  MerOutcome outcome = mer_result_get_outcome (last);

  return mer_outcome_is_failure (outcome) || (outcome == MER_OUTCOME_SKIPPED && any_failed);
}

static GstPadProbeReturn
count_sample (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  MerRunner *self = data;
  MerSample *sample = mer_buffer_get_sample (GST_PAD_PROBE_INFO_BUFFER (info));
  MerResult *last = NULL;
  guint64 from_journal = 0;
  gboolean any_failed = FALSE;

  if (sample == NULL)
    return GST_PAD_PROBE_OK;
  mer_run_calls_count (self->calls, sample);
  for (guint i = 0; i < mer_sample_get_n_results (sample); i++)
    {
      MerResult *result = mer_sample_get_result (sample, i);

      from_journal += mer_result_get_from_journal (result);
      if (!is_stage_result (result))
        continue;
      any_failed |= mer_outcome_is_failure (mer_result_get_outcome (result));
      last = result;
    }
  g_mutex_lock (&self->lock);
  self->counts.done++;
  mer_tally_add_sample (self->tally, sample);
  self->counts.from_journal += from_journal;
  if (last != NULL)
    {
      self->counts.outcomes[mer_result_get_outcome (last)]++;
      self->counts.failed += ended_in_failure (last, any_failed);
    }
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

/* the sink whose samples are counted: the first that has a sink pad */
static void
watch_sink (MerRunner *self)
{
  g_autoptr (GstIterator) sinks = gst_bin_iterate_sinks (GST_BIN (self->pipeline));
  g_auto (GValue) item = G_VALUE_INIT;

  if (gst_iterator_next (sinks, &item) != GST_ITERATOR_OK)
    return;

  g_autoptr (GstPad) pad = gst_element_get_static_pad (g_value_get_object (&item), "sink");

  if (pad != NULL)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_sample, self, NULL);
}

/* what is wrong with properties and files is bad input; anything else ended a run that had
 * begun well */
/* whose fault an error is: what stands in a file that cannot be read is bad input */
static int
error_code (const GError *problem)
{
  if (g_error_matches (problem, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT))
    return MER_ERROR_NO_SPACE;
  if (g_error_matches (problem, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS)
      || g_error_matches (problem, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND)
      || g_error_matches (problem, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ)
      || g_error_matches (problem, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE))
    return MER_ERROR_INVALID_ARGUMENT;
  return MER_ERROR_STOPPED;
}

/* Elements of other people say `Resource not found.` and leave what is not found to the
 * debug text, after the line that names their source code. */
static char *
describe_foreign (GstObject *source, const char *debug)
{
  GstElementFactory *factory
      = GST_IS_ELEMENT (source) ? gst_element_get_factory (GST_ELEMENT (source)) : NULL;
  const char *detail = debug != NULL ? strchr (debug, '\n') : NULL;

  if (factory == NULL || g_str_has_prefix (GST_OBJECT_NAME (factory), "mer"))
    return NULL;
  if (detail == NULL || detail[1] == '\0')
    return g_strdup (GST_OBJECT_NAME (source));
  return g_strdup_printf ("%s: %.*s", GST_OBJECT_NAME (source),
                          (int) strcspn (detail + 1, "\n"), detail + 1);
}

static void
take_error (MerRunner *self, GstMessage *message)
{
  g_autoptr (GError) problem = NULL;
  g_autofree char *debug = NULL;
  g_autofree char *where = NULL;

  gst_message_parse_error (message, &problem, &debug);
  if (self->error == NULL)
    {
      where = describe_foreign (GST_MESSAGE_SRC (message), debug);
      self->error = where != NULL ? g_error_new (MER_ERROR, error_code (problem), "%s: %s",
                                                 where, problem->message)
                                  : g_error_new (MER_ERROR, error_code (problem), "%s",
                                                 problem->message);
    }
  g_main_loop_quit (self->loop);
}

static void
take_warning (MerRunner *self, GstMessage *message)
{
  g_autoptr (GError) problem = NULL;
  g_autofree char *debug = NULL;

  gst_message_parse_warning (message, &problem, &debug);
  if (self->callbacks->warning != NULL)
    self->callbacks->warning (GST_MESSAGE_SRC_NAME (message), problem->message,
                              self->callbacks->user_data);
}

static void
take_summary (MerRunner *self, GstMessage *message)
{
  const GstStructure *structure = gst_message_get_structure (message);
  const char *scorer = gst_structure_get_string (structure, "scorer");
  const char *stage = gst_structure_get_string (structure, "stage");
  const char *text = gst_structure_get_string (structure, "json");
  g_autoptr (MerJson) json
      = text != NULL ? mer_json_parse ("mer-summary", text, -1, NULL) : NULL;

  if (json != NULL && self->callbacks->summary != NULL)
    self->callbacks->summary (scorer != NULL ? scorer : GST_MESSAGE_SRC_NAME (message),
                              stage != NULL ? stage : "", mer_json_get_root (json),
                              self->callbacks->user_data);
}

static gboolean
take_message (GstBus *bus, GstMessage *message, gpointer data)
{
  MerRunner *self = data;

  switch (GST_MESSAGE_TYPE (message))
    {
    case GST_MESSAGE_ERROR:
      take_error (self, message);
      break;
    case GST_MESSAGE_WARNING:
      take_warning (self, message);
      break;
    case GST_MESSAGE_EOS:
      g_main_loop_quit (self->loop);
      break;
    case GST_MESSAGE_ELEMENT:
      if (gst_message_has_name (message, MER_SUMMARY_MESSAGE))
        take_summary (self, message);
      break;
    default:
      break;
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
tick (gpointer data)
{
  MerRunner *self = data;

  if (self->callbacks->tick != NULL)
    self->callbacks->tick (mer_runner_get_counts (self), self->callbacks->user_data);
  return G_SOURCE_CONTINUE;
}

/**
 * mer_runner_run:
 * @self: a runner, once
 * @callbacks: whom to tell
 * @error: return location for an error: `INVALID_ARGUMENT` for bad input, `STOPPED` or
 *   `NO_SPACE` for a run that ended early
 *
 * Runs the graph and the default main context until all samples are through.
 *
 * Returns: how it ended
 */
MerRunState
mer_runner_run (MerRunner *self, const MerRunCallbacks *callbacks, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  const guint watch = gst_bus_add_watch (bus, take_message, self);
  const guint timer = g_timeout_add (TICK_MS, tick, self);

  self->callbacks = callbacks;
  self->started = g_get_monotonic_time ();
  watch_sink (self);
  if (gst_element_set_state (self->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    {
      g_autoptr (GstMessage) message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);

      if (message != NULL)
        take_error (self, message);
      else
        self->error
            = g_error_new_literal (MER_ERROR, MER_ERROR_FAILED, "the graph does not start");
    }
  else
    g_main_loop_run (self->loop);
  tick (self);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_source_remove (watch);
  g_source_remove (timer);
  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return MER_RUN_FAILED;
    }
  return self->drained ? MER_RUN_DRAINED : MER_RUN_FINISHED;
}

/**
 * mer_runner_drain:
 * @self: a runner that runs
 *
 * Admits no more samples, finishes those that were begun, then ends.
 */
void
mer_runner_drain (MerRunner *self)
{
  self->drained = TRUE;
  gst_element_send_event (self->pipeline, gst_event_new_eos ());
}

/**
 * mer_runner_stop:
 * @self: a runner that runs
 *
 * Ends at once; answers that came are kept.
 */
void
mer_runner_stop (MerRunner *self)
{
  if (self->error == NULL)
    self->error = g_error_new_literal (MER_ERROR, MER_ERROR_STOPPED,
                                       "stopped; what was done is kept");
  g_main_loop_quit (self->loop);
}

/* what a source sends before its first sample, then the end */
static void
push_no_samples (GstPad *pad)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (MER_SAMPLE_CAPS);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (pad, gst_event_new_stream_start ("preflight"));
  gst_pad_push_event (pad, gst_event_new_caps (caps));
  gst_pad_push_event (pad, gst_event_new_segment (&segment));
  gst_pad_push_event (pad, mer_stages_event_new (NULL, NULL));
  gst_pad_push_event (pad, gst_event_new_eos ());
}

/* @patience: nanoseconds */
static gboolean
wait_for_end (GstElement *pipeline, GstClockTime patience, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message
      = gst_bus_timed_pop_filtered (bus, patience, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  g_autoptr (GError) problem = NULL;

  if (message == NULL)
    {
      g_set_error_literal (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                           "the graph does not start, and none of its elements says why");
      return FALSE;
    }
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    return TRUE;
  gst_message_parse_error (message, &problem, NULL);
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT, "%s", problem->message);
  return FALSE;
}

/**
 * mer_runner_preflight:
 * @bin: (transfer full): a graph with a `sink` and a `src` pad; used up
 * @error: return location for an error
 *
 * Returns: whether all elements open, and all names of stages fit
 */
gboolean
mer_runner_preflight (GstElement *bin, GError **error)
{
  g_autoptr (GstElement) pipeline = gst_object_ref_sink (gst_pipeline_new ("preflight"));
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstPad *pad = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  g_autoptr (GstPad) entry = gst_element_get_static_pad (bin, "sink");
  GstClockTime patience = GST_CLOCK_TIME_NONE;
  gboolean well = FALSE;

  g_object_set (sink, "async", FALSE, "sync", FALSE, NULL);
  gst_bin_add_many (GST_BIN (pipeline), bin, sink, NULL);
  gst_element_link (bin, sink);
  gst_pad_link (pad, entry);
  gst_pad_set_active (pad, TRUE);
  /* a failed change has left its reason on the bus */
  if (gst_element_set_state (pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
    push_no_samples (pad);
  else
    patience = 0;
  well = wait_for_end (pipeline, patience, error);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_pad_set_active (pad, FALSE);
  gst_object_unref (pad);
  return well;
}
