/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tables/mer-json.h"

#include "tables/mer-json-scan.h"

#include <math.h>
#include <string.h>

struct _MerJson
{
  gatomicrefcount refs;
  char *name;
  char *text;
  JsonNode *root;
};

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

static const char *
node_type_name (JsonNode *node)
{
  switch (node != NULL ? json_node_get_node_type (node) : JSON_NODE_NULL)
    {
    case JSON_NODE_OBJECT:
      return "an object";
    case JSON_NODE_ARRAY:
      return "an array";
    case JSON_NODE_VALUE:
      if (json_node_get_value_type (node) == G_TYPE_STRING)
        return "a string";
      return json_node_get_value_type (node) == G_TYPE_BOOLEAN ? "a boolean" : "a number";
    case JSON_NODE_NULL:
    default:
      return "null";
    }
}

/* the node at a place, which must be there */
static JsonNode *
get_node (MerJson *self, const char *pointer, const char *wanted, GError **error)
{
  JsonNode *node = mer_json_lookup (self, pointer);

  if (node == NULL)
    mer_json_set_error (self, pointer, error, MER_ERROR_INVALID_FILE,
                        "missing; %s must stand here", wanted);
  return node;
}

static gboolean
wrong_type (MerJson *self, const char *pointer, JsonNode *node, const char *wanted,
            GError **error)
{
  mer_json_set_error (self, pointer, error, MER_ERROR_INVALID_FILE,
                      "%s, not %s, must stand here", wanted, node_type_name (node));
  return FALSE;
}

/**
 * mer_json_check_format:
 * @self: a document
 * @format: such as `mer-dataset/1`
 * @error: return location for an error
 *
 * Returns: whether the document is an object whose `format` is @format
 */
gboolean
mer_json_check_format (MerJson *self, const char *format, GError **error)
{
  const char *found = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (self->root))
    return wrong_type (self, "", self->root, "an object", error);
  if (!mer_json_has (self, "/format"))
    {
      mer_json_set_error (self, "/format", error, MER_ERROR_INVALID_FILE,
                          "missing; a file of this kind says \"format\": \"%s\"", format);
      return FALSE;
    }
  if (!mer_json_get_string (self, "/format", &found, error))
    return FALSE;
  if (g_str_equal (found, format))
    return TRUE;
  mer_json_set_error (self, "/format", error, MER_ERROR_INVALID_FILE,
                      "“%s” is not the format that is read here; it must be “%s”", found,
                      format);
  return FALSE;
}

/* "did you mean" for an unknown member, else all that are allowed */
static void
unknown_member (MerJson *self, const char *pointer, const char *member,
                const char *const *allowed, GError **error)
{
  g_autofree char *place = mer_json_pointer (pointer, member);
  const char *nearest = mer_nearest_name (member, allowed);
  g_autofree char *all = g_strjoinv (", ", (char **) allowed);

  if (nearest != NULL)
    mer_json_set_error (self, place, error, MER_ERROR_INVALID_FILE,
                        "unknown key; did you mean “%s”?", nearest);
  else
    mer_json_set_error (self, place, error, MER_ERROR_INVALID_FILE,
                        "unknown key; there are: %s", all);
}

/**
 * mer_json_check_members:
 * @self: a document
 * @pointer: the JSON pointer of what must be an object
 * @allowed: (array zero-terminated=1): the names its members may have
 * @error: return location for an error
 *
 * `$schema` (which editors read) and `comment` are allowed everywhere.
 *
 * Returns: whether it is an object, and every member is known and stands once
 */
gboolean
mer_json_check_members (MerJson *self, const char *pointer, const char *const *allowed,
                        GError **error)
{
  JsonNode *node = get_node (self, pointer, "an object", error);

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return wrong_type (self, pointer, node, "an object", error);

  g_autofree char *twice = mer_json_scan_find_duplicate (self->text, pointer);

  if (twice != NULL)
    {
      g_autofree char *place = mer_json_pointer (pointer, twice);

      mer_json_set_error (self, place, error, MER_ERROR_INVALID_FILE,
                          "stands twice; keep one");
      return FALSE;
    }

  g_autoptr (GList) names = json_object_get_members (json_node_get_object (node));

  for (GList *name = names; name != NULL; name = name->next)
    {
      if (g_strv_contains (allowed, name->data) || g_str_equal (name->data, "$schema")
          || g_str_equal (name->data, "comment"))
        continue;
      unknown_member (self, pointer, name->data, allowed, error);
      return FALSE;
    }
  return TRUE;
}

/**
 * mer_json_get_string:
 * @self: a document
 * @pointer: a JSON pointer
 * @value: (out) (transfer none): the text; lives as long as @self
 * @error: return location for an error
 *
 * Returns: whether a string stands there; it may be empty
 */
gboolean
mer_json_get_string (MerJson *self, const char *pointer, const char **value, GError **error)
{
  JsonNode *node = get_node (self, pointer, "a string", error);

  if (node == NULL)
    return FALSE;
  if (json_node_get_value_type (node) != G_TYPE_STRING || !JSON_NODE_HOLDS_VALUE (node))
    return wrong_type (self, pointer, node, "a string", error);
  *value = json_node_get_string (node);
  return TRUE;
}

/**
 * mer_json_get_optional_string:
 * @self: a document
 * @pointer: a JSON pointer
 * @value: (out) (transfer none) (nullable): the text; %NULL where nothing or null stands
 * @error: return location for an error
 *
 * Returns: whether a string, null or nothing stands there
 */
gboolean
mer_json_get_optional_string (MerJson *self, const char *pointer, const char **value,
                              GError **error)
{
  *value = NULL;
  return !mer_json_has (self, pointer) || mer_json_get_string (self, pointer, value, error);
}

static gboolean
node_number (JsonNode *node, double *value)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_NONE;

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *value = type == G_TYPE_INT64 ? (double) json_node_get_int (node)
                                : json_node_get_double (node);
  return TRUE;
}

/**
 * mer_json_get_integer:
 * @self: a document
 * @pointer: a JSON pointer
 * @minimum: the smallest value that is allowed
 * @maximum: the largest
 * @value: (out): the value
 * @error: return location for an error
 *
 * Returns: whether a whole number in range stands there (`8.0` is one)
 */
gboolean
mer_json_get_integer (MerJson *self, const char *pointer, gint64 minimum, gint64 maximum,
                      gint64 *value, GError **error)
{
  JsonNode *node = get_node (self, pointer, "a whole number", error);
  double number = 0;
  gint64 whole = 0;

  if (node == NULL)
    return FALSE;
  if (!node_number (node, &number))
    return wrong_type (self, pointer, node, "a whole number", error);
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    whole = json_node_get_int (node);
  else if (number == rint (number) && fabs (number) < 9007199254740992.0)
    whole = (gint64) number;
  else
    {
      mer_json_set_error (self, pointer, error, MER_ERROR_INVALID_FILE,
                          "%g is not a whole number", number);
      return FALSE;
    }
  if (whole < minimum || whole > maximum)
    {
      mer_json_set_error (self, pointer, error, MER_ERROR_INVALID_FILE,
                          "%" G_GINT64_FORMAT
                          " is out of range; it must be %" G_GINT64_FORMAT
                          " to %" G_GINT64_FORMAT,
                          whole, minimum, maximum);
      return FALSE;
    }
  *value = whole;
  return TRUE;
}

/**
 * mer_json_get_number:
 * @self: a document
 * @pointer: a JSON pointer
 * @minimum: the smallest value that is allowed
 * @maximum: the largest
 * @value: (out): the value
 * @error: return location for an error
 *
 * Returns: whether a number in range stands there
 */
gboolean
mer_json_get_number (MerJson *self, const char *pointer, double minimum, double maximum,
                     double *value, GError **error)
{
  JsonNode *node = get_node (self, pointer, "a number", error);
  double number = 0;

  if (node == NULL)
    return FALSE;
  if (!node_number (node, &number))
    return wrong_type (self, pointer, node, "a number", error);
  if (number < minimum || number > maximum)
    {
      mer_json_set_error (self, pointer, error, MER_ERROR_INVALID_FILE,
                          "%g is out of range; it must be %g to %g", number, minimum,
                          maximum);
      return FALSE;
    }
  *value = number;
  return TRUE;
}

/**
 * mer_json_get_boolean:
 * @self: a document
 * @pointer: a JSON pointer
 * @value: (out): the value
 * @error: return location for an error
 *
 * Returns: whether true or false stands there
 */
gboolean
mer_json_get_boolean (MerJson *self, const char *pointer, gboolean *value, GError **error)
{
  JsonNode *node = get_node (self, pointer, "true or false", error);

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return wrong_type (self, pointer, node, "true or false", error);
  *value = json_node_get_boolean (node);
  return TRUE;
}

/**
 * mer_json_get_strings:
 * @self: a document
 * @pointer: a JSON pointer
 * @value: (out) (transfer full): the strings, ended by %NULL
 * @error: return location for an error
 *
 * Returns: whether an array of strings stands there; it may be empty
 */
gboolean
mer_json_get_strings (MerJson *self, const char *pointer, char ***value, GError **error)
{
  JsonNode *node = get_node (self, pointer, "an array of strings", error);

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return wrong_type (self, pointer, node, "an array of strings", error);

  JsonArray *array = json_node_get_array (node);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *place = g_strdup_printf ("%s/%u", pointer, i);
      const char *text = NULL;

      if (!mer_json_get_string (self, place, &text, error))
        return FALSE;
      g_strv_builder_add (builder, text);
    }
  *value = g_strv_builder_end (builder);
  return TRUE;
}

/* edit distance where a swap of neighbours is one step (optimal string alignment) */
static guint
edit_distance (const char *a, const char *b)
{
  enum
  {
    LIMIT = 64
  };
  const gsize n = strlen (a), m = strlen (b);
  guint row[3][LIMIT + 1];

  if (n > LIMIT || m > LIMIT)
    return G_MAXUINT;
  for (gsize j = 0; j <= m; j++)
    row[0][j] = (guint) j;
  for (gsize i = 1; i <= n; i++)
    {
      guint *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];

      now[0] = (guint) i;
      for (gsize j = 1; j <= m; j++)
        {
          const char x = g_ascii_tolower (a[i - 1]), y = g_ascii_tolower (b[j - 1]);

          now[j] = MIN (MIN (before[j], now[j - 1]) + 1, before[j - 1] + (x != y));
          if (i > 1 && j > 1 && x == g_ascii_tolower (b[j - 2])
              && y == g_ascii_tolower (a[i - 2]))
            now[j] = MIN (now[j], earlier[j - 2] + 1);
        }
    }
  return row[n % 3][m];
}

/**
 * mer_nearest_name:
 * @word: what somebody wrote
 * @candidates: (array zero-terminated=1) (nullable): what there is
 *
 * Returns: (transfer none) (nullable): the candidate at the smallest edit distance, the
 * first of several; %NULL where none is near enough to be meant
 */
const char *
mer_nearest_name (const char *word, const char *const *candidates)
{
  const char *nearest = NULL;
  guint smallest = (guint) MAX (strlen (word) / 3, 1u) + 1;

  for (guint i = 0; candidates != NULL && candidates[i] != NULL; i++)
    {
      guint distance = edit_distance (word, candidates[i]);

      if (distance < smallest && distance < strlen (candidates[i]))
        {
          smallest = distance;
          nearest = candidates[i];
        }
    }
  return nearest;
}
