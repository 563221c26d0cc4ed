/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* message batches: requests in the body, results as lines in any order */
#include "anthropic.h"
#include "batch.h"

static gboolean
is_id (const char *id)
{
  gsize length = id != NULL ? strlen (id) : 0;

  return length > 0 && length <= 64
         && strspn (id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
                == length;
}

static gboolean
check_request (Exchange *x, JsonNode *one, guint i, GHashTable *seen)
{
  static const char *const known[] = { "custom_id", "params", NULL };
  const char *id = text_of (member (one, "custom_id"));

  if (find_unknown (one, known) != NULL)
    return refuse (x, "requests.%u.%s: Extra inputs are not permitted", i,
                   find_unknown (one, known));
  if (member (one, "custom_id") == NULL || !is_object (member (one, "params")))
    return refuse (x, "requests.%u.%s: Field required", i,
                   member (one, "custom_id") == NULL ? "custom_id" : "params");
  if (!is_id (id))
    return refuse (x,
                   "requests.%u.custom_id: String should match pattern "
                   "'^[a-zA-Z0-9_-]{1,64}$'",
                   i);
  if (!g_hash_table_add (seen, (char *) id))
    return refuse (x, "requests.%u.custom_id: Duplicate custom_id '%s'", i, id);
  return TRUE;
}

static gboolean
check_create (Exchange *x)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  JsonArray *requests = NULL;

  if (!anthropic_check_head (x))
    return FALSE;
  if (!exchange_parse (x, NULL) || !is_object (x->root))
    return refuse (x, "The request body is not valid JSON");
  requests = array_of (member (x->root, "requests"));
  if (requests == NULL)
    return refuse (x, "requests: Field required");
  if (json_array_get_length (requests) == 0)
    return refuse (x, "requests: List should have at least 1 item after validation, not 0");
  for (guint i = 0; i < json_array_get_length (requests); i++)
    if (!check_request (x, json_array_get_element (requests, i), i, seen))
      return FALSE;
  return TRUE;
}

static char *
describe (const Batch *batch)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *created = g_date_time_format_iso8601 (now);
  const char *status = batch->done         ? "ended"
                       : batch->cancelling ? "canceling"
                                           : "in_progress";
  g_autofree char *url = batch->done
                             ? g_strdup_printf ("\"%s/v1/messages/batches/%s/results\"",
                                                settings.origin, batch->id)
                             : g_strdup ("null");

  return g_strdup_printf (
      "{\"id\":\"%s\",\"type\":\"message_batch\",\"processing_status\":\"%s\","
      "\"request_counts\":{\"processing\":%u,\"succeeded\":%u,\"errored\":%u,"
      "\"canceled\":%u,\"expired\":%u},\"ended_at\":%s,\"created_at\":\"%s\","
      "\"expires_at\":\"2099-01-02T00:00:00Z\",\"archived_at\":"
      "null,"
      "\"cancel_initiated_at\":%s,\"results_url\":%s}",
      batch->id, status, batch->done ? 0 : batch->items->len, batch->counts[FATE_ANSWERED],
      batch->counts[FATE_ERRED], batch->counts[FATE_CANCELLED], batch->counts[FATE_EXPIRED],
      batch->done ? "\"2026-01-01T01:00:00Z\"" : "null", created,
      batch->cancelling ? "\"2026-01-01T00:30:00Z\"" : "null", url);
}

static void
write_result (Batch *batch, const BatchItem *item, Fate fate, const Reply *reply,
              gpointer data)
{
  g_autofree char *id = quote (item->id);

  g_string_append_printf (batch->results, "{\"custom_id\":%s,\"result\":{\"type\":", id);
  if (fate == FATE_EXPIRED || fate == FATE_CANCELLED)
    g_string_append_printf (batch->results, "\"%s\"}}\n",
                            fate == FATE_EXPIRED ? "expired" : "canceled");
  else if (fate == FATE_ERRED)
    g_string_append_printf (batch->results, "\"errored\",\"error\":%s}}\n", reply->body);
  else
    g_string_append_printf (batch->results, "\"succeeded\",\"message\":%s}}\n",
                            reply->body);
}

void
anthropic_create_batch (Exchange *x, Reply *reply)
{
  Batch *batch = NULL;
  JsonArray *requests = NULL;

  if (!check_create (x))
    {
      exchange_write_problem (x, reply);
      return;
    }
  batch = batch_new ("msgbatch_");
  x->fault = batch->fault;
  requests = array_of (member (x->root, "requests"));
  for (guint i = 0; i < json_array_get_length (requests); i++)
    {
      JsonNode *one = json_array_get_element (requests, i);

      batch_add (batch, text_of (member (one, "custom_id")), member (one, "params"));
    }
  if (batch_is_fault (batch, "batch-failed"))
    {
      refuse (x, "requests.0.params: Input should be a valid dictionary");
      exchange_write_problem (x, reply);
    }
  else if (batch_is_fault (batch, "batch-limit"))
    exchange_fail (x, PROBLEM_RATE, reply);
  else
    reply_json (reply, 200, describe (batch));
}

/* @above: folders between the id and the end of the path */
static Batch *
find_batch (Exchange *x, guint above, Reply *reply)
{
  g_autofree char *id = path_step (x, above);
  Batch *batch = batch_find (id);

  if (batch != NULL && anthropic_check_head (x))
    return batch;
  if (batch == NULL)
    refuse_as (x, &(Problem){ .kind = PROBLEM_MISSING }, "Could not find batch %s", id);
  exchange_write_problem (x, reply);
  return NULL;
}

void
anthropic_get_batch (Exchange *x, Reply *reply)
{
  Batch *batch = find_batch (x, 0, reply);

  if (batch == NULL)
    return;
  if (batch->polls > 0)
    batch->polls--;
  if (!batch->done && (batch->polls == 0 || batch->cancelling))
    {
      batch_finish (batch, &anthropic_protocol, "/v1/messages", write_result, NULL);
      batch_spoil (batch, batch->results);
    }
  reply_json (reply, 200, describe (batch));
}

void
anthropic_get_results (Exchange *x, Reply *reply)
{
  Batch *batch = find_batch (x, 1, reply);

  if (batch == NULL)
    return;
  if (!batch->done)
    {
      refuse_as (x, &(Problem){ .kind = PROBLEM_MISSING },
                 "Batch %s has no results yet: it is still in progress", batch->id);
      exchange_write_problem (x, reply);
      return;
    }
  reply_json (reply, 200, g_strdup (batch->results->str));
  reply->type = "application/x-jsonl";
}

void
anthropic_cancel_batch (Exchange *x, Reply *reply)
{
  Batch *batch = find_batch (x, 1, reply);

  if (batch == NULL)
    return;
  batch->cancelling = !batch->done;
  reply_json (reply, 200, describe (batch));
}

void
anthropic_list_batches (Exchange *x, Reply *reply)
{
  g_autofree char *list = batch_list (describe);

  reply_json (
      reply, 200,
      g_strdup_printf (
          "{\"data\":[%s],\"has_more\":false,\"first_id\":null,\"last_id\":null}", list));
}
