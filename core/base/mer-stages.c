/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mer-stages.h"

#include "tables/mer-json.h"

#define EVENT_NAME "mer-stages"
#define FIELD_STAGES "stages"
#define FIELD_OTHERS "others"

static void
structure_set_names (GstStructure *structure, const char *field, const char *const *names)
{
  g_auto (GValue) list = G_VALUE_INIT;

  g_value_init (&list, GST_TYPE_ARRAY);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_auto (GValue) name = G_VALUE_INIT;

      g_value_init (&name, G_TYPE_STRING);
      g_value_set_string (&name, names[i]);
      gst_value_array_append_value (&list, &name);
    }
  gst_structure_set_value (structure, field, &list);
}

static char **
structure_get_names (const GstStructure *structure, const char *field)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const GValue *list = gst_structure_get_value (structure, field);

  for (guint i = 0; list != NULL && i < gst_value_array_get_size (list); i++)
    g_strv_builder_add (builder, g_value_get_string (gst_value_array_get_value (list, i)));
  return g_strv_builder_end (builder);
}

/**
 * mer_stages_event_new:
 * @stages: (nullable) (array zero-terminated=1): names of stages, in the order they stand
 * @others: (nullable) (array zero-terminated=1): names that are taken but are no stages
 *
 * Returns: (transfer full): the sticky event a source starts with, or an element sends on
 */
GstEvent *
mer_stages_event_new (const char *const *stages, const char *const *others)
{
  GstStructure *structure = gst_structure_new_empty (EVENT_NAME);

  structure_set_names (structure, FIELD_STAGES, stages);
  structure_set_names (structure, FIELD_OTHERS, others);
  return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, structure);
}

gboolean
mer_stages_event_is (GstEvent *event)
{
  return GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_DOWNSTREAM_STICKY
         && gst_event_has_name (event, EVENT_NAME);
}

/**
 * mer_stages_event_get_stages:
 * @event: a `mer-stages` event
 *
 * Returns: (transfer full) (array zero-terminated=1): the names of the stages upstream
 */
char **
mer_stages_event_get_stages (GstEvent *event)
{
  return structure_get_names (gst_event_get_structure (event), FIELD_STAGES);
}

char **
mer_stages_event_get_others (GstEvent *event)
{
  return structure_get_names (gst_event_get_structure (event), FIELD_OTHERS);
}

static char *
describe_stages (char **stages)
{
  g_autofree char *list = g_strjoinv (", ", stages);

  return *list != '\0' ? g_strdup_printf ("the stages before it are: %s", list)
                       : g_strdup ("there is no stage before it");
}

/* "OBJECT (factory)": what a person wrote, to find the place again */
static char *
describe_element (GstElement *element)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  return g_strdup_printf ("%s (%s)", GST_OBJECT_NAME (element),
                          factory != NULL ? GST_OBJECT_NAME (factory)
                                          : G_OBJECT_TYPE_NAME (element));
}

static char **
strv_append (char **names, const char *name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_addv (builder, (const char **) names);
  g_strv_builder_add (builder, name);
  return g_strv_builder_end (builder);
}

/**
 * mer_stages_event_pass:
 * @element: whose names these are, for errors
 * @event: (nullable): what came from upstream; %NULL where nothing did
 * @own: (nullable): the name under which @element puts a result
 * @is_stage: whether others read it by default
 * @references: (nullable) (array zero-terminated=1): stages that @element reads
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): what to send on; %NULL with `EXISTS` if @own is
 *   taken, with `NOT_FOUND` if a reference leads nowhere
 */
GstEvent *
mer_stages_event_pass (GstElement *element, GstEvent *event, const char *own,
                       gboolean is_stage, const char *const *references, GError **error)
{
  g_auto (GStrv) stages
      = event != NULL ? mer_stages_event_get_stages (event) : g_new0 (char *, 1);
  g_auto (GStrv) others
      = event != NULL ? mer_stages_event_get_others (event) : g_new0 (char *, 1);
  g_autofree char *place = describe_element (element);

  for (guint i = 0; references != NULL && references[i] != NULL; i++)
    {
      if (g_strv_contains ((const char *const *) stages, references[i]))
        continue;

      const char *near = mer_nearest_name (references[i], (const char *const *) stages);
      g_autofree char *there = describe_stages (stages);
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                   "%s reads stage “%s”, which does not exist%s%s%s; %s", place,
                   references[i], near != NULL ? ", did you mean “" : "",
                   near != NULL ? near : "", near != NULL ? "”?" : "", there);
      return NULL;
    }
  if (own != NULL
      && (g_strv_contains ((const char *const *) stages, own)
          || g_strv_contains ((const char *const *) others, own)))
    {
      g_set_error (
          error, MER_ERROR, MER_ERROR_EXISTS,
          "%s: the stage name “%s” is taken by an element before it; give this one "
          "another with stage=…",
          place, own);
      return NULL;
    }
  if (own != NULL)
    {
      char ***list = is_stage ? &stages : &others;
      g_auto (GStrv) longer = strv_append (*list, own);

      g_strfreev (*list);
      *list = g_steal_pointer (&longer);
    }
  return mer_stages_event_new ((const char *const *) stages, (const char *const *) others);
}

/* whether a name is one that GStreamer makes up: the type's, in lower case, and a number */
static gboolean
is_made_up (const char *name, const char *prefix)
{
  gsize length = strlen (prefix);

  return g_ascii_strncasecmp (name, prefix, length) == 0 && name[length] != '\0'
         && strspn (name + length, "0123456789") == strlen (name + length);
}

/**
 * mer_stages_default_name:
 * @element: an element
 *
 * Returns: (transfer full): the name it was given, or where GStreamer made one up
 *   (`mermodel0`), its factory's name without `mer`
 */
char *
mer_stages_default_name (GstElement *element)
{
  g_autofree char *name = gst_object_get_name (GST_OBJECT (element));
  GstElementFactory *factory = gst_element_get_factory (element);
  const char *kind = factory != NULL ? GST_OBJECT_NAME (factory) : NULL;

  if (kind == NULL
      || (!is_made_up (name, kind) && !is_made_up (name, G_OBJECT_TYPE_NAME (element))))
    return g_steal_pointer (&name);
  return g_strdup (g_str_has_prefix (kind, "mer") ? kind + strlen ("mer") : kind);
}
