/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/mer-payload-file.h"
#include "sample/mer-media.h"

G_BEGIN_DECLS

/**
 * MerPayload:
 *
 * The body of a request: canonical JSON in which media stand as placeholders by content
 * hash. That text is what is hashed and kept; the base64 of the media is written into the
 * stream while it is sent and never held; a whole clip is read from disk then. Not
 * thread-safe; streams that were opened keep what they need.
 */
typedef struct _MerPayload MerPayload;

char *mer_payload_place_frame (MerMedia *media, guint index, const char *prefix);
char *mer_payload_place_audio (MerMedia *media, const char *prefix);
char *mer_payload_place_clip (MerMedia *media, const char *prefix);
char *mer_payload_clean_text (const char *text);

MerPayload *mer_payload_new (JsonNode *request);
MerPayload *mer_payload_new_form (JsonNode *request);
MerPayload *mer_payload_new_file (MerPayloadFile *file, const char *type);
MerPayload *mer_payload_ref (MerPayload *self);
void mer_payload_unref (MerPayload *self);

const char *mer_payload_get_text (MerPayload *self);
guint mer_payload_get_n_media (MerPayload *self);
gboolean mer_payload_shows (MerPayload *self, const char *sha256);
gboolean mer_payload_fill (MerPayload *self, MerMedia *media, MerPayloadFile *clip,
                           GError **error);
MerPayload *mer_payload_dup_media (MerPayload *self, const char *sha256, const char *type);
const char *mer_payload_get_content_type (MerPayload *self);
gsize mer_payload_get_length (MerPayload *self);
GInputStream *mer_payload_open (MerPayload *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerPayload, mer_payload_unref)

G_END_DECLS
