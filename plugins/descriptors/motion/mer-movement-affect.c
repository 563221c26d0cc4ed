/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From motion to hedged words. What bodies do in emotion, after
 * H. G. Wallbott, "Bodily expression of emotion", European Journal of Social Psychology 28
 *   (1998), 879-896: movement activity, expansiveness and dynamics are high in elated joy
 * and hot anger, low in sadness and boredom; M. de Meijer, "The contribution of general
 * features of body movement to the attribution of emotions", Journal of Nonverbal Behavior
 * 13 (1989), 247-268; A. Camurri et al. (2003): fear is impulsive and contracted, grief
 * smooth and slow. */

#include "mer-movement-affect.h"

#include <math.h>

#include "emotion/mer-prototype.h"

#define Z_MAX 2.5
/* the body alone tells little: far less than a voice */
#define TRUST 0.4

static const struct
{
  const char *name;
  double usual;
  double deviation;
  const char *low;
  const char *medium;
  const char *high;
} references[MER_N_MOVEMENT_CUES] = {
  /* ln (0.01 + quantity of motion) */
  [MER_MOVEMENT_CUE_AMOUNT] = { "amount", -2.7, 0.8, "little", "some", "much" },
  [MER_MOVEMENT_CUE_SUDDENNESS] = { "suddenness", 0.35, 0.2, "even", "varied", "sudden" },
  [MER_MOVEMENT_CUE_EXTENT]
  = { "extent", 0.6, 0.25, "confined", "of medium extent", "expansive" },
};

/* amount, suddenness, extent; 1 is "high", -1 "low" */
static const MerPrototype emotions[] = {
  { "neutral", "neutral", { 0, 0, 0 } },
  { "happy", "happy or excited", { 1, 0.5, 1 } },
  { "angry", "angry or agitated", { 1, 1, 0.5 } },
  { "fearful", "fearful or tense", { 0.5, 1, -1 } },
  { "surprised", "surprised", { 0, 2, 0 } },
  { "calm", "calm", { -0.5, -1, -0.5 } },
  { "sad", "sad or dejected", { -1.5, -0.5, -1 } },
};

const char *
mer_movement_cue_get_name (MerMovementCue cue)
{
  return references[cue].name;
}

/**
 * mer_movement_affect_judge:
 * @movement: what was measured
 * @affect: (out caller-allocates): what it may mean
 */
void
mer_movement_affect_judge (const MerMovement *movement, MerMovementAffect *affect)
{
  double values[MER_N_MOVEMENT_CUES];

  *affect = (MerMovementAffect){ 0 };
  affect->has_motion = movement->n_pairs > 0 && !movement->black && !movement->frozen;
  if (!affect->has_motion)
    return;
  values[MER_MOVEMENT_CUE_AMOUNT] = log (0.01 + movement->amount);
  values[MER_MOVEMENT_CUE_SUDDENNESS] = movement->suddenness;
  values[MER_MOVEMENT_CUE_EXTENT] = movement->extent;
  for (guint i = 0; i < MER_N_MOVEMENT_CUES; i++)
    affect->cues[i] = CLAMP ((values[i] - references[i].usual) / references[i].deviation,
                             -Z_MAX, Z_MAX);
}

static void
choose_emotions (const MerMovementAffect *affect, MerPrototypeChoice *choice)
{
  mer_prototype_choose (emotions, G_N_ELEMENTS (emotions), affect->cues,
                        MER_N_MOVEMENT_CUES, TRUST, choice);
}

/**
 * mer_movement_affect_get_labels:
 * @affect: what motion may mean
 *
 * Returns: (transfer full): up to three words with weights; none where nothing moves
 */
MerLabels *
mer_movement_affect_get_labels (const MerMovementAffect *affect)
{
  MerPrototypeChoice choice;

  if (!affect->has_motion)
    return mer_labels_new ();
  choose_emotions (affect, &choice);
  return mer_prototype_choice_get_labels (&choice, emotions);
}

static const char *
get_term (const MerMovementAffect *affect, MerMovementCue cue)
{
  double z = affect->cues[cue];

  if (fabs (z) < 0.5)
    return references[cue].medium;
  return z < 0 ? references[cue].low : references[cue].high;
}

static const char *
get_place (const MerMovement *movement)
{
  if (movement->extent > 0.9)
    return "all over the picture, as when the camera moves";
  if (movement->centre_share > 0.6)
    return "mostly where a face would be";
  return movement->upper_share > 0.6 ? "mostly in the upper half"
                                     : "mostly in the lower half";
}

static void
append_measures (GString *text, const MerMovementAffect *affect,
                 const MerMovement *movement)
{
  gboolean spread = movement->upper_share > 0.4 && movement->upper_share < 0.6
                    && movement->centre_share <= 0.6 && movement->extent <= 0.9;

  g_string_append_printf (text,
                          "There is %s motion (%.0f %% of the picture changes from one "
                          "look to the next), %s and "
                          "%s, %s.",
                          get_term (affect, MER_MOVEMENT_CUE_AMOUNT),
                          100 * movement->amount,
                          get_term (affect, MER_MOVEMENT_CUE_SUDDENNESS),
                          get_term (affect, MER_MOVEMENT_CUE_EXTENT),
                          spread ? "spread over the picture" : get_place (movement));
  if (movement->still_share >= 0.05)
    g_string_append_printf (text, " For %.0f %% of the time nothing moves.",
                            100 * movement->still_share);
  if (movement->rhythm_hz > 0)
    g_string_append_printf (text, " It swells about %.1f times a second.",
                            movement->rhythm_hz);
  if (movement->n_cuts > 0)
    g_string_append_printf (text, " The scene changes %u time%s; this was left out.",
                            movement->n_cuts, movement->n_cuts > 1 ? "s" : "");
}

/**
 * mer_movement_affect_describe:
 * @affect: what motion may mean
 * @movement: what was measured
 *
 * Returns: (transfer full): a few plain sentences, hedged, for people and language models
 */
char *
mer_movement_affect_describe (const MerMovementAffect *affect, const MerMovement *movement)
{
  GString *text = g_string_new (NULL);
  g_autofree char *guess = NULL;
  MerPrototypeChoice choice;

  if (movement->black)
    g_string_append (text, "The picture is black; it says nothing.");
  else if (movement->n_pairs == 0)
    g_string_append (text, "There is a single picture; nothing can be said about motion.");
  else if (movement->frozen)
    g_string_append (text,
                     "Nothing moves; the picture is still and says nothing by motion.");
  if (!affect->has_motion)
    return g_string_free (text, FALSE);

  choose_emotions (affect, &choice);
  guess = mer_prototype_choice_describe (&choice, emotions);
  append_measures (text, affect, movement);
  g_string_append_printf (
      text, " Judged by motion alone, which tells little, the person %s.", guess);
  return g_string_free (text, FALSE);
}
