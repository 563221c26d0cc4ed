/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MerCueFormat:
 * @MER_CUE_SRT: SubRip, mov_text, plain text, and what GStreamer calls pango markup
 * @MER_CUE_VTT: WebVTT
 * @MER_CUE_ASS: the text of an ASS or SSA event, without the fields before it
 *
 * How a subtitle line is marked up.
 */
typedef enum
{
  MER_CUE_SRT,
  MER_CUE_VTT,
  MER_CUE_ASS,
} MerCueFormat;

/* a line of more text than this is cut: nobody reads it off a screen */
#define MER_CUE_MAX_TEXT 4096u

char *mer_cue_text_clean (const char *text, gssize length, MerCueFormat format);
char *mer_cue_text_to_utf8 (const char *bytes, gsize length);

G_END_DECLS
