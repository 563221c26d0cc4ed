/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tables/mer-json.h"

#include "tables/mer-json-scan.h"

#include <string.h>

G_DEFINE_BOXED_TYPE (MerJson, mer_json, mer_json_ref, mer_json_unref)

/**
 * mer_json_parse:
 * @name: what errors call the text: a file's path, or an element and a sample
 * @text: what somebody sent; need not end with NUL
 * @length: its size in bytes, -1 if it ends with NUL
 * @error: return location for an error that names the line
 *
 * Strict and bounded: one document of RFC 8259, UTF-8, at most %MER_JSON_MAX_BYTES and
 * %MER_JSON_MAX_DEPTH levels. Half a surrogate pair and `\u0000` become U+FFFD.
 *
 * Returns: (transfer full) (nullable): the document
 */
MerJson *
mer_json_parse (const char *name, const char *text, gssize length, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autofree char *mended
      = mer_json_scan (name, text, length < 0 ? strlen (text) : (gsize) length, error);

  if (mended == NULL)
    return NULL;
  if (!json_parser_load_from_data (parser, mended, -1, error))
    {
      g_prefix_error (error, "%s: ", name);
      return NULL;
    }

  MerJson *self = g_new0 (MerJson, 1);

  g_atomic_ref_count_init (&self->refs);
  self->name = g_strdup (name);
  self->text = g_steal_pointer (&mended);
  self->root = json_parser_steal_root (parser);
  return self;
}

/**
 * mer_json_load:
 * @path: a file
 * @error: return location for an error that names the file and line
 *
 * Reads a file as mer_json_parse() does; errors call it by @path. A file that is not a
 * regular one, or is too large, is refused before it is read.
 *
 * Returns: (transfer full) (nullable): the document
 */
MerJson *
mer_json_load (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) problem = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info (
      file, G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE,
      G_FILE_QUERY_INFO_NONE, NULL, &problem);
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *text = NULL;
  gsize length = 0;

  if (info != NULL && g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE, "%s: not a file", shown);
      return NULL;
    }
  if (info != NULL && g_file_info_get_size (info) > MER_JSON_MAX_BYTES)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE, "%s: larger than 64 MiB", shown);
      return NULL;
    }
  if (info == NULL || !g_file_load_contents (file, NULL, &text, &length, NULL, &problem))
    {
      g_set_error (error, MER_ERROR,
                   g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
                       ? MER_ERROR_NOT_FOUND
                       : MER_ERROR_INVALID_FILE,
                   "%s: cannot be read: %s", shown, problem->message);
      return NULL;
    }
  return mer_json_parse (shown, text, (gssize) length, error);
}

/**
 * mer_json_parse_object:
 * @name: what errors call the text, such as the property that holds it
 * @text: what somebody wrote
 * @error: return location for an error that names @name
 *
 * Returns: (transfer full) (nullable): @text as a JSON object
 */
JsonNode *
mer_json_parse_object (const char *name, const char *text, GError **error)
{
  g_autoptr (MerJson) json = mer_json_parse (name, text, -1, error);
  JsonNode *root = json != NULL ? mer_json_get_root (json) : NULL;

  if (json == NULL)
    return NULL;
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "%s: this must be a JSON object, such as {\"top_p\": 0.9}", name);
      return NULL;
    }
  return json_node_ref (root);
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

/**
 * mer_json_get_root:
 * @self: a document
 *
 * Returns: (transfer none): its root; immutable
 */
JsonNode *
mer_json_get_root (MerJson *self)
{
  return self->root;
}

/**
 * mer_json_pointer:
 * @parent: a JSON pointer, "" for the root
 * @member: a member's name or an index, as it is
 *
 * Returns: (transfer full): the pointer of the member, escaped as RFC 6901 says
 */
char *
mer_json_pointer (const char *parent, const char *member)
{
  GString *pointer = g_string_new (member);

  g_string_replace (pointer, "~", "~0", 0);
  g_string_replace (pointer, "/", "~1", 0);
  g_string_prepend_c (pointer, '/');
  g_string_prepend (pointer, parent);
  return g_string_free (pointer, FALSE);
}

static JsonNode *
node_step (JsonNode *node, const char *escaped)
{
  GString *name = g_string_new (escaped);
  JsonNode *found = NULL;
  guint64 index = 0;

  g_string_replace (name, "~1", "/", 0);
  g_string_replace (name, "~0", "~", 0);
  if (JSON_NODE_HOLDS_OBJECT (node))
    found = json_object_get_member (json_node_get_object (node), name->str);
  else if (JSON_NODE_HOLDS_ARRAY (node)
           && g_ascii_string_to_unsigned (name->str, 10, 0, G_MAXUINT, &index, NULL)
           && index < json_array_get_length (json_node_get_array (node)))
    found = json_array_get_element (json_node_get_array (node), (guint) index);
  g_string_free (name, TRUE);
  return found;
}

/**
 * mer_json_lookup:
 * @self: a document
 * @pointer: a JSON pointer, "" for the root
 *
 * Returns: (transfer none) (nullable): what stands there; a null is a node
 */
JsonNode *
mer_json_lookup (MerJson *self, const char *pointer)
{
  g_auto (GStrv) steps = g_strsplit (pointer, "/", -1);
  JsonNode *node = self->root;

  for (guint i = 1; steps[0] != NULL && steps[i] != NULL && node != NULL; i++)
    node = node_step (node, steps[i]);
  return node;
}

/**
 * mer_json_has:
 * @self: a document
 * @pointer: a JSON pointer
 *
 * Returns: whether something other than null stands there
 */
gboolean
mer_json_has (MerJson *self, const char *pointer)
{
  JsonNode *node = mer_json_lookup (self, pointer);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node);
}

/**
 * mer_json_get_line:
 * @self: a document
 * @pointer: a JSON pointer
 *
 * Returns: the line, from 1, of the member or element; of the nearest one above it where
 * it is not there
 */
guint
mer_json_get_line (MerJson *self, const char *pointer)
{
  return mer_json_scan_line (self->text, mer_json_scan_locate (self->text, pointer));
}

/* what a file says may reach a terminal */
static char *
escape_controls (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_iscntrl (c))
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

/**
 * mer_json_set_error:
 * @self: a document
 * @pointer: the JSON pointer of what is wrong
 * @error: return location for the error
 * @code: a #MerError
 * @format: what is wrong, then what to do
 * @...: arguments for @format
 *
 * Sets `FILE:LINE: /pointer: what is wrong`, one line, control characters escaped.
 */
void
mer_json_set_error (MerJson *self, const char *pointer, GError **error, int code,
                    const char *format, ...)
{
  va_list args;

  if (error == NULL)
    return;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *valid = g_utf8_make_valid (what, -1);
  g_autofree char *place = g_strdup_printf ("%s%s", pointer, *pointer != '\0' ? ": " : "");
  g_autofree char *raw = g_strdup_printf ("%s%s", place, valid);
  g_autofree char *clean = escape_controls (raw);

  g_set_error (error, MER_ERROR, code, "%s:%u: %s", self->name,
               mer_json_get_line (self, pointer), clean);
}
