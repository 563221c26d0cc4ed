/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What may be plugged for a clip, and nothing else: no playlist, no adaptive stream, no
 * network, nothing that opens a second file. All caps are fixed; all results are element
 * names or factories of this machine's registry, %NULL where there is none. */

const char *mer_codecs_find_demuxer (GstCaps *caps);
gboolean mer_codecs_demuxer_frames (const char *demuxer);
const char *mer_codecs_find_parser (GstCaps *caps);
GstElementFactory *mer_codecs_find_decoder (GstCaps *caps, guint nth);
GstElement *mer_codecs_make_decoder (GstCaps *caps, guint nth, GError **error);
char *mer_codecs_refusal (GstCaps *caps);

G_END_DECLS
