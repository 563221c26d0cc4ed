/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* batches: a file of calls by the Files API, and a file of results. Calls could stand in
 * the order itself up to 20 MB, but a file takes more, is found again by its name, and
 * leaves one way instead of two */
#include "mer-gemini-bulk.h"

#include <string.h>

#define MAX_PAGES 10

static char *
begin_call (const char *uri, const char *path, const char *key)
{
  return g_strdup_printf ("{\"key\":\"%s\",\"request\":", key);
}

/* the id of the entry whose @title is the shard's token, in any of @members */
static char *
find_in_list (MerBulkStep *step, const char *list, const char *member,
              const char *(*get_title) (JsonNode *entry), GError **error)
{
  g_autofree char *page = NULL;

  for (guint i = 0; i < MAX_PAGES; i++)
    {
      g_autofree char *address
          = g_strdup_printf ("%s?pageSize=100%s%s", list, page != NULL ? "&pageToken=" : "",
                             page != NULL ? page : "");
      g_autoptr (JsonNode) root = mer_bulk_step_send (
          step, &(MerTransferRequest){ .method = "GET", .address = address }, error);
      JsonNode *data = mer_json_node_member (root, member);
      JsonArray *entries = data != NULL && JSON_NODE_HOLDS_ARRAY (data)
                               ? json_node_get_array (data)
                               : NULL;
      const char *next = mer_json_node_string (root, "nextPageToken");

      step->verdict = MER_BULK_FINE;
      for (guint k = 0; entries != NULL && k < json_array_get_length (entries); k++)
        {
          JsonNode *entry = json_array_get_element (entries, k);

          if (g_strcmp0 (get_title (entry), step->shard->token) == 0)
            return g_strdup (mer_json_node_string (entry, "name"));
        }
      if (next == NULL || *next == '\0')
        return NULL;
      g_free (page);
      page = g_uri_escape_string (next, NULL, FALSE);
    }
  return NULL;
}

static const char *
get_file_title (JsonNode *entry)
{
  return mer_json_node_string (entry, "displayName");
}

static const char *
get_batch_title (JsonNode *entry)
{
  return mer_json_node_string (mer_json_node_member (entry, "metadata"), "displayName");
}

/* names stand in addresses, and say of what kind they are */
static gboolean
take_name (char **place, const char *name, const char *prefix, GError **error)
{
  return mer_bulk_step_take_id (
      place, name != NULL && g_str_has_prefix (name, prefix) ? name : NULL, error);
}

static gboolean
find_file (MerBulkStep *step, GError **error)
{
  GError *problem = NULL;
  char *name = find_in_list (step, "files", "files", get_file_title, &problem);

  return mer_bulk_step_take_found (&step->shard->remote_file, name, problem, error);
}

static gboolean
find_batch (MerBulkStep *step, GError **error)
{
  GError *problem = NULL;
  char *name = find_in_list (step, "batches", "operations", get_batch_title, &problem);

  return mer_bulk_step_take_found (&step->shard->remote_batch, name, problem, error);
}

/* where the bytes go; %NULL without error where the server refused */
static char *
start_upload (MerBulkStep *step, GError **error)
{
  g_autofree char *base = mer_transfer_dup_base_path (step->transfer);
  g_autofree char *address = g_strconcat ("/upload", base, "/files", NULL);
  g_autofree char *length = g_strdup_printf ("%" G_GINT64_FORMAT, step->shard->bytes);
  g_autofree char *body
      = g_strdup_printf ("{\"file\":{\"display_name\":\"%s\"}}", step->shard->token);
  const char *const headers[] = { "X-Goog-Upload-Protocol",
                                  "resumable",
                                  "X-Goog-Upload-Command",
                                  "start",
                                  "X-Goog-Upload-Header-Content-Length",
                                  length,
                                  "X-Goog-Upload-Header-Content-Type",
                                  "application/jsonl",
                                  NULL };
  const MerTransferRequest request = { .method = "POST",
                                       .address = address,
                                       .type = "application/json",
                                       .head = body,
                                       .headers = headers };

  return mer_bulk_step_send_for_header (step, &request, "x-goog-upload-url", error);
}

static gboolean
upload (MerBulkStep *step, GError **error)
{
  static const char *const headers[]
      = { "X-Goog-Upload-Offset", "0", "X-Goog-Upload-Command", "upload, finalize", NULL };
  g_autoptr (GError) local = NULL;
  g_autofree char *address = start_upload (step, &local);
  const MerTransferRequest request = { .method = "POST",
                                       .address = address,
                                       .type = "application/jsonl",
                                       .file = step->file,
                                       .headers = headers,
                                       .once = TRUE };
  g_autoptr (JsonNode) root
      = address != NULL ? mer_bulk_step_send (step, &request, &local) : NULL;
  JsonNode *file = mer_json_node_member (root, "file");

  if (root != NULL
      && take_name (&step->shard->remote_file, mer_json_node_string (file, "name"),
                    "files/", &local))
    return TRUE;
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static char *
dup_order (const MerBulkShard *shard)
{
  return g_strdup_printf ("{\"batch\":{\"display_name\":\"%s\",\"input_config\":"
                          "{\"file_name\":\"%s\"}}}",
                          shard->token, shard->remote_file);
}

static gboolean
create (MerBulkStep *step, GError **error)
{
  const char *path = step->shard->path;
  const char *colon = strchr (path, ':');
  g_autofree char *address = g_strdup_printf (
      "%.*s:batchGenerateContent",
      (int) (colon != NULL ? (gsize) (colon - path) : strlen (path)), path);
  g_autofree char *body = dup_order (step->shard);
  const MerTransferRequest request = { .method = "POST",
                                       .address = address,
                                       .type = "application/json",
                                       .head = body,
                                       .once = TRUE };

  return mer_bulk_step_order (step, &request, "name", &step->shard->remote_batch, error);
}

static gint64
count (JsonNode *metadata, const char *member)
{
  return MAX (0,
              mer_json_node_count (mer_json_node_member (metadata, "batchStats"), member));
}

/* BATCH_STATE_SUCCEEDED, or JOB_STATE_SUCCEEDED */
static void
take_state (MerBulkStep *step, JsonNode *root, JsonNode *metadata)
{
  const char *state = mer_json_node_string (metadata, "state");
  JsonNode *error = mer_json_node_member (root, "error");

  if (state == NULL)
    return;
  if (g_str_has_suffix (state, "_FAILED"))
    mer_bulk_step_refuse (step, 0, mer_json_node_string (error, "message"),
                          mer_json_node_string (error, "status"), NULL);
  step->cancelled = g_str_has_suffix (state, "_CANCELLED");
  step->ended = step->cancelled || g_str_has_suffix (state, "_SUCCEEDED")
                || g_str_has_suffix (state, "_EXPIRED");
}

static gboolean
poll (MerBulkStep *step, GError **error)
{
  MerBulkShard *shard = step->shard;
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) root = mer_bulk_step_send (
      step, &(MerTransferRequest){ .method = "GET", .address = shard->remote_batch },
      &local);
  JsonNode *metadata = mer_json_node_member (root, "metadata");
  const char *file
      = mer_json_node_string (mer_json_node_member (root, "response"), "responsesFile");

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (root == NULL)
    return TRUE;
  if (file == NULL)
    file
        = mer_json_node_string (mer_json_node_member (metadata, "output"), "responsesFile");
  if (file != NULL && !take_name (&shard->remote_output, file, "files/", error))
    return FALSE;
  shard->n_answered = count (metadata, "successfulRequestCount");
  shard->n_failed = count (metadata, "failedRequestCount");
  take_state (step, root, metadata);
  return TRUE;
}

static gboolean
fetch (MerBulkStep *step, guint part, const char *path, gboolean *there, GError **error)
{
  g_autofree char *base = mer_transfer_dup_base_path (step->transfer);
  g_autofree char *address = NULL;

  *there = FALSE;
  if (part > 0 || step->shard->remote_output == NULL)
    return TRUE;
  address = g_strdup_printf ("/download%s/%s:download?alt=media", base,
                             step->shard->remote_output);
  if (!mer_bulk_step_do (step,
                         &(MerTransferRequest){ .method = "GET",
                                                .address = address,
                                                .to = path,
                                                .max_reply = MER_BULK_MAX_RESULTS },
                         error))
    return FALSE;
  *there = step->verdict == MER_BULK_FINE;
  return TRUE;
}

/* errors have HTTP's codes, or those of gRPC */
static guint
status_of (JsonNode *error)
{
  static const guint statuses[] = { 200, 499, 500, 400, 504, 404, 409, 403, 429,
                                    400, 409, 400, 501, 500, 503, 500, 401 };
  gint64 code = mer_json_node_count (error, "code");

  if (code > 0 && code < (gint64) G_N_ELEMENTS (statuses))
    return statuses[code];
  return code >= 400 && code < 600 ? (guint) code : 500;
}

static MerBulkLine
read_line (JsonNode *line, MerBulkReply *reply)
{
  const char *key = mer_json_node_string (line, "key");
  JsonNode *response = mer_json_node_member (line, "response");
  JsonNode *error = mer_json_node_member (line, "error");

  if (key == NULL)
    key = mer_json_node_string (mer_json_node_member (line, "metadata"), "key");
  if (key == NULL || (response == NULL && error == NULL))
    return MER_BULK_LINE_BAD;
  reply->key = g_strdup (key);
  if (response == NULL)
    {
      mer_bulk_reply_take_error (reply, status_of (error), error);
      return MER_BULK_LINE_REPLY;
    }

  g_autofree char *text = mer_json_line (response);
  reply->status = 200;
  reply->body = g_bytes_new (text, strlen (text));
  return MER_BULK_LINE_REPLY;
}

static gboolean
cancel (MerBulkStep *step, GError **error)
{
  g_autofree char *address = g_strconcat (step->shard->remote_batch, ":cancel", NULL);
  const MerTransferRequest request
      = { .method = "POST", .address = address, .type = "application/json", .head = "{}" };

  return mer_bulk_step_do (step, &request, error);
}

/* clips of people are not left at a server longer than they are needed; results can only be
 * left to their expiry where the server does not let them be removed */
static void
clean_up (MerBulkStep *step)
{
  const char *const names[] = { step->shard->remote_file, step->shard->remote_output };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i] != NULL)
      mer_bulk_step_do (
          step, &(MerTransferRequest){ .method = "DELETE", .address = names[i] }, NULL);
}

const MerBulkApi *
mer_gemini_get_bulk_api (void)
{
  static const MerBulkApi api = {
    .max_bytes = G_GUINT64_CONSTANT (1900) * 1000 * 1000,
    .max_calls = 50000,
    .head = "",
    .separator = "",
    .tail = "",
    .begin_call = begin_call,
    .end_call = "}\n",
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
