/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-wave.h"

G_BEGIN_DECLS

/* the range in which a voice is looked for, Hz: Praat's own for speech of any speaker */
#define MER_PITCH_FLOOR 75.
#define MER_PITCH_CEILING 600.

/**
 * MerPitchFrame:
 * @frequency: F0 in Hz; 0 where there is no voice
 * @strength: normalised autocorrelation at the period, 0…1
 * @intensity: the frame's peak against the whole recording's, 0…1
 */
typedef struct
{
  float frequency;
  float strength;
  float intensity;
} MerPitchFrame;

/**
 * MerPitchTrack:
 * @start: the centre of the first frame, seconds
 * @step: from one frame to the next, seconds
 * @frames: the frames
 * @n_frames: how many
 *
 * The fundamental frequency of a voice over time.
 */
typedef struct
{
  double start;
  double step;
  MerPitchFrame *frames;
  guint n_frames;
} MerPitchTrack;

MerPitchTrack *mer_pitch_track_new (const MerWave *wave, GCancellable *cancellable,
                                    GError **error);
void mer_pitch_track_free (MerPitchTrack *self);
gboolean mer_pitch_track_is_voiced (const MerPitchTrack *self, double time);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerPitchTrack, mer_pitch_track_free)

G_END_DECLS
