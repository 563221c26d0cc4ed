/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is said of a run: which one it is, with what it was made, how it reaches elements.
 */

#include <sqlite3.h>

#include "mer-version.h"
#include "store/mer-store-run.h"
#include "tables/mer-json.h"

static const char *const state_names[] = {
  [MER_STORE_RUN_RUNNING] = "running",
  [MER_STORE_RUN_FINISHED] = "finished",
  [MER_STORE_RUN_STOPPED] = "stopped",
};

/**
 * mer_store_run_state_to_string:
 * @state: a state
 *
 * Returns: (transfer none): its name: `running`, `finished`, `stopped`
 * Since: 0.1
 */
const char *
mer_store_run_state_to_string (MerStoreRunState state)
{
  return state_names[state];
}

/**
 * mer_store_run_identity:
 * @definition: what makes a run the run it is: the resolved description, dataset, prompts,
 *   models, mapping and draws
 *
 * Returns: (transfer full): sha256 of its canonical form, 64 hex digits
 * Since: 0.1
 */
char *
mer_store_run_identity (JsonNode *definition)
{
  g_autofree char *canonical = mer_json_canonical (definition);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, canonical, -1);
}

/**
 * mer_store_environment_new:
 *
 * Returns: (transfer full): an object with what a session was made with, as far as this
 *   library knows: `gst-mer`, `gstreamer`, `glib`, `sqlite`, `system`, `program`; add to it
 * Since: 0.1
 */
JsonNode *
mer_store_environment_new (void)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *gstreamer = gst_version_string ();
  g_autofree char *glib = g_strdup_printf ("%u.%u.%u", glib_major_version,
                                           glib_minor_version, glib_micro_version);
  g_autofree char *system = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  const char *program = g_get_prgname ();

  json_object_unref (object);
  json_object_set_string_member (object, "gst-mer", MER_VERSION);
  json_object_set_string_member (object, "gstreamer", gstreamer);
  json_object_set_string_member (object, "glib", glib);
  json_object_set_string_member (object, "sqlite", sqlite3_libversion ());
  json_object_set_string_member (object, "system", system != NULL ? system : "unknown");
  json_object_set_string_member (object, "program", program != NULL ? program : "unknown");
  return node;
}

/**
 * mer_store_run_context_new:
 * @self: a run
 *
 * Returns: (transfer full): a persistent context that brings @self to `merstoresink`
 * Since: 0.1
 */
GstContext *
mer_store_run_context_new (MerStoreRun *self)
{
  GstContext *context = gst_context_new (MER_STORE_RUN_CONTEXT, TRUE);

  gst_structure_set (gst_context_writable_structure (context), "run", MER_TYPE_STORE_RUN,
                     self, NULL);
  return context;
}

/**
 * mer_store_run_from_context:
 * @context: a context of any type
 *
 * Returns: (transfer full) (nullable): the run that it brings
 * Since: 0.1
 */
MerStoreRun *
mer_store_run_from_context (GstContext *context)
{
  MerStoreRun *run = NULL;

  if (gst_context_has_context_type (context, MER_STORE_RUN_CONTEXT))
    gst_structure_get (gst_context_get_structure (context), "run", MER_TYPE_STORE_RUN, &run,
                       NULL);
  return run;
}
