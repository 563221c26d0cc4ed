/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/mer-reply.h"

G_BEGIN_DECLS

/**
 * MerRefusal:
 * @MER_REFUSAL_NONE: nothing that can be mended
 * @MER_REFUSAL_NAME: the server does not know the member
 * @MER_REFUSAL_VALUE: the server knows the member, not its value
 *
 * What a server has against a member of a request.
 */
typedef enum
{
  MER_REFUSAL_NONE,
  MER_REFUSAL_NAME,
  MER_REFUSAL_VALUE,
} MerRefusal;

MerRefusal mer_refusal_find (const MerReplyError *error, JsonNode *request,
                             const char *const *members, const char **member);
gboolean mer_refusal_wants_stream (const MerReplyError *error);
JsonObject *mer_refusal_find_parent (JsonNode *request, const char *path,
                                     const char **name);

G_END_DECLS
