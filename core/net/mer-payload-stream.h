/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* inner: one stretch of a body; media are raw here and base64 on the wire */
typedef struct
{
  gboolean is_media;
  char sha256[65];
  GBytes *bytes;
} MerPayloadSegment;

#define MER_TYPE_PAYLOAD_STREAM (mer_payload_stream_get_type ())
G_DECLARE_FINAL_TYPE (MerPayloadStream, mer_payload_stream, MER, PAYLOAD_STREAM,
                      GInputStream)

gsize mer_payload_segment_length (const MerPayloadSegment *segment);
GInputStream *mer_payload_stream_new (GArray *segments);

G_END_DECLS
