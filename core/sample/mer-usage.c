/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sample/mer-usage.h"

#include "tables/mer-json.h"

/* the members of a usage object, in the order they are written */
static const struct
{
  const char *name;
  gsize offset;
} members[] = {
  { "input", G_STRUCT_OFFSET (MerUsage, input) },
  { "input-cached", G_STRUCT_OFFSET (MerUsage, input_cached) },
  { "cache-write", G_STRUCT_OFFSET (MerUsage, cache_write) },
  { "input-audio", G_STRUCT_OFFSET (MerUsage, input_audio) },
  { "input-image", G_STRUCT_OFFSET (MerUsage, input_image) },
  { "input-video", G_STRUCT_OFFSET (MerUsage, input_video) },
  { "input-cached-audio", G_STRUCT_OFFSET (MerUsage, input_cached_audio) },
  { "output", G_STRUCT_OFFSET (MerUsage, output) },
  { "reasoning", G_STRUCT_OFFSET (MerUsage, reasoning) },
  { "output-audio", G_STRUCT_OFFSET (MerUsage, output_audio) },
};

/* more than any call reads, and exact as a double */
#define MAX_COUNT 1e15

/**
 * mer_usage_get_read:
 * @self: a usage
 *
 * Returns: tokens read, from a cache or not; -1 where none of the counts is known
 */
gint64
mer_usage_get_read (const MerUsage *self)
{
  if (self->input < 0 && self->input_cached < 0 && self->cache_write < 0)
    return -1;
  return MAX (0, self->input) + MAX (0, self->input_cached) + MAX (0, self->cache_write);
}

/**
 * mer_usage_is_known:
 * @self: a usage
 *
 * Returns: whether anything at all is known of it
 */
gboolean
mer_usage_is_known (const MerUsage *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (G_STRUCT_MEMBER (gint64, self, members[i].offset) >= 0)
      return TRUE;
  return self->seconds >= 0;
}

/**
 * mer_usage_add:
 * @self: a sum, at first %MER_USAGE_UNKNOWN
 * @more: what is added
 *
 * What is not known on one side counts as nothing.
 */
void
mer_usage_add (MerUsage *self, const MerUsage *more)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      gint64 *sum = &G_STRUCT_MEMBER (gint64, self, members[i].offset);
      gint64 count = G_STRUCT_MEMBER (gint64, more, members[i].offset);

      if (count >= 0)
        *sum = MAX (0, *sum) + count;
    }
  if (more->seconds >= 0)
    self->seconds = MAX (0, self->seconds) + more->seconds;
  self->estimated |= more->estimated;
  self->incomplete |= more->incomplete;
}

/**
 * mer_usage_to_json:
 * @self: a usage
 *
 * Returns: (transfer full): an object of what is known, without members where nothing is
 */
JsonObject *
mer_usage_to_json (const MerUsage *self)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      gint64 count = G_STRUCT_MEMBER (gint64, self, members[i].offset);

      if (count >= 0)
        json_object_set_int_member (object, members[i].name, count);
    }
  if (self->seconds >= 0)
    json_object_set_double_member (object, "seconds", self->seconds);
  if (self->estimated)
    json_object_set_boolean_member (object, "estimated", TRUE);
  if (self->incomplete)
    json_object_set_boolean_member (object, "incomplete", TRUE);
  return object;
}

static gboolean
get_flag (JsonNode *node, const char *name)
{
  JsonNode *member = mer_json_node_member (node, name);

  return member != NULL && json_node_get_value_type (member) == G_TYPE_BOOLEAN
         && json_node_get_boolean (member);
}

/**
 * mer_usage_from_json:
 * @node: (nullable): what [func@Mer.usage_to_json] made
 *
 * Returns: the usage; what is missing, no number or out of range is not known
 */
MerUsage
mer_usage_from_json (JsonNode *node)
{
  MerUsage usage = MER_USAGE_UNKNOWN;

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      double count = mer_json_node_number (node, members[i].name, -1);

      if (count >= 0 && count <= MAX_COUNT)
        G_STRUCT_MEMBER (gint64, &usage, members[i].offset) = (gint64) count;
    }

  double seconds = mer_json_node_number (node, "seconds", -1);
  if (seconds >= 0 && seconds <= MAX_COUNT)
    usage.seconds = seconds;
  usage.estimated = get_flag (node, "estimated");
  usage.incomplete = get_flag (node, "incomplete");
  return usage;
}

G_DEFINE_ENUM_TYPE (MerCostBasis, mer_cost_basis,
                    G_DEFINE_ENUM_VALUE (MER_COST_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (MER_COST_REPORTED, "reported"),
                    G_DEFINE_ENUM_VALUE (MER_COST_PRICED, "priced"),
                    G_DEFINE_ENUM_VALUE (MER_COST_ESTIMATED, "estimated"))

/**
 * mer_cost_basis_to_string:
 * @basis: where a cost comes from
 *
 * Returns: its name in files, such as `reported`
 */
const char *
mer_cost_basis_to_string (MerCostBasis basis)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (MER_TYPE_COST_BASIS);
  GEnumValue *value = g_enum_get_value (klass, basis);

  g_return_val_if_fail (value != NULL, NULL);
  return value->value_nick;
}

/**
 * mer_cost_basis_from_string:
 * @nick: (nullable): a name such as `priced`
 *
 * Returns: what it names; %MER_COST_UNKNOWN for anything else
 */
MerCostBasis
mer_cost_basis_from_string (const char *nick)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (MER_TYPE_COST_BASIS);
  GEnumValue *value = nick != NULL ? g_enum_get_value_by_nick (klass, nick) : NULL;

  return value != NULL ? value->value : MER_COST_UNKNOWN;
}
