/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

#define MER_TYPE_STORE_SINK (mer_store_sink_get_type ())
G_DECLARE_FINAL_TYPE (MerStoreSink, mer_store_sink, MER, STORE_SINK, GstBaseSink)

G_END_DECLS
