/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "media/mer-decode-settings.h"

#include <gst/gst.h>

/* goes up when the same clip and settings would give other bytes than before */
#define MER_DECODE_RULE 1

#define SETTINGS_TYPE "(uuuubbs)"

/**
 * mer_decode_settings_new:
 *
 * Returns: (transfer full): the defaults: 8 frames of at most 512 pixels, 16 kHz
 */
MerDecodeSettings *
mer_decode_settings_new (void)
{
  MerDecodeSettings *self = g_new0 (MerDecodeSettings, 1);

  self->frames = MER_DECODE_DEFAULT_FRAMES;
  self->max_side = MER_DECODE_DEFAULT_SIDE;
  self->jpeg_quality = MER_DECODE_DEFAULT_QUALITY;
  self->audio_rate = MER_DECODE_DEFAULT_RATE;
  self->gop = TRUE;
  return self;
}

MerDecodeSettings *
mer_decode_settings_copy (const MerDecodeSettings *self)
{
  MerDecodeSettings *copy = g_memdup2 (self, sizeof (MerDecodeSettings));

  copy->subtitle_lang = g_strdup (self->subtitle_lang);
  return copy;
}

void
mer_decode_settings_free (MerDecodeSettings *self)
{
  g_free (self->subtitle_lang);
  g_free (self);
}

/**
 * mer_decode_settings_to_json:
 * @self: settings
 *
 * Returns: (transfer full): those that the bytes depend on; `gop` is not among them,
 * because it changes nothing but the time it takes
 */
JsonNode *
mer_decode_settings_to_json (const MerDecodeSettings *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "frames", self->frames);
  json_object_set_int_member (object, "max-side", self->max_side);
  json_object_set_int_member (object, "jpeg-quality", self->jpeg_quality);
  json_object_set_int_member (object, "audio-rate", self->audio_rate);
  json_object_set_boolean_member (object, "strip", self->strip);
  if (self->subtitle_lang != NULL)
    json_object_set_string_member (object, "subtitle-lang", self->subtitle_lang);
  return json_node_init_object (json_node_alloc (), object);
}

/**
 * mer_decode_versions:
 *
 * Returns: (transfer full): what the bytes depend on besides clip and settings: this
 *   library's rule and the versions of the plug-ins that decode
 */
JsonNode *
mer_decode_versions (void)
{
  static const char *const plugins[] = { "libav", "isomp4", "matroska", "vpx", "opus" };
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "rule", MER_DECODE_RULE);
  json_object_set_string_member (object, "gst-mer", MER_PACKAGE_VERSION);
  for (gsize i = 0; i < G_N_ELEMENTS (plugins); i++)
    {
      g_autoptr (GstPlugin) plugin
          = gst_registry_find_plugin (gst_registry_get (), plugins[i]);

      if (plugin != NULL)
        json_object_set_string_member (object, plugins[i], gst_plugin_get_version (plugin));
    }
  return json_node_init_object (json_node_alloc (), object);
}

/**
 * mer_decode_settings_to_variant:
 * @self: settings
 *
 * Returns: (transfer floating): the settings as they go to a decode worker
 */
GVariant *
mer_decode_settings_to_variant (const MerDecodeSettings *self)
{
  return g_variant_new (SETTINGS_TYPE, self->frames, self->max_side, self->jpeg_quality,
                        self->audio_rate, self->gop, self->strip,
                        self->subtitle_lang != NULL ? self->subtitle_lang : "");
}

MerDecodeSettings *
mer_decode_settings_from_variant (GVariant *variant)
{
  MerDecodeSettings *self = g_new0 (MerDecodeSettings, 1);

  g_variant_get (variant, SETTINGS_TYPE, &self->frames, &self->max_side,
                 &self->jpeg_quality, &self->audio_rate, &self->gop, &self->strip,
                 &self->subtitle_lang);
  self->frames = MIN (self->frames, MER_DECODE_MAX_FRAMES);
  self->max_side = CLAMP (self->max_side, 1, 8192);
  self->jpeg_quality = CLAMP (self->jpeg_quality, 1, 100);
  self->audio_rate = CLAMP (self->audio_rate, 4000, 192000);
  if (*self->subtitle_lang == '\0')
    g_clear_pointer (&self->subtitle_lang, g_free);
  return self;
}
