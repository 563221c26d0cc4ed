/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what all batch protocols have in common */
#include <string.h>

#include "base/mer-bulk-api.h"
#include "mer-error.h"
#include "net/mer-payload.h"
#include "net/mer-retry.h"
#include "tables/mer-json.h"

#define MAX_REFUSALS 1000u

void
mer_bulk_refusal_free (MerBulkRefusal *self)
{
  g_free (self->message);
  g_free (self->code);
  g_free (self->param);
  g_free (self);
}

/**
 * mer_bulk_step_refuse:
 * @self: a step
 * @line: which line of the file, from 1; 0: all of them
 * @message: (nullable): the server's words
 * @code: (nullable): the server's code
 * @param: (nullable): the member that is at fault
 *
 * Notes why the server refused.
 */
void
mer_bulk_step_refuse (MerBulkStep *self, guint64 line, const char *message,
                      const char *code, const char *param)
{
  MerBulkRefusal *refusal = NULL;

  self->verdict = MER_BULK_REFUSED;
  if (self->refusals->len >= MAX_REFUSALS)
    return;
  refusal = g_new0 (MerBulkRefusal, 1);
  refusal->line = line;
  refusal->message
      = mer_payload_clean_text (message != NULL ? message : "no reason is given");
  refusal->code = g_strdup (code);
  refusal->param = g_strdup (param);
  g_ptr_array_add (self->refusals, refusal);
}

/**
 * mer_bulk_step_take_id:
 * @place: where it goes
 * @id: (nullable): what a server calls a file or a batch
 * @error: return location for an error
 *
 * An id becomes part of addresses, so that not everything may be one.
 *
 * Returns: whether it was taken
 */
gboolean
mer_bulk_step_take_id (char **place, const char *id, GError **error)
{
  const char *allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                        "_-./:";

  if (id != NULL && *id != '\0' && strlen (id) <= 256 && strspn (id, allowed) == strlen (id)
      && strstr (id, "..") == NULL && strstr (id, "//") == NULL && *id != '/')
    {
      mer_bulk_shard_set (place, id);
      return TRUE;
    }
  g_set_error (error, MER_ERROR, MER_ERROR_API, "the server %s",
               id == NULL ? "names no id where it should" : "names an id that is none");
  return FALSE;
}

/* `requests.3.params: …` is about the fourth */
static guint64
find_line (const char *message)
{
  const char *digits
      = g_str_has_prefix (message, "requests.") ? message + strlen ("requests.") : "";
  guint64 index = g_ascii_strtoull (digits, NULL, 10);

  return g_ascii_isdigit (*digits) && index < 1000000 ? index + 1 : 0;
}

static void
judge_refusal (MerBulkStep *self, MerReply *reply, const MerTransferRequest *request,
               GError **error)
{
  g_autoptr (JsonNode) root = mer_reply_parse_json (reply, NULL);
  g_autoptr (MerReplyError) failure = mer_reply_error_new (root);
  g_autofree char *excerpt = mer_reply_dup_excerpt (reply, 300);
  const char *message
      = failure != NULL && failure->message != NULL ? failure->message : excerpt;
  const char *code = failure != NULL ? failure->code : NULL;
  MerRetry retry = mer_retry_classify (reply->status, failure);

  if (reply->status == 404)
    self->verdict = MER_BULK_GONE;
  else if (reply->status == 413 || g_strcmp0 (code, "token_limit_exceeded") == 0
           || (failure != NULL && failure->message != NULL
               && strstr (failure->message, "nqueued token limit") != NULL))
    {
      mer_bulk_step_refuse (self, 0, message, code, NULL);
      self->verdict = MER_BULK_LATER;
    }
  else if (retry == MER_RETRY_PERMANENT)
    mer_bulk_step_refuse (self, find_line (message), message, code,
                          failure != NULL ? failure->param : NULL);
  else
    {
      if (request->once && reply->status >= 500)
        self->verdict = MER_BULK_UNSURE;
      self->fatal = retry == MER_RETRY_FATAL;
      g_set_error (error, MER_ERROR, MER_ERROR_API, "%s/%s: HTTP status %u: %s",
                   mer_transfer_get_uri (self->transfer), request->address, reply->status,
                   message);
    }
}

static MerReply *
exchange (MerBulkStep *self, const MerTransferRequest *request, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (MerReply) reply
      = mer_transfer_send (self->transfer, request, self->cancellable, &local);

  self->verdict = MER_BULK_FINE;
  self->fatal = FALSE;
  if (reply == NULL)
    {
      self->fatal = local->domain == MER_ERROR && local->code != MER_ERROR_TIMED_OUT;
      self->verdict = request->once ? MER_BULK_UNSURE : MER_BULK_FINE;
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (reply->status >= 200 && reply->status < 300)
    return g_steal_pointer (&reply);
  judge_refusal (self, reply, request, error);
  return NULL;
}

/**
 * mer_bulk_step_send:
 * @self: a step
 * @request: what to ask
 * @error: return location for an error: the server could not be asked, or nobody gets
 *   through to it
 *
 * Asks the server. Where it refuses, the step's verdict says so, and there is no error.
 *
 * Returns: (transfer full) (nullable): the reply's JSON; for replies that went to disk an
 *   empty object
 */
JsonNode *
mer_bulk_step_send (MerBulkStep *self, const MerTransferRequest *request, GError **error)
{
  g_autoptr (MerReply) reply = exchange (self, request, error);
  JsonNode *root = NULL;

  if (reply == NULL)
    return NULL;
  if (request->to != NULL || reply->status == 204 || g_bytes_get_size (reply->body) == 0)
    {
      root = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (root, json_object_new ());
      return root;
    }
  root = mer_reply_parse_json (reply, error);
  if (root == NULL)
    {
      self->verdict = request->once ? MER_BULK_UNSURE : MER_BULK_FINE;
      g_prefix_error (error, "%s/%s: ", mer_transfer_get_uri (self->transfer),
                      request->address);
    }
  return root;
}

/**
 * mer_bulk_step_send_for_header:
 * @self: a step
 * @request: what to ask
 * @header: which header of the reply is wanted, in lower case
 * @error: return location for an error
 *
 * As [method@BulkStep.send], for servers that answer in a header.
 *
 * Returns: (transfer full) (nullable): the header's value
 */
char *
mer_bulk_step_send_for_header (MerBulkStep *self, const MerTransferRequest *request,
                               const char *header, GError **error)
{
  g_autoptr (MerReply) reply = exchange (self, request, error);
  const char *value = reply != NULL ? mer_reply_get_header (reply, header) : NULL;

  if (reply != NULL && value == NULL)
    g_set_error (error, MER_ERROR, MER_ERROR_API, "%s/%s: no %s in the answer",
                 mer_transfer_get_uri (self->transfer), request->address, header);
  return g_strdup (value);
}

/**
 * mer_bulk_step_do:
 * @self: a step
 * @request: what to ask
 * @error: return location for an error
 *
 * As [method@BulkStep.send], where the reply says nothing of interest.
 *
 * Returns: whether the server could be asked
 */
gboolean
mer_bulk_step_do (MerBulkStep *self, const MerTransferRequest *request, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) root = mer_bulk_step_send (self, request, &local);

  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/**
 * mer_bulk_step_order:
 * @self: a step
 * @request: what to ask
 * @member: where the reply names what was made
 * @place: where that id goes
 * @error: return location for an error
 *
 * Asks for something that has an id from then on. Where the server refuses, the step's
 * verdict says so, and there is neither an id nor an error.
 *
 * Returns: whether the server could be asked
 */
gboolean
mer_bulk_step_order (MerBulkStep *self, const MerTransferRequest *request,
                     const char *member, char **place, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) root = mer_bulk_step_send (self, request, &local);

  if (root != NULL)
    return mer_bulk_step_take_id (place, mer_json_node_string (root, member), error);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/**
 * mer_bulk_step_take_found:
 * @place: where the id goes
 * @id: (transfer full) (nullable): what a list had
 * @problem: (transfer full) (nullable): why there is no list
 * @error: return location for an error
 *
 * Ends a look for something in a server's lists.
 *
 * Returns: %FALSE where the list could not be read, or the id is none
 */
gboolean
mer_bulk_step_take_found (char **place, char *id, GError *problem, GError **error)
{
  g_autofree char *found = id;

  if (problem != NULL)
    {
      g_propagate_error (error, problem);
      return FALSE;
    }
  return found == NULL || mer_bulk_step_take_id (place, found, error);
}

/**
 * mer_bulk_reply_take_error:
 * @reply: a reply without body
 * @status: the HTTP status that a single call would have had
 * @error: (nullable): the error as the protocol writes it
 *
 * Makes a reply of an error, so that it is judged as that of a single call.
 */
void
mer_bulk_reply_take_error (MerBulkReply *reply, guint status, JsonNode *error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *text = NULL;

  if (error != NULL)
    json_object_set_member (object, "error", json_node_copy (error));
  json_node_set_object (node, object);
  text = mer_json_line (node);
  reply->status = status;
  reply->body = g_bytes_new (text, strlen (text));
}
