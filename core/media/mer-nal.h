/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "media/mer-tracks.h"

G_BEGIN_DECLS

/**
 * MerNal:
 *
 * How the packets of an H.264 track are cut into NAL units.
 */
typedef struct
{
  gboolean known;
  guint length_size; /* bytes before each unit; 0 for start codes */
} MerNal;

/**
 * MerNalKind:
 * @MER_NAL_NEEDED: other pictures may refer to this one, or nothing is known
 * @MER_NAL_DISPOSABLE: none does
 * @MER_NAL_BROKEN: the packet is not made of whole units
 *
 * What a packet is to others.
 */
typedef enum
{
  MER_NAL_NEEDED,
  MER_NAL_DISPOSABLE,
  MER_NAL_BROKEN,
} MerNalKind;

void mer_nal_init (MerNal *self, GstCaps *caps);
MerNalKind mer_nal_get_kind (const MerNal *self, const guint8 *data, gsize size);

G_END_DECLS
