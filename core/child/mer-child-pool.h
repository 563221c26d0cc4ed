/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/mer-caller.h"
#include "child/mer-child-settings.h"

G_BEGIN_DECLS

/**
 * MerChildPool:
 *
 * Programs that answer calls, as a [iface@Caller]: one object for equal settings in the
 * whole process, so that stages and runs that ask the same model share it, loaded once. A
 * call without payload is answered by the line with which a program introduced itself.
 * `mer-exec/1`, the protocol, is told in plugins/backends/exec/README.md.
 */
#define MER_TYPE_CHILD_POOL (mer_child_pool_get_type ())
G_DECLARE_FINAL_TYPE (MerChildPool, mer_child_pool, MER, CHILD_POOL, GObject)

MerChildPool *mer_child_pool_join (MerChildSettings *settings, GMainContext *context);
void mer_child_pool_leave (MerChildPool *self);
JsonNode *mer_child_pool_get_hello (MerChildPool *self);

G_END_DECLS
