/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-mersampledec
 * @title: mersampledec
 *
 * Reads samples from lines of JSON (`mer-record/1`), as `mersampleenc` and `mer export
 * --what samples` write them, so that what comes after the models can be done again without
 * them. The bytes may be cut anywhere. Media have their manifest and no bytes.
 *
 * |[
 * gst-launch-1.0 filesrc location=records.jsonl ! mersampledec ! mervote ! merwheelscore \
 *   ! merstoresink location=again.mer
 * ]|
 */
#include "mer-sample-dec.h"

#include <string.h>

#include <mer.h>

GST_DEBUG_CATEGORY_STATIC (mer_sample_dec_debug);
#define GST_CAT_DEFAULT mer_sample_dec_debug

#define DEFAULT_MAX_LINE (16u * 1024 * 1024)

enum
{
  PROP_0,
  PROP_MAX_LINE,
  N_PROPS
};

struct _MerSampleDec
{
  GstElement parent_instance;
  GstPad *sink_pad;
  GstPad *src_pad;

  guint64 max_line;

  /* streaming thread only */
  GByteArray *begun;
  guint line;
  char *source;
  gboolean started;
  GPtrArray *stages;
  GPtrArray *others;
};

G_DEFINE_FINAL_TYPE (MerSampleDec, mer_sample_dec, GST_TYPE_ELEMENT)

static GParamSpec *properties[N_PROPS];

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_RECORD_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_SAMPLE_CAPS));

static void
dec_reset (MerSampleDec *self)
{
  g_byte_array_set_size (self->begun, 0);
  self->line = 0;
  self->started = FALSE;
  g_clear_pointer (&self->source, g_free);
  g_ptr_array_set_size (self->stages, 0);
  g_ptr_array_set_size (self->others, 0);
}

/* the file that the bytes come from, for errors */
static const char *
dec_get_source (MerSampleDec *self)
{
  g_autoptr (GstQuery) query = gst_query_new_uri ();
  g_autofree char *uri = NULL;

  if (self->source != NULL)
    return self->source;
  if (gst_pad_peer_query (self->sink_pad, query))
    gst_query_parse_uri (query, &uri);
  if (uri != NULL)
    self->source = g_filename_from_uri (uri, NULL, NULL);
  if (self->source == NULL)
    self->source = gst_object_get_name (GST_OBJECT (self));
  return self->source;
}

static GstFlowReturn
dec_fail (MerSampleDec *self, GError *error)
{
  GST_ELEMENT_ERROR (self, STREAM, DECODE, ("%s", error->message), (NULL));
  g_error_free (error);
  return GST_FLOW_ERROR;
}

static gboolean
names_add (GPtrArray *names, const char *name)
{
  if (g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    return FALSE;
  g_ptr_array_add (names, g_strdup (name));
  return TRUE;
}

static char **
names_to_strv (GPtrArray *names)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < names->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (names, i));
  return g_strv_builder_end (builder);
}

/* the stages of a record are what those downstream may refer to */
static void
dec_announce (MerSampleDec *self, MerSample *sample)
{
  gboolean changed = !self->started;

  for (guint i = 0; sample != NULL && i < mer_sample_get_n_results (sample); i++)
    {
      MerResult *result = mer_sample_get_result (sample, i);
      const char *kind = mer_result_get_kind (result);
      gboolean other = g_strcmp0 (kind, MER_KIND_SCORER) == 0
                       || g_strcmp0 (kind, MER_KIND_LABELS) == 0
                       || g_strcmp0 (kind, MER_KIND_MEDIA) == 0;

      if (names_add (other ? self->others : self->stages, mer_result_get_stage (result)))
        changed = TRUE;
    }
  self->started = TRUE;
  if (!changed)
    return;

  g_auto (GStrv) stages = names_to_strv (self->stages);
  g_auto (GStrv) others = names_to_strv (self->others);

  gst_pad_push_event (self->src_pad, mer_stages_event_new ((const char *const *) stages,
                                                           (const char *const *) others));
}

static gboolean
line_is_blank (const guint8 *line, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isspace (line[i]))
      return FALSE;
  return TRUE;
}

static GstFlowReturn
dec_take_line (MerSampleDec *self, const guint8 *line, gsize length)
{
  GError *error = NULL;
  MerSample *sample;

  self->line++;
  if (line_is_blank (line, length))
    return GST_FLOW_OK;
  sample = mer_record_parse_line (dec_get_source (self), self->line, (const char *) line,
                                  (gssize) length, &error);
  if (sample == NULL)
    return dec_fail (self, error);
  dec_announce (self, sample);
  return gst_pad_push (self->src_pad, mer_buffer_new_sample (sample));
}

static GstFlowReturn
dec_keep (MerSampleDec *self, const guint8 *bytes, gsize length)
{
  if (self->begun->len + length <= self->max_line)
    {
      g_byte_array_append (self->begun, bytes, (guint) length);
      return GST_FLOW_OK;
    }
  return dec_fail (
      self, g_error_new (MER_ERROR, MER_ERROR_TOO_LARGE,
                         "%s:%u: the line is longer than %" G_GUINT64_FORMAT
                         " bytes; is this a file of records? max-line= raises the limit",
                         dec_get_source (self), self->line + 1, self->max_line));
}

/* a line that ended, maybe begun in a buffer before */
static GstFlowReturn
dec_end_line (MerSampleDec *self, const guint8 *bytes, gsize length)
{
  GstFlowReturn flow;

  if (self->begun->len == 0 && length <= self->max_line)
    return dec_take_line (self, bytes, length);
  flow = dec_keep (self, bytes, length);
  if (flow == GST_FLOW_OK)
    flow = dec_take_line (self, self->begun->data, self->begun->len);
  g_byte_array_set_size (self->begun, 0);
  return flow;
}

static GstFlowReturn
mer_sample_dec_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  MerSampleDec *self = MER_SAMPLE_DEC (parent);
  GstFlowReturn flow = GST_FLOW_OK;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    {
      gst_buffer_unref (buffer);
      GST_ELEMENT_ERROR (self, RESOURCE, READ, ("a buffer cannot be read"), (NULL));
      return GST_FLOW_ERROR;
    }

  const guint8 *next = map.data, *end = map.data + map.size;

  while (flow == GST_FLOW_OK && next < end)
    {
      const guint8 *newline = memchr (next, '\n', (gsize) (end - next));

      if (newline == NULL)
        {
          flow = dec_keep (self, next, (gsize) (end - next));
          break;
        }
      flow = dec_end_line (self, next, (gsize) (newline - next));
      next = newline + 1;
    }
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  return flow;
}

static gboolean
dec_push_start (MerSampleDec *self)
{
  g_autoptr (GstCaps) caps = gst_static_pad_template_get_caps (&src_template);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  return gst_pad_push_event (self->src_pad, gst_event_new_caps (caps))
         && gst_pad_push_event (self->src_pad, gst_event_new_segment (&segment));
}

/* a last line without a newline is a line */
static gboolean
dec_end (MerSampleDec *self, GstEvent *eos)
{
  if (self->begun->len > 0 && dec_end_line (self, NULL, 0) != GST_FLOW_OK)
    {
      gst_event_unref (eos);
      return FALSE;
    }
  if (!self->started)
    dec_announce (self, NULL);
  return gst_pad_push_event (self->src_pad, eos);
}

static gboolean
mer_sample_dec_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  MerSampleDec *self = MER_SAMPLE_DEC (parent);

  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_CAPS:
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_SEGMENT:
      gst_event_unref (event);
      return dec_push_start (self);
    case GST_EVENT_EOS:
      return dec_end (self, event);
    case GST_EVENT_FLUSH_STOP:
      dec_reset (self);
      return gst_pad_event_default (pad, parent, event);
    default:
      return gst_pad_event_default (pad, parent, event);
    }
}

static gboolean
mer_sample_dec_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) == GST_QUERY_ALLOCATION)
    return FALSE;
  return gst_pad_query_default (pad, parent, query);
}

static GstStateChangeReturn
mer_sample_dec_change_state (GstElement *element, GstStateChange transition)
{
  GstStateChangeReturn change
      = GST_ELEMENT_CLASS (mer_sample_dec_parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    dec_reset (MER_SAMPLE_DEC (element));
  return change;
}

static void
mer_sample_dec_set_property (GObject *object, guint id, const GValue *value,
                             GParamSpec *pspec)
{
  if (id == PROP_MAX_LINE)
    MER_SAMPLE_DEC (object)->max_line = g_value_get_uint64 (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_sample_dec_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_MAX_LINE)
    g_value_set_uint64 (value, MER_SAMPLE_DEC (object)->max_line);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_sample_dec_finalize (GObject *object)
{
  MerSampleDec *self = MER_SAMPLE_DEC (object);

  g_byte_array_unref (self->begun);
  g_ptr_array_unref (self->stages);
  g_ptr_array_unref (self->others);
  g_free (self->source);
  G_OBJECT_CLASS (mer_sample_dec_parent_class)->finalize (object);
}

static void
mer_sample_dec_class_init (MerSampleDecClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = mer_sample_dec_set_property;
  object_class->get_property = mer_sample_dec_get_property;
  object_class->finalize = mer_sample_dec_finalize;
  element_class->change_state = mer_sample_dec_change_state;
  properties[PROP_MAX_LINE] = g_param_spec_uint64 (
      "max-line", "Longest line",
      "A line of more bytes than this is an error (bytes, default: 16777216)", 1024,
      MER_JSON_MAX_BYTES, DEFAULT_MAX_LINE,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "Sample decoder", "Codec/Decoder/Sample",
      "Reads samples from mer-record/1: one JSON document a line", "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", "codec");
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 filesrc location=records.jsonl ! mersampledec ! "
      "mervote ! merwheelscore ! fakesink");
  GST_DEBUG_CATEGORY_INIT (mer_sample_dec_debug, "mersampledec", 0, "lines to samples");
}

static void
mer_sample_dec_init (MerSampleDec *self)
{
  self->max_line = DEFAULT_MAX_LINE;
  self->begun = g_byte_array_new ();
  self->stages = g_ptr_array_new_with_free_func (g_free);
  self->others = g_ptr_array_new_with_free_func (g_free);
  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink_pad, mer_sample_dec_chain);
  gst_pad_set_event_function (self->sink_pad, mer_sample_dec_event);
  gst_pad_set_query_function (self->sink_pad, mer_sample_dec_query);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);
  self->src_pad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_use_fixed_caps (self->src_pad);
  gst_element_add_pad (GST_ELEMENT (self), self->src_pad);
}
