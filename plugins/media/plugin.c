/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mer-collect.h"
#include "mer-media-element.h"

#include <mer.h>

static gboolean
plugin_init (GstPlugin *plugin)
{
  return gst_element_register (plugin, "mermedia", GST_RANK_NONE, MER_TYPE_MEDIA_ELEMENT)
         && gst_element_register (plugin, "mercollect", GST_RANK_NONE, MER_TYPE_COLLECT);
}

#define PACKAGE "gst-mer"
GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, mermedia,
                   "Clips and streams to the evidence of emotion recognition", plugin_init,
                   MER_VERSION, "LGPL", "gst-mer", MER_PACKAGE_ORIGIN)
