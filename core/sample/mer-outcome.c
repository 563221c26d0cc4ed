/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sample/mer-outcome.h"

G_DEFINE_ENUM_TYPE (MerOutcome, mer_outcome,
                    G_DEFINE_ENUM_VALUE (MER_OUTCOME_ANSWERED, "answered"),
                    G_DEFINE_ENUM_VALUE (MER_OUTCOME_REFUSED, "refused"),
                    G_DEFINE_ENUM_VALUE (MER_OUTCOME_FILTERED, "filtered"),
                    G_DEFINE_ENUM_VALUE (MER_OUTCOME_TRUNCATED, "truncated"),
                    G_DEFINE_ENUM_VALUE (MER_OUTCOME_UNPARSEABLE, "unparseable"),
                    G_DEFINE_ENUM_VALUE (MER_OUTCOME_API_FAILED, "api-failed"),
                    G_DEFINE_ENUM_VALUE (MER_OUTCOME_DECODE_FAILED, "decode-failed"),
                    G_DEFINE_ENUM_VALUE (MER_OUTCOME_SKIPPED, "skipped"))

/* the same nicks as bits, so that `accept=answered+truncated` can be written */
GType
mer_outcomes_get_type (void)
{
  static gsize type = 0;
  /* in the order of the enumeration; gst-inspect shows them */
  static const char *const meanings[MER_N_OUTCOMES] = {
    "The stage said something that can be read",
    "The model declined",
    "A content filter stopped the answer",
    "The token limit cut the answer",
    "There is an answer, but no labels can be read from it",
    "No answer came: transport, server or deadline",
    "The clip could not be decoded",
    "The stage had nothing to work on",
  };
  static GFlagsValue values[MER_N_OUTCOMES + 1];

  if (g_once_init_enter (&type))
    {
      g_autoptr (GEnumClass) klass = g_type_class_ref (MER_TYPE_OUTCOME);

      for (guint i = 0; i < MER_N_OUTCOMES; i++)
        values[i] = (GFlagsValue){ 1u << klass->values[i].value, meanings[i],
                                   klass->values[i].value_nick };
      g_once_init_leave (&type, g_flags_register_static ("MerOutcomes", values));
    }
  return type;
}

/* spelt out, not generated: gst-launch reads `modalities=audio+video` from these nicks */
GType
mer_modality_get_type (void)
{
  static gsize type = 0;
  static const GFlagsValue values[] = {
    { MER_MODALITY_AUDIO, "The voice", "audio" },
    { MER_MODALITY_VIDEO, "The frames", "video" },
    { MER_MODALITY_TEXT, "The subtitle", "text" },
    { MER_MODALITY_AUTO, "What the sample has and the model takes", "auto" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_flags_register_static ("MerModality", values));
  return type;
}

/**
 * mer_outcome_to_string:
 * @outcome: an outcome
 *
 * Returns: its name in files and tables, such as `api-failed`
 */
const char *
mer_outcome_to_string (MerOutcome outcome)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (MER_TYPE_OUTCOME);
  GEnumValue *value = g_enum_get_value (klass, outcome);

  g_return_val_if_fail (value != NULL, NULL);
  return value->value_nick;
}

/**
 * mer_outcome_from_string:
 * @nick: a name such as `answered`
 * @outcome: (out): the outcome
 *
 * Returns: %FALSE if there is no such outcome
 */
gboolean
mer_outcome_from_string (const char *nick, MerOutcome *outcome)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (MER_TYPE_OUTCOME);
  GEnumValue *value = g_enum_get_value_by_nick (klass, nick);

  if (value == NULL)
    return FALSE;
  *outcome = value->value;
  return TRUE;
}

/**
 * mer_outcome_is_final:
 * @outcome: an outcome
 *
 * Returns: whether the server has spoken, so that a resumed run takes the journal's word;
 *   what is not final is tried again
 */
gboolean
mer_outcome_is_final (MerOutcome outcome)
{
  return outcome <= MER_OUTCOME_TRUNCATED;
}

/**
 * mer_outcome_is_failure:
 * @outcome: an outcome
 *
 * Returns: whether a run that holds it ended with failed samples (exit 1): the machinery
 *   failed, as against a model that declined or a clip that lacks a modality
 */
gboolean
mer_outcome_is_failure (MerOutcome outcome)
{
  return outcome == MER_OUTCOME_API_FAILED || outcome == MER_OUTCOME_DECODE_FAILED;
}

/**
 * mer_modality_to_string:
 * @modalities: flags
 *
 * Returns: (transfer full): such as `audio+text`, in the fixed order audio, video, text
 */
char *
mer_modality_to_string (MerModality modalities)
{
  g_autoptr (GFlagsClass) klass = g_type_class_ref (MER_TYPE_MODALITY);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < klass->n_values; i++)
    if (modalities & klass->values[i].value)
      g_string_append_printf (out, "%s%s", out->len > 0 ? "+" : "",
                              klass->values[i].value_nick);
  return g_string_free (g_steal_pointer (&out), FALSE);
}
