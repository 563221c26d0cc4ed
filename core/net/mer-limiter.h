/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MerLimiter:
 *
 * Finds how many calls at once a server serves. Pure: it is told what happened and when.
 * For one thread.
 */
typedef struct _MerLimiter MerLimiter;

MerLimiter *mer_limiter_new (guint max);
void mer_limiter_free (MerLimiter *self);
void mer_limiter_set_max (MerLimiter *self, guint max);
guint mer_limiter_get_limit (MerLimiter *self);
guint mer_limiter_get_good (MerLimiter *self);
guint mer_limiter_get_bad (MerLimiter *self);

void mer_limiter_served (MerLimiter *self, guint level, double seconds, gboolean busy,
                         gint64 now);
gboolean mer_limiter_turned_away (MerLimiter *self, guint level, guint left, gint64 sent_at,
                                  gint64 now);
void mer_limiter_timed_out (MerLimiter *self, guint active, gint64 sent_at, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerLimiter, mer_limiter_free)

G_END_DECLS
