/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-wave.h"

G_BEGIN_DECLS

/* what stands for "nothing was loud enough to count": the absolute gate of EBU R 128 */
#define MER_LOUDNESS_FLOOR (-70.)

/**
 * MerLoudness:
 * @integrated: programme loudness after EBU R 128 (ITU-R BS.1770), LUFS, gated;
 *   %MER_LOUDNESS_FLOOR where no block passes the gate
 * @range: loudness range after EBU Tech 3342, LU
 * @momentary_max: loudest 400 ms, LUFS
 * @level: root mean square of all samples, dB against full scale
 * @peak: largest sample, dB against full scale
 * @silent: whether every sample is 0
 */
typedef struct
{
  double integrated;
  double range;
  double momentary_max;
  double level;
  double peak;
  gboolean silent;
} MerLoudness;

gboolean mer_loudness_measure (const MerWave *wave, MerLoudness *loudness, GError **error);

G_END_DECLS
