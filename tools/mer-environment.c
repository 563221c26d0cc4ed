/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* how a `mer` that was never installed finds its plug-ins and data */
#include "mer-environment.h"

#include <gst/gst.h>

#ifdef __GLIBC__ /* known after the first header */
#include <malloc.h>
#endif

#include "config.h"

static gboolean
runs_from_build_folder (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);

  return self != NULL && g_str_has_prefix (self, MER_BUILD_ROOT "/");
}

static void
prepend_path (const char *variable, const char *path)
{
  const char *old = g_getenv (variable);
  g_autofree char *all = NULL;

  if (old != NULL && *old != '\0')
    all = g_strconcat (path, G_SEARCHPATH_SEPARATOR_S, old, NULL);
  g_setenv (variable, all != NULL ? all : path, TRUE);
}

/**
 * mer_environment_set_up:
 *
 * Makes plug-ins and data findable. A build folder gets a plug-in registry of its own, so
 * that neither it nor the user's own GStreamer sees the other's plug-ins come and go. What
 * the user has set stays.
 */
void
mer_environment_set_up (void)
{
  if (!runs_from_build_folder ())
    {
      prepend_path ("GST_PLUGIN_PATH", MER_PLUGINS_DIR);
      return;
    }
  prepend_path ("GST_PLUGIN_PATH", MER_BUILD_ROOT "/plugins");
  g_setenv ("GST_REGISTRY", MER_BUILD_ROOT "/mer-registry.bin", FALSE);
  g_setenv ("MER_DATA_PATH", MER_SOURCE_ROOT "/pipelines", FALSE);
}

/* Media and request bodies come and go by the thousand in several threads. glibc would
 * raise the size from which it maps memory of its own with each one that is freed, and keep
 * what it freed in an arena a thread: the process would grow for hours without a leak. */
static void
keep_heap_small (void)
{
#ifdef __GLIBC__
  mallopt (M_ARENA_MAX, 4);
  mallopt (M_MMAP_THRESHOLD, 64 * 1024);
  mallopt (M_TRIM_THRESHOLD, 1024 * 1024);
#endif
}

/**
 * mer_environment_init_gst:
 *
 * Starts GStreamer; called only by commands that run or look at elements, because it reads
 * the whole plug-in registry.
 *
 * Returns: %FALSE with an error
 */
gboolean
mer_environment_init_gst (GError **error)
{
  keep_heap_small ();
  return gst_is_initialized () || gst_init_check (NULL, NULL, error);
}
