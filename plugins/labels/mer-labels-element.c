/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-merlabels
 * @title: merlabels
 *
 * Turns answers into labels, offline: JSON in any common shape, lists, running text. It
 * fills the labels into the results it reads and adds none of its own, so that a scorer
 * further down judges the stage that spoke.
 *
 * An answer is read strictly first: one JSON document that fits `schema`. What does not is
 * read leniently, unless `reading=strict`; a result's data says as `read` which it was.
 *
 * An answer that says that no emotion shows has no labels and stays `answered`; one from
 * which nothing can be read becomes `unparseable`, with a reason such as `not-json` or
 * `wrong-language`, and one that declines `refused`. What a model thought on the way
 * (reasoning) is never read. A result that has labels already is left as it is.
 *
 * |[
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia ! mermodel model=qwen2.5-vl-7b ! \
 *   merlabels ! mersampleenc ! fdsink
 * ]|
 */
#include "mer-labels-element.h"

#include "base/mer-answer-format.h"
#include "base/mer-stages.h"
#include "emotion/mer-label-reading.h"

GST_DEBUG_CATEGORY_STATIC (mer_labels_debug);
#define GST_CAT_DEFAULT mer_labels_debug

enum
{
  PROP_STAGES = 1,
  PROP_READING,
  PROP_SCHEMA,
  PROP_SPEECH,
  PROP_OVERWRITE,
};

struct _MerLabelsElement
{
  MerTransform parent_instance;

  char *stages;
  MerLabelReading reading;
  char *schema_path;
  gboolean speech;
  gboolean overwrite;

  char **wanted;    /* the stages that are read */
  JsonNode *schema; /* what strict reading holds answers to */
};

G_DEFINE_FINAL_TYPE (MerLabelsElement, mer_labels_element, MER_TYPE_TRANSFORM)

static const char *const *
mer_labels_element_resolve (MerTransform *transform, const char *const *upstream,
                            GError **error)
{
  MerLabelsElement *self = MER_LABELS_ELEMENT (transform);
  guint n = g_strv_length ((char **) upstream);

  g_strfreev (self->wanted);
  self->wanted = mer_stage_list_parse (self->stages);
  if (self->wanted == NULL && n > 0)
    {
      self->wanted = g_new0 (char *, 2);
      self->wanted[0] = g_strdup (upstream[n - 1]);
    }
  return (const char *const *) self->wanted;
}

/* beside whatever the stage said about its answer */
static void
note_finding (MerResult *result, const MerLabelFinding *finding)
{
  JsonNode *data = mer_result_get_data (result);
  g_autoptr (JsonObject) object = json_object_new ();
  JsonNode *node = json_node_alloc ();

  if (data != NULL && JSON_NODE_HOLDS_OBJECT (data))
    {
      g_autoptr (GList) members = json_object_get_members (json_node_get_object (data));

      for (GList *l = members; l != NULL; l = l->next)
        json_object_set_member (
            object, l->data,
            json_node_copy (json_object_get_member (json_node_get_object (data), l->data)));
    }
  json_object_set_string_member (object, "label-form",
                                 mer_label_form_get_name (finding->form));
  if (finding->miss == MER_LABEL_MISS_NONE)
    json_object_set_string_member (object, "read", finding->strict ? "strict" : "lenient");
  mer_result_take_data (result, json_node_init_object (node, object));
}

/* in the order of MerLabelMiss */
static const struct
{
  MerReason reason;
  const char *detail;
} misses[] = {
  { MER_REASON_NONE, NULL },
  { MER_REASON_EMPTY, "the answer is empty" },
  { MER_REASON_REFUSAL, "the model declined in its own words" },
  { MER_REASON_NOT_JSON, "no labels can be read from the answer: it is no JSON" },
  { MER_REASON_WRONG_SHAPE,
    "no labels can be read from the answer: JSON of another shape than was asked for" },
  { MER_REASON_CUT_OFF, "no labels can be read from the answer: it breaks off" },
  { MER_REASON_WRONG_LANGUAGE,
    "no labels can be read from the answer: it is in another language" },
  { MER_REASON_NO_EMOTION_WORD, "no labels can be read from the answer" },
};

static void
set_unread (MerLabelsElement *self, MerSample *sample, MerResult *result, MerLabelMiss miss)
{
  const char *stage = mer_result_get_stage (result);
  const char *id = mer_sample_get_id (sample);
  MerReason reason = misses[miss].reason;
  MerOutcome outcome = mer_reason_get_outcome (reason);

  /* what went wrong before this stage is the better explanation */
  if (mer_result_get_outcome (result) != MER_OUTCOME_ANSWERED)
    return;
  mer_result_set_failure (result, outcome, reason, misses[miss].detail);
  GST_ELEMENT_WARNING_WITH_DETAILS (
      self, STREAM, DECODE, ("sample %s: %s: %s", id, stage, misses[miss].detail), (NULL),
      ("sample-id", G_TYPE_STRING, id, "stage", G_TYPE_STRING, stage, "outcome",
       G_TYPE_STRING, mer_outcome_to_string (outcome), "reason", G_TYPE_STRING,
       mer_reason_to_string (reason), NULL));
}

static gboolean
is_to_read (MerLabelsElement *self, MerResult *result)
{
  return mer_transform_accepts (MER_TRANSFORM (self), result)
         && (self->overwrite || mer_result_get_labels (result) == NULL);
}

static void
read_result (MerLabelsElement *self, MerSample *sample, MerResult *original)
{
  MerResult *result = mer_result_copy (original);
  MerLabelOptions options
      = { .reading = self->reading,
          .schema = self->schema,
          .truncated = mer_result_get_outcome (original) == MER_OUTCOME_TRUNCATED,
          .no_speech = !self->speech };
  MerLabelFinding finding;
  g_autoptr (MerLabels) labels
      = mer_label_reading_read (mer_result_get_text (original), &options, &finding);

  if (labels != NULL)
    mer_result_set_labels (result, labels);
  else
    set_unread (self, sample, result, finding.miss);
  note_finding (result, &finding);
  GST_LOG_OBJECT (self, "%s: %s: read as %s, %s", mer_sample_get_id (sample),
                  mer_result_get_stage (result), mer_label_form_get_name (finding.form),
                  finding.strict ? "strictly" : "leniently");
  mer_sample_take_result (sample, result);
}

static gboolean
mer_labels_element_start (MerTransform *transform, GError **error)
{
  MerLabelsElement *self = MER_LABELS_ELEMENT (transform);

  g_clear_pointer (&self->schema, json_node_unref);
  self->schema = mer_answer_schema_open (self->schema_path, error);
  if (self->schema == NULL)
    g_prefix_error (error, "%s: ", GST_OBJECT_NAME (self));
  return self->schema != NULL;
}

static gboolean
mer_labels_element_apply (MerTransform *transform, MerSample *sample, GError **error)
{
  MerLabelsElement *self = MER_LABELS_ELEMENT (transform);

  for (guint i = 0; self->wanted != NULL && self->wanted[i] != NULL; i++)
    {
      MerResult *result = mer_sample_find_result (sample, self->wanted[i]);

      if (is_to_read (self, result))
        read_result (self, sample, result);
    }
  return TRUE;
}

static void
mer_labels_element_set_property (GObject *object, guint id, const GValue *value,
                                 GParamSpec *pspec)
{
  MerLabelsElement *self = MER_LABELS_ELEMENT (object);

  switch (id)
    {
    case PROP_STAGES:
      g_free (self->stages);
      self->stages = g_value_dup_string (value);
      break;
    case PROP_READING:
      self->reading = g_value_get_enum (value);
      break;
    case PROP_SCHEMA:
      g_free (self->schema_path);
      self->schema_path = g_value_dup_string (value);
      break;
    case PROP_SPEECH:
      self->speech = g_value_get_boolean (value);
      break;
    case PROP_OVERWRITE:
      self->overwrite = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_labels_element_get_property (GObject *object, guint id, GValue *value,
                                 GParamSpec *pspec)
{
  MerLabelsElement *self = MER_LABELS_ELEMENT (object);

  switch (id)
    {
    case PROP_STAGES:
      g_value_set_string (value, self->stages);
      break;
    case PROP_READING:
      g_value_set_enum (value, self->reading);
      break;
    case PROP_SCHEMA:
      g_value_set_string (value, self->schema_path);
      break;
    case PROP_SPEECH:
      g_value_set_boolean (value, self->speech);
      break;
    case PROP_OVERWRITE:
      g_value_set_boolean (value, self->overwrite);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_labels_element_finalize (GObject *object)
{
  MerLabelsElement *self = MER_LABELS_ELEMENT (object);

  g_free (self->stages);
  g_free (self->schema_path);
  g_strfreev (self->wanted);
  g_clear_pointer (&self->schema, json_node_unref);
  G_OBJECT_CLASS (mer_labels_element_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (
      object_class, PROP_STAGES,
      g_param_spec_string ("stages", "Stages",
                           "Stages whose answers are read, separated by commas (default: "
                           "the last one before this element)",
                           NULL, flags));
  g_object_class_install_property (
      object_class, PROP_READING,
      g_param_spec_enum ("reading", "Reading",
                         "How much an answer must keep to what it was asked for "
                         "(default: auto)",
                         MER_TYPE_LABEL_READING, MER_LABEL_READING_AUTO, flags));
  g_object_class_install_property (
      object_class, PROP_SCHEMA,
      g_param_spec_string ("schema", "Schema",
                           "JSON Schema file that strict reading holds answers to "
                           "(default: an object with a list “labels” of one to eight "
                           "words, as a backend's answer-format=json-schema asks for)",
                           NULL, flags));
  g_object_class_install_property (
      object_class, PROP_SPEECH,
      g_param_spec_boolean ("speech", "Speech",
                            "Whether an answer that only repeats what was said is read by "
                            "what the words tell (default: true); else it is unparseable",
                            TRUE, flags));
  g_object_class_install_property (
      object_class, PROP_OVERWRITE,
      g_param_spec_boolean ("overwrite", "Overwrite",
                            "Whether a result that has labels already is read again "
                            "(default: false)",
                            FALSE, flags));
}

static void
mer_labels_element_class_init (MerLabelsElementClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  MerTransformClass *transform_class = MER_TRANSFORM_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (mer_labels_debug, "merlabels", 0, "answers into labels");
  object_class->set_property = mer_labels_element_set_property;
  object_class->get_property = mer_labels_element_get_property;
  object_class->finalize = mer_labels_element_finalize;
  transform_class->start = mer_labels_element_start;
  transform_class->resolve = mer_labels_element_resolve;
  transform_class->apply = mer_labels_element_apply;
  install_properties (object_class);
  gst_type_mark_as_plugin_api (MER_TYPE_LABEL_READING, 0);
  gst_element_class_set_static_metadata (
      element_class, "Labels", "Filter/Sample/Labels",
      "Turns answers (JSON, lists, running text) into emotion labels, offline", "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", MER_KIND_LABELS);
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! mermodel "
      "model=local ! merlabels ! mersampleenc ! fdsink");
}

static void
mer_labels_element_init (MerLabelsElement *self)
{
  self->speech = TRUE;
}
