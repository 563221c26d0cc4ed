/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#define PACKAGE "gst-mer"

#include "mer-whisper.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  return GST_ELEMENT_REGISTER (merwhisper, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, merwhisper,
                   "Has what is said written down by a transcription server", plugin_init,
                   MER_PACKAGE_VERSION, "LGPL", "gst-mer", MER_PACKAGE_ORIGIN)
