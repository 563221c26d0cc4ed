/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mer-labels-element.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  return gst_element_register (plugin, "merlabels", GST_RANK_NONE, MER_TYPE_LABELS_ELEMENT);
}

#define PACKAGE "gst-mer"
GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, merlabels,
                   "Turns answers into emotion labels", plugin_init, MER_VERSION, "LGPL",
                   "gst-mer", MER_PACKAGE_ORIGIN)
