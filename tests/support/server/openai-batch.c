/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /files and /batches: requests in a file, answers in another, in any order */
#include "batch.h"
#include "multipart.h"
#include "openai.h"

#define MAX_REQUESTS 50000

static char *
describe_file (const StoredFile *file)
{
  g_autofree char *name = quote (file->name);

  return g_strdup_printf (
      "{\"id\":\"%s\",\"object\":\"file\",\"bytes\":%u,\"created_at\":1,"
      "\"expires_at\":null,\"filename\":%s,\"purpose\":\"%s\","
      "\"status\":\"processed\",\"status_details\":null}",
      file->id, file->bytes->len, name, file->purpose);
}

static gboolean
check_upload (Exchange *x, GPtrArray *parts)
{
  g_autofree char *purpose = multipart_dup_text (parts, "purpose");
  FormPart *file = multipart_find (parts, "file");

  if (purpose == NULL || file == NULL || file->filename == NULL)
    return refuse (x,
                   "[{'type': 'missing', 'loc': ('body', '%s'), 'msg': 'Field required', "
                   "'input': None}]",
                   purpose == NULL ? "purpose" : "file");
  if (!g_str_equal (purpose, "batch"))
    return refuse_param (x, NULL, "purpose",
                         "'%s' is not one of ['fine-tune', 'assistants', 'batch', "
                         "'user_data', 'vision', 'evals'] - 'purpose'",
                         purpose);
  if (!g_str_has_suffix (file->filename, ".jsonl"))
    return refuse (x, "Invalid file format for Batch API. Must be .jsonl");
  return TRUE;
}

void
openai_upload_file (Exchange *x, Reply *reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) parts = multipart_parse (x, &error);
  FormPart *part = NULL;
  StoredFile *file = NULL;
  gsize length = 0;
  const guint8 *data = NULL;

  if (parts == NULL)
    refuse (x, "%s", error->message);
  if (parts == NULL || !check_upload (x, parts))
    {
      exchange_write_problem (x, reply);
      return;
    }
  part = multipart_find (parts, "file");
  data = g_bytes_get_data (part->bytes, &length);
  file = store_add ("file-");
  file->name = g_strdup (part->filename);
  file->purpose = g_strdup ("batch");
  g_byte_array_append (file->bytes, data, (guint) length);
  file->whole = TRUE;
  reply_json (reply, 200, describe_file (file));
}

static StoredFile *
find_file (Exchange *x, const char *id, Reply *reply)
{
  StoredFile *file = store_find (id);

  if (file != NULL)
    return file;
  refuse_as (x, &(Problem){ .kind = PROBLEM_MISSING, .param = "id" },
             "No such File object: %s", id);
  exchange_write_problem (x, reply);
  return NULL;
}

void
openai_get_file (Exchange *x, Reply *reply)
{
  g_autofree char *id = path_step (x, 0);
  StoredFile *file = find_file (x, id, reply);

  if (file != NULL)
    reply_json (reply, 200, describe_file (file));
}

void
openai_delete_file (Exchange *x, Reply *reply)
{
  g_autofree char *id = path_step (x, 0);
  StoredFile *file = find_file (x, id, reply);

  if (file == NULL)
    return;
  file->gone = TRUE;
  reply_json (
      reply, 200,
      g_strdup_printf ("{\"id\":\"%s\",\"object\":\"file\",\"deleted\":true}", file->id));
}

/* GET /files/ID/content */
void
openai_read_file (Exchange *x, Reply *reply)
{
  g_autofree char *id = path_step (x, 1);
  StoredFile *file = find_file (x, id, reply);

  if (file != NULL)
    *reply = (Reply){ .status = 200,
                      .type = "application/octet-stream",
                      .body = g_memdup2 (file->bytes->data, file->bytes->len),
                      .length = file->bytes->len };
}

static gboolean fail_batch (Batch *batch, guint line, const char *code, const char *format,
                            ...) G_GNUC_PRINTF (4, 5);

static gboolean
fail_batch (Batch *batch, guint line, const char *code, const char *format, ...)
{
  va_list list;

  va_start (list, format);
  batch->code = g_strdup (code);
  batch->problem = g_strdup_vprintf (format, list);
  batch->line = line;
  va_end (list);
  return FALSE;
}

static gboolean
check_line (Batch *batch, JsonNode *node, guint line)
{
  static const char *const needed[] = { "custom_id", "method", "url" };
  const char *id = text_of (member (node, "custom_id"));
  JsonNode *body = member (node, "body");
  const char *model = text_of (member (body, "model"));
  BatchItem *first = batch->items->len > 0 ? g_ptr_array_index (batch->items, 0) : NULL;
  const char *first_model = first != NULL ? text_of (member (first->body, "model")) : model;

  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++)
    if (text_of (member (node, needed[i])) == NULL)
      return fail_batch (batch, line, "missing_required_parameter",
                         "Missing required parameter: '%s'.", needed[i]);
  if (!is_object (body))
    return fail_batch (batch, line, "missing_required_parameter",
                       "Missing required parameter: 'body'.");
  if (batch_has (batch, id))
    return fail_batch (
        batch, line, "duplicate_custom_id",
        "The custom_id '%s' for this request is a duplicate of another "
        "request. The custom_id parameter must be unique for each request in "
        "a batch.",
        id);
  if (g_strcmp0 (text_of (member (node, "method")), "POST") != 0)
    return fail_batch (batch, line, "invalid_method", "The HTTP method must be POST.");
  if (g_strcmp0 (text_of (member (node, "url")), batch->name) != 0)
    return fail_batch (batch, line, "invalid_url",
                       "The URL provided for this request does not match the batch "
                       "endpoint.");
  if (g_strcmp0 (model, first_model) != 0)
    return fail_batch (batch, line, "mismatched_model",
                       "The provided model '%s' does not match the model of the first "
                       "request, '%s'. All requests in a batch must use the same model.",
                       model != NULL ? model : "", first_model);
  if (is_true (member (body, "stream")))
    return fail_batch (batch, line, "invalid_request",
                       "Streaming is not supported in the Batch API.");
  batch_add (batch, id, body);
  return TRUE;
}

static gboolean
read_lines (Batch *batch, const StoredFile *file)
{
  g_autofree char *text = g_strndup ((char *) file->bytes->data, file->bytes->len);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (JsonNode) node = NULL;

      if (*lines[i] == '\0' && lines[i + 1] == NULL)
        break;
      node = json_from_string (lines[i], NULL);
      if (!is_object (node))
        return fail_batch (batch, i + 1, "invalid_json_line",
                           "This line is not parseable as valid JSON.");
      if (!check_line (batch, node, i + 1))
        return FALSE;
    }
  if (batch->items->len > MAX_REQUESTS)
    return fail_batch (batch, 0, "too_many_tasks",
                       "The batch input file contains too many "
                       "requests.");
  return batch->items->len > 0
         || fail_batch (batch, 0, "empty_file",
                        "The batch input file is empty. Please ensure that the batch "
                        "contains at least one request.");
}

static const char *
get_status (const Batch *batch)
{
  if (batch->done && batch->problem != NULL)
    return "failed";
  if (batch->done && batch_is_fault (batch, "batch-expired"))
    return "expired";
  if (batch->done && (batch->cancelling || batch_is_fault (batch, "batch-cancelled")))
    return "cancelled";
  if (batch->done)
    return "completed";
  if (batch->cancelling)
    return "cancelling";
  if (batch->polls == settings.batch_polls)
    return "validating";
  return batch->polls == 1 ? "finalizing" : "in_progress";
}

static char *
describe_errors (const Batch *batch)
{
  g_autofree char *code = quote (batch->code);
  g_autofree char *message = quote (batch->problem);
  g_autofree char *line
      = batch->line > 0 ? g_strdup_printf ("%u", batch->line) : g_strdup ("null");

  if (batch->problem == NULL || !batch->done)
    return g_strdup ("null");
  return g_strdup_printf ("{\"object\":\"list\",\"data\":[{\"code\":%s,\"line\":%s,"
                          "\"message\":%s,\"param\":null}]}",
                          code, line, message);
}

static char *
describe (const Batch *batch)
{
  g_autofree char *errors = describe_errors (batch);
  g_autofree char *output = quote (batch->output);
  g_autofree char *error_file = quote (batch->errors);
  guint completed = batch->counts[FATE_ANSWERED];
  guint failed = batch->counts[FATE_ERRED] + batch->counts[FATE_EXPIRED]
                 + batch->counts[FATE_CANCELLED];

  return g_strdup_printf (
      "{\"id\":\"%s\",\"object\":\"batch\",\"endpoint\":\"%s\",\"errors\":%s,"
      "\"input_file_id\":\"%s\",\"completion_window\":\"24h\",\"status\":\"%s\","
      "\"output_file_id\":%s,\"error_file_id\":%s,\"created_at\":1,\"in_progress_at\":1,"
      "\"expires_at\":4070908800,\"request_counts\":{\"total\":%u,\"completed\":%u,"
      "\"failed\":%u},\"metadata\":%s}",
      batch->id, batch->name, errors, batch->input, get_status (batch), output, error_file,
      batch->problem != NULL ? 0 : batch->items->len, completed, failed,
      batch->metadata != NULL ? batch->metadata : "null");
}

static gboolean
check_create (Exchange *x)
{
  static const char *const endpoints[]
      = { "/v1/chat/completions", "/v1/responses", "/v1/embeddings", NULL };
  static const char *const known[]
      = { "input_file_id",        "endpoint", "completion_window", "metadata",
          "output_expires_after", NULL };
  const char *endpoint = NULL;

  if (!exchange_parse (x, NULL) || !is_object (x->root))
    return refuse (x, "We could not parse the JSON body of your request.");
  if (find_unknown (x->root, known) != NULL)
    return refuse_as (x, &(Problem){ .kind = PROBLEM_INVALID, .code = "unknown_parameter" },
                      "Unknown parameter: '%s'.", find_unknown (x->root, known));
  for (guint i = 0; i < 3; i++)
    if (text_of (member (x->root, known[i])) == NULL)
      return refuse_param (x, "missing_required_parameter", known[i],
                           "Missing required parameter: '%s'.", known[i]);
  endpoint = text_of (member (x->root, "endpoint"));
  if (!g_strv_contains (endpoints, endpoint))
    return refuse_param (
        x, "invalid_value", "endpoint",
        "Invalid value: '%s'. Supported values are: '/v1/chat/completions', "
        "'/v1/responses', '/v1/embeddings'.",
        endpoint);
  if (!g_str_equal (text_of (member (x->root, "completion_window")), "24h"))
    return refuse_param (x, "invalid_value", "completion_window",
                         "Invalid value. Supported values are: '24h'.");
  return TRUE;
}

void
openai_create_batch (Exchange *x, Reply *reply)
{
  StoredFile *file = NULL;
  Batch *batch = NULL;
  JsonNode *metadata = NULL;

  if (!check_create (x))
    {
      exchange_write_problem (x, reply);
      return;
    }
  file = find_file (x, text_of (member (x->root, "input_file_id")), reply);
  if (file == NULL)
    return;
  batch = batch_new ("batch_");
  x->fault = batch->fault;
  batch->name = g_strdup (text_of (member (x->root, "endpoint")));
  batch->input = g_strdup (file->id);
  metadata = member (x->root, "metadata");
  batch->metadata = metadata != NULL ? to_text (metadata) : NULL;
  read_lines (batch, file);
  if (batch_is_fault (batch, "batch-failed"))
    fail_batch (batch, 2, "invalid_json_line", "This line is not parseable as valid JSON.");
  if (batch_is_fault (batch, "batch-limit"))
    fail_batch (
        batch, 0, "token_limit_exceeded",
        "Enqueued token limit reached for %s in organization org-test. Limit: 90,000 "
        "enqueued tokens. Please try again once some in_progress batches have been "
        "completed.",
        settings.model);
  reply_json (reply, 200, describe (batch));
}

typedef struct
{
  GString *output, *errors;
} Files;

static void
write_result (Batch *batch, const BatchItem *item, Fate fate, const Reply *reply,
              gpointer data)
{
  static const char *const whys[] = {
    [FATE_EXPIRED] = "{\"code\":\"batch_expired\",\"message\":\"This request could not be "
                     "executed before the completion window expired.\"}",
    [FATE_CANCELLED] = "{\"code\":\"batch_cancelled\",\"message\":\"This request was not "
                       "executed because the batch was cancelled.\"}",
  };
  Files *files = data;
  g_autofree char *id = quote (item->id);
  GString *out = fate == FATE_ANSWERED ? files->output : files->errors;

  g_string_append_printf (
      out, "{\"id\":\"batch_req_%s\",\"custom_id\":%s,\"response\":", item->id, id);
  if (fate == FATE_EXPIRED || fate == FATE_CANCELLED)
    g_string_append_printf (out, "null,\"error\":%s}\n", whys[fate]);
  else
    g_string_append_printf (out,
                            "{\"status_code\":%u,\"request_id\":\"req_test\",\"body\":%s},"
                            "\"error\":null}\n",
                            reply->status, reply->body);
}

static char *
save (GString *text, const char *name)
{
  StoredFile *file = NULL;

  if (text->len == 0)
    return NULL;
  file = store_add ("file-");
  file->name = g_strdup (name);
  file->purpose = g_strdup ("batch_output");
  file->whole = TRUE;
  g_byte_array_append (file->bytes, (guint8 *) text->str, (guint) text->len);
  return g_strdup (file->id);
}

static void
finish (Batch *batch)
{
  g_autoptr (GString) output = g_string_new (NULL), errors = g_string_new (NULL);
  Files files = { output, errors };
  const Protocol *call = g_str_has_suffix (batch->name, "/responses") ? &responses_protocol
                                                                      : &openai_protocol;

  batch->done = TRUE;
  if (batch->problem != NULL)
    return;
  batch_finish (batch, call, batch->name, write_result, &files);
  batch_spoil (batch, output);
  batch->output = save (output, "output.jsonl");
  batch->errors = save (errors, "errors.jsonl");
}

static Batch *
find_batch (Exchange *x, const char *id, Reply *reply)
{
  Batch *batch = batch_find (id);

  if (batch != NULL)
    return batch;
  refuse_as (x, &(Problem){ .kind = PROBLEM_MISSING }, "No batch found with id '%s'.", id);
  exchange_write_problem (x, reply);
  return NULL;
}

/* a poll; what fails at validation fails at the first */
void
openai_get_batch (Exchange *x, Reply *reply)
{
  g_autofree char *id = path_step (x, 0);
  Batch *batch = find_batch (x, id, reply);

  if (batch == NULL)
    return;
  if (batch->polls > 0)
    batch->polls--;
  if (!batch->done && (batch->polls == 0 || batch->problem != NULL || batch->cancelling))
    finish (batch);
  reply_json (reply, 200, describe (batch));
}

/* POST /batches/ID/cancel */
void
openai_cancel_batch (Exchange *x, Reply *reply)
{
  g_autofree char *id = path_step (x, 1);
  Batch *batch = find_batch (x, id, reply);

  if (batch == NULL)
    return;
  if (batch->done)
    {
      refuse_as (x, &(Problem){ .kind = PROBLEM_INVALID, .status = 409 },
                 "Cannot cancel a batch with status '%s'.", get_status (batch));
      exchange_write_problem (x, reply);
      return;
    }
  batch->cancelling = TRUE;
  reply_json (reply, 200, describe (batch));
}

void
openai_list_batches (Exchange *x, Reply *reply)
{
  g_autofree char *list = batch_list (describe);

  reply_json (
      reply, 200,
      g_strdup_printf ("{\"object\":\"list\",\"data\":[%s],\"has_more\":false}", list));
}
