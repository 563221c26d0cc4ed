/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-merreplay
 * @title: merreplay
 *
 * Answers from a file of a past run: a table with a row a sample (CSV, TSV, XLSX, JSON
 * Lines; such as the field's `name, openset, reason`), or `mer-record/1` lines. With
 * `labels-column` the labels stand in the result at once; without it the text does, and
 * `merlabels` reads it.
 *
 * The answers are read whole when the element starts, so that a wrong file is an error
 * before the first sample. A sample without an answer is treated as `missing` says.
 *
 * |[
 * gst-launch-1.0 merdatasetsrc dataset=set.json \
 *   ! merreplay stage=a location=a.csv labels-column=openset \
 *   ! merreplay stage=b location=b.csv labels-column=openset \
 *   ! mervote ! merwheelscore ! fakesink
 * ]|
 */
#include "mer-replay.h"

#include "mer-replay-file.h"

GST_DEBUG_CATEGORY_STATIC (mer_replay_debug);
#define GST_CAT_DEFAULT mer_replay_debug

typedef enum
{
  MISSING_SKIP,
  MISSING_EMPTY,
  MISSING_FAIL,
} Missing;

enum
{
  PROP_STAGE = 1,
  PROP_LOCATION,
  PROP_FROM_STAGE,
  PROP_ID_COLUMN,
  PROP_TEXT_COLUMN,
  PROP_LABELS_COLUMN,
  PROP_OUTCOME_COLUMN,
  N_TEXT_PROPS,
  PROP_MISSING = N_TEXT_PROPS,
};

struct _MerReplay
{
  MerTransform parent_instance;

  char *texts[N_TEXT_PROPS]; /* by property id */
  Missing missing;
  GHashTable *answers; /* sample id → sealed MerResult */
};

G_DEFINE_FINAL_TYPE (MerReplay, mer_replay, MER_TYPE_TRANSFORM)

static GType
missing_get_type (void)
{
  static const GEnumValue values[] = {
    { MISSING_SKIP, "The outcome is skipped, naming file and id", "skip" },
    { MISSING_EMPTY, "The outcome is answered, with empty text and no labels", "empty" },
    { MISSING_FAIL, "The graph ends with an error naming file and id", "fail" },
    { 0, NULL, NULL },
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MerReplayMissing", values));
  return type;
}

static gboolean
mer_replay_start (MerTransform *transform, GError **error)
{
  MerReplay *self = MER_REPLAY (transform);
  MerReplayFile file = { .location = self->texts[PROP_LOCATION],
                         .stage = mer_transform_get_name (transform),
                         .from_stage = self->texts[PROP_FROM_STAGE],
                         .id_column = self->texts[PROP_ID_COLUMN],
                         .text_column = self->texts[PROP_TEXT_COLUMN],
                         .labels_column = self->texts[PROP_LABELS_COLUMN],
                         .outcome_column = self->texts[PROP_OUTCOME_COLUMN] };

  g_clear_pointer (&self->answers, g_hash_table_unref);
  if (file.location == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "%s: which file? Set location=FILE", file.stage);
      return FALSE;
    }
  self->answers = mer_replay_file_load (&file, error);
  if (self->answers == NULL)
    return FALSE;
  GST_INFO_OBJECT (self, "%u answers in %s", g_hash_table_size (self->answers),
                   file.location);
  return TRUE;
}

static MerResult *
replay_missing (MerReplay *self, const char *id, GError **error)
{
  const char *stage = mer_transform_get_name (MER_TRANSFORM (self));
  const char *location = self->texts[PROP_LOCATION];
  MerResult *result;

  if (self->missing == MISSING_FAIL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                   "%s: %s has no answer for sample “%s”; missing=skip goes on without",
                   stage, location, id);
      return NULL;
    }
  if (self->missing == MISSING_SKIP)
    return mer_result_new_reason (stage, MER_KIND_BACKEND, MER_REASON_NOT_RECORDED,
                                  "%s has no answer for sample “%s”", location, id);

  g_autoptr (MerLabels) none = mer_labels_new ();
  result = mer_result_new (stage, MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);
  mer_result_set_text (result, "");
  mer_result_set_labels (result, none);
  return result;
}

static gboolean
mer_replay_apply (MerTransform *transform, MerSample *sample, GError **error)
{
  MerReplay *self = MER_REPLAY (transform);
  const char *id = mer_sample_get_id (sample);
  MerResult *result = g_hash_table_lookup (self->answers, id);

  result = result != NULL ? mer_result_ref (result) : replay_missing (self, id, error);
  if (result == NULL)
    return FALSE;
  mer_sample_take_result (sample, result);
  return TRUE;
}

static const char *
mer_replay_get_name (MerTransform *transform)
{
  const char *stage = MER_REPLAY (transform)->texts[PROP_STAGE];

  return stage != NULL
             ? stage
             : MER_TRANSFORM_CLASS (mer_replay_parent_class)->get_name (transform);
}

static void
mer_replay_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MerReplay *self = MER_REPLAY (object);

  if (id == PROP_MISSING)
    {
      self->missing = g_value_get_enum (value);
      return;
    }
  if (id == 0 || id >= N_TEXT_PROPS)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  g_free (self->texts[id]);
  self->texts[id] = g_value_dup_string (value);
}

static void
mer_replay_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerReplay *self = MER_REPLAY (object);

  if (id == PROP_MISSING)
    g_value_set_enum (value, self->missing);
  else if (id > 0 && id < N_TEXT_PROPS)
    g_value_set_string (value, self->texts[id]);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_replay_finalize (GObject *object)
{
  MerReplay *self = MER_REPLAY (object);

  for (guint i = 0; i < N_TEXT_PROPS; i++)
    g_free (self->texts[i]);
  g_clear_pointer (&self->answers, g_hash_table_unref);
  G_OBJECT_CLASS (mer_replay_parent_class)->finalize (object);
}

static void
install_texts (GObjectClass *object_class)
{
  static const struct
  {
    guint id;
    const char *name;
    const char *nick;
    const char *blurb;
  } texts[] = {
    { PROP_STAGE, "stage", "Stage",
      "Name of the stage, under which its result stands (default: the element's given "
      "name, else “replay”)" },
    { PROP_LOCATION, "location", "Location",
      "File of answers: CSV, TSV, XLSX, JSON Lines or mer-record/1 lines (required)" },
    { PROP_FROM_STAGE, "from-stage", "From stage",
      "Which stage of a mer-record/1 file, or of a table with a column “stage”, is "
      "replayed (default: a record's last that is no scorer; all rows of a table)" },
    { PROP_ID_COLUMN, "id-column", "Id column",
      "Column of sample ids (default: “name”, else “id”)" },
    { PROP_TEXT_COLUMN, "text-column", "Text column",
      "Column of answers (default: the first there is of “reason”, “text”, “answer”)" },
    { PROP_LABELS_COLUMN, "labels-column", "Labels column",
      "Column of label lists, such as “openset” (default: none, merlabels reads the "
      "text)" },
    { PROP_OUTCOME_COLUMN, "outcome-column", "Outcome column",
      "Column of outcomes, such as answered or refused (default: “outcome” where there is "
      "one; an empty cell means answered)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_object_class_install_property (
        object_class, texts[i].id,
        g_param_spec_string (texts[i].name, texts[i].nick, texts[i].blurb, NULL,
                             G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
                                 | GST_PARAM_MUTABLE_READY));
}

static void
mer_replay_class_init (MerReplayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  MerTransformClass *transform_class = MER_TRANSFORM_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (mer_replay_debug, "merreplay", 0, "recorded answers");
  object_class->set_property = mer_replay_set_property;
  object_class->get_property = mer_replay_get_property;
  object_class->finalize = mer_replay_finalize;
  transform_class->is_stage = TRUE;
  transform_class->start = mer_replay_start;
  transform_class->get_name = mer_replay_get_name;
  transform_class->apply = mer_replay_apply;
  install_texts (object_class);
  g_object_class_install_property (
      object_class, PROP_MISSING,
      g_param_spec_enum ("missing", "Missing",
                         "What a sample without an answer in the file becomes (default: "
                         "skip)",
                         missing_get_type (), MISSING_SKIP,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
                             | GST_PARAM_MUTABLE_READY));
  gst_type_mark_as_plugin_api (missing_get_type (), 0);
  gst_element_class_set_static_metadata (element_class, "Recorded answers",
                                         "Filter/Sample/Backend",
                                         "Answers from a file of a past run", "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", MER_KIND_BACKEND);
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc dataset=set.json ! merreplay "
      "location=answers.csv ! merlabels ! merwheelscore ! fakesink");
  gst_element_class_add_static_metadata (element_class, "mer-modalities", "any");
  gst_element_class_add_static_metadata (element_class, "mer-protocol", "replay");
}

static void
mer_replay_init (MerReplay *self)
{
}
