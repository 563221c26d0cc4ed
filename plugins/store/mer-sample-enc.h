/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define MER_TYPE_SAMPLE_ENC (mer_sample_enc_get_type ())
G_DECLARE_FINAL_TYPE (MerSampleEnc, mer_sample_enc, MER, SAMPLE_ENC, GstElement)

G_END_DECLS
