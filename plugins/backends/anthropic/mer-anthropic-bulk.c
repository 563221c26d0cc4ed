/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* message batches: all calls in one body, an id, and results as lines */
#include "mer-anthropic-bulk.h"

#include <string.h>

#define BATCHES "messages/batches"
/* the server's clock and ours differ by less, microseconds */
#define CLOCK_SLACK (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)

static char *
begin_call (const char *uri, const char *path, const char *key)
{
  return g_strdup_printf ("{\"custom_id\":\"%s\",\"params\":", key);
}

static gboolean
adapt (JsonNode *body)
{
  JsonObject *object = json_node_get_object (body);

  if (!json_object_has_member (object, "stream"))
    return FALSE;
  json_object_remove_member (object, "stream");
  return TRUE;
}

static gint64
read_time (JsonNode *node, const char *member)
{
  const char *text = mer_json_node_string (node, member);
  g_autoptr (GDateTime) time
      = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return time != NULL ? g_date_time_to_unix (time) * G_USEC_PER_SEC : 0;
}

static gint64
count (JsonNode *batch, const char *member)
{
  double number
      = mer_json_node_number (mer_json_node_member (batch, "request_counts"), member, 0);

  return (gint64) CLAMP (number, 0, 1e9);
}

static gint64
count_all (JsonNode *batch)
{
  return count (batch, "processing") + count (batch, "succeeded") + count (batch, "errored")
         + count (batch, "canceled") + count (batch, "expired");
}

/* batches have no names here: one of the right size that nobody else of this store claims,
 * made since, is ours. Its results tell whether it really is */
static gboolean
may_be_ours (MerBulkStep *step, JsonNode *batch)
{
  const char *id = mer_json_node_string (batch, "id");

  return id != NULL && !g_hash_table_contains (step->known, id)
         && count_all (batch) == step->shard->n_calls
         && read_time (batch, "created_at") >= step->shard->submitted - CLOCK_SLACK;
}

static gboolean
find (MerBulkStep *step, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) root = mer_bulk_step_send (
      step, &(MerTransferRequest){ .method = "GET", .address = BATCHES "?limit=100" },
      &local);
  JsonNode *data = mer_json_node_member (root, "data");
  JsonArray *batches
      = data != NULL && JSON_NODE_HOLDS_ARRAY (data) ? json_node_get_array (data) : NULL;
  const char *oldest = NULL;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  /* the newest stand first; ours was made right after it was asked for */
  for (guint i = 0; batches != NULL && i < json_array_get_length (batches); i++)
    {
      JsonNode *batch = json_array_get_element (batches, i);

      if (may_be_ours (step, batch))
        oldest = mer_json_node_string (batch, "id");
    }
  return oldest == NULL
         || mer_bulk_step_take_id (&step->shard->remote_batch, oldest, error);
}

static gboolean
create (MerBulkStep *step, GError **error)
{
  const MerTransferRequest request = { .method = "POST",
                                       .address = BATCHES,
                                       .type = "application/json",
                                       .file = step->file,
                                       .once = TRUE };

  return mer_bulk_step_order (step, &request, "id", &step->shard->remote_batch, error);
}

static gboolean
poll (MerBulkStep *step, GError **error)
{
  MerBulkShard *shard = step->shard;
  g_autofree char *address = g_strconcat (BATCHES "/", shard->remote_batch, NULL);
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) root = mer_bulk_step_send (
      step, &(MerTransferRequest){ .method = "GET", .address = address }, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (root == NULL)
    return TRUE;
  shard->n_answered = count (root, "succeeded");
  shard->n_failed = count (root, "errored");
  shard->expires = read_time (root, "expires_at");
  step->ended = g_strcmp0 (mer_json_node_string (root, "processing_status"), "ended") == 0;
  step->cancelled
      = step->ended && mer_json_node_string (root, "cancel_initiated_at") != NULL;
  return TRUE;
}

/* the server names an address for it, but a key goes only to addresses that we make */
static gboolean
fetch (MerBulkStep *step, guint part, const char *path, gboolean *there, GError **error)
{
  g_autofree char *address
      = g_strdup_printf (BATCHES "/%s/results", step->shard->remote_batch);
  const MerTransferRequest request = {
    .method = "GET", .address = address, .to = path, .max_reply = MER_BULK_MAX_RESULTS
  };

  *there = part == 0;
  if (part > 0)
    return TRUE;
  if (!mer_bulk_step_do (step, &request, error))
    return FALSE;
  *there = step->verdict == MER_BULK_FINE;
  return TRUE;
}

static guint
status_of (const char *type)
{
  static const struct
  {
    const char *type;
    guint status;
  } all[] = {
    { "invalid_request_error", 400 }, { "authentication_error", 401 },
    { "billing_error", 402 },         { "permission_error", 403 },
    { "not_found_error", 404 },       { "request_too_large", 413 },
    { "rate_limit_error", 429 },      { "api_error", 500 },
    { "timeout_error", 504 },         { "overloaded_error", 529 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (g_strcmp0 (type, all[i].type) == 0)
      return all[i].status;
  return 500;
}

static MerBulkLine
read_line (JsonNode *line, MerBulkReply *reply)
{
  const char *key = mer_json_node_string (line, "custom_id");
  JsonNode *result = mer_json_node_member (line, "result");
  const char *type = mer_json_node_string (result, "type");
  JsonNode *message = mer_json_node_member (result, "message");
  JsonNode *error = mer_json_node_member (result, "error");
  JsonNode *inner = mer_json_node_member (error, "error");

  if (key == NULL || type == NULL)
    return MER_BULK_LINE_BAD;
  reply->key = g_strdup (key);
  if (g_str_equal (type, "expired") || g_str_equal (type, "canceled"))
    return MER_BULK_LINE_UNANSWERED;
  if (g_str_equal (type, "succeeded") && message != NULL)
    {
      g_autofree char *text = mer_json_line (message);

      reply->status = 200;
      reply->body = g_bytes_new (text, strlen (text));
      return MER_BULK_LINE_REPLY;
    }
  if (!g_str_equal (type, "errored") || error == NULL)
    return MER_BULK_LINE_BAD;
  error = inner != NULL ? inner : error;
  mer_bulk_reply_take_error (reply, status_of (mer_json_node_string (error, "type")),
                             error);
  return MER_BULK_LINE_REPLY;
}

static gboolean
cancel (MerBulkStep *step, GError **error)
{
  g_autofree char *address
      = g_strdup_printf (BATCHES "/%s/cancel", step->shard->remote_batch);
  const MerTransferRequest request
      = { .method = "POST", .address = address, .type = "application/json", .head = "{}" };

  return mer_bulk_step_do (step, &request, error);
}

/* clips of people are not left at a server longer than they are needed */
static void
clean_up (MerBulkStep *step)
{
  g_autofree char *address
      = step->shard->remote_batch != NULL
            ? g_strconcat (BATCHES "/", step->shard->remote_batch, NULL)
            : NULL;

  if (address != NULL)
    mer_bulk_step_do (step, &(MerTransferRequest){ .method = "DELETE", .address = address },
                      NULL);
}

const MerBulkApi *
mer_anthropic_get_bulk_api (void)
{
  static const MerBulkApi api = {
    .max_bytes = 256u * 1000 * 1000,
    .max_calls = 100000,
    .max_line = 32u * 1000 * 1000,
    .head = "{\"requests\":[\n",
    .separator = ",\n",
    .tail = "\n]}\n",
    .begin_call = begin_call,
    .end_call = "}",
    .adapt = adapt,
    .find = find,
    .create = create,
    .poll = poll,
    .fetch = fetch,
    .read_line = read_line,
    .cancel = cancel,
    .clean_up = clean_up,
  };

  return &api;
}
