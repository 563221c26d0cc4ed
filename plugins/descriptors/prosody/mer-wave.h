/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MerWave:
 * @samples: in -1…1
 * @n_samples: how many
 * @rate: samples a second
 * @truncated: whether the recording was longer than was asked for
 *
 * The sound of a clip, one channel.
 */
typedef struct
{
  float *samples;
  gsize n_samples;
  guint rate;
  gboolean truncated;
} MerWave;

MerWave *mer_wave_new_parsed (GBytes *wav, double max_seconds, GError **error);
void mer_wave_free (MerWave *self);
double mer_wave_get_seconds (const MerWave *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerWave, mer_wave_free)

G_END_DECLS
