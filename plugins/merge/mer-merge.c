/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-mermerge
 * @title: mermerge
 *
 * Joins the branches that a `tee` opened: the samples with one sequence number become one
 * sample with the results of all branches. Our elements keep order, so this is a merge of
 * sorted streams: the lowest number that any branch shows is next.
 *
 * A branch must hold a `queue`, else the tee waits for itself.
 *
 * |[
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia ! tee name=t \
 *   t. ! queue ! merprosody ! m. \
 *   t. ! queue ! mermotion ! m. \
 *   mermerge name=m ! mervote ! mersampleenc ! fdsink
 * ]|
 */
#include "mer-merge.h"

#include <mer.h>

GST_DEBUG_CATEGORY_STATIC (mer_merge_debug);
#define GST_CAT_DEFAULT mer_merge_debug

struct _MerMerge
{
  GstAggregator parent_instance;
  gboolean announced;
};

G_DEFINE_FINAL_TYPE (MerMerge, mer_merge, GST_TYPE_AGGREGATOR)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS (MER_SAMPLE_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_SAMPLE_CAPS));

static GstEvent *
pad_get_stages (GstPad *pad)
{
  GstEvent *event;

  for (guint i = 0;
       (event = gst_pad_get_sticky_event (pad, GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, i))
       != NULL;
       i++)
    {
      if (mer_stages_event_is (event))
        return event;
      gst_event_unref (event);
    }
  return NULL;
}

static void
set_name_error (const char *stage, GError **error)
{
  g_set_error (error, MER_ERROR, MER_ERROR_EXISTS,
               "two branches have a stage “%s”; give one of them another name with stage=…",
               stage);
}

/* how many names all branches have in common from the start: the stages before the tee */
static guint
count_common (GPtrArray *branches)
{
  guint n = 0;

  for (;; n++)
    for (guint i = 0; i < branches->len; i++)
      {
        char **first = branches->pdata[0], **other = branches->pdata[i];

        if (g_strv_length (other) <= n || !g_str_equal (first[n], other[n]))
          return n;
      }
}

/* the common names, then each branch's own; NULL with EXISTS where two branches use one */
static char **
join_names (GPtrArray *branches, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint common = branches->len > 0 ? count_common (branches) : 0;

  for (guint i = 0; i < branches->len; i++)
    {
      char **names = branches->pdata[i];

      for (guint n = i == 0 ? 0 : common; n < g_strv_length (names); n++)
        {
          if (!g_hash_table_add (seen, names[n]))
            {
              g_set_error (
                  error, MER_ERROR, MER_ERROR_EXISTS,
                  "two branches have a stage “%s”; give one of them another name with "
                  "stage=…",
                  names[n]);
              return NULL;
            }
          g_strv_builder_add (builder, names[n]);
        }
    }
  return g_strv_builder_end (builder);
}

static gboolean
merge_announce (MerMerge *self, GError **error)
{
  g_autoptr (GPtrArray) stages
      = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  g_autoptr (GPtrArray) others
      = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);

  GST_OBJECT_LOCK (self);
  for (GList *l = GST_ELEMENT (self)->sinkpads; l != NULL; l = l->next)
    {
      g_autoptr (GstEvent) event = pad_get_stages (l->data);

      if (event == NULL)
        continue;
      g_ptr_array_add (stages, mer_stages_event_get_stages (event));
      g_ptr_array_add (others, mer_stages_event_get_others (event));
    }
  GST_OBJECT_UNLOCK (self);

  g_auto (GStrv) stage_names = join_names (stages, error);
  if (stage_names == NULL)
    return FALSE;
  g_auto (GStrv) other_names = join_names (others, error);
  if (other_names == NULL)
    return FALSE;
  gst_pad_push_event (GST_AGGREGATOR_SRC_PAD (self),
                      mer_stages_event_new ((const char *const *) stage_names,
                                            (const char *const *) other_names));
  return TRUE;
}

/* the aggregator sends stream-start, caps and segment with its first buffer; the names must
 * come after these and before the buffer */
static GstPadProbeReturn
merge_first_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  MerMerge *self = user_data;
  g_autoptr (GError) error = NULL;

  if (self->announced)
    return GST_PAD_PROBE_OK;
  self->announced = TRUE;
  if (merge_announce (self, &error))
    return GST_PAD_PROBE_OK;
  mer_element_post_error (GST_ELEMENT (self), error);
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GST_FLOW_ERROR;
  gst_clear_buffer ((GstBuffer **) &info->data);
  return GST_PAD_PROBE_HANDLED;
}

/* where no sample ever comes, as when a graph is only checked, the names still do. An empty
 * list makes the aggregator send what must stand before them; after EOS nothing may come */
static GstFlowReturn
merge_end (MerMerge *self)
{
  g_autoptr (GError) error = NULL;

  if (self->announced)
    return GST_FLOW_EOS;
  self->announced = TRUE;
  gst_aggregator_finish_buffer_list (GST_AGGREGATOR (self), gst_buffer_list_new ());
  if (merge_announce (self, &error))
    return GST_FLOW_EOS;
  mer_element_post_error (GST_ELEMENT (self), error);
  return GST_FLOW_ERROR;
}

static GList *
merge_get_pads (MerMerge *self)
{
  GList *pads;

  GST_OBJECT_LOCK (self);
  pads = g_list_copy_deep (GST_ELEMENT (self)->sinkpads, (GCopyFunc) gst_object_ref, NULL);
  GST_OBJECT_UNLOCK (self);
  return pads;
}

static guint64
merge_get_lowest (GList *pads)
{
  guint64 lowest = G_MAXUINT64;

  for (GList *l = pads; l != NULL; l = l->next)
    {
      g_autoptr (GstBuffer) buffer = gst_aggregator_pad_peek_buffer (l->data);

      if (buffer != NULL)
        lowest = MIN (lowest, GST_BUFFER_OFFSET (buffer));
    }
  return lowest;
}

/* a result from before the tee is one object in all branches; two under one name are two
 * stages, which the names alone cannot show where the branches are alike */
static gboolean
merge_results (MerSample *into, MerSample *from, GError **error)
{
  for (guint i = 0; i < mer_sample_get_n_results (from); i++)
    {
      MerResult *result = mer_sample_get_result (from, i);
      const char *stage = mer_result_get_stage (result);
      MerResult *there = mer_sample_find_result (into, stage);

      if (there == NULL)
        mer_sample_take_result (into, mer_result_ref (result));
      else if (there != result)
        {
          set_name_error (stage, error);
          return FALSE;
        }
    }
  if (mer_sample_get_media (into) == NULL && mer_sample_get_media (from) != NULL)
    mer_sample_set_media (into, mer_sample_get_media (from));
  if (mer_sample_get_subtitle (into) == NULL && mer_sample_get_subtitle (from) != NULL)
    mer_sample_set_subtitle (into, mer_sample_get_subtitle (from));
  return TRUE;
}

static GstFlowReturn
mer_merge_aggregate (GstAggregator *aggregator, gboolean timeout)
{
  MerMerge *self = MER_MERGE (aggregator);
  g_autolist (GstPad) pads = merge_get_pads (self);
  guint64 lowest = merge_get_lowest (pads);
  g_autoptr (GstBuffer) merged = NULL;
  g_autoptr (GError) error = NULL;

  if (lowest == G_MAXUINT64)
    return merge_end (self);
  for (GList *l = pads; l != NULL; l = l->next)
    {
      g_autoptr (GstBuffer) seen = gst_aggregator_pad_peek_buffer (l->data);

      if (seen == NULL || GST_BUFFER_OFFSET (seen) != lowest)
        continue;
      g_clear_pointer (&seen, gst_buffer_unref);

      g_autoptr (GstBuffer) buffer = gst_aggregator_pad_pop_buffer (l->data);
      if (merged == NULL)
        merged = g_steal_pointer (&buffer);
      else if (!merge_results (mer_buffer_make_sample_writable (&merged),
                               mer_buffer_get_sample (buffer), &error))
        {
          mer_element_post_error (GST_ELEMENT (self), error);
          return GST_FLOW_ERROR;
        }
    }
  return gst_aggregator_finish_buffer (aggregator, g_steal_pointer (&merged));
}

static gboolean
mer_merge_sink_event (GstAggregator *aggregator, GstAggregatorPad *pad, GstEvent *event)
{
  /* they are sticky on the sink pad; merge_announce () reads them there */
  if (mer_stages_event_is (event))
    {
      gst_event_unref (event);
      return TRUE;
    }
  return GST_AGGREGATOR_CLASS (mer_merge_parent_class)->sink_event (aggregator, pad, event);
}

static gboolean
mer_merge_start (GstAggregator *aggregator)
{
  MER_MERGE (aggregator)->announced = FALSE;
  return TRUE;
}

static void
mer_merge_class_init (MerMergeClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstAggregatorClass *aggregator_class = GST_AGGREGATOR_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (mer_merge_debug, "mermerge", 0, "join of sample branches");
  aggregator_class->aggregate = mer_merge_aggregate;
  aggregator_class->sink_event = mer_merge_sink_event;
  aggregator_class->start = mer_merge_start;
  gst_element_class_add_static_pad_template_with_gtype (element_class, &sink_template,
                                                        GST_TYPE_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class, &src_template,
                                                        GST_TYPE_AGGREGATOR_PAD);
  gst_element_class_set_static_metadata (element_class, "Sample merge", "Muxer/Sample",
                                         "Joins branches of samples by sequence number",
                                         "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", "join");
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 mermerge name=m ! mervote ! mersampleenc ! fdsink "
      "merdatasetsrc clips=videos ! mermedia ! tee name=t t. ! queue ! "
      "merprosody ! m. t. ! queue ! mermotion ! m.");
}

static void
mer_merge_init (MerMerge *self)
{
  GstPad *src = GST_AGGREGATOR_SRC_PAD (self);

  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, merge_first_buffer, self, NULL);
}
