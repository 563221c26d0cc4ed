/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/mer-reply.h"

G_BEGIN_DECLS

/**
 * MerTransfer:
 *
 * A server whose files are sent and fetched, from disk and to disk. Its functions wait for
 * the server: they are for a thread of their own, one at a time, never for the I/O thread.
 * The key goes to the origin (scheme, host and port) of its address and nowhere else.
 */
typedef struct _MerTransfer MerTransfer;

/**
 * MerTransferRequest:
 * @method: `GET`, `POST` or `DELETE`
 * @address: what follows the base address; from the origin on where it begins with a slash;
 *   or a whole address at the same origin
 * @type: (nullable): the body's media type
 * @head: (nullable): the body's text, or what stands before @file in it
 * @file: (nullable): path of a file that is the middle of the body
 * @tail: (nullable): what stands after @file
 * @headers: (nullable): name, value, …, %NULL
 * @once: it must not be done twice: only what surely was not done is tried again
 * @to: (nullable): path of a file that a good reply's body is written to
 * @max_reply: the longest good reply in @to, bytes after unpacking
 *
 * What is asked. Other replies than those in @to are at most 32 MB long.
 */
typedef struct
{
  const char *method;
  const char *address;
  const char *type;
  const char *head;
  const char *file;
  const char *tail;
  const char *const *headers;
  gboolean once;
  const char *to;
  guint64 max_reply;
} MerTransferRequest;

MerTransfer *mer_transfer_new (const char *uri, const char *key_header,
                               const char *key_prefix, const char *key,
                               const char *const *headers, GError **error);
void mer_transfer_free (MerTransfer *self);
const char *mer_transfer_get_uri (MerTransfer *self);
char *mer_transfer_dup_base_path (MerTransfer *self);

MerReply *mer_transfer_send (MerTransfer *self, const MerTransferRequest *request,
                             GCancellable *cancellable, GError **error);
gboolean mer_transfer_wait (double seconds, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerTransfer, mer_transfer_free)

G_END_DECLS
