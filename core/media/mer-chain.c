/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-chain.h"

#include <gst/video/video.h>

/* Stream times may be negative (what an edit list cuts off is decoded too), timestamps may
 * not: everything is moved by this while it is inside. */
#define ORIGIN (G_GINT64_CONSTANT (100) * 3600 * GST_SECOND)

struct _MerChain
{
  GstElement *bin;
  GstBus *bus;
  GstPad *source; /* ours, before the first element */
  GstPad *sink;   /* ours, after the last */
  GstCaps *in_caps;
  GstCaps *out_caps;
  MerChainFunc function;
  gpointer user_data;
  gboolean started;
};

static GstFlowReturn
chain_take (GstPad *pad, G_GNUC_UNUSED GstObject *parent, GstBuffer *buffer)
{
  MerChain *self = gst_pad_get_element_private (pad);
  gint64 time = GST_BUFFER_PTS_IS_VALID (buffer) ? (gint64) GST_BUFFER_PTS (buffer) - ORIGIN
                                                 : G_MININT64;

  if (self->out_caps != NULL)
    self->function (buffer, time, self->out_caps, self->user_data);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
chain_event (GstPad *pad, G_GNUC_UNUSED GstObject *parent, GstEvent *event)
{
  MerChain *self = gst_pad_get_element_private (pad);
  GstCaps *caps = NULL;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS)
    {
      gst_event_parse_caps (event, &caps);
      gst_caps_replace (&self->out_caps, caps);
    }
  gst_event_unref (event);
  return TRUE;
}

/* decoders write with padding of their own if they may say so in a meta */
static gboolean
chain_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_ALLOCATION)
    return gst_pad_query_default (pad, parent, query);
  gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  return TRUE;
}

static void
chain_make_pads (MerChain *self, GstElement *first, GstElement *last)
{
  self->source = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  self->sink = gst_object_ref_sink (gst_pad_new ("sink", GST_PAD_SINK));
  gst_pad_set_element_private (self->sink, self);
  gst_pad_set_chain_function (self->sink, chain_take);
  gst_pad_set_event_function (self->sink, chain_event);
  gst_pad_set_query_function (self->sink, chain_query);
  gst_pad_set_active (self->source, TRUE);
  gst_pad_set_active (self->sink, TRUE);
  if (first == NULL)
    {
      gst_pad_link (self->source, self->sink);
      return;
    }

  g_autoptr (GstPad) in = gst_element_get_static_pad (first, "sink");
  g_autoptr (GstPad) out = gst_element_get_static_pad (last, "src");
  gst_pad_link (self->source, in);
  gst_pad_link (out, self->sink);
}

/**
 * mer_chain_new:
 * @elements: (array length=n_elements) (transfer floating): elements with one sink and one
 *   source pad each
 * @n_elements: how many; with 0 everything passes
 * @function: gets what comes out, in the thread that pushes
 * @user_data: for @function
 *
 * Returns: (transfer full): the chain, ready
 */
MerChain *
mer_chain_new (GstElement **elements, guint n_elements, MerChainFunc function,
               gpointer user_data)
{
  MerChain *self = g_new0 (MerChain, 1);

  self->function = function;
  self->user_data = user_data;
  self->bin = gst_object_ref_sink (gst_bin_new (NULL));
  self->bus = gst_bus_new ();
  gst_element_set_bus (self->bin, self->bus);
  for (guint i = 0; i < n_elements; i++)
    {
      gst_bin_add (GST_BIN (self->bin), elements[i]);
      if (i > 0)
        gst_element_link (elements[i - 1], elements[i]);
    }
  chain_make_pads (self, n_elements > 0 ? elements[0] : NULL,
                   n_elements > 0 ? elements[n_elements - 1] : NULL);
  gst_element_set_state (self->bin, GST_STATE_PAUSED);
  return self;
}

void
mer_chain_free (MerChain *self)
{
  gst_pad_set_active (self->source, FALSE);
  gst_element_set_state (self->bin, GST_STATE_NULL);
  gst_pad_set_active (self->sink, FALSE);
  gst_element_set_bus (self->bin, NULL);
  gst_object_unref (self->source);
  gst_object_unref (self->sink);
  gst_object_unref (self->bin);
  gst_object_unref (self->bus);
  gst_clear_caps (&self->in_caps);
  gst_clear_caps (&self->out_caps);
  g_free (self);
}

static void
chain_start (MerChain *self, GstCaps *caps)
{
  if (!self->started)
    gst_pad_push_event (self->source, gst_event_new_stream_start ("clip"));
  gst_pad_push_event (self->source, gst_event_new_caps (caps));
  gst_caps_replace (&self->in_caps, caps);
  if (!self->started)
    {
      GstSegment segment;

      gst_segment_init (&segment, GST_FORMAT_TIME);
      gst_pad_push_event (self->source, gst_event_new_segment (&segment));
      self->started = TRUE;
    }
}

static guint64
inside_time (gint64 time)
{
  return time == G_MININT64 || time < -ORIGIN ? GST_CLOCK_TIME_NONE
                                              : (guint64) (time + ORIGIN);
}

/**
 * mer_chain_push:
 * @self: a chain
 * @track: where @packet comes from
 * @packet: with its buffer
 *
 * Returns: %FALSE if the elements take no more
 */
gboolean
mer_chain_push (MerChain *self, MerTrack *track, const MerPacket *packet)
{
  GstCaps *caps = track->caps->pdata[packet->caps];

  if (!self->started || caps != self->in_caps)
    chain_start (self, caps);

  GstBuffer *buffer = gst_buffer_copy (packet->buffer);
  GST_BUFFER_PTS (buffer) = inside_time (packet->time);
  GST_BUFFER_DTS (buffer) = inside_time (packet->dts);
  GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_DECODE_ONLY);
  GstFlowReturn flow = gst_pad_push (self->source, buffer);
  return flow == GST_FLOW_OK;
}

/**
 * mer_chain_drain:
 * @self: a chain that starts with a video decoder
 *
 * Makes the decoder give out what it holds back; it can go on at another key frame then.
 */
void
mer_chain_drain (MerChain *self)
{
  if (self->started)
    gst_pad_push_event (self->source, gst_video_event_new_still_frame (TRUE));
}

/**
 * mer_chain_end:
 * @self: a chain
 *
 * Ends the stream: everything comes out.
 */
void
mer_chain_end (MerChain *self)
{
  if (self->started)
    gst_pad_push_event (self->source, gst_event_new_eos ());
}

/**
 * mer_chain_dup_problem:
 * @self: a chain
 *
 * Returns: (transfer full) (nullable): what its elements complained about first
 */
char *
mer_chain_dup_problem (MerChain *self)
{
  g_autoptr (GstMessage) message
      = gst_bus_pop_filtered (self->bus, GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
  g_autoptr (GError) error = NULL;

  if (message == NULL)
    return NULL;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  return g_strdup (error->message);
}
