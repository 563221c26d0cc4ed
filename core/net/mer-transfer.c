/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* files to servers and back; each function waits for its end */
#include "net/mer-transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>
#include <unistd.h>

#include "mer-error.h"
#include "mer-version.h"
#include "net/mer-chain-stream.h"
#include "net/mer-key.h"
#include "net/mer-retry.h"

#define CHUNK 65536
#define MAX_ATTEMPTS 5u
#define MAX_REPLY (32u * 1024 * 1024)
/* without a byte in either direction, seconds */
#define IDLE 120u
/* for a body that goes into memory, and for one that goes to disk, seconds */
#define MAX_SECONDS 600
#define MAX_FILE_SECONDS 7200

struct _MerTransfer
{
  GUri *uri;
  char *text;
  char *key_header;
  char *key_prefix;
  char *key;
  char **headers;
  SoupSession *session;
};

/**
 * mer_transfer_new:
 * @uri: the server's base address
 * @key_header: the header that carries the key
 * @key_prefix: what stands before the key in it
 * @key: (nullable): the key
 * @headers: (nullable): name, value, …, %NULL, for every request
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): what sends to there
 */
MerTransfer *
mer_transfer_new (const char *uri, const char *key_header, const char *key_prefix,
                  const char *key, const char *const *headers, GError **error)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, SOUP_HTTP_URI_FLAGS, error);

  if (parsed == NULL)
    {
      g_prefix_error (error, "“%s” is no address of a server: ", uri);
      return NULL;
    }

  MerTransfer *self = g_new0 (MerTransfer, 1);
  self->uri = g_steal_pointer (&parsed);
  self->text = g_strdup (uri);
  self->key_header = g_strdup (key_header);
  self->key_prefix = g_strdup (key_prefix);
  self->key = g_strdup (key);
  self->headers = g_strdupv ((char **) headers);
  self->session = soup_session_new_with_options (
      "timeout", IDLE, "idle-timeout", 4u, "user-agent", "gst-mer/" MER_VERSION " ", NULL);
  if (mer_key_uri_is_loopback (uri))
    soup_session_set_proxy_resolver (self->session, NULL);
  return self;
}

void
mer_transfer_free (MerTransfer *self)
{
  g_uri_unref (self->uri);
  g_free (self->text);
  g_free (self->key_header);
  g_free (self->key_prefix);
  g_free (self->key);
  g_strfreev (self->headers);
  g_object_unref (self->session);
  g_free (self);
}

/**
 * mer_transfer_get_uri:
 * @self: a server
 *
 * Returns: (transfer none): its base address
 */
const char *
mer_transfer_get_uri (MerTransfer *self)
{
  return self->text;
}

/**
 * mer_transfer_dup_base_path:
 * @self: a server
 *
 * Returns: (transfer full): the path of its base address without trailing slash, such as
 *   `/v1beta`
 */
char *
mer_transfer_dup_base_path (MerTransfer *self)
{
  char *path = g_strdup (g_uri_get_path (self->uri));
  gsize length = strlen (path);

  while (length > 0 && path[length - 1] == '/')
    path[--length] = '\0';
  return path;
}

/**
 * mer_transfer_wait:
 * @seconds: how long
 * @cancellable: (nullable): ends it
 * @error: return location for an error
 *
 * Returns: %FALSE where it was cancelled
 */
gboolean
mer_transfer_wait (double seconds, GCancellable *cancellable, GError **error)
{
  GPollFD fd = { .fd = -1 };
  gboolean polled = cancellable != NULL && g_cancellable_make_pollfd (cancellable, &fd);

  g_poll (polled ? &fd : NULL, polled ? 1 : 0, (int) (MIN (seconds, 86400) * 1000));
  if (polled)
    g_cancellable_release_fd (cancellable);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static gboolean
is_same_origin (GUri *one, GUri *two)
{
  return g_strcmp0 (g_uri_get_scheme (one), g_uri_get_scheme (two)) == 0
         && g_strcmp0 (g_uri_get_host (one), g_uri_get_host (two)) == 0
         && g_uri_get_port (one) == g_uri_get_port (two);
}

/* a server may name a whole address, but not another server's */
static GUri *
resolve (MerTransfer *self, const char *address, GError **error)
{
  g_autofree char *base = mer_transfer_dup_base_path (self);
  g_autofree char *relative = *address != '/' && strstr (address, "://") == NULL
                                  ? g_strconcat (base, "/", address, NULL)
                                  : g_strdup (address);
  g_autoptr (GUri) uri
      = g_uri_parse_relative (self->uri, relative, SOUP_HTTP_URI_FLAGS, error);
  const char *query = g_uri_get_query (self->uri);

  if (uri == NULL)
    return NULL;
  if (!is_same_origin (uri, self->uri))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "%s sends on to another host (%s), which is not followed: it would get "
                   "the key",
                   self->text, g_uri_get_host (uri));
      return NULL;
    }
  if (query == NULL || g_uri_get_query (uri) != NULL)
    return g_steal_pointer (&uri);
  return g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL,
                      g_uri_get_host (uri), g_uri_get_port (uri), g_uri_get_path (uri),
                      query, NULL);
}

static void
add_headers (SoupMessage *message, const char *const *headers)
{
  for (; headers != NULL && headers[0] != NULL && headers[1] != NULL; headers += 2)
    soup_message_headers_replace (soup_message_get_request_headers (message), headers[0],
                                  headers[1]);
}

static gboolean
set_body (SoupMessage *message, const MerTransferRequest *request, GError **error)
{
  g_autoptr (MerChainStream) body = mer_chain_stream_new ();
  gsize length = 0;

  if (request->head != NULL)
    {
      length += strlen (request->head);
      mer_chain_stream_add_text (body, request->head);
    }
  if (request->file != NULL)
    {
      g_autoptr (GFile) file = g_file_new_for_path (request->file);
      g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);
      g_autoptr (GFileInfo) info = stream != NULL ? g_file_input_stream_query_info (
                                       stream, G_FILE_ATTRIBUTE_STANDARD_SIZE, NULL, error)
                                                  : NULL;

      if (info == NULL)
        return FALSE;
      length += (gsize) g_file_info_get_size (info);
      mer_chain_stream_add (body, G_INPUT_STREAM (g_steal_pointer (&stream)));
    }
  if (request->tail != NULL)
    {
      length += strlen (request->tail);
      mer_chain_stream_add_text (body, request->tail);
    }
  soup_message_set_request_body (message, request->type, G_INPUT_STREAM (body),
                                 (gssize) length);
  return TRUE;
}

static SoupMessage *
make_message (MerTransfer *self, const MerTransferRequest *request, GError **error)
{
  g_autoptr (GUri) uri = resolve (self, request->address, error);
  g_autoptr (SoupMessage) message
      = uri != NULL ? soup_message_new_from_uri (request->method, uri) : NULL;

  if (message == NULL)
    return NULL;
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  add_headers (message, (const char *const *) self->headers);
  add_headers (message, request->headers);
  if (self->key != NULL)
    {
      g_autofree char *value = g_strconcat (self->key_prefix, self->key, NULL);

      soup_message_headers_replace (soup_message_get_request_headers (message),
                                    self->key_header, value);
    }
  if (g_str_equal (request->method, "POST") && !set_body (message, request, error))
    return NULL;
  return g_steal_pointer (&message);
}

/* where a body goes */
typedef struct
{
  int fd; /* -1: into memory */
  GByteArray *memory;
  guint64 most;
  gint64 until;
} Drain;

static gboolean
drain_write (Drain *drain, const char *bytes, gsize length, GError **error)
{
  if (drain->fd < 0)
    {
      g_byte_array_append (drain->memory, (const guint8 *) bytes, (guint) length);
      return TRUE;
    }
  while (length > 0)
    {
      ssize_t n = write (drain->fd, bytes, length);

      if (n < 0 && errno != EINTR)
        {
          g_set_error (error, MER_ERROR,
                       errno == ENOSPC || errno == EDQUOT ? MER_ERROR_NO_SPACE
                                                          : MER_ERROR_FAILED,
                       "what the server sends cannot be written: %s", g_strerror (errno));
          return FALSE;
        }
      bytes += MAX (n, 0);
      length -= (gsize) MAX (n, 0);
    }
  return TRUE;
}

static gboolean
drain_read (Drain *drain, GInputStream *body, GCancellable *cancellable, GError **error)
{
  g_autofree char *chunk = g_malloc (CHUNK);
  guint64 total = 0;

  for (;;)
    {
      gssize n = g_input_stream_read (body, chunk, CHUNK, cancellable, error);

      if (n <= 0)
        return n == 0;
      total += (guint64) n;
      if (total > drain->most)
        {
          g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE,
                       "the server's answer exceeds %" G_GUINT64_FORMAT " bytes",
                       drain->most);
          return FALSE;
        }
      if (g_get_monotonic_time () > drain->until)
        {
          g_set_error_literal (error, MER_ERROR, MER_ERROR_TIMED_OUT,
                               "the server's answer comes too slowly to its end");
          return FALSE;
        }
      if (!drain_write (drain, chunk, (gsize) n, error))
        return FALSE;
    }
}

static void
add_reply_header (const char *name, const char *value, gpointer data)
{
  g_hash_table_replace (data, g_ascii_strdown (name, -1), g_strdup (value));
}

static MerReply *
read_reply (MerTransfer *self, const MerTransferRequest *request, SoupMessage *message,
            GInputStream *body, GCancellable *cancellable, GError **error)
{
  const guint status = soup_message_get_status (message);
  const gboolean to_file = request->to != NULL && status == 200;
  g_autoptr (GByteArray) memory = g_byte_array_new ();
  Drain drain = { .fd = -1, .memory = memory, .most = MAX_REPLY };
  gboolean well = FALSE;

  drain.until = g_get_monotonic_time ()
                + (gint64) G_USEC_PER_SEC * (to_file ? MAX_FILE_SECONDS : MAX_SECONDS);
  if (to_file)
    {
      drain.most = request->max_reply;
      drain.fd = g_open (request->to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                         0600);
      if (drain.fd < 0)
        {
          g_set_error (error, MER_ERROR, MER_ERROR_FAILED, "%s: %s", request->to,
                       g_strerror (errno));
          return NULL;
        }
    }
  well = drain_read (&drain, body, cancellable, error);
  if (drain.fd >= 0)
    g_close (drain.fd, NULL);
  if (!well)
    return NULL;

  GHashTable *headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  soup_message_headers_foreach (soup_message_get_response_headers (message),
                                add_reply_header, headers);
  return mer_reply_new (
      status, headers,
      mer_key_blot_out (g_bytes_new (memory->data, memory->len), self->key));
}

static MerReply *
send_once (MerTransfer *self, const MerTransferRequest *request, GCancellable *cancellable,
           GError **error)
{
  g_autoptr (SoupMessage) message = make_message (self, request, error);
  g_autoptr (GInputStream) body
      = message != NULL ? soup_session_send (self->session, message, cancellable, error)
                        : NULL;
  g_autoptr (MerReply) reply
      = body != NULL ? read_reply (self, request, message, body, cancellable, error) : NULL;

  if (body != NULL)
    g_input_stream_close (body, NULL, NULL);
  if (reply == NULL || reply->status < 300 || reply->status >= 400)
    return g_steal_pointer (&reply);
  g_set_error (error, MER_ERROR, MER_ERROR_UNSUPPORTED,
               "%s/%s answers with a redirect (HTTP status %u), which is not followed",
               self->text, request->address, reply->status);
  return NULL;
}

/* whether it is worth another try, and after how many seconds; DONE, and whatever ends
 * without a reply that could change, are none */
static MerRetry
judge (const MerTransferRequest *request, MerReply *reply, const GError *error,
       double *hint)
{
  MerRetry retry = MER_RETRY_DONE;

  *hint = -1;
  if (reply == NULL && error->domain == MER_ERROR && error->code != MER_ERROR_TIMED_OUT)
    return MER_RETRY_PERMANENT;
  if (reply == NULL)
    retry = mer_retry_classify_error (error);
  else if (reply->status >= 400)
    {
      g_autoptr (JsonNode) root = mer_reply_parse_json (reply, NULL);
      g_autoptr (MerReplyError) failure = mer_reply_error_new (root);
      g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

      *hint = mer_retry_get_hint (reply, failure, now);
      retry = mer_retry_classify (reply->status, failure);
    }
  /* a server that loads, or fails on its way, may have done it all the same */
  if (request->once && retry != MER_RETRY_UNREACHABLE
      && (retry != MER_RETRY_RATE_LIMITED || reply->status != 429))
    return MER_RETRY_PERMANENT;
  return retry == MER_RETRY_LOADING ? MER_RETRY_TRANSIENT : retry;
}

/**
 * mer_transfer_send:
 * @self: a server
 * @request: what to ask
 * @cancellable: (nullable): ends it
 * @error: return location for an error
 *
 * Asks, and again where that may help.
 *
 * Returns: (transfer full) (nullable): what the server answered at last, of any status but
 *   redirects; its body is empty where it went to disk
 */
MerReply *
mer_transfer_send (MerTransfer *self, const MerTransferRequest *request,
                   GCancellable *cancellable, GError **error)
{
  for (guint attempt = 1;; attempt++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (MerReply) reply = send_once (self, request, cancellable, &local);
      double hint = -1;
      MerRetry retry = MER_RETRY_PERMANENT;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      retry = judge (request, reply, local, &hint);
      if (mer_retry_get_max_attempts (retry) <= 1 || attempt >= MAX_ATTEMPTS
          || hint > MER_RETRY_MAX_HINT)
        {
          if (local != NULL)
            g_propagate_prefixed_error (error, g_steal_pointer (&local),
                                        "%s/%s: ", self->text, request->address);
          return g_steal_pointer (&reply);
        }

      double delay = mer_retry_get_delay (retry, attempt, hint, g_random_double ());
      if (!mer_transfer_wait (delay, cancellable, error))
        return NULL;
    }
}
