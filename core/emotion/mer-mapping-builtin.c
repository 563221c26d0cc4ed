/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-mapping.h"

#include <gio/gio.h>

#define BUILTIN_PATH "/org/gst-mer/emotion/builtin.json"

static MerMapping *
builtin_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) json
      = g_resources_lookup_data (BUILTIN_PATH, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  MerMapping *mapping
      = json != NULL ? mer_mapping_new_from_bytes ("builtin", json, &error) : NULL;

  /* it is part of the library: this is a broken build, not bad input */
  if (mapping == NULL)
    g_error ("the built-in mapping: %s", error->message);
  return mapping;
}

/**
 * mer_mapping_get_builtin:
 *
 * The mapping that needs no import: the five published wheels with the project's own
 * vocabulary of forms and synonyms (core/emotion/mappings). Read at the first call, then
 * shared. Any thread.
 *
 * Returns: (transfer none): the mapping `builtin`
 */
MerMapping *
mer_mapping_get_builtin (void)
{
  static MerMapping *builtin = NULL;

  if (g_once_init_enter (&builtin))
    g_once_init_leave (&builtin, builtin_read ());
  return builtin;
}
