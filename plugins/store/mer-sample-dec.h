/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define MER_TYPE_SAMPLE_DEC (mer_sample_dec_get_type ())
G_DECLARE_FINAL_TYPE (MerSampleDec, mer_sample_dec, MER, SAMPLE_DEC, GstElement)

G_END_DECLS
