/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer-mapping/1: reading and writing */
#include "emotion/mer-mapping-private.h"

#include <glib/gstdio.h>
#include <string.h>

#include "tables/mer-json.h"

/* --- writing: by hand, because it is what every load hashes, and must be quick --- */

static void
append_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      const char *escape = NULL;

      switch (*p)
        {
        case '"':
          escape = "\\\"";
          break;
        case '\\':
          escape = "\\\\";
          break;
        case '\b':
          escape = "\\b";
          break;
        case '\f':
          escape = "\\f";
          break;
        case '\n':
          escape = "\\n";
          break;
        case '\r':
          escape = "\\r";
          break;
        case '\t':
          escape = "\\t";
          break;
        default:
          break;
        }
      if (escape != NULL)
        g_string_append (out, escape);
      else if ((guint8) *p < 0x20)
        g_string_append_printf (out, "\\u%04x", (guint8) *p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

typedef struct
{
  GString *out;
  gboolean pretty;
} Writer;

static void
begin_member (Writer *self, gboolean first, guint depth, const char *name)
{
  if (!first)
    g_string_append_c (self->out, ',');
  if (self->pretty)
    g_string_append_printf (self->out, "\n%*s", (int) depth * 2, "");
  append_string (self->out, name);
  g_string_append (self->out, self->pretty ? ": " : ":");
}

static void
end_object (Writer *self, guint depth)
{
  if (self->pretty)
    g_string_append_printf (self->out, "\n%*s", (int) depth * 2, "");
  g_string_append_c (self->out, '}');
}

static void
write_text (Writer *self, const char *name, const char *text, gboolean first)
{
  if (text == NULL)
    return;
  begin_member (self, first, 1, name);
  append_string (self->out, text);
}

/* lists without an entry are left out */
static void
write_lists (Writer *self, const char *name, const char *const *keys, guint n_keys,
             const MerWordLists *lists, const char *const *words)
{
  gboolean first = TRUE;

  begin_member (self, FALSE, 1, name);
  g_string_append_c (self->out, '{');
  for (guint i = 0; i < n_keys; i++)
    {
      if (lists->offsets[i] == lists->offsets[i + 1])
        continue;
      begin_member (self, first, 2, keys[i]);
      first = FALSE;
      for (guint j = lists->offsets[i]; j < lists->offsets[i + 1]; j++)
        {
          g_string_append (self->out, j == lists->offsets[i] ? "[" : ",");
          append_string (self->out, words[lists->flat[j]]);
        }
      g_string_append_c (self->out, ']');
    }
  end_object (self, 1);
}

static void
write_level (Writer *self, const MerMapping *mapping, guint wheel, guint level)
{
  gboolean first = TRUE;

  begin_member (self, level == 0, 3, level == 0 ? "level1" : "level2");
  g_string_append_c (self->out, '{');
  for (guint word = 0; word < mapping->n_words; word++)
    {
      gint16 cluster = mapping->clusters[wheel][level][word];

      if (cluster < 0)
        continue;
      begin_member (self, first, 4, mapping->words[word]);
      append_string (self->out, mapping->words[cluster]);
      first = FALSE;
    }
  end_object (self, 3);
}

static void
write_wheels (Writer *self, const MerMapping *mapping)
{
  begin_member (self, FALSE, 1, "wheels");
  g_string_append_c (self->out, '[');
  for (guint k = 0; k < MER_N_WHEELS; k++)
    {
      if (k > 0)
        g_string_append_c (self->out, ',');
      if (self->pretty)
        g_string_append (self->out, "\n    ");
      g_string_append_c (self->out, '{');
      for (guint level = 0; level < MER_N_LEVELS; level++)
        write_level (self, mapping, k, level);
      begin_member (self, FALSE, 3, "name");
      append_string (self->out, mapping->wheel_names[k]);
      end_object (self, 2);
    }
  g_string_append_c (self->out, ']');
}

/* members sorted; without white space (@pretty %FALSE) this is the canonical form of
 * mer-json.h */
GString *
mer_mapping_write (MerMapping *self, gboolean pretty)
{
  Writer writer = { g_string_sized_new (256 * 1024), pretty };

  g_string_append_c (writer.out, '{');
  write_text (&writer, "format", MER_MAPPING_FORMAT, TRUE);
  write_lists (&writer, "forms", self->forms, self->n_forms, &self->bases, self->words);
  write_text (&writer, "licence", self->licence, FALSE);
  write_text (&writer, "name", self->name, FALSE);
  write_text (&writer, "source", self->source, FALSE);
  write_lists (&writer, "synonyms", self->words, self->n_words, &self->wheel_words,
               self->words);
  write_wheels (&writer, self);
  end_object (&writer, 0);
  return writer.out;
}

/**
 * mer_mapping_to_json:
 * @self: a mapping
 *
 * Returns: (transfer full): the mapping as a `mer-mapping/1` file, one entry a line
 */
char *
mer_mapping_to_json (MerMapping *self)
{
  GString *text = mer_mapping_write (self, TRUE);

  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

/* --- reading --- */

typedef void (*AddPair) (MerMappingBuilder *builder, const char *key, const char *value);

static gboolean
fail_at (MerJson *json, const char *parent, const char *member, GError **error,
         const char *what)
{
  g_autofree char *pointer = mer_json_pointer (parent, member);

  mer_json_set_error (json, pointer, error, MER_ERROR_INVALID_FILE, "%s", what);
  return FALSE;
}

static JsonObject *
object_at (MerJson *json, const char *pointer, GError **error)
{
  JsonNode *node = mer_json_lookup (json, pointer);

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  mer_json_set_error (json, pointer, error, MER_ERROR_INVALID_FILE,
                      "an object must stand here");
  return NULL;
}

static const char *
word_of (JsonNode *node)
{
  const char *text = node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
                         ? json_node_get_string (node)
                         : NULL;

  return text != NULL && *text != '\0' ? text : NULL;
}

/* { "word": ["word", …], … } */
static gboolean
read_lists (MerJson *json, const char *pointer, MerMappingBuilder *builder, AddPair add,
            GError **error)
{
  JsonObject *object = object_at (json, pointer, error);
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  if (object == NULL)
    return FALSE;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &node))
    {
      JsonArray *list = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

      if (list == NULL || json_array_get_length (list) == 0 || *key == '\0')
        return fail_at (json, pointer, key, error, "a list of words must stand here");
      for (guint i = 0; i < json_array_get_length (list); i++)
        {
          const char *word = word_of (json_array_get_element (list, i));

          if (word == NULL)
            return fail_at (json, pointer, key, error, "the list must hold words only");
          add (builder, key, word);
        }
    }
  return TRUE;
}

static gboolean
read_level (MerJson *json, const char *wheel_pointer, guint wheel, guint level,
            MerMappingBuilder *builder, GError **error)
{
  g_autofree char *pointer
      = mer_json_pointer (wheel_pointer, level == 0 ? "level1" : "level2");
  JsonObject *object = object_at (json, pointer, error);
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  if (object == NULL)
    return FALSE;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &node))
    {
      const char *cluster = word_of (node);

      if (cluster == NULL || *key == '\0')
        return fail_at (json, pointer, key, error, "a word must stand here");
      mer_mapping_builder_set_cluster (builder, wheel, level, key, cluster);
    }
  return TRUE;
}

static gboolean
read_wheels (MerJson *json, MerMappingBuilder *builder, GError **error)
{
  static const char *const members[] = { "name", "level1", "level2", NULL };
  JsonNode *node = mer_json_lookup (json, "/wheels");

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node)
      || json_array_get_length (json_node_get_array (node)) != MER_N_WHEELS)
    {
      mer_json_set_error (json, "/wheels", error, MER_ERROR_INVALID_FILE,
                          "a list of %d wheels must stand here", MER_N_WHEELS);
      return FALSE;
    }
  for (guint k = 0; k < MER_N_WHEELS; k++)
    {
      g_autofree char *pointer = g_strdup_printf ("/wheels/%u", k);
      g_autofree char *name_pointer = mer_json_pointer (pointer, "name");
      const char *name = NULL;

      if (!mer_json_check_members (json, pointer, members, error)
          || !mer_json_get_string (json, name_pointer, &name, error))
        return FALSE;
      mer_mapping_builder_name_wheel (builder, k, name);
      for (guint level = 0; level < MER_N_LEVELS; level++)
        if (!read_level (json, pointer, k, level, builder, error))
          return FALSE;
    }
  return TRUE;
}

static gboolean
read_optional (MerJson *json, const char *pointer, const char **text, GError **error)
{
  *text = NULL;
  return !mer_json_has (json, pointer) || mer_json_get_string (json, pointer, text, error);
}

static MerMapping *
read_mapping (MerJson *json, GError **error)
{
  static const char *const members[]
      = { "format", "name", "source", "licence", "forms", "synonyms", "wheels", NULL };
  const char *name = NULL, *source = NULL, *licence = NULL;

  if (!mer_json_check_format (json, MER_MAPPING_FORMAT, error)
      || !mer_json_check_members (json, "", members, error)
      || !mer_json_get_string (json, "/name", &name, error)
      || !read_optional (json, "/source", &source, error)
      || !read_optional (json, "/licence", &licence, error))
    return NULL;

  g_autoptr (MerMappingBuilder) builder = mer_mapping_builder_new ();
  mer_mapping_builder_set_origin (builder, name, source, licence);
  if (!read_lists (json, "/forms", builder, mer_mapping_builder_add_form, error)
      || !read_lists (json, "/synonyms", builder, mer_mapping_builder_add_synonym, error)
      || !read_wheels (json, builder, error))
    return NULL;
  return mer_mapping_builder_finish (builder, error);
}

static MerMapping *
read_text (const char *name, const char *text, gsize size, GError **error)
{
  g_autoptr (MerMappingBuilder) builder = mer_mapping_scan (text, size);

  if (builder != NULL)
    return mer_mapping_builder_finish (builder, error);

  g_autoptr (MerJson) document = mer_json_parse (name, text, (gssize) size, error);
  return document != NULL ? read_mapping (document, error) : NULL;
}

/**
 * mer_mapping_new_from_bytes:
 * @name: what errors call the bytes
 * @json: a `mer-mapping/1` document
 *
 * Returns: (transfer full): the mapping, %NULL with an error that names line and pointer
 */
MerMapping *
mer_mapping_new_from_bytes (const char *name, GBytes *json, GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (json, &size);

  return read_text (name, text != NULL ? text : "", size, error);
}

/**
 * mer_mapping_load:
 * @path: a file
 *
 * Returns: (transfer full): the mapping, %NULL with an error that names file, line and
 *   pointer
 */
MerMapping *
mer_mapping_load (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize size = 0;
  GStatBuf info;

  if (g_stat (path, &info) == 0 && S_ISREG (info.st_mode)
      && info.st_size <= MER_JSON_MAX_BYTES
      && g_file_get_contents (path, &text, &size, NULL))
    return read_text (path, text, size, error);

  /* tells what is wrong with the file */
  g_autoptr (MerJson) document = mer_json_load (path, error);
  return document != NULL ? read_mapping (document, error) : NULL;
}
