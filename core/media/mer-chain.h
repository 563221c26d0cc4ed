/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "media/mer-tracks.h"

G_BEGIN_DECLS

/**
 * MerChain:
 *
 * A few elements in a row that are driven by hand: what goes in at one end has come out at
 * the other when the call returns. No thread, no queue, no waiting.
 */
typedef struct _MerChain MerChain;

/**
 * MerChainFunc:
 * @buffer: (transfer none): what came out
 * @time: its stream time, nanoseconds; `G_MININT64` if it has none
 * @caps: what it is
 * @user_data: what was given
 */
typedef void (*MerChainFunc) (GstBuffer *buffer, gint64 time, GstCaps *caps,
                              gpointer user_data);

MerChain *mer_chain_new (GstElement **elements, guint n_elements, MerChainFunc function,
                         gpointer user_data);
void mer_chain_free (MerChain *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerChain, mer_chain_free)

gboolean mer_chain_push (MerChain *self, MerTrack *track, const MerPacket *packet);
void mer_chain_drain (MerChain *self);
void mer_chain_end (MerChain *self);
char *mer_chain_dup_problem (MerChain *self);

G_END_DECLS
