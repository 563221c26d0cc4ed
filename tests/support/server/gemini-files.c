/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* the Files API: an upload in steps, and a file that can be used only some polls later */
#include "gemini.h"
#include "store.h"

static const char *
get_state (const StoredFile *file)
{
  if (file->polls > 0)
    return "PROCESSING";
  return file->failed ? "FAILED" : "ACTIVE";
}

static char *
describe (const StoredFile *file)
{
  g_autofree char *name = quote (file->name);

  return g_strdup_printf (
      "{\"name\":\"files/%s\",\"displayName\":%s,\"mimeType\":\"%s\",\"sizeBytes\":\"%u\","
      "\"createTime\":\"2026-01-01T00:00:00.000000Z\",\"updateTime\":"
      "\"2026-01-01T00:00:00.000000Z\",\"expirationTime\":\"2099-01-01T00:00:00.000000Z\","
      "\"sha256Hash\":\"\",\"uri\":\"%s/v1beta/files/%s\",\"state\":\"%s\","
      "\"source\":\"UPLOADED\"%s}",
      file->id, name, file->type, file->bytes->len, settings.origin, file->id,
      get_state (file),
      g_str_equal (get_state (file), "FAILED")
          ? ",\"error\":{\"code\":3,\"message\":\"The file failed to be processed.\"}"
          : "");
}

static void
start_upload (Exchange *x, Reply *reply)
{
  const char *length = http_get_header (x->request, "x-goog-upload-header-content-length");
  const char *type = http_get_header (x->request, "x-goog-upload-header-content-type");
  const char *origin = g_strcmp0 (orders_take ("place"), "place-elsewhere") == 0
                           ? settings.location
                           : settings.origin;
  StoredFile *file = NULL;

  if (length == NULL || type == NULL)
    {
      refuse (x, "Missing X-Goog-Upload-Header-Content-%s header.",
              length == NULL ? "Length" : "Type");
      exchange_write_problem (x, reply);
      return;
    }
  file = store_add ("f");
  file->type = g_strdup (type);
  file->wanted = g_ascii_strtoull (length, NULL, 10);
  if (exchange_parse (x, NULL))
    file->name = g_strdup (
        text_of (either (member (x->root, "file"), "display_name", "displayName")));
  reply_json (reply, 200, g_strdup (""));
  reply->headers = g_strdup_printf (
      "X-Goog-Upload-Status: active\r\n"
      "X-Goog-Upload-URL: "
      "%s/upload/v1beta/files?upload_id=%s&upload_protocol=resumable\r\n",
      origin, file->id);
}

static gboolean
take_chunk (Exchange *x, StoredFile *file, const char *command)
{
  const char *offset = http_get_header (x->request, "x-goog-upload-offset");

  if (file == NULL || file->whole)
    return refuse (x, "Upload has already been terminated.");
  if (strstr (command, "upload") == NULL)
    return refuse (x, "Unknown command in X-Goog-Upload-Command header: %s", command);
  if (offset == NULL || g_ascii_strtoull (offset, NULL, 10) != file->bytes->len)
    return refuse (x, "X-Goog-Upload-Offset does not match: %u bytes were received.",
                   file->bytes->len);
  g_byte_array_append (file->bytes, x->request->body->data, x->request->body->len);
  if (strstr (command, "finalize") != NULL && file->bytes->len != file->wanted)
    return refuse (x, "%u bytes were received, %" G_GUINT64_FORMAT " announced.",
                   file->bytes->len, file->wanted);
  return TRUE;
}

static void
finish_upload (Exchange *x, StoredFile *file, Reply *reply)
{
  g_autofree char *described = NULL;
  const char *fault = orders_take ("file");
  gboolean is_video = g_str_has_prefix (file->type, "video/");

  x->fault = fault;
  file->whole = TRUE;
  file->failed = g_strcmp0 (fault, "file-failed") == 0;
  file->fleeting = g_strcmp0 (fault, "file-gone") == 0;
  file->polls = is_video || fault != NULL ? settings.file_polls : 0;
  if (g_strcmp0 (fault, "file-slow") == 0)
    file->polls *= 10;
  described = describe (file);
  reply_json (reply, 200, g_strdup_printf ("{\"file\":%s}", described));
  reply->headers = g_strdup ("X-Goog-Upload-Status: final\r\n");
}

static void
continue_upload (Exchange *x, const char *id, const char *command, Reply *reply)
{
  StoredFile *file = store_find (id);

  if (!take_chunk (x, file, command))
    exchange_write_problem (x, reply);
  else if (strstr (command, "finalize") != NULL)
    finish_upload (x, file, reply);
  else
    {
      reply_json (reply, 200, g_strdup (""));
      reply->headers = g_strdup ("X-Goog-Upload-Status: active\r\n");
    }
}

void
gemini_upload (Exchange *x, Reply *reply)
{
  g_autofree char *id = http_dup_query (x->request, "upload_id");
  const char *command = http_get_header (x->request, "x-goog-upload-command");
  const char *protocol = http_get_header (x->request, "x-goog-upload-protocol");

  if (command == NULL)
    command = "";
  if (id != NULL)
    {
      continue_upload (x, id, command, reply);
      return;
    }
  if (g_strcmp0 (protocol, "resumable") == 0 && g_str_equal (command, "start"))
    {
      start_upload (x, reply);
      return;
    }
  refuse (x, "Invalid upload request: protocol “%s”, command “%s”",
          protocol != NULL ? protocol : "", command);
  exchange_write_problem (x, reply);
}

/* the same for what is not there and for what is somebody else's */
static gboolean
refuse_file (Exchange *x, const char *id)
{
  return refuse_as (x, &(Problem){ .kind = PROBLEM_MISSING },
                    "You do not have permission to access the File %s or it may not exist.",
                    id);
}

void
gemini_get_file (Exchange *x, Reply *reply)
{
  g_autofree char *id = path_step (x, 0);
  StoredFile *file = store_find (id);

  if (file == NULL || !file->whole)
    {
      refuse_file (x, id);
      exchange_write_problem (x, reply);
      return;
    }
  reply_json (reply, 200, describe (file));
  if (file->polls > 0)
    file->polls--;
}

void
gemini_delete_file (Exchange *x, Reply *reply)
{
  g_autofree char *id = path_step (x, 0);
  StoredFile *file = store_find (id);

  if (file == NULL)
    {
      refuse_file (x, id);
      exchange_write_problem (x, reply);
      return;
    }
  file->gone = TRUE;
  reply_json (reply, 200, g_strdup ("{}"));
}

/* GET /download/v1beta/files/ID:download?alt=media */
void
gemini_download_file (Exchange *x, Reply *reply)
{
  g_autofree char *id = path_step (x, 0);
  g_autofree char *alt = http_dup_query (x->request, "alt");
  StoredFile *file = store_find (id);

  if (file == NULL || g_strcmp0 (alt, "media") != 0)
    {
      refuse_file (x, id);
      exchange_write_problem (x, reply);
      return;
    }
  *reply = (Reply){ .status = 200,
                    .type = "application/octet-stream",
                    .body = g_memdup2 (file->bytes->data, file->bytes->len),
                    .length = file->bytes->len };
}

gboolean
gemini_check_file (Exchange *x, JsonNode *data)
{
  const char *uri = text_of (either (data, "fileUri", "file_uri"));
  const char *type = text_of (either (data, "mimeType", "mime_type"));
  const char *id = uri != NULL ? strrchr (uri, '/') : NULL;
  StoredFile *file = id != NULL ? store_find (id + 1) : NULL;

  if (uri == NULL || id == NULL || strstr (uri, "/files/") == NULL)
    return refuse_as (x, &(Problem){ .kind = PROBLEM_INVALID },
                      "Invalid or unsupported file uri: %s", uri != NULL ? uri : "");
  if (file == NULL || !file->whole)
    return refuse_file (x, id + 1);
  if (!g_str_equal (get_state (file), "ACTIVE"))
    return refuse_as (
        x, &(Problem){ .kind = PROBLEM_INVALID, .type = "FAILED_PRECONDITION" },
        "The File %s is not in an ACTIVE state and usage is not allowed.", file->id);
  file->gone = file->fleeting;
  return gemini_take_media (x, file->bytes, type != NULL ? type : file->type);
}
