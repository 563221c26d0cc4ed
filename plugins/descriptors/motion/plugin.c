/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mer-motion.h"

#include <mer.h>

static gboolean
plugin_init (GstPlugin *plugin)
{
  return gst_element_register (plugin, "mermotion", GST_RANK_NONE, MER_TYPE_MOTION);
}

#define PACKAGE "gst-mer"
GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, mermotion,
                   "Describes motion without a model", plugin_init, MER_VERSION, "LGPL",
                   "gst-mer", MER_PACKAGE_ORIGIN)
