/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* which files of models count, and what an entry is made of */
#include "config/mer-models-private.h"

#include "config/mer-lookup.h"

#include <string.h>

/* of an entry that extends one that extends one …; there is no reason for more */
#define MAX_DEPTH 16u

/* what differs from file to file is joined member by member, all else is replaced */
static const char *const joined[] = { "properties", "limits", "prices", NULL };
/* what a server's entry says of itself, not of the models behind it */
static const char *const of_servers[] = { "group", "summary" };

static void
origin_free (gpointer data)
{
  MerModelsOrigin *origin = data;

  g_free (origin->pointer);
  g_free (origin);
}

static MerModelsEntry *
entry_new (void)
{
  MerModelsEntry *self = g_new0 (MerModelsEntry, 1);

  self->node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (self->node, json_object_new ());
  self->origins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, origin_free);
  return self;
}

void
mer_models_entry_free (MerModelsEntry *self)
{
  json_node_unref (self->node);
  g_hash_table_unref (self->origins);
  g_free (self);
}

/**
 * mer_models_entry_get_origin:
 * @self: an entry
 * @pointer: a place in it, such as `/properties/uri` or `/licence`
 *
 * Returns: (transfer none) (nullable): where that, or what holds it, was written
 */
const MerModelsOrigin *
mer_models_entry_get_origin (const MerModelsEntry *self, const char *pointer)
{
  const MerModelsOrigin *origin = g_hash_table_lookup (self->origins, pointer);
  g_autofree char *parent = g_path_get_dirname (pointer);

  if (origin != NULL || g_str_equal (parent, "/"))
    return origin;
  return g_hash_table_lookup (self->origins, parent);
}

void
mer_models_entry_set_error (const MerModelsEntry *self, const char *pointer, GError **error,
                            int code, const char *message)
{
  const MerModelsOrigin *origin = mer_models_entry_get_origin (self, pointer);

  if (origin != NULL)
    mer_json_set_error (origin->file->json, origin->pointer, error, code, "%s", message);
  else
    g_set_error (error, MER_ERROR, code, "%s: %s", pointer, message);
}

static void
set_member (MerModelsEntry *self, JsonObject *into, const char *pointer, const char *name,
            JsonNode *value, const MerModelsFile *file, const char *written)
{
  MerModelsOrigin *origin = NULL;

  if (g_str_equal (name, "comment") || g_str_equal (name, "$schema"))
    return;
  if (JSON_NODE_HOLDS_NULL (value))
    {
      json_object_remove_member (into, name);
      g_hash_table_remove (self->origins, pointer);
      return;
    }
  json_object_set_member (into, name, json_node_copy (value));
  origin = g_new0 (MerModelsOrigin, 1);
  origin->file = file;
  origin->pointer = g_strdup (written);
  g_hash_table_replace (self->origins, g_strdup (pointer), origin);
}

static void
remove_member (MerModelsEntry *self, const char *parent, const char *name)
{
  JsonNode *holder
      = parent != NULL ? mer_json_node_member (self->node, parent) : self->node;
  g_autofree char *pointer = parent != NULL ? g_strdup_printf ("/%s/%s", parent, name)
                                            : g_strdup_printf ("/%s", name);

  if (holder != NULL && JSON_NODE_HOLDS_OBJECT (holder))
    json_object_remove_member (json_node_get_object (holder), name);
  g_hash_table_remove (self->origins, pointer);
}

static void
join_object (MerModelsEntry *self, const char *name, JsonObject *object,
             const MerModelsFile *file, const char *written)
{
  JsonObject *root = json_node_get_object (self->node);
  JsonObjectIter iter;
  const char *member = NULL;
  JsonNode *value = NULL;

  if (!json_object_has_member (root, name))
    json_object_set_object_member (root, name, json_object_new ());

  JsonObject *into = json_object_get_object_member (root, name);

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &member, &value))
    {
      g_autofree char *parent = mer_json_pointer ("", name);
      g_autofree char *pointer = mer_json_pointer (parent, member);
      g_autofree char *place = mer_json_pointer (written, member);

      set_member (self, into, pointer, member, value, file, place);
    }
}

/* a key belongs to the address it was written with: one that is inherited does not go to
 * another */
static void
forget_key (MerModelsEntry *self, JsonObject *entry)
{
  JsonNode *node = json_object_get_member (entry, "properties");
  JsonObject *properties
      = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  if (properties != NULL && json_object_has_member (properties, "uri")
      && !json_object_has_member (properties, "api-key-env"))
    remove_member (self, "properties", "api-key-env");
}

static void
lay_over (MerModelsEntry *self, const MerModelsFile *file, const char *model)
{
  g_autofree char *place = mer_models_file_place (model, NULL);
  JsonObject *entry = json_node_get_object (mer_json_lookup (file->json, place));
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *value = NULL;

  forget_key (self, entry);
  json_object_iter_init (&iter, entry);
  while (json_object_iter_next (&iter, &name, &value))
    {
      g_autofree char *written = mer_json_pointer (place, name);
      g_autofree char *pointer = mer_json_pointer ("", name);

      if (g_str_equal (name, "extends"))
        continue;
      if (g_strv_contains (joined, name) && JSON_NODE_HOLDS_OBJECT (value))
        join_object (self, name, json_node_get_object (value), file, written);
      else
        set_member (self, json_node_get_object (self->node), pointer, name, value, file,
                    written);
    }
}

static gboolean
holds (const MerModelsFile *file, const char *model)
{
  g_autofree char *place = mer_models_file_place (model, NULL);

  return mer_json_has (file->json, place);
}

static gboolean
find_file (GPtrArray *files, const char *model, guint *at)
{
  for (; *at < files->len; (*at)++)
    if (holds (g_ptr_array_index (files, *at), model))
      return TRUE;
  return FALSE;
}

static gboolean
refuse_extends (const MerModelsFile *file, const char *model, const char *other,
                guint depth, GError **error)
{
  g_autofree char *place = mer_models_file_place (model, "extends");

  if (depth >= MAX_DEPTH)
    mer_json_set_error (file->json, place, error, MER_ERROR_INVALID_FILE,
                        "“%s” extends itself in the end, or through more than %u others",
                        model, MAX_DEPTH);
  else
    mer_json_set_error (file->json, place, error, MER_ERROR_NOT_FOUND,
                        "there is no model “%s” to extend; see mer models list", other);
  return FALSE;
}

static gboolean lay_entry (MerModelsEntry *self, GPtrArray *files, const char *model,
                           guint at, guint depth, GError **error);

/* what lies below: another entry, or that of the same name in a file that counts less */
static gboolean
lay_base (MerModelsEntry *self, GPtrArray *files, const char *model, guint at, guint depth,
          GError **error)
{
  const MerModelsFile *file = g_ptr_array_index (files, at);
  g_autofree char *place = mer_models_file_place (model, NULL);
  JsonNode *entry = mer_json_lookup (file->json, place);
  const char *other = mer_json_node_string (entry, "extends");
  const gboolean itself = other == NULL || g_str_equal (other, model);
  guint below = itself ? at + 1 : 0;

  if (other == NULL && mer_json_node_string (entry, "backend") != NULL)
    return TRUE;
  if (!find_file (files, itself ? model : other, &below))
    {
      g_autofree char *backend = mer_models_file_place (model, "backend");

      if (other != NULL)
        return refuse_extends (file, model, other, depth, error);
      mer_json_set_error (file->json, backend, error, MER_ERROR_INVALID_FILE,
                          "missing; the element that asks must stand here, or “extends”: "
                          "there is no other “%s” that this entry could change",
                          model);
      return FALSE;
    }
  if (depth >= MAX_DEPTH)
    return refuse_extends (file, model, other != NULL ? other : model, depth, error);
  if (!lay_entry (self, files, itself ? model : other, below, depth + 1, error))
    return FALSE;
  if (!itself && g_strcmp0 (mer_json_node_string (self->node, "group"), "server") == 0)
    for (guint i = 0; i < G_N_ELEMENTS (of_servers); i++)
      remove_member (self, NULL, of_servers[i]);
  return TRUE;
}

static int programs_allowed; /* atomic */

/**
 * mer_models_allow_programs:
 *
 * Lets entries of any models file start programs from now on, because the person said so
 * (`--allow merexec`).
 */
void
mer_models_allow_programs (void)
{
  g_atomic_int_set (&programs_allowed, TRUE);
}

/* a program is started only by what the user wrote, or what came with the project */
static gboolean
check_trust (MerModelsEntry *self, const MerModelsFile *file, const char *model,
             GError **error)
{
  g_autofree char *place = NULL;

  if (file->trusted || g_atomic_int_get (&programs_allowed)
      || g_strcmp0 (mer_json_node_string (self->node, "backend"), "merexec") != 0)
    return TRUE;
  place = mer_models_file_place (model, NULL);
  mer_json_set_error (file->json, place, error, MER_ERROR_INVALID_FILE,
                      "merexec starts programs: such an entry is written, and changed, "
                      "only in your own models file, in the data folder gst-mer; "
                      "--allow merexec permits it here");
  return FALSE;
}

static gboolean
lay_entry (MerModelsEntry *self, GPtrArray *files, const char *model, guint at, guint depth,
           GError **error)
{
  const MerModelsFile *file = g_ptr_array_index (files, at);

  if (!file->checked && !mer_models_file_check_entry (file, model, error))
    return FALSE;
  if (!lay_base (self, files, model, at, depth, error))
    return FALSE;
  lay_over (self, file, model);
  return check_trust (self, file, model, error);
}

/**
 * mer_models_resolve:
 * @files: (element-type MerModelsFile): the files, the one that counts most first
 * @model: a name that stands in one of them
 * @error: return location for an error that names the place
 *
 * Returns: (transfer full) (nullable): the entry as it counts
 */
MerModelsEntry *
mer_models_resolve (GPtrArray *files, const char *model, GError **error)
{
  g_autoptr (MerModelsEntry) self = entry_new ();
  guint at = 0;

  if (!find_file (files, model, &at))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND, "there is no model “%s”", model);
      return NULL;
    }
  return lay_entry (self, files, model, at, 0, error) ? g_steal_pointer (&self) : NULL;
}

static gboolean
add_file (GPtrArray *files, const char *path, gboolean found, GError **error)
{
  g_autofree char *full = g_canonicalize_filename (path, NULL);
  g_autofree char *shipped = g_build_filename (mer_lookup_get_own_folder (), "", NULL);
  MerModelsFile *file = NULL;

  for (guint i = 0; i < files->len; i++)
    {
      const MerModelsFile *other = g_ptr_array_index (files, i);
      g_autofree char *known = g_canonicalize_filename (other->path, NULL);

      if (g_str_equal (known, full))
        return TRUE;
    }
  file = mer_models_file_open (path, g_str_has_prefix (full, shipped), found, error);
  if (file != NULL)
    g_ptr_array_add (files, file);
  return file != NULL;
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* all of a folder of the catalogue, in bytewise order */
static gboolean
add_folder (GPtrArray *files, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json") && *name != '.')
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (paths, compare_paths);
  for (guint i = 0; i < paths->len; i++)
    if (!add_file (files, g_ptr_array_index (paths, i), FALSE, error))
      return FALSE;
  return TRUE;
}

/* in each place of data `models.json`, and the folder `models` */
static gboolean
add_place (GPtrArray *files, const char *folder, gboolean whole, GError **error)
{
  g_autofree char *file = g_build_filename (folder, "models.json", NULL);
  g_autofree char *more = g_build_filename (folder, "models", NULL);

  if (g_file_test (file, G_FILE_TEST_IS_REGULAR) && !add_file (files, file, !whole, error))
    return FALSE;
  return !whole || add_folder (files, more, error);
}

/* of the working folder the file alone, since a folder of that name is anybody's; the
 * catalogue last, wherever else it is named */
static gboolean
add_places (GPtrArray *files, const char *relative_to, gboolean beside, GError **error)
{
  g_auto (GStrv) folders = mer_lookup_dup_folders ("models", relative_to);
  const char *shipped = mer_lookup_get_own_folder ();

  for (guint i = beside ? 1 : 2; folders[i] != NULL; i++)
    if (!g_str_has_suffix (folders[i], "/models") && !g_str_equal (folders[i], shipped)
        && !add_place (files, folders[i], i > 1, error))
      return FALSE;
  return add_place (files, shipped, TRUE, error);
}

/**
 * mer_models_list_files:
 * @name: (nullable): a models file's name or path, which counts more than all others
 * @relative_to: (nullable): the file that names it
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable) (element-type MerModelsFile): the files, the one that
 *   counts most first: @name, else `models.json` of the working folder; then those of
 *   `$MER_DATA_PATH`, the user's, and the catalogue
 */
GPtrArray *
mer_models_list_files (const char *name, const char *relative_to, GError **error)
{
  static const char *const extensions[] = { ".json", NULL };
  g_autoptr (GPtrArray) files
      = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_models_file_free);

  if (name != NULL)
    {
      g_autofree char *path
          = mer_lookup_file ("models", name, extensions, relative_to, error);

      if (path == NULL || !add_file (files, path, FALSE, error))
        return NULL;
    }
  return add_places (files, relative_to, name == NULL, error) ? g_steal_pointer (&files)
                                                              : NULL;
}
