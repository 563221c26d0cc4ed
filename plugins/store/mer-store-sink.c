/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-merstoresink
 * @title: merstoresink
 *
 * Writes samples with all their results into a run of a store (`.mer`). Under `mer run` the
 * run comes by a context; elsewhere the sink opens `location` and makes a run of its own,
 * which the same graph with the same settings resumes. At EOS everything is on disk before
 * the EOS message is posted. What scorers say at EOS goes into the run too.
 *
 * |[
 * gst-launch-1.0 merdatasetsrc dataset=study.json ! mermedia ! meropenai model=m
 * journal=s.mer \ ! merlabels ! merwheelscore ! merstoresink location=s.mer
 * ]|
 */
#include "mer-store-sink.h"

#include <mer.h>

#include "mer-graph-definition.h"

GST_DEBUG_CATEGORY_STATIC (mer_store_sink_debug);
#define GST_CAT_DEFAULT mer_store_sink_debug

enum
{
  PROP_0,
  PROP_LOCATION,
  PROP_RUN,
  PROP_KEEP_MEDIA,
  N_PROPS
};

struct _MerStoreSink
{
  GstBaseSink parent_instance;

  char *location;
  char *run_name;
  gboolean keep_media;

  MerStoreRun *given; /* by a context; whoever gave it finishes it */
  MerStoreRun *run;   /* the one that is written */
  gboolean ended;     /* EOS came */
  GstBus *bus;        /* of the whole graph, for the summaries of a run of our own */
  gulong bus_handler;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (MerStoreSink, mer_store_sink, GST_TYPE_BASE_SINK)

static GParamSpec *properties[N_PROPS];

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_SAMPLE_CAPS));

static gboolean
sink_fail (MerStoreSink *self, const GError *error)
{
  mer_element_post_error (GST_ELEMENT (self), error);
  return FALSE;
}

static GstElement *
sink_dup_graph (MerStoreSink *self)
{
  GstObject *top = gst_object_ref (GST_OBJECT (self));
  GstObject *parent;

  while ((parent = gst_object_get_parent (top)) != NULL)
    {
      gst_object_unref (top);
      top = parent;
    }
  return GST_ELEMENT (top);
}

/* in a streaming thread of the scorer, before its EOS goes on */
static void
sink_take_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  MerStoreSink *self = user_data;
  const GstStructure *structure = gst_message_get_structure (message);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) summary = NULL;

  if (!gst_message_has_name (message, MER_SUMMARY_MESSAGE) || self->run == NULL)
    return;

  const char *json = gst_structure_get_string (structure, "json");

  summary = json_from_string (json != NULL ? json : "null", &error);
  if (summary == NULL
      || !mer_store_run_add_summary (
          self->run, gst_structure_get_string (structure, "scorer"),
          gst_structure_get_string (structure, "stage"), summary, &error))
    sink_fail (self, error);
}

static void
sink_watch_summaries (MerStoreSink *self, GstElement *graph)
{
  if (!GST_IS_PIPELINE (graph))
    return;
  self->bus = gst_pipeline_get_bus (GST_PIPELINE (graph));
  gst_bus_enable_sync_message_emission (self->bus);
  self->bus_handler = g_signal_connect (self->bus, "sync-message::element",
                                        G_CALLBACK (sink_take_message), self);
}

static void
sink_unwatch_summaries (MerStoreSink *self)
{
  if (self->bus == NULL)
    return;
  g_signal_handler_disconnect (self->bus, self->bus_handler);
  gst_bus_disable_sync_message_emission (self->bus);
  gst_clear_object (&self->bus);
}

static MerStoreRun *
sink_begin_own (MerStoreSink *self, GError **error)
{
  if (self->location == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "%s: where to? set location=FILE.mer", GST_OBJECT_NAME (self));
      return NULL;
    }

  g_autoptr (MerStore) store = mer_store_open (self->location, MER_STORE_WRITE, error);

  if (store == NULL)
    return NULL;

  g_autoptr (GstElement) graph = sink_dup_graph (self);
  g_autoptr (JsonNode) definition = mer_graph_definition_new (graph, GST_ELEMENT (self));
  g_autoptr (JsonNode) environment = mer_store_environment_new ();
  MerStoreRun *run = mer_store_begin_run (
      store, self->run_name != NULL ? self->run_name : GST_OBJECT_NAME (graph), definition,
      environment, error);

  if (run != NULL)
    sink_watch_summaries (self, graph);
  return run;
}

static gboolean
mer_store_sink_start (GstBaseSink *sink)
{
  MerStoreSink *self = MER_STORE_SINK (sink);
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (self);
  self->ended = FALSE;
  self->run = self->given != NULL ? g_object_ref (self->given) : NULL;
  GST_OBJECT_UNLOCK (self);
  if (self->run == NULL)
    self->run = sink_begin_own (self, &error);
  if (self->run == NULL)
    return sink_fail (self, error);
  GST_INFO_OBJECT (self, "run %" G_GINT64_FORMAT " of %s",
                   mer_store_run_get_number (self->run),
                   mer_store_get_path (mer_store_run_get_store (self->run)));
  return TRUE;
}

static gboolean
mer_store_sink_stop (GstBaseSink *sink)
{
  MerStoreSink *self = MER_STORE_SINK (sink);

  sink_unwatch_summaries (self);
  if (self->run != NULL && self->given == NULL && !self->ended)
    mer_store_run_finish (self->run, MER_STORE_RUN_STOPPED,
                          "the graph was stopped before all samples came", NULL);
  g_clear_object (&self->run);
  return TRUE;
}

typedef struct
{
  GMainContext *context;
  gboolean ended;
} Load;

static void
load_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Load *load = user_data;
  g_autoptr (GError) error = NULL;

  if (!mer_media_load_finish (MER_MEDIA (source), result, &error))
    GST_INFO ("media are not kept: %s", error->message);
  load->ended = TRUE;
}

/* a media whose answers came from the journal was never decoded */
static void
sink_load_media (MerStoreSink *self, MerMedia *media)
{
  Load load = { g_main_context_new (), FALSE };

  g_main_context_push_thread_default (load.context);
  mer_media_load_async (media, self->cancellable, load_ended, &load);
  while (!load.ended)
    g_main_context_iteration (load.context, TRUE);
  g_main_context_pop_thread_default (load.context);
  g_main_context_unref (load.context);
}

static gboolean
sink_write (MerStoreSink *self, MerSample *sample, GError **error)
{
  MerMedia *media = mer_sample_get_media (sample);

  if (self->keep_media && media != NULL
      && mer_media_get_outcome (media) == MER_OUTCOME_ANSWERED)
    {
      if (!mer_media_is_loaded (media))
        sink_load_media (self, media);
      if (!mer_store_run_keep_media (self->run, media, error))
        return FALSE;
    }
  return mer_store_run_add_sample (self->run, sample, error);
}

static GstFlowReturn
mer_store_sink_render (GstBaseSink *sink, GstBuffer *buffer)
{
  MerStoreSink *self = MER_STORE_SINK (sink);
  MerSample *sample = mer_buffer_get_sample (buffer);
  g_autoptr (GError) error = NULL;

  if (sample == NULL)
    {
      GST_ELEMENT_ERROR (self, STREAM, WRONG_TYPE, ("a buffer came that carries no sample"),
                         ("an element upstream drops metas"));
      return GST_FLOW_ERROR;
    }
  if (sink_write (self, sample, &error))
    return GST_FLOW_OK;
  sink_fail (self, error);
  return GST_FLOW_ERROR;
}

/* before the EOS message: everything is on disk, and a run of our own is finished */
static gboolean
sink_end (MerStoreSink *self)
{
  g_autoptr (GError) error = NULL;
  gboolean good;

  if (self->run == NULL)
    return TRUE;
  self->ended = TRUE;
  if (self->given == NULL)
    good = mer_store_run_finish (self->run, MER_STORE_RUN_FINISHED, NULL, &error);
  else
    good = mer_store_run_flush (self->run, &error);
  return good || sink_fail (self, error);
}

static gboolean
mer_store_sink_event (GstBaseSink *sink, GstEvent *event)
{
  MerStoreSink *self = MER_STORE_SINK (sink);

  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS && !sink_end (self))
    {
      gst_event_unref (event);
      return FALSE;
    }
  return GST_BASE_SINK_CLASS (mer_store_sink_parent_class)->event (sink, event);
}

static gboolean
mer_store_sink_unlock (GstBaseSink *sink)
{
  g_cancellable_cancel (MER_STORE_SINK (sink)->cancellable);
  return TRUE;
}

static gboolean
mer_store_sink_unlock_stop (GstBaseSink *sink)
{
  MerStoreSink *self = MER_STORE_SINK (sink);

  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
  return TRUE;
}

static void
mer_store_sink_set_context (GstElement *element, GstContext *context)
{
  MerStoreSink *self = MER_STORE_SINK (element);
  MerStoreRun *run = mer_store_run_from_context (context);

  if (run != NULL)
    {
      GST_OBJECT_LOCK (self);
      g_set_object (&self->given, run);
      GST_OBJECT_UNLOCK (self);
      g_object_unref (run);
    }
  GST_ELEMENT_CLASS (mer_store_sink_parent_class)->set_context (element, context);
}

static void
mer_store_sink_set_property (GObject *object, guint id, const GValue *value,
                             GParamSpec *pspec)
{
  MerStoreSink *self = MER_STORE_SINK (object);

  switch (id)
    {
    case PROP_LOCATION:
      g_free (self->location);
      self->location = g_value_dup_string (value);
      break;
    case PROP_RUN:
      g_free (self->run_name);
      self->run_name = g_value_dup_string (value);
      break;
    case PROP_KEEP_MEDIA:
      self->keep_media = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_store_sink_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerStoreSink *self = MER_STORE_SINK (object);

  switch (id)
    {
    case PROP_LOCATION:
      g_value_set_string (value, self->location);
      break;
    case PROP_RUN:
      g_value_set_string (value, self->run_name);
      break;
    case PROP_KEEP_MEDIA:
      g_value_set_boolean (value, self->keep_media);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_store_sink_finalize (GObject *object)
{
  MerStoreSink *self = MER_STORE_SINK (object);

  g_free (self->location);
  g_free (self->run_name);
  g_clear_object (&self->given);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (mer_store_sink_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags
      = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  properties[PROP_LOCATION]
      = g_param_spec_string ("location", "Location",
                             "The store, FILE.mer, made if it is not there; not used under "
                             "“mer run”, which brings "
                             "its own (default: none)",
                             NULL, flags);
  properties[PROP_RUN]
      = g_param_spec_string ("run", "Run",
                             "What to call the run; which run it is, the graph says "
                             "(default: the pipeline's name)",
                             NULL, flags);
  properties[PROP_KEEP_MEDIA] = g_param_spec_boolean (
      "keep-media", "Keep media",
      "Whether the frames and the voice go into the store too (default: false)", FALSE,
      flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mer_store_sink_class_init (MerStoreSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *sink_class = GST_BASE_SINK_CLASS (klass);

  object_class->set_property = mer_store_sink_set_property;
  object_class->get_property = mer_store_sink_get_property;
  object_class->finalize = mer_store_sink_finalize;
  element_class->set_context = mer_store_sink_set_context;
  sink_class->start = mer_store_sink_start;
  sink_class->stop = mer_store_sink_stop;
  sink_class->render = mer_store_sink_render;
  sink_class->event = mer_store_sink_event;
  sink_class->unlock = mer_store_sink_unlock;
  sink_class->unlock_stop = mer_store_sink_unlock_stop;
  install_properties (object_class);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "Store sink", "Sink/Sample",
                                         "Writes samples and their results into a run of a "
                                         "store (.mer)",
                                         "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", "store");
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! merprosody "
      "! merstoresink location=study.mer");
  GST_DEBUG_CATEGORY_INIT (mer_store_sink_debug, "merstoresink", 0, "samples to a store");
}

static void
mer_store_sink_init (MerStoreSink *self)
{
  self->cancellable = g_cancellable_new ();
  gst_base_sink_set_sync (GST_BASE_SINK (self), FALSE);
  gst_base_sink_set_last_sample_enabled (GST_BASE_SINK (self), FALSE);
}
