/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MerShown:
 * @start: when the picture comes on display, nanoseconds, any origin
 * @end: when its own duration ends, the same scale
 * @index: which picture it is, for the caller
 *
 * One picture of a video track as it is presented.
 */
typedef struct
{
  gint64 start;
  gint64 end;
  guint index;
} MerShown;

void mer_frame_rule_sort (GArray *shown);
gboolean mer_frame_rule_span (GArray *shown, gint64 *start, guint64 *duration);
guint64 mer_frame_rule_time (guint i, guint n, guint64 duration);
guint mer_frame_rule_find (GArray *shown, gint64 instant);

guint mer_frame_rule_strip_length (guint64 duration, double *rate);

/* how much of a track the gray strip looks at a second, and the most it holds */
#define MER_STRIP_RATE 8.0
#define MER_STRIP_MAX_FRAMES 4096u

G_END_DECLS
