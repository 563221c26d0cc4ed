/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mer-cascade.h"
#include "mer-union.h"
#include "mer-vote.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  return gst_element_register (plugin, "mervote", GST_RANK_NONE, MER_TYPE_VOTE)
         && gst_element_register (plugin, "merunion", GST_RANK_NONE, MER_TYPE_UNION)
         && gst_element_register (plugin, "mercascade", GST_RANK_NONE, MER_TYPE_CASCADE);
}

#define PACKAGE "gst-mer"
GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, merfusion,
                   "Fusion of the label lists of several stages", plugin_init, MER_VERSION,
                   "LGPL", "gst-mer", MER_PACKAGE_ORIGIN)
