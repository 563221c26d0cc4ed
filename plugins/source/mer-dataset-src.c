/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-merdatasetsrc
 * @title: merdatasetsrc
 *
 * Starts a graph: one sample for each row of a dataset, or for each clip of a folder.
 *
 * ## Example launch line
 *
 * ```
 * gst-launch-1.0 merdatasetsrc clips=videos truth=truth.csv ! mermedia ! merprosody !
 * fakesink
 * ```
 */
#include "mer-dataset-src.h"

#include "base/mer-element-error.h"
#include "base/mer-stages.h"
#include "config/mer-dataset.h"

GST_DEBUG_CATEGORY_STATIC (mer_dataset_src_debug);
#define GST_CAT_DEFAULT mer_dataset_src_debug

struct _MerDatasetSrc
{
  GstPushSrc parent_instance;

  char *dataset;
  char *root;
  char *clips;
  MerDataset *samples;
  char *truth;
  char *truth_column;
  char *subtitle_lang;
  char *split;
  guint64 limit;

  MerDataset *list; /* from start to stop */
  guint next;
};

enum
{
  PROP_0,
  PROP_DATASET,
  PROP_ROOT,
  PROP_CLIPS,
  PROP_SAMPLES,
  PROP_TRUTH,
  PROP_TRUTH_COLUMN,
  PROP_SUBTITLE_LANG,
  PROP_SPLIT,
  PROP_LIMIT,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_SAMPLE_CAPS));

G_DEFINE_TYPE (MerDatasetSrc, mer_dataset_src, GST_TYPE_PUSH_SRC)
GST_ELEMENT_REGISTER_DEFINE (merdatasetsrc, "merdatasetsrc", GST_RANK_NONE,
                             MER_TYPE_DATASET_SRC)

/* the place of a text property, %NULL for another one */
static char **
text_property (MerDatasetSrc *self, guint id)
{
  switch (id)
    {
    case PROP_DATASET:
      return &self->dataset;
    case PROP_ROOT:
      return &self->root;
    case PROP_CLIPS:
      return &self->clips;
    case PROP_TRUTH:
      return &self->truth;
    case PROP_TRUTH_COLUMN:
      return &self->truth_column;
    case PROP_SUBTITLE_LANG:
      return &self->subtitle_lang;
    case PROP_SPLIT:
      return &self->split;
    default:
      return NULL;
    }
}

static void
mer_dataset_src_set_property (GObject *object, guint id, const GValue *value,
                              GParamSpec *pspec)
{
  MerDatasetSrc *self = MER_DATASET_SRC (object);
  char **text = text_property (self, id);

  GST_OBJECT_LOCK (self);
  if (text != NULL)
    {
      g_free (*text);
      *text = g_value_dup_string (value);
    }
  else if (id == PROP_SAMPLES)
    {
      g_clear_pointer (&self->samples, mer_dataset_unref);
      self->samples = g_value_dup_boxed (value);
    }
  else if (id == PROP_LIMIT)
    self->limit = g_value_get_uint64 (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
mer_dataset_src_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerDatasetSrc *self = MER_DATASET_SRC (object);
  char **text = text_property (self, id);

  GST_OBJECT_LOCK (self);
  if (text != NULL)
    g_value_set_string (value, *text);
  else if (id == PROP_SAMPLES)
    g_value_set_boxed (value, self->samples);
  else if (id == PROP_LIMIT)
    g_value_set_uint64 (value, self->limit);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static MerDataset *
open_given_clips (MerDatasetSrc *self, GError **error)
{
  const char *const paths[] = { self->clips, NULL };
  g_autoptr (MerDataset) list = mer_dataset_open_clips (paths, self->subtitle_lang, error);

  if (list == NULL)
    return NULL;
  if (self->truth != NULL
      && !mer_dataset_join_truth (list, self->truth, self->truth_column, error))
    return NULL;
  return g_steal_pointer (&list);
}

static MerDataset *
open_list (MerDatasetSrc *self, GError **error)
{
  g_autoptr (MerDataset) list = NULL;

  if (self->samples != NULL)
    return mer_dataset_ref (self->samples);
  if ((self->dataset != NULL) == (self->clips != NULL))
    g_set_error_literal (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                         self->clips != NULL
                             ? "dataset and clips are both set; which one?"
                             : "what are the samples? set dataset=FILE or clips=PATH");
  else if (self->dataset != NULL && self->truth != NULL)
    g_set_error_literal (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                         "truth goes with clips; a dataset names its own");
  else
    list = self->clips != NULL ? open_given_clips (self, error)
                               : mer_dataset_open (self->dataset, NULL, self->root, error);
  if (list == NULL || !mer_dataset_narrow (list, self->split, self->limit, error))
    return NULL;
  return g_steal_pointer (&list);
}

static gboolean
mer_dataset_src_start (GstBaseSrc *src)
{
  MerDatasetSrc *self = MER_DATASET_SRC (src);
  g_autoptr (GError) error = NULL;

  self->next = 0;
  self->list = open_list (self, &error);
  if (self->list == NULL)
    {
      mer_element_post_error (GST_ELEMENT (self), error);
      return FALSE;
    }
  /* who opened the dataset itself has seen its note */
  if (self->samples == NULL && mer_dataset_get_note (self->list) != NULL)
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS,
                         ("%s", mer_dataset_get_note (self->list)), (NULL));
  GST_INFO_OBJECT (self, "%u samples", mer_dataset_get_n_samples (self->list));
  return TRUE;
}

static gboolean
mer_dataset_src_stop (GstBaseSrc *src)
{
  g_clear_pointer (&MER_DATASET_SRC (src)->list, mer_dataset_unref);
  return TRUE;
}

static gboolean
mer_dataset_src_is_seekable (GstBaseSrc *src)
{
  return FALSE;
}

static GstFlowReturn
mer_dataset_src_create (GstPushSrc *src, GstBuffer **buffer)
{
  MerDatasetSrc *self = MER_DATASET_SRC (src);

  if (self->next == 0)
    gst_pad_push_event (GST_BASE_SRC_PAD (self), mer_stages_event_new (NULL, NULL));
  if (self->next >= mer_dataset_get_n_samples (self->list))
    return GST_FLOW_EOS;

  *buffer = mer_buffer_new_sample (mer_dataset_make_sample (self->list, self->next++));
  return GST_FLOW_OK;
}

/* how many there are, for whoever shows progress */
static gboolean
mer_dataset_src_query (GstBaseSrc *src, GstQuery *query)
{
  MerDatasetSrc *self = MER_DATASET_SRC (src);
  GstFormat format = GST_FORMAT_UNDEFINED;

  if (GST_QUERY_TYPE (query) == GST_QUERY_DURATION && self->list != NULL)
    {
      gst_query_parse_duration (query, &format, NULL);
      if (format == GST_FORMAT_BUFFERS)
        {
          gst_query_set_duration (query, format, mer_dataset_get_n_samples (self->list));
          return TRUE;
        }
    }
  return GST_BASE_SRC_CLASS (mer_dataset_src_parent_class)->query (src, query);
}

static void
mer_dataset_src_finalize (GObject *object)
{
  MerDatasetSrc *self = MER_DATASET_SRC (object);

  for (guint id = PROP_DATASET; id < N_PROPS; id++)
    if (text_property (self, id) != NULL)
      g_free (*text_property (self, id));
  g_clear_pointer (&self->samples, mer_dataset_unref);
  G_OBJECT_CLASS (mer_dataset_src_parent_class)->finalize (object);
}

static void
install_text (guint id, const char *name, const char *nick, const char *blurb)
{
  properties[id] = g_param_spec_string (name, nick, blurb, NULL,
                                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
                                            | GST_PARAM_MUTABLE_READY);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags
      = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  install_text (PROP_DATASET, "dataset", "Dataset",
                "A mer-dataset/1 file, or the name of one; this or clips (default: none)");
  install_text (
      PROP_ROOT, "root", "Root",
      "The folder with the dataset's tables and clips (default: the file's own root)");
  install_text (PROP_CLIPS, "clips", "Clips",
                "A clip, or a folder that is searched recursively in bytewise order "
                "(default: none)");
  properties[PROP_SAMPLES]
      = g_param_spec_boxed ("samples", "Samples",
                            "A dataset that a program has opened, instead of all the other "
                            "properties (default: none)",
                            MER_TYPE_DATASET, flags);
  install_text (PROP_TRUTH, "truth", "Truth",
                "A table that gives clips their truth by id (default: none)");
  install_text (PROP_TRUTH_COLUMN, "truth-column", "Truth column",
                "The truth's column in that table (default: openset, labels, label, truth, "
                "class or value, whichever is there)");
  install_text (PROP_SUBTITLE_LANG, "subtitle-lang", "Subtitle language",
                "Which of several side files STEM.LANG.srt to take, such as en (default: "
                "the one without a language, else the first)");
  install_text (PROP_SPLIT, "split", "Split",
                "Only the samples of this split (default: all)");
  properties[PROP_LIMIT] = g_param_spec_uint64 (
      "limit", "Limit", "Only the first so many samples; 0: all (default: 0)", 0, G_MAXUINT,
      0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mer_dataset_src_class_init (MerDatasetSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *src_class = GST_BASE_SRC_CLASS (klass);

  object_class->set_property = mer_dataset_src_set_property;
  object_class->get_property = mer_dataset_src_get_property;
  object_class->finalize = mer_dataset_src_finalize;
  src_class->start = mer_dataset_src_start;
  src_class->stop = mer_dataset_src_stop;
  src_class->is_seekable = mer_dataset_src_is_seekable;
  src_class->query = mer_dataset_src_query;
  GST_PUSH_SRC_CLASS (klass)->create = mer_dataset_src_create;
  install_properties (object_class);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "Dataset source", "Source/Sample",
      "Emits one sample for each row of a dataset or each clip of a folder", "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", "source");
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos truth=truth.csv ! "
      "mermedia ! merprosody ! mersampleenc ! fdsink");
  GST_DEBUG_CATEGORY_INIT (mer_dataset_src_debug, "merdatasetsrc", 0,
                           "samples of a dataset");
}

static void
mer_dataset_src_init (MerDatasetSrc *self)
{
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
}
