/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* finds the place of a JSON pointer in a text that the scan has let pass */
#include "tables/mer-json-scan.h"

#include <string.h>

static const char *
skip_space (const char *p)
{
  return p + strspn (p, " \t\r\n");
}

static const char *
skip_string (const char *p)
{
  for (p++; *p != '"'; p++)
    if (*p == '\\')
      p++;
  return p + 1;
}

/* past a value of text that has been scanned, so that nothing can be open */
static const char *
skip_value (const char *p)
{
  guint depth = 0;

  p = skip_space (p);
  do
    {
      if (*p == '"')
        {
          p = skip_string (p);
          continue;
        }
      if (*p == '{' || *p == '[')
        depth++;
      else if (*p == '}' || *p == ']')
        depth--;
      else if (depth == 0)
        return p + strcspn (p, " \t\r\n,]}");
      p++;
    }
  while (depth > 0);
  return p;
}

/* one member or element: from @p, which stands after `{`, `[` or `,` */
static const char *
next_item (const char *p, gboolean is_object, char **key, const char **begin)
{
  *begin = p = skip_space (p);
  if (*p == '}' || *p == ']' || *p == '\0')
    return NULL;
  if (is_object)
    {
      const char *end = skip_string (p);
      g_autofree char *quoted = g_strndup (p, (gsize) (end - p));
      g_autoptr (JsonNode) node = json_from_string (quoted, NULL);

      *key = node != NULL ? json_node_dup_string (node) : g_strdup ("");
      p = skip_space (end) + 1;
    }
  p = skip_space (skip_value (p));
  return *p == ',' ? p + 1 : p;
}

/* where the value of an item begins */
static const char *
item_value (const char *begin, gboolean is_object)
{
  return is_object ? skip_space (skip_space (skip_string (begin)) + 1) : begin;
}

static const char *
find_item (const char *container, const char *step)
{
  const gboolean is_object = *container == '{';
  const char *p = container + 1;
  guint index = 0;

  if (!is_object && *container != '[')
    return NULL;
  for (;;)
    {
      g_autofree char *key = NULL;
      const char *begin = NULL;

      p = next_item (p, is_object, &key, &begin);
      if (p == NULL)
        return NULL;
      if (!is_object)
        key = g_strdup_printf ("%u", index++);
      if (g_str_equal (key, step))
        return begin;
    }
}

static char *
pointer_step (const char *escaped)
{
  GString *step = g_string_new (escaped);

  g_string_replace (step, "~1", "/", 0);
  g_string_replace (step, "~0", "~", 0);
  return g_string_free (step, FALSE);
}

/* the place of a member (its name) or element; @value gets where its value begins; the
 * nearest place above it where it is not there */
static const char *
locate (const char *text, const char *pointer, const char **value)
{
  g_auto (GStrv) steps = g_strsplit (pointer, "/", -1);
  const char *place = skip_space (text);

  *value = place;
  for (guint i = 1; steps[0] != NULL && steps[i] != NULL; i++)
    {
      g_autofree char *step = pointer_step (steps[i]);
      const char *found = find_item (*value, step);

      if (found == NULL)
        {
          *value = NULL;
          return place;
        }
      place = found;
      *value = item_value (found, **value == '{');
    }
  return place;
}

/**
 * mer_json_scan_locate:
 * @text: what mer_json_scan () returned
 * @pointer: a JSON pointer (RFC 6901)
 *
 * Returns: (transfer none): where the member or element begins, or the nearest one above it
 * that is there
 */
const char *
mer_json_scan_locate (const char *text, const char *pointer)
{
  const char *value = NULL;

  return locate (text, pointer, &value);
}

/**
 * mer_json_scan_line:
 * @text: a text
 * @place: a place in it
 *
 * Returns: the line of @place, from 1
 */
guint
mer_json_scan_line (const char *text, const char *place)
{
  guint line = 1;

  for (const char *p = text; p < place; p++)
    if (*p == '\n')
      line++;
  return line;
}

/**
 * mer_json_scan_find_duplicate:
 * @text: what mer_json_scan () returned
 * @pointer: the JSON pointer of an object
 *
 * Returns: (transfer full) (nullable): the name of a member that stands twice, of which
 * json-glib would silently keep the last
 */
char *
mer_json_scan_find_duplicate (const char *text, const char *pointer)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *value = NULL;

  locate (text, pointer, &value);
  if (value == NULL || *value != '{')
    return NULL;
  for (const char *p = value + 1;;)
    {
      g_autofree char *key = NULL;
      const char *begin = NULL;

      p = next_item (p, TRUE, &key, &begin);
      if (p == NULL)
        return NULL;
      if (g_hash_table_contains (seen, key))
        return g_steal_pointer (&key);
      g_hash_table_add (seen, g_steal_pointer (&key));
    }
}
