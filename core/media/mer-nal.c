/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which pictures no other picture refers to: they can be left out without changing any
 * other (H.264 §7.4.1, nal_ref_idc 0). H.265 has the like, but a higher sub-layer may still
 * refer to such pictures, so none is left out there. */
#include "media/mer-nal.h"

typedef enum
{
  UNIT_OTHER,
  UNIT_NEEDED,
  UNIT_DISPOSABLE,
} UnitKind;

/**
 * mer_nal_init:
 * @self: (out caller-allocates): to fill
 * @caps: of a track
 */
void
mer_nal_init (MerNal *self, GstCaps *caps)
{
  GstStructure *structure = gst_caps_get_structure (caps, 0);
  const char *format = gst_structure_get_string (structure, "stream-format");
  const GValue *value = gst_structure_get_value (structure, "codec_data");
  GstBuffer *data = value != NULL ? gst_value_get_buffer (value) : NULL;
  guint8 byte = 0;

  self->length_size = 0;
  self->known = gst_structure_has_name (structure, "video/x-h264");
  if (!self->known || g_strcmp0 (format, "byte-stream") == 0)
    return;
  if (data == NULL || gst_buffer_extract (data, 4, &byte, 1) != 1)
    self->known = FALSE;
  else
    self->length_size = (byte & 3) + 1;
}

static UnitKind
unit_kind (const MerNal *self, const guint8 *unit, gsize size)
{
  if (size < 2)
    return UNIT_OTHER;
  guint type = unit[0] & 0x1f;
  if (type == 0 || type > 5)
    return UNIT_OTHER;
  return type == 1 && (unit[0] & 0x60) == 0 ? UNIT_DISPOSABLE : UNIT_NEEDED;
}

static gboolean
next_with_length (const MerNal *self, const guint8 **data, gsize *size, const guint8 **unit,
                  gsize *unit_size)
{
  gsize length = 0;

  if (*size < self->length_size)
    return FALSE;
  for (guint i = 0; i < self->length_size; i++)
    length = length << 8 | (*data)[i];
  *data += self->length_size;
  *size -= self->length_size;
  if (length > *size)
    return FALSE;
  *unit = *data;
  *unit_size = length;
  *data += length;
  *size -= length;
  return TRUE;
}

/* the header is all that is looked at, so the unit's end does not matter */
static gboolean
next_with_start_code (const guint8 **data, gsize *size, const guint8 **unit,
                      gsize *unit_size)
{
  const guint8 *at = *data;

  for (gsize i = 0; i + 3 < *size; i++)
    if (at[i] == 0 && at[i + 1] == 0 && at[i + 2] == 1)
      {
        *unit = at + i + 3;
        *unit_size = *size - i - 3;
        *data = *unit;
        *size = *unit_size;
        return TRUE;
      }
  return FALSE;
}

/**
 * mer_nal_get_kind:
 * @self: how the track is cut
 * @data: one packet
 * @size: bytes
 *
 * Returns: what the packet is to others
 */
MerNalKind
mer_nal_get_kind (const MerNal *self, const guint8 *data, gsize size)
{
  gboolean disposable = FALSE;
  gboolean needed = FALSE;
  const guint8 *unit;
  gsize unit_size;

  if (!self->known)
    return MER_NAL_NEEDED;
  while (self->length_size > 0 ? next_with_length (self, &data, &size, &unit, &unit_size)
                               : next_with_start_code (&data, &size, &unit, &unit_size))
    {
      UnitKind kind = unit_kind (self, unit, unit_size);

      needed = needed || kind == UNIT_NEEDED;
      disposable = disposable || kind == UNIT_DISPOSABLE;
    }
  if (self->length_size > 0 && size > 0)
    return MER_NAL_BROKEN;
  return disposable && !needed ? MER_NAL_DISPOSABLE : MER_NAL_NEEDED;
}
