/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tables/mer-json.h"

G_BEGIN_DECLS

typedef enum
{
  MER_PARAMETER_INTEGER,
  MER_PARAMETER_NUMBER,
  MER_PARAMETER_STRING,
  MER_PARAMETER_BOOLEAN,
  MER_PARAMETER_ENUM,
  MER_PARAMETER_MODEL,  /* an entry of the models file */
  MER_PARAMETER_PROMPT, /* a prompt's name or path */
  MER_PARAMETER_PATH,   /* a file */
} MerParameterType;

/**
 * MerParameter:
 * @name: what `--set` calls it
 * @type: what its values are
 * @summary: (nullable): one line for people
 * @fallback: (nullable): its default; without one a value must be given
 * @optional: whether the default is null: without a value the properties stay as they are
 * @minimum: the smallest number that is allowed
 * @maximum: the largest
 * @values: (nullable): what an enum allows
 * @sets: `element.property` of all that get the value
 *
 * Something that may be chosen when a description is run.
 */
typedef struct
{
  char *name;
  MerParameterType type;
  char *summary;
  JsonNode *fallback;
  gboolean optional;
  double minimum;
  double maximum;
  char **values;
  char **sets;
} MerParameter;

MerParameter *mer_parameter_read (MerJson *json, const char *name, GError **error);
void mer_parameter_free (MerParameter *self);
const char *mer_parameter_type_to_string (MerParameterType type);
char *mer_parameter_describe (const MerParameter *self);

gboolean mer_parameter_check (const MerParameter *self, JsonNode *value, GError **error);
JsonNode *mer_parameter_parse (const MerParameter *self, const char *text, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerParameter, mer_parameter_free)

G_END_DECLS
