/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* batchGenerateContent: requests in the body or in an uploaded file, results alike */
#include "gemini.h"
#include "batch.h"

static gboolean
add_inline (Exchange *x, Batch *batch, JsonArray *requests)
{
  for (guint i = 0; i < json_array_get_length (requests); i++)
    {
      JsonNode *one = json_array_get_element (requests, i);
      const char *key = text_of (member (member (one, "metadata"), "key"));
      g_autofree char *number = g_strdup_printf ("%u", i);

      if (!is_object (member (one, "request")))
        return refuse (x,
                       "* BatchGenerateContentRequest.batch.input_config.requests.requests"
                       "[%u].request: missing field.\n",
                       i);
      batch_add (batch, key != NULL ? key : number, member (one, "request"));
    }
  return batch->items->len > 0
         || refuse (x, "* BatchGenerateContentRequest.batch.input_config.requests: "
                       "requests is not specified\n");
}

/* what is wrong in the file fails the batch, later */
static void
add_lines (Batch *batch, const StoredFile *file)
{
  g_autofree char *text = g_strndup ((char *) file->bytes->data, file->bytes->len);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (JsonNode) node
          = *lines[i] != '\0' ? json_from_string (lines[i], NULL) : NULL;
      const char *key = text_of (member (node, "key"));

      if (*lines[i] == '\0')
        continue;
      if (key == NULL || !is_object (member (node, "request")))
        batch->problem
            = g_strdup_printf ("Failed to parse line %u of the input file", i + 1);
      else
        batch_add (batch, key, member (node, "request"));
    }
}

static const char *
get_state (const Batch *batch)
{
  if (!batch->done)
    return batch->polls == settings.batch_polls ? "PENDING" : "RUNNING";
  if (batch->problem != NULL)
    return "FAILED";
  if (batch_is_fault (batch, "batch-expired"))
    return "EXPIRED";
  if (batch->cancelling || batch_is_fault (batch, "batch-cancelled"))
    return "CANCELLED";
  return "SUCCEEDED";
}

/* results come from what has succeeded alone */
static char *
describe_end (const Batch *batch)
{
  g_autofree char *problem = quote (batch->problem);

  if (!batch->done)
    return g_strdup ("");
  if (batch->problem != NULL)
    return g_strdup_printf (",\"done\":true,\"error\":{\"code\":3,\"message\":%s}",
                            problem);
  if (!g_str_equal (get_state (batch), "SUCCEEDED"))
    return g_strdup (",\"done\":true");
  if (batch->output != NULL)
    return g_strdup_printf (
        ",\"done\":true,\"response\":{\"@type\":\"type.googleapis.com/google.ai."
        "generativelanguage.v1main.GenerateContentBatchOutput\",\"responsesFile\":"
        "\"files/%s\"}",
        batch->output);
  return g_strdup_printf (
      ",\"done\":true,\"response\":{\"@type\":\"type.googleapis.com/google.ai."
      "generativelanguage.v1main.GenerateContentBatchOutput\",\"inlinedResponses\":"
      "{\"inlinedResponses\":[%s]}}",
      batch->results->str);
}

static char *
describe (const Batch *batch)
{
  g_autofree char *end = describe_end (batch);

  return g_strdup_printf (
      "{\"name\":\"batches/%s\",\"metadata\":{\"@type\":\"type.googleapis.com/google.ai."
      "generativelanguage.v1main.GenerateContentBatch\",\"model\":\"models/%s\","
      "\"displayName\":%s,\"state\":\"BATCH_STATE_%s\",\"createTime\":"
      "\"2026-01-01T00:00:00Z\",\"updateTime\":\"2026-01-01T00:00:00Z\",\"batchStats\":"
      "{\"requestCount\":\"%u\",\"successfulRequestCount\":\"%u\",\"failedRequestCount\":"
      "\"%u\"},\"name\":\"batches/%s\"}%s}",
      batch->id, batch->name, batch->metadata, get_state (batch), batch->items->len,
      batch->counts[FATE_ANSWERED], batch->counts[FATE_ERRED], batch->id, end);
}

static gboolean
fill (Exchange *x, Batch *batch, JsonNode *input)
{
  const char *name = text_of (either (input, "fileName", "file_name"));
  JsonArray *requests = array_of (member (member (input, "requests"), "requests"));
  StoredFile *file
      = name != NULL && g_str_has_prefix (name, "files/") ? store_find (name + 6) : NULL;

  if (requests != NULL)
    return add_inline (x, batch, requests);
  if (name == NULL)
    return refuse (x, "* BatchGenerateContentRequest.batch.input_config.source: required "
                      "oneof field 'source' must have one initialized field\n");
  if (file == NULL || !file->whole)
    return refuse_as (x, &(Problem){ .kind = PROBLEM_MISSING },
                      "You do not have permission to access the File %s or it may not "
                      "exist.",
                      name);
  batch->input = g_strdup (name);
  add_lines (batch, file);
  return TRUE;
}

void
gemini_create_batch (Exchange *x, Reply *reply)
{
  g_autofree char *model = path_step (x, 0);
  JsonNode *wrapper = exchange_parse (x, NULL) ? member (x->root, "batch") : NULL;
  JsonNode *input = either (wrapper, "inputConfig", "input_config");
  Batch *batch = NULL;

  if (wrapper == NULL || text_of (either (wrapper, "displayName", "display_name")) == NULL)
    refuse (x, "* BatchGenerateContentRequest.batch.display_name: must be non-empty.\n");
  else if (check_model (x, model))
    {
      batch = batch_new ("b");
      batch->name = g_strdup (model);
      batch->metadata = quote (text_of (either (wrapper, "displayName", "display_name")));
      x->fault = batch->fault;
      fill (x, batch, input);
    }
  if (batch != NULL && batch_is_fault (batch, "batch-failed"))
    batch->problem = g_strdup ("The batch failed: an internal error has occurred.");
  if (batch != NULL && batch_is_fault (batch, "batch-limit"))
    refuse_as (x, &(Problem){ .kind = PROBLEM_RATE }, NULL);
  if (batch == NULL || x->problem.kind != PROBLEM_NONE)
    exchange_write_problem (x, reply);
  else
    reply_json (reply, 200, describe (batch));
}

static void
write_result (Batch *batch, const BatchItem *item, Fate fate, const Reply *reply,
              gpointer data)
{
  gboolean inlined = batch->input == NULL;
  gboolean good = fate == FATE_ANSWERED;
  g_autofree char *key = quote (item->id);
  g_autofree char *body = g_strdup (reply->body);

  if (fate == FATE_EXPIRED || fate == FATE_CANCELLED)
    return;
  /* the error stands in a wrapper of its own already */
  if (!good)
    {
      g_autoptr (JsonNode) node = json_from_string (body, NULL);

      g_free (body);
      body = to_text (member (node, "error"));
    }
  if (inlined)
    g_string_append_printf (batch->results, "%s{\"metadata\":{\"key\":%s},\"%s\":%s}",
                            batch->results->len > 0 ? "," : "", key,
                            good ? "response" : "error", body);
  else
    g_string_append_printf (batch->results, "{\"key\":%s,\"%s\":%s}\n", key,
                            good ? "response" : "error", body);
}

static void
finish (Batch *batch)
{
  g_autofree char *path
      = g_strdup_printf ("/v1beta/models/%s:generateContent", batch->name);
  StoredFile *file = NULL;

  batch->done = TRUE;
  if (batch->problem != NULL)
    return;
  batch_finish (batch, &gemini_protocol, path, write_result, NULL);
  if (batch->input == NULL)
    return;
  batch_spoil (batch, batch->results);
  file = store_add ("batch-");
  file->type = g_strdup ("application/jsonl");
  file->whole = TRUE;
  g_byte_array_append (file->bytes, (guint8 *) batch->results->str,
                       (guint) batch->results->len);
  batch->output = g_strdup (file->id);
}

static Batch *
find_batch (Exchange *x, Reply *reply)
{
  g_autofree char *id = path_step (x, 0);
  Batch *batch = batch_find (id);

  if (batch != NULL)
    return batch;
  refuse_as (x, &(Problem){ .kind = PROBLEM_PATH }, NULL);
  exchange_write_problem (x, reply);
  return NULL;
}

void
gemini_get_batch (Exchange *x, Reply *reply)
{
  Batch *batch = find_batch (x, reply);

  if (batch == NULL)
    return;
  if (batch->polls > 0)
    batch->polls--;
  if (!batch->done && (batch->polls == 0 || batch->cancelling))
    finish (batch);
  reply_json (reply, 200, describe (batch));
}

void
gemini_cancel_batch (Exchange *x, Reply *reply)
{
  Batch *batch = find_batch (x, reply);

  if (batch == NULL)
    return;
  batch->cancelling = !batch->done;
  reply_json (reply, 200, g_strdup ("{}"));
}

void
gemini_list_batches (Exchange *x, Reply *reply)
{
  g_autofree char *list = batch_list (describe);

  reply_json (reply, 200, g_strdup_printf ("{\"operations\":[%s]}", list));
}
