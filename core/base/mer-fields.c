/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* properties as a table, for elements that have many */
#include "base/mer-fields.h"

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

static GParamSpec *
make_spec (const MerField *field)
{
  const char *name = field->name;
  const char *blurb = field->blurb;

  switch (field->kind)
    {
    case MER_FIELD_BOOLEAN:
      return g_param_spec_boolean (name, NULL, blurb, field->fallback != 0, FLAGS);
    case MER_FIELD_ENUM:
      gst_type_mark_as_plugin_api (field->get_type (), 0);
      return g_param_spec_enum (name, NULL, blurb, field->get_type (),
                                (int) field->fallback, FLAGS);
    case MER_FIELD_UINT:
      return g_param_spec_uint (name, NULL, blurb, (guint) field->minimum,
                                (guint) field->maximum, (guint) field->fallback, FLAGS);
    case MER_FIELD_UINT64:
      return g_param_spec_uint64 (name, NULL, blurb, (guint64) field->minimum,
                                  (guint64) field->maximum, (guint64) field->fallback,
                                  FLAGS);
    case MER_FIELD_DOUBLE:
      return g_param_spec_double (name, NULL, blurb, field->minimum, field->maximum,
                                  field->fallback, FLAGS);
    case MER_FIELD_STRING:
    default:
      return g_param_spec_string (name, NULL, blurb, field->text, FLAGS);
    }
}

/**
 * mer_fields_install:
 * @klass: an element's class
 * @fields: (array length=n_fields): its properties, in static memory
 * @n_fields: how many they are
 *
 * Installs the properties, with ids from 1.
 */
void
mer_fields_install (GObjectClass *klass, const MerField *fields, guint n_fields)
{
  for (guint i = 0; i < n_fields; i++)
    g_object_class_install_property (klass, i + 1, make_spec (&fields[i]));
}

/**
 * mer_fields_init:
 * @instance: a new instance
 * @fields: (array length=n_fields): its properties
 * @n_fields: how many they are
 *
 * Gives each field its default.
 */
void
mer_fields_init (gpointer instance, const MerField *fields, guint n_fields)
{
  for (guint i = 0; i < n_fields; i++)
    {
      g_autoptr (GParamSpec) spec = g_param_spec_ref_sink (make_spec (&fields[i]));
      g_auto (GValue) value = G_VALUE_INIT;

      g_value_init (&value, G_PARAM_SPEC_VALUE_TYPE (spec));
      g_param_value_set_default (spec, &value);
      mer_fields_set (instance, fields, i + 1, &value);
    }
}

/**
 * mer_fields_clear:
 * @instance: an instance that ends
 * @fields: (array length=n_fields): its properties
 * @n_fields: how many they are
 *
 * Frees what the fields own.
 */
void
mer_fields_clear (gpointer instance, const MerField *fields, guint n_fields)
{
  for (guint i = 0; i < n_fields; i++)
    if (fields[i].kind == MER_FIELD_STRING)
      g_clear_pointer ((char **) G_STRUCT_MEMBER_P (instance, fields[i].offset), g_free);
}

/**
 * mer_fields_set:
 * @instance: an instance
 * @fields: its properties
 * @id: of one of them, from 1
 * @value: its value
 *
 * For `set_property`.
 */
void
mer_fields_set (gpointer instance, const MerField *fields, guint id, const GValue *value)
{
  gpointer place = G_STRUCT_MEMBER_P (instance, fields[id - 1].offset);

  switch (fields[id - 1].kind)
    {
    case MER_FIELD_BOOLEAN:
      *(gboolean *) place = g_value_get_boolean (value);
      break;
    case MER_FIELD_ENUM:
      *(int *) place = g_value_get_enum (value);
      break;
    case MER_FIELD_UINT:
      *(guint *) place = g_value_get_uint (value);
      break;
    case MER_FIELD_UINT64:
      *(guint64 *) place = g_value_get_uint64 (value);
      break;
    case MER_FIELD_DOUBLE:
      *(double *) place = g_value_get_double (value);
      break;
    case MER_FIELD_STRING:
      g_free (*(char **) place);
      *(char **) place = g_value_dup_string (value);
      break;
    }
}

/**
 * mer_fields_get:
 * @instance: an instance
 * @fields: its properties
 * @id: of one of them, from 1
 * @value: (out): its value
 *
 * For `get_property`.
 */
void
mer_fields_get (gpointer instance, const MerField *fields, guint id, GValue *value)
{
  gconstpointer place = G_STRUCT_MEMBER_P (instance, fields[id - 1].offset);

  switch (fields[id - 1].kind)
    {
    case MER_FIELD_BOOLEAN:
      g_value_set_boolean (value, *(const gboolean *) place);
      break;
    case MER_FIELD_ENUM:
      g_value_set_enum (value, *(const int *) place);
      break;
    case MER_FIELD_UINT:
      g_value_set_uint (value, *(const guint *) place);
      break;
    case MER_FIELD_UINT64:
      g_value_set_uint64 (value, *(const guint64 *) place);
      break;
    case MER_FIELD_DOUBLE:
      g_value_set_double (value, *(const double *) place);
      break;
    case MER_FIELD_STRING:
      g_value_set_string (value, *(char *const *) place);
      break;
    }
}
