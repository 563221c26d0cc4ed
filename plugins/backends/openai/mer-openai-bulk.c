/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* batches: a file of calls, an id, and a day later two files of replies. OpenAI, DashScope,
 * Moonshot, Together and Azure do it in the same words */
#include "mer-openai-bulk.h"

#include <string.h>

/* what a batch is found by, in its metadata */
#define TOKEN_MEMBER "gst-mer"
/* pages of a list that are looked through, a hundred entries each */
#define MAX_PAGES 10

/* `/v1/chat/completions`: addresses end in the version at most servers, and where they do
 * not, batches want it all the same */
static char *
dup_endpoint (const char *uri, const char *path)
{
  const char *slash = strrchr (uri, '/');
  gboolean has_version = slash != NULL && slash[1] == 'v' && g_ascii_isdigit (slash[2])
                         && strspn (slash + 2, "0123456789") == strlen (slash + 2);

  return g_strconcat (has_version ? slash : "/v1", "/", path, NULL);
}

static char *
begin_call (const char *uri, const char *path, const char *key)
{
  g_autofree char *endpoint = dup_endpoint (uri, path);

  return g_strdup_printf (
      "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"%s\",\"body\":", key, endpoint);
}

/* batches have nobody to stream to */
static gboolean
adapt (JsonNode *body)
{
  JsonObject *object = json_node_get_object (body);

  if (!json_object_has_member (object, "stream"))
    return FALSE;
  json_object_remove_member (object, "stream");
  json_object_remove_member (object, "stream_options");
  return TRUE;
}

typedef gboolean (*IsOurs) (JsonNode *entry, const MerBulkShard *shard);

/* the id of the entry of a list that is ours; %NULL without error where none is, or where
 * the server has no such list */
static char *
find_in_list (MerBulkStep *step, const char *list, IsOurs is_ours, GError **error)
{
  g_autofree char *after = NULL;

  for (guint page = 0; page < MAX_PAGES; page++)
    {
      g_autofree char *address
          = g_strdup_printf ("%s%climit=100%s%s", list, strchr (list, '?') ? '&' : '?',
                             after != NULL ? "&after=" : "", after != NULL ? after : "");
      g_autoptr (JsonNode) root = mer_bulk_step_send (
          step, &(MerTransferRequest){ .method = "GET", .address = address }, error);
      JsonNode *data = mer_json_node_member (root, "data");
      JsonArray *entries = data != NULL && JSON_NODE_HOLDS_ARRAY (data)
                               ? json_node_get_array (data)
                               : NULL;
      const char *last = NULL;

      step->verdict = MER_BULK_FINE;
      for (guint i = 0; entries != NULL && i < json_array_get_length (entries); i++)
        {
          JsonNode *entry = json_array_get_element (entries, i);

          last = mer_json_node_string (entry, "id");
          if (last != NULL && is_ours (entry, step->shard))
            return g_strdup (last);
        }
      if (last == NULL || !mer_json_node_boolean (root, "has_more", FALSE))
        return NULL;
      g_free (after);
      after = g_uri_escape_string (last, NULL, FALSE);
    }
  return NULL;
}

static char *
dup_file_name (const MerBulkShard *shard)
{
  return g_strconcat (shard->token, ".jsonl", NULL);
}

static gboolean
is_our_file (JsonNode *entry, const MerBulkShard *shard)
{
  g_autofree char *name = dup_file_name (shard);
  double bytes = mer_json_node_number (entry, "bytes", -1);

  return g_strcmp0 (mer_json_node_string (entry, "filename"), name) == 0
         && (bytes < 0 || (gint64) bytes == shard->bytes);
}

static gboolean
is_our_batch (JsonNode *entry, const MerBulkShard *shard)
{
  JsonNode *metadata = mer_json_node_member (entry, "metadata");

  return g_strcmp0 (mer_json_node_string (metadata, TOKEN_MEMBER), shard->token) == 0
         || (shard->remote_file != NULL
             && g_strcmp0 (mer_json_node_string (entry, "input_file_id"),
                           shard->remote_file)
                    == 0);
}

static gboolean
find_file (MerBulkStep *step, GError **error)
{
  GError *problem = NULL;
  char *id = find_in_list (step, "files?purpose=batch", is_our_file, &problem);

  return mer_bulk_step_take_found (&step->shard->remote_file, id, problem, error);
}

static gboolean
find_batch (MerBulkStep *step, GError **error)
{
  GError *problem = NULL;
  char *id = find_in_list (step, "batches", is_our_batch, &problem);

  return mer_bulk_step_take_found (&step->shard->remote_batch, id, problem, error);
}

/* the token is random: no call can hold it by chance */
static gboolean
upload (MerBulkStep *step, GError **error)
{
  const char *boundary = step->shard->token;
  g_autofree char *type = g_strconcat ("multipart/form-data; boundary=", boundary, NULL);
  g_autofree char *head = g_strdup_printf (
      "--%s\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
      "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s.jsonl\"\r\n"
      "Content-Type: application/jsonl\r\n\r\n",
      boundary, boundary, step->shard->token);
  g_autofree char *tail = g_strdup_printf ("\r\n--%s--\r\n", boundary);
  const MerTransferRequest request = { .method = "POST",
                                       .address = "files",
                                       .type = type,
                                       .head = head,
                                       .file = step->file,
                                       .tail = tail };

  return mer_bulk_step_order (step, &request, "id", &step->shard->remote_file, error);
}

static char *
dup_order (const MerBulkShard *shard)
{
  g_autofree char *endpoint = dup_endpoint (shard->uri, shard->path);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonObject *metadata = json_object_new ();

  json_object_set_string_member (object, "input_file_id", shard->remote_file);
  json_object_set_string_member (object, "endpoint", endpoint);
  json_object_set_string_member (object, "completion_window", "24h");
  json_object_set_string_member (metadata, TOKEN_MEMBER, shard->token);
  json_object_set_object_member (object, "metadata", metadata);
  json_node_take_object (node, object);
  return mer_json_line (node);
}

static gboolean
create (MerBulkStep *step, GError **error)
{
  g_autofree char *body = dup_order (step->shard);
  const MerTransferRequest request = { .method = "POST",
                                       .address = "batches",
                                       .type = "application/json",
                                       .head = body,
                                       .once = TRUE };

  return mer_bulk_step_order (step, &request, "id", &step->shard->remote_batch, error);
}

static void
take_refusals (MerBulkStep *step, JsonNode *root)
{
  JsonNode *data = mer_json_node_path (root, "errors", "data", NULL);
  JsonArray *errors
      = data != NULL && JSON_NODE_HOLDS_ARRAY (data) ? json_node_get_array (data) : NULL;
  gboolean later = FALSE;

  for (guint i = 0; errors != NULL && i < json_array_get_length (errors); i++)
    {
      JsonNode *entry = json_array_get_element (errors, i);
      const char *code = mer_json_node_string (entry, "code");
      double line = mer_json_node_number (entry, "line", 0);

      later = later || g_strcmp0 (code, "token_limit_exceeded") == 0;
      mer_bulk_step_refuse (step, line >= 1 && line < 1e9 ? (guint64) line : 0,
                            mer_json_node_string (entry, "message"), code,
                            mer_json_node_string (entry, "param"));
    }
  if (step->refusals->len == 0)
    mer_bulk_step_refuse (step, 0, NULL, NULL, NULL);
  if (later)
    step->verdict = MER_BULK_LATER;
}

static gint64
count (JsonNode *root, const char *member)
{
  double number
      = mer_json_node_number (mer_json_node_member (root, "request_counts"), member, 0);

  return (gint64) CLAMP (number, 0, 1e9);
}

static gboolean
poll (MerBulkStep *step, GError **error)
{
  MerBulkShard *shard = step->shard;
  g_autofree char *address = g_strconcat ("batches/", shard->remote_batch, NULL);
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) root = mer_bulk_step_send (
      step, &(MerTransferRequest){ .method = "GET", .address = address }, &local);
  const char *status = mer_json_node_string (root, "status");
  const char *output = mer_json_node_string (root, "output_file_id");
  const char *errors = mer_json_node_string (root, "error_file_id");
  double expires = mer_json_node_number (root, "expires_at", 0);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (root == NULL)
    return TRUE;
  if ((output != NULL && *output != '\0'
       && !mer_bulk_step_take_id (&shard->remote_output, output, error))
      || (errors != NULL && *errors != '\0'
          && !mer_bulk_step_take_id (&shard->remote_errors, errors, error)))
    return FALSE;
  shard->n_answered = count (root, "completed");
  shard->n_failed = count (root, "failed");
  if (expires > 0 && expires < 1e11)
    shard->expires = (gint64) expires * G_USEC_PER_SEC;
  step->cancelled = g_strcmp0 (status, "cancelled") == 0;
  step->ended = step->cancelled || g_strcmp0 (status, "completed") == 0
                || g_strcmp0 (status, "expired") == 0;
  if (g_strcmp0 (status, "failed") == 0)
    take_refusals (step, root);
  return TRUE;
}

static gboolean
fetch (MerBulkStep *step, guint part, const char *path, gboolean *there, GError **error)
{
  const char *id = part == 0 ? step->shard->remote_output : step->shard->remote_errors;
  g_autoptr (GError) local = NULL;

  *there = FALSE;
  if (id == NULL)
    return TRUE;

  g_autofree char *address = g_strdup_printf ("files/%s/content", id);
  const MerTransferRequest request = {
    .method = "GET", .address = address, .to = path, .max_reply = MER_BULK_MAX_RESULTS
  };
  g_autoptr (JsonNode) root = mer_bulk_step_send (step, &request, &local);
  *there = root != NULL;
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static MerBulkLine
read_line (JsonNode *line, MerBulkReply *reply)
{
  const char *key = mer_json_node_string (line, "custom_id");
  JsonNode *response = mer_json_node_member (line, "response");
  JsonNode *error = mer_json_node_member (line, "error");
  JsonNode *body = mer_json_node_member (response, "body");
  const char *code = mer_json_node_string (error, "code");
  double status = mer_json_node_number (response, "status_code", 0);

  if (key == NULL)
    return MER_BULK_LINE_BAD;
  reply->key = g_strdup (key);
  if (body != NULL && status >= 100 && status < 1000)
    {
      g_autofree char *text = mer_json_line (body);

      reply->status = (guint) status;
      reply->body = g_bytes_new (text, strlen (text));
      return MER_BULK_LINE_REPLY;
    }
  if (error == NULL)
    return MER_BULK_LINE_BAD;
  if (g_strcmp0 (code, "batch_expired") == 0 || g_strcmp0 (code, "batch_cancelled") == 0)
    return MER_BULK_LINE_UNANSWERED;
  mer_bulk_reply_take_error (reply, 500, error);
  return MER_BULK_LINE_REPLY;
}

static gboolean
cancel (MerBulkStep *step, GError **error)
{
  g_autofree char *address
      = g_strdup_printf ("batches/%s/cancel", step->shard->remote_batch);
  const MerTransferRequest request
      = { .method = "POST", .address = address, .type = "application/json", .head = "{}" };

  return mer_bulk_step_do (step, &request, error);
}

static void
remove_file (MerBulkStep *step, const char *id)
{
  g_autofree char *address = g_strdup_printf ("files/%s", id);
  g_autoptr (JsonNode) root = mer_bulk_step_send (
      step, &(MerTransferRequest){ .method = "DELETE", .address = address }, NULL);
}

/* clips of people are not left at a server longer than they are needed */
static void
clean_up (MerBulkStep *step)
{
  const char *const ids[] = { step->shard->remote_file, step->shard->remote_output,
                              step->shard->remote_errors };

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    if (ids[i] != NULL)
      remove_file (step, ids[i]);
}

const MerBulkApi *
mer_openai_get_bulk_api (void)
{
  static const MerBulkApi api = {
    .max_bytes = 200u * 1000 * 1000,
    .max_calls = 50000,
    .head = "",
    .separator = "",
    .tail = "",
    .begin_call = begin_call,
    .end_call = "}\n",
    .adapt = adapt,
    .find_file = find_file,
    .upload = upload,
    .find = find_batch,
    .create = create,
    .poll = poll,
    .fetch = fetch,
    .read_line = read_line,
    .cancel = cancel,
    .clean_up = clean_up,
  };

  return &api;
}
