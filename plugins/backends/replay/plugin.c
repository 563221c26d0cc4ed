/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mer-replay.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  return gst_element_register (plugin, "merreplay", GST_RANK_NONE, MER_TYPE_REPLAY);
}

#define PACKAGE "gst-mer"
GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, merreplay,
                   "Answers recorded in a past emotion recognition run", plugin_init,
                   MER_VERSION, "LGPL", "gst-mer", MER_PACKAGE_ORIGIN)
