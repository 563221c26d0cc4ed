/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MerDemoVoice:
 * @voice: a voice of espeak-ng
 * @pitch: 0…99
 * @range: of the intonation, percent of the voice's usual
 * @speed: words a minute
 * @level: root mean square, dB against full scale
 * @brightness: -1 (muffled) … 1 (sharp)
 *
 * How a clip is spoken.
 */
typedef struct
{
  const char *voice;
  guint pitch;
  guint range;
  guint speed;
  double level;
  double brightness;
} MerDemoVoice;

/**
 * MerDemoFace:
 * @smile: corners of the mouth, -1 (down) … 1 (up)
 * @brows: -1 (lowered) … 1 (raised)
 * @slant: inner ends of the brows, -1 (down, angry) … 1 (up, sad)
 * @eyes: how wide open, 0…1
 * @sway: how far the head goes, share of its radius
 * @sway_hz: how often
 * @bursts: share of the motion that comes in sudden jerks, 0…1
 * @tremble: fast small motion, share of the radius
 *
 * What a drawn face shows and how it moves.
 */
typedef struct
{
  double smile;
  double brows;
  double slant;
  double eyes;
  double sway;
  double sway_hz;
  double bursts;
  double tremble;
} MerDemoFace;

typedef enum
{
  MER_DEMO_NO_SUBTITLE,
  MER_DEMO_EMBEDDED,
  MER_DEMO_SRT,
  MER_DEMO_VTT,
} MerDemoSubtitle;

/**
 * MerDemoClip:
 * @id: and the file's stem
 * @extension: of the file
 * @muxer: a launch line's element
 * @video: encoder and what goes with it; %NULL: no picture
 * @audio: encoder and what goes with it; %NULL: no sound
 * @subtitle: where the words stand
 * @text: what is said
 * @labels: what was meant; the truth
 * @voice: how it is said
 * @face: how it looks
 *
 * One clip of the demo set.
 */
typedef struct
{
  const char *id;
  const char *extension;
  const char *muxer;
  const char *video;
  const char *audio;
  MerDemoSubtitle subtitle;
  const char *text;
  const char *labels;
  MerDemoVoice voice;
  MerDemoFace face;
} MerDemoClip;

extern const MerDemoClip mer_demo_clips[];
extern const guint mer_demo_n_clips;

G_END_DECLS
