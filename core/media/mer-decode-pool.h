/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "media/mer-clip-decoder.h"

G_BEGIN_DECLS

/**
 * MerIsolation:
 * @MER_ISOLATION_PROCESS: each clip is decoded in a worker process without network, with
 *   bounded memory, that is killed at the deadline and replaced
 * @MER_ISOLATION_NONE: in this process; for debugging
 *
 * Where clips are decoded.
 */
typedef enum
{
  MER_ISOLATION_PROCESS,
  MER_ISOLATION_NONE,
} MerIsolation;

/**
 * MerDecodePool:
 *
 * Decodes clips, a bounded number at a time. All calls come from one thread, whose
 * thread-default main context serves the workers; the I/O thread under the elements.
 */
#define MER_TYPE_DECODE_POOL (mer_decode_pool_get_type ())
G_DECLARE_FINAL_TYPE (MerDecodePool, mer_decode_pool, MER, DECODE_POOL, GObject)

MerDecodePool *mer_decode_pool_new (guint jobs, double deadline, MerIsolation isolation);

void mer_decode_pool_decode_async (MerDecodePool *self, MerClip *clip,
                                   const MerDecodeSettings *settings,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);
MerDecoded *mer_decode_pool_decode_finish (MerDecodePool *self, GAsyncResult *result,
                                           GError **error);

G_END_DECLS
