/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define MER_TYPE_COLLECT (mer_collect_get_type ())
G_DECLARE_FINAL_TYPE (MerCollect, mer_collect, MER, COLLECT, GstElement)

G_END_DECLS
