/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tables/mer-json.h"

struct _MerJson
{
  gatomicrefcount refs;
  char *name;
  char *text;
  JsonNode *root;
};

G_DEFINE_BOXED_TYPE (MerJson, mer_json, mer_json_ref, mer_json_unref)

MerJson *
mer_json_parse (const char *name, const char *text, gssize length, GError **error)
{
  g_autoptr (MerJson) self = g_new0 (MerJson, 1);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();

  g_atomic_ref_count_init (&self->refs);
  self->name = g_strdup (name);
  if (!json_parser_load_from_data (parser, text, length, error))
    return NULL;
  self->root = json_parser_steal_root (parser);
  return g_steal_pointer (&self);
}

MerJson *
mer_json_ref (MerJson *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mer_json_unref (MerJson *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->name);
  g_free (self->text);
  g_clear_pointer (&self->root, json_node_unref);
  g_free (self);
}

const char *
mer_json_get_name (MerJson *self)
{
  return self->name;
}

JsonNode *
mer_json_get_root (MerJson *self)
{
  return self->root;
}
