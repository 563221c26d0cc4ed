/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define MER_TYPE_MODEL (mer_model_get_type ())
G_DECLARE_FINAL_TYPE (MerModel, mer_model, MER, MODEL, GstBin)

GST_ELEMENT_REGISTER_DECLARE (mermodel)

G_END_DECLS
