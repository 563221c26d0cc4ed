/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/mer-payload.h"

G_BEGIN_DECLS

/* inner: one stretch of a body: text, or media, which are base64 on the wire unless `raw`.
 * Media are bytes in memory or a file */
typedef struct
{
  gboolean is_media;
  gboolean raw;
  char sha256[65];
  GBytes *bytes;
  MerPayloadFile *file;
} MerPayloadSegment;

#define MER_TYPE_PAYLOAD_STREAM (mer_payload_stream_get_type ())
G_DECLARE_FINAL_TYPE (MerPayloadStream, mer_payload_stream, MER, PAYLOAD_STREAM,
                      GInputStream)

MerPayload *mer_payload_new_empty (const char *type, char *text);
void mer_payload_append_text (MerPayload *self, const char *text, gsize length);
void mer_payload_append_raw (MerPayload *self, const char *sha256);
GArray *mer_payload_get_segments (MerPayload *self);
gsize mer_payload_segment_length (const MerPayloadSegment *segment);
GInputStream *mer_payload_stream_new (GArray *segments);

G_END_DECLS
