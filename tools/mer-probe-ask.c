/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* one call by the element that a run would use, with a sample of our own making */
#include "mer-probe-ask.h"

#include <string.h>

#include <gst/gst.h>

#include "base/mer-backend.h"
#include "base/mer-stages.h"
#include "mer-error.h"
#include "mer-probe-clip.h"

#define STAGE "probe"
#define TONE_SECONDS 1.
#define WORDS "I did not expect that."
#define POLL_US (20 * 1000)
/* beyond the element's own deadline */
#define GRACE 10.

typedef struct
{
  GstElement *element;
  GstPad *src;
  GstPad *sink;
  GstBus *bus;
  GAsyncQueue *results;
} Graph;

void
mer_probe_answer_free (MerProbeAnswer *self)
{
  g_clear_pointer (&self->result, mer_result_unref);
  g_free (self->problem);
  g_strfreev (self->listed);
  g_free (self);
}

/**
 * mer_probe_answered:
 * @self: what became of a call
 *
 * Returns: whether the model said something; that it was cut off, or declined, is an answer
 *   too
 */
gboolean
mer_probe_answered (const MerProbeAnswer *self)
{
  if (self->result == NULL)
    return FALSE;
  switch (mer_result_get_outcome (self->result))
    {
    case MER_OUTCOME_ANSWERED:
    case MER_OUTCOME_TRUNCATED:
    case MER_OUTCOME_REFUSED:
    case MER_OUTCOME_FILTERED:
    case MER_OUTCOME_UNPARSEABLE:
      return TRUE;
    case MER_OUTCOME_API_FAILED:
    case MER_OUTCOME_DECODE_FAILED:
    case MER_OUTCOME_SKIPPED:
    default:
      return FALSE;
    }
}

static GstFlowReturn
take_result (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  MerSample *sample = mer_buffer_get_sample (buffer);
  MerResult *result = sample != NULL ? mer_sample_find_result (sample, STAGE) : NULL;

  if (result != NULL)
    g_async_queue_push (GST_PAD_ELEMENT_PRIVATE (pad), mer_result_ref (result));
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static GstElement *
make_element (const MerProbeQuestion *question)
{
  GstElement *element = gst_element_factory_make ("mermodel", STAGE);

  if (element == NULL)
    return NULL;
  g_object_set (element, "models", question->models, "model", question->model, "stage",
                STAGE, "modalities", question->shown, "model-modalities",
                question->shown | MER_MODALITY_TEXT, "deadline", question->timeout,
                "timeout", question->timeout, "patience", question->timeout, "max-failures",
                0u, "max-frames", 0u, "max-audio", 0., NULL);
  if (question->answer_format != NULL)
    gst_util_set_object_arg (G_OBJECT (element), "answer-format", question->answer_format);
  if (question->seed >= -1)
    g_object_set (element, "seed", question->seed, NULL);
  if (question->temperature >= -1)
    g_object_set (element, "temperature", question->temperature, NULL);
  if (question->max_tokens > 0)
    g_object_set (element, "max-tokens", question->max_tokens, NULL);
  if (question->options != NULL)
    gst_util_set_object_arg (G_OBJECT (element), "options", question->options);
  return element;
}

static gboolean
graph_open (Graph *self, const MerProbeQuestion *question)
{
  g_autoptr (GstPad) into = NULL;
  g_autoptr (GstPad) out = NULL;

  self->results = g_async_queue_new_full ((GDestroyNotify) mer_result_unref);
  self->element = make_element (question);
  if (self->element == NULL)
    return FALSE;
  gst_object_ref_sink (self->element);
  self->bus = gst_bus_new ();
  gst_element_set_bus (self->element, self->bus);
  self->src = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  self->sink = gst_object_ref_sink (gst_pad_new ("sink", GST_PAD_SINK));
  gst_pad_set_element_private (self->sink, self->results);
  gst_pad_set_chain_function (self->sink, take_result);
  into = gst_element_get_static_pad (self->element, "sink");
  out = gst_element_get_static_pad (self->element, "src");
  gst_pad_set_active (self->src, TRUE);
  gst_pad_set_active (self->sink, TRUE);
  return gst_pad_link (self->src, into) == GST_PAD_LINK_OK
         && gst_pad_link (out, self->sink) == GST_PAD_LINK_OK
         && gst_element_set_state (self->element, GST_STATE_PLAYING)
                != GST_STATE_CHANGE_FAILURE;
}

static void
graph_close (Graph *self)
{
  if (self->element != NULL)
    {
      gst_element_set_state (self->element, GST_STATE_NULL);
      gst_element_set_bus (self->element, NULL);
    }
  g_clear_object (&self->src);
  g_clear_object (&self->sink);
  g_clear_object (&self->element);
  g_clear_object (&self->bus);
  g_clear_pointer (&self->results, g_async_queue_unref);
}

static void
graph_push (Graph *self, MerSample *sample)
{
  GstSegment segment;
  g_autoptr (GstCaps) caps = gst_caps_from_string (MER_SAMPLE_CAPS);

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->src, gst_event_new_stream_start (STAGE));
  gst_pad_push_event (self->src, gst_event_new_caps (caps));
  gst_pad_push_event (self->src, gst_event_new_segment (&segment));
  gst_pad_push_event (self->src, mer_stages_event_new (NULL, NULL));
  gst_pad_push (self->src, mer_buffer_new_sample (sample));
}

static char *
take_error (Graph *self)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (self->bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message == NULL)
    return NULL;
  gst_message_parse_error (message, &error, NULL);
  return g_strdup (error->message);
}

/* until there is a result, or an error that ended the graph */
static void
graph_wait (Graph *self, const MerProbeQuestion *question, MerProbeAnswer *answer)
{
  const gint64 end
      = g_get_monotonic_time () + (gint64) ((question->timeout + GRACE) * G_USEC_PER_SEC);

  while (answer->result == NULL && answer->problem == NULL && g_get_monotonic_time () < end)
    {
      answer->result = g_async_queue_timeout_pop (self->results, POLL_US);
      if (answer->result == NULL)
        answer->problem = take_error (self);
    }
  if (answer->result == NULL && answer->problem == NULL)
    answer->problem = g_strdup_printf ("no answer after %g s", question->timeout);
}

static char **
dup_listed (Graph *self)
{
  char **listed = NULL;

  if (self->element != NULL && GST_IS_BIN (self->element)
      && GST_BIN_NUMCHILDREN (self->element) > 0
      && MER_IS_BACKEND (GST_BIN_CHILDREN (self->element)->data))
    listed = mer_backend_dup_listed_models (GST_BIN_CHILDREN (self->element)->data);
  return listed;
}

static guint
find_status (const char *problem)
{
  const char *at = problem != NULL ? strstr (problem, "HTTP status ") : NULL;

  return at != NULL ? (guint) g_ascii_strtoull (at + strlen ("HTTP status "), NULL, 10) : 0;
}

/**
 * mer_probe_ask:
 * @question: what to ask
 *
 * Makes the element of the entry as a run would, and shows it one clip.
 *
 * Returns: (transfer full): what became of it
 */
MerProbeAnswer *
mer_probe_ask (const MerProbeQuestion *question)
{
  MerProbeAnswer *answer = g_new0 (MerProbeAnswer, 1);
  Graph graph = { NULL };
  g_autoptr (GError) error = NULL;
  MerSample *sample = mer_probe_clip_new (
      (question->shown & MER_MODALITY_VIDEO) != 0 ? question->n_frames : 0,
      (question->shown & MER_MODALITY_AUDIO) != 0 ? TONE_SECONDS : 0,
      (question->shown & MER_MODALITY_TEXT) != 0 ? WORDS : NULL, &error);

  if (sample != NULL && graph_open (&graph, question))
    {
      graph_push (&graph, g_steal_pointer (&sample));
      graph_wait (&graph, question, answer);
      answer->listed = dup_listed (&graph);
    }
  else if (error != NULL)
    answer->problem = g_strdup (error->message);
  else
    {
      answer->unfit = TRUE;
      answer->problem = graph.bus != NULL ? take_error (&graph) : NULL;
    }
  graph_close (&graph);
  g_clear_pointer (&sample, mer_sample_unref);
  if (answer->result != NULL && !mer_probe_answered (answer))
    answer->problem = g_strdup (mer_result_get_detail (answer->result));
  if (answer->result == NULL && answer->problem == NULL)
    answer->problem = g_strdup ("the element could not be started");
  answer->status = find_status (answer->problem);
  return answer;
}
