/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mer-answer-format.h"

/* spelt out, not generated: gst-inspect shows the names */
GType
mer_answer_format_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { MER_ANSWER_FORMAT_TEXT, "Whatever the model writes", "text" },
    { MER_ANSWER_FORMAT_JSON_OBJECT, "Any JSON object", "json-object" },
    { MER_ANSWER_FORMAT_JSON_SCHEMA, "JSON after the schema", "json-schema" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MerAnswerFormat", values));
  return type;
}

/* what is asked for where no schema is given: an open list of words. The pattern keeps them
 * what a label can be */
#define EMOTION_LABELS_SCHEMA                                                              \
  "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"labels\"],"         \
  "\"properties\":{\"labels\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":8,"          \
  "\"items\":{\"type\":\"string\",\"pattern\":\"^[a-z][a-z -]{1,29}$\"}}}}"

/**
 * mer_answer_schema_open:
 * @path: (nullable): a JSON Schema file; %NULL or empty for an object with a list `labels`
 *   of one to eight emotion words
 * @error: return location for an error that names the file
 *
 * Returns: (transfer full) (nullable): the schema, an object
 */
JsonNode *
mer_answer_schema_open (const char *path, GError **error)
{
  g_autoptr (MerJson) json
      = path != NULL && *path != '\0'
            ? mer_json_load (path, error)
            : mer_json_parse ("the schema of labels", EMOTION_LABELS_SCHEMA, -1, error);

  if (json == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_OBJECT (mer_json_get_root (json)))
    return json_node_ref (mer_json_get_root (json));
  mer_json_set_error (
      json, "", error, MER_ERROR_INVALID_FILE,
      "a JSON Schema must be an object here, such as {\"type\": \"object\"}");
  return NULL;
}
