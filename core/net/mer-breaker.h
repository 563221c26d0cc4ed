/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "net/mer-retry.h"

G_BEGIN_DECLS

/**
 * MerBreaker:
 *
 * Notices that a server is gone, so that nobody asks it ten thousand times. Pure; for one
 * thread.
 */
typedef struct _MerBreaker MerBreaker;

MerBreaker *mer_breaker_new (void);
void mer_breaker_free (MerBreaker *self);
void mer_breaker_reset (MerBreaker *self);
gboolean mer_breaker_is_careful (MerBreaker *self);
gboolean mer_breaker_has_answered (MerBreaker *self);
const GError *mer_breaker_get_error (MerBreaker *self);

void mer_breaker_reached (MerBreaker *self);
void mer_breaker_heard (MerBreaker *self);
double mer_breaker_unreachable (MerBreaker *self, double patience, double random,
                                const GError *error, gint64 sent_at, gint64 now);
void mer_breaker_answered (MerBreaker *self);
void mer_breaker_failed (MerBreaker *self, guint max_same, guint status,
                         const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerBreaker, mer_breaker_free)

G_END_DECLS
