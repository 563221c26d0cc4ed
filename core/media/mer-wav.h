/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RIFF, fmt and data chunks and nothing else: what every reader of WAV understands */
#define MER_WAV_HEADER_SIZE 44

void mer_wav_write_header (guint8 *header, guint rate, guint32 data_size);
GByteArray *mer_wav_begin (void);
GBytes *mer_wav_finish (GByteArray *wav, guint rate);
gint16 *mer_wav_get_samples (GBytes *wav, gsize *n_samples, guint *rate);

G_END_DECLS
