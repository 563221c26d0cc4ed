/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * MerDecodeSettings:
 * @frames: how many JPEGs, 0 for none
 * @max_side: the longest side of a JPEG, pixels; smaller pictures stay as they are
 * @jpeg_quality: 1 to 100
 * @audio_rate: of the WAV, Hz
 * @gop: look only into the groups of pictures that hold a wanted frame; gives the same
 *   frames as without, only sooner
 * @strip: also make the gray strip
 * @subtitle_lang: (nullable): the wanted subtitle language (ISO 639, or `en-GB`), %NULL for
 *   the default track
 *
 * What is to be made of a clip.
 */
typedef struct
{
  guint frames;
  guint max_side;
  guint jpeg_quality;
  guint audio_rate;
  gboolean gop;
  gboolean strip;
  char *subtitle_lang;
} MerDecodeSettings;

#define MER_DECODE_DEFAULT_FRAMES 8u
#define MER_DECODE_MAX_FRAMES 256u
#define MER_DECODE_DEFAULT_SIDE 512u
#define MER_DECODE_DEFAULT_QUALITY 85u
#define MER_DECODE_DEFAULT_RATE 16000u

MerDecodeSettings *mer_decode_settings_new (void);
MerDecodeSettings *mer_decode_settings_copy (const MerDecodeSettings *self);
void mer_decode_settings_free (MerDecodeSettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerDecodeSettings, mer_decode_settings_free)

JsonNode *mer_decode_settings_to_json (const MerDecodeSettings *self);
JsonNode *mer_decode_versions (void);

GVariant *mer_decode_settings_to_variant (const MerDecodeSettings *self);
MerDecodeSettings *mer_decode_settings_from_variant (GVariant *variant);

G_END_DECLS
