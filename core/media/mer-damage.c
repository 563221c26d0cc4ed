/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decoders hide damage: they paint over it from the picture before and say so in their log
 * alone. What they paint depends on what was decoded before, so this must be known where
 * only a part of a clip is decoded. */
#include "media/mer-damage.h"

#include <gst/gst.h>

static __thread guint n_complaints;

static void
count_complaints (GstDebugCategory *category, GstDebugLevel level,
                  G_GNUC_UNUSED const char *file, G_GNUC_UNUSED const char *function,
                  G_GNUC_UNUSED int line, G_GNUC_UNUSED GObject *object,
                  G_GNUC_UNUSED GstDebugMessage *message, G_GNUC_UNUSED gpointer user_data)
{
  if (level == GST_LEVEL_ERROR
      && g_str_equal (gst_debug_category_get_name (category), "libav"))
    n_complaints++;
}

/**
 * mer_damage_watch:
 *
 * Starts counting what libav complains about. For a process of our own: the log that nobody
 * asked for is not printed any more.
 */
void
mer_damage_watch (void)
{
  if (g_getenv ("GST_DEBUG") == NULL)
    gst_debug_remove_log_function (gst_debug_log_default);
  gst_debug_add_log_function (count_complaints, NULL, NULL);
  gst_debug_set_active (TRUE);
  gst_debug_set_threshold_for_name (
      "libav", MAX (GST_LEVEL_ERROR, gst_debug_get_default_threshold ()));
}

/**
 * mer_damage_count:
 *
 * Returns: how many complaints there were in this thread so far
 */
guint
mer_damage_count (void)
{
  return n_complaints;
}
