/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/mer-description.h"

#include "config/mer-lookup.h"
#include "config/mer-property.h"

#include <string.h>

struct _MerDescription
{
  gatomicrefcount refs;
  MerJson *json;
  const char *name;
  const char *summary;
  MerLaunch *launch;
  GPtrArray *parameters;
};

G_DEFINE_BOXED_TYPE (MerDescription, mer_description, mer_description_ref,
                     mer_description_unref)

MerDescription *
mer_description_ref (MerDescription *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mer_description_unref (MerDescription *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->json, mer_json_unref);
  g_clear_pointer (&self->launch, mer_launch_free);
  g_clear_pointer (&self->parameters, g_ptr_array_unref);
  g_free (self);
}

/* the elements that a parameter sets must have been named */
static gboolean
check_sets (MerDescription *self, const MerParameter *parameter, GError **error)
{
  for (guint i = 0; parameter->sets[i] != NULL; i++)
    {
      g_autofree char *name
          = g_strndup (parameter->sets[i], strcspn (parameter->sets[i], "."));
      g_autofree char *owner = mer_json_pointer ("/parameters", parameter->name);
      g_autofree char *place = g_strdup_printf ("%s/sets/%u", owner, i);
      g_auto (GStrv) names = mer_launch_dup_names (self->launch);
      const char *nearest = mer_nearest_name (name, (const char *const *) names);

      if (mer_launch_has_element (self->launch, name))
        continue;
      mer_json_set_error (self->json, place, error, MER_ERROR_NOT_FOUND,
                          "there is no element named “%s” in launch%s%s%s", name,
                          nearest != NULL ? "; did you mean “" : "",
                          nearest != NULL ? nearest : "", nearest != NULL ? "”?" : "");
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_parameters (MerDescription *self, GError **error)
{
  JsonNode *node = mer_json_lookup (self->json, "/parameters");

  self->parameters = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_parameter_free);
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      mer_json_set_error (self->json, "/parameters", error, MER_ERROR_INVALID_FILE,
                          "an object must stand here");
      return FALSE;
    }

  g_autoptr (GList) names = json_object_get_members (json_node_get_object (node));

  for (GList *name = names; name != NULL; name = name->next)
    {
      MerParameter *parameter = mer_parameter_read (self->json, name->data, error);

      if (parameter == NULL)
        return FALSE;
      g_ptr_array_add (self->parameters, parameter);
      if (!check_sets (self, parameter, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * mer_description_open:
 * @name: a description's name or path, as [func@lookup_file] reads it
 * @relative_to: (nullable): the file that names it
 * @allow: (nullable) (array zero-terminated=1): elements that the person permits beyond
 *   those a description may use
 * @error: return location for an error that names file, line and JSON pointer
 *
 * Reads and checks a description, without making any element.
 *
 * Returns: (transfer full) (nullable): the description
 */
MerDescription *
mer_description_open (const char *name, const char *relative_to, const char *const *allow,
                      GError **error)
{
  static const char *const extensions[] = { ".json", NULL };
  static const char *const members[]
      = { "format", "name", "summary", "parameters", "launch", NULL };
  g_autofree char *path
      = mer_lookup_file ("descriptions", name, extensions, relative_to, error);
  g_autoptr (MerDescription) self = NULL;

  if (path == NULL)
    return NULL;
  self = g_new0 (MerDescription, 1);
  g_atomic_ref_count_init (&self->refs);
  self->json = mer_json_load (path, error);
  if (self->json == NULL
      || !mer_json_check_format (self->json, MER_DESCRIPTION_FORMAT, error)
      || !mer_json_check_members (self->json, "", members, error)
      || !mer_json_get_string (self->json, "/name", &self->name, error)
      || !mer_json_get_optional_string (self->json, "/summary", &self->summary, error))
    return NULL;
  self->launch = mer_launch_parse (self->json, "/launch", allow, error);
  if (self->launch == NULL || !read_parameters (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

const char *
mer_description_get_name (MerDescription *self)
{
  return self->name;
}

const char *
mer_description_get_summary (MerDescription *self)
{
  return self->summary;
}

const char *
mer_description_get_path (MerDescription *self)
{
  return mer_json_get_name (self->json);
}

guint
mer_description_get_n_parameters (MerDescription *self)
{
  return self->parameters->len;
}

const MerParameter *
mer_description_get_parameter (MerDescription *self, guint index)
{
  return g_ptr_array_index (self->parameters, index);
}

/**
 * mer_description_find_parameter:
 * @self: a description
 * @name: what somebody wrote
 * @error: return location for an error that names the nearest parameter
 *
 * Returns: (transfer none) (nullable): the parameter
 */
const MerParameter *
mer_description_find_parameter (MerDescription *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < self->parameters->len; i++)
    {
      const MerParameter *parameter = g_ptr_array_index (self->parameters, i);

      if (g_str_equal (parameter->name, name))
        return parameter;
      g_ptr_array_add (names, parameter->name);
    }
  g_ptr_array_add (names, NULL);

  const char *nearest = mer_nearest_name (name, (const char *const *) names->pdata);
  g_autofree char *all = g_strjoinv (", ", (char **) names->pdata);

  if (nearest != NULL)
    g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                 "description “%s” has no parameter “%s”; did you mean “%s”?", self->name,
                 name, nearest);
  else
    g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                 "description “%s” has no parameter “%s”; %s%s", self->name, name,
                 *all != '\0' ? "there are: " : "it has none", all);
  return NULL;
}

char **
mer_description_dup_launch (MerDescription *self)
{
  char **lines = NULL;

  mer_json_get_strings (self->json, "/launch", &lines, NULL);
  return lines;
}

typedef struct
{
  JsonNode *value;
  char *relative_to; /* the file or folder that the value's paths start from */
  char *origin;      /* `--set name=value`, for errors; %NULL: a file */
} Chosen;

struct _MerChoice
{
  MerDescription *description;
  GHashTable *chosen; /* name → Chosen */
};

static void
chosen_free (gpointer data)
{
  Chosen *chosen = data;

  json_node_unref (chosen->value);
  g_free (chosen->relative_to);
  g_free (chosen->origin);
  g_free (chosen);
}

/**
 * mer_choice_new:
 * @description: a description
 *
 * Returns: (transfer full): a choice where all parameters have their defaults
 */
MerChoice *
mer_choice_new (MerDescription *description)
{
  MerChoice *self = g_new0 (MerChoice, 1);

  self->description = mer_description_ref (description);
  self->chosen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, chosen_free);
  return self;
}

void
mer_choice_free (MerChoice *self)
{
  mer_description_unref (self->description);
  g_hash_table_unref (self->chosen);
  g_free (self);
}

static void
choose (MerChoice *self, const char *name, JsonNode *value, const char *relative_to,
        char *origin)
{
  Chosen *chosen = g_new0 (Chosen, 1);

  chosen->value = value;
  chosen->relative_to = g_strdup (relative_to);
  chosen->origin = origin;
  g_hash_table_replace (self->chosen, g_strdup (name), chosen);
}

/**
 * mer_choice_set:
 * @self: a choice
 * @name: a parameter
 * @value: what it shall be
 * @relative_to: (nullable): the file that says so
 * @error: return location for an error without a place
 *
 * Returns: whether there is such a parameter and the value is one of its
 */
gboolean
mer_choice_set (MerChoice *self, const char *name, JsonNode *value, const char *relative_to,
                GError **error)
{
  const MerParameter *parameter
      = mer_description_find_parameter (self->description, name, error);

  if (parameter == NULL || !mer_parameter_check (parameter, value, error))
    return FALSE;
  choose (self, name, json_node_copy (value), relative_to, NULL);
  return TRUE;
}

/**
 * mer_choice_set_text:
 * @self: a choice
 * @assignment: `name=value`, as on a command line; paths start from the working folder
 * @error: return location for an error
 *
 * Returns: whether there is such a parameter and the value is one of its
 */
gboolean
mer_choice_set_text (MerChoice *self, const char *assignment, GError **error)
{
  const char *equals = strchr (assignment, '=');
  g_autofree char *name
      = equals != NULL ? g_strndup (assignment, (gsize) (equals - assignment)) : NULL;

  if (name == NULL || *name == '\0')
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "--set %s: it is written --set name=value", assignment);
      return FALSE;
    }

  const MerParameter *parameter
      = mer_description_find_parameter (self->description, name, error);
  JsonNode *value
      = parameter != NULL ? mer_parameter_parse (parameter, equals + 1, error) : NULL;

  if (value == NULL)
    {
      g_prefix_error (error, "--set %s: ", assignment);
      return FALSE;
    }
  choose (self, name, value, NULL, g_strconcat ("--set ", assignment, NULL));
  return TRUE;
}

/* the value's text for one element; what names a file leads there now */
static char *
value_for (MerChoice *self, const MerParameter *parameter, const Chosen *chosen,
           GstElement *element, const char *property, GError **error)
{
  const char *file = mer_description_get_path (self->description);
  JsonNode *value = chosen != NULL ? chosen->value : parameter->fallback;
  g_autofree char *text = mer_property_text_from_json (value);
  /* names are looked up from the description, paths start from where they were written */
  const char *base
      = chosen != NULL && mer_lookup_is_path (text) ? chosen->relative_to : file;

  if (parameter->type == MER_PARAMETER_PATH)
    {
      g_autofree char *path
          = mer_lookup_path (text, chosen != NULL ? chosen->relative_to : file);

      return g_canonicalize_filename (path, NULL);
    }
  return mer_property_resolve_file (element, property, text, base, error);
}

static gboolean
apply_parameter (MerChoice *self, GstBin *bin, const MerParameter *parameter,
                 GError **error)
{
  const Chosen *chosen = g_hash_table_lookup (self->chosen, parameter->name);
  g_autofree char *place = mer_json_pointer ("/parameters", parameter->name);

  /* then the element's own default stands, or what a model's entry says */
  if (chosen == NULL && parameter->optional)
    return TRUE;
  if (chosen == NULL && parameter->fallback == NULL)
    {
      mer_json_set_error (self->description->json, place, error, MER_ERROR_INVALID_ARGUMENT,
                          "has no default; give it with --set %s=…", parameter->name);
      return FALSE;
    }
  for (guint i = 0; parameter->sets[i] != NULL; i++)
    {
      g_autofree char *name
          = g_strndup (parameter->sets[i], strcspn (parameter->sets[i], "."));
      const char *property = strchr (parameter->sets[i], '.') + 1;
      g_autoptr (GstElement) element = gst_bin_get_by_name (bin, name);
      g_autoptr (GError) problem = NULL;
      g_autofree char *text
          = value_for (self, parameter, chosen, element, property, &problem);

      if (text != NULL)
        mer_property_set_text (element, property, text, &problem);
      if (problem == NULL)
        continue;
      if (chosen != NULL && chosen->origin != NULL)
        g_set_error (error, MER_ERROR, problem->code, "%s: %s", chosen->origin,
                     problem->message);
      else
        mer_json_set_error (self->description->json, place, error, problem->code, "%s",
                            problem->message);
      return FALSE;
    }
  return TRUE;
}

/**
 * mer_choice_build:
 * @self: a choice
 * @error: return location for an error that names file, line and JSON pointer
 *
 * Makes the description's elements with the chosen values.
 *
 * Returns: (transfer full) (nullable): a bin with one `sink` and one `src` pad
 */
GstElement *
mer_choice_build (MerChoice *self, GError **error)
{
  MerDescription *description = self->description;
  g_autoptr (GstElement) bin = mer_launch_build (description->launch, NULL, error);

  if (bin == NULL)
    return NULL;
  for (guint i = 0; i < description->parameters->len; i++)
    if (!apply_parameter (self, GST_BIN (bin),
                          g_ptr_array_index (description->parameters, i), error))
      return NULL;
  return g_steal_pointer (&bin);
}

/**
 * mer_choice_to_json:
 * @self: a choice
 *
 * Returns: (transfer full): the parameters' values by name, defaults among them
 */
JsonNode *
mer_choice_to_json (MerChoice *self)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);

  json_object_unref (object);
  for (guint i = 0; i < self->description->parameters->len; i++)
    {
      const MerParameter *parameter = g_ptr_array_index (self->description->parameters, i);
      const Chosen *chosen = g_hash_table_lookup (self->chosen, parameter->name);
      JsonNode *value = chosen != NULL ? chosen->value : parameter->fallback;

      if (value != NULL)
        json_object_set_member (object, parameter->name, json_node_copy (value));
    }
  return node;
}
