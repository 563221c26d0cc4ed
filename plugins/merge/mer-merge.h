/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstaggregator.h>

G_BEGIN_DECLS

#define MER_TYPE_MERGE (mer_merge_get_type ())
G_DECLARE_FINAL_TYPE (MerMerge, mer_merge, MER, MERGE, GstAggregator)

G_END_DECLS
