/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "media/mer-decode-settings.h"
#include "sample/mer-clip.h"
#include "sample/mer-media.h"

G_BEGIN_DECLS

/**
 * MerDecoded:
 * @manifest: what was found, a JSON object, not sealed yet
 * @bytes: (nullable): the evidence, %NULL where the outcome is `decode-failed`
 *
 * What became of a clip. It always became something: a clip that gives nothing has a
 * manifest that says why.
 */
typedef struct
{
  JsonNode *manifest;
  MerMediaBytes *bytes;
} MerDecoded;

MerDecoded *mer_decoded_new_failed (const char *detail);
void mer_decoded_free (MerDecoded *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerDecoded, mer_decoded_free)

MerDecoded *mer_clip_decode (MerClip *clip, const MerDecodeSettings *settings,
                             gint64 deadline, GCancellable *cancellable, GError **error);
char *mer_clip_hash_file (const char *path, guint64 *size, GCancellable *cancellable,
                          GError **error);

G_END_DECLS
