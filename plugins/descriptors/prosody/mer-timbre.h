/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-pitch.h"

G_BEGIN_DECLS

/**
 * MerTimbre:
 * @alpha_ratio: energy of 1…5 kHz against 50…1000 Hz, dB; over all sounding frames
 * @hammarberg_index: strongest peak of 0…2 kHz against that of 2…5 kHz, dB
 * @slope_low: spectral slope 0…500 Hz, dB a kHz
 * @slope_mid: spectral slope 500…1500 Hz, dB a kHz
 * @harmonics_to_noise: dB
 * @centroid: of the long-term average spectrum up to 5.5 kHz, Hz
 * @cepstrum: the fourth mel-frequency cepstral coefficient, mean over all sounding frames
 * @cepstrum_deviation: its standard deviation
 * @loudness_variation: standard deviation of the loudness over all sounding frames, in
 *   parts of its mean; loudness as the sum of the auditory bands' energies to the power of
 *   0.23, of no unit
 * @n_frames: voiced frames that were looked at; 0 where all the rest is 0
 *
 * How a voice sounds: means over its voiced frames, as in the Geneva Minimalistic Acoustic
 * Parameter Set (Eyben et al. 2016), whose alpha ratio is turned around here, so that more
 * is brighter. Frames sound when they are not more than 25 dB below the loud ones.
 */
typedef struct
{
  double alpha_ratio;
  double hammarberg_index;
  double slope_low;
  double slope_mid;
  double harmonics_to_noise;
  double centroid;
  double cepstrum;
  double cepstrum_deviation;
  double loudness_variation;
  guint n_frames;
} MerTimbre;

void mer_timbre_measure (const MerWave *wave, const MerPitchTrack *pitch,
                         MerTimbre *timbre);

G_END_DECLS
