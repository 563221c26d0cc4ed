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

void mer_nal_init (MerNal *self, GstCaps *caps);
gboolean mer_nal_is_disposable (const MerNal *self, const guint8 *data, gsize size);

G_END_DECLS
