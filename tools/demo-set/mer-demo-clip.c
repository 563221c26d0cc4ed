/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-demo-clip.h"

#define H264 "x264enc speed-preset=ultrafast quantizer=24 pass=qual threads=1 ! h264parse"
/* a positive cpu-used adapts to the load of the machine, so that no two runs are equal */
#define VP8 "vp8enc deadline=1 cpu-used=-8 threads=1 target-bitrate=400000"
#define VP9 "vp9enc deadline=1 cpu-used=8 threads=1 target-bitrate=400000"
/* JPEG is full range */
#define MJPEG                                                                              \
  "videoconvert ! video/x-raw,format=I420,colorimetry=1:4:0:0 ! jpegenc quality=85"
#define AAC "avenc_aac ! aacparse"
#define OPUS "audioresample ! opusenc"
#define VORBIS "vorbisenc"
#define FLAC "flacenc ! flacparse"
#define PCM "audio/x-raw,format=S16LE"

/* What the reviews say of voices and bodies, turned around: joy is high, varied, bright and
 * moves much, sadness low, flat, muffled and hardly moves, and so on. */

#define JOYFUL_FACE                                                                        \
  {                                                                                        \
    1, 0.5, 0, 0.7, 0.9, 0.9, 0.65, 0                                                      \
  }
#define ANGRY_FACE                                                                         \
  {                                                                                        \
    -0.6, -1, -1, 0.8, 0.6, 0.8, 1, 0.03                                                   \
  }
#define SAD_FACE                                                                           \
  {                                                                                        \
    -0.8, 0.2, 1, 0.35, 0.05, 0.2, 0, 0                                                    \
  }
#define FEARFUL_FACE                                                                       \
  {                                                                                        \
    -0.4, 0.9, 0.7, 1, 0.1, 0.6, 1, 0.06                                                   \
  }
#define SURPRISED_FACE                                                                     \
  {                                                                                        \
    0.1, 1, 0, 1, 0.25, 0.4, 1, 0                                                          \
  }
#define CALM_FACE                                                                          \
  {                                                                                        \
    0.3, 0, 0, 0.5, 0.3, 0.2, 0, 0                                                         \
  }
#define NEUTRAL_FACE                                                                       \
  {                                                                                        \
    0, 0, 0, 0.6, 0.4, 0.4, 0.2, 0                                                         \
  }
#define BORED_FACE                                                                         \
  {                                                                                        \
    -0.2, -0.2, 0.2, 0.25, 0.06, 0.15, 0, 0                                                \
  }

const MerDemoClip mer_demo_clips[] = {
  { "joy-prize",
    "mkv",
    "matroskamux",
    H264,
    OPUS,
    MER_DEMO_EMBEDDED,
    "We won the prize! I am so happy, this is wonderful!",
    "happy, excited",
    { "en+f2", 70, 200, 185, -19, -0.1 },
    JOYFUL_FACE },
  { "anger-lies",
    "mp4",
    "mp4mux",
    H264,
    AAC,
    MER_DEMO_EMBEDDED,
    "Get out of my house! I am sick of your lies, I hate you!",
    "angry",
    { "en+m3", 75, 200, 185, -12, 0.6 },
    ANGRY_FACE },
  { "sadness-alone",
    "webm",
    "webmmux",
    VP8,
    VORBIS,
    MER_DEMO_SRT,
    "I have lost everything. I miss her, and I feel so lonely.",
    "sad, lonely",
    { "en+m2", 55, 40, 105, -40, -1 },
    SAD_FACE },
  { "fear-noise",
    "webm",
    "webmmux",
    VP9,
    OPUS,
    MER_DEMO_EMBEDDED,
    "Did you hear that? Somebody is in the house. I am so scared!",
    "fearful, anxious",
    { "en+f4", 95, 120, 235, -27, 0 },
    FEARFUL_FACE },
  { "surprise-door",
    "mkv",
    "matroskamux",
    MJPEG,
    PCM,
    MER_DEMO_VTT,
    "What? Really? I am completely surprised, I never expected this!",
    "surprised",
    { "en+f3", 70, 200, 190, -25, -0.3 },
    SURPRISED_FACE },
  { "calm-lake",
    "mkv",
    "matroskamux",
    H264,
    FLAC,
    MER_DEMO_EMBEDDED,
    "Let us sit here by the lake. It is so quiet and peaceful.",
    "calm, relaxed",
    { "en+m3", 40, 60, 140, -40, -0.8 },
    CALM_FACE },
  { "neutral-train",
    "mp4",
    "mp4mux",
    H264,
    AAC,
    MER_DEMO_NO_SUBTITLE,
    "The train leaves from platform four at a quarter past nine.",
    "neutral",
    { "en+m3", 60, 130, 165, -27, -0.4 },
    NEUTRAL_FACE },
  { "boredom-meeting",
    "avi",
    "avimux",
    MJPEG,
    PCM,
    MER_DEMO_SRT,
    "Another meeting. This is so boring, I could fall asleep.",
    "bored, tired",
    { "en+m7", 25, 25, 110, -32, -0.5 },
    BORED_FACE },
  { "joy-silent",
    "mkv",
    "matroskamux",
    VP8,
    NULL,
    MER_DEMO_EMBEDDED,
    "Thank you so much, I am delighted!",
    "happy, grateful",
    { NULL },
    JOYFUL_FACE },
  { "anger-call",
    "flac",
    NULL,
    NULL,
    "flacenc",
    MER_DEMO_SRT,
    "I am furious! You promised, and you broke your word again!",
    "angry, disappointed",
    { "en+f2", 70, 180, 190, -12, 0.6 },
    { 0 } },
  { "sadness-call",
    "ogg",
    "oggmux",
    NULL,
    VORBIS,
    MER_DEMO_NO_SUBTITLE,
    "I do not know how to go on without him.",
    "sad, dejected",
    { "en+f5", 30, 50, 100, -42, -1 },
    { 0 } },
  { "worry-letter",
    "mkv",
    "matroskamux",
    VP9,
    AAC,
    MER_DEMO_SRT,
    "I am worried. There is still no letter, and I am afraid for them.",
    "worried, anxious",
    { "en+f3", 90, 120, 235, -28, 0 },
    FEARFUL_FACE },
  { "fine-really",
    "mp4",
    "mp4mux",
    H264,
    AAC,
    MER_DEMO_EMBEDDED,
    "It is nothing. I will stay here for a while.",
    "sad",
    { "en+m2", 55, 40, 105, -40, -1 },
    SAD_FACE },
  { "joy-dance",
    "webm",
    "webmmux",
    VP8,
    OPUS,
    MER_DEMO_NO_SUBTITLE,
    "Come on, dance with me, the music is great!",
    "happy, excited",
    { "en+f4", 70, 200, 185, -19, -0.1 },
    JOYFUL_FACE },
};

const guint mer_demo_n_clips = G_N_ELEMENTS (mer_demo_clips);
