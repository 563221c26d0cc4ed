/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-lessons.h"

#include <string.h>

#include "net/mer-refusal.h"

typedef struct
{
  const char *from; /* lost where `to` is NULL */
  const char *to;
  gboolean stream; /* `from` is set to true */
  char *text;
} Lesson;

struct _MerLessons
{
  GPtrArray *lessons; /* Lesson; the strings in them are the classes' */
};

static GMutex registry_lock;
static GHashTable *registry;

/**
 * mer_lessons_get:
 * @address: the server's base address
 * @model: (nullable): the model's name there
 *
 * From any thread.
 *
 * Returns: (transfer none): the process's lessons about it
 */
MerLessons *
mer_lessons_get (const char *address, const char *model)
{
  g_autofree char *name = g_strconcat (address, " ", model, NULL);

  g_mutex_lock (&registry_lock);
  if (registry == NULL)
    registry = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  MerLessons *self = g_hash_table_lookup (registry, name);
  if (self == NULL)
    {
      self = g_new0 (MerLessons, 1);
      self->lessons = g_ptr_array_new ();
      g_hash_table_insert (registry, g_steal_pointer (&name), self);
    }
  g_mutex_unlock (&registry_lock);
  return self;
}

static Lesson *
find (MerLessons *self, const char *from, const char *to)
{
  for (guint i = 0; i < self->lessons->len; i++)
    {
      Lesson *lesson = g_ptr_array_index (self->lessons, i);

      if (strcmp (lesson->from, from) == 0 && g_strcmp0 (lesson->to, to) == 0)
        return lesson;
    }
  return NULL;
}

static void
add (MerLessons *self, const char *from, const char *to, gboolean stream)
{
  if (find (self, from, to) != NULL)
    return;

  Lesson *lesson = g_new0 (Lesson, 1);
  lesson->from = from;
  lesson->to = to;
  lesson->stream = stream;
  if (stream)
    lesson->text = g_strdup_printf ("%s set to true", from);
  else if (to != NULL)
    lesson->text = g_strdup_printf ("%s sent as %s", from, to);
  else
    lesson->text = g_strdup_printf ("%s left out", from);
  g_ptr_array_add (self->lessons, lesson);
}

/* whichever end of a pair the server does not know becomes the other, once */
static gboolean
learn_rename (MerLessons *self, const char *const *renames, JsonNode *request,
              const MerReplyError *error)
{
  for (gsize i = 0; renames != NULL && renames[i] != NULL; i += 2)
    {
      const char *const from[] = { renames[i], NULL };
      const char *member = NULL;

      if (mer_refusal_find (error, request, from, &member) != MER_REFUSAL_NAME
          || find (self, renames[i + 1], renames[i]) != NULL)
        continue;
      add (self, renames[i], renames[i + 1], FALSE);
      return TRUE;
    }
  return FALSE;
}

static gboolean
is_true (JsonNode *request, const char *path)
{
  const char *name = NULL;
  JsonObject *parent = mer_refusal_find_parent (request, path, &name);
  JsonNode *node = parent != NULL ? json_object_get_member (parent, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_boolean (node);
}

/**
 * mer_lessons_learn:
 * @self: lessons
 * @what: what may be changed
 * @request: what was sent
 * @error: what the server has against it
 *
 * Returns: whether something is known that changes @request
 */
gboolean
mer_lessons_learn (MerLessons *self, const MerAdaptable *what, JsonNode *request,
                   const MerReplyError *error)
{
  const char *member = NULL;

  if (what->stream != NULL && mer_refusal_wants_stream (error)
      && !is_true (request, what->stream))
    {
      add (self, what->stream, NULL, TRUE);
      return TRUE;
    }
  if (learn_rename (self, what->renames, request, error))
    return TRUE;
  if (mer_refusal_find (error, request, what->optional, &member) == MER_REFUSAL_NONE)
    return FALSE;
  add (self, member, NULL, FALSE);
  return TRUE;
}

static gboolean
apply (const Lesson *lesson, JsonNode *request)
{
  const char *name = NULL;
  JsonObject *parent = mer_refusal_find_parent (request, lesson->from, &name);

  if (lesson->stream)
    {
      if (is_true (request, lesson->from))
        return FALSE;
      json_object_set_boolean_member (json_node_get_object (request), lesson->from, TRUE);
      return TRUE;
    }
  if (parent == NULL)
    return FALSE;
  if (lesson->to != NULL)
    json_object_set_member (parent, lesson->to,
                            json_node_copy (json_object_get_member (parent, name)));
  json_object_remove_member (parent, name);
  return TRUE;
}

/**
 * mer_lessons_apply:
 * @self: lessons
 * @request: a request, which is an object; changed
 * @applied: (element-type utf8) (nullable): gets what was changed, in words that live as
 *   long as the process
 *
 * Returns: whether @request was changed
 */
gboolean
mer_lessons_apply (MerLessons *self, JsonNode *request, GPtrArray *applied)
{
  gboolean changed = FALSE;

  for (guint i = 0; i < self->lessons->len; i++)
    {
      Lesson *lesson = g_ptr_array_index (self->lessons, i);

      if (!apply (lesson, request))
        continue;
      changed = TRUE;
      if (applied != NULL)
        g_ptr_array_add (applied, lesson->text);
    }
  return changed;
}
