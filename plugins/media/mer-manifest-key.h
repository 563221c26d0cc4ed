/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "media/mer-clip-decoder.h"

G_BEGIN_DECLS

JsonNode *mer_manifest_hash_clip (MerClip *clip, GCancellable *cancellable, GError **error);
char *mer_manifest_key (JsonNode *hashes, const MerDecodeSettings *settings);

G_END_DECLS
