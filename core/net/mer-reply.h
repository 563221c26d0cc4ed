/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * MerReply:
 * @status: the HTTP status
 * @headers: lower-case name → value; equal names joined by a comma
 * @body: what came, unpacked, with every occurrence of the key blotted out
 * @first_byte: seconds from sending to the head of the answer
 * @seconds: seconds from sending to the last byte, of the attempt that gave this
 * @attempts: how many times the call was sent, stale connections not counted
 *
 * What a server answered.
 */
typedef struct
{
  gatomicrefcount refs;
  guint status;
  GHashTable *headers;
  GBytes *body;
  double first_byte;
  double seconds;
  guint attempts;
} MerReply;

#define MER_TYPE_REPLY (mer_reply_get_type ())
GType mer_reply_get_type (void);

MerReply *mer_reply_new (guint status, GHashTable *headers, GBytes *body);
MerReply *mer_reply_ref (MerReply *self);
void mer_reply_unref (MerReply *self);
const char *mer_reply_get_header (MerReply *self, const char *lower_case_name);
gboolean mer_reply_is_type (MerReply *self, const char *media_type);
JsonNode *mer_reply_parse_json (MerReply *self, GError **error);
JsonNode *mer_reply_parse_text (const char *text, gsize length, GError **error);
char *mer_reply_dup_excerpt (MerReply *self, gsize max_length);

/**
 * MerReplyError:
 * @message: (nullable): what the server said, control characters blotted out
 * @code: (nullable): the vendor's code as text, numbers too
 * @type: (nullable): the vendor's type or status name
 * @param: (nullable): the request's member that is at fault
 * @retry_delay: seconds the body asks to wait; -1 where it does not
 *
 * A server's error in whichever shape it came.
 */
typedef struct
{
  char *message;
  char *code;
  char *type;
  char *param;
  double retry_delay;
} MerReplyError;

MerReplyError *mer_reply_error_new (JsonNode *root);
void mer_reply_error_free (MerReplyError *error);

void mer_reply_split_reasoning (const char *content, char **answer, char **reasoning);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerReply, mer_reply_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerReplyError, mer_reply_error_free)

G_END_DECLS
