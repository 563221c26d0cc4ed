/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/mer-reply.h"

G_BEGIN_DECLS

/**
 * MerAdaptable:
 * @optional: (nullable): members that a request may lose when the server refuses them by
 *   name: paths from the root joined by dots, ending in %NULL. Never one that changes what
 *   is asked
 * @renames: (nullable): members that other servers know under another name: from, to, from,
 *   to, …, %NULL
 * @stream: (nullable): the member to be set where the server only streams
 *
 * What may be changed about a protocol's requests to please a server.
 */
typedef struct
{
  const char *const *optional;
  const char *const *renames;
  const char *stream;
} MerAdaptable;

/**
 * MerLessons:
 *
 * What was learned about one model at one address: which members it does not take. Shared
 * by all stages that ask it, kept as long as the process lives. For the I/O thread.
 */
typedef struct _MerLessons MerLessons;

MerLessons *mer_lessons_get (const char *address, const char *model);
gboolean mer_lessons_learn (MerLessons *self, const MerAdaptable *what, JsonNode *request,
                            const MerReplyError *error);
gboolean mer_lessons_apply (MerLessons *self, JsonNode *request, GPtrArray *applied);

G_END_DECLS
