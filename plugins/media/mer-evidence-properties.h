/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "media/mer-decode-settings.h"

G_BEGIN_DECLS

/* what is made of a clip or of streams: properties that both elements of this folder have.
 * An element's own begin at MER_EVIDENCE_N_PROPERTIES. */
enum
{
  MER_EVIDENCE_FRAMES = 1,
  MER_EVIDENCE_MAX_SIDE,
  MER_EVIDENCE_JPEG_QUALITY,
  MER_EVIDENCE_AUDIO_RATE,
  MER_EVIDENCE_N_PROPERTIES,
};

void mer_evidence_install_properties (GObjectClass *klass);
/* FALSE: it is none of these */
gboolean mer_evidence_set_property (MerDecodeSettings *settings, guint id,
                                    const GValue *value);
gboolean mer_evidence_get_property (const MerDecodeSettings *settings, guint id,
                                    GValue *value);

G_END_DECLS
