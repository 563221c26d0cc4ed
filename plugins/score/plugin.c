/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mer-wheel-score.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  return gst_element_register (plugin, "merwheelscore", GST_RANK_NONE,
                               MER_TYPE_WHEEL_SCORE);
}

#define PACKAGE "gst-mer"
GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, merscore,
                   "Holds labels of emotion recognition against the truth", plugin_init,
                   MER_VERSION, "LGPL", "gst-mer", MER_PACKAGE_ORIGIN)
