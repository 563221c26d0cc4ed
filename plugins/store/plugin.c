/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <mer.h>

#include "mer-sample-dec.h"
#include "mer-sample-enc.h"
#include "mer-store-sink.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  return gst_element_register (plugin, "merstoresink", GST_RANK_NONE, MER_TYPE_STORE_SINK)
         && gst_element_register (plugin, "mersampleenc", GST_RANK_NONE,
                                  MER_TYPE_SAMPLE_ENC)
         && gst_element_register (plugin, "mersampledec", GST_RANK_NONE,
                                  MER_TYPE_SAMPLE_DEC);
}

#define PACKAGE "gst-mer"
GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, merstore,
                   "Keeps emotion recognition samples: in a store, or as lines of JSON",
                   plugin_init, MER_VERSION, "LGPL", "gst-mer", MER_PACKAGE_ORIGIN)
