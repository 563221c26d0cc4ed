/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sample/mer-truth.h"

#include <math.h>

#include "mer-error.h"
#include "tables/mer-json.h"

struct _MerTruth
{
  gatomicrefcount refs;
  MerTruthKind kind;
  MerLabels *labels;
  char *name;
  double value;
};

G_DEFINE_BOXED_TYPE (MerTruth, mer_truth, mer_truth_ref, mer_truth_unref)
G_DEFINE_ENUM_TYPE (MerTruthKind, mer_truth_kind,
                    G_DEFINE_ENUM_VALUE (MER_TRUTH_LABELS, "labels"),
                    G_DEFINE_ENUM_VALUE (MER_TRUTH_CLASS, "class"),
                    G_DEFINE_ENUM_VALUE (MER_TRUTH_VALUE, "value"),
                    G_DEFINE_ENUM_VALUE (MER_TRUTH_PREFERENCE, "preference"))

static MerTruth *
truth_new (MerTruthKind kind)
{
  MerTruth *self = g_new0 (MerTruth, 1);

  g_atomic_ref_count_init (&self->refs);
  self->kind = kind;
  self->value = NAN;
  return self;
}

MerTruth *
mer_truth_new_labels (MerLabels *labels)
{
  MerTruth *self = truth_new (MER_TRUTH_LABELS);

  self->labels = mer_labels_ref (labels);
  return self;
}

MerTruth *
mer_truth_new_class (const char *name)
{
  MerTruth *self = truth_new (MER_TRUTH_CLASS);

  self->name = g_strdup (name);
  return self;
}

MerTruth *
mer_truth_new_value (double value)
{
  MerTruth *self = truth_new (MER_TRUTH_VALUE);

  self->value = value;
  return self;
}

MerTruth *
mer_truth_new_preference (const char *name)
{
  MerTruth *self = truth_new (MER_TRUTH_PREFERENCE);

  self->name = g_strdup (name);
  return self;
}

MerTruth *
mer_truth_ref (MerTruth *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mer_truth_unref (MerTruth *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->labels, mer_labels_unref);
  g_free (self->name);
  g_free (self);
}

MerTruthKind
mer_truth_get_kind (MerTruth *self)
{
  return self->kind;
}

/**
 * mer_truth_get_labels:
 * @self: a truth
 *
 * Returns: (transfer none) (nullable): the labels; a class is a list of one
 */
MerLabels *
mer_truth_get_labels (MerTruth *self)
{
  return self->labels;
}

const char *
mer_truth_get_name (MerTruth *self)
{
  return self->name;
}

double
mer_truth_get_value (MerTruth *self)
{
  return self->value;
}

/**
 * mer_truth_to_json:
 * @self: a truth
 *
 * Returns: (transfer full): `{"labels":[…]}`, `{"class":…}`, `{"value":…}` or
 *   `{"preference":…}`
 */
JsonNode *
mer_truth_to_json (MerTruth *self)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);

  json_object_unref (object);
  switch (self->kind)
    {
    case MER_TRUTH_LABELS:
      {
        JsonArray *array = json_array_new ();

        for (guint i = 0; i < mer_labels_get_length (self->labels); i++)
          json_array_add_string_element (array, mer_labels_get (self->labels, i));
        json_object_set_array_member (object, "labels", array);
        break;
      }
    case MER_TRUTH_CLASS:
      json_object_set_string_member (object, "class", self->name);
      break;
    case MER_TRUTH_VALUE:
      json_object_set_double_member (object, "value", self->value);
      break;
    case MER_TRUTH_PREFERENCE:
      json_object_set_string_member (object, "preference", self->name);
      break;
    default:
      g_assert_not_reached ();
    }
  return node;
}

/**
 * mer_truth_new_from_json:
 * @node: an object with one of the four members
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the truth, %NULL with `INVALID_FILE`
 */
MerTruth *
mer_truth_new_from_json (JsonNode *node, GError **error)
{
  JsonNode *labels = mer_json_node_member (node, "labels");
  const char *class_name = mer_json_node_string (node, "class");
  const char *preference = mer_json_node_string (node, "preference");
  double value = mer_json_node_number (node, "value", NAN);

  if (labels != NULL && JSON_NODE_HOLDS_ARRAY (labels))
    {
      g_autoptr (MerLabels) list = mer_labels_new ();
      JsonArray *array = json_node_get_array (labels);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (json_node_get_value_type (json_array_get_element (array, i)) == G_TYPE_STRING)
          mer_labels_add (list, json_array_get_string_element (array, i));
      return mer_truth_new_labels (list);
    }
  if (class_name != NULL)
    return mer_truth_new_class (class_name);
  if (preference != NULL)
    return mer_truth_new_preference (preference);
  if (!isnan (value))
    return mer_truth_new_value (value);
  g_set_error_literal (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                       "a truth needs one of the members labels, class, value, preference");
  return NULL;
}
