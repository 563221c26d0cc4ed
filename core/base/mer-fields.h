/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * MerFieldKind:
 * @MER_FIELD_BOOLEAN: a `gboolean`
 * @MER_FIELD_ENUM: an enum of `get_type`
 * @MER_FIELD_UINT: a `guint`
 * @MER_FIELD_UINT64: a `guint64`
 * @MER_FIELD_DOUBLE: a `double`
 * @MER_FIELD_STRING: a `char *`, owned
 *
 * What a field holds.
 */
typedef enum
{
  MER_FIELD_BOOLEAN,
  MER_FIELD_ENUM,
  MER_FIELD_UINT,
  MER_FIELD_UINT64,
  MER_FIELD_DOUBLE,
  MER_FIELD_STRING,
} MerFieldKind;

/**
 * MerField:
 * @name: the property's name
 * @blurb: what it is, with units and default
 * @offset: where it stands in the instance: `G_STRUCT_OFFSET ()`
 * @kind: what stands there
 * @get_type: (nullable): the type of an enum
 * @minimum: of a number
 * @maximum: of a number
 * @fallback: the default of all but strings
 * @text: (nullable): the default of a string
 *
 * One line of a table of properties that do nothing but hold a value until the element
 * opens.
 */
typedef struct
{
  const char *name;
  const char *blurb;
  goffset offset;
  MerFieldKind kind;
  GType (*get_type) (void);
  double minimum;
  double maximum;
  double fallback;
  const char *text;
} MerField;

void mer_fields_install (GObjectClass *klass, const MerField *fields, guint n_fields);
void mer_fields_init (gpointer instance, const MerField *fields, guint n_fields);
void mer_fields_clear (gpointer instance, const MerField *fields, guint n_fields);
void mer_fields_set (gpointer instance, const MerField *fields, guint id,
                     const GValue *value);
void mer_fields_get (gpointer instance, const MerField *fields, guint id, GValue *value);

G_END_DECLS
