/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* files that people write: strict reading, places, the canonical form */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tables/mer-json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
look_into (MerJson *json, const char *pointer, guint depth)
{
  static const char *const allowed[] = { "format", "name", NULL };
  JsonNode *node = mer_json_lookup (json, pointer);

  if (node == NULL || mer_json_get_line (json, pointer) == 0)
    abort ();
  if (depth == 0 || !JSON_NODE_HOLDS_OBJECT (node))
    return;

  g_autoptr (GError) error = NULL;
  g_autoptr (GList) names = json_object_get_members (json_node_get_object (node));

  if (!mer_json_check_members (json, pointer, allowed, &error)
      && strchr (error->message, '\n') != NULL)
    abort ();
  for (GList *name = names; name != NULL; name = name->next)
    {
      g_autofree char *member = mer_json_pointer (pointer, name->data);

      look_into (json, member, depth - 1);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerJson) json
      = mer_json_parse ("input", (const char *) data, (gssize) size, &error);

  if (json == NULL)
    {
      if (error == NULL || !g_str_has_prefix (error->message, "input:"))
        abort ();
      return 0;
    }
  look_into (json, "", 2);

  g_autofree char *once = mer_json_canonical (mer_json_get_root (json));
  g_autoptr (MerJson) again = mer_json_parse ("canonical", once, -1, NULL);

  if (again == NULL)
    abort ();

  g_autofree char *twice = mer_json_canonical (mer_json_get_root (again));

  if (!g_str_equal (once, twice))
    abort ();
  return 0;
}
