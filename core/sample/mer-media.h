/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "sample/mer-outcome.h"

G_BEGIN_DECLS

/**
 * MerFrame:
 * @time: the instant that was asked for, nanoseconds from the start of the presented span
 *   of the video track: (i + ½)·D/N
 * @pts: when the frame that was on display then began, on the same scale
 * @width: of the JPEG, pixels, rotation applied
 * @height: of the JPEG, pixels
 * @sha256: of the JPEG's bytes, 64 hex digits
 * @size: of the JPEG, bytes
 *
 * One picture that models are shown, as the manifest describes it.
 */
typedef struct
{
  guint64 time;
  guint64 pts;
  guint width;
  guint height;
  char sha256[65];
  gsize size;
} MerFrame;

/**
 * MerCue:
 * @start: nanoseconds from the start of the clip
 * @end: nanoseconds from the start of the clip
 * @text: one subtitle line as clean text: no markup, no control characters, lines joined by
 *   a space
 */
typedef struct
{
  guint64 start;
  guint64 end;
  char *text;
} MerCue;

/**
 * MerMedia:
 *
 * A sample's decoded evidence and its manifest: frames (JPEG), audio (16 kHz mono s16 WAV),
 * a gray strip, cues.
 *
 * The manifest (times, sizes, hashes, cues, what was odd) is there from the start. The
 * bytes may come later: a media made from a stored manifest decodes when a stage first
 * calls [method@MerMedia.load_async]. What is there never changes; reading is safe from any
 * thread.
 */
#define MER_TYPE_MEDIA (mer_media_get_type ())
G_DECLARE_FINAL_TYPE (MerMedia, mer_media, MER, MEDIA, GObject)

/**
 * MerMediaBytes:
 * @frames: (element-type GBytes): the JPEGs, one for each frame of the manifest
 * @audio: (nullable): a WAV file: RIFF, PCM s16, mono, 44-byte header
 * @strip: (nullable): gray pictures for motion descriptors, strip-width × strip-height
 * bytes each, one after the other
 */
typedef struct
{
  GPtrArray *frames;
  GBytes *audio;
  GBytes *strip;
} MerMediaBytes;

MerMediaBytes *mer_media_bytes_new (void);
void mer_media_bytes_free (MerMediaBytes *bytes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerMediaBytes, mer_media_bytes_free)

/**
 * MerMediaLoader:
 * @media: the media whose bytes are wanted
 * @cancellable: (nullable): stops the decoding
 * @callback: (scope async): called in the caller's thread-default context
 * @user_data: for @callback
 * @loader_data: what was given with the loader
 *
 * Decodes again. Ends with a #GTask whose pointer result is a `MerMediaBytes *`.
 */
typedef void (*MerMediaLoader) (MerMedia *media, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data,
                                gpointer loader_data);

MerMedia *mer_media_new (JsonNode *manifest, MerMediaBytes *bytes, GError **error);
MerMedia *mer_media_new_with_cues (MerMedia *source, JsonArray *cues, GError **error);
MerMedia *mer_media_new_failed (MerOutcome outcome, const char *detail);
void mer_media_set_loader (MerMedia *self, MerMediaLoader loader, gpointer loader_data,
                           GDestroyNotify destroy);

void mer_media_load_async (MerMedia *self, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data);
gboolean mer_media_load_finish (MerMedia *self, GAsyncResult *result, GError **error);
gboolean mer_media_is_loaded (MerMedia *self);

JsonNode *mer_media_get_manifest (MerMedia *self);
MerOutcome mer_media_get_outcome (MerMedia *self);
const char *mer_media_get_detail (MerMedia *self);
MerModality mer_media_get_modalities (MerMedia *self);

guint mer_media_get_n_frames (MerMedia *self);
const MerFrame *mer_media_get_frame (MerMedia *self, guint index);
GBytes *mer_media_get_jpeg (MerMedia *self, guint index);

const char *mer_media_get_clip_sha256 (MerMedia *self);

gboolean mer_media_has_audio (MerMedia *self);
const char *mer_media_get_audio_sha256 (MerMedia *self);
double mer_media_get_audio_seconds (MerMedia *self);
GBytes *mer_media_get_audio (MerMedia *self);

guint mer_media_get_strip_width (MerMedia *self);
guint mer_media_get_strip_height (MerMedia *self);
double mer_media_get_strip_rate (MerMedia *self);
GBytes *mer_media_get_strip (MerMedia *self);

guint mer_media_get_n_cues (MerMedia *self);
const MerCue *mer_media_get_cue (MerMedia *self, guint index);
char *mer_media_dup_cue_text (MerMedia *self);

gsize mer_media_get_live_bytes (void);

G_END_DECLS
