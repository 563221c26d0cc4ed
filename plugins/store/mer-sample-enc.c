/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-mersampleenc
 * @title: mersampleenc
 *
 * Writes each sample as one line of JSON (`mer-record/1`, see `schemas/`), with all its
 * results and the manifest of its media, but without the media's bytes. `filesink`,
 * `fdsink` and everything else that takes bytes can follow.
 *
 * |[
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia ! merprosody ! mersampleenc \
 *   ! filesink location=records.jsonl
 * ]|
 */
#include "mer-sample-enc.h"

#include <string.h>

#include <mer.h>

GST_DEBUG_CATEGORY_STATIC (mer_sample_enc_debug);
#define GST_CAT_DEFAULT mer_sample_enc_debug

struct _MerSampleEnc
{
  GstElement parent_instance;
  GstPad *sink_pad;
  GstPad *src_pad;
};

G_DEFINE_FINAL_TYPE (MerSampleEnc, mer_sample_enc, GST_TYPE_ELEMENT)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_SAMPLE_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_RECORD_CAPS));

static GstFlowReturn
mer_sample_enc_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  MerSampleEnc *self = MER_SAMPLE_ENC (parent);
  MerSample *sample = mer_buffer_get_sample (buffer);
  g_autofree char *record = sample != NULL ? mer_record_to_line (sample) : NULL;

  gst_buffer_unref (buffer);
  if (record == NULL)
    {
      GST_ELEMENT_ERROR (self, STREAM, WRONG_TYPE, ("a buffer came that carries no sample"),
                         ("an element upstream drops metas"));
      return GST_FLOW_ERROR;
    }

  gsize length = strlen (record);
  char *line = g_realloc (g_steal_pointer (&record), length + 2);

  line[length] = '\n';
  return gst_pad_push (self->src_pad, gst_buffer_new_wrapped (line, length + 1));
}

static gboolean
mer_sample_enc_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  MerSampleEnc *self = MER_SAMPLE_ENC (parent);

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return gst_pad_event_default (pad, parent, event);

  g_autoptr (GstCaps) caps = gst_static_pad_template_get_caps (&src_template);

  gst_event_unref (event);
  return gst_pad_push_event (self->src_pad, gst_event_new_caps (caps));
}

static gboolean
mer_sample_enc_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  /* the two sides have nothing in common but the order of what passes */
  if (GST_QUERY_TYPE (query) == GST_QUERY_ALLOCATION)
    return FALSE;
  return gst_pad_query_default (pad, parent, query);
}

static void
mer_sample_enc_class_init (MerSampleEncClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "Sample encoder", "Codec/Encoder/Sample",
      "Writes samples as mer-record/1: one JSON document a line", "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", "codec");
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! merprosody "
      "! mersampleenc ! filesink location=records.jsonl");
  GST_DEBUG_CATEGORY_INIT (mer_sample_enc_debug, "mersampleenc", 0, "samples to lines");
}

static void
mer_sample_enc_init (MerSampleEnc *self)
{
  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink_pad, mer_sample_enc_chain);
  gst_pad_set_event_function (self->sink_pad, mer_sample_enc_event);
  gst_pad_set_query_function (self->sink_pad, mer_sample_enc_query);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);
  self->src_pad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_use_fixed_caps (self->src_pad);
  gst_element_add_pad (GST_ELEMENT (self), self->src_pad);
}
