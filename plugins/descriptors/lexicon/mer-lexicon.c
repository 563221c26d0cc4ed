/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-merlexicon
 * @title: merlexicon
 *
 * Puts what the words of a subtitle tell of feelings into a hedged text and a few weighted
 * labels, by a lexicon of English and Chinese and without any model: emotion words that are
 * not denied, set phrases (thanks, apologies, insults), questions and exclamations.
 *
 * It reads the subtitle of the data set, else the cues of the media. A sample without words
 * is `skipped`; one whose words tell nothing has a text that says so, and no labels.
 *
 * |[
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia ! merlexicon ! mersampleenc ! fdsink
 * ]|
 */
#include "mer-lexicon.h"

#include <math.h>
#include <string.h>

#include "emotion/mer-label-finder.h"
#include "emotion/mer-mapping.h"

GST_DEBUG_CATEGORY_STATIC (mer_lexicon_debug);
#define GST_CAT_DEFAULT mer_lexicon_debug

struct _MerLexicon
{
  MerOrdered parent_instance;
};

G_DEFINE_FINAL_TYPE (MerLexicon, mer_lexicon, MER_TYPE_ORDERED)

/* what the marks of a sentence tell */
typedef struct
{
  guint questions;
  guint exclamations;
} Marks;

static Marks
count_marks (const char *text)
{
  Marks marks = { 0 };

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      marks.questions += c == '?' || c == 0xff1f;
      marks.exclamations += c == '!' || c == 0xff01;
    }
  return marks;
}

/* the sector of Willcox's wheel, as a valence: -1, 0 or 1 */
static int
label_valence (const char *label)
{
  static const char *const pleasant[] = { "joyful", "powerful", "peaceful", NULL };
  const char *sector
      = mer_mapping_group (mer_mapping_get_builtin (), MER_METRIC_W3L1, label);

  if (sector == NULL)
    return 0;
  return g_strv_contains (pleasant, sector) ? 1 : -1;
}

static double
labels_valence (MerLabels *labels)
{
  double sum = 0., total = 0.;

  for (guint i = 0; i < mer_labels_get_length (labels); i++)
    {
      double weight = mer_labels_get_weight (labels, i);

      sum += weight * label_valence (mer_labels_get (labels, i));
      total += weight;
    }
  return total > 0. ? sum / total : 0.;
}

static const char *
describe_valence (double valence)
{
  return valence > 0.25 ? "pleasant" : valence < -0.25 ? "unpleasant" : "mixed or neutral";
}

static void
describe_labels (GString *text, MerLabels *labels)
{
  guint n = mer_labels_get_length (labels);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s",
                            i == 0       ? ""
                            : i + 1 == n ? " or "
                                         : ", ",
                            mer_labels_get (labels, i));
}

static char *
describe (MerLabels *labels, double valence, const Marks *marks)
{
  GString *text = g_string_new (NULL);

  if (mer_labels_get_length (labels) == 0)
    g_string_append (text, "The words name no emotion.");
  else
    {
      g_string_append (text, "By the words alone, the speaker may feel ");
      describe_labels (text, labels);
      g_string_append_printf (text, "; lexical valence is %s.", describe_valence (valence));
    }
  if (marks->questions > 0)
    g_string_append (text, " The speaker asks something.");
  if (marks->exclamations > 0)
    g_string_append (text, " The speech is exclamatory.");
  return g_string_free (text, FALSE);
}

static JsonNode *
make_data (MerLabels *labels, double valence, const Marks *marks)
{
  g_autoptr (JsonObject) object = json_object_new ();

  if (mer_labels_get_length (labels) > 0)
    json_object_set_double_member (object, "valence", round (valence * 100.) / 100.);
  json_object_set_int_member (object, "questions", marks->questions);
  json_object_set_int_member (object, "exclamations", marks->exclamations);
  return json_node_init_object (json_node_alloc (), object);
}

static MerResult *
mer_lexicon_process (MerOrdered *ordered, MerSample *sample, GCancellable *cancellable,
                     GError **error)
{
  const char *stage = mer_ordered_get_stage (ordered);
  g_autofree char *words = mer_sample_dup_text (sample);

  if (words == NULL || *words == '\0')
    return mer_result_new_reason (stage, MER_KIND_DESCRIPTOR, MER_REASON_NO_MODALITY,
                                  "the sample has no subtitle");

  g_autoptr (MerLabels) labels = mer_label_finder_read_speech (words);
  Marks marks = count_marks (words);
  double valence = labels_valence (labels);
  g_autofree char *text = describe (labels, valence, &marks);
  MerResult *result = mer_result_new (stage, MER_KIND_DESCRIPTOR, MER_OUTCOME_ANSWERED);

  mer_result_set_text (result, text);
  mer_result_set_labels (result, labels);
  mer_result_set_shown (result, MER_MODALITY_TEXT);
  mer_result_take_data (result, make_data (labels, valence, &marks));
  GST_DEBUG_OBJECT (ordered, "%s: %u labels", mer_sample_get_id (sample),
                    mer_labels_get_length (labels));
  return result;
}

static gboolean
mer_lexicon_wants_media (MerOrdered *ordered, MerMedia *media)
{
  return FALSE;
}

static void
mer_lexicon_class_init (MerLexiconClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  MerOrderedClass *ordered_class = MER_ORDERED_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (mer_lexicon_debug, "merlexicon", 0, "words into feelings");
  ordered_class->kind = MER_KIND_DESCRIPTOR;
  ordered_class->failure = MER_OUTCOME_UNPARSEABLE;
  ordered_class->is_stage = TRUE;
  ordered_class->wants_media = mer_lexicon_wants_media;
  ordered_class->process = mer_lexicon_process;
  gst_element_class_set_static_metadata (
      element_class, "Lexicon descriptor", "Filter/Sample/Descriptor",
      "What the words of a subtitle tell of feelings, by a lexicon of English and Chinese",
      "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", MER_KIND_DESCRIPTOR);
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! merlexicon "
      "! mersampleenc ! fdsink");
  gst_element_class_add_static_metadata (element_class, "mer-modalities", "text");
  gst_element_class_add_static_metadata (element_class, "mer-protocol", "offline");
}

static void
mer_lexicon_init (MerLexicon *self)
{
}
