/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-mermotion
 * @title: mermotion
 *
 * Puts the motion of a clip into words, without any model: how much moves, how suddenly,
 * where, for how long nothing does, and in which rhythm; then, from published observations
 * of bodies in emotion, a few hedged words with weights.
 *
 * It reads the gray strip that `mermedia` makes (64 pixels, 8 pictures a second). Scene
 * cuts are found and left out. A clip without a picture is `skipped`; one that is black or
 * still has a text that says so, and no words.
 *
 * |[
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia ! mermotion ! mersampleenc
 * ! fdsink
 * ]|
 */
#include "mer-motion.h"

#include <math.h>

#include "base/mer-wants.h"
#include "mer-movement-affect.h"

GST_DEBUG_CATEGORY_STATIC (mer_motion_debug);
#define GST_CAT_DEFAULT mer_motion_debug

struct _MerMotion
{
  MerOrdered parent_instance;
};

G_DEFINE_FINAL_TYPE (MerMotion, mer_motion, MER_TYPE_ORDERED)

static void
add_figure (JsonObject *object, const char *name, double value)
{
  json_object_set_double_member (object, name, floor (value * 1e4 + 0.5) / 1e4);
}

static void
add_motion (JsonObject *object, const MerMovement *movement)
{
  add_figure (object, "amount", movement->amount);
  add_figure (object, "amount_p95", movement->peak);
  add_figure (object, "suddenness", movement->suddenness);
  add_figure (object, "still_share", movement->still_share);
  add_figure (object, "upper_share", movement->upper_share);
  add_figure (object, "centre_share", movement->centre_share);
  add_figure (object, "extent", movement->extent);
  add_figure (object, "rhythm_hz", movement->rhythm_hz);
  add_figure (object, "rhythm_strength", movement->rhythm_strength);
}

static JsonNode *
make_data (const MerMovement *movement, const MerMovementAffect *affect)
{
  JsonObject *object = json_object_new ();
  JsonObject *cues;
  JsonNode *node = json_node_init_object (json_node_alloc (), object);

  json_object_unref (object);
  add_figure (object, "seconds", movement->seconds);
  json_object_set_int_member (object, "cuts", movement->n_cuts);
  add_figure (object, "brightness", movement->brightness);
  add_figure (object, "contrast", movement->contrast);
  json_object_set_boolean_member (object, "black", movement->black);
  json_object_set_boolean_member (object, "still", movement->frozen);
  if (!affect->has_motion)
    return node;
  add_motion (object, movement);
  cues = json_object_new ();
  for (guint i = 0; i < MER_N_MOVEMENT_CUES; i++)
    add_figure (cues, mer_movement_cue_get_name (i), affect->cues[i]);
  json_object_set_object_member (object, "cues", cues);
  return node;
}

static gboolean
mer_motion_wants_media (MerOrdered *ordered, MerMedia *media)
{
  return mer_media_get_strip_width (media) > 0;
}

static MerResult *
make_result (MerOrdered *ordered, const MerMovement *movement)
{
  MerResult *result = mer_result_new (mer_ordered_get_stage (ordered), MER_KIND_DESCRIPTOR,
                                      MER_OUTCOME_ANSWERED);
  g_autoptr (MerLabels) labels = NULL;
  g_autofree char *text = NULL;
  MerMovementAffect affect;

  mer_movement_affect_judge (movement, &affect);
  labels = mer_movement_affect_get_labels (&affect);
  text = mer_movement_affect_describe (&affect, movement);
  mer_result_set_text (result, text);
  mer_result_set_labels (result, labels);
  mer_result_set_shown (result, MER_MODALITY_VIDEO);
  mer_result_take_data (result, make_data (movement, &affect));
  return result;
}

static const char *
explain_no_strip (MerMedia *media)
{
  if (media == NULL)
    return "the sample has no media: put mermedia before this element";
  if (mer_media_get_n_frames (media) > 0)
    return "the media holds no gray strip; mermedia makes one where its query reaches this "
           "element, or with strip=true";
  return "the clip has no picture";
}

static MerResult *
mer_motion_process (MerOrdered *ordered, MerSample *sample, GCancellable *cancellable,
                    GError **error)
{
  const char *stage = mer_ordered_get_stage (ordered);
  MerMedia *media = mer_sample_get_media (sample);
  GBytes *strip = NULL;
  MerMovement movement;

  if (media != NULL && mer_media_get_outcome (media) != MER_OUTCOME_ANSWERED)
    return mer_result_new_reason (stage, MER_KIND_DESCRIPTOR, MER_REASON_DECODE, "%s",
                                  mer_media_get_detail (media));
  if (media != NULL && mer_media_get_strip_width (media) > 0)
    strip = mer_media_get_strip (media);
  if (strip == NULL)
    return mer_result_new_reason (stage, MER_KIND_DESCRIPTOR, MER_REASON_NO_MODALITY, "%s",
                                  explain_no_strip (media));
  if (!mer_movement_measure (
          strip, mer_media_get_strip_width (media), mer_media_get_strip_height (media),
          mer_media_get_strip_rate (media), &movement, cancellable, error))
    return NULL;
  GST_DEBUG_OBJECT (ordered, "%s: quantity of motion %.3f, %u cuts",
                    mer_sample_get_id (sample), movement.amount, movement.n_cuts);
  return make_result (ordered, &movement);
}

static void
mer_motion_class_init (MerMotionClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  MerOrderedClass *ordered_class = MER_ORDERED_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (mer_motion_debug, "mermotion", 0, "motion into words");
  ordered_class->kind = MER_KIND_DESCRIPTOR;
  ordered_class->failure = MER_OUTCOME_DECODE_FAILED;
  ordered_class->is_stage = TRUE;
  ordered_class->want = MER_WANT_STRIP;
  ordered_class->wants_media = mer_motion_wants_media;
  ordered_class->process = mer_motion_process;
  gst_element_class_set_static_metadata (
      element_class, "Motion descriptor", "Filter/Sample/Descriptor",
      "How much, how and where something moves, and what that may say about feeling",
      "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", MER_KIND_DESCRIPTOR);
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! mermotion ! "
      "mersampleenc ! fdsink");
  gst_element_class_add_static_metadata (element_class, "mer-modalities", "video");
  gst_element_class_add_static_metadata (element_class, "mer-protocol", "offline");
}

static void
mer_motion_init (MerMotion *self)
{
}
