/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/mer-launch.h"

#include "config/mer-launch-private.h"

#include <string.h>

#define MAX_ELEMENTS 1000u

typedef struct
{
  MerLaunch *launch;
  const char *const *allow;
  const char *pointer; /* of the string that is read */
  MerLaunchEnd at;     /* what the next `!` starts from */
  gboolean linking;    /* a `!` was read */
} Reader;

static void
setting_clear (gpointer data)
{
  MerLaunchSetting *setting = data;

  g_free (setting->key);
  g_free (setting->value);
}

static void
item_free (gpointer data)
{
  MerLaunchItem *item = data;

  g_free (item->factory);
  g_free (item->name);
  g_free (item->pointer);
  g_array_unref (item->settings);
  g_free (item);
}

static void
end_clear (MerLaunchEnd *end)
{
  g_clear_pointer (&end->name, g_free);
  g_clear_pointer (&end->pad, g_free);
  end->item = -1;
}

static void
link_clear (gpointer data)
{
  MerLaunchLink *link = data;

  end_clear (&link->from);
  end_clear (&link->to);
  g_free (link->pointer);
}

static gboolean
end_is_set (const MerLaunchEnd *end)
{
  return end->item >= 0 || end->name != NULL;
}

static gboolean refuse (Reader *reader, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
refuse (Reader *reader, GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  mer_json_set_error (reader->launch->json, reader->pointer, error, MER_ERROR_INVALID_FILE,
                      "%s", what);
  return FALSE;
}

/* the next word of @text: quotes are taken off; %NULL at the end or (with an error) where a
 * quote is open */
static char *
next_word (Reader *reader, const char **text, gboolean *quoted, GError **error)
{
  const char *p = *text + strspn (*text, " \t\r\n");
  g_autoptr (GString) word = g_string_new (NULL);
  char quote = '\0';

  *quoted = FALSE;
  if (*p == '\0')
    return NULL;
  for (; *p != '\0' && (quote != '\0' || strchr (" \t\r\n", *p) == NULL); p++)
    {
      if (quote == '\0' && (*p == '"' || *p == '\''))
        {
          quote = *p;
          *quoted = TRUE;
        }
      else if (*p == quote)
        quote = '\0';
      else if (*p == '\\' && quote != '\'' && p[1] != '\0')
        g_string_append_c (word, *++p);
      else
        g_string_append_c (word, *p);
    }
  *text = p;
  if (quote != '\0')
    {
      refuse (reader, error, "a quote is never closed");
      return NULL;
    }
  return g_string_free (g_steal_pointer (&word), FALSE);
}

static void
add_link (Reader *reader, MerLaunchEnd to)
{
  MerLaunchLink link
      = { .from = reader->at, .to = to, .pointer = g_strdup (reader->pointer) };

  g_array_append_val (reader->launch->links, link);
  reader->at = (MerLaunchEnd){ .item = -1 };
  reader->linking = FALSE;
}

/* `name.` or `name.pad` */
static gboolean
read_reference (Reader *reader, const char *word)
{
  const char *point = strchr (word, '.');
  MerLaunchEnd end = { .item = -1, .name = g_strndup (word, (gsize) (point - word)) };

  if (point[1] != '\0')
    end.pad = g_strdup (point + 1);
  if (reader->linking)
    {
      add_link (reader, end);
      return TRUE;
    }
  end_clear (&reader->at);
  reader->at = end;
  return TRUE;
}

/* things a file from somebody else has no say in */
static gboolean
is_guarded_property (const char *key)
{
  static const char *const guarded[]
      = { "journal", "api-key-env", "allow-plain-http", NULL };

  return g_strv_contains (guarded, key);
}

static gboolean
read_setting (Reader *reader, const char *word, GError **error)
{
  const char *equals = strchr (word, '=');
  g_autofree char *key = g_strndup (word, (gsize) (equals - word));

  if (reader->at.item < 0 || reader->linking)
    return refuse (reader, error, "“%s” belongs to no element", word);

  MerLaunchItem *item = g_ptr_array_index (reader->launch->items, (guint) reader->at.item);

  if (g_str_equal (key, "name"))
    {
      if (mer_launch_has_element (reader->launch, equals + 1))
        return refuse (reader, error, "two elements have the name “%s”", equals + 1);
      g_free (item->name);
      item->name = g_strdup (equals + 1);
      return TRUE;
    }
  if (is_guarded_property (key)
      && (reader->allow == NULL || !g_strv_contains (reader->allow, key)))
    return refuse (
        reader, error,
        "a description must not set %s; a models file may, or --allow %s permits it", key,
        key);

  MerLaunchSetting setting
      = { .key = g_steal_pointer (&key), .value = g_strdup (equals + 1) };

  g_array_append_val (item->settings, setting);
  return TRUE;
}

/**
 * mer_launch_is_allowed:
 * @factory: an element's name
 * @allow: (nullable) (array zero-terminated=1): what the person permits beyond
 *
 * Returns: whether a description may use it: the project's own elements but `merexec`
 * (which starts programs), and plain plumbing
 */
gboolean
mer_launch_is_allowed (const char *factory, const char *const *allow)
{
  static const char *const plumbing[]
      = { "queue", "tee", "identity", "capsfilter", "fakesink", NULL };

  if (allow != NULL && g_strv_contains (allow, factory))
    return TRUE;
  if (g_str_equal (factory, "merexec"))
    return FALSE;
  return g_str_has_prefix (factory, "mer") || g_strv_contains (plumbing, factory);
}

static gboolean
read_element (Reader *reader, const char *word, GError **error)
{
  MerLaunch *self = reader->launch;

  if (!g_ascii_isalpha (*word)
      || strspn (word, "-_0123456789abcdefghijklmnopqrstuvwxyz"
                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
             != strlen (word))
    return refuse (reader, error, "“%s” is no element's name", word);
  if (!mer_launch_is_allowed (word, reader->allow))
    return refuse (reader, error,
                   "“%s” is no element that a description may use by itself (those of "
                   "gst-mer, queue, tee, identity, capsfilter, fakesink); --allow %s "
                   "permits it",
                   word, word);
  if (self->items->len >= MAX_ELEMENTS)
    return refuse (reader, error, "more than %u elements", MAX_ELEMENTS);

  MerLaunchItem *item = g_new0 (MerLaunchItem, 1);

  item->factory = g_strdup (word);
  item->pointer = g_strdup (reader->pointer);
  item->settings = g_array_new (FALSE, FALSE, sizeof (MerLaunchSetting));
  g_array_set_clear_func (item->settings, setting_clear);
  g_ptr_array_add (self->items, item);
  if (reader->linking)
    add_link (reader, (MerLaunchEnd){ .item = (int) self->items->len - 1 });
  end_clear (&reader->at);
  reader->at.item = (int) self->items->len - 1;
  return TRUE;
}

static gboolean
read_word (Reader *reader, const char *word, gboolean quoted, GError **error)
{
  if (g_str_equal (word, "!") && !quoted)
    {
      if (!end_is_set (&reader->at) || reader->linking)
        return refuse (reader, error, "nothing stands before this “!”");
      reader->linking = TRUE;
      return TRUE;
    }
  if (strchr (word, '=') != NULL)
    return read_setting (reader, word, error);
  if (strchr (word, '.') != NULL && *word != '.')
    return read_reference (reader, word);
  return read_element (reader, word, error);
}

static gboolean
read_text (Reader *reader, const char *text, GError **error)
{
  for (;;)
    {
      g_autoptr (GError) problem = NULL;
      gboolean quoted = FALSE;
      g_autofree char *word = next_word (reader, &text, &quoted, &problem);

      if (problem != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
      if (word == NULL)
        return TRUE;
      if (!read_word (reader, word, quoted, error))
        return FALSE;
    }
}

static int
find_item (MerLaunch *self, const char *name)
{
  for (guint i = 0; i < self->items->len; i++)
    if (g_strcmp0 (((MerLaunchItem *) g_ptr_array_index (self->items, i))->name, name) == 0)
      return (int) i;
  return -1;
}

/**
 * mer_launch_dup_names:
 * @self: a launch array
 *
 * Returns: (transfer full): the names its elements were given
 */
char **
mer_launch_dup_names (MerLaunch *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < self->items->len; i++)
    {
      const MerLaunchItem *item = g_ptr_array_index (self->items, i);

      if (item->name != NULL)
        g_strv_builder_add (names, item->name);
    }
  return g_strv_builder_end (names);
}

gboolean
mer_launch_has_element (MerLaunch *self, const char *name)
{
  return find_item (self, name) >= 0;
}

/* names that stand before their element are known now */
static gboolean
resolve_end (Reader *reader, MerLaunchEnd *end, GError **error)
{
  if (end->name == NULL)
    return TRUE;
  end->item = find_item (reader->launch, end->name);
  if (end->item >= 0)
    return TRUE;

  g_auto (GStrv) names = mer_launch_dup_names (reader->launch);
  const char *nearest = mer_nearest_name (end->name, (const char *const *) names);

  return refuse (reader, error, "there is no element named “%s”%s%s%s", end->name,
                 nearest != NULL ? "; did you mean “" : "", nearest != NULL ? nearest : "",
                 nearest != NULL ? "”?" : "");
}

static gboolean
finish (Reader *reader, GError **error)
{
  MerLaunch *self = reader->launch;

  if (reader->linking)
    return refuse (reader, error, "nothing stands after the last “!”");
  if (self->items->len == 0)
    return refuse (reader, error, "there is no element here");
  for (guint i = 0; i < self->links->len; i++)
    {
      MerLaunchLink *link = &g_array_index (self->links, MerLaunchLink, i);

      reader->pointer = link->pointer;
      if (!resolve_end (reader, &link->from, error)
          || !resolve_end (reader, &link->to, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * mer_launch_parse:
 * @json: a description
 * @pointer: where its launch array stands
 * @allow: (nullable) (array zero-terminated=1): elements and guarded properties that the
 *   person permits beyond what a description may use
 * @error: return location for an error that names the place
 *
 * Returns: (transfer full) (nullable): what it says; no element exists yet
 */
MerLaunch *
mer_launch_parse (MerJson *json, const char *pointer, const char *const *allow,
                  GError **error)
{
  g_autoptr (MerLaunch) self = g_new0 (MerLaunch, 1);
  Reader reader
      = { .launch = self, .allow = allow, .pointer = pointer, .at = { .item = -1 } };
  g_auto (GStrv) lines = NULL;
  gboolean well = TRUE;

  self->json = mer_json_ref (json);
  self->items = g_ptr_array_new_with_free_func (item_free);
  self->links = g_array_new (FALSE, FALSE, sizeof (MerLaunchLink));
  g_array_set_clear_func (self->links, link_clear);
  if (!mer_json_get_strings (json, pointer, &lines, error))
    return NULL;
  for (guint i = 0; lines[i] != NULL && well; i++)
    {
      g_autofree char *place = g_strdup_printf ("%s/%u", pointer, i);

      reader.pointer = place;
      well = read_text (&reader, lines[i], error);
      reader.pointer = pointer;
    }
  well = well && finish (&reader, error);
  end_clear (&reader.at);
  return well ? g_steal_pointer (&self) : NULL;
}

void
mer_launch_free (MerLaunch *self)
{
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->links, g_array_unref);
  g_clear_pointer (&self->json, mer_json_unref);
  g_free (self);
}
