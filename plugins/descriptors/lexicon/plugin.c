/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mer-lexicon.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  return gst_element_register (plugin, "merlexicon", GST_RANK_NONE, MER_TYPE_LEXICON);
}

#define PACKAGE "gst-mer"
GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, merlexicon,
                   "Puts the words of subtitles into feelings", plugin_init, MER_VERSION,
                   "LGPL", "gst-mer", MER_PACKAGE_ORIGIN)
