/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MerPayloadFile:
 *
 * An open file that a request shows as a whole: its content was hashed when it was opened,
 * and it is read again, piece by piece, each time it is sent. Immutable; any thread.
 */
typedef struct _MerPayloadFile MerPayloadFile;

MerPayloadFile *mer_payload_file_open (const char *path, const char *sha256,
                                       GCancellable *cancellable, GError **error);
void mer_payload_file_open_async (const char *path, const char *sha256,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data);
MerPayloadFile *mer_payload_file_open_finish (GAsyncResult *result, GError **error);

MerPayloadFile *mer_payload_file_ref (MerPayloadFile *self);
void mer_payload_file_unref (MerPayloadFile *self);

gsize mer_payload_file_get_size (MerPayloadFile *self);
const char *mer_payload_file_get_sha256 (MerPayloadFile *self);
gboolean mer_payload_file_read (MerPayloadFile *self, gsize offset, void *out, gsize length,
                                GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerPayloadFile, mer_payload_file_unref)

G_END_DECLS
