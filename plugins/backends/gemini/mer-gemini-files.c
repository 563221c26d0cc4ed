/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Files API: a video that is too large for a request is uploaded once, waited for, and
 * shown by its address from then on, by all stages of the process that ask the same server
 * with the same key. Everything here runs in the I/O thread. */
#include "mer-gemini-files.h"

#include <string.h>

/* a file is kept for 48 hours; one that was seen this long ago is looked at again, seconds
 */
#define RECHECK 60
#define MAX_UPLOADS_OF_ONE 2
#define TICK 0.2

typedef struct
{
  char *sha256;
  char *type;
  char *name; /* files/abc; NULL until the upload ended */
  char *uri;
  gboolean active;
  gint64 seen_at; /* monotonic, when it was last known to be active */
  gint64 started_at;
  gint64 look_at;  /* when to look at it again; 0 while the server is asked something */
  GSource *ticker; /* while busy */
  gboolean busy;
  guint n_uploads;
  GQueue waiting; /* tasks; the first one's backend asks the server */
} File;

/* what one sample waits for */
typedef struct
{
  const MerGeminiFiles *files;
  JsonObject *part; /* of the request; changed when the file can be used */
  MerPayload *payload;
} Wait;

static GHashTable *registry; /* address, key and content → File */

static void start (File *file);

static void
wait_free (gpointer data)
{
  Wait *wait = data;

  json_object_unref (wait->part);
  mer_payload_unref (wait->payload);
  g_free (wait);
}

static GTask *
get_driver (File *file)
{
  return g_queue_peek_head (&file->waiting);
}

static Wait *
get_wait (File *file)
{
  return g_task_get_task_data (get_driver (file));
}

static MerBackend *
get_backend (File *file)
{
  return g_task_get_source_object (get_driver (file));
}

static void
forget (File *file)
{
  g_clear_pointer (&file->name, g_free);
  g_clear_pointer (&file->uri, g_free);
  file->active = FALSE;
}

/* the part shows the file by its address from here on */
static void
show (Wait *wait, File *file)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "fileUri", file->uri);
  json_object_set_string_member (data, "mimeType", file->type);
  json_object_remove_member (wait->part, "inlineData");
  json_object_set_object_member (wait->part, "fileData", data);
}

static void
stop_ticker (File *file)
{
  file->busy = FALSE;
  file->look_at = 0;
  if (file->ticker == NULL)
    return;
  g_source_destroy (file->ticker);
  g_clear_pointer (&file->ticker, g_source_unref);
}

static void
end_well (File *file)
{
  GTask *task;

  stop_ticker (file);
  while ((task = g_queue_pop_head (&file->waiting)) != NULL)
    {
      show (g_task_get_task_data (task), file);
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
    }
}

/* a stop is one stage's business: the next one goes on with the upload */
static void
end_badly (File *file, GError *error)
{
  gboolean stopped = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  GTask *task = g_queue_pop_head (&file->waiting);

  g_task_return_error (task, g_error_copy (error));
  g_object_unref (task);
  while (!stopped && (task = g_queue_pop_head (&file->waiting)) != NULL)
    {
      g_task_return_error (task, g_error_copy (error));
      g_object_unref (task);
    }
  g_error_free (error);
  if (!stopped || file->name == NULL)
    forget (file);
  stop_ticker (file);
  if (!g_queue_is_empty (&file->waiting))
    start (file);
}

static void
run (File *file, const MerErrand *errand, GAsyncReadyCallback callback)
{
  mer_errand_run_async (get_backend (file), errand,
                        g_task_get_cancellable (get_driver (file)), callback, file);
}

/* a name becomes part of an address */
static gboolean
is_name (const char *name)
{
  if (name == NULL || !g_str_has_prefix (name, "files/") || strlen (name) > 100)
    return FALSE;
  name += strlen ("files/");
  return *name != '\0'
         && name[strspn (name, "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")]
                == '\0';
}

static void
take_state (File *file, JsonNode *node)
{
  const char *state = mer_json_node_string (node, "state");
  const char *message
      = mer_json_node_string (mer_json_node_member (node, "error"), "message");
  double waited = (double) (g_get_monotonic_time () - file->started_at) / G_USEC_PER_SEC;

  if (g_strcmp0 (state, "ACTIVE") == 0)
    {
      file->active = TRUE;
      file->seen_at = g_get_monotonic_time ();
      end_well (file);
    }
  else if (g_strcmp0 (state, "FAILED") == 0)
    {
      g_autofree char *clean = mer_payload_clean_text (message != NULL ? message : "");

      forget (file);
      end_badly (file, g_error_new (MER_ERROR, MER_ERROR_API,
                                    "the server cannot process the video: %.200s", clean));
    }
  else if (waited > get_wait (file)->files->patience)
    end_badly (file,
               g_error_new (MER_ERROR, MER_ERROR_API,
                            "the server still processes the video after %.0f s; raise "
                            "file-patience",
                            waited));
  else
    file->look_at = g_get_monotonic_time ()
                    + (gint64) (get_wait (file)->files->interval * G_USEC_PER_SEC);
}

static void
on_looked (GObject *object, GAsyncResult *result, gpointer data)
{
  File *file = data;
  GError *error = NULL;
  g_autoptr (MerReply) reply = mer_errand_run_finish (MER_BACKEND (object), result, &error);
  g_autoptr (JsonNode) node = reply != NULL ? mer_reply_parse_json (reply, &error) : NULL;

  if (node != NULL)
    {
      take_state (file, node);
      return;
    }
  /* it is gone, or somebody else's: once more from the start */
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && file->n_uploads < MAX_UPLOADS_OF_ONE)
    {
      g_error_free (error);
      forget (file);
      start (file);
      return;
    }
  end_badly (file, error);
}

/* those who wait for what another one asked for may be stopped as well */
static void
drop_stopped (File *file)
{
  GList *next = NULL;

  for (GList *at = file->waiting.head->next; at != NULL; at = next)
    {
      GTask *task = at->data;

      next = at->next;
      if (!g_task_return_error_if_cancelled (task))
        continue;
      g_object_unref (task);
      g_queue_delete_link (&file->waiting, at);
    }
}

static gboolean
on_tick (gpointer data)
{
  File *file = data;
  GError *error = NULL;

  drop_stopped (file);
  if (file->look_at == 0)
    return G_SOURCE_CONTINUE;
  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (get_driver (file)),
                                            &error))
    {
      end_badly (file, error);
      return G_SOURCE_CONTINUE;
    }
  if (g_get_monotonic_time () < file->look_at)
    return G_SOURCE_CONTINUE;
  file->look_at = 0;
  run (file, &(MerErrand){ .path = file->name }, on_looked);
  return G_SOURCE_CONTINUE;
}

static void
start_ticker (File *file)
{
  double interval = MIN (get_wait (file)->files->interval, TICK);

  file->busy = TRUE;
  if (file->ticker != NULL)
    return;
  file->ticker = g_timeout_source_new ((guint) (interval * 1000) + 1);
  g_source_set_callback (file->ticker, on_tick, file, NULL);
  g_source_attach (file->ticker, g_main_context_get_thread_default ());
}

static void
on_uploaded (GObject *object, GAsyncResult *result, gpointer data)
{
  File *file = data;
  GError *error = NULL;
  g_autoptr (MerReply) reply = mer_errand_run_finish (MER_BACKEND (object), result, &error);
  g_autoptr (JsonNode) node = reply != NULL ? mer_reply_parse_json (reply, &error) : NULL;
  JsonNode *described = mer_json_node_member (node, "file");
  const char *name = mer_json_node_string (described, "name");
  const char *uri = mer_json_node_string (described, "uri");

  /* what was sent in part cannot be sent again to the same place */
  if (node == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && file->n_uploads < MAX_UPLOADS_OF_ONE)
    {
      g_error_free (error);
      start (file);
      return;
    }
  if (node == NULL)
    end_badly (file, error);
  else if (!is_name (name) || uri == NULL || strlen (uri) > 1000)
    end_badly (file, g_error_new (MER_ERROR, MER_ERROR_API,
                                  "the upload's answer has no /file/name or /file/uri"));
  else
    {
      g_free (file->name);
      g_free (file->uri);
      file->name = g_strdup (name);
      file->uri = g_strdup (uri);
      file->started_at = g_get_monotonic_time ();
      take_state (file, described);
    }
}

static void
on_started (GObject *object, GAsyncResult *result, gpointer data)
{
  static const char *const headers[]
      = { "X-Goog-Upload-Offset", "0", "X-Goog-Upload-Command", "upload, finalize", NULL };
  File *file = data;
  GError *error = NULL;
  g_autoptr (MerReply) reply = mer_errand_run_finish (MER_BACKEND (object), result, &error);
  const char *place
      = reply != NULL ? mer_reply_get_header (reply, "x-goog-upload-url") : NULL;
  g_autoptr (MerPayload) bytes = NULL;

  if (reply == NULL
      || !mer_gemini_check_place (get_backend (file), get_wait (file)->files, place,
                                  &error))
    {
      end_badly (file, error);
      return;
    }
  bytes = mer_payload_dup_media (get_wait (file)->payload, file->sha256, file->type);
  if (bytes == NULL)
    {
      end_badly (file, g_error_new (MER_ERROR, MER_ERROR_NOT_FOUND,
                                    "the clip is no longer there to be uploaded"));
      return;
    }
  run (file, &(MerErrand){ .path = place, .payload = bytes, .headers = headers },
       on_uploaded);
}

static MerPayload *
build_description (File *file)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *name = g_strndup (file->sha256, 16);
  JsonObject *root = json_object_new ();
  JsonObject *described = json_object_new ();
  MerPayload *payload;

  /* the clip's own name is nobody's business */
  json_object_set_string_member (described, "display_name", name);
  json_object_set_object_member (root, "file", described);
  json_node_take_object (node, root);
  payload = mer_payload_new (node);
  mer_payload_fill (payload, NULL, NULL, NULL);
  return payload;
}

static void
start_upload (File *file)
{
  g_autoptr (MerPayload) bytes
      = mer_payload_dup_media (get_wait (file)->payload, file->sha256, file->type);
  gsize length = bytes != NULL ? mer_payload_get_length (bytes) : 0;
  g_autofree char *size = g_strdup_printf ("%" G_GSIZE_FORMAT, length);
  g_autofree char *address = mer_gemini_dup_upload_address (get_backend (file));
  g_autoptr (MerPayload) description = build_description (file);
  const char *const headers[] = { "X-Goog-Upload-Protocol",
                                  "resumable",
                                  "X-Goog-Upload-Command",
                                  "start",
                                  "X-Goog-Upload-Header-Content-Length",
                                  size,
                                  "X-Goog-Upload-Header-Content-Type",
                                  file->type,
                                  NULL };

  file->n_uploads++;
  run (file, &(MerErrand){ .path = address, .payload = description, .headers = headers },
       on_started);
}

/* for the first of those who wait */
static void
start (File *file)
{
  gint64 age = g_get_monotonic_time () - file->seen_at;

  if (file->active && age < RECHECK * G_USEC_PER_SEC)
    {
      end_well (file);
      return;
    }
  start_ticker (file);
  file->started_at = g_get_monotonic_time ();
  if (file->name != NULL)
    run (file, &(MerErrand){ .path = file->name }, on_looked);
  else
    start_upload (file);
}

static char *
dup_identity (MerBackend *backend)
{
  MerCall call = { 0 };
  g_autofree char *key = NULL;

  mer_backend_init_call (backend, &call);
  key = g_compute_checksum_for_string (G_CHECKSUM_SHA256, call.key != NULL ? call.key : "",
                                       -1);
  return g_strconcat (mer_caller_get_address (mer_backend_get_caller (backend)), " ", key,
                      " ", NULL);
}

static File *
get_file (MerBackend *backend, const char *sha256, const char *type)
{
  g_autofree char *identity = dup_identity (backend);
  char *key = g_strconcat (identity, sha256, " ", type, NULL);
  File *file;

  if (registry == NULL)
    registry = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  file = g_hash_table_lookup (registry, key);
  if (file != NULL)
    {
      g_free (key);
      return file;
    }
  file = g_new0 (File, 1);
  file->sha256 = g_strdup (sha256);
  file->type = g_strdup (type);
  g_queue_init (&file->waiting);
  g_hash_table_insert (registry, key, file);
  return file;
}

/* the part of a request that holds a whole video, and the video's hash */
static JsonObject *
find_video (JsonNode *request, const char **type, char **sha256)
{
  JsonNode *parts = mer_json_node_path (request, "contents", "0", "parts", NULL);
  JsonArray *array
      = parts != NULL && JSON_NODE_HOLDS_ARRAY (parts) ? json_node_get_array (parts) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *part = json_array_get_element (array, i);
      JsonNode *blob = mer_json_node_member (part, "inlineData");
      const char *data = mer_json_node_string (blob, "data");

      *type = mer_json_node_string (blob, "mimeType");
      if (*type == NULL || data == NULL || !g_str_has_prefix (*type, "video/"))
        continue;
      *sha256 = g_strndup (data + strcspn (data, "0123456789abcdef"), 64);
      return json_node_get_object (part);
    }
  return NULL;
}

/**
 * mer_gemini_files_prepare_async:
 * @backend: a backend that is open
 * @files: how videos are uploaded; belongs to @backend
 * @request: a request; changed where its video is uploaded
 * @payload: @request with its media
 * @cancellable: (nullable): stops it
 * @callback: (scope async): called in the I/O thread
 * @user_data: for @callback
 *
 * Puts the video of a request that is too large into the server's file store, or finds it
 * there.
 */
void
mer_gemini_files_prepare_async (MerBackend *backend, const MerGeminiFiles *files,
                                JsonNode *request, MerPayload *payload,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (backend, cancellable, callback, user_data);
  g_autofree char *sha256 = NULL;
  const char *type = NULL;
  JsonObject *part = mer_payload_get_length (payload) > files->inline_limit
                         ? find_video (request, &type, &sha256)
                         : NULL;
  File *file;
  Wait *wait;

  if (part == NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  if (files->missing)
    {
      g_task_return_new_error (
          task, MER_ERROR, MER_ERROR_TOO_LARGE,
          "the request has %.1f MB, more than inline-limit, and Vertex "
          "AI takes no uploads; raise inline-limit, or set "
          "video-as=frames",
          (double) mer_payload_get_length (payload) / 1e6);
      g_object_unref (task);
      return;
    }
  wait = g_new0 (Wait, 1);
  wait->files = files;
  wait->part = json_object_ref (part);
  wait->payload = mer_payload_ref (payload);
  g_task_set_task_data (task, wait, wait_free);
  file = get_file (backend, sha256, type);
  g_queue_push_tail (&file->waiting, task);
  if (file->busy)
    return;
  file->n_uploads = 0;
  start (file);
}

/**
 * mer_gemini_files_prepare_finish:
 * @result: what the callback got
 * @error: place for an error
 *
 * Returns: whether the request can be sent
 */
gboolean
mer_gemini_files_prepare_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * mer_gemini_files_doubt:
 * @backend: a backend that was told that it may not use a file
 *
 * Has all files that it uploaded looked at before they are used again.
 */
void
mer_gemini_files_doubt (MerBackend *backend)
{
  g_autofree char *identity = dup_identity (backend);
  GHashTableIter iter;
  gpointer key = NULL;
  gpointer value = NULL;

  if (registry == NULL)
    return;
  g_hash_table_iter_init (&iter, registry);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (g_str_has_prefix (key, identity))
      ((File *) value)->seen_at = 0;
}
