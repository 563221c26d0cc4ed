/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "sample/mer-media.h"

G_BEGIN_DECLS

/**
 * MerMediaSpool:
 *
 * Keeps what was decoded while several runs go over the same clips, so that each clip is
 * decoded once: one file without a name, which is gone when the process is. Bounded; what
 * does not fit is decoded again.
 *
 * May be used from any thread; reading and writing block.
 *
 * Since: 0.1
 */
#define MER_TYPE_MEDIA_SPOOL (mer_media_spool_get_type ())
G_DECLARE_FINAL_TYPE (MerMediaSpool, mer_media_spool, MER, MEDIA_SPOOL, GObject)

MerMediaSpool *mer_media_spool_new (const char *folder, guint64 max_bytes, GError **error);
gboolean mer_media_spool_has (MerMediaSpool *self, const char *key);
void mer_media_spool_put (MerMediaSpool *self, const char *key, const MerMediaBytes *bytes);
MerMediaBytes *mer_media_spool_get (MerMediaSpool *self, const char *key);

/* a spool reaches mermedia as a persistent context */
#define MER_MEDIA_SPOOL_CONTEXT "mer.media-spool"
GstContext *mer_media_spool_context_new (MerMediaSpool *self);
MerMediaSpool *mer_media_spool_from_context (GstContext *context);

G_END_DECLS
