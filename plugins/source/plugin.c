/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"
#include "mer-dataset-src.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  return GST_ELEMENT_REGISTER (merdatasetsrc, plugin);
}

#define PACKAGE "gst-mer"
GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, mersource,
                   "Where samples come from", plugin_init, MER_PACKAGE_VERSION, "LGPL",
                   "gst-mer", MER_PACKAGE_ORIGIN)
