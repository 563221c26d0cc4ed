/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "media/mer-clip-decoder.h"

G_BEGIN_DECLS

/* What a decode worker and its pool say to each other over a socket: frames of a 16-byte
 * header (magic, version, type, length; the machine's byte order, both ends are one
 * machine) and a serialised GVariant. Neither end believes the other: lengths are bounded,
 * and a GVariant that is not in normal form reads as defaults. */

#define MER_WIRE_HEADER_SIZE 16
#define MER_WIRE_MAX_REQUEST (1u * 1024 * 1024)
/* after so many clips a worker makes room for a fresh one: decoders leak */
#define MER_WIRE_MAX_CLIPS 500u
#define MER_WIRE_MAX_REPLY (768u * 1024 * 1024)

typedef enum
{
  MER_WIRE_REQUEST = 1,
  MER_WIRE_REPLY = 2,
  MER_WIRE_FAILED = 3,
} MerWireType;

void mer_wire_write_header (guint8 *header, MerWireType type, gsize length);
gboolean mer_wire_read_header (const guint8 *header, MerWireType *type, gsize *length,
                               GError **error);

GBytes *mer_wire_pack_request (MerClip *clip, const MerDecodeSettings *settings,
                               double deadline);
gboolean mer_wire_unpack_request (GBytes *payload, MerClip **clip,
                                  MerDecodeSettings **settings, double *deadline);

GBytes *mer_wire_pack_reply (MerDecoded *decoded);
MerDecoded *mer_wire_unpack_reply (GBytes *payload, GError **error);

GBytes *mer_wire_pack_failure (const GError *error);
void mer_wire_unpack_failure (GBytes *payload, GError **error);

G_END_DECLS
