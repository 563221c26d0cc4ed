/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstpushsrc.h>

G_BEGIN_DECLS

#define MER_TYPE_DATASET_SRC (mer_dataset_src_get_type ())
G_DECLARE_FINAL_TYPE (MerDatasetSrc, mer_dataset_src, MER, DATASET_SRC, GstPushSrc)

GST_ELEMENT_REGISTER_DECLARE (merdatasetsrc)

G_END_DECLS
