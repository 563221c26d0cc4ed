/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* a JSON Schema written in the subsets that vendors take: no schema may cost much, or
 * be changed by it */
#include <stdint.h>
#include <stdlib.h>

#include "base/mer-schema-spelling.h"
#include "tables/mer-json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
respell (JsonNode *schema, MerSchemaSpelling spelling)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = mer_schema_respell (schema, spelling, &error);

  if ((node == NULL) != (error != NULL))
    abort ();
  if (node == NULL)
    return;
  g_autofree char *text = mer_json_canonical (node);
  if (*text != '{')
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (MerJson) json
      = mer_json_parse ("schema", (const char *) data, (gssize) size, NULL);
  JsonNode *root = json != NULL ? mer_json_get_root (json) : NULL;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return 0;
  g_autofree char *before = mer_json_canonical (root);
  respell (root, MER_SCHEMA_SPELLING_OPENAPI);
  respell (root, MER_SCHEMA_SPELLING_CLOSED);

  /* what is held to it elsewhere stays as it was */
  g_autofree char *after = mer_json_canonical (root);
  if (!g_str_equal (before, after))
    abort ();
  return 0;
}
